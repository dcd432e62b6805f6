// SPDX-License-Identifier: MIT OR Apache-2.0
//! Output of a booting guest and of test programs.

use crate::{lossy, two};
use qos_bootdiff::listing::Listing;
use qos_bootlog::cost::{Cost, timeline};
use qos_bootlog::normal::Rules;
use qos_bootlog::{Line, Parser, conditions::Conditions, diff, escape, initcall, ktap, parse, phase};
use qos_results::{Results, Suite};
use qos_vm::{Accel, Evidence, Session, Verdict};
use std::sync::LazyLock;

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::all().unwrap_or_else(|error| panic!("{error}")));

/// Two logs. The pieces in which bytes come make no difference; a log does not differ from itself.
pub fn log(data: &[u8]) {
    let (one, other) = two(data);
    let lines = parse(one);
    let mut parser = Parser::new();
    let mut again: Vec<Line> = Vec::new();
    for piece in one.chunks(1 + one.len() % 7) {
        again.extend(parser.push(piece));
    }
    again.extend(parser.finish());
    assert_eq!(again, lines);
    assert!(lines.iter().all(|line| !line.text.contains('\n') && line.text.ends_with(line.message())));
    let cost = Cost::of(&lines);
    let _ = timeline(&cost, &initcall::of(&lines), 10);
    let _ = (phase::text(&lines), phase::cut(&lines).len(), Conditions::parse(&lossy(one)).to_string());
    let normal = RULES.normalise(&lines);
    let _ = (normal.text(), normal.unused());
    assert!(diff::diff(&lines, &lines).is_empty());
    for change in diff::diff(&lines, &parse(other)) {
        let _ = change.to_string();
    }
}

/// Bytes shown as text are the same bytes, and one line.
pub fn escape(data: &[u8]) {
    let text = escape::escape(data);
    assert_eq!(escape::unescape(&text), data, "{text}");
    assert!(!text.contains(char::is_control), "{text:?}");
}

/// Every report is read, and is well-formed for other programs.
pub fn ktap(data: &[u8]) {
    let lines = parse(data);
    let suites: Vec<Suite> =
        ktap::reports(&lines).iter().map(|report| Suite::of_ktap("kunit", report)).collect();
    assert_eq!(ktap::spans(&lines).len(), suites.len());
    written(&Results { suites });
}

/// As [`ktap`].
pub fn libtest(data: &[u8]) {
    let text = lossy(data);
    let read = qos_results::libtest::read(text.lines());
    written(&Results { suites: read.suites });
}

fn written(results: &Results) {
    let json: Result<serde_json::Value, _> = serde_json::from_str(&results.json());
    assert!(json.is_ok(), "{json:?}");
    let xml = results.junit();
    assert!(xml.chars().all(|c| c >= ' ' || matches!(c, '\n' | '\t' | '\r')), "{xml:?}");
}

/// A listing of an initramfs.
pub fn listing(data: &[u8]) {
    let _ = Listing::parse(&lossy(data));
}

/// A guest's console and verdict channel. A guest passes by the channel alone.
pub fn verdict(data: &[u8]) {
    let (channel, console) = two(data);
    let status = qos_protocol::verdict::parse(channel);
    for (session, wants_status) in
        [(Session::Console, false), (Session::Streams, true), (Session::Golden, true)]
    {
        let mut evidence = Evidence::new(session, wants_status, Accel::Tcg);
        evidence.console_began = !console.is_empty();
        for line in parse(console) {
            let _ = evidence.has_plausible_stamp(&line);
            let _ = evidence.line(&line);
        }
        channel.chunks(5).for_each(|bytes| evidence.verdict_bytes(bytes));
        let verdict = evidence.verdict();
        let _ = (verdict.to_string(), verdict.advice(), verdict.name());
        assert!(verdict != Verdict::Passed || status == Some(0), "{verdict:?}");
        assert!(verdict.exit_code() != 0 || !verdict.is_trouble(), "{verdict:?}");
    }
}

/// A message of QEMU's monitor; the start of a kernel or an initramfs.
pub fn qmp(data: &[u8]) {
    qos_vm::fuzz::files_and_messages(data);
}
