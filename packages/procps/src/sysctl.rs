// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sysctl`: reads and sets the kernel's parameters in `/proc/sys` (sysctl(8)).

mod system;

use crate::Failure;
use lexopt::prelude::*;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

#[derive(Default)]
struct Options {
    values_only: bool,
    names_only: bool,
    ignore: bool,
    quiet: bool,
}

pub fn main(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    run(Path::new("/"), parser, out)
}

fn run(root: &Path, mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut options, mut all, mut file, mut words) = (Options::default(), false, false, Vec::new());
    let mut system = false;
    while let Some(arg) = parser.next()? {
        match arg {
            Short('a' | 'A' | 'X') | Long("all") => all = true,
            Short('n') | Long("values") => options.values_only = true,
            Short('N') | Long("names") => options.names_only = true,
            Short('e') | Long("ignore") => options.ignore = true,
            Short('q') | Long("quiet") => options.quiet = true,
            Long("system") => system = true,
            // An argument NAME=VALUE sets in any case.
            Short('w') | Long("write") => {}
            Short('p' | 'f') | Long("load") => {
                file = true;
                if let Some(path) = parser.optional_value() {
                    words.push(path.string()?);
                }
            }
            Value(word) => words.push(word.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let base = root.join("proc/sys");
    if all {
        return walk(&base, &base, &options, out);
    }
    if system {
        let mut failed = None;
        for path in system::files(root) {
            // The others are set all the same.
            failed = load(&base, &path, &options, out).err().or(failed);
        }
        return failed.map_or(Ok(()), Err);
    }
    if file {
        if words.is_empty() {
            words.push("/etc/sysctl.conf".to_owned());
        }
        let paths = words.iter().map(|word| match word.as_str() {
            "-" => PathBuf::from("/dev/stdin"),
            // A relative path is not below the root of the tests.
            path => path.strip_prefix('/').map_or(PathBuf::from(path), |below| root.join(below)),
        });
        return paths.into_iter().try_for_each(|path| load(&base, &path, &options, out));
    }
    if words.is_empty() {
        return Err(Failure::usage("name of a parameter expected"));
    }
    let mut failed = None;
    for word in &words {
        if let Err(failure) = one(&base, word, &options, out)
            && !options.ignore
            // The others are done all the same; the last failure is the one that the caller hears of.
            && let Some(before) = failed.replace(failure)
        {
            eprintln!("sysctl: {}", Failure::message(&before).unwrap_or_default());
        }
    }
    failed.map_or(Ok(()), Err)
}

/// `kernel.ostype`, or `kernel/ostype`, as a path. In a name of a network interface, `/` stands for its dots.
fn path_of(base: &Path, name: &str) -> PathBuf {
    let first = name.find(['.', '/']).map(|at| name.as_bytes()[at]);
    if first == Some(b'.') {
        let swapped: String = name
            .chars()
            .map(|c| match c {
                '.' => '/',
                '/' => '.',
                c => c,
            })
            .collect();
        return base.join(swapped);
    }
    base.join(name)
}

fn one(base: &Path, word: &str, options: &Options, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some((name, value)) = word.split_once('=') {
        return set(base, name.trim(), value.trim(), options, out);
    }
    let path = path_of(base, word);
    if path.is_dir() {
        return walk(base, &path, options, out);
    }
    show(base, &path, options, out).map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            Failure::new(format!(
                "cannot stat /proc/sys/{}: No such file or directory",
                word.replace('.', "/")
            ))
        } else {
            Failure::of(format!("reading key \"{word}\""), &error)
        }
    })
}

fn set(base: &Path, name: &str, value: &str, options: &Options, out: &mut dyn Write) -> Result<(), Failure> {
    let path = path_of(base, name);
    if !path.exists() {
        return Err(Failure::new(format!(
            "cannot stat /proc/sys/{}: No such file or directory",
            name.replace('.', "/")
        )));
    }
    fs::write(&path, format!("{value}\n"))
        .map_err(|error| Failure::of(format!("setting key \"{name}\""), &error))?;
    if options.quiet {
        return Ok(());
    }
    line(name, value, options, out)
}

