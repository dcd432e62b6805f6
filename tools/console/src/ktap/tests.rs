// SPDX-License-Identifier: MIT OR Apache-2.0

use super::*;
use crate::parse;

/// The reports of a log, written a line a test, with an indentation of two for each level: outcome, name, duration in
/// microseconds; then its problems with `!` and its log with `|`.
fn show(log: &str) -> String {
    let mut out = Vec::new();
    for report in reports(&parse(log.as_bytes())) {
        out.push(format!("report {}", if report.passed() { "passed" } else { "failed" }));
        out.extend(report.problems.iter().map(|problem| format!("! {problem}")));
        out.extend(report.log.iter().map(|line| format!("| {line}")));
        report.tests.iter().for_each(|test| show_test(test, 1, &mut out));
    }
    out.join("\n")
}

fn show_test(test: &Test, depth: usize, out: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    let outcome = match &test.outcome {
        Outcome::Passed => "ok".to_owned(),
        Outcome::Crashed => "crashed".to_owned(),
        Outcome::Failed(why) => format!("failed({why})"),
        Outcome::Skipped(why) => format!("skipped({why})"),
        Outcome::Expected(why) => format!("expected({why})"),
    };
    let took = test.duration_ns.map(|ns| format!(" {}", ns / 1000)).unwrap_or_default();
    out.push(format!("{indent}{outcome} {}{took}", test.name));
    out.extend(test.problems.iter().map(|problem| format!("{indent}! {problem}")));
    out.extend(test.log.iter().map(|line| format!("{indent}| {line}")));
    test.tests.iter().for_each(|inner| show_test(inner, depth + 1, out));
}

#[track_caller]
fn check(log: &str, expect: &[&str]) {
    assert_eq!(show(log).lines().collect::<Vec<_>>(), expect, "{log}");
}

#[test]
fn flat_reports() {
    check("", &[]);
    check("nothing\n1..2\nok 1 a\n", &[]);
    check("KTAP version 1\n1..0 # SKIP no device\nx\n", &["report passed"]);
    check(
        "noise\nKTAP version 1\n1..4\nok 1 a\nnot ok 2 b # TODO soon\nok 3 c # SKIP none\nok 4 d\nafter\n",
        &["report passed", "  ok a", "  expected(soon) b", "  skipped(none) c", "  ok d"],
    );
    check(
        "TAP version 13\n1..2\n# says why\nnot ok 1 - a # ERROR x\nok 2 b\n",
        &["report failed", "  failed(ERROR x) a", "  | # says why", "  ok b"],
    );
}

#[test]
fn nested_reports() {
    // As KUnit prints it, with indentations of four, and a parameterised test.
    check(
        "\
[    1.000000] KTAP version 1
[    1.000000] 1..1
[    1.000001]     KTAP version 1
[    1.000002]     # Subtest: suite
[    1.000003]     1..2
[    1.000013]     ok 1 quick
[    1.000014]         KTAP version 1
[    1.000015]         # Subtest: each
[    1.000016]         ok 1 one
[    1.000020]         ok 2 two
[    1.000021]     # each: pass:2 fail:0 skip:0 total:2
[    1.000022]     ok 2 each
[    1.000023] # suite: pass:2 fail:0 skip:0 total:2
[    1.000024] ok 1 suite
[    1.000030] unrelated
",
        &[
            "report passed",
            "  ok suite 23",
            "  | # suite: pass:2 fail:0 skip:0 total:2",
            "    ok quick 10",
            "    ok each 8",
            "    |     # each: pass:2 fail:0 skip:0 total:2",
            "      ok one 1",
            "      ok two 4",
        ],
    );
    // As older kernels print it: no version line inside.
    check(
        "TAP version 14\n1..1\n    # Subtest: s\n    1..1\n    ok 1 - a\nok 1 - s\n",
        &["report passed", "  ok s", "    ok a"],
    );
    // The specification's own indentation is two.
    check(
        "KTAP version 1\n1..1\n  KTAP version 1\n  1..2\n    KTAP version 1\n    1..1\n    not ok 1 deep\n  \
         not ok 1 mid\n  ok 2 other\nnot ok 1 top\n",
        &["report failed", "  failed() top", "    failed() mid", "      failed() deep", "    ok other"],
    );
}

#[test]
fn lines_of_the_log_belong_to_the_test_that_runs() {
    check(
        "\
KTAP version 1
1..2
    KTAP version 1
    # Subtest: s
    1..2
    # a: EXPECTATION FAILED at s.c:3
        Expected 1 == 2
[    1.000000] BUG: something
    not ok 1 a
    ok 2 b
# s: pass:1 fail:1
not ok 1 s
it is ok 3 times
ok 2 t
",
        &[
            "report failed",
            "  failed() s",
            "  | # s: pass:1 fail:1",
            "    failed() a",
            "    |     # a: EXPECTATION FAILED at s.c:3",
            "    |         Expected 1 == 2",
            "    | BUG: something",
            "    ok b",
            "  ok t",
            "  | it is ok 3 times",
        ],
    );
}

