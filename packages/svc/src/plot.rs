// SPDX-License-Identifier: MIT OR Apache-2.0
//! `plot`: the boot as SVG, a bar for each unit from the beginning to the end of its start.

use crate::query::units;
use crate::shown::Shown;
use crate::{Failure, Request};
use std::fmt::Write as _;
use std::io::Write;
use std::time::Duration;

/// Writes the picture.
pub fn plot(request: &Request, out: &mut dyn Write) -> Result<(), Failure> {
    Ok(write!(out, "{}", plot_of(&units(request)?))?)
}

/// Height of a row, width of the time axis, room for the text behind a bar, and margin: in pixels.
const ROW: usize = 20;
const AXIS: f64 = 800.0;
const BEHIND: f64 = 110.0;
const MARGIN: f64 = 12.0;

/// About the width of a character; a longer name is squeezed to the width of so many.
const CHARACTER: f64 = 7.0;
const LONGEST: usize = 50;

/// Rows above the bars: title, legend, labels of the axis.
const TOP: usize = 4;

const STYLE: &str = "\
svg{background:#fff;fill:#1b1f24;font:12px sans-serif}.soft{fill:#59636e}line{stroke:#d5dbe1}\
.active{fill:#1a7f4b}.failed{fill:#c62828}.ended{fill:#7f8c9b}.starting{fill:#a4480b}\
@media(prefers-color-scheme:dark){svg{background:#11151a;fill:#e3e8ee}.soft{fill:#9aa6b2}line{stroke:#323a44}\
.active{fill:#4cc38a}.failed{fill:#ff7b72}.ended{fill:#77879a}.starting{fill:#f0a35e}}";

/// A unit's start.
struct Start<'a> {
    unit: &'a Shown,
    begin: Duration,
    /// `None` while it lasts.
    end: Option<Duration>,
    /// How it is drawn, and what the legend says.
    class: &'static str,
}

const CLASSES: [&str; 4] = ["active", "ended", "failed", "starting"];

impl<'a> Start<'a> {
    fn of(unit: &'a Shown) -> Option<Self> {
        let begin = unit.time("InactiveExitTimestampMonotonic")?;
        let class = match unit.get("ActiveState") {
            "active" | "reloading" => "active",
            "failed" => "failed",
            "activating" => "starting",
            _ => "ended",
        };
        // A start that failed has no ActiveEnter, or an older one.
        let ends = ["ActiveEnterTimestampMonotonic", "InactiveEnterTimestampMonotonic"]
            .into_iter()
            .filter_map(|key| unit.time(key));
        let end = ends.filter(|end| *end >= begin).min().filter(|_| class != "starting");
        Some(Self { unit, begin, end, class })
    }
}

