// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ip`: shows and changes links, addresses and routes: a subset of ip(8) of iproute2, in its output format.

mod change;
mod show;

use crate::netlink::kernel::Kernel;
use crate::netlink::link::Link;
use qos_command::Failure;
use qos_sys::error_text;
use std::io::{self, Write};

/// Options in front of the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Options {
    family: Option<bool>,
    brief: bool,
    one_line: bool,
}

/// Runs the program.
pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let mut words = Vec::new();
    for word in parser.raw_args()? {
        words.push(word.into_string().map_err(|word| Failure::usage(format!("{word:?}: not UTF-8")))?);
    }
    let (options, rest) = options(&words)?;
    let mut words = Words { rest, at: 0 };
    let object = words.next().ok_or_else(|| Failure::usage("an object is missing: addr, link or route"))?;
    // Each may be cut off, as in iproute2.
    let object = ["address", "link", "route"].into_iter().find(|name| name.starts_with(object.as_str()));
    let object = object.ok_or_else(|| Failure::usage(format!("unknown object {}", rest[0])))?;
    let mut kernel = Kernel::new().map_err(|error| Failure::of("socket of rtnetlink", &error))?;
    let verb = words.next().unwrap_or_else(|| "show".to_owned());
    match (object, verb.as_str()) {
        ("address", "show" | "list" | "ls" | "lst" | "s" | "sh") => {
            show::addresses(&mut kernel, options, words, out)
        }
        ("link", "show" | "list" | "ls" | "lst" | "sh") => show::links(&mut kernel, options, words, out),
        ("route", "show" | "list" | "ls" | "lst" | "s" | "sh") => {
            show::routes(&mut kernel, options, words, out)
        }
        ("address", "add" | "a" | "replace" | "change" | "del" | "delete" | "d" | "flush") => {
            change::address(&mut kernel, options, &verb, words)
        }
        ("link", "set" | "s" | "add" | "a" | "del" | "delete" | "d") => {
            change::link(&mut kernel, &verb, words)
        }
        ("route", "add" | "a" | "replace" | "r" | "append" | "del" | "delete" | "d" | "flush") => {
            change::route(&mut kernel, options, &verb, words)
        }
        _ => Err(Failure::usage(format!("unknown command {object} {verb}"))),
    }
}

/// The options, and what follows them.
fn options(words: &[String]) -> Result<(Options, &[String]), Failure> {
    let mut options = Options::default();
    for (at, word) in words.iter().enumerate() {
        match word.as_str() {
            "-4" => options.family = Some(false),
            "-6" => options.family = Some(true),
            "-br" | "-brief" | "--brief" => options.brief = true,
            "-o" | "-oneline" | "--oneline" => options.one_line = true,
            // Colours are never used.
            "-c=never" | "-color=never" => {}
            option if option.starts_with('-') => {
                return Err(Failure::usage(format!("unknown option {option}")));
            }
            _ => return Ok((options, &words[at..])),
        }
    }
    Ok((options, &[]))
}

/// Words of the command line.
struct Words<'a> {
    rest: &'a [String],
    at: usize,
}

impl Words<'_> {
    fn next(&mut self) -> Option<String> {
        let word = self.rest.get(self.at).cloned();
        self.at += usize::from(word.is_some());
        word
    }

    /// The word that has to follow `key`.
    fn value(&mut self, key: &str) -> Result<String, Failure> {
        self.next().ok_or_else(|| Failure::usage(format!("{key}: a value is missing")))
    }

    /// The same as what it is parsed to.
    fn parsed<T: std::str::FromStr>(&mut self, key: &str) -> Result<T, Failure> {
        let text = self.value(key)?;
        text.parse().map_err(|_| Failure::usage(format!("{key}: {text:?} cannot be used")))
    }
}

fn all_links(kernel: &mut Kernel) -> Result<Vec<Link>, Failure> {
    kernel.links().map_err(|error| Failure::of("list links", &error))
}

/// The link of that name.
fn named<'a>(links: &'a [Link], name: &str) -> Result<&'a Link, Failure> {
    let found =
        links.iter().find(|link| link.name == name || link.alternatives.iter().any(|one| one == name));
    found.ok_or_else(|| Failure::new(format!("Device \"{name}\" does not exist.")))
}

/// The kernel's refusal, as iproute2 tells it, with its status.
fn refused(error: &io::Error) -> Failure {
    Failure::new(format!("RTNETLINK answers: {}", error_text(error))).with_status(2)
}