fn line(name: &str, value: &str, options: &Options, out: &mut dyn Write) -> Result<(), Failure> {
    match (options.values_only, options.names_only) {
        (true, _) => writeln!(out, "{value}")?,
        (_, true) => writeln!(out, "{name}")?,
        _ => writeln!(out, "{name} = {value}")?,
    }
    Ok(())
}

/// One parameter; a line for each of its lines.
fn show(base: &Path, path: &Path, options: &Options, out: &mut dyn Write) -> std::io::Result<()> {
    let mut text = Vec::new();
    fs::File::open(path)?.read_to_end(&mut text)?;
    let name = path.strip_prefix(base).unwrap_or(path).to_string_lossy();
    let name: String = name
        .chars()
        .map(|c| match c {
            '.' => '/',
            '/' => '.',
            c => c,
        })
        .collect();
    let text = String::from_utf8_lossy(&text);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    for value in text.split('\n') {
        line(&name, value, options, out).map_err(|_| std::io::ErrorKind::BrokenPipe)?;
        if options.names_only {
            break;
        }
    }
    Ok(())
}

/// All below a directory. What can only be written, or cannot be read now, is passed over.
fn walk(base: &Path, directory: &Path, options: &Options, out: &mut dyn Write) -> Result<(), Failure> {
    let entries = fs::read_dir(directory).map_err(|error| Failure::at(directory, &error))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(base, &path, options, out)?;
        } else if let Err(error) = show(base, &path, options, out)
            && error.kind() == std::io::ErrorKind::BrokenPipe
        {
            return Err(Failure::from(error));
        }
    }
    Ok(())
}

/// Sets the values of a file: `NAME = VALUE`; `#` and `;` begin comments; a `-` before the name allows a failure.
fn load(base: &Path, path: &Path, options: &Options, out: &mut dyn Write) -> Result<(), Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::at(path, &error))?;
    let mut failed = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let (optional, line) = match line.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let result = match line.split_once('=') {
            Some((name, value)) => set(base, name.trim(), value.trim(), options, out),
            None => Err(Failure::new("NAME = VALUE expected")),
        };
        match result {
            Err(failure) if !optional && !options.ignore => {
                eprintln!(
                    "sysctl: {}:{}: {}",
                    path.display(),
                    number + 1,
                    failure.message().unwrap_or_default()
                );
                failed = true;
            }
            _ => {}
        }
    }
    if failed { Err(Failure::silent(1)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, status: u8, expect: &str) {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("proc/sys/kernel/ostype", "Linux\n"),
            ("proc/sys/vm/swappiness", "60\n"),
            ("proc/sys/net/conf/eth0.1/mtu", "1500\n"),
            ("lib/sysctl.d/1.conf", "vm.swappiness=5\nno.such=1\n"),
            ("etc/sysctl.conf", "# comment\nvm.swappiness = 10\n-no.such=1\n"),
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut out = Vec::new();
        let result = run(root.path(), lexopt::Parser::from_iter(line.split(' ')), &mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!((result.err().map_or(0, |f| f.status()), text.as_str()), (status, expect), "{line}");
    }

    #[test]
    fn reads_and_sets() {
        check("sysctl kernel.ostype", 0, "kernel.ostype = Linux\n");
        check("sysctl -n kernel/ostype", 0, "Linux\n");
        check("sysctl -w vm.swappiness=7", 0, "vm.swappiness = 7\n");
        check("sysctl -q vm.swappiness=7", 0, "");
        check("sysctl net.conf.eth0/1.mtu", 0, "net.conf.eth0/1.mtu = 1500\n");
        check("sysctl -a", 0, "kernel.ostype = Linux\nnet.conf.eth0/1.mtu = 1500\nvm.swappiness = 60\n");
        check("sysctl -N vm", 0, "vm.swappiness\n");
        check("sysctl -p", 0, "vm.swappiness = 10\n");
        check("sysctl --system", 1, "vm.swappiness = 5\nvm.swappiness = 10\n");
        check("sysctl -e --system", 0, "vm.swappiness = 5\nvm.swappiness = 10\n");
        check("sysctl no.such", 1, "");
        check("sysctl -e no.such", 0, "");
        check("sysctl no.such=1", 1, "");
        check("sysctl", 2, "");
    }
}
