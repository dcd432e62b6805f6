// SPDX-License-Identifier: GPL-3.0-or-later
//! Cases for the contents of the screen.

use super::super::emulator::Emulator;
use super::*;

fn prompt(text: &str) -> Prompt {
    Prompt { text: text.into(), visible: text.into() }
}

/// Shows texts with `|` at the cursor one after the other on a terminal of this size; each time, the terminal has to show
/// the same as one on which nothing was before.
fn check(columns: usize, rows: usize, prompt_text: &str, steps: &[&str]) -> Emulator {
    let size = Size { columns, rows };
    let mut emulator = Emulator::new(columns, rows);
    let mut screen = Screen::default();
    for step in steps {
        let cursor = step.find('|').unwrap();
        let text = step.replacen('|', "", 1);
        emulator.write(screen.show(&prompt(prompt_text), &text, cursor, size).as_bytes());
        let mut fresh = Emulator::new(columns, rows);
        fresh.write(Screen::default().show(&prompt(prompt_text), &text, cursor, size).as_bytes());
        assert_eq!(emulator.marked(), fresh.marked(), "{step:?} of {steps:?}");
    }
    emulator
}

#[test]
fn one_row() {
    let shown = check(
        20,
        5,
        "$ ",
        &["|", "a|", "ab|", "a|b", "ax|b", "|axb", "|", "echo|", "ec|ho", "|", "漢字|", "漢|字", "x|字"],
    );
    assert_eq!(shown.marked(), "$ x|字");
}

#[test]
fn wrapped_rows() {
    let long = "0123456789abcdefghijklmnop";
    let at = |cursor: usize| format!("{}|{}", &long[..cursor], &long[cursor..]);
    let steps: Vec<String> = [26, 0, 8, 7, 17, 18, 26].map(at).to_vec();
    let mut steps: Vec<&str> = steps.iter().map(|step| &**step).collect();
    let shown = check(10, 5, "$ ", &steps);
    assert_eq!(shown.marked(), "$ 01234567\n89abcdefgh\nijklmnop|");
    // The cursor behind a full row is at the start of the next.
    steps.extend(["01234567|", "0123456|7", "0123456|", "01234567|", "012345678|", "01234567|", "|"]);
    check(10, 5, "$ ", &steps);
    assert_eq!(check(10, 5, "$ ", &["01234567|"]).marked(), "$ 01234567\n|");
}

#[test]
fn wide_characters_at_the_margin() {
    let shown = check(
        5,
        9,
        "$ ",
        &["a漢字|", "ab漢字|", "abc漢字|", "ab漢字|", "ab|漢字", "a|漢字", "|漢字", "x|漢字", "|"],
    );
    assert_eq!(shown.text(), "$");
    assert_eq!(check(5, 9, "$ ", &["ab漢字|"]).marked(), "$ ab\n漢字|");
}

#[test]
fn rows_of_text() {
    let shown = check(
        20,
        9,
        "$ ",
        &[
            "for\nfoo\ndone|",
            "for\nfo|\ndone",
            "for|\nfo\ndone",
            "f|\nfo\ndone",
            "f\n|fo\ndone",
            "ffo|\ndone",
            "ffo|",
            "a\n|",
            "a\nb|\n\nc",
        ],
    );
    assert_eq!(shown.marked(), "$ a\nb|\n\nc");
    // Behind a full row, the cursor has a row of its own.
    assert_eq!(check(5, 9, "$ ", &["abc\nd|"]).marked(), "$ abc\n\nd|");
    assert_eq!(check(5, 9, "$ ", &["abc|\nd", "abcd|\nd", "abc|\nd"]).marked(), "$ abc\n|\nd");
    check(5, 9, "12345", &["\n|", "|\n", "a|\n", "|\n"]);
}

#[test]
fn control_characters() {
    let shown = check(20, 9, "$ ", &["a\tb|", "a|\tb", "|\tb", "a\x03b|", "a\x1b[2J|"]);
    assert_eq!(shown.marked(), "$ a^[[2J|");
    assert_eq!(check(20, 9, "$ ", &["a\tb|"]).marked(), "$ a     b|");
    assert_eq!(check(20, 9, "$ ", &["e\u{301}x|", "e\u{301}|x"]).marked(), "$ e\u{301}|x");
}

