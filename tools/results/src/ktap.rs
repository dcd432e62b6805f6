// SPDX-License-Identifier: MIT OR Apache-2.0
//! KTAP reports as suites.

use crate::{Case, Outcome, Suite};
use qos_console::ktap::{self, Report, Test};
use std::time::Duration;

impl Suite {
    /// The suite `name` of the cases in a KTAP report; their times are the guest's. A report that does not fit is an error
    /// of its own, beside its cases.
    #[must_use]
    pub fn of_ktap(name: impl Into<String>, report: &Report) -> Suite {
        let mut suite = Suite::new(name);
        suite.cases = report.cases().iter().map(case).collect();
        if !report.problems.is_empty() {
            let output = report.log.join("\n");
            let outcome = Outcome::Error(report.problems.join("; "));
            suite.cases.push(Case { output, ..Case::new("the report itself", outcome) });
        } else {
            suite.output = report.log.join("\n");
        }
        suite.time = report.tests.iter().map(|test| test.duration_ns.map(Duration::from_nanos)).sum();
        suite
    }
}

fn case(case: &ktap::Case) -> Case {
    Case {
        name: case.name.clone(),
        time: case.test.duration_ns.map(Duration::from_nanos),
        outcome: outcome(case.test),
        output: case.test.log.join("\n"),
    }
}

fn outcome(test: &Test) -> Outcome {
    let problems = test.problems.join("; ");
    let also = if problems.is_empty() { String::new() } else { format!("; {problems}") };
    match &test.outcome {
        ktap::Outcome::Failed(why) if why.is_empty() => Outcome::Failed(format!("not ok{also}")),
        ktap::Outcome::Failed(why) => Outcome::Failed(format!("not ok: {why}{also}")),
        ktap::Outcome::Crashed => Outcome::Error(format!("it began and gave no result{also}")),
        _ if !problems.is_empty() => Outcome::Error(problems),
        ktap::Outcome::Passed => Outcome::Passed,
        ktap::Outcome::Skipped(why) => Outcome::Skipped(why.clone()),
        ktap::Outcome::Expected(why) => Outcome::Skipped(format!("fails, as is known: {why}")),
    }
}
