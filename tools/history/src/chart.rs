// SPDX-License-Identifier: MIT OR Apache-2.0
//! A figure over commits, as inline SVG; the style of the page gives the colours.

use qos_bootdiff::escape::html;
use qos_bootdiff::units::{Unit, in_millions, ticks};
use std::fmt::Write;

/// The picture in its own units; the page scales it.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 234.0;
/// Around the plot: labels of the axes.
const LEFT: f64 = 62.0;
const RIGHT: f64 = 30.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 48.0;
/// At most so many steps of the axis of values, and so many names of commits.
const TICKS: u64 = 5;
const NAMES: usize = 5;
/// More points than this are drawn smaller.
const MANY: usize = 60;

/// A value at a commit.
pub struct Point<'a> {
    /// Its number among the commits of the page.
    pub at: usize,
    /// The commit's full name.
    pub commit: &'a str,
    /// Its date.
    pub date: &'a str,
    /// The value.
    pub value: u64,
    /// Whether the table of the largest steps has it.
    pub is_step: bool,
}

/// The picture; empty without points. `commits` are those of the page, oldest first.
#[must_use]
pub fn draw(title: &str, unit: Unit, commits: &[&str], points: &[Point]) -> String {
    let values = || points.iter().map(|point| point.value);
    let (Some(least), Some(most)) = (values().min(), values().max()) else { return String::new() };
    // Some room above and below, so that a constant is a line in the middle.
    let room = ((most - least) / 10).max(least / 500).max(1);
    let (low, high) = (least.saturating_sub(room), most.saturating_add(room));
    let x = |at: usize| {
        let steps = commits.len().saturating_sub(1).max(1) as f64;
        let begin = if commits.len() == 1 { 0.5 } else { 0.0 };
        LEFT + (at as f64 / steps + begin) * (WIDTH - LEFT - RIGHT)
    };
    let y = |value: u64| {
        let share = value.saturating_sub(low) as f64 / (high - low) as f64;
        HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
    };
    let label = format!(
        "{title}: {} points from {} to {}",
        points.len(),
        unit.show(points.first().map(|point| point.value)),
        unit.show(points.last().map(|point| point.value))
    );
    // Writing to a String cannot fail, here and below.
    let mut out = format!(
        "<svg class=\"history\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n",
        html(&label)
    );
    let _ = writeln!(out, "<text class=\"axis\" x=\"4\" y=\"12\">{}</text>", axis(unit));
    for tick in ticks(low, high, TICKS).into_iter().filter(|tick| (low..=high).contains(tick)) {
        let (y, right) = (y(tick), WIDTH - RIGHT);
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/><text class=\"tick value\" x=\"{}\" y=\"{:.1}\">{}</text>",
            LEFT - 6.0,
            y + 4.0,
            number(unit, tick)
        );
    }
    for at in named(commits.len()) {
        let (x, y) = (x(at), HEIGHT - BOTTOM);
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{y}\"/><text class=\"tick\" x=\"{x:.1}\" y=\"{}\">{}</text>",
            y + 19.0,
            html(short(commits[at]))
        );
    }
    let (middle, bottom) = (LEFT + (WIDTH - LEFT - RIGHT) / 2.0, HEIGHT - 6.0);
    let _ = writeln!(
        out,
        "<text class=\"axis\" x=\"{middle}\" y=\"{bottom}\" text-anchor=\"middle\">commits, oldest first</text>"
    );
    let line: Vec<String> =
        points.iter().map(|point| format!("{:.1},{:.1}", x(point.at), y(point.value))).collect();
    let _ = writeln!(out, "<polyline points=\"{}\"/>", line.join(" "));
    let usual = if points.len() > MANY { 2.0 } else { 3.5 };
    for point in points {
        let (class, radius) = if point.is_step { (" class=\"step\"", 5.0) } else { ("", usual) };
        let title = format!("{} {}: {}", short(point.commit), day(point.date), unit.show(Some(point.value)));
        let _ = writeln!(
            out,
            "<circle{class} cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius}\"><title>{}</title></circle>",
            x(point.at),
            y(point.value),
            html(&title)
        );
    }
    out + "</svg>\n"
}

