// SPDX-License-Identifier: MIT OR Apache-2.0
//! `gzip`, `xz`, `zstd` and related programs: compress and decompress files (gzip(1), xz(1), zstd(1)). Each of them
//! decompresses what any of them has compressed.

use crate::Failure;
use crate::codec::{Codec, Decoder, Encoder};
use lexopt::prelude::*;
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

struct Options {
    codec: Codec,
    decompress: bool,
    stdout: bool,
    force: bool,
    keep: bool,
    test: bool,
    verbose: bool,
    quiet: bool,
    level: Option<u32>,
    output: Option<PathBuf>,
}

pub fn gzip(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    main(parser, out, Codec::Gzip, false)
}

pub fn gunzip(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    main(parser, out, Codec::Gzip, true)
}

pub fn xz(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    main(parser, out, Codec::Xz, false)
}

pub fn unxz(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    main(parser, out, Codec::Xz, true)
}

pub fn zstd(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    main(parser, out, Codec::Zstd, false)
}

pub fn unzstd(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    main(parser, out, Codec::Zstd, true)
}

/// `zcat`, `xzcat`, `zstdcat`.
pub fn cat(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut options, files) = parse(&mut parser, Codec::Gzip, true)?;
    options.stdout = true;
    run(&options, &files, out)
}

fn main(
    mut parser: lexopt::Parser,
    out: &mut dyn Write,
    codec: Codec,
    decompress: bool,
) -> Result<(), Failure> {
    let (options, files) = parse(&mut parser, codec, decompress)?;
    run(&options, &files, out)
}

fn parse(
    parser: &mut lexopt::Parser,
    codec: Codec,
    decompress: bool,
) -> Result<(Options, Vec<PathBuf>), Failure> {
    let mut options = Options {
        codec,
        decompress,
        stdout: false,
        force: false,
        // zstd leaves the file where it was, the older ones do not.
        keep: codec == Codec::Zstd,
        test: false,
        verbose: false,
        quiet: false,
        level: None,
        output: None,
    };
    let mut files = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('c') | Long("stdout" | "to-stdout") => options.stdout = true,
            Short('d') | Long("decompress" | "uncompress") => options.decompress = true,
            Short('z') | Long("compress") => options.decompress = false,
            Short('f') | Long("force") => options.force = true,
            Short('k') | Long("keep") => options.keep = true,
            Long("rm") => options.keep = false,
            Short('t') | Long("test") => (options.test, options.decompress) = (true, true),
            Short('v') | Long("verbose") => options.verbose = true,
            Short('q') | Long("quiet") => options.quiet = true,
            Short('o') if codec == Codec::Zstd => options.output = Some(parser.value()?.into()),
            // A name is never stored; there is one thread.
            Short('n' | 'N') | Long("no-name" | "name") if codec == Codec::Gzip => {}
            Short('T') | Long("threads") if codec != Codec::Gzip => drop(parser.value()?),
            Short('e') | Long("extreme") if codec == Codec::Xz => {}
            Long("fast") => options.level = Some(1),
            Long("best") => options.level = Some(9),
            Short(digit @ '0'..='9') => {
                // zstd has two digits; which level it is makes no difference there.
                options.level = Some(options.level.unwrap_or(0) * 10 + u32::from(digit) - u32::from('0'));
            }
            Value(file) => files.push(file.into()),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if options.output.is_some() && files.len() > 1 {
        return Err(Failure::usage("-o takes one input"));
    }
    Ok((options, files))
}

fn run(options: &Options, files: &[PathBuf], out: &mut dyn Write) -> Result<(), Failure> {
    if files.is_empty() {
        return filter(options, io::stdin(), "standard input", out);
    }
    let mut failed = None;
    for path in files {
        let result = if path == Path::new("-") {
            filter(options, io::stdin(), "standard input", out)
        } else {
            file(options, path, out)
        };
        if let Err(failure) = result {
            // What is written to can no longer be written to: so it will be with the next file.
            if failure.message().is_none() {
                return Err(failure);
            }
            if let Some(before) = failed.replace(failure) {
                eprintln!("{}", Failure::message(&before).unwrap_or_default());
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

/// From `input` to `out`.
fn filter(
    options: &Options,
    input: impl Read + 'static,
    name: &str,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if !options.decompress && !options.force && io::stdout().is_terminal() {
        return Err(Failure::new("compressed data is not written to a terminal; -f forces it"));
    }
    convert(options, input, name, out)
}

fn convert(
    options: &Options,
    input: impl Read + 'static,
    name: &str,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::from(error),
        _ => Failure::of(name, &error),
    };
    if options.decompress {
        let mut decoder = Decoder::new(input).map_err(failed)?;
        let mut first = [0];
        let n = decoder.read(&mut first).map_err(failed)?;
        if decoder.codec() == Codec::Plain && !(options.force && options.stdout) {
            return Err(Failure::new(format!("{name}: not in gzip, xz or zstd format")));
        }
        let mut sink = io::sink();
        let out: &mut dyn Write = if options.test { &mut sink } else { out };
        out.write_all(&first[..n]).map_err(failed)?;
        io::copy(&mut decoder, out).map_err(failed)?;
        return Ok(());
    }
    let mut input = input;
    let mut encoder = Encoder::new(options.codec, options.level, out).map_err(failed)?;
    io::copy(&mut input, &mut encoder).map_err(failed)?;
    encoder.finish().map_err(failed)?;
    Ok(())
}

/// From a file to its neighbour, or to `out`.
fn file(options: &Options, path: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let failed = |error: &io::Error| Failure::at(path, error);
    let input = File::open(path).map_err(|error| failed(&error))?;
    let meta = input.metadata().map_err(|error| failed(&error))?;
    if meta.is_dir() {
        return Err(Failure::new(format!("{}: is a directory", path.display())));
    }
    if options.stdout || options.test {
        return filter(options, input, &path.display().to_string(), out);
    }
    let target = match &options.output {
        Some(target) => target.clone(),
        None => target_of(options, path)?,
    };
    if options.force {
        // A link must not be followed to some other file.
        let _ = fs::remove_file(&target);
    }
    let output = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&target);
    let mut output = output.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::new(format!("{}: exists already; -f overwrites it", target.display()))
        }
        _ => Failure::at(&target, &error),
    })?;
    let result = convert(options, input, &path.display().to_string(), &mut output).and_then(|()| {
        let set = || -> io::Result<()> {
            // Only root may give a file away.
            let _ = std::os::unix::fs::fchown(&output, Some(owner(&meta).0), Some(owner(&meta).1));
            output.set_permissions(fs::Permissions::from_mode(meta.permissions().mode() & 0o7777))?;
            output.set_modified(meta.modified()?)
        };
        set().map_err(|error| Failure::at(&target, &error))
    });
    if let Err(failure) = result {
        // Half of a file would pass for one.
        let _ = fs::remove_file(&target);
        return Err(failure);
    }
    if options.verbose {
        eprintln!("{}: to {}", path.display(), target.display());
    }
    if options.keep {
        return Ok(());
    }
    fs::remove_file(path).map_err(|error| failed(&error))
}

