// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signals by name or number, as kill(1) takes them (signal(7), on x86-64).

/// Names of the signals from 1 on.
const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
    "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
    "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// SIGTERM: the default signal.
pub const TERM: i32 = 15;

/// Number of the signal called `name`, with or without `SIG`; 0 only checks whether a process exists.
pub fn number(name: &str) -> Option<i32> {
    if let Ok(number) = name.parse() {
        return (0..=64).contains(&number).then_some(number);
    }
    let name = name.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let at = NAMES.iter().position(|known| *known == name)?;
    i32::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_and_numbers() {
        for (name, expect) in [
            ("HUP", Some(1)),
            ("sigterm", Some(15)),
            ("KILL", Some(9)),
            ("SYS", Some(31)),
            ("0", Some(0)),
            ("64", Some(64)),
            ("65", None),
            ("NOPE", None),
        ] {
            assert_eq!(super::number(name), expect, "{name}");
        }
    }
}
