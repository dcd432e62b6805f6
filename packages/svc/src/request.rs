// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the command line asks for.

use crate::Failure;
use lexopt::prelude::*;
use qos_unit::Kind;
use std::path::PathBuf;

/// The verb, the units and the options.
pub struct Request {
    pub root: PathBuf,
    pub socket: PathBuf,
    pub now: bool,
    pub no_block: bool,
    pub all: bool,
    /// Nothing is printed that an exit status says too.
    pub quiet: bool,
    /// Lists have a header and a footer.
    pub legend: bool,
    /// Trees are indented lists.
    pub plain: bool,
    /// `show` prints values without names.
    pub value: bool,
    pub reverse: bool,
    /// Links are made below /run.
    pub runtime: bool,
    pub version: bool,
    /// Names of properties; empty: all.
    pub properties: Vec<String>,
    /// Kinds of units, or load states; empty: all.
    pub types: Vec<String>,
    /// Load, active or sub states; empty: all.
    pub states: Vec<String>,
    pub lines: usize,
    pub signal: Option<String>,
    pub who: Option<String>,
    pub json: bool,
    /// The highest exposure that `security` accepts, in tenths.
    pub threshold: u64,
    pub verb: String,
    pub units: Vec<String>,
}

impl Default for Request {
    fn default() -> Self {
        Request {
            root: "/".into(),
            socket: "/run/qos/init.sock".into(),
            now: false,
            no_block: false,
            all: false,
            quiet: false,
            legend: true,
            plain: false,
            value: false,
            reverse: false,
            runtime: false,
            version: false,
            properties: Vec::new(),
            types: Vec::new(),
            states: Vec::new(),
            lines: 10,
            signal: None,
            who: None,
            json: false,
            threshold: 100,
            verb: String::new(),
            units: Vec::new(),
        }
    }
}

/// Reads the command line.
///
/// # Errors
/// On an unknown option, or a value that is none of the option's.
pub fn parse(mut options: lexopt::Parser) -> Result<Request, Failure> {
    let mut request = Request::default();
    while let Some(option) = options.next()? {
        match option {
            Long("root") => request.root = options.value()?.into(),
            Long("socket") => request.socket = options.value()?.into(),
            Long("now") => request.now = true,
            Long("no-block") => request.no_block = true,
            Short('a') | Long("all") => request.all = true,
            Short('q') | Long("quiet") => request.quiet = true,
            Long("no-legend") => request.legend = false,
            Long("legend") => request.legend = boolean("legend", &options.value()?.string()?)?,
            Long("plain") => request.plain = true,
            Short('p') | Long("property") => request.properties.extend(list(options.value()?.string()?)),
            Short('P') => {
                request.properties.extend(list(options.value()?.string()?));
                request.value = true;
            }
            Long("value") => request.value = true,
            Short('t') | Long("type") => request.types.extend(list(options.value()?.string()?)),
            Long("state") => request.states.extend(list(options.value()?.string()?)),
            Long("failed") => request.states.push("failed".into()),
            Long("reverse") => request.reverse = true,
            Long("runtime") => request.runtime = true,
            Long("version") => request.version = true,
            Short('n') | Long("lines") => request.lines = options.value()?.parse()?,
            Short('s') | Long("signal") => request.signal = Some(options.value()?.string()?),
            Long("kill-who" | "kill-whom") => request.who = Some(options.value()?.string()?),
            Long("json") => request.json = options.optional_value().is_none_or(|how| how != "off"),
            Long("threshold") => {
                let value = options.value()?.string()?;
                let number = value.parse().ok().filter(|number| *number <= 100);
                request.threshold = number.ok_or_else(|| {
                    Failure::usage(format!("--threshold={value}: not a number from 0 to 100"))
                })?;
            }
            // Nothing is paged, coloured or cut off, nobody is asked for a password, and there is one manager.
            Long("no-pager" | "system" | "full" | "no-ask-password") | Short('l') => {}
            Value(word) if request.verb.is_empty() => request.verb = word.string()?,
            Value(word) => request.units.push(word.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    check_types(&request.types)?;
    Ok(request)
}

/// The words of a value, which have commas between them.
fn list(value: String) -> Vec<String> {
    value.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What `--type` takes beside the kinds of units.
pub const LOAD_STATES: [&str; 4] = ["loaded", "not-found", "bad-setting", "masked"];

fn check_types(types: &[String]) -> Result<(), Failure> {
    let is_kind = |word: &str| Kind::ALL.iter().any(|(_, suffix)| *suffix == word);
    match types.iter().find(|word| !is_kind(word) && !LOAD_STATES.contains(&word.as_str())) {
        Some(word) => Err(Failure::usage(format!("--type={word}: not a type of units, such as service"))),
        None => Ok(()),
    }
}

fn boolean(option: &str, value: &str) -> Result<bool, Failure> {
    match value {
        "1" | "yes" | "true" | "on" => Ok(true),
        "0" | "no" | "false" | "off" => Ok(false),
        _ => Err(Failure::usage(format!("--{option}={value}: neither yes nor no"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Request, Failure> {
        parse(lexopt::Parser::from_iter(line.split(' ')))
    }

    #[test]
    fn options() {
        let request = read("svc --no-block start -n 3 a b.timer").unwrap();
        assert_eq!(
            (request.verb.as_str(), request.units.join(" ").as_str(), request.no_block, request.lines),
            ("start", "a b.timer", true, 3)
        );
        assert!(request.legend && !request.quiet);
        assert!(read("svc --nothing").is_err());
        let request = read("svc show -p Id,Names --property=Wants -q --no-legend --plain a").unwrap();
        assert_eq!(request.properties, ["Id", "Names", "Wants"]);
        assert!(request.quiet && request.plain && !request.legend && !request.value);
        let request = read("svc show -P MainPID a").unwrap();
        assert!(request.value && request.properties == ["MainPID"]);
        assert!(!read("svc --legend=false").unwrap().legend);
        assert!(read("svc --legend=maybe").is_err());
    }

    #[test]
    fn filters() {
        let request = read("svc -t service,timer --type=masked --state=running --failed").unwrap();
        assert_eq!(request.types, ["service", "timer", "masked"]);
        assert_eq!(request.states, ["running", "failed"]);
        for line in ["svc -t services", "svc --type=service,x", "svc -t"] {
            assert!(read(line).is_err_and(|failure| failure.is_usage()), "{line}");
        }
    }
}
