// SPDX-License-Identifier: MIT OR Apache-2.0
//! `networkctl`: shows what `networkd` tells in its files, and directs it (networkctl(1)).

mod json;
mod show;
mod wait;

use crate::netlink::kernel::Kernel;
use crate::netlink::link::Link;
use crate::networkd::state::Report;
use crate::networkd::{Request, STATE, send};
use json::Style;
use lexopt::prelude::*;
use qos_command::{Failure, glob};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

struct Options {
    root: PathBuf,
    style: Option<Style>,
    legend: bool,
    words: Vec<String>,
    wait: wait::Options,
}

/// Runs the program.
pub fn main(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let options = parse(parser)?;
    let Some((verb, rest)) = options.words.split_first() else { return list(&options, &[], out) };
    match (verb.as_str(), rest) {
        ("list", patterns) => list(&options, patterns, out),
        ("status", patterns) => status(&options, patterns, out),
        ("reload", []) => ask(&options, &Request::Reload),
        ("renew" | "reconfigure", []) => Err(Failure::usage(format!("{verb}: a link is missing"))),
        ("renew", links) => links.iter().try_for_each(|link| ask(&options, &Request::Renew(link.clone()))),
        ("reconfigure", links) => {
            links.iter().try_for_each(|link| ask(&options, &Request::Reconfigure(link.clone())))
        }
        ("wait-online", []) => wait::run(&options.root, &options.wait),
        ("reload" | "wait-online", _) => Err(Failure::usage(format!("{verb} takes no argument"))),
        _ => Err(Failure::usage(format!("unknown command {verb}"))),
    }
}

fn parse(mut parser: lexopt::Parser) -> Result<Options, Failure> {
    let (words, wait) = (Vec::new(), wait::Options::default());
    let mut options = Options { root: PathBuf::from("/"), style: None, legend: true, words, wait };
    while let Some(arg) = parser.next()? {
        match arg {
            Long("root") => options.root = parser.value()?.into(),
            Long("json") => {
                options.style = match parser.value()?.string()?.as_str() {
                    "short" => Some(Style::Short),
                    "pretty" => Some(Style::Pretty),
                    "off" => None,
                    other => return Err(Failure::usage(format!("--json={other}: not short, pretty or off"))),
                };
            }
            Long("no-legend") => options.legend = false,
            // Nothing is ever cut off or paged.
            Long("no-pager" | "full" | "all") | Short('a' | 'l') => {}
            Value(word) => options.words.push(word.string()?),
            arg => {
                // lexopt lends the name of an option from the parser, which its value is read from.
                let (short, long) = match &arg {
                    Short(short) => (Some(*short), String::new()),
                    Long(long) => (None, (*long).to_owned()),
                    Value(_) => (None, String::new()),
                };
                let unexpected = arg.unexpected();
                if !options.wait.set(short, &long, &mut parser)? {
                    return Err(unexpected.into());
                }
            }
        }
    }
    Ok(options)
}

fn ask(options: &Options, request: &Request) -> Result<(), Failure> {
    let socket = options.root.join(STATE).join("control");
    send(&socket, request).map_err(|error| match error.raw_os_error() {
        Some(_) => Failure::new(format!(
            "{}: {}; is networkd running, and are you root?",
            socket.display(),
            qos_sys::error_text(&error)
        )),
        None => Failure::of(request, &error),
    })
}

/// What `networkd` tells of the link of that index; nothing if it does not run.
fn report(root: &Path, index: u32) -> Report {
    let text = fs::read_to_string(root.join(STATE).join(format!("links/{index}"))).unwrap_or_default();
    Report::parse(&text)
}

/// Links of the kernel that one of the patterns fits, by name or index; all without patterns.
fn chosen(kernel: &mut Kernel, patterns: &[String]) -> Result<Vec<Link>, Failure> {
    let mut links = kernel.links().map_err(|error| Failure::of("list links", &error))?;
    let fits = |pattern: &String, link: &Link| {
        pattern.parse() == Ok(link.index) || glob::matches(pattern.as_bytes(), link.name.as_bytes())
    };
    if let Some(pattern) = patterns.iter().find(|pattern| !links.iter().any(|link| fits(pattern, link))) {
        return Err(Failure::new(format!("{pattern}: there is no such link")));
    }
    links.retain(|link| patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, link)));
    Ok(links)
}

fn list(options: &Options, patterns: &[String], out: &mut dyn Write) -> Result<(), Failure> {
    let mut kernel = kernel()?;
    let links = chosen(&mut kernel, patterns)?;
    if let Some(style) = options.style {
        return Ok(writeln!(out, "{}", show::json(&mut kernel, &options.root, &links)?.text(style))?);
    }
    let rows: Vec<[String; 5]> =
        links.iter().map(|link| show::row(link, &report(&options.root, link.index))).collect();
    write!(out, "{}", show::table(&rows, options.legend))?;
    Ok(())
}

fn status(options: &Options, patterns: &[String], out: &mut dyn Write) -> Result<(), Failure> {
    let mut kernel = kernel()?;
    let links = chosen(&mut kernel, patterns)?;
    if let Some(style) = options.style {
        return Ok(writeln!(out, "{}", show::json(&mut kernel, &options.root, &links)?.text(style))?);
    }
    if patterns.is_empty() {
        let text = fs::read_to_string(options.root.join(STATE).join("state")).unwrap_or_default();
        return Ok(write!(out, "{}", show::system(&mut kernel, &Report::parse(&text), &links)?)?);
    }
    for link in &links {
        write!(out, "{}", show::link(&mut kernel, link, &report(&options.root, link.index))?)?;
    }
    Ok(())
}

fn kernel() -> Result<Kernel, Failure> {
    Kernel::new().map_err(|error| Failure::of("socket of rtnetlink", &error))
}
