// SPDX-License-Identifier: MIT OR Apache-2.0
//! `getconf`: numbers of the system by name (POSIX getconf): those that scripts use.

use crate::Failure;
use lexopt::prelude::*;
use qos_sys::usage::{Limit, limit};
use std::io::Write;

/// Where a value is from.
#[derive(Clone, Copy)]
enum Source {
    System(Limit),
    Fixed(&'static str),
}

use Source::{Fixed, System};

const TABLE: &[(&str, Source)] = &[
    ("ARG_MAX", System(Limit::ArgMax)),
    ("CHILD_MAX", System(Limit::ChildMax)),
    ("CLK_TCK", System(Limit::ClockTicks)),
    ("HOST_NAME_MAX", System(Limit::HostNameMax)),
    ("IOV_MAX", System(Limit::IovMax)),
    ("LINE_MAX", System(Limit::LineMax)),
    ("LOGIN_NAME_MAX", System(Limit::LoginNameMax)),
    ("LONG_BIT", Fixed("64")),
    ("NAME_MAX", Fixed("255")),
    ("NGROUPS_MAX", System(Limit::NgroupsMax)),
    ("OPEN_MAX", System(Limit::OpenMax)),
    ("PAGESIZE", System(Limit::PageSize)),
    ("PAGE_SIZE", System(Limit::PageSize)),
    ("PATH", Fixed("/bin:/usr/bin")),
    ("PATH_MAX", Fixed("4096")),
    ("PIPE_BUF", Fixed("4096")),
    ("POSIX2_VERSION", System(Limit::Posix2Version)),
    ("RE_DUP_MAX", System(Limit::ReDupMax)),
    ("SYMLOOP_MAX", System(Limit::SymloopMax)),
    ("_NPROCESSORS_CONF", System(Limit::ProcessorsConfigured)),
    ("_NPROCESSORS_ONLN", System(Limit::ProcessorsOnline)),
    ("_PHYS_PAGES", System(Limit::PhysicalPages)),
    ("_POSIX2_VERSION", System(Limit::Posix2Version)),
    ("_POSIX_VERSION", System(Limit::PosixVersion)),
];

pub fn main(mut options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut all, mut names) = (false, Vec::new());
    while let Some(arg) = options.next()? {
        match arg {
            Short('a') => all = true,
            // One programming environment is all there is.
            Short('v') => drop(options.value()?),
            Value(name) => names.push(name.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if all {
        return TABLE.iter().try_for_each(|(name, value)| Ok(writeln!(out, "{name:24}{}", text(*value))?));
    }
    // A path as the second operand is for values that differ by file system: of those here, none does on Linux.
    let name = names.first().filter(|_| names.len() < 3);
    let name = name.ok_or_else(|| Failure::usage("name of a value expected"))?;
    let name = if name.starts_with("_SC_") || name.starts_with("_PC_") { &name[4..] } else { name };
    match TABLE.iter().find(|(known, _)| *known == name) {
        Some((_, value)) => Ok(writeln!(out, "{}", text(*value))?),
        None => Err(Failure::new(format!("{name}: unrecognized variable; getconf -a lists those known"))),
    }
}

fn text(value: Source) -> String {
    match value {
        System(name) => limit(name).map_or_else(|| "undefined".to_owned(), |value| value.to_string()),
        Fixed(text) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let getconf = |line: &str| {
            let mut out = Vec::new();
            main(lexopt::Parser::from_iter(line.split(' ')), &mut out)
                .map(|()| String::from_utf8(out).unwrap())
        };
        assert!(TABLE.is_sorted_by_key(|(name, _)| *name));
        assert_eq!(getconf("getconf PAGESIZE").unwrap(), "4096\n");
        assert_eq!(getconf("getconf NAME_MAX /").unwrap(), "255\n");
        assert_eq!(getconf("getconf -a").unwrap().lines().count(), TABLE.len());
        assert_eq!(getconf("getconf NOPE").unwrap_err().status(), 1);
        assert_eq!(getconf("getconf").unwrap_err().status(), 2);
    }
}
