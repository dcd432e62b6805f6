// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report as one self-contained page, without network access. Its script is for the search field only.

use crate::escape::html;
use crate::report::{LineChange, Part, PartKind, Report};
use crate::rows::{self, Rows};
use crate::services;
use crate::summary::{self, Row, Said, State};
use crate::units::{NONE, count};
use crate::{page, timeline, treemap};

/// Filters the rows of the page by the words of the search field.
const SCRIPT: &str = include_str!("filter.js");

/// A section with more rows than this is folded at first.
const OPEN_ROWS: usize = 40;

/// The report as HTML.
#[must_use]
pub fn render(report: &Report) -> String {
    let (base, head) = (&report.base.name, &report.head.name);
    let mut out = format!("<h1>Boot of <code>{}</code> → <code>{}</code></h1>\n", html(base), html(head));
    out.push_str(&format!("<p class=\"verdict\">{}</p>\n", html(&summary::verdict(report))));
    for (side, failure) in summary::failures(report) {
        let (before, text) = rows::tail(failure, rows::FAILURE);
        let before = match before {
            0 => String::new(),
            lines => format!("<p>{} before these lines are left out.</p>\n", count(lines, "line")),
        };
        out.push_str(&format!(
            "<section class=\"failure\">\n<h2>Failure of <code>{}</code></h2>\n{before}<pre>{}</pre>\n</section>\n",
            html(&side.name),
            html(text)
        ));
    }
    out.push_str(&numbers(report));
    out.push_str(&timelines(report));
    if report.changed {
        out.push_str(SEARCH);
        out.push_str(&services(report));
        out.push_str(&log(report));
        out.push_str(&costs(report));
        out.push_str(&config(report));
        out.push_str(&files(report));
        out.push_str(&sizes(report));
        out.push_str(&versions(report));
    }
    let script = if report.changed { SCRIPT } else { "" };
    page::document(&format!("bootdiff {base} → {head}"), "", script, &out)
}

/// The search field; the script makes it visible.
const SEARCH: &str = "<div class=\"search\" role=\"search\" hidden>\n<label for=\"filter\">Filter rows</label>\n\
     <input type=\"search\" id=\"filter\" autocomplete=\"off\" spellcheck=\"false\" aria-keyshortcuts=\"/\">\n\
     <span id=\"filter-said\" role=\"status\"></span>\n</div>\n";

fn numbers(report: &Report) -> String {
    let mut out = "<section>\n<h2>Summary</h2>\n<div class=\"summary\">\n".to_owned();
    let numbers = summary::numbers(report);
    if !numbers.is_empty() {
        out.push_str(&table(&numbers));
    }
    out.push_str("<table class=\"parts\">\n<tbody>\n");
    for (name, state) in summary::parts(report) {
        let class = if matches!(state, State::Changed(_)) { "some" } else { "same" };
        let text = html(state.text());
        out.push_str(&format!("<tr><th scope=\"row\">{name}</th><td class=\"{class}\">{text}</td></tr>\n"));
    }
    out.push_str("</tbody>\n</table>\n</div>\n</section>\n");
    out
}

fn timelines(report: &Report) -> String {
    let pictures = [
        ("Phases", timeline::phases(report)),
        ("Services", timeline::services(report)),
        ("Most expensive initcalls", timeline::initcalls(report)),
    ];
    if pictures.iter().all(|(_, picture)| picture.is_empty()) {
        return String::new();
    }
    let legend = format!(
        "<p class=\"legend\"><span class=\"key base\"></span>base <code>{}</code> \
         <span class=\"key head\"></span>head <code>{}</code></p>\n",
        html(&report.base.name),
        html(&report.head.name)
    );
    let mut out = format!("<section>\n<h2>Boot timeline</h2>\n{legend}");
    for (heading, picture) in pictures {
        if !picture.is_empty() {
            out.push_str(&format!("<h3>{heading}</h3>\n<div class=\"picture\" role=\"group\" aria-label=\"{heading}\" tabindex=\"0\">\n{picture}</div>\n"));
        }
    }
    out.push_str("</section>\n");
    out
}

fn section(title: &str, rows: usize, body: &str) -> String {
    if rows == 0 {
        return String::new();
    }
    let open = if rows <= OPEN_ROWS { " open" } else { "" };
    format!("<details{open}>\n<summary>{}</summary>\n{body}</details>\n", html(title))
}