#[test]
fn a_test_that_crashed() {
    // The log ends in a test.
    check(
        "KTAP version 1\n1..2\nok 1 fine\n    KTAP version 1\n    # Subtest: s\n    1..3\n    ok 1 a\nKernel panic - not syncing\n",
        &[
            "report failed",
            "  ok fine",
            "  crashed s",
            "  ! its plan has 3 tests, and 1 came",
            "  | Kernel panic - not syncing",
            "    ok a",
        ],
    );
    // A suite without a result, and the next.
    check(
        "KTAP version 1\n1..2\n    KTAP version 1\n    # Subtest: s\n    1..1\n    KTAP version 1\n    # Subtest: t\n    \
         1..1\n    ok 1 a\nok 2 t\n",
        &["report failed", "  crashed s", "  ! its plan has 1 tests, and 0 came", "  ok t", "    ok a"],
    );
    check(
        "KTAP version 1\n1..3\nok 1 a\n[    1.000000] oops\n",
        &["report failed", "! its plan has 3 tests, and 1 came", "| oops", "  ok a"],
    );
    check("KTAP version 1\n", &["report failed", "! it has no plan, so that a test may be missing"]);
}

#[test]
fn reports_that_contradict_themselves() {
    check(
        "KTAP version 1\n1..2\nok 1 a\nok 3 b\n",
        &["report failed", "  ok a", "  ok b", "  ! its number is 3 where 2 was due"],
    );
    check(
        "KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  not ok 1 a\nok 1 s\n",
        &["report failed", "  ok s", "  ! it says ok although a test in it failed", "    failed() a"],
    );
    check(
        "KTAP version 1\n1..1\n  # Subtest: s\n  1..1\n  ok 1 a\nok 1 t\n",
        &["report failed", "  ok t", "  ! the tests before its result are those of s", "    ok a"],
    );
    check(
        "KTAP version 1\nok 1 a\n",
        &["report failed", "! it has no plan, so that a test may be missing", "  ok a"],
    );
    // What is indented without a level of its own is no result.
    check(
        "KTAP version 1\n1..1\n    not ok 7 text\nok 1 a\n",
        &["report passed", "  ok a", "  |     not ok 7 text"],
    );
}

#[test]
fn several_reports_in_one_log() {
    check(
        "KTAP version 1\n1..1\nok 1 a\nbetween\nKTAP version 1\n1..2\nok 1 b\nKTAP version 1\n1..1\nok 1 c\n",
        &[
            "report passed",
            "  ok a",
            "report failed",
            "! its plan has 2 tests, and 1 came",
            "  ok b",
            "report passed",
            "  ok c",
        ],
    );
}

#[test]
fn cases_have_the_names_of_their_groups() {
    let names = |log: &str| {
        let reports = reports(&parse(log.as_bytes()));
        reports.iter().flat_map(Report::cases).map(|case| case.name).collect::<Vec<_>>()
    };
    let group = |result: &str, of_group: &str| {
        format!(
            "KTAP version 1\n1..1\n  KTAP version 1\n  # Subtest: s\n  1..2\n  ok 1 a\n  {result}\n{of_group}\n"
        )
    };
    assert_eq!(names(&group("ok 2 b", "ok 1 s")), ["s.a", "s.b"]);
    // The group failed because of b; that is reported once.
    assert_eq!(names(&group("not ok 2 b", "not ok 1 s")), ["s.a", "s.b"]);
    // The group itself failed, as when its exit function did.
    assert_eq!(names(&group("ok 2 b", "not ok 1 s")), ["s.a", "s.b", "s"]);
    assert_eq!(names(&group("", "")), ["s.a", "s"]);
}

#[test]
fn any_beginning_of_a_report_is_read() {
    let log = include_str!("../../../../kernel/modules/qos_exit/qos_exit_test.ktap");
    let whole = reports(&parse(log.as_bytes()));
    assert!(whole.len() == 1 && whole[0].passed());
    assert_eq!(whole[0].cases().len(), 5);
    // A suite's result without its name is still its result.
    let result = log.rfind("ok 1 ").unwrap_or(0) + "ok ".len();
    for end in 1..=result {
        let cut = reports(&parse(&log.as_bytes()[..end]));
        assert!(cut.iter().all(|report| !report.passed()), "cut at {end}");
    }
}
