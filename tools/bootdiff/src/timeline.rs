// SPDX-License-Identifier: MIT OR Apache-2.0
//! The boots of both revisions as a picture: inline SVG; the style of the page gives the colours.

use crate::escape::html;
use crate::report::{Amount, Report, Side, Span};
use crate::summary::{self, TOP};
use crate::units::{NONE, Unit};
use std::fmt::Write;

/// The picture's width in its own units; the page scales it.
const WIDTH: f64 = 1000.0;
/// Where the bars begin and how wide the longest is. Names stand left of them, numbers right.
const LEFT: f64 = 190.0;
const SPAN: f64 = 490.0;
/// Of a pair of bars: one for each revision, and a gap to the next pair.
const BAR: f64 = 11.0;
const ROW: f64 = 34.0;
/// A bar that is too short to see is drawn this wide.
const VISIBLE: f64 = 1.5;
/// Names longer than this are cut; the whole name is in the bar's title.
const LONGEST_NAME: usize = 26;

/// A bar for each phase, where it begins and ends in the boot; both revisions on the same scale.
pub(crate) fn phases(report: &Report) -> String {
    let rows: Vec<Bars> = report
        .phases
        .iter()
        .map(|amount| {
            let of = |side: &Side| side.phases.iter().find(|span| span.name == amount.name).cloned();
            Bars { amount: amount.clone(), spans: [of(&report.base), of(&report.head)] }
        })
        .collect();
    let what = "instructions from the kernel's first line, in millions";
    let names = [&report.base.name, &report.head.name];
    let chart = Chart { in_place: true, compared: summary::has_costs(report), names };
    chart.draw(&rows, what, "Timeline of the boot by phase")
}

/// A bar for each of the most expensive initcalls of either revision; its length is the cost.
pub(crate) fn initcalls(report: &Report) -> String {
    let sides = [&report.base, &report.head];
    let find = |side: &Side, name: &str| side.initcalls.iter().find(|span| span.name == name).cloned();
    let mut all: Vec<&Span> = sides.iter().flat_map(|side| &side.initcalls).collect();
    all.sort_by(|one, other| (other.instructions, &one.name).cmp(&(one.instructions, &other.name)));
    let mut rows: Vec<Bars> = Vec::new();
    for span in all {
        if rows.len() < TOP && rows.iter().all(|row| row.amount.name != span.name) {
            let spans = sides.map(|side| find(side, &span.name));
            let [base, head] = [0, 1].map(|side| spans[side].as_ref().map(|span| span.instructions));
            rows.push(Bars { amount: Amount::new(&span.name, base, head), spans });
        }
    }
    let what = "cost in millions of instructions, in the boot with initcall_debug";
    let names = [&report.base.name, &report.head.name];
    let chart = Chart { in_place: false, compared: report.initcalls.is_some(), names };
    chart.draw(&rows, what, "Most expensive initcalls")
}

/// A name with a bar for each revision.
struct Bars {
    amount: Amount,
    spans: [Option<Span>; 2],
}

/// How the bars of a picture are to be drawn.
struct Chart<'a> {
    /// A bar begins where its part of the boot does; else at 0.
    in_place: bool,
    /// Both revisions have the drawn data, so an element that only one of them has is new or removed.
    compared: bool,
    /// What the revisions are called.
    names: [&'a String; 2],
}

