// SPDX-License-Identifier: MIT OR Apache-2.0
//! The boots of both revisions as a picture: inline SVG; the style of the page gives the colours.

use crate::escape::html;
use crate::report::{Amount, Report, Service, ServiceChange, Side, Span};
use crate::services;
use crate::summary::{self, TOP};
use crate::units::{NONE, Unit, in_millions, thousands, ticks};
use qos_bootlog::services::State;
use std::fmt::Write;

/// The picture's width in its own units; the page scales it.
const WIDTH: f64 = 1000.0;
/// Where the bars begin and how wide the longest is. Names stand left of them, numbers right.
const LEFT: f64 = 190.0;
const SPAN: f64 = 490.0;
/// Of a pair of bars: one for each revision, and a gap to the next pair.
const BAR: f64 = 11.0;
const ROW: f64 = 34.0;
/// The axis has at most one more round number than this.
const TICKS: u64 = 8;
/// A bar that is too short to see is drawn this wide.
const VISIBLE: f64 = 1.5;
/// A picture of more services than this would hide what a reviewer looks for.
const MOST_SERVICES: usize = 40;
/// Names longer than this are cut; the whole name is in the bar's title.
const LONGEST_NAME: usize = 26;

/// A bar for each phase, where it begins and ends in the boot; both revisions on the same scale.
pub(crate) fn phases(report: &Report) -> String {
    let rows = report.phases.iter().map(|amount| {
        let of = |side: &Side| side.phases.iter().find(|span| span.name == amount.name).cloned();
        Row::of(report, amount, [of(&report.base), of(&report.head)], summary::has_costs(report))
    });
    let axis = "instructions from the kernel's first line, in millions";
    draw(&rows.collect::<Vec<_>>(), 0, axis, "Timeline of the boot by phase")
}

/// A bar for each of the most expensive initcalls of either revision; its length is the cost.
pub(crate) fn initcalls(report: &Report) -> String {
    let sides = [&report.base, &report.head];
    let find = |side: &Side, name: &str| side.initcalls.iter().find(|span| span.name == name).cloned();
    let mut all: Vec<&Span> = sides.iter().flat_map(|side| &side.initcalls).collect();
    all.sort_by(|one, other| (other.instructions, &one.name).cmp(&(one.instructions, &other.name)));
    let mut rows: Vec<Row> = Vec::new();
    for span in all {
        if rows.len() < TOP && rows.iter().all(|row| row.name != span.name) {
            let spans = sides.map(|side| find(side, &span.name));
            let [base, head] = [0, 1].map(|side| spans[side].as_ref().map(|span| span.instructions));
            let amount = Amount::new(&span.name, base, head);
            let mut row = Row::of(report, &amount, spans, report.initcalls.is_some());
            row.bars.iter_mut().flatten().for_each(|bar| (bar.start, bar.end) = (0, bar.end - bar.start));
            rows.push(row);
        }
    }
    let axis = "cost in millions of instructions, in the boot with initcall_debug";
    draw(&rows, 0, axis, "Most expensive initcalls")
}

/// A bar for each service, from the beginning to the end of its start, in the order in which they started. Of the other units,
/// targets are drawn if they changed.
pub(crate) fn services(report: &Report) -> String {
    let sides = [&report.base, &report.head];
    let changes = report.services.as_deref().unwrap_or_default();
    let change = |name: &str| changes.iter().find(|change| change.name == name);
    let mut units: Vec<&Service> = Vec::new();
    for unit in sides.iter().rev().flat_map(|side| &side.services) {
        let is_drawn = !unit.name.ends_with(".target") || change(&unit.name).is_some();
        if is_drawn && units.iter().all(|other| other.name != unit.name) {
            units.push(unit);
        }
    }
    units.sort_by_key(|unit| (unit.end.is_none(), unit.end));
    let rows: Vec<Row> = units
        .iter()
        .take(MOST_SERVICES)
        .map(|unit| {
            let of = sides.map(|side| side.services.iter().find(|other| other.name == unit.name));
            let [base, head] = of.map(|service| service.and_then(|service| service.instructions));
            let amount = Amount::new(&unit.name, base, head);
            let difference = match change(&unit.name) {
                Some(change) if change.fails_now() => "fails".to_owned(),
                _ if amount.difference.is_some() => Unit::Instructions.difference(&amount),
                Some(ServiceChange { base: None, .. }) => "new".to_owned(),
                Some(ServiceChange { head: None, .. }) => "gone".to_owned(),
                Some(change) if change.differs == ["order"] => "other order".to_owned(),
                Some(_) => "other state".to_owned(),
                None => "same".to_owned(),
            };
            Row {
                name: unit.name.clone(),
                values: of.map(services::value),
                bars: [0, 1].map(|side| Bar::of(sides[side], of[side]?)),
                difference: if report.services.is_some() { difference } else { NONE.to_owned() },
            }
        })
        .collect();
    let starts = rows.iter().flat_map(|row| row.bars.iter().flatten()).map(|bar| bar.start);
    let axis = "instructions from the kernel's first line, in millions";
    let mut out = draw(&rows, starts.min().unwrap_or(0), axis, "Timeline of the starts of services");
    if let Some(more) = units.len().checked_sub(MOST_SERVICES).filter(|more| *more > 0) {
        out.push_str(&format!("<p>and {} more</p>\n", thousands(more as u64)));
    }
    out
}

/// A name with a bar for each revision.
struct Row {
    name: String,
    values: [String; 2],
    bars: [Option<Bar>; 2],
    difference: String,
}

/// From where to where, in instructions.
struct Bar {
    start: u64,
    end: u64,
    failed: bool,
    title: String,
}

