// SPDX-License-Identifier: MIT OR Apache-2.0
//! `wait-online`: waits until the network can be used (systemd-networkd-wait-online.service(8)).

use crate::networkd::STATE;
use crate::networkd::state::{OPERATIONAL, Report, is_at_least};
use lexopt::ValueExt;
use qos_command::{Failure, glob};
use qos_sys::watch::Watcher;
use std::fs;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    any: bool,
    /// Links, and the state that each needs.
    links: Vec<(String, Option<String>)>,
    ignored: Vec<String>,
    state: Option<String>,
    v4: bool,
    v6: bool,
    limit: Option<Duration>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            any: false,
            links: Vec::new(),
            ignored: Vec::new(),
            state: None,
            v4: false,
            v6: false,
            limit: Some(Duration::from_secs(120)),
        }
    }
}

impl Options {
    /// Takes an option, with its value from the parser; `false` if it is none of these.
    pub fn set(
        &mut self,
        short: Option<char>,
        long: &str,
        parser: &mut lexopt::Parser,
    ) -> Result<bool, Failure> {
        match (short, long) {
            (_, "any") => self.any = true,
            (Some('4'), _) | (_, "ipv4") => self.v4 = true,
            (Some('6'), _) | (_, "ipv6") => self.v6 = true,
            (Some('q'), _) | (_, "quiet") => {}
            (Some('i'), _) | (_, "interface") => {
                let text = parser.value()?.string()?;
                let mut parts = text.split(':');
                let name = parts.next().unwrap_or_default().to_owned();
                self.links.push((name, parts.next().map(state).transpose()?));
            }
            (_, "ignore") => self.ignored.push(parser.value()?.string()?),
            (Some('o'), _) | (_, "operational-state") => {
                let text = parser.value()?.string()?;
                self.state = Some(state(text.split(':').next().unwrap_or_default())?);
            }
            (_, "timeout") => {
                let text = parser.value()?.string()?;
                let limit = qos_unit::span::parse(&text);
                let limit = limit.map_err(|error| Failure::usage(format!("--timeout={text}: {error}")))?;
                // 0 is for ever.
                self.limit = Some(limit).filter(|limit| !limit.is_zero());
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Whether all is as it is waited for. `links` are names with what is told of them.
    #[must_use]
    pub fn is_satisfied(&self, links: &[(String, Report)]) -> bool {
        let online = |report: &Report, least: Option<&str>| {
            let own = Some(report.get("REQUIRED_OPER_STATE_FOR_ONLINE")).filter(|state| !state.is_empty());
            let least = least.or(self.state.as_deref()).or(own).unwrap_or("degraded");
            let has = |key: &str| is_at_least(report.get(key), least.min_of("degraded"));
            report.get("ADMIN_STATE") == "configured"
                && is_at_least(report.get("OPER_STATE"), least)
                && (!self.v4 || has("IPV4_ADDRESS_STATE"))
                && (!self.v6 || has("IPV6_ADDRESS_STATE"))
        };
        if !self.links.is_empty() {
            let is_online = |(name, least): &(String, Option<String>)| {
                links.iter().any(|(known, report)| known == name && online(report, least.as_deref()))
            };
            return if self.any {
                self.links.iter().any(is_online)
            } else {
                self.links.iter().all(is_online)
            };
        }
        let ignored =
            |name: &str| self.ignored.iter().any(|one| glob::matches(one.as_bytes(), name.as_bytes()));
        let wanted: Vec<&Report> = links
            .iter()
            .filter(|(name, report)| !ignored(name) && report.get("REQUIRED_FOR_ONLINE") == "yes")
            .map(|(_, report)| report)
            .collect();
        // As systemd: without a link that counts the system is not online.
        let any = wanted.iter().any(|report| online(report, None));
        any && (self.any || wanted.iter().all(|report| online(report, None)))
    }
}

/// The family's addresses know three states only.
trait Least {
    fn min_of<'a>(&'a self, other: &'a str) -> &'a str;
}

impl Least for str {
    fn min_of<'a>(&'a self, other: &'a str) -> &'a str {
        if self == "routable" { self } else { other }
    }
}

fn state(text: &str) -> Result<String, Failure> {
    match OPERATIONAL.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(Failure::usage(format!("{text}: not one of {}", OPERATIONAL.join(", ")))),
    }
}

/// Waits.
pub fn run(root: &Path, options: &Options) -> Result<(), Failure> {
    let directory = root.join(STATE).join("links");
    let until = options.limit.map(|limit| Instant::now() + limit);
    let watcher = Watcher::new().map_err(|error| Failure::of("inotify", &error))?;
    let mut watched = false;
    loop {
        // Before the look at the files: no change in between is missed.
        watched = watched || watcher.add(&directory, false).is_ok();
        watcher.drain();
        if options.is_satisfied(&read(&directory)) {
            return Ok(());
        }
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Err(Failure::new("Timeout occurred while waiting for network connectivity."));
        }
        // The directory may come later.
        let wait =
            if watched { left } else { Some(left.unwrap_or(Duration::MAX).min(Duration::from_millis(200))) };
        qos_sys::poll::readable([watcher.as_fd()], wait).map_err(|error| Failure::of("poll", &error))?;
    }
}

fn read(directory: &Path) -> Vec<(String, Report)> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let report = |path: &Path| {
        let report = Report::parse(&fs::read_to_string(path).ok()?);
        Some((report.get("NAME").to_owned(), report))
    };
    entries.filter_map(|entry| report(&entry.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(name: &str, setup: &str, state: &str, required: &str) -> (String, Report) {
        let mut report = Report::default();
        report.put("ADMIN_STATE", setup);
        report.put("OPER_STATE", state);
        report.put("REQUIRED_FOR_ONLINE", required);
        report.put("IPV4_ADDRESS_STATE", state);
        (name.to_owned(), report)
    }

    #[test]
    fn what_is_online() {
        let good = || link("a", "configured", "routable", "yes");
        let late = || link("b", "configuring", "routable", "yes");
        let off = || link("c", "configured", "no-carrier", "yes");
        let not = || link("d", "configured", "no-carrier", "no");
        let lo = || link("lo", "unmanaged", "carrier", "");
        let mut least = link("e", "configured", "routable", "yes");
        least.1.put("REQUIRED_OPER_STATE_FOR_ONLINE", "enslaved");
        for (args, links, expect) in [
            (&[][..], vec![lo(), good()], true),
            (&[], vec![good(), late()], false),
            (&["--any"], vec![good(), late()], true),
            (&["--any"], vec![off(), late()], false),
            (&[], vec![good(), not()], true),
            (&[], vec![not(), lo()], false),
            (&[], vec![], false),
            (&[], vec![least], true),
            (&["-i", "a"], vec![good(), late()], true),
            (&["-i", "a", "--interface=b"], vec![good(), late()], false),
            (&["-i", "a", "-i", "b", "--any"], vec![good(), late()], true),
            (&["-i", "c"], vec![off()], false),
            (&["-i", "c:no-carrier"], vec![off()], true),
            (&["--ignore", "b"], vec![good(), late()], true),
            (&["-o", "no-carrier"], vec![off()], true),
            (&["-4"], vec![good()], true),
            (&["-6"], vec![good()], false),
        ] {
            let mut options = Options::default();
            let mut parser = lexopt::Parser::from_args(args);
            while let Some(arg) = parser.next().unwrap() {
                let (short, long) = match arg {
                    lexopt::Arg::Short(short) => (Some(short), String::new()),
                    lexopt::Arg::Long(long) => (None, long.to_owned()),
                    lexopt::Arg::Value(_) => (None, String::new()),
                };
                assert!(options.set(short, &long, &mut parser).unwrap());
            }
            assert_eq!(options.is_satisfied(&links), expect, "{args:?}");
        }
    }
}
