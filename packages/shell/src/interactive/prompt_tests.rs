// SPDX-License-Identifier: GPL-3.0-or-later
//! Cases for prompts.

use super::*;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// The result of a future that does not wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("the future waits"),
    }
}

/// The pieces of a source, each as a string: escapes as `\x`, the number as `<!>`, expansions in `{}`.
fn shape(source: &str) -> String {
    let show = |piece: Piece| match piece {
        Piece::Literal(text) => text,
        Piece::Escape(escape) => format!("\\{escape}"),
        Piece::Number => "<!>".into(),
        Piece::Expand(text) => format!("{{{text}}}"),
    };
    now(pieces(source, true)).into_iter().map(show).collect()
}

#[test]
fn sources() {
    for (source, wanted) in [
        ("qos# ", "qos# "),
        ("$USER@\\h:\\w\\$ ", "{$USER}@\\h:\\w\\$ "),
        ("${X-a b}$(echo !)`pwd`$((1+1))", "{${X-a b}}{$(echo !)}{`pwd`}{$((1+1))}"),
        ("! !! !!! $!", "<!> ! !<!> {$!}"),
        ("\\!\\#", "\\!\\#"),
        ("\\033[1m\\0", "\x1b[1m\0"),
        ("\\1012", "A2"),
        ("\\$(date)", "\\$(date)"),
        ("\\\\w", "\\\\w"),
        ("${unclosed \\u", "${unclosed \\u"),
        ("ends in \\", "ends in \\"),
    ] {
        assert_eq!(shape(source), wanted, "{source:?}");
    }
}

#[test]
fn no_number_in_ps2() {
    assert_eq!(now(pieces("! !!> ", false)), [Piece::Literal("! !!> ".into())]);
}

#[test]
fn width() {
    for (marked, text, visible) in [
        ("qos# ", "qos# ", "qos# "),
        ("\u{1}\x1b[1;32m\u{2}a\u{1}\x1b[0m\u{2} ", "\x1b[1;32ma\x1b[0m ", "a "),
        ("\x1b[31mred\x1b[m$ ", "\x1b[31mred\x1b[m$ ", "red$ "),
        ("\x1b]0;title\x07$ ", "\x1b]0;title\x07$ ", "$ "),
        ("\x1b]0;title\x1b\\$ ", "\x1b]0;title\x1b\\$ ", "$ "),
        ("\x1b7a\x1b8", "\x1b7a\x1b8", "a"),
        ("a\nb\x07", "a\nb\x07", "a\nb"),
        ("\u{1}hidden", "hidden", ""),
        ("\x1b[31", "\x1b[31", ""),
        ("\x1b", "\x1b", ""),
    ] {
        assert_eq!(split(marked), Prompt { text: text.into(), visible: visible.into() }, "{marked:?}");
    }
}

#[test]
fn directories() {
    for (pwd, home, wanted, last) in [
        ("/root", "/root", "~", "~"),
        ("/root/a/b", "/root/", "~/a/b", "b"),
        ("/rooted", "/root", "/rooted", "rooted"),
        ("/", "/root", "/", "/"),
        ("/etc", "/", "/etc", "etc"),
        ("/etc", "", "/etc", "etc"),
        ("", "/root", "", ""),
    ] {
        let shown = directory(pwd, home);
        assert_eq!((shown.as_str(), base(&shown)), (wanted, last), "{pwd:?} {home:?}");
    }
}

#[test]
fn times() {
    // 2026-11-27 23:34:41 UTC, and the day of a leap year's end of February.
    for (escape, seconds, wanted) in [
        ('t', 1_795_822_481, "23:34:41"),
        ('T', 1_795_822_481, "11:34:41"),
        ('@', 1_795_822_481, "11:34 PM"),
        ('A', 1_795_822_481, "23:34"),
        ('d', 1_795_822_481, "Fri Nov 27"),
        ('@', 0, "12:00 AM"),
        ('d', 0, "Thu Jan 01"),
        ('d', 951_782_400, "Tue Feb 29"),
        ('d', 951_868_800, "Wed Mar 01"),
        ('d', 946_598_400, "Fri Dec 31"),
    ] {
        assert_eq!(time(escape, seconds), wanted, "{escape} {seconds}");
    }
}