fn owner(meta: &fs::Metadata) -> (u32, u32) {
    use std::os::unix::fs::MetadataExt;
    (meta.uid(), meta.gid())
}

/// The name of what becomes of `path`.
fn target_of(options: &Options, path: &Path) -> Result<PathBuf, Failure> {
    let name = path.as_os_str().to_string_lossy();
    if !options.decompress {
        let suffix = options.codec.suffix();
        if name.ends_with(suffix) {
            return Err(Failure::new(format!("{name}: already has the suffix {suffix}")));
        }
        return Ok(format!("{name}{suffix}").into());
    }
    for (suffix, becomes) in [
        (".gz", ""),
        (".xz", ""),
        (".zst", ""),
        (".tgz", ".tar"),
        (".txz", ".tar"),
        (".tzst", ".tar"),
        (".Z", ""),
    ] {
        if let Some(stem) = name.strip_suffix(suffix).filter(|stem| !stem.is_empty() && !stem.ends_with('/'))
        {
            return Ok(format!("{stem}{becomes}").into());
        }
    }
    Err(Failure::new(format!("{name}: unknown suffix; -c writes to standard output")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(line: &str, directory: &Path) -> (Result<(), Failure>, Vec<u8>) {
        let line = line.replace("DIR", directory.to_str().unwrap());
        let (name, _) = line.split_once(' ').unwrap();
        let main = crate::TABLE.iter().find(|program| program.0 == name).unwrap().1;
        let mut out = Vec::new();
        (main(lexopt::Parser::from_iter(line.split(' ')), &mut out), out)
    }

    #[test]
    fn files() {
        for (name, back, suffix) in
            [("gzip", "gunzip", "gz"), ("xz", "unxz", "xz"), ("zstd", "unzstd", "zst")]
        {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("a");
            let packed = directory.path().join(format!("a.{suffix}"));
            let check = |line: String| {
                let (result, out) = call(&line, directory.path());
                result.unwrap_or_else(|failure| panic!("{line}: {failure:?}"));
                out
            };
            fs::write(&path, "text\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            check(format!("{name} DIR/a"));
            assert_eq!(path.exists(), name == "zstd");
            assert_eq!(fs::metadata(&packed).unwrap().permissions().mode() & 0o777, 0o640);
            assert_eq!(check(format!("{back} -c DIR/a.{suffix}")), b"text\n");
            assert_eq!(check(format!("zcat DIR/a.{suffix}")), b"text\n");
            assert!(check(format!("{name} -t DIR/a.{suffix}")).is_empty());
            let _ = fs::remove_file(&path);
            check(format!("{name} -d DIR/a.{suffix}"));
            assert_eq!(fs::read(&path).unwrap(), b"text\n");
            assert_eq!(packed.exists(), name == "zstd");
        }
    }

    #[test]
    fn failures() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("a"), "text").unwrap();
        fs::write(directory.path().join("a.gz"), "text").unwrap();
        let check = |line: &str, expect: &str| {
            let failure = call(line, directory.path()).0.unwrap_err();
            let message = failure.message().unwrap_or_default();
            assert!(message.contains(expect), "{line}: {message}");
        };
        check("gzip DIR/a", "exists already");
        check("gzip DIR/a.gz", "already has the suffix");
        check("gunzip DIR/a", "unknown suffix");
        check("gunzip -c DIR/a.gz", "not in gzip, xz or zstd format");
        check("gzip DIR/none", "No such file");
        check("gzip DIR", "is a directory");
        check("gzip --nope", "--nope");
        assert_eq!(call("zcat -f DIR/a", directory.path()).1, b"text");
        assert!(directory.path().join("a").exists());
    }
}
