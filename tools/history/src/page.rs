// SPDX-License-Identifier: MIT OR Apache-2.0
//! `history plot`: one self-contained page, without network access or scripts.

use crate::chart::{self, Point, day, short};
use crate::figure::ALL;
use crate::file::{Entry, History};
use crate::steps::{self, Step};
use clap::Args;
use qos_bootdiff::escape::html;
use qos_bootdiff::page;
use qos_bootdiff::report::Amount;
use qos_bootdiff::units::{Unit, count};
use qos_host::ui::Result;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

const STYLE: &str = include_str!("page.css");

/// How many of the largest steps the table has.
const STEPS: usize = 20;

/// Arguments of `history plot`.
#[derive(Args)]
pub struct Plot {
    /// The file that `history record` writes
    file: PathBuf,
    /// Directory for index.html; it is created if it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Plot the last N commits of the file
    #[arg(short = 'n', value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    commits: u32,
}

impl Plot {
    /// Runs the verb.
    ///
    /// # Errors
    ///
    /// The file does not exist, is damaged or empty, or the page cannot be written.
    pub fn run(self) -> Result<ExitCode> {
        let file = self.file.display();
        if !self.file.exists() {
            return Err(format!("{file} does not exist; cargo xtask history record {file} creates it").into());
        }
        let history = History::read(&self.file)?;
        let page = render(&history, self.commits as usize)
            .ok_or_else(|| format!("{file} has no commit; cargo xtask history record {file} adds one"))?;
        let path = self.out.join("index.html");
        fs::create_dir_all(&self.out)
            .and_then(|()| fs::write(&path, page))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        println!("{}", path.display());
        Ok(ExitCode::SUCCESS)
    }
}

/// The page of the last `most` commits; `None` if there is no commit.
#[must_use]
pub fn render(history: &History, most: usize) -> Option<String> {
    let mut commits: Vec<&str> = Vec::new();
    for entry in history.entries() {
        if !commits.contains(&entry.commit.as_str()) {
            commits.push(&entry.commit);
        }
    }
    commits.drain(..commits.len().saturating_sub(most));
    let entries: Vec<&Entry> =
        history.entries().filter(|entry| commits.contains(&entry.commit.as_str())).collect();
    let (first, last) = (entries.first()?, entries.last()?);
    let steps = steps::largest(&entries, STEPS);
    let title = "History of the images";
    let mut out = format!(
        "<h1>{title}</h1>\n\
         <p class=\"verdict\">{}, from <code>{}</code> ({}) to <code>{}</code> ({}). The axes of values do not begin at 0. A ring marks \
         one of the <a href=\"#steps\">largest steps</a>.</p>\n",
        count(commits.len(), "commit"),
        html(short(&first.commit)),
        html(day(&first.date)),
        html(short(&last.commit)),
        html(day(&last.date))
    );
    let mut images: Vec<&str> = Vec::new();
    for entry in &entries {
        if !images.contains(&entry.image.as_str()) {
            images.push(&entry.image);
        }
    }
    for image in &images {
        out.push_str(&plots(image, &commits, &entries, &steps));
    }
    out.push_str(&table_of_steps(&steps));
    for image in &images {
        out.push_str(&table_of_values(image, &entries));
    }
    Some(page::document(title, STYLE, "", &out))
}

fn plots(image: &str, commits: &[&str], entries: &[&Entry], steps: &[Step]) -> String {
    let mut out = format!("<section>\n<h2>Image <code>{}</code></h2>\n<div class=\"plots\">\n", html(image));
    let of_image: Vec<&&Entry> = entries.iter().filter(|entry| entry.image == image).collect();
    for figure in &ALL {
        let is_step = |entry: &Entry| {
            steps.iter().any(|step| std::ptr::eq(step.entry, entry) && step.figure.title == figure.title)
        };
        let points: Vec<Point> = of_image
            .iter()
            .filter_map(|entry| {
                Some(Point {
                    at: commits.iter().position(|commit| *commit == entry.commit)?,
                    commit: &entry.commit,
                    date: &entry.date,
                    value: (figure.of)(&entry.figures)?,
                    is_step: is_step(entry),
                })
            })
            .collect();
        let title = format!("{} of image {image}", figure.title);
        let picture = chart::draw(&title, figure.unit, commits, &points);
        if !picture.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(out, "<div>\n<h3>{}</h3>\n{picture}</div>\n", figure.title);
        }
    }
    out + "</div>\n</section>\n"
}

