// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files of the initramfs as a treemap: inline SVG; the style of the page gives the colours.
//!
//! An area is the size in the head, or in the base for a file that is gone.

use crate::escape::html;
use crate::report::{Amount, Report};
use crate::squarify::{Area, squarified};
use crate::summary::{Row, row};
use crate::units::{NONE, Unit, count, thousands};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The picture in its own units; the page scales it.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 440.0;
/// Of a directory: its name above its files, and a margin around them.
const NAME: f64 = 17.0;
const MARGIN: f64 = 2.0;
/// The width of a character, and the room that a line of text needs.
const CHARACTER: f64 = 6.8;
const LINE: f64 = 15.0;
/// The most cells of a picture, and the smallest share of the whole that has a cell of its own: 1 / 2000.
const MOST: usize = 150;
const SMALLEST: u64 = 2000;

/// A file, or several small ones of one directory.
#[derive(Clone, Debug, PartialEq)]
struct Cell {
    path: String,
    files: usize,
    base: Option<u64>,
    head: Option<u64>,
}

impl Cell {
    fn weight(&self) -> u64 {
        self.head.or(self.base).unwrap_or(0)
    }

    fn amount(&self) -> Amount {
        Amount::new(&self.path, self.base, self.head)
    }

    /// Several as one.
    fn of_all(path: String, cells: &[&Cell]) -> Self {
        let sum =
            |of: fn(&Cell) -> Option<u64>| cells.iter().filter_map(|cell| of(cell)).reduce(|a, b| a + b);
        Cell {
            path,
            files: cells.iter().map(|cell| cell.files).sum(),
            base: sum(|cell| cell.base),
            head: sum(|cell| cell.head),
        }
    }
}

/// A cell with its place, or the frame of a directory, which stands before its cells.
enum Item {
    Cell(Cell, Area),
    Directory(String, Area),
}

/// The picture and the same as rows of a table, the largest first; `None` without a file that has contents.
pub(crate) fn draw(report: &Report) -> Option<(String, Vec<Row>)> {
    let is_compared = report.files.is_some();
    let mut files: BTreeMap<&str, [Option<u64>; 2]> = BTreeMap::new();
    for (at, side) in [&report.base, &report.head].into_iter().enumerate() {
        for (path, bytes) in &side.files {
            files.entry(path).or_default()[at] = Some(*bytes);
        }
    }
    let files: Vec<Cell> = files
        .into_iter()
        .map(|(path, [base, head])| Cell { path: path.to_owned(), files: 1, base, head })
        .filter(|cell| cell.weight() > 0)
        .collect();
    let items = layout(&files)?;
    let mut out = format!(
        "<svg class=\"treemap\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n",
        html(&label(&files))
    );
    let mut cells: Vec<&Cell> = Vec::new();
    for item in &items {
        match item {
            Item::Cell(cell, area) => {
                out.push_str(&rectangle(cell, *area, is_compared));
                cells.push(cell);
            }
            Item::Directory(name, area) => {
                // Writing to a String cannot fail.
                let _ = writeln!(
                    out,
                    "<rect class=\"directory\" {}/><text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                    place(*area),
                    area.x + 5.0,
                    area.y + 13.0,
                    html(&cut(name, area.width))
                );
            }
        }
    }
    cells.sort_by(|one, other| (other.weight(), &one.path).cmp(&(one.weight(), &other.path)));
    let rows = cells.iter().map(|cell| {
        let mut row = row(&described(cell), &cell.amount(), Unit::Bytes);
        if !is_compared {
            row[3] = NONE.to_owned();
        }
        row
    });
    Some((out + "</svg>\n", rows.collect()))
}

/// What is seen at a glance, in words.
fn label(files: &[Cell]) -> String {
    let mut largest: Vec<&Cell> = files.iter().collect();
    largest.sort_by_key(|cell| std::cmp::Reverse(cell.weight()));
    let names: Vec<String> =
        largest.iter().take(3).map(|cell| format!("{} ({})", cell.path, thousands(cell.weight()))).collect();
    format!(
        "Treemap of the initramfs: {}, {} bytes; the largest: {}",
        count(files.len(), "file"),
        thousands(files.iter().map(Cell::weight).sum()),
        names.join(", ")
    )
}

/// Cells in their places, not more than [`MOST`] if that is possible without dropping directories.
fn layout(files: &[Cell]) -> Option<Vec<Item>> {
    let total: u64 = files.iter().map(Cell::weight).sum();
    let whole = Area { x: 0.0, y: 0.0, width: WIDTH, height: HEIGHT };
    let mut smallest = (total / SMALLEST).max(1);
    loop {
        let mut items = Vec::new();
        let all: Vec<&Cell> = files.iter().collect();
        directory("", &all, whole, smallest, &mut items);
        let cells = items.iter().filter(|item| matches!(item, Item::Cell(..))).count();
        if cells <= MOST || smallest >= total {
            return (cells > 0).then_some(items);
        }
        smallest += smallest / 4 + 1;
    }
}

