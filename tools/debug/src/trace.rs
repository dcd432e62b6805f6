// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds the code locations in a kernel log, and adds text beside them. Pure.
//!
//! The kernel prints a location as `symbol+0xOFFSET/0xSIZE [module]` (`%pS`, Documentation/core-api/printk-formats.rst).

use regex_lite::{Captures, Regex};

/// A place in code as a log names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The symbol.
    pub symbol: String,
    /// Bytes from the symbol to the instruction that is meant.
    pub offset: u64,
    /// Bytes from the symbol to the next one.
    pub size: u64,
    /// The module it is in; none: in the kernel.
    pub module: Option<String>,
}

/// A line of source, and the function it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The function, demangled.
    pub function: String,
    /// Its file, as a person looks for it.
    pub file: String,
    /// The line; 0 where the compiler has made code of its own.
    pub line: u64,
}

/// A place, and where in a line it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which place.
    pub place: Place,
    /// Bytes of the line that are the symbol.
    symbol: (usize, usize),
    /// The byte after the place.
    end: usize,
}

/// Finds the code locations in the lines of a log.
pub struct Finder {
    place: Regex,
    release: Regex,
}

impl Finder {
    /// A finder.
    pub fn new() -> Finder {
        let regex = |pattern| Regex::new(pattern).expect("the pattern is a constant");
        Finder {
            place: regex(
                r"([A-Za-z_.$][A-Za-z0-9_.$]*)\+0x([0-9a-f]+)/0x([0-9a-f]+)(?: \[(\w+)(?: [0-9a-f]+)?\])?",
            ),
            // The header of an oops has the output of `uname -r` and `uname -v` (lib/dump_stack.c, dump_stack_print_info()).
            release: regex(r"Linux version (\S+) |PID: \d+ Comm: .*(?:Not tainted|Tainted: .*) (\S+) #\d+"),
        }
    }

    /// The places that a line names, from left to right.
    pub fn places(&self, line: &str) -> Vec<Found> {
        self.place.captures_iter(line).filter_map(|captures| found(line, &captures)).collect()
    }

    /// The release of the kernel that wrote the log, if the line contains it.
    pub fn release<'a>(&self, line: &'a str) -> Option<&'a str> {
        let captures = self.release.captures(line)?;
        Some(captures.get(1).or_else(|| captures.get(2))?.as_str())
    }
}

fn found(line: &str, captures: &Captures) -> Option<Found> {
    // A number that does not fit is ignored.
    let number = |group| u64::from_str_radix(captures.get(group)?.as_str(), 16).ok();
    let (symbol, whole) = (captures.get(1)?, captures.get(0)?);
    let mut offset = number(2)?;
    // In a call trace stand the addresses that functions return to; the call is the instruction before.
    if is_trace(&line[..symbol.start()]) {
        offset = offset.saturating_sub(1);
    }
    let place = Place {
        symbol: symbol.as_str().to_owned(),
        offset,
        size: number(3)?,
        module: captures.get(4).map(|module| module.as_str().to_owned()),
    };
    Some(Found { place, symbol: (symbol.start(), symbol.end()), end: whole.end() })
}

/// Whether a place after these words is a line of a call trace: behind the time stamp, or what a system log puts in
/// front (`host kernel:`), is nothing, or a `?`.
fn is_trace(before: &str) -> bool {
    let text = before.rsplit(']').next().unwrap_or(before);
    let text = text.rsplit(" kernel:").next().unwrap_or(text);
    matches!(text.trim(), "" | "?")
}

