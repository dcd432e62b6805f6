// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;

fn xxd(args: &str, input: &[u8]) -> Result<Vec<u8>, Failure> {
    let options = parse(args.split_whitespace().map(OsString::from).collect())?;
    let mut out = Vec::new();
    let mut input = &input[if options.revert { 0 } else { options.seek.unsigned_abs() as usize }..];
    if options.revert {
        revert::run(&options, &mut input, &mut revert::Target::Stream(&mut out, 0))?;
    } else {
        dump::run(&options, options.name.as_deref(), &mut input, &mut out)?;
    }
    Ok(out)
}

fn check(args: &str, input: &str, expect: &str) {
    assert_eq!(String::from_utf8(xxd(args, input.as_bytes()).unwrap()).unwrap(), expect, "xxd {args}");
}

#[test]
fn dumps() {
    check(
        "",
        "hello, world!\n\0\u{1}xyz",
        "00000000: 6865 6c6c 6f2c 2077 6f72 6c64 210a 0001  hello, world!...\n00000010: 7879 7a                                  xyz\n",
    );
    check("-p", "abc", "616263\n");
    check("-ps -u -c 2", "jkl", "6A6B\n6C\n");
    check("-b", "ab", "00000000: 01100001 01100010                                      ab\n");
    check("-g 1 -c 4 -s 1 -l 2", "abcd", "00000001: 62 63        bc\n");
    check("-g0 -c4", "abcd", "00000000: 61626364  abcd\n");
    check("-e -c 4", "abcd", "00000000: 64636261  abcd\n");
    check("-i", "ab", "  0x61, 0x62\n");
    check("-i -n a.b", "ab", "unsigned char a_b[] = {\n  0x61, 0x62\n};\nunsigned int a_b_len = 2;\n");
    check("-d -o 10", "a", "00000010: 61                                       a\n");
    check("", "", "");
}

#[test]
fn reverts() {
    check("-r", "00000000: 6865 6c6c 6f0a  hello.\n", "hello\n");
    check("-r", "00000002: 61\n", "\0\0a");
    check("-r -p", "68 65\n6c6\nc", "hell");
    check("-r -b", "00000000: 01100001 01100010  ab\n", "ab");
    check("-r -s -2", "00000002: 61\n", "a");
    for options in ["", "-p", "-b", "-g 1 -c 7", "-u"] {
        let data: Vec<u8> = (0..=255).collect();
        let text = xxd(options, &data).unwrap();
        assert_eq!(xxd(&format!("-r {options}"), &text).unwrap(), data, "{options}");
    }
}

#[test]
fn failures() {
    for bad in ["-z", "-c", "-c x", "-c 300", "a b c", "-a"] {
        assert_eq!(
            parse(bad.split(' ').map(OsString::from).collect()).err().map(|f| f.status()),
            Some(2),
            "{bad}"
        );
    }
    assert_eq!(xxd("-r", b"00000002: 61\n00000000: 61\n").unwrap_err().status(), 5);
    assert_eq!(
        (number("0x10"), number("010"), number("-5"), number("x")),
        (Some(16), Some(8), Some(-5), None)
    );
}
