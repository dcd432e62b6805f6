// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of boots that agree, and of the messages for boots that differ.

use super::*;
use crate::Line;
use crate::mask::Mask;
use crate::normal::Rules;
use crate::parse;

/// A boot's log, with a time stamp before each line.
fn boot(log: &str) -> Vec<Line> {
    let lines: Vec<String> = log.lines().map(|line| format!("[    0.000001] {line}\n")).collect();
    parse(lines.concat().as_bytes())
}

fn boots(logs: &[&str]) -> Vec<Normal> {
    logs.iter().map(|log| Rules::none().normalise(&boot(log))).collect()
}

/// `expect` is the message, or nothing if they are equal.
#[track_caller]
fn check(logs: &[&str], expect: &str) {
    let got = match common(&boots(logs)) {
        Ok(_) => String::new(),
        Err(unstable) => unstable.to_string(),
    };
    assert_eq!(got, expect);
}

#[test]
fn alike() {
    check(&["a\nb"], "");
    check(&["a\nb", "a\nb", "a\nb"], "");
    check(&["", ""], "");
    let two = boots(&["a", "a"]);
    assert_eq!(common(&two).unwrap().text(), two[0].text());
}

#[test]
fn a_value_that_differs_wants_a_mask() {
    check(
        &["clock is 2445.401 MHz\nb", "clock is 2445.401 MHz\nb", "clock is 2447.000 MHz\nb"],
        "2 of 3 boots are equal, 1 and 2; differences from them:\n  \
         a value that no mask covers; if it may vary, add a mask to tools/bootlog/src/rules.rs:\n    \
         boot 3, early: ~ clock is [-2445-]{+2447+}.[-401-]{+000+} MHz\n      \
         pattern: clock is [0-9]+\\.[0-9]+ MHz",
    );
    // One reason, whatever the values.
    check(
        &["x at 0x1 (b)", "x at 0x1 (b)", "x at 0x2 (b)", "x at 0xff (b)"],
        "2 of 4 boots are equal, 1 and 2; differences from them:\n  \
         a value that no mask covers; if it may vary, add a mask to tools/bootlog/src/rules.rs:\n    \
         boots 3 and 4, early: ~ x at [-0x1-]{+0x2+} (b)\n      \
         pattern: x at 0x[0-9a-f]+ \\(b\\)",
    );
}

#[test]
fn an_order_that_differs_wants_a_group() {
    check(
        &["one line\nb\nc", "b\nc\none line", "one line\nb\nc"],
        "2 of 3 boots are equal, 1 and 3; differences from them:\n  \
         a line in another place; if its order may vary, add a group to tools/bootlog/src/rules.rs:\n    \
         boot 2, early: > one line\n      \
         pattern: one line",
    );
}

#[test]
fn a_line_that_is_not_always_there_has_no_rule() {
    check(
        &["a\nnow and then", "a"],
        "all 2 boots differ; differences from boot 1:\n  \
         a line that only some boots have and no rule covers; find out what prints it, and why not always:\n    \
         boot 2, early: - now and then",
    );
    let many: String = (0..20).map(|at| ["p", "q"][at % 2].repeat(at + 1) + "\n").collect();
    let unstable = common(&boots(&["", &many])).err().unwrap().to_string();
    assert!(unstable.ends_with("+ qqqqqqqqqqqq\n    and 8 more"), "{unstable}");
}

#[test]
fn the_most_frequent_is_what_others_are_held_against() {
    let unstable = common(&boots(&["odd", "x", "even", "x"])).err().unwrap();
    assert_eq!((unstable.boots, unstable.alike), (4, vec![2, 4]));
    let numbers: Vec<&[usize]> = unstable.differences.iter().map(|(_, boots)| boots.as_slice()).collect();
    assert_eq!(numbers, [&[1, 3][..], &[1], &[3]]);
}

#[test]
fn rules_that_mask_what_does_not_differ_are_found() {
    let mask = |name, pattern| Mask { name, why: "", pattern, replacement: "", examples: &[] };
    let rules = Rules::new([mask("a", "a.*"), mask("b", "b.*"), mask("c", "c.*")], [], []).unwrap();
    let check = |logs: &[&str], expect: &[&str]| {
        let boots: Vec<Normal> = logs.iter().map(|log| rules.normalise(&boot(log))).collect();
        assert_eq!(constant(&boots), expect, "{logs:?}");
    };
    check(&["a1\nb1"], &["a", "b"]);
    check(&["a1\nb1", "a1\nb2"], &["a"]);
    check(&["a1\nb1", "a1\nb1", "a2\nb1"], &["b"]);
    check(&["x", "x"], &[]);
}

#[test]
fn classes_of_characters() {
    let check = |text, expect| assert_eq!(class(text), expect, "{text}");
    check("", "");
    check("2447", "[0-9]+");
    check("1fe2", "[0-9a-f]+");
    check("0x1f", "0x[0-9a-f]+");
    check("0x10x2f", "0x[0-9a-f]+");
    check("0x", r"\S*");
    check("0x1x", r"\S*");
    check("eth0eth1", r"\S*");
    check("a b", ".*");
}