/// The line with the source beside each of its places, `(a.c:7)`; what is inlined there follows, `(a.c:7 > a.h:3)`. The
/// lists in `sources` are for `found` in its order, each from the innermost function outwards; Rust's names are demangled.
pub fn annotate(line: &str, found: &[Found], sources: &[&[Source]]) -> String {
    let mut text = String::new();
    let mut at = 0;
    for (found, sources) in found.iter().zip(sources) {
        let known = sources.iter().rev().filter(|source| source.line != 0);
        let lines: Vec<String> = known.map(|source| format!("{}:{}", source.file, source.line)).collect();
        if lines.is_empty() {
            continue;
        }
        let (begin, end) = found.symbol;
        let mangled = &line[begin..end];
        let function = sources.last().map(|source| source.function.as_str()).filter(|name| !name.is_empty());
        // Names of Rust are mangled, names of C are not.
        let symbol = function.filter(|_| mangled.starts_with("_R")).unwrap_or(mangled);
        text.push_str(&line[at..begin]);
        text.push_str(&format!("{symbol}{} ({})", &line[end..found.end], lines.join(" > ")));
        at = found.end;
    }
    text.push_str(&line[at..]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    type Expected<'a> = (&'a str, u64, u64, Option<&'a str>);

    fn check(line: &str, expect: &[Expected]) {
        let found: Vec<Place> = Finder::new().places(line).into_iter().map(|found| found.place).collect();
        let place = |&(symbol, offset, size, module): &Expected| Place {
            symbol: symbol.to_owned(),
            offset,
            size,
            module: module.map(str::to_owned),
        };
        assert_eq!(found, expect.iter().map(place).collect::<Vec<_>>(), "{line:?}");
    }

    #[test]
    fn places_that_lines_name() {
        check("[    1.5] RIP: 0010:a_b+0x1c/0x50 [trouble]", &[("a_b", 0x1c, 0x50, Some("trouble"))]);
        check("RIP: 0010:a.cold+0x1c/0x50", &[("a.cold", 0x1c, 0x50, None)]);
        check("[    1.5] WARNING: mm/a.c:1 at f+0x2/0x3, CPU#0: sh/1", &[("f", 2, 3, None)]);
        check("x: y+0x1/0x2 [m 0123456789abcdef0123]", &[("y", 1, 2, Some("m"))]);
        check("leaked: f+0x1/0x2 from g+0x3/0x4 [m]", &[("f", 1, 2, None), ("g", 3, 4, Some("m"))]);
    }

    #[test]
    fn lines_that_name_none() {
        for line in [
            "",
            "[    1.5] RIP: 0033:0x401234",
            "Code: 48 8b 04 25",
            "f+0x/0x1",
            "f+0x1/0x",
            "f+0x1",
            "f+0x10000000000000000/0x1",
            "?+0x1/0x2",
        ] {
            check(line, &[]);
        }
    }

    #[test]
    fn a_call_trace_has_the_addresses_after_the_calls() {
        check("[    1.5]  do_one_initcall+0x46/0x1e0", &[("do_one_initcall", 0x45, 0x1e0, None)]);
        check("[    1.5][   T1]  ? f+0x46/0x1e0 [m]", &[("f", 0x45, 0x1e0, Some("m"))]);
        check(" f+0x46/0x1e0", &[("f", 0x45, 0x1e0, None)]);
        check("Nov 24 15:00:00 host kernel:  f+0x46/0x1e0", &[("f", 0x45, 0x1e0, None)]);
        check("Nov 24 15:00:00 host kernel: [    1.5]  ? f+0x46/0x1e0", &[("f", 0x45, 0x1e0, None)]);
        check("Nov 24 15:00:00 host kernel: RIP: 0010:f+0x46/0x1e0", &[("f", 0x46, 0x1e0, None)]);
        check(" f+0x0/0x1e0", &[("f", 0, 0x1e0, None)]);
        check("[    1.5] initcall f+0x0/0x10 returned 0", &[("f", 0, 0x10, None)]);
    }

    #[test]
    fn the_release_of_the_kernel() {
        let finder = Finder::new();
        for (line, expect) in [
            ("[    0.000000] Linux version 7.3.4 (qos@qos) (Debian clang)", Some("7.3.4")),
            (
                "[    1.5] CPU: 0 UID: 0 PID: 31 Comm: a b Not tainted 6.1.0-18-amd64 #1 PREEMPT",
                Some("6.1.0-18-amd64"),
            ),
            ("CPU: 0 UID: 0 PID: 31 Comm: insmod Tainted: G           O        7.3.4 #1 ", Some("7.3.4")),
            ("CPU: 0 PID: 1 Comm: sh Tainted: [W]=WARN, [O]=OOT_MODULE 6.18.15 #2", Some("6.18.15")),
            ("Linux version", None),
            ("Tainted: [W]=WARN", None),
            ("", None),
        ] {
            assert_eq!(finder.release(line), expect, "{line:?}");
        }
    }

    fn check_annotated(line: &str, sources: &[&[(&str, &str, u64)]], expect: &str) {
        let found = Finder::new().places(line);
        assert_eq!(found.len(), sources.len(), "{line:?}");
        let source = |&(function, file, line): &(&str, &str, u64)| Source {
            function: function.to_owned(),
            file: file.to_owned(),
            line,
        };
        let sources: Vec<Vec<Source>> =
            sources.iter().map(|sources| sources.iter().map(source).collect()).collect();
        assert_eq!(annotate(line, &found, &sources.iter().map(Vec::as_slice).collect::<Vec<_>>()), expect);
    }

    #[test]
    fn the_source_stands_beside_the_place() {
        check_annotated("[ 1.5]  f+0x4/0x9\r", &[&[("f", "a.c", 7)]], "[ 1.5]  f+0x4/0x9 (a.c:7)\r");
        check_annotated(" f+0x4/0x9 [m]", &[&[("f", "a.c", 7)]], " f+0x4/0x9 [m] (a.c:7)");
        let inlined = [("g", "a.h", 3), ("f", "a.c", 7)];
        check_annotated(" f+0x4/0x9", &[&inlined], " f+0x4/0x9 (a.c:7 > a.h:3)");
        let rust = [("<A as B>::init", "a.rs", 7)];
        check_annotated(" _RNv+0x4/0x9 [m]", &[&rust], " <A as B>::init+0x4/0x9 [m] (a.rs:7)");
        check_annotated(" _RNv+0x4/0x9", &[&[("", "a.rs", 7)]], " _RNv+0x4/0x9 (a.rs:7)");
    }

    #[test]
    fn each_place_of_a_line_has_its_own_source() {
        let (f, g) = ([("f", "a.c", 7)], [("g", "b.c", 9)]);
        check_annotated("f+0x1/0x2 to g+0x3/0x4!", &[&f, &g], "f+0x1/0x2 (a.c:7) to g+0x3/0x4 (b.c:9)!");
        check_annotated("f+0x1/0x2 to g+0x3/0x4!", &[&[], &g], "f+0x1/0x2 to g+0x3/0x4 (b.c:9)!");
        check_annotated("f+0x1/0x2 to g+0x3/0x4!", &[&f, &[]], "f+0x1/0x2 (a.c:7) to g+0x3/0x4!");
    }

    #[test]
    fn code_of_the_compilers_own_has_no_line() {
        let own = [("g", "core/option.rs", 0), ("f", "a.rs", 7)];
        check_annotated(" f+0x4/0x9", &[&own], " f+0x4/0x9 (a.rs:7)");
        check_annotated(" f+0x4/0x9", &[&[("f", "a.c", 0)]], " f+0x4/0x9");
        check_annotated(" f+0x4/0x9", &[&[]], " f+0x4/0x9");
    }
}
