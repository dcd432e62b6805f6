// SPDX-License-Identifier: MIT OR Apache-2.0
//! Outputs of `cargo test` and their suites.

use qos_results::{Case, Outcome, libtest};

/// A line for each suite, with its time in milliseconds; for each case, and for the lines that belong to no case.
fn show(text: &str) -> Vec<String> {
    let read = libtest::read(text.lines());
    let mut out = Vec::new();
    for suite in &read.suites {
        let time = suite.time.map(|time| format!(" {}", time.as_millis())).unwrap_or_default();
        out.push(format!("{}{time}", suite.name));
        out.extend(suite.cases.iter().map(|case| format!("  {}", show_case(case))));
        out.extend(suite.output.lines().map(|line| format!("  | {line}")));
    }
    out.extend(read.rest.lines().map(|line| format!("| {line}")));
    out
}

fn show_case(case: &Case) -> String {
    let outcome = match &case.outcome {
        Outcome::Passed => "ok".to_owned(),
        Outcome::Skipped(why) => format!("skipped({why})"),
        Outcome::Changed(why) => format!("CHANGED({why})"),
        Outcome::Failed(why) => format!("FAILED({why})"),
        Outcome::Error(why) => format!("ERROR({why})"),
    };
    let time = case.time.map(|time| format!(" {}", time.as_millis())).unwrap_or_default();
    format!("{outcome} {}{time}", case.name)
}

#[track_caller]
fn check(text: &str, expect: &[&str]) {
    assert_eq!(show(text), expect, "{text}");
}

/// What libtest prints around `lines` in a crate's own tests.
fn unit(lines: &str, totals: &str) -> String {
    format!(
        "     Running unittests src/lib.rs (target/debug/deps/qos_a-0123456789abcdef)\n\nrunning 2 tests\n{lines}\n\
         test result: {totals}; 0 measured; 0 filtered out; finished in 0.50s\n\n"
    )
}

/// Output of rustc 1.85's libtest with `--report-time`, and of cargo around it.
const FAILURES: &str = include_str!("data/failures.txt");

#[test]
fn failures_have_what_they_printed() {
    let read = libtest::read(FAILURES.lines());
    assert_eq!(read.suites.len(), 2);
    assert_eq!(read.suites[0].name, "sample src/lib.rs");
    let suite = &read.suites[1];
    assert_eq!((suite.name.as_str(), suite.output.as_str()), ("sample tests/sample.rs", ""));
    let mut cases: Vec<&Case> = suite.cases.iter().collect();
    cases.sort_by_key(|case| &case.name);
    let outcomes: Vec<String> =
        cases.iter().map(|case| show_case(&Case { time: None, ..(*case).clone() })).collect();
    assert_eq!(
        outcomes,
        [
            "FAILED(assertion `left == right` failed: sums) broken",
            "ok does",
            "FAILED(Error: \"bad news\") err",
            "ok fine",
            "FAILED(lied]]>) liar",
            "FAILED(note: test did not panic as expected at tests/sample.rs:4:28) should",
            "skipped(no device) without",
        ]
    );
    let timed = suite.cases.iter().filter(|case| case.time.is_some()).count();
    assert_eq!(timed, 6, "all but the one that was not run");
    assert!(cases[0].output.starts_with("to stdout\nto stderr\n") && cases[0].output.contains(" right: 3"));
    // A test's output that looks like libtest's stays that test's.
    assert!(cases[4].output.contains("---- fine stdout ----\nfailures:\n    fine"), "{}", cases[4].output);
    assert!(read.rest.contains("Compiling sample") && read.rest.contains("error: 1 target failed"));
}

