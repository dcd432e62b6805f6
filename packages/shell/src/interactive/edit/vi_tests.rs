// SPDX-License-Identifier: GPL-3.0-or-later
//! Cases for vi's keys.

use super::super::session::tests::{session, type_in};
use super::*;

fn check(keys: &str, wanted: &str) {
    let mut session = session(&["echo one", "ls -l /tmp", "make all"]);
    session.start(true);
    assert_eq!(type_in(&mut session, keys).0, wanted, "{keys:?}");
}

// ESC is written twice where the next key would otherwise come with it.
#[test]
fn moving() {
    for (keys, wanted) in [
        ("abc", "abc|"),
        ("abc\x1b", "ab|c"),
        ("abc\x1bh", "a|bc"),
        ("abc\x1b0", "|abc"),
        ("abc\x1b0l", "a|bc"),
        ("abc\x1b0 ", "a|bc"),
        ("abc\x1b0lllll", "ab|c"),
        ("  abc\x1b^", "  |abc"),
        ("abc\x1b0$", "ab|c"),
        ("abcdef\x1b3|", "ab|cdef"),
        ("foo-bar baz\x1b0w", "foo|-bar baz"),
        ("foo-bar baz\x1b0W", "foo-bar |baz"),
        ("foo-bar baz\x1b02w", "foo-|bar baz"),
        ("foo-bar baz\x1bb", "foo-bar |baz"),
        ("foo-bar baz\x1bBB", "|foo-bar baz"),
        ("foo-bar baz\x1b0e", "fo|o-bar baz"),
        ("foo-bar baz\x1b0E", "foo-ba|r baz"),
        ("a.b.c\x1b0f.", "a|.b.c"),
        ("a.b.c\x1b0f.;", "a.b|.c"),
        ("a.b.c\x1b0f.;,", "a|.b.c"),
        ("a.b.c\x1b02f.", "a.b|.c"),
        ("a.b.c\x1b0t.", "|a.b.c"),
        ("a.b.c\x1bF.", "a.b|.c"),
        ("a.b.c\x1bT.", "a.b.|c"),
        ("漢字\x1b0l", "漢|字"),
        ("abc\x1b[D\x1b[D", "a|bc"),
        ("\x1bhl0$wbe", "|"),
    ] {
        check(keys, wanted);
    }
}

#[test]
fn changing() {
    for (keys, wanted) in [
        ("ac\x1bib", "ab|c"),
        ("ab\x1bac", "abc|"),
        ("bc\x1bIa", "a|bc"),
        ("ab\x1b0Ac", "abc|"),
        ("abc\x1b0Rxy", "xy|c"),
        ("abc\x1b0x", "|bc"),
        ("abc\x1bx", "a|b"),
        ("abc\x1b02x", "|c"),
        ("abc\x1bX", "a|c"),
        ("abc\x1b0rx", "|xbc"),
        ("abc\x1b02rx", "x|xc"),
        ("abc\x1brx\x1b", "ab|x"),
        ("abc\x1b09rx", "|abc"),
        ("one two\x1b0dw", "|two"),
        ("one two\x1bdb", "one |o"),
        ("one two\x1b0d$", "|"),
        ("one two three\x1b02dw", "|three"),
        ("one two three\x1b0d2w", "|three"),
        ("one two\x1b0de", "| two"),
        ("one two\x1b0dtw", "|wo"),
        ("one two\x1b0dfw", "|o"),
        ("one two\x1bdd", "|"),
        ("one two\x1b0wD", "one| "),
        ("one two\x1b0cwx", "x| two"),
        ("one two\x1b0c2wx", "x|"),
        ("one  two\x1b03lcwx", "onex|two"),
        ("one two\x1b0ccx", "x|"),
        ("one two\x1b0wCx", "one x|"),
        ("one two\x1b0Sx", "x|"),
        ("one\x1b0sx", "x|ne"),
        ("one two\x1b0ywP", "one| one two"),
        ("one two\x1b0yw$p", "one twoone| "),
        ("ab\x1b0xp", "b|a"),
        ("ab\x1b0x3p", "baa|a"),
        ("ab cd\x1b0Y$p", "ab cdab c|d"),
        ("aBc\x1b0~~~", "Ab|C"),
        ("abc\x1b03~", "AB|C"),
        ("one two\x1b0dw.", "|"),
        ("abcdef\x1b0x3.", "|ef"),
        ("abcdef\x1b02x.", "|ef"),
        ("a b\x1b0cwx\x1bw.", "x |x"),
        ("ab\x1bx\x1b0iyz\x1b.", "yy|zza"),
        ("abc\x1b0xxu", "|bc"),
        ("abc\x1b0xxU", "|"),
        ("abc\x1b0xuu", "|"),
        ("make\x1b_", "make all|"),
        ("x\x1b1_", "x make|"),
        ("ab\x7f\x17c", "c|"),
        ("d\x1bdx", "|d"),
    ] {
        check(keys, wanted);
    }
}

#[test]
fn history() {
    for (keys, wanted) in [
        ("\x1bk", "|make all"),
        ("\x1bkk", "|ls -l /tmp"),
        ("\x1b2k", "|ls -l /tmp"),
        ("new\x1bkj", "|new"),
        ("\x1bG", "|echo one"),
        ("\x1b2G", "|ls -l /tmp"),
        ("\x1b-+", "|"),
        ("\x1b/echo\r", "|echo one"),
        ("\x1b/l\r", "|make all"),
        ("\x1b/l\rn", "|ls -l /tmp"),
        ("\x1b/l\rnN", "|make all"),
        ("\x1b/^l\r", "|ls -l /tmp"),
        ("\x1b/e*one\r", "|echo one"),
        ("\x1bG?l\r", "|ls -l /tmp"),
        ("\x1b/l\x7fecho\r", "|echo one"),
        ("x\x1b/nothing\r", "|x"),
        ("x\x1b/e\x1b", "|x"),
        ("\x1b[A\x1b[A", "ls -l /tmp|"),
        ("\x12ls", "|ls -l /tmp"),
    ] {
        check(keys, wanted);
    }
}

#[test]
fn steps() {
    for (keys, wanted) in [
        ("a\r", Step::Accept),
        ("a\x1b\r", Step::Accept),
        ("a\x1b#", Step::Accept),
        ("\x04", Step::Eof),
        ("a\x03", Step::Interrupt),
        ("a\x1b\x03", Step::Interrupt),
        ("a\x1bv", Step::EditExternally),
        ("a\x1b9v", Step::Bell),
        ("a\x1b\\", Step::Complete),
        ("a\x1b=", Step::List),
        ("a\x1b*", Step::Expand),
        ("a\x1b@q", Step::Alias('q')),
        ("a\x1b\x0c", Step::Clear),
        ("\x1bQ", Step::Bell),
    ] {
        let mut session = session(&["echo one"]);
        session.start(true);
        assert_eq!(type_in(&mut session, keys).1, wanted, "{keys:?}");
    }
}
