// SPDX-License-Identifier: MIT OR Apache-2.0
//! JSON; its fields are documented at [`crate::Results::json`].

use crate::{Case, Counts, Outcome, Results, Suite, Verdict};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) fn write(results: &Results) -> String {
    let mut value = counts(results.suites.iter().flat_map(|suite| &suite.cases));
    let verdict = Verdict::of(results);
    value["verdict"] = verdict.name().into();
    value["message"] = verdict.to_string().into();
    value["advice"] = verdict.advice().into();
    value["suites"] = results.suites.iter().map(suite).collect();
    format!("{value:#}\n")
}

fn suite(suite: &Suite) -> Value {
    let mut value = counts(&suite.cases);
    value["name"] = suite.name.clone().into();
    value["seconds"] = seconds(suite.time);
    value["output"] = some(&suite.output);
    value["cases"] = suite.cases.iter().map(case).collect();
    value
}

fn case(case: &Case) -> Value {
    let (outcome, message) = match &case.outcome {
        Outcome::Passed => ("passed", ""),
        Outcome::Skipped(reason) => ("skipped", reason.as_str()),
        Outcome::Changed(message) => ("snapshot-changed", message.as_str()),
        Outcome::Failed(message) => ("failed", message.as_str()),
        Outcome::Error(message) => ("error", message.as_str()),
    };
    json!({
        "name": case.name,
        "seconds": seconds(case.time),
        "outcome": outcome,
        "message": some(message),
        "output": some(&case.output),
    })
}

fn counts<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Value {
    let Counts { tests, failures, errors, skipped } = Counts::of(cases);
    json!({ "tests": tests, "failures": failures, "errors": errors, "skipped": skipped })
}

fn seconds(time: Option<Duration>) -> Value {
    time.map(|time| (time.as_secs_f64() * 1000.0).round() / 1000.0).into()
}

fn some(text: &str) -> Value {
    Some(text).filter(|text| !text.is_empty()).into()
}