fn table(rows: &[Row]) -> String {
    let mut out = "<table class=\"numbers\">\n<thead><tr><td></td><th scope=\"col\">base</th>\
                   <th scope=\"col\">head</th><th scope=\"col\">difference</th></tr></thead>\n<tbody>\n"
        .to_owned();
    for [name, base, head, difference] in rows {
        let class = match difference.chars().next() {
            Some('+') => "more",
            Some('−') => "less",
            _ if difference == "same" || difference == NONE => "same",
            _ => "some",
        };
        out.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"{class}\">{}</td></tr>\n",
            html(name),
            html(base),
            html(head),
            html(difference)
        ));
    }
    out.push_str("</tbody>\n</table>\n");
    out
}

fn services(report: &Report) -> String {
    let changes = report.services.as_deref().unwrap_or_default();
    let mut rows = Rows::of(rows::SERVICES);
    let mut body = "<table class=\"log files\">\n<tbody>\n".to_owned();
    for change in changes {
        let (class, sign, what) = match services::sign(change) {
            '!' => ("removed", "!", "fails"),
            '+' => ("added", "+", "new"),
            '-' => ("removed", "−", "gone"),
            _ => ("changed", "~", "changed"),
        };
        body.push_str(&rows.row(format!(
            "<tr class=\"{class}\"><td title=\"{what}\">{sign}</td><td>{}</td><td>{}</td></tr>\n",
            html(&change.name),
            kept(&services::details(change))
        )));
    }
    body.push_str(&format!("</tbody>\n</table>\n{}", rows.rest()));
    section("Services", changes.len(), &body)
}

/// A text in which no line breaks within a number, or between a number and its unit.
fn kept(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let joined = characters.iter().enumerate().map(|(at, &c)| {
        let is = |at: usize, what: fn(&char) -> bool| characters.get(at).is_some_and(what);
        let in_number = c == ' '
            && at > 0
            && is(at - 1, char::is_ascii_digit)
            && is(at + 1, |c| c.is_ascii_digit() || "M%".contains(*c));
        if in_number { '\u{a0}' } else { c }
    });
    html(&joined.collect::<String>())
}

fn log(report: &Report) -> String {
    let phases = report.log.as_ref().map(|log| log.phases.as_slice()).unwrap_or_default();
    let (mut body, mut rows) = (String::new(), Rows::of(rows::LOG));
    for phase in phases {
        let lines: String = phase.lines.iter().map(|line| rows.row(change(line))).collect();
        if lines.is_empty() {
            continue;
        }
        let title = html(&phase.title);
        body.push_str(&format!(
            "<h3>{} <small>{title}</small></h3>\n<table class=\"log\">\n",
            html(&phase.phase)
        ));
        body.push_str("<thead><tr><th scope=\"col\">base</th><th scope=\"col\">head</th><td></td><td></td></tr></thead>\n<tbody>\n");
        body.push_str(&format!("{lines}</tbody>\n</table>\n"));
    }
    body.push_str(&rows.rest());
    section("Boot log by phase", phases.iter().map(|phase| phase.lines.len()).sum(), &body)
}

/// A row: number in the base, number in the head, sign, text.
fn change(change: &LineChange) -> String {
    let row = |class: &str, from: Option<usize>, to: Option<usize>, sign: &str, text: String| {
        let number = |line: Option<usize>| line.map(|line| line.to_string()).unwrap_or_default();
        let (from, to) = (number(from), number(to));
        format!(
            "<tr class=\"{class}\"><td>{from}</td><td>{to}</td><td title=\"{class}\">{sign}</td><td>{text}</td></tr>\n"
        )
    };
    match change {
        LineChange::Added { line, text } => row("added", None, Some(*line), "+", html(text)),
        LineChange::Removed { line, text } => row("removed", Some(*line), None, "−", html(text)),
        LineChange::Moved { from, to, from_phase, text } => {
            let origin = from_phase.as_ref().map(|phase| format!(" <small>from {}</small>", html(phase)));
            let text = html(text) + origin.as_deref().unwrap_or_default();
            row("moved", Some(*from), Some(*to), "↕", text)
        }
        LineChange::Changed { from, to, parts, moved, .. } => {
            let text: String = parts.iter().map(part).collect();
            row("changed", Some(*from), Some(*to), if *moved { "↕ ~" } else { "~" }, text)
        }
    }
}

fn part(Part { kind, text }: &Part) -> String {
    let text = html(text);
    match kind {
        PartKind::Same => text,
        PartKind::Removed => format!("<del>{text}</del>"),
        PartKind::Added => format!("<ins>{text}</ins>"),
    }
}