impl Row {
    /// The row of an amount, with the part of the boot that it is the cost of. Unless both revisions have the data
    /// (`compared`), what only one has is neither new nor gone.
    fn of(report: &Report, amount: &Amount, spans: [Option<Span>; 2], compared: bool) -> Self {
        let sides = [&report.base.name, &report.head.name];
        let value =
            |span: &Option<Span>| Unit::Instructions.show(span.as_ref().map(|span| span.instructions));
        let bar = |side: usize| {
            let span = spans[side].as_ref()?;
            let begins =
                span.start.map(|start| format!(", from {} on", Unit::Instructions.show(Some(start))));
            let (start, value) = (span.start.unwrap_or(0), value(&spans[side]));
            let title = format!("{} in {}: {value}{}", amount.name, sides[side], begins.unwrap_or_default());
            Some(Bar { start, end: start.saturating_add(span.instructions), failed: false, title })
        };
        Self {
            name: amount.name.clone(),
            values: [value(&spans[0]), value(&spans[1])],
            bars: [bar(0), bar(1)],
            difference: if compared { Unit::Instructions.difference(amount) } else { NONE.to_owned() },
        }
    }
}

impl Bar {
    /// The bar of a service; `None` if nothing of it was started.
    fn of(side: &Side, service: &Service) -> Option<Self> {
        let end = service.end.filter(|_| service.state != State::NotStarted.name())?;
        let start = service.start.unwrap_or(end).min(end);
        let (state, at) = (service.outcome(), Unit::Instructions.show(Some(end)));
        let title = format!("{} in {}: {state} at {at}", service.name, side.name);
        Some(Self { start, end, failed: service.has_failed(), title })
    }
}

/// Draws the rows, with a scale that begins at the round number before `from`.
fn draw(rows: &[Row], from: u64, axis: &str, title: &str) -> String {
    let ends = rows.iter().flat_map(|row| row.bars.iter().flatten()).map(|bar| bar.end);
    let to = ends.max().unwrap_or(0);
    if to == 0 {
        return String::new();
    }
    let ticks = ticks(from, to, TICKS);
    let scale = Scale { from: ticks.first().copied().unwrap_or(0).min(from), to };
    let top = 30.0;
    let bottom = top + ROW * rows.len() as f64;
    // Writing to a String cannot fail, here and below.
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg class=\"timeline\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{}\">",
        bottom + 22.0,
        html(title)
    );
    for tick in ticks {
        let x = scale.x(tick);
        let _ =
            writeln!(out, "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{top}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>");
        let label = in_millions(tick);
        let _ = writeln!(out, "<text class=\"tick\" x=\"{x:.1}\" y=\"{}\">{label}</text>", top - 8.0);
    }
    for (at, row) in rows.iter().enumerate() {
        draw_row(&mut out, row, top + ROW * at as f64, &scale);
    }
    let y = bottom + 15.0;
    let _ = writeln!(out, "<text class=\"axis\" x=\"{LEFT}\" y=\"{y}\">{}</text>\n</svg>", html(axis));
    out
}

fn draw_row(out: &mut String, row: &Row, y: f64, scale: &Scale) {
    let name = &row.name;
    let _ = writeln!(out, "<line class=\"rule\" x1=\"0\" y1=\"{y}\" x2=\"{WIDTH}\" y2=\"{y}\"/>");
    let _ = writeln!(
        out,
        "<text class=\"name\" x=\"{}\" y=\"{}\">{}<title>{}</title></text>",
        LEFT - 12.0,
        y + ROW / 2.0 + 4.5,
        html(&shortened(name)),
        html(name)
    );
    for (side, (bar, value)) in row.bars.iter().zip(&row.values).enumerate() {
        let y = y + 4.0 + side as f64 * (BAR + 3.0);
        let (text_x, text_y) = (LEFT + SPAN + 110.0, y + BAR - 1.5);
        let _ = writeln!(out, "<text class=\"value\" x=\"{text_x}\" y=\"{text_y}\">{}</text>", html(value));
        let Some(bar) = bar else { continue };
        let class = match (side, bar.failed) {
            (0, false) => "base",
            (0, true) => "base failed",
            (_, false) => "head",
            (_, true) => "head failed",
        };
        let x = scale.x(bar.start);
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{x:.2}\" y=\"{y}\" width=\"{:.2}\" height=\"{BAR}\"><title>{}</title></rect>",
            (scale.x(bar.end) - x).max(VISIBLE),
            html(&bar.title)
        );
    }
    let class = match row.difference.chars().next() {
        _ if row.difference == "fails" => "more",
        Some('+') => "more",
        Some('−') => "less",
        _ => "same",
    };
    let (x, y) = (LEFT + SPAN + 128.0, y + ROW / 2.0 + 4.5);
    let _ = writeln!(
        out,
        "<text class=\"difference {class}\" x=\"{x}\" y=\"{y}\">{}</text>",
        html(&row.difference)
    );
}

/// From which to which instruction the bars' part of the picture is.
struct Scale {
    from: u64,
    to: u64,
}

impl Scale {
    fn x(&self, at: u64) -> f64 {
        LEFT + at.saturating_sub(self.from) as f64 * (SPAN / (self.to - self.from).max(1) as f64)
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    name.chars().take(LONGEST_NAME - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut() {
        assert_eq!(shortened("populate_rootfs"), "populate_rootfs");
        assert_eq!(shortened("acpi_processor_throttling_init").chars().count(), LONGEST_NAME);
        assert_eq!(shortened("grüne_äpfel_und_birnen_init"), "grüne_äpfel_und_birnen_in…");
    }
}
