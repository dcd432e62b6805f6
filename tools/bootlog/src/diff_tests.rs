// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of pairs of logs and their expected differences.

use super::*;
use crate::parse;

/// The changes from `base` to `head`, one a line as [`Change`] prints them.
fn changes(base: &str, head: &str) -> Vec<String> {
    let (base, head) = (parse(base.as_bytes()), parse(head.as_bytes()));
    diff(&base, &head).iter().map(ToString::to_string).collect()
}

/// `base` and `head` have their lines parted by `|`.
#[track_caller]
fn check(base: &str, head: &str, expect: &[&str]) {
    let lines = |text: &str| text.split('|').flat_map(|line| [line, "\n"]).collect::<String>();
    assert_eq!(changes(&lines(base), &lines(head)), expect, "{base} => {head}");
}

#[test]
fn added_and_removed() {
    check("a|b|c", "a|b|c", &[]);
    check("a|b", "a|b|c", &["+ c"]);
    check("b|c", "a|b|c", &["+ a"]);
    check("a|c", "a|b|c", &["+ b"]);
    check("a|b|c", "a|c", &["- b"]);
    check("a|b|c", "a|x|c", &["- b", "+ x"]);
    check("a|a|a", "a|a", &["- a"]);
    check("a||b", "a|b", &["- "]);
    check("one two|x|y", "x|y|three four", &["- one two", "+ three four"]);
    assert_eq!(changes("", "a\n"), ["+ a"]);
    assert_eq!(changes("a\n", ""), ["- a"]);
    assert_eq!(changes("", ""), [""; 0]);
}

#[test]
fn moved() {
    check("a|b|c|d", "b|c|d|a", &["> a"]);
    check("a|b|c|d", "d|a|b|c", &["> d"]);
    check("a|b|c|d|e", "d|e|a|b|c", &["> d", "> e"]);
    check("a|b|c", "b|c|a|a", &["> a", "+ a"]);
    check("a|b|c|x", "b|a|c|y", &["> a", "- x", "+ y"]);
}

#[test]
fn changed() {
    check(
        "x|Freeing initrd memory: 4676K|y",
        "x|Freeing initrd memory: 4680K|y",
        &["~ Freeing initrd memory: [-4676K-]{+4680K+}"],
    );
    check("golden: the shell runs", "golden: the new shell runs", &["~ golden: the {+new +}shell runs"]);
    // Equal lines are distinguished by their values.
    check(
        "x|BAR 0 [io 0x10]|BAR 1 [io 0x20]|BAR 2 [io 0x30]|y",
        "x|BAR 0 [io 0x11]|BAR 2 [io 0x31]|y",
        &["~ BAR 0 [io [-0x10-]{+0x11+}]", "- BAR 1 [io 0x20]", "~ BAR 2 [io [-0x30-]{+0x31+}]"],
    );
    check(
        "x|BAR 0 [io 0x10]|y",
        "x|BAR 7 [io 0x99]|BAR 0 [io 0x11]|y",
        &["+ BAR 7 [io 0x99]", "~ BAR 0 [io [-0x10-]{+0x11+}]"],
    );
    // Numbers alone are compared where they stand.
    check("x|1 2|y", "x|1 3|y", &["~ 1 [-2-]{+3+}"]);
    check("1 2|x|y", "x|y|1 3", &["- 1 2", "+ 1 3"]);
    // Two that differ too much are two changes.
    check("x|qos-init: started|y", "x|qos-init: ready|y", &["- qos-init: started", "+ qos-init: ready"]);
}

#[test]
fn changed_and_moved() {
    check("memory 1K|a|b", "a|b|memory 2K", &[">~ memory [-1K-]{+2K+}"]);
    // Which of the two became the one below is undecidable.
    check("memory 1K|a|memory 3K|b", "a|b|memory 2K", &["- memory 1K", "- memory 3K", "+ memory 2K"]);
    check(
        "a|speed 1 fast|memory 1K|b",
        "a|memory 2K|speed 2 fast|b",
        &["~ memory [-1K-]{+2K+}", ">~ speed [-1-]{+2+} fast"],
    );
}

const BOOT: &str = "\
[    0.000000] Linux version 7.3.4
[    0.003861] CPU topo: Max. logical packages:   1
[    0.035999] devtmpfs: initialized
[    0.036505] posixtimers hash table entries: 512 (order: 1, 8192 bytes, linear)
[    0.327342] Freeing initrd memory: 4676K
[    0.328614] Run /init as init process
[    0.331315] qos-init: started
[    0.332400] qos-init: ready
[    0.332415] qos-init: run /bin/sh
[    0.336364] golden: the shell runs
output
[    0.365951] qos-init: status 0
";

