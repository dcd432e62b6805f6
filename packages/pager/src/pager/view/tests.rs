// SPDX-License-Identifier: MIT OR Apache-2.0
use super::super::keys::action;
use super::*;
use crate::source::Source;
use qos_screen::Key;

/// A view of 4 rows and a prompt, 10 columns.
fn view(text: &str, options: Options) -> View {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("f");
    std::fs::write(&path, text).unwrap();
    View::new(options, vec![Document::new("f", Source::open(&path).unwrap())], 5, 10)
}

fn numbers(last: usize) -> String {
    (1..=last).map(|n| format!("{n}\n")).collect()
}

#[test]
fn moves() {
    let mut view = view(&numbers(20), Options::default());
    let mut check = |keys: &str, expect: &str| {
        for key in keys.chars() {
            view.act(action(Key::Char(key)), None);
        }
        assert_eq!(view.rows().join(" "), expect, "{keys}");
    };
    check("", "1 2 3 4");
    check(" ", "5 6 7 8");
    check("jjk", "6 7 8 9");
    check("b", "2 3 4 5");
    check("kkkk", "1 2 3 4");
    check("du", "1 2 3 4");
    check("G", "17 18 19 20");
    check(" j", "17 18 19 20");
    check("g", "1 2 3 4");
    view.act(Action::End, Some(9));
    assert_eq!(view.rows()[0], "9");
    view.act(Action::Percent, Some(50));
    assert_eq!(view.rows()[0], "11");
}

#[test]
fn ends() {
    let mut short = view("a\nb\n", Options::default());
    assert_eq!(short.rows(), ["a", "b", "~", "~"]);
    assert!(short.is_at_end() && short.fits());
    assert_eq!(short.prompt(), "f (END)");
    assert_eq!(short.whole(), b"a\nb\n");
    assert!(!view(&numbers(5), Options::default()).fits());
    assert!(!view(&"x".repeat(50), Options::default()).fits());
}

#[test]
fn long_lines() {
    let text = format!("{}\nnext\n{}", "0123456789".repeat(3), numbers(9));
    let mut folded = view(&text, Options::default());
    assert_eq!(folded.rows(), ["0123456789", "0123456789", "0123456789", "next"]);
    folded.act(Action::Down, Some(2));
    assert_eq!(folded.rows(), ["0123456789", "next", "1", "2"]);
    folded.act(Action::Up, None);
    assert_eq!(folded.rows()[..2], ["0123456789", "0123456789"]);
    let mut cut = view(&text, Options { chop: true, ..Options::default() });
    assert_eq!(cut.rows(), ["0123456789", "next", "1", "2"]);
    cut.act(Action::Right, None);
    assert_eq!(cut.rows()[..2], ["5678901234", ""]);
    let mut numbered = view(&text, Options { numbers: true, ..Options::default() });
    assert_eq!(numbered.rows()[..2], ["      1 01", "        23"]);
}

#[test]
fn searches() {
    let mut view = view(&numbers(30), Options { ignore_case: true, ..Options::default() });
    let top =
        |view: &mut View| view.rows()[0].replace("\x1b[7m", "").replace("\x1b[m", "").replace("\x1b[27m", "");
    view.search("2", true);
    assert_eq!(top(&mut view), "2");
    view.act(Action::Again { same: true }, None);
    assert_eq!(top(&mut view), "12");
    view.act(Action::Again { same: false }, None);
    assert_eq!(top(&mut view), "2");
    view.search("^1$", true);
    assert_eq!(view.message.take().as_deref(), Some("pattern not found"));
    view.search("3", false);
    assert_eq!(view.message.take().as_deref(), Some("pattern not found"));
    view.search("(", true);
    assert_eq!(view.message.take().as_deref(), Some("(: not a regular expression"));
    view.search("25", true);
    assert_eq!(view.rows()[0], "\x1b[7m25\x1b[m");
}

#[test]
fn clips_to_a_row() {
    let view = view("", Options::default());
    for (text, expect) in [("/abc", "/abc"), ("/0123456789", "123456789"), ("/a\x07", "/a^G")] {
        assert_eq!(view.clip(text), expect);
    }
}
