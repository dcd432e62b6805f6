// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask decode`: prints a kernel log with the source line beside each address.

use crate::debug_info::{self, DebugInfo};
use crate::symbols::{self, Table, Unknown};
use crate::trace::{Finder, Found, Place, Source, annotate};
use clap::Args;
use qos_host::source::Source as Mirrors;
use qos_host::ui::{Flags, Result, Ui};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `decode`.
#[derive(Args)]
pub struct Decode {
    /// A log of this work tree's kernel; default: standard input
    file: Option<PathBuf>,
    // xtask has run the setup with these options before it started this program.
    #[command(flatten)]
    _source: Mirrors,
    #[command(flatten)]
    flags: Flags,
}

impl Decode {
    /// Runs the verb. A log that names no code is printed as it is, and nothing is built for it.
    pub fn run(self) -> Result<ExitCode> {
        let bytes = self.read()?;
        let log = Log::parse(&bytes);
        log.check_release(&debug_info::release()?)?;
        let places = log.places();
        let report = if places.is_empty() {
            Report::default()
        } else {
            let ui = Ui::new(&self.flags, "decode.log")?;

            decode(&DebugInfo::build(&ui)?, &places)?
        };
        let mut out = std::io::stdout().lock();
        let written = out.write_all(&log.annotated(&report)).and_then(|()| out.flush());
        written.map_err(|error| format!("cannot write the decoded log: {error}"))?;
        if let Some(complaint) = report.complaint(places.len()) {
            if bytes.last().is_some_and(|&last| last != b'\n') {
                eprintln!();
            }
            eprintln!("decode: {complaint}");
        }
        Ok(ExitCode::SUCCESS)
    }

    fn read(&self) -> Result<Vec<u8>> {
        if let Some(path) = &self.file {
            return fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()).into());
        }
        let mut bytes = Vec::new();
        let read = std::io::stdin().read_to_end(&mut bytes);
        read.map_err(|error| format!("cannot read the log from standard input: {error}"))?;
        Ok(bytes)
    }
}

/// A log, line by line.
struct Log<'a> {
    lines: Vec<(&'a [u8], Vec<Found>)>,
    /// The kernel's release, of each boot that the log has.
    releases: BTreeSet<&'a str>,
}

impl<'a> Log<'a> {
    fn parse(bytes: &'a [u8]) -> Log<'a> {
        let finder = Finder::new();
        let mut log = Log { lines: Vec::new(), releases: BTreeSet::new() };
        for line in bytes.split(|&byte| byte == b'\n') {
            // A line that is no text names no code, and is kept.
            let text = std::str::from_utf8(line).unwrap_or_default();
            log.releases.extend(finder.release(text));
            log.lines.push((line, finder.places(text)));
        }
        log
    }

    /// Sizes of functions would betray another kernel too, but by chance some agree, and their lines would be wrong ones.
    fn check_release(&self, ours: &str) -> Result<()> {
        match self.releases.iter().find(|release| **release != ours) {
            Some(other) => Err(format!(
                "this is a log of Linux {other}, and this work tree's is {ours}: decode it in the commit that was booted"
            )
            .into()),
            None => Ok(()),
        }
    }

    fn places(&self) -> BTreeSet<&Place> {
        self.lines.iter().flat_map(|(_, found)| found).map(|found| &found.place).collect()
    }

    fn annotated(&self, report: &Report) -> Vec<u8> {
        let lines = self.lines.iter().map(|(line, found)| match std::str::from_utf8(line) {
            Ok(text) => {
                let sources: Vec<&[Source]> = found.iter().map(|found| report.of(&found.place)).collect();
                annotate(text, found, &sources).into_bytes()
            }
            Err(_) => line.to_vec(),
        });
        lines.collect::<Vec<_>>().join(&b'\n')
    }
}

/// What is known of the places of a log.
#[derive(Default)]
struct Report {
    sources: BTreeMap<Place, Vec<Source>>,
    /// Places without an address, and why.
    unknown: Vec<(Place, Unknown)>,
    /// Modules without debug information.
    modules: BTreeSet<String>,
}

fn decode(info: &DebugInfo, places: &BTreeSet<&Place>) -> Result<Report> {
    let mut report = Report::default();
    let mut by_module: BTreeMap<Option<&String>, Vec<&Place>> = BTreeMap::new();
    for place in places {
        by_module.entry(place.module.as_ref()).or_default().push(place);
    }
    for (module, places) in by_module {
        let (program, table) = match module {
            None => (info.vmlinux(), Table::parse(&info.system_map()?)),
            Some(module) => match info.linked_module(module) {
                Some(program) => {
                    let table = symbols::table(&info.shell, &program)?;
                    (program, table)
                }
                None => {
                    report.modules.insert(module.clone());
                    continue;
                }
            },
        };
        let mut known = Vec::new();
        for place in places {
            match table.address(place) {
                Ok(address) => known.push((place, address)),
                Err(why) => report.unknown.push((place.clone(), why)),
            }
        }
        let addresses: Vec<u64> = known.iter().map(|(_, address)| *address).collect();
        for ((place, _), mut sources) in
            known.iter().zip(symbols::sources(&info.shell, &program, &addresses)?)
        {
            for source in &mut sources {
                source.file = debug_info::name(&source.file, module.is_some());
            }
            report.sources.insert((*place).clone(), sources);
        }
    }
    Ok(report)
}

impl Report {
    /// The lines of source at a place; none if they are not known.
    fn of(&self, place: &Place) -> &[Source] {
        self.sources.get(place).map_or(&[], Vec::as_slice)
    }