#[test]
fn suites_are_named_after_crate_and_file() {
    let empty = "\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n";
    let programs = [
        "     Running unittests src/lib.rs (target/debug/deps/qos_a-0123456789abcdef)",
        "     Running unittests src/main.rs (target/debug/deps/qos_a-0123456789abcdee)",
        "     Running tests/cli.rs (/qos/target/sysroot/debug/deps/cli-0123456789abcdef)",
        "     Running unittests src/main.rs (target/debug/deps/xtask-0123456789abcdef)",
        "     Running tests/cli.rs (target/debug/deps/cli-0123456789abcdee)",
        "   Doc-tests qos_a",
        "   Doc-tests qos_a",
    ];
    let text: String = programs.iter().flat_map(|line| [*line, "\n", empty]).collect();
    check(
        &text,
        &[
            "qos_a src/lib.rs 0",
            "qos_a src/main.rs 0",
            "qos_a tests/cli.rs 0",
            "xtask src/main.rs 0",
            "xtask tests/cli.rs 0",
            "qos_a doc-tests 0",
            "qos_a doc-tests (2) 0",
        ],
    );
}

#[test]
fn lines_of_tests() {
    let text = unit(
        "test a::b ... ok\ntest c ... ok <1.234s>\ntest d has been running for over 60 seconds\n",
        "ok. 2 passed; 0 failed; 0 ignored",
    );
    check(&text, &["qos_a src/lib.rs 500", "  ok a::b", "  ok c 1234"]);
    let doc = "   Doc-tests qos_a\n\nrunning 1 test\ntest src/lib.rs - Parser::new (line 12) - compile ... ok\n\n\
               test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n\
               running 1 test\ntest src/b.rs - (line 5) ... ignored\n\n\
               test result: ok. 0 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.25s\n\n\
               all doctests ran in 0.93s; merged doctests compilation took 0.91s\n";
    check(
        doc,
        &[
            "qos_a doc-tests 250",
            "  ok src/lib.rs - Parser::new (line 12) - compile",
            "  skipped() src/b.rs - (line 5)",
            "  | all doctests ran in 0.93s; merged doctests compilation took 0.91s",
        ],
    );
}

#[test]
fn what_does_not_fit_is_an_error_and_is_not_lost() {
    // A line was torn by a program that wrote between.
    let torn = unit("test a ... ok\nsome words test b ... ok\n", "ok. 2 passed; 0 failed; 0 ignored");
    check(
        &torn,
        &[
            "qos_a src/lib.rs 500",
            "  ok a",
            "  ERROR(its totals (2 passed, 0 failed, 0 ignored) are not those of the 1 results that could be read) (all tests)",
            "  | some words test b ... ok",
        ],
    );
    // The same of a test that failed: the list has its name.
    let torn = unit(
        "test a ... ok\nwords test b ... FAILED\n\nfailures:\n\n---- b stdout ----\nwhy\n\nfailures:\n    b\n",
        "FAILED. 1 passed; 1 failed; 0 ignored",
    );
    check(&torn, &["qos_a src/lib.rs 500", "  ok a", "  FAILED(why) b", "  | words test b ... FAILED"]);
    // The program crashed.
    let killed = "     Running unittests src/lib.rs (target/debug/deps/qos_a-0123456789abcdef)\n\nrunning 3 tests\n\
                  test a ... ok\nthread 'b' has overflowed its stack\n\
                  error: test failed, to rerun pass `-p qos-a --lib`\nCaused by:\n  (signal: 6, SIGABRT)\n";
    check(
        killed,
        &[
            "qos_a src/lib.rs",
            "  ok a",
            "  ERROR(the program ended before its tests had: 1 of 3 gave a result) (all tests)",
            "  | thread 'b' has overflowed its stack",
            "| error: test failed, to rerun pass `-p qos-a --lib`",
            "| Caused by:",
            "|   (signal: 6, SIGABRT)",
        ],
    );
    check(
        "     Running unittests src/lib.rs (target/debug/deps/qos_a-0123456789abcdef)\nno such library\n",
        &["qos_a src/lib.rs", "  ERROR(the program ended before it said which tests it has) (all tests)"],
    );
    check(
        "error: could not compile `qos-a`\n     Running late\n",
        &["| error: could not compile `qos-a`", "|      Running late"],
    );
    check("", &[]);
}
