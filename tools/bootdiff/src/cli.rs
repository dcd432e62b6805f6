// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line.

use crate::report::Report;
use crate::{compare, html, input, markdown, text};
use clap::{Parser, ValueEnum};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// Compares the boots of two revisions: log by phase, cost, kernel configuration, initramfs, sizes, versions.
///
/// Exit status: 0 if nothing changed, 1 if something changed, 2 on an error.
#[derive(Parser, Clone, Debug)]
#[command(name = "qos-bootdiff", version)]
pub struct Args {
    /// Directory with the results of the revision to compare with
    #[arg(long, value_name = "DIR")]
    pub base: PathBuf,
    /// Directory with the results of the revision under review
    #[arg(long, value_name = "DIR")]
    pub head: PathBuf,
    /// Name of the base in the report, such as a commit; default: the directory's name
    #[arg(long, value_name = "REV")]
    pub base_name: Option<String>,
    /// Name of the head in the report; default: the directory's name
    #[arg(long, value_name = "REV")]
    pub head_name: Option<String>,
    /// The kernel's source, for the first line of the help text of each changed option
    #[arg(long, value_name = "DIR")]
    pub linux: Option<PathBuf>,
    /// Format of the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Form of a report.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal
    Text,
    /// For a pull request
    Markdown,
    /// For a program
    Json,
    /// One page, complete in itself
    Html,
}

impl Args {
    /// Reads both directories, compares them, writes the report; true if something changed.
    ///
    /// # Errors
    /// One line: the file that cannot be read, understood or written, and why.
    pub fn run(&self) -> Result<bool, String> {
        let read = |folder: &PathBuf, name: &Option<String>| {
            input::read(folder, name.clone().unwrap_or_else(|| folder.display().to_string()))
        };
        let base = read(&self.base, &self.base_name)?;
        let head = read(&self.head, &self.head_name)?;
        let report = compare::compare(&base, &head, self.linux.as_deref())?;
        let stdout = std::io::stdout();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = self.out.is_none() && stdout.is_terminal() && !no_color;
        let rendered = render(&report, self.format, color)?;
        match &self.out {
            Some(path) => std::fs::write(path, rendered)
                .map_err(|error| format!("cannot write {}: {error}", path.display()))?,
            // A reader that has seen enough (`| head`) is no error.
            None => drop(stdout.lock().write_all(rendered.as_bytes())),
        }
        Ok(report.changed)
    }
}

/// The report in one of its forms; `color` is for [`Format::Text`] alone.
///
/// # Errors
/// Only if JSON cannot be made of it, which would be a fault here.
pub fn render(report: &Report, format: Format, color: bool) -> Result<String, String> {
    Ok(match format {
        Format::Text => text::render(report, color),
        Format::Markdown => markdown::render(report),
        Format::Html => html::render(report),
        Format::Json => {
            let json = serde_json::to_string_pretty(report).map_err(|error| format!("JSON: {error}"))?;
            json + "\n"
        }
    })
}
