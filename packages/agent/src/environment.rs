// SPDX-License-Identifier: MIT OR Apache-2.0
//! The environment of the main program.

use crate::terminal::Terminal;
use std::collections::BTreeMap;
use std::ffi::OsString;

/// Names and values, in order.
pub type Environment = BTreeMap<OsString, OsString>;

/// Variables that are set for every main program. The kernel command line can override them: `NAME=VALUE` there becomes a
/// variable of init, and so of the agent (`Documentation/admin-guide/kernel-parameters.rst`).
const DEFAULTS: &[(&str, &str)] = &[
    ("HISTFILE", "/root/.sh_history"),
    ("HOME", "/root"),
    ("LANG", "C.UTF-8"),
    ("LOGNAME", "root"),
    ("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"),
    ("PS1", "qos# "),
    ("SHELL", "/bin/sh"),
    ("USER", "root"),
];

/// A value that the kernel always sets, so that it gives no information about the actual terminal.
const KERNELS_OWN: &[(&str, &str)] = &[("HOME", "/"), ("TERM", "linux")];

/// The environment for a main program on `terminal`, in an agent that was started with `given`.
#[must_use]
pub fn environment(terminal: &Terminal, given: impl Iterator<Item = (OsString, OsString)>) -> Environment {
    let mut environment: Environment =
        DEFAULTS.iter().map(|&(name, value)| (name.into(), value.into())).collect();
    environment.insert("TERM".into(), terminal.kind().into());
    environment.extend(
        given.filter(|(name, value)| {
            !KERNELS_OWN.iter().any(|(own, default)| name == own && value == default)
        }),
    );
    environment
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_protocol::Winsize;

    fn check(terminal: Terminal, given: &[(&str, &str)], name: &str, expect: &str) {
        let given = given.iter().map(|&(name, value)| (name.into(), value.into()));
        let environment = environment(&terminal, given);
        assert_eq!(
            environment.get(std::ffi::OsStr::new(name)).and_then(|v| v.to_str()),
            Some(expect),
            "{name}"
        );
    }

    #[test]
    fn variables() {
        let kernel = [("HOME", "/"), ("TERM", "linux")];
        let sized = Terminal::Serial { size: Some(Winsize { rows: 24, cols: 80 }) };
        check(sized, &kernel, "TERM", "xterm-256color");
        check(Terminal::Serial { size: None }, &kernel, "TERM", "dumb");
        check(Terminal::Screen, &kernel, "TERM", "linux");
        check(Terminal::None, &kernel, "TERM", "dumb");
        check(Terminal::None, &[("TERM", "vt100")], "TERM", "vt100");
        check(Terminal::None, &kernel, "HOME", "/root");
        check(Terminal::None, &[("HOME", "/tmp"), ("A", "b")], "HOME", "/tmp");
        check(Terminal::None, &[("A", "b")], "A", "b");
    }
}
