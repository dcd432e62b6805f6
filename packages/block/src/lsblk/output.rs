// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lsblk`'s table, with a tree in the column of names, and its JSON.

use super::cell::Cell;
use super::column::Column;
use std::io::{self, Write};

/// A device, and those below it.
pub struct Row {
    pub cells: Vec<Cell>,
    pub below: Vec<Row>,
}

/// How the table looks.
pub struct Style {
    pub head: bool,
    pub tree: bool,
    pub raw: bool,
}

/// What a terminal would act on becomes `\xHH`.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() {
            let mut bytes = [0; 4];
            out.extend(char.encode_utf8(&mut bytes).bytes().map(|byte| format!("\\x{byte:02x}")));
        } else {
            out.push(char);
        }
    }
    out
}

/// The rows as lines of cells, with those of devices below after each.
fn flat(
    columns: &[Column],
    rows: &[Row],
    style: &Style,
    before: &str,
    top: bool,
    lines: &mut Vec<Vec<String>>,
) {
    for (at, row) in rows.iter().enumerate() {
        let is_last = at + 1 == rows.len();
        let (branch, trunk) = match (style.tree && !top, is_last) {
            (false, _) => ("", ""),
            (true, true) => ("└─", "  "),
            (true, false) => ("├─", "│ "),
        };
        let cells: Vec<Vec<String>> = row.cells.iter().map(Cell::lines).collect();
        let height = if style.raw { 1 } else { cells.iter().map(Vec::len).max().unwrap_or(0).max(1) };
        for line in 0..height {
            let text = |(column, cell): (&Column, &Vec<String>)| {
                let text =
                    if style.raw { cell.join("\\x0a") } else { cell.get(line).cloned().unwrap_or_default() };
                let text = visible(&text);
                match (column, line) {
                    (Column::Name, 0) if style.tree => format!("{before}{branch}{text}"),
                    (Column::Name, _) if style.tree => {
                        let below = if row.below.is_empty() { "" } else { "│ " };
                        format!("{before}{trunk}{below}")
                    }
                    _ => text,
                }
            };
            lines.push(columns.iter().zip(&cells).map(text).collect());
        }
        flat(columns, &row.below, style, &format!("{before}{trunk}"), false, lines);
    }
}

pub fn table(columns: &[Column], rows: &[Row], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = Vec::new();
    if style.head {
        lines.push(columns.iter().map(|column| column.title().to_owned()).collect());
    }
    flat(columns, rows, style, "", true, &mut lines);
    let length = |text: &str| text.chars().count();
    let width = |at: usize| lines.iter().map(|line: &Vec<String>| length(&line[at])).max().unwrap_or(0);
    // Sizes of up to five characters leave the table as it is.
    let least = |at: usize| if columns[at] == Column::Size && !style.raw { 5 } else { 0 };
    let widths: Vec<usize> = (0..columns.len()).map(|at| width(at).max(least(at))).collect();
    for line in &lines {
        let mut text = String::new();
        for (at, cell) in line.iter().enumerate() {
            if at > 0 {
                text.push(' ');
            }
            let space = if style.raw { 0 } else { widths[at] - length(cell) };
            let is_last = at + 1 == line.len();
            if columns[at].is_right() {
                text.extend(std::iter::repeat_n(' ', space));
                text.push_str(cell);
            } else {
                let cell = if style.raw { cell.trim().replace(' ', "\\x20") } else { cell.clone() };
                text.push_str(&cell);
                text.extend(std::iter::repeat_n(' ', if is_last { 0 } else { space }));
            }
        }
        writeln!(out, "{text}")?;
    }
    Ok(())
}

pub fn json(columns: &[Column], rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{{\n   \"blockdevices\": [")?;
    objects(columns, rows, 6, out)?;
    writeln!(out, "   ]\n}}")
}

fn objects(columns: &[Column], rows: &[Row], indent: usize, out: &mut dyn Write) -> io::Result<()> {
    let space = " ".repeat(indent);
    for (at, row) in rows.iter().enumerate() {
        if at == 0 {
            write!(out, "{space}{{")?;
        } else {
            write!(out, ",{{")?;
        }
        for (at, (column, cell)) in columns.iter().zip(&row.cells).enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(out, "{comma}\n{space}   \"{}\": {}", column.title().to_lowercase(), cell.json())?;
        }
        if !row.below.is_empty() {
            writeln!(out, ",\n{space}   \"children\": [")?;
            objects(columns, &row.below, indent + 6, out)?;
            write!(out, "{space}   ]")?;
        }
        write!(out, "\n{space}}}")?;
    }
    if rows.is_empty() { Ok(()) } else { writeln!(out) }
}
