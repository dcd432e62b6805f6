// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report for a pull request: GitHub's Markdown, a short table first, then details that fold.

use crate::escape::{code, fence, html, words};
use crate::report::{LineChange, PartKind, Report};
use crate::summary::{self, Row};

/// The report as Markdown.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = format!("### Boot of {} → {}\n\n", code(&report.base.name), code(&report.head.name));
    out.push_str(&format!("{}\n", words(&summary::verdict(report))));
    for (side, failure) in summary::failures(report) {
        out.push_str(&format!("\n**Failure of {}:**\n\n", code(&side.name)));
        out.push_str(&block("text", failure));
    }
    if !report.changed {
        return out;
    }
    let parts = summary::parts(report).into_iter();
    let parts = parts.map(|(name, state)| [name, "", "", state.text()].map(str::to_owned));
    out.push('\n');
    out.push_str(&table(&summary::numbers(report).into_iter().chain(parts).collect::<Vec<_>>()));
    out.push_str(&log(report));
    let phases = summary::phase_rows(report);
    if !phases.is_empty() {
        out.push_str(&details("Cost by phase, in instructions", &table(&phases)));
    }
    out.push_str(&initcalls(report));
    out.push_str(&config(report));
    out.push_str(&files(report));
    out.push_str(&versions(report));
    out
}

/// A section that folds; its content needs empty lines around it to be parsed as Markdown.
fn details(summary: &str, body: &str) -> String {
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
    details("Boot log by phase", &body)
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
    let body = table + &words(others.as_deref().unwrap_or_default());
    details("Initcalls, in instructions of the boot with initcall_debug", &body)
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
    details("Kernel configuration", &body)
}

fn files(report: &Report) -> String {
    let mut out = String::new();
    let files = report.files.as_deref().unwrap_or_default();
    if !files.is_empty() {
        let mut body = "| | path | what |\n| --- | --- | --- |\n".to_owned();
        for change in files {
            let sign = match summary::file_sign(change) {
                '+' => "added",
                '-' => "removed",
                _ => "changed",
            };
            let what = words(&summary::file_details(change));
            body.push_str(&format!("| {sign} | {} | {what} |\n", code(&change.path)));
        }
        out.push_str(&details("Initramfs", &body));
    }
    let sizes: Vec<Row> = report.sizes.iter().filter(|size| size.changed).map(summary::size_row).collect();
    if !sizes.is_empty() {
        out.push_str(&details("Image files, in bytes", &table(&sizes)));
    }
    out
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
    details("Versions and command line", &body)
}