fn costs(report: &Report) -> String {
    let mut out = String::new();
    let phases = summary::phase_rows(report);
    out.push_str(&section("Cost by phase, in instructions", phases.len(), &table(&phases)));
    let (rows, others) = summary::initcall_rows(report);
    let mut body = "<p>In instructions of the boot with <code>initcall_debug</code>.</p>\n".to_owned();
    if !rows.is_empty() {
        body.push_str(&table(&rows));
    }
    if let Some(others) = &others {
        body.push_str(&format!("<p>{}</p>\n", html(others)));
    }
    let lines = rows.len() + usize::from(others.is_some());
    out.push_str(&section("Initcalls whose cost changed", lines, &body));
    out
}

fn config(report: &Report) -> String {
    let options = report.config.as_deref().unwrap_or_default();
    let mut rows = Rows::of(rows::CONFIG);
    let mut body =
        "<table class=\"texts\">\n<thead><tr><th scope=\"col\">option</th><th scope=\"col\">base</th>\
                    <th scope=\"col\">head</th><th scope=\"col\">about</th></tr></thead>\n<tbody>\n"
            .to_owned();
    for change in options {
        body.push_str(&rows.row(format!(
            "<tr><th scope=\"row\"><code>{}</code></th><td><del>{}</del></td><td><ins>{}</ins></td><td class=\"prose\">{}</td></tr>\n",
            html(&change.option),
            html(&change.base),
            html(&change.head),
            html(change.help.as_deref().unwrap_or_default())
        )));
    }
    body.push_str(&format!("</tbody>\n</table>\n{}", rows.rest()));
    section("Kernel configuration", options.len(), &body)
}

fn files(report: &Report) -> String {
    let rooms = [rows::FILES, rows::PARTITIONS, rows::ROOT];
    summary::changes(report)
        .iter()
        .zip(rooms)
        .map(|((title, said), room)| changes(title, said, room))
        .collect()
}

fn changes(title: &str, changes: &[Said], room: usize) -> String {
    let mut rows = Rows::of(room);
    let mut body = "<table class=\"log files\">\n<tbody>\n".to_owned();
    for Said { sign, name, details } in changes {
        let (class, sign) = match *sign {
            '+' => ("added", "+"),
            '-' => ("removed", "−"),
            _ => ("changed", "~"),
        };
        body.push_str(&rows.row(format!(
            "<tr class=\"{class}\"><td title=\"{class}\">{sign}</td><td>{}</td><td>{}</td></tr>\n",
            html(name),
            kept(details)
        )));
    }
    body.push_str(&format!("</tbody>\n</table>\n{}", rows.rest()));
    section(title, changes.len(), &body)
}

/// Sizes of the files in the initramfs as a picture and as a table, and of the image's files.
fn sizes(report: &Report) -> String {
    let tree = treemap::draw(report).map(|(picture, rows)| {
        let legend =
            [("same", "same size"), ("more", "larger or new"), ("less", "smaller"), ("gone", "gone")];
        let legend =
            legend.map(|(class, what)| format!("<span class=\"key {class}\"></span>{what}")).join(" ");
        let title = "Sizes of the files in the initramfs";
        format!(
            "<section>\n<h2>{title}</h2>\n<p class=\"legend\">{legend}</p>\n\
             <div class=\"picture\" role=\"group\" aria-label=\"{title}\" tabindex=\"0\">\n{picture}</div>\n\
             <details>\n<summary>{title}, as a table, in bytes</summary>\n{}</details>\n</section>\n",
            table(&rows)
        )
    });
    let images: Vec<Row> = report.sizes.iter().filter(|size| size.changed).map(summary::size_row).collect();
    tree.unwrap_or_default() + &section("Image files, in bytes", images.len(), &table(&images))
}

fn versions(report: &Report) -> String {
    let values = report.versions.as_deref().unwrap_or_default();
    let mut rows = Rows::of(rows::VERSIONS);
    let mut body =
        "<table class=\"texts\">\n<thead><tr><td></td><th scope=\"col\">base</th><th scope=\"col\">head</th>\
                    </tr></thead>\n<tbody>\n"
            .to_owned();
    for change in values {
        let show = |value: &Option<String>, element: &str| match value {
            Some(value) => format!("<{element}>{}</{element}>", html(value)),
            None => "–".to_owned(),
        };
        body.push_str(&rows.row(format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>\n",
            html(&change.name),
            show(&change.base, "del"),
            show(&change.head, "ins")
        )));
    }
    body.push_str(&format!("</tbody>\n</table>\n{}", rows.rest()));
    section("Versions and command line", values.len(), &body)
}
