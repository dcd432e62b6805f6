// SPDX-License-Identifier: MIT OR Apache-2.0
//! Times of the boot: what took how long, and what waited for what.

use crate::query::{reply, units};
use crate::select::names;
use crate::shown::{Shown, parse};
use crate::{Failure, Request};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;
use std::time::Duration;

type Out<'a> = &'a mut dyn Write;

pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{}.{:03}s", time.as_secs(), time.subsec_millis())
}

/// `blame`: the units by the time that their start took.
pub fn blame(request: &Request, out: Out) -> Result<(), Failure> {
    Ok(write!(out, "{}", blame_of(&units(request)?))?)
}

fn blame_of(units: &[Shown]) -> String {
    let mut all: Vec<_> = units
        .iter()
        .filter(|unit| !unit.name().ends_with(".target"))
        .filter_map(|unit| Some((unit.start()?, unit.name())))
        .collect();
    all.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(other.1)));
    all.iter().fold(String::new(), |mut text, (time, name)| {
        let _ = writeln!(text, "{:>9} {name}", milliseconds(*time));
        text
    })
}

/// `critical-chain`: from each unit, or default.target, back along what it waited for last.
pub fn critical_chain(request: &Request, out: Out) -> Result<(), Failure> {
    let default = Request { units: vec!["default.target".into()], ..Request::default() };
    let names = names(if request.units.is_empty() { &default } else { request })?;
    // The reply has the units that aliases, such as default.target, stand for.
    let asked = parse(&reply("show", request, &names)?);
    if let Some(missing) = asked.iter().find(|unit| unit.get("LoadState") == "not-found") {
        return Err(Failure::new(format!("Unit {} not found.", missing.name())));
    }
    let units = units(request)?;
    for unit in &asked {
        write!(out, "{}", chain_of(&units, unit.name()))?;
    }
    Ok(())
}

fn chain_of(units: &[Shown], first: &str) -> String {
    let by_name: BTreeMap<&str, &Shown> = units.iter().map(|unit| (unit.name(), unit)).collect();
    let mut out = String::new();
    let (mut at, mut seen) = (by_name.get(first).copied(), BTreeSet::new());
    while let Some(unit) = at.filter(|unit| seen.insert(unit.name())) {
        let reached = unit
            .time("ActiveEnterTimestampMonotonic")
            .map(|time| format!(" @{}", milliseconds(time)))
            .unwrap_or_default();
        let took = unit
            .start()
            .filter(|time| !time.is_zero())
            .map(|time| format!(" +{}", milliseconds(time)))
            .unwrap_or_default();
        let mark =
            if seen.len() == 1 { String::new() } else { format!("{}└─", "  ".repeat(seen.len() - 2)) };
        let _ = writeln!(out, "{mark}{}{reached}{took}", unit.name());
        let begun = unit
            .time("InactiveExitTimestampMonotonic")
            .or(unit.time("ActiveEnterTimestampMonotonic"))
            .unwrap_or_default();
        // What it waited for last: of those that were up before it began.
        at = unit
            .list("After")
            .filter_map(|name| by_name.get(name).copied())
            .filter(|other| other.time("ActiveEnterTimestampMonotonic").is_some_and(|time| time <= begun))
            .max_by_key(|other| {
                (other.time("ActiveEnterTimestampMonotonic"), std::cmp::Reverse(other.name()))
            });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOT: &str = "Id=a.service\nInactiveExitTimestampMonotonic=1000000\nActiveEnterTimestampMonotonic=3500000\nActiveState=active\n\n\
        Id=b.service\nInactiveExitTimestampMonotonic=1000000\nActiveEnterTimestampMonotonic=2000000\nActiveState=failed\n\n\
        Id=c.service\nInactiveExitTimestampMonotonic=3500000\nActiveEnterTimestampMonotonic=3600000\nAfter=a.service b.service\nActiveState=active\n\n\
        Id=t.target\nInactiveExitTimestampMonotonic=3600000\nActiveEnterTimestampMonotonic=3600000\nAfter=c.service\nActiveState=active\n\n";

    #[test]
    fn boot() {
        let units = parse(BOOT);
        assert_eq!(blame_of(&units), "   2.500s a.service\n   1.000s b.service\n   0.100s c.service\n");
        assert_eq!(
            chain_of(&units, "t.target"),
            "t.target @3.600s\n└─c.service @3.600s +0.100s\n  └─a.service @3.500s +2.500s\n"
        );
    }
}
