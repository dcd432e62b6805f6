// SPDX-License-Identifier: MIT OR Apache-2.0
use super::{Help, rows};

const SAMPLE: Help = Help {
    section: 8,
    purpose: "take samples",
    usage: "[-n COUNT] [-o FILE] [--a-long-option VALUE] [--another-long-option VALUE] SOURCE\n--list",
    text: "A sample is a part of a whole.\n\nIt is taken\nonce.",
    options: "\
-n, --count COUNT  this many samples, which are taken one after the other from the sources in the order of
                   their names
--a-long-option-with-a-long-value VALUE
                   sets the value
Of lists:
-l                 lists
",
    files: "/etc/samples  where they are\n",
    see: "cut(1) samples(5)",
    ..Help::NONE
};

const TEXT: &str = "\
usage: sample [-n COUNT] [-o FILE] [--a-long-option VALUE]
              [--another-long-option VALUE] SOURCE
       sample --list

Take samples.

A sample is a part of a whole.

It is taken once.

Options:
  -n, --count COUNT  this many samples, which are taken one after the other from
                     the sources in the order of their names
  --a-long-option-with-a-long-value VALUE
                     sets the value
  --help             print this help

Of lists:
  -l                 lists

Exit status:
  0  success
  1  failure
  2  usage error

Files:
  /etc/samples  where they are

See also: cut(1) samples(5)
";

#[test]
fn text() {
    assert_eq!(SAMPLE.text_of("sample"), TEXT);
    assert_eq!(SAMPLE.defects("sample"), [""; 0]);
    assert_eq!(Help::NONE.usage_of("clear"), "usage: clear");
}

#[test]
fn tables() {
    let read = |table| rows(table).into_iter().map(|row| (row.term, row.text)).collect::<Vec<_>>();
    assert_eq!(read("-a  all\n    of them\n\nB:\n"), [("-a", "all of them".into()), ("B:", String::new())]);
    assert_eq!(read(""), []);
}

#[test]
fn defects() {
    let check = |help: Help, expect: &str| {
        let defects = help.defects("x");
        assert!(defects.iter().any(|defect| defect.contains(expect)), "{defects:?}: {expect}");
    };
    check(Help::NONE, "lower case");
    check(Help { purpose: "end.", ..SAMPLE }, "full stop");
    check(Help { section: 5, ..SAMPLE }, "section");
    check(Help { text: "caf\u{e9}", ..SAMPLE }, "ASCII");
    check(Help { options: "-a\n-b  text\n", ..SAMPLE }, "lacks");
    check(Help { see: "ls", ..SAMPLE }, "NAME(SECTION)");
    let wide = "a-word-of-more-than-eighty-columns-which-cannot-be-broken-because-it-has-no-space-in-it";
    check(Help { text: wide, ..SAMPLE }, "wider");
}