fn plot_of(units: &[Shown]) -> String {
    let mut all: Vec<Start> = units.iter().filter_map(Start::of).collect();
    // The boot is over with its last target: what a person or a timer starts later would hide it.
    let targets = all.iter().filter(|start| start.unit.name().ends_with(".target"));
    if let Some(over) = targets.map(|start| start.end.unwrap_or(start.begin)).max() {
        all.retain(|start| start.begin <= over);
    }
    all.sort_by_key(|start| (start.begin, start.end, start.unit.name().to_owned()));
    let first = all.first().map_or(Duration::ZERO, |start| start.begin);
    let last = all.iter().map(|start| start.end.unwrap_or(start.begin)).max().unwrap_or(first);
    let step = step(last - first);
    let from = multiple(first, step);
    let span = (last - from).max(Duration::from_millis(1)).as_secs_f64();
    let longest = all.iter().map(|start| start.unit.name().chars().count()).max().unwrap_or(0).min(LONGEST);
    let left = MARGIN + longest as f64 * CHARACTER;
    let x = |time: Duration| left + MARGIN + time.saturating_sub(from).as_secs_f64() / span * AXIS;
    let (width, height) = (left + AXIS + BEHIND + 2.0 * MARGIN, (TOP + all.len() + 1) * ROW);
    let title =
        format!("{} units, {} from the first start to the end of the last", all.len(), time(last - first));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{title}\">\n\
         <style>{STYLE}</style>\n<text x=\"{MARGIN}\" y=\"{ROW}\" font-size=\"14\" font-weight=\"bold\">{title}</text>\n"
    );
    let mut at = MARGIN;
    for class in CLASSES.iter().filter(|class| all.iter().any(|start| start.class == **class)) {
        let y = ROW * 2;
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{at}\" y=\"{}\" width=\"14\" height=\"10\"/><text x=\"{}\" y=\"{y}\">{class}</text>",
            y - 10,
            at + 19.0
        );
        at += 90.0;
    }
    let bottom = (TOP + all.len()) * ROW + 4;
    let mut tick = from;
    while tick <= last {
        let at = x(tick);
        let (above, below) = (TOP * ROW - 6, TOP * ROW);
        let _ = writeln!(
            out,
            "<text class=\"soft\" x=\"{at:.1}\" y=\"{above}\" text-anchor=\"middle\">{}</text><line x1=\"{at:.1}\" y1=\"{below}\" x2=\"{at:.1}\" y2=\"{bottom}\"/>",
            time(tick)
        );
        tick += step;
    }
    let _ = writeln!(
        out,
        "<text class=\"soft\" x=\"{:.1}\" y=\"{}\">time since the start of the kernel</text>",
        x(from),
        bottom + ROW - 6
    );
    for (at, start) in all.iter().enumerate() {
        row(&mut out, start, (TOP + at) * ROW, left, (x(start.begin), x(start.end.unwrap_or(last))));
    }
    out + "</svg>\n"
}

