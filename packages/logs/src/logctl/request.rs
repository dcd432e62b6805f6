// SPDX-License-Identifier: MIT OR Apache-2.0
//! The options of `logctl`. Pure.

use super::filter::{self, Filter};
use super::show::{Output, Shown};
use super::when;
use crate::{DIRECTORIES, size};
use lexopt::prelude::*;
use qos_command::Failure;
use std::path::PathBuf;

/// What is asked for.
pub enum What {
    /// Entries.
    Entries,
    /// The values of a field.
    Values(String),
    /// The names of all fields.
    Names,
    /// The boots.
    Boots,
    /// The size of the log.
    Usage,
    /// The removal of the oldest segments, until the others take that many bytes.
    Vacuum(u64),
    /// A check of all segments.
    Verify,
}

/// A call of the program.
pub struct Request {
    /// What is asked for.
    pub what: What,
    /// Where the log is.
    pub directories: Vec<PathBuf>,
    /// The directories are those of the system's log, which may not be there yet.
    pub is_system: bool,
    /// The value of `--boot`; empty: this boot.
    pub boot: Option<String>,
    /// Which entries.
    pub filter: Filter,
    /// How many entries; `None`: all.
    pub lines: Option<usize>,
    /// The oldest entries, not the newest.
    pub is_first: bool,
    /// The newest entry first.
    pub reverse: bool,
    /// New entries as they come.
    pub follow: bool,
    /// How entries are shown.
    pub shown: Shown,
}

/// Reads the options. `now` is the present in microseconds since 1970.
pub fn parse(mut options: lexopt::Parser, now: u64) -> Result<Request, Failure> {
    let mut request = Request {
        what: What::Entries,
        directories: DIRECTORIES.iter().map(PathBuf::from).collect(),
        is_system: true,
        boot: None,
        filter: Filter::default(),
        lines: None,
        is_first: false,
        reverse: false,
        follow: false,
        shown: Shown { output: Output::Short, utc: false, all: false, no_host: false },
    };
    let (mut since, mut until) = (None, None);
    let mut all_lines = false;
    while let Some(option) = options.next()? {
        let filter = &mut request.filter;
        match option {
            Short('b') | Long("boot") => {
                request.boot = Some(optional(&mut options, is_boot)?.unwrap_or_default())
            }
            Short('u') | Long("unit") => filter.units.push(filter::unit(&options.value()?.string()?)),
            Short('t') | Long("identifier") => filter.identifiers.push(options.value()?.string()?),
            Short('p') | Long("priority") => {
                filter.levels = Some(filter::levels(&options.value()?.string()?).map_err(Failure::usage)?);
            }
            Short('k') | Long("dmesg") => {
                filter.kernel = true;
                request.boot.get_or_insert_default();
            }
            Short('S') | Long("since") => since = Some(options.value()?.string()?),
            Short('U') | Long("until") => until = Some(options.value()?.string()?),
            Short('g') | Long("grep") => {
                filter.grep = Some(filter::grep(&options.value()?.string()?).map_err(Failure::usage)?);
            }
            Short('n') | Long("lines") => {
                let text = optional(&mut options, |text| text == "all" || text.parse::<usize>().is_ok())?;
                request.is_first = text.as_deref().is_some_and(|text| text.starts_with('+'));
                match text.as_deref() {
                    Some("all") => all_lines = true,
                    Some(text) => {
                        let number = text
                            .parse()
                            .map_err(|_| Failure::usage(format!("{text:?} is no number of lines")))?;
                        request.lines = Some(number);
                    }
                    None => request.lines = Some(10),
                }
            }
            Short('r') | Long("reverse") => request.reverse = true,
            Short('f') | Long("follow") => request.follow = true,
            Short('e') | Long("pager-end") => request.lines = request.lines.or(Some(1000)),
            Short('o') | Long("output") => {
                request.shown.output = Output::named(&options.value()?.string()?).map_err(Failure::usage)?;
            }
            Short('a') | Long("all") => request.shown.all = true,
            Long("utc") => request.shown.utc = true,
            Long("no-hostname") => request.shown.no_host = true,
            Short('D') | Long("directory") => {
                request.directories = vec![options.value()?.into()];
                request.is_system = false;
            }
            Short('F') | Long("field") => request.what = What::Values(options.value()?.string()?),
            Short('N') | Long("fields") => request.what = What::Names,
            Long("list-boots") => request.what = What::Boots,
            Long("disk-usage") => request.what = What::Usage,
            Long("vacuum-size") => {
                request.what =
                    What::Vacuum(size::parse(&options.value()?.string()?).map_err(Failure::usage)?);
            }
            Long("verify") => request.what = What::Verify,
            // Nothing is paged or shortened, and there is one log.
            Long("no-pager" | "quiet" | "system" | "full" | "no-full") | Short('q' | 'l' | 'm') => {}
            Value(text) => filter.fields.push(filter::field(&text.string()?).map_err(Failure::usage)?),
            other => return Err(other.unexpected().into()),
        }
    }
    let time = |text: Option<String>| {
        text.map(|text| when::parse(&text, now, &qos_sys::time::offset).map_err(Failure::usage)).transpose()
    };
    (request.filter.since, request.filter.until) = (time(since)?, time(until)?);
    if request.follow && request.lines.is_none() && !all_lines {
        request.lines = Some(10);
    }
    if request.is_first && (request.follow || request.reverse) {
        return Err(Failure::usage("--lines=+N excludes --follow and --reverse"));
    }
    if request.follow && request.reverse {
        return Err(Failure::usage("--follow and --reverse exclude each other"));
    }
    Ok(request)
}

