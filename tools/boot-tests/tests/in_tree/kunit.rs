// SPDX-License-Identifier: MIT OR Apache-2.0
//! The KUnit suites of the kernel crate, its documentation's examples, which are a suite too, and nova-core's suite.

use qos_boot_tests::{drivers, keep_report};
use qos_bootlog::ktap::{self, Case, Outcome};
use qos_bootlog::parse;

#[test]
fn all_tests_and_examples_pass() {
    // The last value of a parameter counts.
    let ended = drivers().append("kunit.autorun=1").stdin("modprobe nova_core\n").run().expect_status(0);
    let lines = parse(ended.outcome.console.raw());
    // What is built in reports together, when the kernel starts.
    for (number, report) in ktap::spans(&lines).into_iter().enumerate() {
        keep_report(&format!("rust-drivers-{number}"), report);
    }
    let reports = ktap::reports(&lines);
    let cases: Vec<_> = reports.iter().flat_map(ktap::Report::cases).collect();
    // Each by its name: a test that no longer runs is a difference as well as one that fails.
    insta::with_settings!({
        omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots",
    }, {
        insta::assert_snapshot!("kunit", cases.iter().map(line).collect::<Vec<_>>().join("\n"));
    });
    for report in &reports {
        assert!(report.passed(), "{report:#?}");
    }
}

fn line(case: &Case) -> String {
    let outcome = match &case.test.outcome {
        Outcome::Passed => "passed".to_owned(),
        Outcome::Skipped(why) => format!("skipped {why}").trim_end().to_owned(),
        other => format!("{other:?}"),
    };
    format!("{}: {outcome}", case.name)
}
