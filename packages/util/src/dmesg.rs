// SPDX-License-Identifier: MIT OR Apache-2.0
//! `dmesg`: shows and controls the kernel's log (dmesg(1) of util-linux, without its colours and filters).

use crate::Failure;
use lexopt::prelude::*;
use qos_sys::klog;
use std::io::Write;

pub fn main(mut options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut clear, mut raw, mut times) = (false, false, true);
    let failed = |error: std::io::Error| Failure::of("kernel log", &error);
    while let Some(arg) = options.next()? {
        match arg {
            Short('C') | Long("clear") => return klog::clear().map_err(failed),
            Short('D') | Long("console-off") => return klog::console(false).map_err(failed),
            Short('E') | Long("console-on") => return klog::console(true).map_err(failed),
            Short('n') | Long("console-level") => {
                let level = options.value()?.parse()?;
                return klog::console_level(level).map_err(failed);
            }
            Short('c') | Long("read-clear") => clear = true,
            Short('r') | Long("raw") => raw = true,
            Short('t') | Long("notime") => times = false,
            _ => return Err(arg.unexpected().into()),
        }
    }
    let log = klog::read(clear).map_err(failed)?;
    for line in log.split_inclusive(|&b| b == b'\n') {
        out.write_all(if raw { line } else { shown(line, times) })?;
    }
    Ok(())
}

/// A record `<LEVEL>[TIME] TEXT` without its level, and without its time unless `times`.
fn shown(record: &[u8], times: bool) -> &[u8] {
    let text = match record.strip_prefix(b"<").and_then(|rest| rest.iter().position(|&b| b == b'>')) {
        Some(at) => &record[at + 2..],
        None => record,
    };
    match text.strip_prefix(b"[").and_then(|rest| rest.windows(2).position(|pair| pair == b"] ")) {
        Some(at) if !times => &text[at + 3..],
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(record: &str, times: bool, expect: &str) {
        assert_eq!(String::from_utf8_lossy(shown(record.as_bytes(), times)), expect);
    }

    #[test]
    fn records() {
        check("<6>[    0.000000] a [b] c\n", true, "[    0.000000] a [b] c\n");
        check("<6>[    0.000000] a [b] c\n", false, "a [b] c\n");
        check("<30>text\n", false, "text\n");
        check("text\n", true, "text\n");
        check("", true, "");
    }
}