#[test]
fn prompts() {
    assert_eq!(check(20, 9, "~/dir\n$ ", &["a|", "|", "echo|"]).marked(), "~/dir\n$ echo|");
    assert_eq!(check(5, 9, "prompt$ ", &["a|", "ab|c", "|"]).marked(), "promp\nt$ |");
    assert_eq!(check(5, 9, "12345", &["|", "a|"]).marked(), "12345\na|");
    let colours = Prompt { text: "\x1b[1m$\x1b[m ".into(), visible: "$ ".into() };
    let mut emulator = Emulator::new(5, 9);
    let mut screen = Screen::default();
    for text in ["abcd", "abc", "ab"] {
        emulator.write(screen.show(&colours, text, text.len(), Size { columns: 5, rows: 9 }).as_bytes());
    }
    assert_eq!(emulator.marked(), "$ ab|");
}

#[test]
fn another_prompt_takes_its_place() {
    let size = Size { columns: 10, rows: 5 };
    let mut emulator = Emulator::new(10, 5);
    let mut screen = Screen::default();
    emulator.write(screen.show(&prompt("$ "), "0123456789", 10, size).as_bytes());
    emulator.write(screen.show(&prompt("(search)"), "x", 0, size).as_bytes());
    assert_eq!(emulator.marked(), "(search)|x");
    emulator.write(screen.show(&prompt("$ "), "0123456789", 3, size).as_bytes());
    assert_eq!(emulator.marked(), "$ 012|34567\n89");
    emulator.write(screen.leave().as_bytes());
    assert_eq!(emulator.marked(), "$ 01234567\n89\n|");
    emulator.write(screen.show(&prompt("$ "), "a", 1, size).as_bytes());
    emulator.write(screen.erase().as_bytes());
    assert_eq!(emulator.marked(), "$ 01234567\n89\n|");
}

#[test]
fn output_without_a_newline_stays() {
    let mut emulator = Emulator::new(20, 5);
    emulator.write(b"output");
    let mut screen = Screen::default();
    for text in ["", "l", "ls", "l"] {
        emulator
            .write(screen.show(&prompt("$ "), text, text.len(), Size { columns: 20, rows: 5 }).as_bytes());
    }
    assert_eq!(emulator.marked(), "output$ l|");
}

#[test]
fn more_rows_than_the_screen() {
    let text: String = (0..8).map(|row| format!("row {row}\n")).collect();
    let at = |cursor: usize| format!("{}|{}", &text[..cursor], &text[cursor..]);
    let steps: Vec<String> = [48, 42, 0, 20, 48].map(at).to_vec();
    let size = Size { columns: 10, rows: 4 };
    let mut emulator = Emulator::new(10, 4);
    let mut screen = Screen::default();
    let visible = |emulator: &Emulator| {
        let text = emulator.marked();
        let rows: Vec<String> = text.lines().map(str::to_owned).collect();
        rows[rows.len().saturating_sub(4)..].join("/")
    };
    let mut seen = vec![];
    for step in &steps {
        let cursor = step.find('|').unwrap();
        emulator.write(screen.show(&prompt("$ "), &text, cursor, size).as_bytes());
        seen.push(visible(&emulator));
    }
    assert_eq!(
        seen,
        [
            "row 5/row 6/row 7/|",
            "row 5/row 6/|row 7",
            "$ |row 0/row 1/row 2/row 3",
            "$ row 0/row 1/row 2/ro|w 3",
            "row 5/row 6/row 7/|",
        ]
    );
}

#[test]
fn resized_windows() {
    let text = "0123456789abcdefghijklmnop";
    for (columns, to) in [(10, 20), (20, 10), (10, 7), (7, 30), (30, 10), (28, 14)] {
        for cursor in [0, 5, 8, 18, 26] {
            let mut emulator = Emulator::new(columns, 9);
            let mut screen = Screen::default();
            emulator.write(b"before\r\n");
            emulator.write(screen.show(&prompt("$ "), text, cursor, Size { columns, rows: 9 }).as_bytes());
            emulator.resize(to);
            emulator
                .write(screen.show(&prompt("$ "), text, cursor, Size { columns: to, rows: 9 }).as_bytes());
            let mut fresh = Emulator::new(to, 9);
            fresh.write(b"before\r\n");
            fresh.write(
                Screen::default().show(&prompt("$ "), text, cursor, Size { columns: to, rows: 9 }).as_bytes(),
            );
            assert_eq!(emulator.marked(), fresh.marked(), "{columns} to {to} at {cursor}");
        }
    }
}
