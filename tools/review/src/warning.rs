// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines of a boot log that read as a warning. Pure.
//!
//! The console has no log levels, so the words decide.

/// Words that make a line a warning, alone.
const WORDS: [&str; 24] = [
    "bug",
    "cannot",
    "corrupt",
    "corrupted",
    "deprecated",
    "error",
    "errors",
    "fail",
    "failed",
    "failing",
    "fails",
    "failure",
    "invalid",
    "lockup",
    "oops",
    "panic",
    "stall",
    "stalled",
    "taints",
    "timeout",
    "unable",
    "warn",
    "warning",
    "warnings",
];

/// Words that do so one after the other.
const PAIRS: [[&str; 2]; 3] = [["call", "trace"], ["timed", "out"], ["not", "supported"]];

/// Whether a line, without its time stamp, reads as a warning.
#[must_use]
pub fn is_warning(line: &str) -> bool {
    let lower = line.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let pair = |pair: &[&str]| PAIRS.iter().any(|known| known == pair);
    words.iter().any(|word| WORDS.contains(word)) || words.windows(2).any(pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let check = |line: &str, expect: bool| assert_eq!(is_warning(line), expect, "{line}");
        check("", false);
        check("WARNING: CPU: 0 PID: 1 at kernel/x.c:1", true);
        check("[Firmware Bug]: TSC", true);
        check("BUG: unable to handle page fault", true);
        check("Call Trace:", true);
        check("qos_exit: loading out-of-tree module taints kernel.", true);
        check("i8042: probe of i8042 failed with error -5", true);
        check("ata1: link is slow, timed out", true);
        check("qos-init: cannot mount /data: no such device", true);
        check("debug: a debugger", false);
        check("errata: none", false);
        check("Linux version 7.3.4 #1 SMP PREEMPT", false);
        check("clocksource: Switched to clocksource tsc", false);
        check("traces of calls", false);
    }
}
