// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report for a terminal.

use crate::report::{LineChange, LogChanges, Part, PartKind, PhaseChanges, Report};
use crate::services;
use crate::summary::{self, Row, Said};
use std::fmt::Write;

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const BOLD: &str = "1";

/// The report as text; `color` adds escape sequences of an ANSI terminal.
#[must_use]
pub fn render(report: &Report, color: bool) -> String {
    let mut out = Text { out: String::new(), color };
    out.line(&out.paint(BOLD, &format!("{} → {}", report.base.name, report.head.name)));
    out.line(&summary::verdict(report));
    for (side, failure) in summary::failures(report) {
        out.heading(&format!("Failure of {}", side.name));
        failure.lines().for_each(|line| out.line(&format!("  {}", out.paint(RED, line))));
    }
    if !report.changed {
        return out.out;
    }
    out.line("");
    out.table(&summary::numbers(report));
    out.line("");
    for (name, change) in summary::parts(report) {
        out.line(&format!("  {name:<26} {}", change.text()));
    }
    if let Some(log) = &report.log {
        out.log(log);
    }
    out.services(report);
    let phases = summary::phase_rows(report);
    if !phases.is_empty() {
        out.heading("Cost by phase, in instructions");
        out.table(&phases);
    }
    out.initcalls(report);
    out.config(report);
    out.files(report);
    out.versions(report);
    out.out
}

struct Text {
    out: String,
    color: bool,
}

impl Text {
    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn heading(&mut self, text: &str) {
        self.line("");
        self.line(&self.paint(BOLD, text));
    }

    fn table(&mut self, rows: &[Row]) {
        if rows.is_empty() {
            return;
        }
        let heading = [String::new(), "base".to_owned(), "head".to_owned(), "difference".to_owned()];
        let width = |column: usize| {
            rows.iter().chain([&heading]).map(|row| row[column].chars().count()).max().unwrap_or(0)
        };
        let [label, base, head] = [0, 1, 2].map(width);
        for row in [&heading].into_iter().chain(rows) {
            let [name, one, other, difference] = row;
            let color = match difference.chars().next() {
                Some('+') => YELLOW,
                Some('−') => GREEN,
                _ => "0",
            };
            let difference = if color == "0" { difference.clone() } else { self.paint(color, difference) };
            // Writing to a String cannot fail.
            let _ = writeln!(self.out, "  {name:<label$}  {one:>base$}  {other:>head$}  {difference}");
        }
    }

    fn log(&mut self, log: &LogChanges) {
        for PhaseChanges { phase, title, lines } in &log.phases {
            self.heading(&format!("Boot log, {phase}: {title}"));
            for change in lines {
                let line = self.change(change);
                self.line(&line);
            }
        }
    }

    /// The line's number (in the head, or of a removed one in the base), sign, and text.
    fn change(&self, change: &LineChange) -> String {
        match change {
            LineChange::Added { line, text } => self.paint(GREEN, &format!("  {line:>9} + {text}")),
            LineChange::Removed { line, text } => self.paint(RED, &format!("  {line:>9} - {text}")),
            LineChange::Moved { from, to, from_phase, text } => {
                let origin = from_phase.as_ref().map(|phase| format!("(from {phase}) ")).unwrap_or_default();
                self.paint(YELLOW, &format!("  {:>9} > {origin}{text}", format!("{from}→{to}")))
            }
            LineChange::Changed { from, to, parts, moved, .. } => {
                let number = if *moved { format!("{from}→{to}") } else { to.to_string() };
                let parts: String = parts.iter().map(|part| self.part(part)).collect();
                format!("  {number:>9} ~ {parts}")
            }
        }
    }

    fn part(&self, Part { kind, text }: &Part) -> String {
        match (kind, self.color) {
            (PartKind::Same, _) => text.clone(),
            (PartKind::Removed, true) => self.paint(RED, text),
            (PartKind::Added, true) => self.paint(GREEN, text),
            (PartKind::Removed, false) => format!("[-{text}-]"),
            (PartKind::Added, false) => format!("{{+{text}+}}"),
        }
    }

    fn services(&mut self, report: &Report) {
        let changes = report.services.as_deref().unwrap_or_default();
        if !changes.is_empty() {
            self.heading("Services");
        }
        for change in changes {
            let sign = services::sign(change);
            let line = format!("  {sign} {}: {}", change.name, services::details(change));
            self.line(&match sign {
                '+' => self.paint(GREEN, &line),
                '-' | '!' => self.paint(RED, &line),
                _ => line,
            });
        }
    }

    fn initcalls(&mut self, report: &Report) {
        let (rows, others) = summary::initcall_rows(report);
        if rows.is_empty() && others.is_none() {
            return;
        }
        self.heading("Initcalls, in instructions of the boot with initcall_debug");
        self.table(&rows);
        if let Some(others) = others {
            self.line(&format!("  {others}"));
        }
    }

    fn config(&mut self, report: &Report) {
        let options = report.config.as_deref().unwrap_or_default();
        if !options.is_empty() {
            self.heading("Kernel configuration");
        }
        for change in options {
            self.line(&format!("  {}: {} → {}", change.option, change.base, change.head));
            if let Some(help) = &change.help {
                self.line(&format!("      {help}"));
            }
        }
    }

    fn files(&mut self, report: &Report) {
        for (title, changes) in summary::changes(report) {
            if !changes.is_empty() {
                self.heading(title);
            }
            for Said { sign, name, details } in changes {
                let line = format!("  {sign} {name}: {details}");
                self.line(&match sign {
                    '+' => self.paint(GREEN, &line),
                    '-' => self.paint(RED, &line),
                    _ => line,
                });
            }
        }
        let sizes: Vec<Row> =
            report.sizes.iter().filter(|size| size.changed).map(summary::size_row).collect();
        if !sizes.is_empty() {
            self.heading("Image files, in bytes");
            self.table(&sizes);
        }
    }

    fn versions(&mut self, report: &Report) {
        let values = report.versions.as_deref().unwrap_or_default();
        if !values.is_empty() {
            self.heading("Versions and command line");
        }
        for change in values {
            let show = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
            self.line(&format!("  {}: {} → {}", change.name, show(&change.base), show(&change.head)));
        }
    }
}
