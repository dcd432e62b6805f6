// SPDX-License-Identifier: MIT OR Apache-2.0
//! `diff`: the lines in which two files, or the files of two directories, differ.

mod context;
mod lines;
mod options;
mod output;
mod tree;

use crate::{TROUBLE, Trouble, reason};
use context::Context;
use options::{Format, Options, USAGE};
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Runs `diff` and gives its exit status.
pub(crate) fn main(args: Vec<OsString>, out: &mut dyn Write) -> Result<i32, Trouble> {
    let (options, operands) = Options::parse(args)?;
    if options.help {
        writeln!(out, "{USAGE}")?;
        return Ok(0);
    }
    let [old, new] =
        <[PathBuf; 2]>::try_from(operands).map_err(|_| Trouble(format!("two operands expected\n{USAGE}")))?;
    let is_dir = |path: &Path| path.as_os_str() != "-" && path.is_dir();
    let inside = |dir: &Path, file: &Path| match file.file_name() {
        Some(name) if file.as_os_str() != "-" => Ok(dir.join(name)),
        _ => Err(Trouble("cannot compare '-' to a directory".to_owned())),
    };
    match (is_dir(&old), is_dir(&new)) {
        (true, true) => tree::directories(&options, &old, &new, out),
        (true, false) => files(&options, &inside(&old, &new)?, &new, None, out),
        (false, true) => files(&options, &old, &inside(&new, &old)?, None, out),
        (false, false) => files(&options, &old, &new, None, out),
    }
}

/// A file's content, and when it was written.
struct Content {
    bytes: Vec<u8>,
    time: SystemTime,
}

impl Content {
    fn read(path: &Path, options: &Options) -> io::Result<Content> {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes)?;
            return Ok(Content { bytes, time: SystemTime::now() });
        }
        match std::fs::metadata(path) {
            Ok(found) => Ok(Content { bytes: std::fs::read(path)?, time: found.modified()? }),
            Err(error) if options.new_file && error.kind() == io::ErrorKind::NotFound => {
                Ok(Content { bytes: Vec::new(), time: SystemTime::UNIX_EPOCH })
            }
            Err(error) => Err(error),
        }
    }

    /// GNU diff looks at a file's first block for a NUL, too.
    fn is_binary(&self) -> bool {
        const LOOKED_AT: usize = 4096;
        self.bytes[..self.bytes.len().min(LOOKED_AT)].contains(&0)
    }
}

/// Compares two files. `heading` is a line to write before their differences.
fn files(
    options: &Options,
    old_path: &Path,
    new_path: &Path,
    heading: Option<&str>,
    out: &mut dyn Write,
) -> Result<i32, Trouble> {
    let (old, new) = (Content::read(old_path, options), Content::read(new_path, options));
    let (old, new) = match (old, new) {
        (Ok(old), Ok(new)) => (old, new),
        (old, new) => {
            out.flush()?;
            for (path, result) in [(old_path, old), (new_path, new)] {
                if let Err(error) = result {
                    eprintln!("diff: {}: {}", path.display(), reason(&error));
                }
            }
            return Ok(TROUBLE);
        }
    };
    let names = [old_path.display(), new_path.display()];
    if old.bytes == new.bytes {
        return same(options, names, out);
    }
    if !options.text && (old.is_binary() || new.is_binary()) {
        if options.format == Format::Brief {
            writeln!(out, "Files {} and {} differ", names[0], names[1])?;
        } else {
            writeln!(out, "Binary files {} and {} differ", names[0], names[1])?;
        }
        return Ok(1);
    }
    let (old_lines, new_lines) = (lines::split(&old.bytes), lines::split(&new.bytes));
    let changes = lines::changes(&old_lines, &new_lines, options);
    if changes.is_empty() {
        return same(options, names, out);
    }
    if let Some(heading) = heading.filter(|_| options.format != Format::Brief) {
        writeln!(out, "{heading}")?;
    }
    let with = |count| Context { old: &old_lines, new: &new_lines, count, function: options.function };
    let label = |index: usize, path: &Path, time: String| match options.labels.get(index) {
        Some(label) => label.clone(),
        None => format!("{}\t{time}", path.display()),
    };
    match options.format {
        Format::Brief => writeln!(out, "Files {} and {} differ", names[0], names[1])?,
        Format::Normal => output::normal(out, &changes, &old_lines, &new_lines)?,
        Format::Ed => output::ed(out, &changes, &new_lines)?,
        Format::ForwardEd => output::forward_ed(out, &changes, &new_lines)?,
        Format::Unified(count) => {
            let time = |content: &Content| local(content.time, "%Y-%m-%d %H:%M:%S.%9f %z");
            writeln!(out, "--- {}", label(0, old_path, time(&old)))?;
            writeln!(out, "+++ {}", label(1, new_path, time(&new)))?;
            with(count).unified(out, &changes)?;
        }
        Format::Context(count) => {
            let time = |content: &Content| local(content.time, "%a %b %e %H:%M:%S %Y");
            writeln!(out, "*** {}", label(0, old_path, time(&old)))?;
            writeln!(out, "--- {}", label(1, new_path, time(&new)))?;
            with(count).context(out, &changes)?;
        }
    }
    for (lines, path) in [(&old_lines, old_path), (&new_lines, new_path)] {
        let ed = matches!(options.format, Format::Ed | Format::ForwardEd);
        if ed && lines.last().is_some_and(|line| !line.ends_with(b"\n")) {
            out.flush()?;
            eprintln!("diff: {}: No newline at end of file", path.display());
        }
    }
    Ok(1)
}

fn same(options: &Options, names: [std::path::Display; 2], out: &mut dyn Write) -> Result<i32, Trouble> {
    if options.report_same {
        writeln!(out, "Files {} and {} are identical", names[0], names[1])?;
    }
    Ok(0)
}

/// A time in the local time zone; the epoch if it is out of what a calendar holds.
fn local(time: SystemTime, format: &str) -> String {
    let time = jiff::Timestamp::try_from(time).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.to_zoned(jiff::tz::TimeZone::system()).strftime(format).to_string()
}

/// The differences of two texts as `-U`, `-C` and the normal format have them, without heads.
#[cfg(feature = "fuzz")]
pub(crate) fn formats(old: &[u8], new: &[u8], count: usize) -> io::Result<[Vec<u8>; 3]> {
    let (old, new) = (lines::split(old), lines::split(new));
    let changes = lines::changes(&old, &new, &Options::default());
    let mut out = [Vec::new(), Vec::new(), Vec::new()];
    let context = Context { old: &old, new: &new, count, function: true };
    context.unified(&mut out[0], &changes)?;
    context.context(&mut out[1], &changes)?;
    output::normal(&mut out[2], &changes, &old, &new)?;
    Ok(out)
}
