// SPDX-License-Identifier: MIT OR Apache-2.0
//! `security`: how much of the system a service can reach, in the numbers of `systemd-analyze security`.

mod assessments;
mod facts;
mod output;

use crate::files::{read_file, store};
use crate::{Failure, Request, unit_name};
use assessments::ASSESSMENTS;
use facts::Facts;
use qos_service::world::Load;
use qos_unit::{Kind, Type, Unit};
use std::io::Write;

type Out<'a> = &'a mut dyn Write;

/// What an assessment found in a unit.
struct Finding {
    name: &'static str,
    field: &'static str,
    weight: u64,
    range: u64,
    /// From 0, the best, to `range`; `None` if the assessment does not apply.
    badness: Option<u64>,
    description: String,
}

/// The findings of a unit, and their sum.
struct Report {
    unit: String,
    findings: Vec<Finding>,
    /// From 0, the best, to 100.
    exposure: u64,
    /// Keys that count here and have no effect.
    unenforced: Vec<&'static str>,
}

impl Report {
    fn new(unit: &Unit) -> Option<Self> {
        let facts = Facts::new(unit)?;
        let findings: Vec<Finding> = ASSESSMENTS.iter().map(|assessment| assessment.assess(&facts)).collect();
        let applied =
            || findings.iter().filter_map(|finding| Some((finding.weight, finding.range, finding.badness?)));
        let bad: u64 = applied().map(|(weight, range, badness)| (badness * weight).div_ceil(range)).sum();
        let exposure = (bad * 100).div_ceil(total(&findings));
        let unenforced = facts.unenforced_keys();
        Some(Report { unit: unit.name.to_string(), findings, exposure, unenforced })
    }
}

/// The weight of the assessments that apply; some always do.
fn total(findings: &[Finding]) -> u64 {
    findings.iter().filter(|finding| finding.badness.is_some()).map(|finding| finding.weight).sum()
}

/// The word for an exposure.
fn predicate(exposure: u64) -> &'static str {
    match exposure {
        100.. => "DANGEROUS",
        90.. => "UNSAFE",
        75.. => "EXPOSED",
        50.. => "MEDIUM",
        10.. => "OK",
        1.. => "SAFE",
        0 => "PERFECT",
    }
}

/// A number of tenths with its point.
fn tenths(number: u64) -> String {
    format!("{}.{}", number / 10, number % 10)
}

/// `security`: each finding of the named units, or a line for each service that keeps running. Status 1 if a unit is above
/// `--threshold`.
pub fn security(request: &Request, out: Out) -> Result<(), Failure> {
    let named = request.units.iter().map(|word| unit_of(request, word)).collect::<Result<Vec<_>, _>>()?;
    let units = if named.is_empty() { all(request) } else { named.clone() };
    let mut reports = Vec::new();
    for unit in &units {
        reports.push(Report::new(unit).ok_or_else(|| {
            Failure::new(format!("{} is not a service: only services have a score", unit.name))
        })?);
    }
    match (request.json, named.is_empty()) {
        (true, true) => output::json_overview(&reports, out)?,
        (true, false) => output::json(&reports, out)?,
        (false, true) => output::overview(&reports, out)?,
        (false, false) => output::details(&reports, out)?,
    }
    let above = reports.iter().any(|report| report.exposure > request.threshold);
    if above { Err(Failure::silent(1)) } else { Ok(()) }
}

/// A unit by name, or a unit file by path.
fn unit_of(request: &Request, word: &str) -> Result<Unit, Failure> {
    if word.contains('/') {
        return Ok(read_file(word.as_ref())?.1);
    }
    let source = store(request).source(&unit_name(word)?);
    match source.load {
        Load::NotFound => Err(Failure::new(format!("{}: not found", source.unit.name))),
        Load::Masked => Err(Failure::new(format!("{}: masked", source.unit.name))),
        Load::Loaded | Load::Bad(_) => Ok(source.unit),
    }
}

/// The services below the root that keep running.
fn all(request: &Request) -> Vec<Unit> {
    let store = store(request);
    let services = store.names().into_iter().filter(|name| name.kind() == Kind::Service);
    let sources = services.map(|name| store.source(&name));
    let loaded = sources.filter(|source| !matches!(source.load, Load::NotFound | Load::Masked));
    let units = loaded.map(|source| source.unit);
    units.filter(|unit| unit.service().is_some_and(|service| service.kind != Type::Oneshot)).collect()
}

#[cfg(test)]
mod tests;
