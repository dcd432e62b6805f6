// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files of three reviews.

use crate::common::{changed, failed, unchanged};
use qos_review::comment::{MARKER, SUMMARY, comment, summary};
use qos_review::review::Review;
use qos_review::{junit, output, sarif};
use std::path::Path;

macro_rules! snapshot {
    ($name:literal, $text:expr) => {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

const URL: &str = "https://forge.example.org/run/1?a=(b)";

#[test]
fn comments() {
    snapshot!("changed.md", comment(&changed(), 65_536, Some(URL)));
    snapshot!("failed.md", comment(&failed(), 65_536, None));
    snapshot!("unchanged.md", comment(&unchanged(), 65_536, None));
}

#[test]
fn a_comment_is_shortened() {
    snapshot!("shortened.md", comment(&changed(), 4_000, Some(URL)));
}

#[test]
fn lines_for_the_terminal() {
    let lines = |review: &Review| output::lines(review, Path::new("target/review"));
    snapshot!("lines.txt", [lines(&changed()), lines(&failed()), lines(&unchanged())].join("----\n"));
}

#[test]
fn other_formats() {
    snapshot!("changed.json", serde_json::to_string_pretty(&changed()).expect("JSON"));
    snapshot!("changed.sarif", sarif::sarif(&changed()));
    snapshot!("changed.xml", junit::results(&changed()).junit());
    snapshot!("failed.xml", junit::results(&failed()).junit());
}

#[test]
fn every_limit_is_kept() {
    for review in [changed(), failed(), unchanged()] {
        for limit in [2_500, 3_000, 5_000, 10_000, 65_536, 1_000_000] {
            let text = comment(&review, limit, Some(URL));
            assert!(text.len() <= limit, "{} > {limit}", text.len());
            assert!(text.starts_with(&format!("{MARKER}\n## ")), "{text}");
            assert_eq!(text.matches("<details").count(), text.matches("</details>").count(), "{text}");
        }
        assert_eq!(comment(&review, SUMMARY, None), format!("{MARKER}\n{}", summary(&review, SUMMARY, None)));
    }
}

/// A log of megabytes fits, and the verdict and the violations are whole.
#[test]
fn a_huge_review_fits() {
    use qos_bootdiff::report::LineChange;
    let mut review = changed();
    let log = review.images[0].report.as_mut().and_then(|report| report.log.as_mut()).expect("a log");
    let line = |at: usize| LineChange::Added {
        line: at,
        text: format!("ueber-long line {at}: {}", "äöü|`".repeat(20)),
    };
    log.phases[0].lines.extend((0..50_000).map(line));
    let whole = comment(&changed(), 65_536, Some(URL));
    let table = |text: &str| text.split("### Image").next().unwrap_or_default().to_owned();
    for limit in [65_536, 1_000_000] {
        let text = comment(&review, limit, Some(URL));
        assert!(text.len() <= limit && text.len() > limit - 2_500, "{} {limit}", text.len());
        assert_eq!(table(&text), table(&whole));
        assert!(text.contains("Shortened: default: Boot log by phase."), "{}", &text[text.len() - 900..]);
    }
}
