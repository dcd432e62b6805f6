// SPDX-License-Identifier: MIT OR Apache-2.0
//! JUnit XML. Schema: junit-10.xsd of Jenkins's xUnit plugin, the format that readers of JUnit expect.

use crate::{Case, Counts, Outcome, Results, Suite};
use std::fmt::Write;
use std::time::Duration;

pub(crate) fn write(results: &Results) -> String {
    let counts = Counts::of(results.suites.iter().flat_map(|suite| &suite.cases));
    let time: Option<Duration> = results
        .suites
        .iter()
        .any(|suite| suite.time.is_some())
        .then(|| results.suites.iter().filter_map(|suite| suite.time).sum());
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    open(&mut xml, "", "testsuites", &[("name", "qos".to_owned())], counts, time);
    for suite in &results.suites {
        self::suite(&mut xml, suite);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn suite(xml: &mut String, suite: &Suite) {
    open(xml, "  ", "testsuite", &[("name", suite.name.clone())], Counts::of(&suite.cases), suite.time);
    for case in &suite.cases {
        self::case(xml, case, suite);
    }
    if !suite.output.is_empty() {
        element(xml, "    ", "system-out", &[], &suite.output);
    }
    xml.push_str("  </testsuite>\n");
}

fn open(
    xml: &mut String,
    indent: &str,
    tag: &str,
    attributes: &[(&str, String)],
    counts: Counts,
    time: Option<Duration>,
) {
    let mut all = attributes.to_vec();
    for (name, count) in [
        ("tests", counts.tests),
        ("failures", counts.failures),
        ("errors", counts.errors),
        ("skipped", counts.skipped),
    ] {
        // junit-10.xsd does not have it for all of the suites together.
        if !(tag == "testsuites" && name == "skipped") {
            all.push((name, count.to_string()));
        }
    }
    all.extend(time.map(|time| ("time", seconds(time))));
    let _ = writeln!(xml, "{indent}<{tag}{}>", attributes_text(&all));
}

fn case(xml: &mut String, case: &Case, suite: &Suite) {
    let mut attributes = vec![("name", case.name.clone()), ("classname", suite.name.clone())];
    attributes.extend(case.time.map(|time| ("time", seconds(time))));
    let attributes = attributes_text(&attributes);
    if case.outcome == Outcome::Passed && case.output.is_empty() {
        let _ = writeln!(xml, "    <testcase{attributes}/>");
        return;
    }
    let _ = writeln!(xml, "    <testcase{attributes}>");
    // A failure's text is what readers show, so the output stands there, and not a second time.
    let (tag, message, kind) = match &case.outcome {
        Outcome::Passed => ("system-out", None, None),
        Outcome::Skipped(reason) => ("skipped", Some(reason), None),
        Outcome::Changed(message) => ("failure", Some(message), Some("snapshot-changed")),
        Outcome::Failed(message) => ("failure", Some(message), None),
        Outcome::Error(message) => ("error", Some(message), None),
    };
    let message = message.map(|message| ("message", message.clone()));
    let kind = kind.map(|kind| ("type", kind.to_owned()));
    let attributes: Vec<_> = message.into_iter().chain(kind).collect();
    if tag == "skipped" {
        element(xml, "      ", tag, &attributes, "");
        if !case.output.is_empty() {
            element(xml, "      ", "system-out", &[], &case.output);
        }
    } else {
        element(xml, "      ", tag, &attributes, &case.output);
    }
    xml.push_str("    </testcase>\n");
}

fn element(xml: &mut String, indent: &str, tag: &str, attributes: &[(&str, String)], content: &str) {
    let attributes = attributes_text(attributes);
    let _ = match content {
        "" => writeln!(xml, "{indent}<{tag}{attributes}/>"),
        _ => writeln!(xml, "{indent}<{tag}{attributes}>{}</{tag}>", text(content, false)),
    };
}

fn attributes_text(attributes: &[(&str, String)]) -> String {
    attributes.iter().fold(String::new(), |mut all, (name, value)| {
        let _ = write!(all, " {name}=\"{}\"", text(value, true));
        all
    })
}

fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}

/// Text as it may stand between tags, or in an attribute's quotes, where ends of lines are kept as references: a reader
/// would take them for spaces. A CDATA section would not do: `]]>` ends it.
fn text(text: &str, attribute: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\n' | '\t' if !attribute => out.push(character),
            // A reader would make an end of line of a carriage return between tags, too.
            '\n' | '\t' | '\r' => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            // XML 1.0, production 2 (Char): these are not allowed, not even as references.
            '\0'..='\x1f' => {
                let _ = write!(out, "\\x{:02x}", u32::from(character));
            }
            '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        let check = |input: &str, between: &str, quoted: &str| {
            assert_eq!((text(input, false).as_str(), text(input, true).as_str()), (between, quoted));
        };
        check("plain ü☃💡", "plain ü☃💡", "plain ü☃💡");
        check("a<b>&\"c'", "a&lt;b&gt;&amp;\"c'", "a&lt;b&gt;&amp;&quot;c'");
        check("]]>", "]]&gt;", "]]&gt;");
        check("<![CDATA[x]]>", "&lt;![CDATA[x]]&gt;", "&lt;![CDATA[x]]&gt;");
        check("a\n\tb\r", "a\n\tb&#13;", "a&#10;&#9;b&#13;");
        check("\0\x01\x1b[31m\x7f", "\\x00\\x01\\x1b[31m\x7f", "\\x00\\x01\\x1b[31m\x7f");
        check("\u{fffe}\u{ffff}\u{fffd}", "\\u{fffe}\\u{ffff}\u{fffd}", "\\u{fffe}\\u{ffff}\u{fffd}");
    }

    #[test]
    fn no_character_makes_it_ill_formed() {
        for character in (0..=0x11_0000).filter_map(char::from_u32) {
            let written = text(&character.to_string(), true);
            let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
            assert!(written.chars().all(|c| allowed(c) && !matches!(c, '<' | '>' | '"')), "{character:?}");
        }
    }
}