impl Chart<'_> {
    fn start(&self, span: &Span) -> u64 {
        if self.in_place { span.start.unwrap_or(0) } else { 0 }
    }

    fn draw(&self, rows: &[Bars], axis: &str, title: &str) -> String {
        let spans = rows.iter().flat_map(|row| row.spans.iter().flatten());
        let longest = spans.map(|span| self.start(span) + span.instructions).max().unwrap_or(0);
        if longest == 0 {
            return String::new();
        }
        let scale = SPAN / longest as f64;
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
        for tick in ticks(longest) {
            let x = LEFT + tick as f64 * scale;
            let _ = writeln!(
                out,
                "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{top}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>"
            );
            let label = tick_label(tick);
            let _ = writeln!(out, "<text class=\"tick\" x=\"{x:.1}\" y=\"{}\">{label}</text>", top - 8.0);
        }
        for (at, row) in rows.iter().enumerate() {
            self.draw_row(&mut out, row, top + ROW * at as f64, scale);
        }
        let y = bottom + 15.0;
        let _ = writeln!(out, "<text class=\"axis\" x=\"{LEFT}\" y=\"{y}\">{}</text>\n</svg>", html(axis));
        out
    }

    fn draw_row(&self, out: &mut String, row: &Bars, y: f64, scale: f64) {
        let name = &row.amount.name;
        let _ = writeln!(out, "<line class=\"rule\" x1=\"0\" y1=\"{y}\" x2=\"{WIDTH}\" y2=\"{y}\"/>");
        let _ = writeln!(
            out,
            "<text class=\"name\" x=\"{}\" y=\"{}\">{}<title>{}</title></text>",
            LEFT - 12.0,
            y + ROW / 2.0 + 4.5,
            html(&shortened(name)),
            html(name)
        );
        for (side, span) in row.spans.iter().enumerate() {
            let class = ["base", "head"][side];
            let y = y + 4.0 + side as f64 * (BAR + 3.0);
            let (text_x, text_y) = (LEFT + SPAN + 110.0, y + BAR - 1.5);
            let value = Unit::Instructions.show(span.as_ref().map(|span| span.instructions));
            let _ = writeln!(out, "<text class=\"value\" x=\"{text_x}\" y=\"{text_y}\">{value}</text>");
            let Some(span) = span else { continue };
            let begins =
                span.start.map(|start| format!(", from {} on", Unit::Instructions.show(Some(start))));
            let title = format!("{name} in {}: {value}{}", self.names[side], begins.unwrap_or_default());
            let _ = writeln!(
                out,
                "<rect class=\"{class}\" x=\"{:.2}\" y=\"{y}\" width=\"{:.2}\" height=\"{BAR}\"><title>{}</title></rect>",
                LEFT + self.start(span) as f64 * scale,
                (span.instructions as f64 * scale).max(VISIBLE),
                html(&title)
            );
        }
        let difference =
            if self.compared { Unit::Instructions.difference(&row.amount) } else { NONE.to_owned() };
        let class = match difference.chars().next() {
            Some('+') => "more",
            Some('−') => "less",
            _ => "same",
        };
        let (x, y) = (LEFT + SPAN + 128.0, y + ROW / 2.0 + 4.5);
        let _ = writeln!(
            out,
            "<text class=\"difference {class}\" x=\"{x}\" y=\"{y}\">{}</text>",
            html(&difference)
        );
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    name.chars().take(LONGEST_NAME - 1).chain(['…']).collect()
}

/// Four to nine round numbers from 0 to `longest`: steps of 1, 2 or 5 times a power of ten.
fn ticks(longest: u64) -> Vec<u64> {
    let mut step = 1;
    let mut factors = [2, 5, 10].into_iter().cycle();
    let mut decade = 1u64;
    while longest / step > 8 {
        let factor = factors.next().unwrap_or(10);
        step = decade.saturating_mul(factor);
        if factor == 10 {
            decade = step;
        }
    }
    (0..=longest / step).map(|at| at * step).collect()
}

/// Millions, with the decimals that it takes.
fn tick_label(tick: u64) -> String {
    let text = format!("{}.{:06}", tick / 1_000_000, tick % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let check = |longest: u64, expect: &str| {
            let labels: Vec<String> = ticks(longest).into_iter().map(tick_label).collect();
            assert_eq!(labels.join(" "), expect, "{longest}");
        };
        check(366_154_000, "0 50 100 150 200 250 300 350");
        check(1_000_000, "0 0.2 0.4 0.6 0.8 1");
        check(14_711_369_000, "0 2000 4000 6000 8000 10000 12000 14000");
        check(999_000, "0 0.2 0.4 0.6 0.8");
        check(8, "0 0.000001 0.000002 0.000003 0.000004 0.000005 0.000006 0.000007 0.000008");
        assert_eq!(ticks(0), [0]);
        assert!(ticks(u64::MAX).len() < 10);
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(shortened("populate_rootfs"), "populate_rootfs");
        assert_eq!(shortened("acpi_processor_throttling_init").chars().count(), LONGEST_NAME);
        assert_eq!(shortened("grüne_äpfel_und_birnen_init"), "grüne_äpfel_und_birnen_in…");
    }
}
