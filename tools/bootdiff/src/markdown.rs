// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report for a pull request: GitHub's Markdown, a short table first, then details that fold.

use crate::escape::{code, fence, html, words};
use crate::report::{LineChange, PartKind, Report};
use crate::services;
use crate::summary::{self, Row, Said};

/// The report as Markdown.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = format!(
        "### Boot of {} → {}\n\n{}",
        code(&report.base.name),
        code(&report.head.name),
        summary(report)
    );
    for section in sections(report) {
        out.push_str(&details(section.title, &section.body));
    }
    out
}

/// A part of a report that folds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its title, as plain text.
    pub title: &'static str,
    /// Its contents, as Markdown.
    pub body: String,
}

/// The verdict, the failures of the revisions, and the table of numbers, without a title.
#[must_use]
pub fn summary(report: &Report) -> String {
    let mut out = format!("{}\n", words(&summary::verdict(report)));
    for (side, failure) in summary::failures(report) {
        out.push_str(&format!("\n**Failure of {}:**\n\n", code(&side.name)));
        out.push_str(&block("text", failure));
    }
    if report.changed {
        let parts = summary::parts(report).into_iter();
        let parts = parts.map(|(name, state)| [name, "", "", state.text()].map(str::to_owned));
        out.push('\n');
        out.push_str(&table(&summary::numbers(report).into_iter().chain(parts).collect::<Vec<_>>()));
    }
    out
}

/// The details of a report in the order of their importance; those without a change are left out.
#[must_use]
pub fn sections(report: &Report) -> Vec<Section> {
    if !report.changed {
        return Vec::new();
    }
    let [initramfs, partitions, root] = summary::changes(report).map(|(title, said)| (title, changes(&said)));
    let all = [
        ("Services", services(report)),
        (LOG, log(report)),
        ("Cost by phase, in instructions", phases(report)),
        ("Initcalls, in instructions of the boot with initcall_debug", initcalls(report)),
        ("Kernel configuration", config(report)),
        initramfs,
        partitions,
        root,
        ("Image files, in bytes", sizes(report)),
        ("Versions and command line", versions(report)),
    ];
    let there = all.into_iter().filter(|(_, body)| !body.is_empty());
    there.map(|(title, body)| Section { title, body }).collect()
}

/// The title of the section with the changed lines of the boot log.
pub const LOG: &str = "Boot log by phase";

fn services(report: &Report) -> String {
    let changes = report.services.as_deref().unwrap_or_default();
    if changes.is_empty() {
        return String::new();
    }
    let mut body = "| | unit | what |\n| --- | --- | --- |\n".to_owned();
    for change in changes {
        let sign = match services::sign(change) {
            '!' => "**fails**",
            '+' => "new",
            '-' => "gone",
            _ => "changed",
        };
        let what = words(&services::details(change));
        body.push_str(&format!("| {sign} | {} | {what} |\n", code(&change.name)));
    }
    body
}

fn phases(report: &Report) -> String {
    let rows = summary::phase_rows(report);
    if rows.is_empty() { String::new() } else { table(&rows) }
}

/// A block that folds; its content needs empty lines around it to be parsed as Markdown.
#[must_use]
pub fn details(summary: &str, body: &str) -> String {
    format!("\n<details><summary>{}</summary>\n\n{}\n\n</details>\n", html(summary), body.trim_end())
}

fn block(language: &str, text: &str) -> String {
    let fence = fence(text);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

fn table(rows: &[Row]) -> String {
    let mut out = "| | base | head | difference |\n| --- | ---: | ---: | :--- |\n".to_owned();
    for [name, base, head, difference] in rows {
        let cells = [words(name), words(base), words(head), words(difference)];
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out
}

fn log(report: &Report) -> String {
    let phases = report.log.as_ref().map(|log| log.phases.as_slice()).unwrap_or_default();
    if phases.is_empty() {
        return String::new();
    }
    let mut body = String::new();
    for phase in phases {
        let lines: Vec<String> = phase.lines.iter().map(change).collect();
        body.push_str(&format!("**{}**: {}\n\n", phase.phase, words(&phase.title)));
        body.push_str(&block("diff", &lines.join("\n")));
        body.push('\n');
    }
    body
}

/// The lines of a `diff` block: GitHub colours them by their first character.
fn change(change: &LineChange) -> String {
    match change {
        LineChange::Added { text, .. } => format!("+ {text}"),
        LineChange::Removed { text, .. } => format!("- {text}"),
        LineChange::Moved { from, to, from_phase, text } => {
            let origin = from_phase.as_ref().map(|phase| format!(" in {phase}")).unwrap_or_default();
            format!("! {text}\n#   moved from line {from}{origin} to line {to}")
        }
        LineChange::Changed { from, to, before, after, parts, moved } => {
            let only = |kind: PartKind| -> String {
                let texts = parts.iter().filter(|part| part.kind == kind).map(|part| part.text.trim());
                texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" … ")
            };
            let what = match (only(PartKind::Removed), only(PartKind::Added)) {
                (old, new) if old.is_empty() && new.is_empty() => "white space".to_owned(),
                (old, new) if old.is_empty() => format!("new: {new}"),
                (old, new) if new.is_empty() => format!("gone: {old}"),
                (old, new) => format!("{old} → {new}"),
            };
            let place = if *moved { format!(", moved from line {from} to line {to}") } else { String::new() };
            format!("- {before}\n+ {after}\n#   {what}{place}")
        }
    }
}

fn initcalls(report: &Report) -> String {
    let (rows, others) = summary::initcall_rows(report);
    if rows.is_empty() && others.is_none() {
        return String::new();
    }
    let table = if rows.is_empty() { String::new() } else { table(&rows) + "\n" };
    table + &words(others.as_deref().unwrap_or_default())
}

fn config(report: &Report) -> String {
    let options = report.config.as_deref().unwrap_or_default();
    if options.is_empty() {
        return String::new();
    }
    let mut body = "| option | base | head | about |\n| --- | --- | --- | --- |\n".to_owned();
    for change in options {
        let help = words(change.help.as_deref().unwrap_or_default());
        let cells = [code(&change.option), code(&change.base), code(&change.head), help];
        body.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    body
}

fn changes(changes: &[Said]) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let mut body = "| | path | what |\n| --- | --- | --- |\n".to_owned();
    for Said { sign, name, details } in changes {
        let sign = match *sign {
            '+' => "added",
            '-' => "removed",
            _ => "changed",
        };
        body.push_str(&format!("| {sign} | {} | {} |\n", code(name), words(details)));
    }
    body
}

fn sizes(report: &Report) -> String {
    let sizes: Vec<Row> = report.sizes.iter().filter(|size| size.changed).map(summary::size_row).collect();
    if sizes.is_empty() { String::new() } else { table(&sizes) }
}

fn versions(report: &Report) -> String {
    let values = report.versions.as_deref().unwrap_or_default();
    if values.is_empty() {
        return String::new();
    }
    let mut body = "| | base | head |\n| --- | --- | --- |\n".to_owned();
    for change in values {
        let show = |value: &Option<String>| value.as_deref().map_or_else(|| "–".to_owned(), code);
        body.push_str(&format!(
            "| {} | {} | {} |\n",
            words(&change.name),
            show(&change.base),
            show(&change.head)
        ));
    }
    body
}
