// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reports as tables and as JSON.

use super::{Finding, Out, Report, predicate, tenths, total};
use crate::table;
use std::io;

/// What a finding adds to the exposure; `None` for a good one.
fn share(finding: &Finding, total: u64) -> Option<String> {
    let badness = finding.badness.filter(|badness| *badness > 0)?;
    Some(tenths((badness * finding.weight * 100).div_ceil(finding.range).div_ceil(total)))
}

/// A line for each unit.
pub fn overview(reports: &[Report], out: Out<'_>) -> io::Result<()> {
    let mut rows = vec![["UNIT", "EXPOSURE", "PREDICATE"].map(str::to_owned).to_vec()];
    for report in reports {
        rows.push(vec![
            report.unit.clone(),
            format!("{:>8}", tenths(report.exposure)),
            predicate(report.exposure).to_owned(),
        ]);
    }
    write!(out, "{}", table::lines(&rows))
}

/// A line for each finding, the heaviest first, and the sum.
pub fn details(reports: &[Report], out: Out<'_>) -> io::Result<()> {
    for (at, report) in reports.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let all = total(&report.findings);
        let mut findings: Vec<&Finding> = report.findings.iter().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
        let mut rows = vec![["", "NAME", "EXPOSURE", "DESCRIPTION"].map(str::to_owned).to_vec()];
        for finding in findings {
            let mark = match finding.badness {
                None => " ",
                Some(0) => "+",
                Some(_) => "-",
            };
            let share = share(finding, all).unwrap_or_default();
            rows.push(vec![
                mark.to_owned(),
                finding.name.to_owned(),
                format!("{share:>8}"),
                finding.description.clone(),
            ]);
        }
        write!(out, "{}", table::lines(&rows))?;
        writeln!(
            out,
            "\n{}: exposure {} {}",
            report.unit,
            tenths(report.exposure),
            predicate(report.exposure)
        )?;
        if !report.unenforced.is_empty() {
            writeln!(
                out,
                "The score counts keys that this init does not enforce: {}",
                report.unenforced.join(", ")
            )?;
        }
    }
    Ok(())
}

/// [`overview`] as an array of objects.
pub fn json_overview(reports: &[Report], out: Out<'_>) -> io::Result<()> {
    let object = |report: &Report| {
        format!(
            "{{\"unit\":{},\"exposure\":{},\"predicate\":{}}}",
            quoted(&report.unit),
            quoted(&tenths(report.exposure)),
            quoted(predicate(report.exposure))
        )
    };
    array(reports.iter().map(object), out)
}

/// [`details`] as an array of objects, one for each unit.
pub fn json(reports: &[Report], out: Out<'_>) -> io::Result<()> {
    let object = |report: &Report| {
        let all = total(&report.findings);
        let findings: Vec<String> =
            report.findings.iter().map(|finding| json_finding(finding, all)).collect();
        let unenforced: Vec<String> = report.unenforced.iter().map(|key| quoted(key)).collect();
        format!(
            "{{\"unit\":{},\"exposure\":{},\"predicate\":{},\"unenforced\":[{}],\"findings\":[\n{}\n]}}",
            quoted(&report.unit),
            quoted(&tenths(report.exposure)),
            quoted(predicate(report.exposure)),
            unenforced.join(","),
            findings.join(",\n")
        )
    };
    array(reports.iter().map(object), out)
}

/// The keys are those of systemd.
fn json_finding(finding: &Finding, total: u64) -> String {
    let set = finding.badness.map_or("null".to_owned(), |badness| (badness == 0).to_string());
    let share = share(finding, total).map_or("null".to_owned(), |share| quoted(&share));
    format!(
        "{{\"set\":{set},\"name\":{},\"json_field\":{},\"description\":{},\"exposure\":{share}}}",
        quoted(finding.name),
        quoted(finding.field),
        quoted(&finding.description)
    )
}

fn array(objects: impl Iterator<Item = String>, out: Out<'_>) -> io::Result<()> {
    let objects: Vec<String> = objects.collect();
    writeln!(out, "[{}]", objects.join(",\n"))
}

/// A string of JSON (RFC 8259).
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
