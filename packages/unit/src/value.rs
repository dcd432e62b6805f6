// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values of several keys: truth values, sizes, modes, signals, limits, exit statuses.

/// A truth value as systemd reads it.
///
/// # Errors
/// When `text` is none.
pub fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "yes" | "y" | "true" | "t" | "on" => Ok(true),
        "0" | "no" | "n" | "false" | "f" | "off" => Ok(false),
        _ => Err(format!("{text:?} is neither yes nor no")),
    }
}

/// An octal mode of a file.
///
/// # Errors
/// When `text` is none, or above 7777.
pub fn mode(text: &str) -> Result<u32, String> {
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let mode = digits.and_then(|text| u32::from_str_radix(text, 8).ok()).filter(|mode| *mode <= 0o7777);
    mode.ok_or_else(|| format!("{text:?} is no octal mode"))
}

/// A number with an upper bound.
///
/// # Errors
/// When `text` is none.
pub fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text:?} is no number in range"))
}

/// An amount of something that can be without a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// So many bytes, processes, units.
    Count(u64),
    /// Of what the machine has, in percent.
    Percent(u64),
    /// Without a bound.
    Infinity,
}

/// A size in bytes with the suffixes K, M, G, T, P, E of base 1024, a percentage, or `infinity`.
///
/// # Errors
/// When `text` is none.
pub fn amount(text: &str) -> Result<Amount, String> {
    if text == "infinity" {
        return Ok(Amount::Infinity);
    }
    let error = || format!("{text:?} is no size such as 512M");
    if let Some(percent) = text.strip_suffix('%') {
        return percent.parse().ok().filter(|percent| *percent <= 100).map(Amount::Percent).ok_or_else(error);
    }
    let digits = text.len() - text.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
    let (digits, suffix) = text.split_at(digits);
    let shift = match suffix.trim_end_matches('B').trim_end_matches("i") {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        "P" => 50,
        "E" => 60,
        _ => return Err(error()),
    };
    let digits = digits.trim_end();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number =
        |text: &str| !text.is_empty() && text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return Err(error());
    }
    let factor = 1_u128 << shift;
    let fraction =
        fraction.parse::<u128>().map_err(|_| error())? * factor / 10_u128.pow(fraction.len() as u32);
    let value = whole.parse::<u128>().map_err(|_| error())? * factor + fraction;
    u64::try_from(value).map(Amount::Count).map_err(|_| error())
}

/// Signals by name, with their numbers on Linux (signal(7)).
const SIGNALS: &[(&str, i32)] = &[
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ILL", 4),
    ("TRAP", 5),
    ("ABRT", 6),
    ("BUS", 7),
    ("FPE", 8),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("STKFLT", 16),
    ("CHLD", 17),
    ("CONT", 18),
    ("STOP", 19),
    ("TSTP", 20),
    ("TTIN", 21),
    ("TTOU", 22),
    ("URG", 23),
    ("XCPU", 24),
    ("XFSZ", 25),
    ("VTALRM", 26),
    ("PROF", 27),
    ("WINCH", 28),
    ("IO", 29),
    ("PWR", 30),
    ("SYS", 31),
];

/// `SIGRTMIN` as C libraries have it.
const RTMIN: i32 = 34;

/// A signal: `SIGTERM`, `TERM`, `15`, `RTMIN+3`.
///
/// # Errors
/// When `text` is none.
pub fn signal(text: &str) -> Result<i32, String> {
    let name = text.strip_prefix("SIG").unwrap_or(text);
    let named = SIGNALS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number);
    let real_time = || match name.strip_prefix("RTMIN") {
        Some("") => Some(RTMIN),
        Some(more) => more.strip_prefix('+')?.parse::<u8>().ok().map(|more| RTMIN + i32::from(more)),
        None => name.strip_prefix("RTMAX-")?.parse::<u8>().ok().map(|less| 64 - i32::from(less)),
    };
    let number = named.or_else(real_time).or_else(|| name.parse().ok());
    number.filter(|number| (1..=64).contains(number)).ok_or_else(|| format!("{text:?} is no signal"))
}

/// The name of a signal without `SIG`, or its number.
#[must_use]
pub fn signal_name(number: i32) -> String {
    match SIGNALS.iter().find(|(_, known)| *known == number) {
        Some((name, _)) => (*name).to_owned(),
        None if number >= RTMIN => format!("RTMIN+{}", number - RTMIN),
        None => number.to_string(),
    }
}

/// A soft and a hard limit (getrlimit(2)); `None` is infinity.
pub type Limit = (Option<u64>, Option<u64>);

