// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files of a review.

use crate::review::{Review, State};
use crate::{comment, junit, sarif};
use qos_bootdiff::escape::html;
use qos_host::ui::Result;
use std::fs;
use std::path::Path;

/// Writes the files into `folder`, which is made if necessary; a comment in at most `limit` bytes. `artefacts` is the address of the
/// files, if they have one.
///
/// # Errors
///
/// A file cannot be written.
pub fn write(folder: &Path, review: &Review, limit: usize, artefacts: Option<&str>) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
    };
    write("comment.md", &comment::comment(review, limit, artefacts))?;
    write("summary.md", &comment::summary(review, comment::SUMMARY, artefacts))?;
    let json = serde_json::to_string_pretty(review).map_err(|error| format!("JSON: {error}"))?;
    write("review.json", &(json + "\n"))?;
    write("junit.xml", &junit::results(review).junit())?;
    write("review.sarif", &sarif::sarif(review))?;
    for (image, report) in review.compared() {
        write(&review.page(&image.name), &qos_bootdiff::html::render(report))?;
    }
    if review.compared().next().is_none() {
        write("report.html", &empty_page(review))?;
    }
    Ok(())
}

/// The page of a review without a comparison.
fn empty_page(review: &Review) -> String {
    let (base, head) = (html(&review.base.name), html(&review.head.name));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>bootdiff {base} → {head}</title>\n</head>\n<body>\n<main>\n<h1>Boot of <code>{base}</code> → <code>{head}</code></h1>\n\
         <p>No image was compared. {}</p>\n</main>\n</body>\n</html>\n",
        html(&review.verdict())
    )
}

/// The lines for the terminal: each violation, the images, the verdict.
#[must_use]
pub fn lines(review: &Review, folder: &Path) -> String {
    let mut out: String = review.violations.iter().map(|violation| format!("{violation}\n")).collect();
    for built in &review.built {
        out.push_str(&match built.derivations.len() {
            0 => format!("{}: everything was in the store\n", built.side),
            _ => format!(
                "{}: built {}; the others were in the store\n",
                built.side,
                built.derivations.join(", ")
            ),
        });
    }
    for image in review.images.iter().filter(|image| image.report.is_none()) {
        out.push_str(&match (&image.reason, image.state) {
            (Some(reason), _) => format!("{}: not compared, {reason}\n", image.name),
            (None, State::Removed) => format!("{}: removed, only the base has it\n", image.name),
            (None, _) => format!("{}: unchanged\n", image.name),
        });
    }
    out.push_str(&format!("{} See {}\n", review.verdict(), folder.join("comment.md").display()));
    out
}
