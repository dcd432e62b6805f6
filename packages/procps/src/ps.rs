// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ps`: the processes (POSIX ps, and of procps what people type: `ps aux`, `ps axo pid,comm`, `--sort`).

mod options;

use crate::columns::{self, Column};
use crate::process::{self, Process};
use crate::system::System;
use crate::{Failure, layout, order};
use options::{Options, Style};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::Path;

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let args: Vec<OsString> = parser.raw_args()?.collect();
    let stdout = std::io::stdout();
    let width = if stdout.is_terminal() {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let size = || qos_sys::tty::size(&stdout).ok().map(|(_, columns)| usize::from(columns));
        columns.or_else(size).filter(|columns| *columns > 0)
    } else {
        None
    };
    run(Path::new("/"), qos_sys::process::id(), width, &args, out)
}

/// `ps` of the system below `root`, called by process `own`, for a terminal of `width` columns.
fn run(
    root: &Path,
    own: i32,
    width: Option<usize>,
    args: &[OsString],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let system = System::read(root)?;
    let options = Options::parse(args, &system)?;
    let columns = columns_of(&options, &system)?;
    let mut processes = process::all(root)?;
    let own = processes.iter().find(|process| process.pid == own).cloned().unwrap_or_default();
    processes.retain(|process| options.selection.has(process, &own));
    let found = !processes.is_empty();
    if let Some(keys) = &options.sort {
        order::sort(&mut processes, keys, &system);
    }
    let rows: Vec<(Process, String)> = if options.forest {
        order::forest(processes)
    } else {
        processes.into_iter().map(|process| (process, String::new())).collect()
    };
    let width = match options.wide {
        0 => width,
        1 => width.map(|width| width.max(132)),
        _ => None,
    };
    if options.header && columns.iter().any(|column| !column.title.is_empty()) {
        writeln!(out, "{}", layout::titles(&columns, width))?;
    }
    for (process, lines) in rows {
        let mut cells: Vec<String> = columns.iter().map(|column| (column.cell)(&process, &system)).collect();
        if let Some(last) = cells.last_mut() {
            last.insert_str(0, &lines);
        }
        writeln!(out, "{}", layout::line(&columns, &cells, width))?;
    }
    if found { Ok(()) } else { Err(Failure::silent(1)) }
}

/// The requested columns, or those of the style.
fn columns_of(options: &Options, system: &System) -> Result<Vec<Column>, Failure> {
    if !options.columns.is_empty() {
        return Ok(options.columns.clone());
    }
    let list: &[&str] = match options.style {
        Style::Plain => &["pid", "tname", "time", "ucmd"],
        Style::Full => &["user=UID", "pid", "ppid", "c", "stime", "tname", "time", "cmd"],
        Style::Extra => {
            &["user=UID", "pid", "ppid", "c", "sz", "rss", "psr", "stime", "tname", "time", "cmd"]
        }
        Style::Long => &[
            "f", "s", "uid", "pid", "ppid", "c", "opri", "ni", "addr", "sz", "wchan", "tname", "time", "ucmd",
        ],
        Style::LongFull => &[
            "f", "s", "user=UID", "pid", "ppid", "c", "opri", "ni", "addr", "sz", "wchan", "stime", "tname",
            "time", "cmd",
        ],
        Style::Jobs => &["pid", "pgid", "sid", "tname", "time", "ucmd"],
        Style::Bsd => &["pid", "tname", "stat", "bsdtime", "args"],
        Style::BsdUser => {
            &["user", "pid", "%cpu", "%mem", "vsz", "rss", "tname", "stat", "start_time", "bsdtime", "args"]
        }
        Style::BsdLong => &[
            "f", "uid", "pid", "ppid", "priority", "ni", "vsz", "rss", "wchan", "stat", "tname", "bsdtime",
            "args",
        ],
        Style::BsdJobs => &["ppid", "pid", "pgid", "sid", "tname", "tpgid", "stat", "uid", "bsdtime", "args"],
    };
    let mut columns = Vec::new();
    for name in list {
        columns.extend(columns::parse(name, system)?);
    }
    Ok(columns)
}

#[cfg(test)]
mod tests;