/// Places what is below `prefix`, which is empty or ends with `/`.
fn directory(prefix: &str, files: &[&Cell], area: Area, smallest: u64, items: &mut Vec<Item>) {
    let mut names: BTreeMap<&str, Vec<&Cell>> = BTreeMap::new();
    for file in files {
        let rest = &file.path[prefix.len()..];
        let end = rest.find('/').map_or(rest.len(), |at| at + 1);
        names.entry(&rest[..end]).or_default().push(file);
    }
    let mut large: Vec<(u64, &str, Vec<&Cell>)> = Vec::new();
    let mut small: Vec<&Cell> = Vec::new();
    for (name, files) in names {
        let weight = files.iter().map(|file| file.weight()).sum();
        if weight >= smallest { large.push((weight, name, files)) } else { small.extend(files) }
    }
    if !small.is_empty() {
        large.push((small.iter().map(|file| file.weight()).sum(), "", small));
    }
    // Stable: of equal sizes the first by name.
    large.sort_by_key(|(weight, ..)| std::cmp::Reverse(*weight));
    let weights: Vec<u64> = large.iter().map(|(weight, ..)| *weight).collect();
    for ((_, name, files), area) in large.iter().zip(squarified(&weights, area)) {
        let path = format!("{prefix}{name}");
        let inner = Area {
            x: area.x + MARGIN,
            y: area.y + NAME,
            width: area.width - 2.0 * MARGIN,
            height: area.height - NAME - MARGIN,
        };
        let is_directory = name.ends_with('/');
        if is_directory && inner.width > 2.0 * LINE && inner.height > LINE {
            // A directory with nothing but one directory shares its frame.
            let path = common(&path, files);
            items.push(Item::Directory(path.clone(), area));
            directory(&path, files, inner, smallest, items);
        } else {
            items.push(Item::Cell(Cell::of_all(path, files), area));
        }
    }
}

/// The deepest directory that has all of these files.
fn common(path: &str, files: &[&Cell]) -> String {
    let mut path = path.to_owned();
    while let Some(end) = files[0].path[path.len()..].find('/') {
        let next = &files[0].path[..=path.len() + end];
        if !files.iter().all(|file| file.path.starts_with(next)) {
            break;
        }
        path = next.to_owned();
    }
    path
}

/// `bin/qos`, or `etc/: 12 files`.
fn described(cell: &Cell) -> String {
    match cell.path.ends_with('/') || cell.path.is_empty() {
        true => {
            format!("{}: {}", if cell.path.is_empty() { "/" } else { &cell.path }, count(cell.files, "file"))
        }
        false => cell.path.clone(),
    }
}

fn rectangle(cell: &Cell, area: Area, is_compared: bool) -> String {
    let difference = Unit::Bytes.difference(&cell.amount());
    let class = match (cell.base, cell.head) {
        _ if !is_compared => "same",
        (_, None) => "gone",
        (Some(base), Some(head)) if base == head => "same",
        (Some(base), Some(head)) if head < base => "less",
        _ => "more",
    };
    let size = format!("{} bytes", thousands(cell.weight()));
    let what = if is_compared { format!("{size}, {difference}") } else { size.clone() };
    let path = described(cell);
    let name = match cell.path.trim_end_matches('/').rsplit('/').next() {
        Some(name) if !cell.path.ends_with('/') && !name.is_empty() => name.to_owned(),
        _ => count(cell.files, "file"),
    };
    let second = if class == "same" { &size } else { &difference };
    let mut texts = String::new();
    for (line, text) in [(1.0, cut(&name, area.width)), (2.0, cut(second, area.width))] {
        // A cut number would be another one.
        let is_whole = line == 1.0 || text == *second;
        if area.height > line * LINE + 3.0 && !text.is_empty() && is_whole {
            let (x, y) = (area.x + 5.0, area.y + line * LINE - 2.0);
            texts.push_str(&format!("<text x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", html(&text)));
        }
    }
    format!(
        "<g class=\"{class}\"><title>{}: {}</title><rect {}/>{texts}</g>\n",
        html(&path),
        html(&what),
        place(area)
    )
}