/// The changes with their phases, from [`BOOT`] to what `edit` makes of it.
#[track_caller]
fn check_boot(edit: impl Fn(&str) -> String, expect: &[(Phase, &str)]) {
    let (base, head) = (parse(BOOT.as_bytes()), parse(edit(BOOT).as_bytes()));
    let got: Vec<(Phase, String)> =
        diff(&base, &head).iter().map(|change| (change.phase(), change.to_string())).collect();
    let expect: Vec<(Phase, String)> =
        expect.iter().map(|(phase, text)| (*phase, (*text).to_owned())).collect();
    assert_eq!(got, expect);
}

#[test]
fn changes_have_their_phase() {
    use Phase::{Drivers, Init, Memory, Modules, Session, Shutdown};
    check_boot(str::to_owned, &[]);
    check_boot(|log| log.replace("0.3", "0.4"), &[]);
    check_boot(
        |log| log.replace("[    0.332400]", "[    0.332000] qos-init: hello\n[    0.332400]"),
        &[(Modules, "+ qos-init: hello")],
    );
    check_boot(
        |log| log.replace("4676K", "4684K").replace("status 0", "status 1").replace("output\n", ""),
        &[
            (Drivers, "~ Freeing initrd memory: [-4676K-]{+4684K+}"),
            (Session, "- output"),
            (Shutdown, "~ qos-init: status [-0-]{+1+}"),
        ],
    );
    check_boot(
        |log| log.replace("qos-init: run /bin/sh", "qos-init: run /bin/true"),
        &[(Init, "~ qos-init: run /bin/[-sh-]{+true+}")],
    );
    // A lost marker changes the phase of the lines after it, but not the lines.
    check_boot(
        |log| log.replace("[    0.035999] devtmpfs: initialized\n", ""),
        &[(Drivers, "- devtmpfs: initialized")],
    );
    // To another phase.
    check_boot(
        |log| {
            log.replace("[    0.036505] posix", "[    0.036000] x\n[    0.036505] posix")
                .replace("[    0.331315] qos-init: started\n", "")
                .replace("[    0.035999]", "[    0.000001] qos-init: started\n[    0.035999]")
        },
        &[(Memory, "> qos-init: started"), (Drivers, "+ x")],
    );
    // A panic: the rest did not come.
    check_boot(
        |log| log[..log.find("[    0.328614]").unwrap_or(0)].to_owned() + "[    0.4] Kernel panic\n",
        &[
            (Drivers, "+ [    0.4] Kernel panic"),
            (Modules, "- Run /init as init process"),
            (Modules, "- qos-init: started"),
            (Init, "- qos-init: ready"),
            (Init, "- qos-init: run /bin/sh"),
            (Session, "- golden: the shell runs"),
            (Session, "- output"),
            (Shutdown, "- qos-init: status 0"),
        ],
    );
}

#[test]
fn places_are_line_numbers() {
    let changes = diff(&parse(b"a\nb\nc\nn 1\n"), &parse(b"b\nc\nx y z\na\nn 2\n"));
    let place = |number| Place { phase: Phase::Early, number };
    let expect = [
        Change::Added { to: place(3), text: "x y z".to_owned() },
        Change::Moved { from: place(1), to: place(4), text: "a".to_owned() },
        Change::Changed {
            from: place(4),
            to: place(5),
            before: "n 1".to_owned(),
            after: "n 2".to_owned(),
            parts: vec![
                Part::Same("n ".to_owned()),
                Part::Removed("1".to_owned()),
                Part::Added("2".to_owned()),
            ],
            moved: false,
        },
    ];
    assert_eq!(changes, expect);
}

/// Every change of one line in a log of sixty, and every swap of two neighbours, is one change.
#[test]
fn one_change_is_one_change() {
    let lines: Vec<String> = (0..60).map(|n| format!("driver{} number {n} is ready", n % 7)).collect();
    let base = lines.join("\n");
    for at in 0..lines.len() {
        let edited = |edit: &dyn Fn(&mut Vec<String>)| {
            let mut lines = lines.clone();
            edit(&mut lines);
            changes(&base, &lines.join("\n"))
        };
        let starts = |got: Vec<String>, start: &str| {
            assert!(got.len() == 1 && got[0].starts_with(start), "line {at}: {got:?}");
        };
        starts(edited(&|lines| lines[at].push_str(" now")), "~ ");
        starts(edited(&|lines| lines[at] = format!("driver{} number 999 is ready", at % 7)), "~ ");
        starts(edited(&|lines| lines.insert(at, "driver1 number 77 is ready".to_owned())), "+ ");
        starts(edited(&|lines| drop(lines.remove(at))), "- ");
        if at + 1 < lines.len() {
            starts(edited(&|lines| lines.swap(at, at + 1)), "> ");
        }
    }
}

#[test]
fn logs_with_nothing_in_common_do_not_take_minutes() {
    let log = |word: &str| (0..2000).map(|n| format!("{word} of {n}")).collect::<Vec<_>>().join("\n");
    let got = changes(&log("one"), &log("other"));
    assert_eq!(got.len(), 4000);
    let got = changes(&log("one"), &log("one").replace(" of ", " of 0x1"));
    assert!(got.iter().all(|line| !line.starts_with(['+', '-'])), "{:?}", got.first());
}