    /// A note for the user if not all of the `all` locations of a log are decoded.
    fn complaint(&self, all: usize) -> Option<String> {
        if all == 0 {
            return Some("the log names no place in code (function+0x12/0x34): nothing to decode".into());
        }
        if let Some(module) = self.modules.first() {
            return Some(format!(
                "module {module} is none of this work tree's: there is no debug information for it"
            ));
        }
        let (place, why) = self.unknown.first()?;
        let why = match why {
            Unknown::Name => "there is no such symbol",
            Unknown::Size => "the symbol has another size",
            Unknown::Ambiguous => "several symbols have this name and size",
        };
        let count = self.unknown.len();
        // A few functions are compiled otherwise with debug information than without.
        let advice = match count * 4 > all && self.unknown.iter().any(|(_, why)| *why != Unknown::Ambiguous) {
            true => "; is the log of this work tree's kernel? decode it in the commit that was booted",
            false => "",
        };
        Some(format!("{count} of {all} places are not decoded: {}: {why}{advice}", place.symbol))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(symbol: &str) -> Place {
        Place { symbol: symbol.to_owned(), offset: 0, size: 1, module: None }
    }

    fn check(all: usize, unknown: &[(&str, Unknown)], modules: &[&str], expect: Option<&str>) {
        let report = Report {
            sources: BTreeMap::new(),
            unknown: unknown.iter().map(|(symbol, why)| (place(symbol), *why)).collect(),
            modules: modules.iter().map(|module| (*module).to_owned()).collect(),
        };
        assert_eq!(report.complaint(all).as_deref(), expect);
    }

    #[test]
    fn what_is_not_decoded_is_said() {
        check(9, &[], &[], None);
        check(
            9,
            &[("f", Unknown::Size)],
            &[],
            Some("1 of 9 places are not decoded: f: the symbol has another size"),
        );
        check(
            3,
            &[("f", Unknown::Name)],
            &[],
            Some(
                "1 of 3 places are not decoded: f: there is no such symbol; is the log of this work tree's kernel? \
                 decode it in the commit that was booted",
            ),
        );
        check(
            1,
            &[("f", Unknown::Ambiguous)],
            &[],
            Some("1 of 1 places are not decoded: f: several symbols have this name and size"),
        );
        check(
            9,
            &[("f", Unknown::Name)],
            &["nvidia"],
            Some("module nvidia is none of this work tree's: there is no debug information for it"),
        );
        check(0, &[], &[], Some("the log names no place in code (function+0x12/0x34): nothing to decode"));
    }

    fn check_log(log: &[u8], expect: &[u8]) {
        let mut report = Report::default();
        let source = Source { function: "f".into(), file: "a.c".into(), line: 7 };
        report.sources.insert(place("f"), vec![source]);
        assert_eq!(
            String::from_utf8_lossy(&Log::parse(log).annotated(&report)),
            String::from_utf8_lossy(expect)
        );
    }

    #[test]
    fn every_other_byte_of_a_log_is_kept() {
        check_log(b"", b"");
        check_log(b"\n\n", b"\n\n");
        check_log(b"a\r\n at f+0x0/0x1\r\nb", b"a\r\n at f+0x0/0x1 (a.c:7)\r\nb");
        check_log(b"\xff f+0x0/0x1\n f+0x0/0x1\n", b"\xff f+0x0/0x1\n f+0x0/0x1 (a.c:7)\n");
        check_log(b" g+0x0/0x1\n f+0x0/0x", b" g+0x0/0x1\n f+0x0/0x");
    }

    #[test]
    fn a_log_of_another_kernel_is_refused() {
        for (log, expect) in [
            ("", true),
            (" f+0x0/0x1", true),
            ("Linux version 7.3.4 (a)\nPID: 1 Comm: a Not tainted 7.3.4 #1", true),
            ("Linux version 6.1.0-18-amd64 (a)\n", false),
            ("Linux version 7.3.4 (a)\nPID: 1 Comm: a Not tainted 6.18.15 #1", false),
        ] {
            assert_eq!(Log::parse(log.as_bytes()).check_release("7.3.4").is_ok(), expect, "{log:?}");
        }
    }
}
