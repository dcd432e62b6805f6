// SPDX-License-Identifier: MIT OR Apache-2.0
//! The comment on a pull request and the summary of a CI job: Markdown, the most important first. Pure.

use crate::fit::{Block, Fold, fit};
use crate::review::{Image, Review, State};
use crate::violation::{Level, Violation};
use qos_bootdiff::escape::{code, words};
use qos_bootdiff::markdown;
use qos_bootdiff::units::count;

/// The first line of a comment, by which a later run finds it. A forge does not show it.
pub const MARKER: &str = "<!-- qos-review -->";

/// Bytes that the summary of a job may have: GitHub allows 1 MiB.
pub const SUMMARY: usize = 1_000_000;

/// With more warnings about reviewed files than this, the table of violations counts them only.
const MOST_FILES: usize = 3;
/// The rule about them.
const SNAPSHOT: &str = "snapshot";

/// The comment in at most `limit` bytes. `artefacts` is the address of the files of the review, if there is one.
#[must_use]
pub fn comment(review: &Review, limit: usize, artefacts: Option<&str>) -> String {
    let body = summary(review, limit - MARKER.len() - 1, artefacts);
    format!("{MARKER}\n{body}")
}

/// The same without the marker.
#[must_use]
pub fn summary(review: &Review, limit: usize, artefacts: Option<&str>) -> String {
    let more = match artefacts {
        Some(url) => format!("[The files of this review]({}) have everything.", address(url)),
        None => "The files of this review have everything: `report.html` and `review.json`.".to_owned(),
    };
    fit(&blocks(review, artefacts), limit, &more).trim_start_matches('\n').to_owned()
}

/// An address within parentheses of Markdown.
fn address(url: &str) -> String {
    let escape = |c: char| match c {
        '(' | ')' | '<' | '>' | '"' | '\\' | ' ' => format!("%{:02X}", u32::from(c)),
        c if c.is_control() => String::new(),
        c => c.to_string(),
    };
    url.chars().map(escape).collect()
}

fn blocks(review: &Review, artefacts: Option<&str>) -> Vec<Block> {
    let plain = |rank, body: String| Block { title: "the title".to_owned(), fold: Fold::Never, rank, body };
    let mut all = vec![plain(0, head(review, artefacts))];
    if !review.violations.is_empty() {
        all.push(Block {
            title: "the table of violations".to_owned(),
            ..plain(1, violations(&review.violations))
        });
    }
    let others = others(review);
    if !others.is_empty() {
        all.push(Block { title: "the other images".to_owned(), ..plain(1, others) });
    }
    for (image, report) in review.compared() {
        let body = format!("### Image {}\n\n{}", code(&image.name), markdown::summary(report));
        all.push(Block { title: format!("the numbers of {}", image.name), ..plain(2, body) });
        let log = markdown::sections(report).into_iter().find(|section| section.title == markdown::LOG);
        if let Some(log) = log {
            let title = format!("{}: {}", image.name, log.title);
            all.push(Block { title, fold: Fold::Open, rank: 3, body: log.body });
        }
    }
    if !review.reviewed.is_empty() {
        let title = "Reviewed files that changed".to_owned();
        all.push(Block { title, fold: Fold::Closed, rank: 4, body: reviewed(review) });
    }
    for (image, report) in review.compared() {
        for (rank, section) in (5..).zip(markdown::sections(report)) {
            if section.title != markdown::LOG {
                let title = format!("{}: {}", image.name, section.title);
                all.push(Block { title, fold: Fold::Closed, rank, body: section.body });
            }
        }
    }
    if !review.built.is_empty() {
        let title = "What was built".to_owned();
        all.push(Block { title, fold: Fold::Closed, rank: u8::MAX, body: built(review) });
    }
    all
}

fn head(review: &Review, artefacts: Option<&str>) -> String {
    let sign = if review.passed { "✅" } else { "❌" };
    let mut out = format!(
        "## {sign} Boot review: {} → {}\n\n{}\n",
        code(&review.base.name),
        code(&review.head.name),
        words(&review.verdict())
    );
    if let Some(url) = artefacts {
        out.push_str(&format!("[Pages, JSON and SARIF of this review]({})\n", address(url)));
    }
    out
}

/// The images of which no numbers follow, those with the same reason in one line; and memory.
fn others(review: &Review) -> String {
    let mut out = String::new();
    let mut reasons: Vec<(State, &str)> = Vec::new();
    for image in &review.images {
        let reason = (image.state, image.reason.as_deref().unwrap_or_default());
        if image.state != State::Compared && !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    for (state, reason) in reasons {
        let is_of =
            |image: &&Image| image.state == state && image.reason.as_deref().unwrap_or_default() == reason;
        let names = review.images.iter().filter(is_of).map(|image| code(&image.name)).collect::<Vec<_>>();
        let names = names.join(", ");
        out.push_str(&match state {
            State::Unchanged => format!("\nUnchanged (the same derivation of the boot log): {names}\n"),
            State::Removed => format!("\nRemoved (only the base has them): {names}\n"),
            _ => format!("\nNot compared: {names}, {reason}\n"),
        });
    }
    for (image, memory) in review.images.iter().filter_map(|image| Some((image, image.memory?))) {
        let show = |value: Option<u64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value} MiB"));
        let (base, head) = (show(memory.base), show(memory.head));
        out.push_str(&format!("\nLeast memory of {}: {base} → {head}\n", code(&image.name)));
    }
    out
}

fn violations(violations: &[Violation]) -> String {
    let mut out =
        "| | rule | image | what | by how much | where |\n| --- | --- | --- | --- | --- | --- |\n".to_owned();
    // All reviewed files follow in a table of their own: of many warnings about them, one line is left.
    let is_of_many = |one: &&Violation| one.level == Level::Warn && one.rule == SNAPSHOT;
    let many = violations.iter().filter(is_of_many).count();
    let mut is_told = false;
    for one in violations {
        if many > MOST_FILES && is_of_many(&one) {
            if !std::mem::replace(&mut is_told, true) {
                let row = format!(
                    "| warn | {} | | {} changed | listed below | |\n",
                    code(SNAPSHOT),
                    count(many, "reviewed file")
                );
                out.push_str(&row);
            }
            continue;
        }
        let image = one.image.as_deref().map_or_else(String::new, code);
        let cells = [
            one.level.name().to_owned(),
            code(&one.rule),
            image,
            words(&one.what),
            words(&one.by),
            code(&one.location.to_string()),
        ];
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out
}

fn reviewed(review: &Review) -> String {
    let mut out = "| file | added | removed |\n| --- | ---: | ---: |\n".to_owned();
    for one in &review.reviewed {
        out.push_str(&format!("| {} | {} | {} |\n", code(&one.location.file), one.added, one.removed));
    }
    out
}

fn built(review: &Review) -> String {
    let mut out = String::new();
    for built in &review.built {
        let how = match (built.derivations.len(), built.missing.len()) {
            (0, 0) => "everything was taken from the store".to_owned(),
            (number, 0) => format!("{} built, the others taken from the store", count(number, "derivation")),
            (number, missing) => format!("{} built, {missing} not built", count(number, "derivation")),
        };
        out.push_str(&format!("- {}: {how}, {} s\n", built.side, built.seconds));
        for name in &built.derivations {
            out.push_str(&format!("  - {}\n", code(name)));
        }
        for name in &built.missing {
            out.push_str(&format!("  - {}, not built\n", code(name)));
        }
    }
    out
}
