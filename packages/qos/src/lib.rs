// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every guest program in one binary, chosen by the name it is called with.
//!
//! Links to it have the names that `qos --list` prints; `qos NAME ARGUMENT…` works without a link.

mod families;
mod output;

use families::FAMILIES;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// What a program is: its arguments, its name first, to its exit status.
type Main = fn(Vec<OsString>) -> ExitCode;

/// The programs that are crates of their own, by name.
const OWN: &[(&str, Main)] = &[
    // In order, a line each: `cargo xtask new package` puts one in.
];

/// Names of all programs, in order, each once.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let own = OWN.iter().map(|(name, _)| *name);
    let mut names: Vec<&str> = own.chain(FAMILIES.iter().flat_map(|family| (family.names)())).collect();
    names.sort_unstable();
    names
}

/// Runs the program that `args`, the process's arguments, ask for.
#[must_use]
pub fn run(mut args: Vec<OsString>) -> ExitCode {
    if args.first().is_some_and(|name| name_in(name) == "qos") {
        match args.get(1).and_then(|arg| arg.to_str()) {
            Some("--list") => return list(),
            None | Some("--help") => {
                println!("usage: qos PROGRAM [ARGUMENT]...\n       qos --list    names of the programs");
                return ExitCode::SUCCESS;
            }
            Some(_) => {
                args.remove(0);
                #[cfg(feature = "uucore")]
                uucore::set_utility_is_second_arg();
            }
        }
    }
    let name = args.first().map(|name| name_in(name)).unwrap_or_default();
    call(&name, args).unwrap_or_else(|| {
        eprintln!("qos: {name}: no such program in this binary; `qos --list` names those that are");
        ExitCode::from(127)
    })
}

/// The program's name in `argv[0]`, without directories.
fn name_in(argv0: &std::ffi::OsStr) -> String {
    Path::new(argv0).file_name().unwrap_or(argv0).to_string_lossy().into_owned()
}

fn call(name: &str, args: Vec<OsString>) -> Option<ExitCode> {
    if let Some((_, main)) = OWN.iter().find(|(known, _)| *known == name) {
        output::prepare(name);
        let status = main(args);
        return Some(match output::finish(name, 0) {
            0 => status,
            lost => ExitCode::from(u8::try_from(lost).unwrap_or(1)),
        });
    }
    output::prepare(name);
    let status = FAMILIES
        .iter()
        .find(|family| (family.names)().contains(&name))
        .map(|family| (family.run)(name, args))??;
    Some(ExitCode::from(u8::try_from(output::finish(name, status)).unwrap_or(1)))
}

fn list() -> ExitCode {
    let text = names().join("\n") + "\n";
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_argv0() {
        for (argv0, expect) in [("ls", "ls"), ("/bin/ls", "ls"), ("[", "["), ("", "")] {
            assert_eq!(name_in(argv0.as_ref()), expect);
        }
    }

    #[test]
    fn every_name_once() {
        let names = names();
        let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "two programs of one name: {twice:?}");
        assert!(OWN.is_sorted_by_key(|(name, _)| *name));
        for name in ["mount", "poweroff"] {
            assert!(names.contains(&name), "{name}");
        }
        for (name, expect) in [
            ("ls", cfg!(feature = "coreutils")),
            ("[", cfg!(feature = "coreutils")),
            ("diff", cfg!(feature = "diffutils")),
            ("find", cfg!(feature = "findutils")),
            ("sed", cfg!(feature = "sed")),
        ] {
            assert_eq!(names.contains(&name), expect, "{name}");
        }
    }
}
