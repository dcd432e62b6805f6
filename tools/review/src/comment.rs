// SPDX-License-Identifier: MIT OR Apache-2.0
//! The comment on a pull request and the summary of a CI job: Markdown, the most important first. Pure.

use crate::fit::{Block, Fold, fit};
use crate::review::{Review, State};
use crate::violation::Violation;
use qos_bootdiff::escape::{code, words};
use qos_bootdiff::markdown;
use qos_bootdiff::units::count;

/// The first line of a comment, by which a later run finds it. A forge does not show it.
pub const MARKER: &str = "<!-- qos-review -->";

/// Bytes that the summary of a job may have: GitHub allows 1 MiB.
pub const SUMMARY: usize = 1_000_000;

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
    let names = |state| {
        let images = review.images.iter().filter(move |image| image.state == state);
        images.map(|image| code(&image.name)).collect::<Vec<_>>().join(", ")
    };
    let unchanged = names(State::Unchanged);
    if !unchanged.is_empty() {
        out.push_str(&format!("\nUnchanged (the same derivation of the boot log): {unchanged}\n"));
    }
    for image in review.images.iter().filter(|image| image.state == State::NotCompared) {
        let reason = image.reason.as_deref().unwrap_or_default();
        out.push_str(&format!("\nNot compared: {}, {reason}\n", code(&image.name)));
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
    for one in violations {
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
        let how = match built.derivations.len() {
            0 => "everything was taken from the store".to_owned(),
            number => format!("{} built, the others taken from the store", count(number, "derivation")),
        };
        out.push_str(&format!("- {}: {how}, {} s\n", built.side, built.seconds));
        for name in &built.derivations {
            out.push_str(&format!("  - {}\n", code(name)));
        }
    }
    out
}
