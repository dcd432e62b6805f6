// SPDX-License-Identifier: MIT OR Apache-2.0
//! Logs and their normal forms.

use super::*;
use crate::parse;

const FREQUENCY: Mask = Mask {
    name: "frequency",
    why: "it is measured",
    pattern: "clock: ([a-z]+) [0-9.]+ MHz",
    replacement: "clock: $1 <MHz> MHz",
    examples: &[],
};

const WORKERS: Group = Group {
    name: "workers",
    why: "they run side by side",
    from: Phase::Drivers,
    to: Phase::Modules,
    patterns: &["worker .*"],
    examples: &[],
};

const CLOCKS: Group = Group {
    name: "clocks",
    why: "they run side by side",
    from: Phase::Early,
    to: Phase::Drivers,
    patterns: &["clock: .*<MHz>.*"],
    examples: &[],
};

/// A log with a time stamp before each message.
fn log(messages: &[&str]) -> Vec<Line> {
    let line = |(at, text): (usize, &&str)| format!("[    0.{:06}] {text}\n", at + 1);
    parse(messages.iter().enumerate().map(line).collect::<String>().as_bytes())
}

#[track_caller]
fn check(masks: &[Mask], groups: &[Group], messages: &[&str], expect: &str, unused: &[&str]) {
    let rules = Rules::new(masks.iter().copied(), groups.iter().copied(), []).unwrap();
    let normal = rules.normalise(&log(messages));
    assert_eq!(normal.text(), expect);
    assert_eq!(normal.unused(), unused);
}

#[test]
fn without_rules_it_is_the_log_without_stamps() {
    check(&[], &[], &[], "", &[]);
    check(&[], &[], &["a", "b"], "== early: firmware and early boot\na\nb\n", &[]);
    let lines = log(&["a", "devtmpfs: initialized", "b"]);
    let normal = Rules::none().normalise(&lines);
    assert_eq!(normal.lines(), lines);
    assert_eq!(
        normal.text(),
        "== early: firmware and early boot\na\n\n== drivers: buses and drivers\ndevtmpfs: initialized\nb\n"
    );
}

#[test]
fn values_are_masked() {
    let early = "== early: firmware and early boot\n";
    check(
        &[FREQUENCY],
        &[],
        &["clock: tsc 2445.4 MHz", "clock: x", "clock: hpet 9 MHz"],
        &format!("{early}clock: tsc <MHz> MHz\nclock: x\nclock: hpet <MHz> MHz\n"),
        &[],
    );
    check(&[FREQUENCY], &[], &["clock: x"], &format!("{early}clock: x\n"), &["frequency"]);
    // The first that matches.
    let second = Mask { name: "second", pattern: ".*", replacement: "all", ..FREQUENCY };
    check(
        &[FREQUENCY, second],
        &[],
        &["clock: tsc 1 MHz", "b"],
        &format!("{early}clock: tsc <MHz> MHz\nall\n"),
        &[],
    );
}

#[test]
fn lines_of_a_group_are_sorted_behind_their_last_phase() {
    let expect = "== early: firmware and early boot\na\nworker early\n\n\
                  == drivers: buses and drivers\ndevtmpfs: initialized\nb\n\n\
                  == modules: init's start and modules\nRun /init as init process\nc\n\
                  -- in any order: workers\nworker 1\nworker 2\nworker 2\n\n\
                  == init: init and services\nqos-init: ready\nworker late\n";
    for drivers_and_modules in [
        ["b", "worker 2", "worker 1", "Run /init as init process", "worker 2", "c"],
        ["worker 1", "b", "Run /init as init process", "c", "worker 2", "worker 2"],
        ["worker 2", "worker 2", "worker 1", "b", "Run /init as init process", "c"],
    ] {
        let mut messages = vec!["a", "worker early", "devtmpfs: initialized"];
        messages.extend(drivers_and_modules);
        messages.extend(["qos-init: ready", "worker late"]);
        check(&[], &[WORKERS], &messages, expect, &[]);
    }
}

#[test]
fn groups_see_what_masks_have_made() {
    check(
        &[FREQUENCY],
        &[WORKERS, CLOCKS],
        &["clock: b 2 MHz", "devtmpfs: initialized", "clock: a 1 MHz", "worker 1", "x"],
        "== drivers: buses and drivers\ndevtmpfs: initialized\nx\n\
         -- in any order: clocks\nclock: a <MHz> MHz\nclock: b <MHz> MHz\n\n\
         == modules: init's start and modules\n-- in any order: workers\nworker 1\n",
        &[],
    );
    check(&[], &[CLOCKS], &["a"], "== early: firmware and early boot\na\n", &["clocks"]);
}

#[test]
fn optional_lines_are_left_out() {
    let late = Optional {
        name: "late",
        why: "the host is busy",
        patterns: &["clock: tsc 2 MHz", "late"],
        examples: &[],
    };
    let rules = Rules::new([FREQUENCY], [CLOCKS], [late]).unwrap();
    let text = |messages: &[&str]| rules.normalise(&log(messages)).text();
    let with = ["clock: tsc 2 MHz", "a", "late", "clock: hpet 3 MHz"];
    assert_eq!(text(&with), text(&["a", "clock: hpet 4 MHz"]));
    assert_eq!(rules.normalise(&log(&with)).hits()["late"], ["clock: tsc 2 MHz", "late"]);
    // An optional rule without a match is not an error.
    assert_eq!(rules.normalise(&log(&["a"])).unused(), ["clocks", "frequency"]);
}

#[test]
fn hits_are_the_messages_before() {
    let rules = Rules::new([FREQUENCY], [CLOCKS], []).unwrap();
    let normal = rules.normalise(&log(&["clock: b 2 MHz", "x", "clock: a 1 MHz"]));
    let hits: Vec<(&str, Vec<String>)> =
        normal.hits().iter().map(|(name, hits)| (*name, hits.clone())).collect();
    let strings = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
    assert_eq!(
        hits,
        [
            ("clocks", strings(["clock: b <MHz> MHz", "clock: a <MHz> MHz"])),
            ("frequency", strings(["clock: b 2 MHz", "clock: a 1 MHz"])),
        ]
    );
}

#[test]
fn stamps_stay_with_their_lines() {
    let rules = Rules::new([FREQUENCY], [], []).unwrap();
    let lines = rules.normalise(&parse(b"[    0.000001] clock: b 2 MHz\nclock: c 3 MHz\n")).lines();
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["[    0.000001] clock: b <MHz> MHz", "clock: c <MHz> MHz"]);
    assert_eq!(lines[0].time_ns, Some(1000));
}

#[test]
fn rules_have_names() {
    let all = Rules::all().unwrap().names();
    assert_eq!(Rules::named(&all).unwrap().names(), all);
    assert!(Rules::named(&[]).unwrap().names().is_empty());
    let error = Rules::named(&[all[0], "frequence"]).err().unwrap_or_default();
    assert!(
        error.starts_with("unknown rule \"frequence\"; the rules are ") && error.contains(all[0]),
        "{error}"
    );
}