/// What the axis of values counts.
fn axis(unit: Unit) -> &'static str {
    match unit {
        Unit::Instructions => "million instructions",
        Unit::Bytes => "million bytes",
        Unit::Mebibytes => "MiB",
    }
}

fn number(unit: Unit, value: u64) -> String {
    match unit {
        Unit::Instructions | Unit::Bytes => in_millions(value),
        Unit::Mebibytes => value.to_string(),
    }
}

/// The commits whose names stand at the axis: the first, the last, and some between.
fn named(commits: usize) -> Vec<usize> {
    let last = commits.saturating_sub(1);
    let names = NAMES.min(commits);
    let mut all: Vec<usize> = (0..names).map(|at| at * last / names.saturating_sub(1).max(1)).collect();
    all.dedup();
    all
}

/// The first seven characters of a commit's name, as git shows them.
#[must_use]
pub fn short(commit: &str) -> &str {
    commit.char_indices().nth(7).map_or(commit, |(end, _)| &commit[..end])
}

/// The day of a date.
#[must_use]
pub fn day(date: &str) -> &str {
    date.get(..10).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(unit: Unit, values: &[u64]) -> String {
        let commits: Vec<String> = (0..values.len()).map(|at| format!("{at:x}abcdef0123")).collect();
        let commits: Vec<&str> = commits.iter().map(String::as_str).collect();
        let point = |(at, value): (usize, &u64)| Point {
            at,
            commit: commits[at],
            date: "2026-11-28T21:05:17Z",
            value: *value,
            is_step: at == 1,
        };
        let points: Vec<Point> = values.iter().enumerate().map(point).collect();
        draw("cost <x>", unit, &commits, &points)
    }

    /// Positions of the points, and the labels of the axis of values.
    #[track_caller]
    fn check(unit: Unit, values: &[u64], points: &str, labels: &str) {
        let svg = picture(unit, values);
        let line = svg.split_once("<polyline points=\"").expect("a line").1.split('"').next();
        let values: Vec<&str> =
            svg.split("tick value\"").skip(1).filter_map(|rest| rest.split(['<', '>']).nth(1)).collect();
        assert_eq!((line, values.join(" ").as_str()), (Some(points), labels), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn points_and_axes() {
        check(
            Unit::Instructions,
            &[72_000_000, 74_000_000, 73_000_000],
            "62.0,172.5 256.0,37.5 450.0,105.0",
            "72 72.5 73 73.5 74",
        );
        check(Unit::Mebibytes, &[64], "256.0,105.0", "63 64 65");
        check(Unit::Bytes, &[0, 0], "62.0,186.0 450.0,186.0", "0 0.000001");
        check(Unit::Bytes, &[4_051_968, 4_051_968], "62.0,105.0 450.0,105.0", "4.045 4.05 4.055 4.06");
        check(
            Unit::Bytes,
            &[u64::MAX, 0],
            "62.0,24.0 450.0,186.0",
            "0 5000000000000 10000000000000 15000000000000",
        );
        assert_eq!(draw("x", Unit::Bytes, &["a"], &[]), "");
    }

    #[test]
    fn each_point_has_its_commit_and_value() {
        let svg = picture(Unit::Instructions, &[72_000_000, 74_000_000]);
        assert!(svg.contains("<title>1abcdef 2026-11-28: 74.000 M</title>"), "{svg}");
        assert!(svg.contains("aria-label=\"cost &lt;x&gt;: 2 points from 72.000 M to 74.000 M\""), "{svg}");
        assert_eq!((svg.matches("class=\"step\"").count(), svg.matches("<circle").count()), (1, 2));
    }

    #[test]
    fn names_of_commits() {
        for (commits, expect) in [
            (0, &[][..]),
            (1, &[0]),
            (2, &[0, 1]),
            (5, &[0, 1, 2, 3, 4]),
            (6, &[0, 1, 2, 3, 5]),
            (101, &[0, 25, 50, 75, 100]),
        ] {
            assert_eq!(named(commits), expect);
        }
        assert_eq!(
            (short("äöüäöüäöü"), short("abc"), day("2026-11-28T21"), day("x")),
            ("äöüäöüä", "abc", "2026-11-28", "x")
        );
    }
}
