// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of raw bytes and the lines that they give.

use qos_console::{Line, Parser, Source, parse};

fn texts(raw: &[u8]) -> Vec<String> {
    parse(raw).into_iter().map(|line| line.text).collect()
}

fn check(raw: &[u8], expect: &[&str]) {
    assert_eq!(texts(raw), expect, "{:?}", String::from_utf8_lossy(raw));
}

#[test]
fn ends_of_lines() {
    check(b"", &[]);
    check(b"a\nb\r\nc\r\r\nd", &["a", "b", "c", "d"]);
    check(b"\n\r\n", &["", ""]);
    check(b"a\n", &["a"]);
    assert!(parse(b"a\n")[0].complete);
    assert!(!parse(b"a")[0].complete);
}

#[test]
fn what_is_overwritten_does_not_show() {
    check(b" 10%\r 50%\r100%\n", &["100%"]);
    check(b"long line\rshort\n", &["shortline"]);
    check(b"long line\r\x1b[Kshort\n", &["short"]);
    check(b"ab\x08c\n", &["ac"]);
    check(b"\x08\x08a\n", &["a"]);
    check(b"abc\x1b[2Dx\n", &["axc"]);
    check(b"a\x1b[3Cb\n", &["a   b"]);
    check(b"abc\x1b[1Gx\n", &["xbc"]);
    check(b"abc\x1b[2K\rx\n", &["x"]);
}

#[test]
fn decoration_is_removed() {
    check(b"\x1b[1;31mred\x1b[0m\n", &["red"]);
    check(b"\x1b]0;title\x07text\n", &["text"]);
    check(b"\x1b]0;title\x1b\\text\n", &["text"]);
    check(b"\x1b(Btext\x1b=\n", &["text"]);
    check(b"\x1b[?2004hqos# \x1b[?2004l\n", &["qos# "]);
    check(b"\x07bell\n", &["bell"]);
    check(b"a\tb\n", &["a\tb"]);
}

#[test]
fn nothing_that_is_not_text_is_lost() {
    check(b"a\xffb\n", &["a\\xffb"]);
    check(b"a\0b\n", &["a\\x00b"]);
    check("ü☃\n".as_bytes(), &["ü☃"]);
    check(b"\xe2\x98\n", &["\\xe2\\x98"]);
    check(b"\xe2\x98A\n", &["\\xe2\\x98A"]);
    check(b"\xe2\xe2\x98\x83\n", &["\\xe2☃"]);
    check(b"\xf0\x9f\x92", &["\\xf0\\x9f\\x92"]);
    check(b"back\\slash \\x41\n", &["back\\slash \\x5cx41"]);
}

#[test]
fn firmware_and_kernel_are_told_apart() {
    let raw = b"SeaBIOS (version 1.16.3)\r\nBooting from ROM..\x1bc\x1b[?7l\x1b[2J[    0.000000] Linux version 7.3\r\n\
                [    0.500000] Run /init as init process\r\nhello\r\n";
    let lines = parse(raw);
    let got: Vec<(Source, &str)> = lines.iter().map(|line| (line.source, line.message())).collect();
    let expect = [
        (Source::Firmware, "SeaBIOS (version 1.16.3)"),
        (Source::Firmware, "Booting from ROM.."),
        (Source::Kernel, "Linux version 7.3"),
        (Source::Kernel, "Run /init as init process"),
        (Source::Console, "hello"),
    ];
    assert_eq!(got, expect);
    check(b"Booting from ROM..[    0.000000] Linux\n", &["Booting from ROM..", "[    0.000000] Linux"]);
}

#[test]
fn a_kernel_line_behind_a_prompt_is_a_line_of_its_own() {
    check(
        b"[    1.000000] a\nlogin: [    1.000001] b\n",
        &["[    1.000000] a", "login: ", "[    1.000001] b"],
    );
    // A program shows an older line.
    check(b"[    1.000000] a\n7:[    0.500000] b\n", &["[    1.000000] a", "7:[    0.500000] b"]);
}

#[test]
fn a_guest_without_ends_of_lines_does_not_fill_the_memory() {
    let raw = vec![b'x'; 200_000];
    let lines = parse(&raw);
    assert!(lines.len() > 1 && lines.iter().all(|line| line.text.len() <= 65_536));
    assert_eq!(lines.iter().map(|line| line.text.len()).sum::<usize>(), raw.len());
    let far: Vec<usize> = texts(b"\x1b[99999999Cx\ny\n").iter().map(String::len).collect();
    assert_eq!(far, [65_536, 0, 1]);
}

/// Bytes of every kind that the parser distinguishes, to be split at every position.
const MIXED: &[u8] =
    b"Boot..\x1bc\x1b[2J[    0.000001] a\r\n\x1b[1;31m\xe2\x98\x83\xff\x1b[0m\rb\x08c\r\n\x1b]0;t\x1b\\d\n\xf0\x9f";

#[test]
fn pieces_do_not_matter() {
    let whole = parse(MIXED);
    for first in 0..MIXED.len() {
        for second in first..MIXED.len() {
            let mut parser = Parser::new();
            let mut lines: Vec<Line> = Vec::new();
            for piece in [&MIXED[..first], &MIXED[first..second], &MIXED[second..]] {
                lines.extend(parser.push(piece));
            }
            lines.extend(parser.finish());
            assert_eq!(lines, whole, "cut at {first} and {second}");
        }
    }
}

#[test]
fn any_bytes_are_taken() {
    // A linear congruential generator (Knuth's MMIX constants): the same bytes on every run.
    let mut state: u64 = 1;
    for _ in 0..200 {
        let bytes: Vec<u8> = (0..500)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                // Escapes and ends of lines are to be frequent.
                match state >> 60 {
                    0 => 0x1b,
                    1 => b'[',
                    2 => b'\n',
                    _ => (state >> 33) as u8,
                }
            })
            .collect();
        for line in parse(&bytes) {
            assert!(!line.text.contains(['\n', '\r', '\u{1b}']), "{:?}", line.text);
        }
    }
}

/// Debian's cloud kernel 6.12 on QEMU 10.0, with a busybox initramfs that powers off.
const REAL: &[u8] = include_bytes!("data/debian-6.12.raw");

#[test]
fn a_real_boot() {
    let lines = parse(REAL);
    assert_eq!(lines.len(), 346);
    assert!(lines.iter().all(|line| line.complete && !line.text.contains("\\x")));
    let kernel: Vec<&Line> = lines.iter().filter(|line| line.source == Source::Kernel).collect();
    assert_eq!(kernel.len(), lines.len(), "nothing but the kernel wrote to this console");
    let first = kernel.first().map(|line| line.message());
    assert!(first.is_some_and(|message| message.starts_with("Linux version 6.12.107+deb13-cloud-amd64")));
    assert_eq!(kernel.last().map(|line| line.message()), Some("reboot: Power down"));
    let init = kernel.iter().find(|line| line.message() == "Run /init as init process");
    assert_eq!(init.and_then(|line| line.time_ns), Some(7_765_095_000));
    assert_eq!(kernel.last().and_then(|line| line.time_ns), Some(9_069_874_000));
}
