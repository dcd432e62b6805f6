// SPDX-License-Identifier: MIT OR Apache-2.0
//! The review as results of tests, for JUnit XML: a suite for each image, a case for each rule, skipped if it was not checked. Pure.

use crate::examined::Unchecked;
use crate::review::{Review, State};
use crate::violation::{Level, Violation};
use qos_results::{Case, Outcome, Results, Suite};

/// The results. A violated rule in `deny` is a failure; of one in `warn` the violations are the output of a case that passed.
#[must_use]
pub fn results(review: &Review) -> Results {
    let suite = |image: Option<&str>, rules: &[String]| {
        let mut suite = Suite::new(image.unwrap_or("repository"));
        suite.cases = rules.iter().map(|rule| case(rule, image, &review.violations)).collect();
        suite
    };
    let mut suites = Vec::new();
    for image in &review.images {
        match image.state {
            State::Compared | State::Removed => {
                let mut suite = suite(Some(&image.name), &image.rules);
                let skipped = |one: &Unchecked| Case::new(&one.rule, Outcome::Skipped(one.reason.clone()));
                suite.cases.extend(image.unchecked.iter().map(skipped));
                suites.push(suite);
            }
            State::Unchanged => {
                suites.push(skipped(&image.name, "unchanged: the same derivation of the boot log"))
            }
            State::NotCompared => {
                suites.push(skipped(&image.name, image.reason.as_deref().unwrap_or("not compared")));
            }
        }
    }
    if !review.rules.is_empty() {
        suites.push(suite(None, &review.rules));
    }
    Results { suites }
}

fn skipped(image: &str, why: &str) -> Suite {
    Suite { cases: vec![Case::new("boot", Outcome::Skipped(why.to_owned()))], ..Suite::new(image) }
}

fn case(rule: &str, image: Option<&str>, violations: &[Violation]) -> Case {
    let own = violations.iter().filter(|one| one.rule == rule && one.image.as_deref() == image);
    let lines: Vec<String> = own.clone().map(Violation::to_string).collect();
    let denied = own.filter(|one| one.level == Level::Deny).count();
    let outcome = match (denied, lines.first()) {
        (0, _) | (_, None) => Outcome::Passed,
        (1, Some(line)) => Outcome::Failed(line.clone()),
        (number, Some(line)) => Outcome::Failed(format!("{line} and {} more", number - 1)),
    };
    Case { output: lines.join("\n"), ..Case::new(rule, outcome) }
}
