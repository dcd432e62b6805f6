// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files of a review.

use crate::review::{Review, State};
use crate::{comment, junit, sarif};
use qos_bootdiff::escape::html;
use qos_host::ui::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// The files that every review has.
const NAMES: [&str; 6] =
    ["comment.md", "summary.md", "review.json", "junit.xml", "review.sarif", "report.html"];

/// The end of the name of a file that is not complete.
const PARTIAL: &str = ".partial";

/// Makes `folder` if necessary, and removes the files of an earlier review from it, so that none of them is taken for one of this review.
///
/// # Errors
///
/// The directory cannot be made or written, or a file not removed.
pub fn prepare(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    let cannot = |error| format!("cannot write the review into {}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let is_directory = entry.file_type().map_err(cannot)?.is_dir();
        if !is_directory && entry.file_name().to_str().is_some_and(is_own) {
            fs::remove_file(entry.path()).map_err(cannot)?;
        }
    }
    let probe = folder.join(format!("review.json{PARTIAL}"));
    fs::write(&probe, "").and_then(|()| fs::remove_file(&probe)).map_err(cannot)?;
    Ok(())
}

/// Whether a review writes a file of that name.
fn is_own(name: &str) -> bool {
    let whole = name.strip_suffix(PARTIAL).unwrap_or(name);
    NAMES.contains(&whole) || (whole.starts_with("report-") && whole.ends_with(".html"))
}

/// Writes the files into `folder`; a comment in at most `limit` bytes. `artefacts` is the address of the files, if they have one. After an
/// error there is none of them.
///
/// # Errors
///
/// A file cannot be written.
pub fn write(folder: &Path, review: &Review, limit: usize, artefacts: Option<&str>) -> Result<()> {
    let json = serde_json::to_string_pretty(review).map_err(|error| format!("JSON: {error}"))?;
    let mut files = vec![
        ("comment.md".to_owned(), comment::comment(review, limit, artefacts)),
        ("summary.md".to_owned(), comment::summary(review, comment::SUMMARY, artefacts)),
        ("review.json".to_owned(), json + "\n"),
        ("junit.xml".to_owned(), junit::results(review).junit()),
        ("review.sarif".to_owned(), sarif::sarif(review)),
    ];
    for (image, report) in review.compared() {
        files.push((review.page(&image.name), qos_bootdiff::html::render(report)));
    }
    if review.compared().next().is_none() {
        files.push(("report.html".to_owned(), empty_page(review)));
    }
    let written = write_all(folder, &files);
    if written.is_err() {
        for (name, _) in &files {
            let _ = fs::remove_file(folder.join(name));
            let _ = fs::remove_file(partial(folder, name));
        }
    }
    written
}

/// Writes every file under another name first, so that no file is ever incomplete.
fn write_all(folder: &Path, files: &[(String, String)]) -> Result<()> {
    let cannot = |name: &str, error| format!("cannot write {}: {error}", folder.join(name).display());
    for (name, text) in files {
        fs::write(partial(folder, name), text).map_err(|error| cannot(name, error))?;
    }
    for (name, _) in files {
        fs::rename(partial(folder, name), folder.join(name)).map_err(|error| cannot(name, error))?;
    }
    Ok(())
}

fn partial(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{PARTIAL}"))
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
        out.push_str(&match (built.derivations.len(), built.missing.len()) {
            (0, 0) => format!("{}: everything was in the store\n", built.side),
            (_, 0) => format!(
                "{}: built {}; the others were in the store\n",
                built.side,
                built.derivations.join(", ")
            ),
            (0, _) => format!("{}: not built: {}\n", built.side, built.missing.join(", ")),
            _ => format!(
                "{}: built {}; not built: {}\n",
                built.side,
                built.derivations.join(", "),
                built.missing.join(", ")
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