fn place(Area { x, y, width, height }: Area) -> String {
    format!("x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"")
}

/// As much of a text as an area of this width has room for; nothing if that would be a few characters only.
fn cut(text: &str, width: f64) -> String {
    // The number of characters is small and not negative.
    let room = ((width - 8.0) / CHARACTER).max(0.0) as usize;
    match text.chars().count() {
        length if length <= room => text.to_owned(),
        _ if room < 6 => String::new(),
        _ => text.chars().take(room - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, u64, u64)]) -> Vec<Cell> {
        let some = |bytes: u64| (bytes > 0).then_some(bytes);
        let cell = |(path, base, head): &(&str, u64, u64)| Cell {
            path: (*path).to_owned(),
            files: 1,
            base: some(*base),
            head: some(*head),
        };
        files.iter().map(cell).collect()
    }

    /// The places of a layout: `PATH FILES BASE HEAD`, directories with their path only.
    fn shown(items: &[Item]) -> Vec<String> {
        let number = |bytes: Option<u64>| bytes.map_or("-".to_owned(), |bytes| bytes.to_string());
        let item = |item: &Item| match item {
            Item::Directory(path, _) => path.clone(),
            Item::Cell(cell, _) => {
                format!("{} {} {} {}", cell.path, cell.files, number(cell.base), number(cell.head))
            }
        };
        items.iter().map(item).collect()
    }

    #[test]
    fn directories_and_small_files() {
        let all = files(&[
            ("bin/qos", 90_000, 100_000),
            ("etc/a", 5, 5),
            ("etc/b", 7, 0),
            ("init", 4, 4),
            ("lib/modules/7/a.ko", 20_000, 20_000),
            ("lib/modules/7/b.ko", 0, 30_000),
            ("lib/modules/7/c", 1, 1),
            ("old", 10_000, 0),
        ]);
        let items = layout(&all).expect("a layout");
        assert_eq!(
            shown(&items),
            [
                "bin/",
                "bin/qos 1 90000 100000",
                "lib/modules/7/",
                "lib/modules/7/b.ko 1 - 30000",
                "lib/modules/7/a.ko 1 20000 20000",
                "lib/modules/7/ 1 1 1",
                "old 1 10000 -",
                " 3 16 9",
            ]
        );
    }

    #[test]
    fn many_files_are_few_cells() {
        let paths: Vec<String> = (0..5000).map(|at| format!("d{}/e{}/f{at}", at % 7, at % 2)).collect();
        let all: Vec<(&str, u64, u64)> =
            paths.iter().zip(1u64..).map(|(path, at)| (path.as_str(), at, at.pow(4))).collect();
        let items = layout(&files(&all)).expect("a layout");
        let cells: Vec<&Cell> = items
            .iter()
            .filter_map(|item| if let Item::Cell(cell, _) = item { Some(cell) } else { None })
            .collect();
        assert!(cells.len() <= MOST && cells.len() > MOST / 4, "{}", cells.len());
        assert_eq!(cells.iter().map(|cell| cell.files).sum::<usize>(), 5000);
        assert_eq!(layout(&[]).map(|items| items.len()), None);
    }

    #[test]
    fn names_and_colours() {
        let area = Area { x: 0.0, y: 0.0, width: 100.0, height: 40.0 };
        let check = |path: &str, base: u64, head: u64, expect: &str| {
            let got = rectangle(&files(&[(path, base, head)])[0], area, true);
            let rect = "<rect x=\"0.0\" y=\"0.0\" width=\"100.0\" height=\"40.0\"/>";
            assert_eq!(got.replace(rect, "|").trim_end(), expect);
        };
        check(
            "a/b<c",
            1000,
            1000,
            "<g class=\"same\"><title>a/b&lt;c: 1 000 bytes, same</title>|<text x=\"5.0\" y=\"13.0\">b&lt;c</text><text x=\"5.0\" y=\"28.0\">1 000 bytes</text></g>",
        );
        check(
            "a/a-long-name-of-a-module.ko",
            0,
            7,
            "<g class=\"more\"><title>a/a-long-name-of-a-module.ko: 7 bytes, new</title>|<text x=\"5.0\" y=\"13.0\">a-long-name-…</text><text x=\"5.0\" y=\"28.0\">new</text></g>",
        );
        check(
            "a",
            9,
            0,
            "<g class=\"gone\"><title>a: 9 bytes, gone</title>|<text x=\"5.0\" y=\"13.0\">a</text><text x=\"5.0\" y=\"28.0\">gone</text></g>",
        );
        // The difference is too long for the cell.
        check(
            "a",
            1_234_567,
            1_000_000,
            "<g class=\"less\"><title>a: 1 000 000 bytes, −234 567 (−19 %)</title>|<text x=\"5.0\" y=\"13.0\">a</text></g>",
        );
    }
}
