// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report as text and as Markdown.

use crate::changelog::Entry;
use crate::findings::Crates;
use crate::report::{Change, Debian, Report, Row, is_minor};
use crate::table::{Table, plain};
use std::collections::BTreeSet;

/// So many names are in one cell.
const NAMES: usize = 3;
/// So many lines of a change's changelog are shown.
const LINES: usize = 24;
/// So many issues of Debian's tracker are shown in a table.
const ISSUES: usize = 60;
/// So many characters of a description are shown.
const WORDS: usize = 72;

/// A format for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For a pull request.
    Markdown,
}

impl Format {
    fn heading(self, text: &str) -> String {
        match self {
            Format::Text => format!("\n{text}\n"),
            Format::Markdown => format!("\n## {text}\n\n"),
        }
    }

    fn table(self, table: &Table) -> String {
        match self {
            Format::Text => table.text(),
            Format::Markdown => table.markdown(),
        }
    }

    /// A sentence below a table.
    fn line(self, text: &str) -> String {
        match self {
            Format::Text => format!("{text}\n"),
            Format::Markdown => format!("\n{text}\n"),
        }
    }

    /// Lines as they are.
    fn block(self, text: &str) -> String {
        if self == Format::Text {
            return text.to_owned();
        }
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
        let fence = "`".repeat(longest.max(2) + 1);
        format!("{fence}text\n{text}{fence}\n")
    }
}

/// The whole report.
pub fn render(report: &Report, format: Format) -> String {
    let mut text = String::new();
    if report.changes.is_empty() {
        text.push_str("toolchain.lock is up to date\n");
    } else {
        text.push_str(&format.table(&changes(&report.changes)));
        text.push_str(&changelogs(&report.changes, format));
    }
    text.push_str(&crates(&report.crates, format));
    if let Some(tracker) = &report.debian {
        text.push_str(&debian(tracker, format));
    }
    if !report.next.is_empty() {
        text.push_str(&format.heading("Next: the effect on the boot"));
        let commands: Vec<_> = report.next.iter().map(|command| format!("{command}\n")).collect();
        text.push_str(&format.block(&commands.concat()));
    }
    text
}

fn changes(changes: &[Change]) -> Table {
    let mut table = Table::new(&["source", "packages", "tree", "old", "new", "urgency", "CVE", "note"]);
    for change in changes {
        let note = match (&change.old, &change.new) {
            (None, _) => "new package",
            (_, None) => "no longer pinned",
            _ if change.new_upstream => "new upstream version",
            _ => "",
        };
        table.row([
            change.source.clone(),
            names(&change.packages, NAMES),
            names(&change.trees, NAMES),
            change.old.clone().unwrap_or_default(),
            change.new.clone().unwrap_or_default(),
            change.urgency.map(|urgency| urgency.name().to_owned()).unwrap_or_default(),
            names(&change.cves, 2 * NAMES),
            note.to_owned(),
        ]);
    }
    table
}

fn changelogs(changes: &[Change], format: Format) -> String {
    let with_log: Vec<_> = changes.iter().filter(|change| !change.changelog.is_empty()).collect();
    if with_log.is_empty() {
        return String::new();
    }
    let mut text = format.heading("Changelogs");
    for change in with_log {
        let lines: Vec<String> = change.changelog.iter().flat_map(log_lines).collect();
        let mut block: String = lines.iter().take(LINES).map(|line| format!("{line}\n")).collect();
        if lines.len() > LINES {
            block.push_str(&format!("  … {} more lines\n", lines.len() - LINES));
        }
        text.push_str(&format.block(&block));
    }
    text
}

fn log_lines(entry: &Entry) -> Vec<String> {
    let Entry { source, version, suites, urgency, changes } = entry;
    let head = format!("{source} ({version}) {suites}; urgency={}", urgency.name());
    std::iter::once(plain(&head)).chain(changes.lines().map(|line| plain(&line.replace('\t', " ")))).collect()
}

fn crates(crates: &Crates, format: Format) -> String {
    let mut text = format.heading("Crates of Cargo.lock");
    if !crates.findings.is_empty() {
        let mut table =
            Table::new(&["crate", "version", "kind", "advisory", "patched", "part", "used by", "title"]);
        for finding in &crates.findings {
            let used_by: BTreeSet<_> = finding.used_by.iter().cloned().collect();
            table.row([
                finding.name.clone(),
                finding.version.clone(),
                finding.kind.clone(),
                finding.advisory.clone().unwrap_or_default(),
                if finding.advisory.is_some() && finding.patched.is_empty() {
                    "no version".to_owned()
                } else {
                    finding.patched.join(" or ")
                },
                finding.part.name().to_owned(),
                names(&used_by, NAMES),
                shortened(&finding.title),
            ]);
        }
        text.push_str(&format.table(&table));
    }
    let database = match crates.advisories {
        Some(count) => format!(
            "{count} advisories in the database; {} for other systems than x86-64 Linux left out",
            crates.elsewhere
        ),
        None => "no database of advisories; name one with --advisory-db DIR".to_owned(),
    };
    let unknown = match crates.yanked_unknown {
        0 => String::new(),
        count => format!("; not known for {count} crates whether they were yanked"),
    };
    let summary = format!(
        "{} crates, {}: {database}{unknown}",
        crates.crates,
        counted(crates.findings.len(), "finding")
    );
    text + &format.line(&summary)
}

fn debian(debian: &Debian, format: Format) -> String {
    let mut text = format.heading("Debian's security tracker");
    if !debian.fixed.is_empty() {
        text.push_str(&format.line("The update fixes:"));
        text.push_str(&issues(&debian.fixed.iter().collect::<Vec<_>>(), format));
    }
    let (minor, open): (Vec<&Row>, Vec<&Row>) = debian.open.iter().partition(|row| is_minor(row));
    if !open.is_empty() {
        text.push_str(&format.line("The pinned versions have:"));
        text.push_str(&issues(&open, format));
    }
    text + &format.line(&format!(
        "{}: {} open, {} more without importance, {} unclear, {} resolved; --format json lists all but the resolved ones",
        counted(debian.sources, "source package"),
        open.len(),
        minor.len(),
        debian.unclear.len(),
        debian.resolved
    ))
}

fn issues(rows: &[&Row], format: Format) -> String {
    let mut table =
        Table::new(&["source", "version", "tree", "issue", "urgency", "fixed in", "no DSA", "description"]);
    for row in rows.iter().take(ISSUES) {
        table.row([
            row.source.clone(),
            row.version.clone(),
            names(&row.trees, NAMES),
            row.issue.clone(),
            row.urgency.clone(),
            row.fixed_in.clone().unwrap_or_default(),
            shortened(&row.no_dsa.clone().unwrap_or_default()),
            shortened(&row.description),
        ]);
    }
    let mut text = format.table(&table);
    if rows.len() > ISSUES {
        text.push_str(&format.line(&format!("… {} more; --format json lists them", rows.len() - ISSUES)));
    }
    text
}

/// `a, b, c and 2 more`
fn names(all: &BTreeSet<String>, limit: usize) -> String {
    let shown: Vec<_> = all.iter().take(limit).map(String::as_str).collect();
    let more = if all.len() > limit { format!(" and {} more", all.len() - limit) } else { String::new() };
    shown.join(", ") + &more
}

fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= WORDS {
        return text;
    }
    text.chars().take(WORDS - 1).chain(['…']).collect()
}

fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