fn table_of_steps(steps: &[Step]) -> String {
    let mut out = "<section id=\"steps\">\n<h2>Largest steps</h2>\n".to_owned();
    if steps.is_empty() {
        return out + "<p>No figure changed.</p>\n</section>\n";
    }
    out.push_str(
        "<div class=\"wide\" role=\"group\" aria-label=\"Largest steps\" tabindex=\"0\">\n<table class=\"numbers steps\">\n\
         <thead><tr><th scope=\"col\">commit</th><th scope=\"col\">date</th><th scope=\"col\">image</th><th scope=\"col\">figure</th>\
         <th scope=\"col\">before</th><th scope=\"col\">after</th><th scope=\"col\">difference</th></tr></thead>\n<tbody>\n",
    );
    for Step { entry, figure, before, after } in steps {
        let difference = figure.unit.difference(&Amount::new("", Some(*before), Some(*after)));
        let class = if after > before { "more" } else { "less" };
        let show = |value: u64| html(&figure.unit.show(Some(value)));
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"{class}\">{}</td></tr>",
            html(short(&entry.commit)),
            html(day(&entry.date)),
            html(&entry.image),
            figure.title,
            show(*before),
            show(*after),
            html(&difference)
        );
    }
    out + "</tbody>\n</table>\n</div>\n</section>\n"
}

/// All figures of an image, the newest commit first.
fn table_of_values(image: &str, entries: &[&Entry]) -> String {
    let mut out = format!(
        "<details>\n<summary>All values of image {}</summary>\n<table class=\"numbers\">\n\
         <thead><tr><th scope=\"col\">commit</th><th scope=\"col\">date</th>",
        html(image)
    );
    for figure in &ALL {
        let unit = if figure.unit == Unit::Bytes { ", bytes" } else { "" };
        let _ = write!(out, "<th scope=\"col\">{}{unit}</th>", figure.title);
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for entry in entries.iter().rev().filter(|entry| entry.image == image) {
        let _ = write!(
            out,
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td>",
            html(short(&entry.commit)),
            html(day(&entry.date))
        );
        for figure in &ALL {
            let _ = write!(out, "<td>{}</td>", html(&figure.unit.show((figure.of)(&entry.figures))));
        }
        out.push_str("</tr>\n");
    }
    out + "</tbody>\n</table>\n</details>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(commits: usize) -> History {
        let line = |at: usize, image: &str, value: usize| {
            format!(
                "{{\"commit\":\"{at:07x}{at:033x}\",\"date\":\"2026-11-28T21:05:17Z\",\"image\":\"{image}\",\"to-init\":{value},\"kernel\":{value}}}\n"
            )
        };
        let lines = (0..commits)
            .flat_map(|at| ["default", "a<b"].map(|image| line(at, image, 70_000_000 + at * at * 1000)));
        History::parse(lines.collect::<String>().as_bytes()).expect("a history")
    }

    #[test]
    fn a_page_of_the_last_commits() {
        assert_eq!(render(&History::default(), 9), None);
        let page = render(&history(30), 10).expect("a page");
        assert!(
            page.contains("10 commits, from <code>0000014</code> (2026-11-28) to <code>000001d</code>"),
            "{page}"
        );
        // Two images with two figures each: a point for each commit.
        assert_eq!((page.matches("<svg").count(), page.matches("<circle").count()), (4, 40));
        assert_eq!(page.matches("class=\"step\"").count(), STEPS);
        assert!(page.contains("<td>a&lt;b</td>") && !page.contains("a<b"), "{page}");
        let one = render(&history(1), 10).expect("a page");
        assert!(one.contains("1 commit, from") && one.contains("No figure changed."), "{one}");
    }

    #[test]
    fn the_page_is_complete_in_itself_and_small() {
        let page = render(&history(1000), 100).expect("a page");
        for foreign in ["http:", "https:", "src=", "url(", "@import", "<script"] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        // The largest that usual images give: seven figures of three images instead of two of two.
        assert!(page.len() < 500_000 * 4 / 21, "{} bytes", page.len());
    }
}