/// The name, the bar and the time of a start.
fn row(out: &mut String, start: &Start, y: usize, left: f64, (begin, end): (f64, f64)) {
    let name = escape(start.unit.name());
    let squeezed = start.unit.name().chars().count() > LONGEST;
    let fit = if squeezed {
        format!(" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"", LONGEST as f64 * CHARACTER)
    } else {
        String::new()
    };
    let (base, bar) = (y + ROW - 5, (end - begin).max(2.0));
    let took = match (start.class, start.end.map(|end| end - start.begin)) {
        (class @ ("failed" | "starting"), _) => class.to_owned(),
        (_, Some(took)) if !took.is_zero() => time(took),
        _ => String::new(),
    };
    let _ = writeln!(
        out,
        "<text x=\"{left}\" y=\"{base}\" text-anchor=\"end\"{fit}>{name}</text>\
         <rect class=\"{}\" x=\"{begin:.1}\" y=\"{}\" width=\"{bar:.1}\" height=\"{}\"><title>{name}: {} {}</title></rect>\
         <text class=\"soft\" x=\"{:.1}\" y=\"{base}\">{took}</text>",
        start.class,
        y + 3,
        ROW - 6,
        time(start.begin),
        start.unit.get("ActiveState"),
        begin + bar + 5.0
    );
}

/// A step of 1, 2 or 5 times a power of ten, from 1 ms on, of which at most ten are in `span`.
fn step(span: Duration) -> Duration {
    let mut decade = Duration::from_millis(1);
    loop {
        if let Some(step) =
            [1, 2, 5].map(|factor| decade * factor).into_iter().find(|step| *step * 10 >= span)
        {
            return step;
        }
        decade *= 10;
    }
}

/// The last multiple of `step` up to `time`.
fn multiple(time: Duration, step: Duration) -> Duration {
    let beyond = time.as_nanos() % step.as_nanos();
    time.saturating_sub(Duration::from_nanos(u64::try_from(beyond).unwrap_or(0)))
}

/// `0.85 ms`, `4.02 ms`, `27 ms`, `3.5 s`: to the microsecond, and from a second on to the millisecond.
fn time(time: Duration) -> String {
    let (whole, thousandths, unit) = match time {
        time if time >= Duration::from_secs(1) => (time.as_secs(), time.subsec_millis(), "s"),
        time => (u64::from(time.subsec_millis()), time.subsec_micros() % 1000, "ms"),
    };
    let digits = format!("{whole}.{thousandths:03}");
    format!("{} {unit}", digits.trim_end_matches('0').trim_end_matches('.'))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shown::parse;

    fn ms(time: u64) -> Duration {
        Duration::from_millis(time)
    }

    #[test]
    fn steps_and_times() {
        for (span, expect) in
            [(0, 1), (10, 1), (11, 2), (27, 5), (51, 10), (2600, 500), (86_400_000, 10_000_000)]
        {
            assert_eq!(step(ms(span)), ms(expect), "{span}");
        }
        for (micros, expect) in [
            (0, "0 ms"),
            (850, "0.85 ms"),
            (4020, "4.02 ms"),
            (80_000, "80 ms"),
            (999_999, "999.999 ms"),
            (1_000_000, "1 s"),
            (3_500_900, "3.5 s"),
        ] {
            assert_eq!(time(Duration::from_micros(micros)), expect);
        }
    }

    /// Names in the order of the rows, with class, position and width of the bar, and the text behind it.
    fn rows(text: &str) -> Vec<String> {
        let svg = plot_of(&parse(text));
        let between = |line: &str, before: &str, after: &str| {
            let rest = line.split_once(before).expect(before).1;
            rest.split_once(after).expect(after).0.to_owned()
        };
        let bars = svg.lines().filter(|line| line.contains("<title>"));
        bars.map(|line| {
            let rect = between(line, "<rect ", "</rect>");
            format!(
                "{} {} {}+{} {}",
                between(line, "\">", "</text>"),
                between(&rect, "class=\"", "\""),
                between(&rect, "x=\"", "\""),
                between(&rect, "width=\"", "\""),
                between(line.split_once("</rect>").expect("a bar").1, "\">", "</text>")
            )
        })
        .collect()
    }

    #[test]
    fn bars() {
        let boot = "Id=b.service\nInactiveExitTimestampMonotonic=1000000\nInactiveEnterTimestampMonotonic=1500000\nActiveState=failed\n\n\
            Id=a.service\nInactiveExitTimestampMonotonic=1000000\nActiveEnterTimestampMonotonic=2000000\nActiveState=active\n\n\
            Id=w.service\nInactiveExitTimestampMonotonic=1500000\nActiveState=activating\n\n\
            Id=o.service\nInactiveExitTimestampMonotonic=1500000\nActiveEnterTimestampMonotonic=1750000\nInactiveEnterTimestampMonotonic=1800000\nActiveState=inactive\n\n\
            Id=t.target\nInactiveExitTimestampMonotonic=2000000\nActiveEnterTimestampMonotonic=2000000\nActiveState=active\n\n\
            Id=late.service\nInactiveExitTimestampMonotonic=9000000\nActiveEnterTimestampMonotonic=9500000\nActiveState=active\n\n\
            Id=idle.service\nActiveState=inactive\n\n";
        assert_eq!(
            rows(boot),
            [
                "b.service failed 87.0+400.0 failed",
                "a.service active 87.0+800.0 1 s",
                "w.service starting 487.0+400.0 starting",
                "o.service ended 487.0+200.0 250 ms",
                "t.target active 887.0+2.0 ",
            ]
        );
    }

    #[test]
    fn names_and_numbers_of_any_size() {
        let long = "x".repeat(200);
        let svg = plot_of(&parse(&format!(
            "Id={long}&<.service\nInactiveExitTimestampMonotonic=1\nActiveEnterTimestampMonotonic=1\nActiveState=active\n\n"
        )));
        assert!(svg.contains("&amp;&lt;.service") && svg.contains("textLength=\"350\""), "{svg}");
        assert_eq!(rows("").len(), 0);
        assert!(plot_of(&[]).ends_with("</svg>\n"));
        // Days apart, and times that cannot be.
        let odd = "Id=a\nInactiveExitTimestampMonotonic=18446744073709551615\nActiveEnterTimestampMonotonic=1\nActiveState=active\n\nId=b\nInactiveExitTimestampMonotonic=0\nActiveEnterTimestampMonotonic=0\n\n";
        assert_eq!(rows(odd).len(), 2);
    }
}