/// The value of an option that may go without: `-n5`, `--lines=5`, and the next argument if it looks like one.
fn optional(
    options: &mut lexopt::Parser,
    is_value: impl Fn(&str) -> bool,
) -> Result<Option<String>, Failure> {
    if let Some(value) = options.optional_value() {
        return Ok(Some(value.string()?));
    }
    let next = options.try_raw_args().and_then(|mut raw| {
        let looks = raw.peek().and_then(|next| next.to_str()).is_some_and(&is_value);
        if looks { raw.next() } else { None }
    });
    Ok(next.map(ValueExt::string).transpose()?)
}

/// Whether an argument after `-b` is a boot: -1, 2, or an id.
fn is_boot(text: &str) -> bool {
    let is_id = text.len() >= 32
        && text.is_char_boundary(32)
        && text[..32].bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id || text.parse::<i64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(line: &str) -> Result<Request, Failure> {
        parse(lexopt::Parser::from_iter(line.split(' ')), 1_795_885_200_000_000)
    }

    #[test]
    fn options() {
        let parsed = request("logctl -b -1 -u a -n 5 -r -o json X=1 --no-pager").unwrap();
        assert_eq!((parsed.boot.as_deref(), parsed.lines, parsed.reverse), (Some("-1"), Some(5), true));
        assert_eq!(
            (parsed.shown.output, parsed.filter.units.len(), parsed.filter.fields.len()),
            (Output::Json, 1, 1)
        );
        let parsed = request("logctl -b -n -k --since=-1h").unwrap();
        assert_eq!((parsed.boot.as_deref(), parsed.lines, parsed.filter.kernel), (Some(""), Some(10), true));
        assert_eq!(parsed.filter.since, Some(1_795_885_200_000_000 - 3_600_000_000));
        assert_eq!(request("logctl -f").unwrap().lines, Some(10));
        assert_eq!(request("logctl -f -n all").unwrap().lines, None);
        for (line, expect) in [
            ("logctl -n3", (Some(3), false)),
            ("logctl -n +2", (Some(2), true)),
            ("logctl --lines=+2", (Some(2), true)),
            ("logctl -n +2 -n 1", (Some(1), false)),
            ("logctl -n all", (None, false)),
        ] {
            let parsed = request(line).unwrap();
            assert_eq!((parsed.lines, parsed.is_first), expect, "{line}");
        }
        for bad in [
            "logctl -f -r",
            "logctl --x",
            "logctl a",
            "logctl -p x",
            "logctl -S x",
            "logctl --lines=x",
            "logctl -n+2 -r",
            "logctl -f -n +2",
            "logctl -n +x",
            "logctl -n ++2",
        ] {
            assert!(request(bad).is_err(), "{bad}");
        }
    }
}
