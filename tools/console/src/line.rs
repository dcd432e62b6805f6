// SPDX-License-Identifier: MIT OR Apache-2.0
//! One line of a boot log.

/// The author of a line, as far as the line shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It came before the first line with a time stamp: firmware, boot loader, decompressor.
    Firmware,
    /// It carries a printk time stamp: the kernel, or a program through /dev/kmsg.
    Kernel,
    /// Anything else: programs that write to the console.
    Console,
}

/// One line as a person would have seen it, without its end of line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The whole line: time stamp included, colours removed, bytes that are not text as `\xNN`.
    pub text: String,
    /// Where it came from.
    pub source: Source,
    /// printk's time stamp in nanoseconds since the kernel's clock started (it prints microseconds).
    pub time_ns: Option<u64>,
    /// Severity 0 (emergency) to 7 (debug), when the line carries `<N>`; consoles do not print it, /dev/kmsg does.
    pub level: Option<u8>,
    /// The end of line was seen. False for the rest at the end of a stream, such as a shell's prompt.
    pub complete: bool,
    message_at: usize,
}

impl Line {
    /// A line from its visible text. `after_kernel`: a line with a time stamp came before it.
    #[must_use]
    pub fn new(text: String, complete: bool, after_kernel: bool) -> Self {
        let prefix = Prefix::parse(&text);
        let source = match (prefix.time_ns, after_kernel) {
            (Some(_), _) => Source::Kernel,
            (None, false) => Source::Firmware,
            (None, true) => Source::Console,
        };
        Self {
            source,
            time_ns: prefix.time_ns,
            level: prefix.level,
            message_at: prefix.length,
            text,
            complete,
        }
    }

    /// The line without level, time stamp and caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.text[self.message_at..]
    }

    /// The same line with another message.
    #[must_use]
    pub fn with_message(&self, message: &str) -> Self {
        Self { text: format!("{}{message}", &self.text[..self.message_at]), ..self.clone() }
    }
}

/// What printk puts in front of a message (kernel/printk/printk.c, `info_print_prefix`):
/// `<6>[    0.123456][    T1] message`, of which only the time stamp is usual on a console.
#[derive(Default)]
struct Prefix {
    level: Option<u8>,
    time_ns: Option<u64>,
    length: usize,
}

impl Prefix {
    fn parse(text: &str) -> Self {
        let (level, rest) = match parse_level(text) {
            Some((level, rest)) => (Some(level), rest),
            None => (None, text),
        };
        let Some((time_ns, rest)) = parse_time(rest) else {
            // `<6>` alone is the start of a record written to /dev/kmsg; it appears only if such a file is printed.
            return Self { level, time_ns: None, length: text.len() - rest.len() };
        };
        let rest = parse_caller(rest).unwrap_or(rest);
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        Self { level, time_ns: Some(time_ns), length: text.len() - rest.len() }
    }
}

/// `<N>`: facility and severity in one number as syslog(2) has it; severity is its low three bits.
fn parse_level(text: &str) -> Option<(u8, &str)> {
    let (number, rest) = text.strip_prefix('<')?.split_once('>')?;
    if number.is_empty() || number.len() > 4 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u16 = number.parse().ok()?;
    Some(((number & 7) as u8, rest))
}

/// `[ssss.uuuuuu]`, seconds padded with spaces to five columns, always six digits of microseconds.
fn parse_time(text: &str) -> Option<(u64, &str)> {
    let (stamp, rest) = text.strip_prefix('[')?.split_once(']')?;
    let (seconds, micros) = stamp.trim_start_matches(' ').split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if stamp.len() < 12 || seconds.is_empty() || !digits(seconds) || micros.len() != 6 || !digits(micros) {
        return None;
    }
    let seconds: u64 = seconds.parse().ok()?;
    let micros: u64 = micros.parse().ok()?;
    let nanos = seconds.checked_mul(1_000_000_000)?.checked_add(micros * 1000)?;
    Some((nanos, rest))
}

/// `[    T1]` or `[    C0]`: the task or CPU, with CONFIG_PRINTK_CALLER.
fn parse_caller(text: &str) -> Option<&str> {
    let (caller, rest) = text.strip_prefix('[')?.split_once(']')?;
    let number = caller.trim_start_matches(' ').strip_prefix(['T', 'C'])?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(rest)
}

/// The byte at which a kernel's line starts in `text`, if one does behind the first byte.
///
/// Firmware does not end its last line ("Booting from ROM.."), nor does a program that prompts: the kernel's next line follows
/// on the same line of the console. `last_ns` is the stamp of the kernel's last line: a program that quotes an older one is no
/// kernel. The first lines of a kernel have the stamp 0.0000.
pub(crate) fn stamp_inside(text: &str, last_ns: Option<u64>) -> Option<usize> {
    let stamps = text.match_indices('[').filter(|(at, _)| *at > 0);
    let mut stamps = stamps.filter_map(|(at, _)| Some((at, parse_time(&text[at..])?.0)));
    let is_next = |time_ns| time_ns < 100_000 || last_ns.is_some_and(|last_ns| time_ns >= last_ns);
    stamps.find(|(_, time_ns)| is_next(*time_ns)).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_is_taken_apart() {
        let check = |text: &str, level, time_ns, message: &str| {
            let line = Line::new(text.to_owned(), true, true);
            assert_eq!((line.level, line.time_ns, line.message()), (level, time_ns, message), "{text}");
        };
        check("[    0.000000] Linux version 7.3.4", None, Some(0), "Linux version 7.3.4");
        check("[    1.234567] x", None, Some(1_234_567_000), "x");
        check("[12345.000001] x", None, Some(12_345_000_001_000), "x");
        check("[1234567.000001] x", None, Some(1_234_567_000_001_000), "x");
        check("[    0.5] x", None, None, "[    0.5] x");
        check("[    0.123456]", None, Some(123_456_000), "");
        check("[    0.123456]  indented", None, Some(123_456_000), " indented");
        check("<6>[    0.123456] x", Some(6), Some(123_456_000), "x");
        check("<30>qos-init: up", Some(6), None, "qos-init: up");
        check("<x> y", None, None, "<x> y");
        check("<99999> y", None, None, "<99999> y");
        check("[    0.123456][    T1] x", None, Some(123_456_000), "x");
        check("[    0.123456][   C12] x", None, Some(123_456_000), "x");
        check("[    0.123456] [T1] x", None, Some(123_456_000), "[T1] x");
        check("[  OK  ] Started", None, None, "[  OK  ] Started");
        check("", None, None, "");
        check("[99999999999999999999.000000] x", None, None, "[99999999999999999999.000000] x");
    }

    #[test]
    fn source_follows_from_stamp_and_place() {
        let source = |text: &str, after| Line::new(text.to_owned(), true, after).source;
        assert_eq!(source("SeaBIOS (version 1.16)", false), Source::Firmware);
        assert_eq!(source("[    0.000000] x", false), Source::Kernel);
        assert_eq!(source("hello", true), Source::Console);
    }

    #[test]
    fn the_next_stamp_behind_other_text_is_found() {
        let second = Some(1_000_000_000);
        for (text, last_ns, expect) in [
            ("Booting from ROM..[    0.000000] Linux", None, Some(18)),
            ("Booting from ROM..[    0.500000] Linux", None, None),
            ("login: [    1.000000] x", second, Some(7)),
            ("login: [    0.999999] x", second, None),
            ("[a] [    0.5] [    2.000000] x", second, Some(14)),
            ("[    0.000000] Linux", None, None),
            ("nothing", second, None),
        ] {
            assert_eq!(stamp_inside(text, last_ns), expect, "{text}");
        }
    }
}