/// `SOFT:HARD` or one value for both; `read` reads a number.
///
/// # Errors
/// When `text` is none, or the soft limit is above the hard one.
pub fn limit(text: &str, read: &dyn Fn(&str) -> Result<u64, String>) -> Result<Limit, String> {
    let one = |text: &str| if text == "infinity" { Ok(None) } else { read(text).map(Some) };
    let (soft, hard) = text.split_once(':').unwrap_or((text, text));
    let (soft, hard) = (one(soft)?, one(hard)?);
    if soft.unwrap_or(u64::MAX) > hard.unwrap_or(u64::MAX) {
        return Err(format!("{text:?}: the soft limit is above the hard limit"));
    }
    Ok((soft, hard))
}

/// Exit statuses and signals, as `SuccessExitStatus=` lists them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Statuses {
    /// Exit statuses.
    pub statuses: Vec<u8>,
    /// Signals.
    pub signals: Vec<i32>,
}

/// Names of exit statuses: of the C library, of sysexits.h, of systemd.
const STATUS_NAMES: &[(&str, u8)] = &[
    ("SUCCESS", 0),
    ("FAILURE", 1),
    ("INVALIDARGUMENT", 2),
    ("NOTIMPLEMENTED", 3),
    ("NOPERMISSION", 4),
    ("NOTINSTALLED", 5),
    ("NOTCONFIGURED", 6),
    ("NOTRUNNING", 7),
    ("USAGE", 64),
    ("DATAERR", 65),
    ("NOINPUT", 66),
    ("NOUSER", 67),
    ("NOHOST", 68),
    ("UNAVAILABLE", 69),
    ("SOFTWARE", 70),
    ("OSERR", 71),
    ("OSFILE", 72),
    ("CANTCREAT", 73),
    ("IOERR", 74),
    ("TEMPFAIL", 75),
    ("PROTOCOL", 76),
    ("NOPERM", 77),
    ("CONFIG", 78),
];

impl Statuses {
    /// Adds the words of `text`.
    ///
    /// # Errors
    /// When one is neither an exit status nor a signal.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        for word in text.split_ascii_whitespace() {
            let named = STATUS_NAMES.iter().find(|(name, _)| *name == word).map(|(_, status)| *status);
            match (named.or_else(|| word.parse().ok()), signal(word)) {
                (Some(status), _) => self.statuses.push(status),
                (None, Ok(signal)) => self.signals.push(signal),
                (None, Err(_)) => return Err(format!("{word:?} is neither an exit status nor a signal")),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_values() {
        for (text, expect) in
            [("yes", Some(true)), ("ON", Some(true)), ("0", Some(false)), ("maybe", None), ("", None)]
        {
            assert_eq!(boolean(text).ok(), expect, "{text}");
        }
        for (text, expect) in
            [("0755", Some(0o755)), ("1777", Some(0o1777)), ("8", None), ("77777", None), ("+7", None)]
        {
            assert_eq!(mode(text).ok(), expect, "{text}");
        }
    }

    #[test]
    fn amounts() {
        for (text, expect) in [
            ("512", Some(Amount::Count(512))),
            ("64K", Some(Amount::Count(65_536))),
            ("1.5G", Some(Amount::Count(1_610_612_736))),
            ("2MB", Some(Amount::Count(2_097_152))),
            ("50%", Some(Amount::Percent(50))),
            ("infinity", Some(Amount::Infinity)),
            ("101%", None),
            ("M", None),
            ("1X", None),
            ("99999999E", None),
            ("-1", None),
            ("é", None),
        ] {
            assert_eq!(amount(text).ok(), expect, "{text}");
        }
    }

    #[test]
    fn signals() {
        for (text, expect) in [
            ("SIGTERM", Some(15)),
            ("HUP", Some(1)),
            ("9", Some(9)),
            ("RTMIN+3", Some(37)),
            ("RTMAX-1", Some(63)),
            ("0", None),
            ("x", None),
        ] {
            assert_eq!(signal(text).ok(), expect, "{text}");
        }
        assert_eq!(
            ["TERM", "RTMIN+3", "32"],
            [15, 37, 32].map(signal_name).map(|name| name).each_ref().map(String::as_str)
        );
    }

    #[test]
    fn limits_and_statuses() {
        let read = |text: &str| number::<u64>(text);
        assert_eq!(limit("1024:infinity", &read), Ok((Some(1024), None)));
        assert_eq!(limit("7", &read), Ok((Some(7), Some(7))));
        assert!(
            limit("9:7", &read).is_err() && limit("infinity:7", &read).is_err() && limit("", &read).is_err()
        );
        let mut statuses = Statuses::default();
        statuses.add("143 SIGKILL TEMPFAIL").unwrap();
        assert_eq!((statuses.statuses.clone(), statuses.signals.clone()), (vec![143, 75], vec![9]));
        assert!(statuses.add("x").is_err());
    }
}
