// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which rules of an image could be applied: a rule that had nothing to compare has neither passed nor failed. Pure.

use crate::input::Compared;
use crate::policy::{Kind, Rule};
use crate::violation::Violation;
use serde::Serialize;

/// A rule that was not applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unchecked {
    /// The rule as the policy has it.
    pub rule: String,
    /// Why it was not applied.
    pub reason: String,
}

/// Divides the rules about an image into those that were checked and those that were not. A rule that found something in a part of a boot is
/// among the former.
#[must_use]
pub fn divide(
    rules: &[Rule],
    compared: &Compared,
    violations: &[&Violation],
) -> (Vec<String>, Vec<Unchecked>) {
    let (mut checked, mut unchecked) = (Vec::new(), Vec::new());
    for rule in rules {
        let is_violated = violations.iter().any(|violation| violation.rule == rule.text);
        match obstacle(rule.kind, compared).filter(|_| !is_violated) {
            Some(reason) => {
                unchecked.push(Unchecked { rule: rule.text.clone(), reason: reason.to_owned() });
            }
            None => checked.push(rule.text.clone()),
        }
    }
    (checked, unchecked)
}

/// Why a rule could not be applied to the whole of what it is about.
fn obstacle(kind: Kind, compared: &Compared) -> Option<&'static str> {
    let report = &compared.report;
    let missing = match kind {
        Kind::Verdict | Kind::ImageRemoved | Kind::BudgetRaised => return None,
        Kind::Memory => compared.memory.iter().any(Option::is_none),
        Kind::NewModule | Kind::NewSetuid | Kind::Files => report.files.is_none(),
        Kind::Config => report.config.is_none(),
        Kind::Cmdline | Kind::Versions => report.versions.is_none(),
        Kind::Log | Kind::NewWarning => report.log.is_none(),
        Kind::ServiceFailed | Kind::ServiceNew | Kind::ServiceGone => report.services.is_none(),
        Kind::Budget | Kind::Cost | Kind::Size | Kind::Snapshot | Kind::Policy => false,
    };
    if report.head.failure.is_some() {
        Some("the head does not build or boot")
    } else if report.base.failure.is_some() && kind != Kind::Budget {
        Some("the base does not build or boot")
    } else if missing && kind == Kind::Memory {
        Some("the least memory was not measured")
    } else {
        missing.then_some("a revision does not have what it compares")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(base: Option<&str>, head: Option<&str>) -> Compared {
        let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../bootdiff/tests/data");
        let read = |name: &str| qos_bootdiff::input::read(&data.join(name), name.to_owned()).unwrap();
        let mut report = qos_bootdiff::compare::compare(&read("base"), &read("head"), None).unwrap();
        report.base.failure = base.map(str::to_owned);
        report.head.failure = head.map(str::to_owned);
        Compared { report, memory: [Some(1), Some(1)], base_budgets: Vec::new(), head_budgets: Vec::new() }
    }

    #[track_caller]
    fn check(compared: &Compared, expect: &str) {
        let rules: Vec<Rule> = [
            "verdict",
            "image-removed",
            "budget",
            "budget-raised",
            "cost +2 %",
            "memory",
            "config",
            "new-warning",
        ]
        .map(|text| Rule::parse(text).unwrap())
        .into();
        let (checked, unchecked) = divide(&rules, compared, &[]);
        let unchecked: Vec<String> =
            unchecked.iter().map(|one| format!("{}: {}", one.rule, one.reason)).collect();
        assert_eq!(format!("{} | {}", checked.join(", "), unchecked.join(", ")), expect);
    }

    #[test]
    fn what_was_not_examined_is_named() {
        let all = "verdict, image-removed, budget, budget-raised, cost +2 %, memory, config, new-warning | ";
        check(&compared(None, None), all);
        let mut one = compared(None, None);
        (one.memory, one.report.config) = ([Some(1), None], None);
        check(
            &one,
            "verdict, image-removed, budget, budget-raised, cost +2 %, new-warning | memory: the least memory was not measured, \
             config: a revision does not have what it compares",
        );
        let why = |side: &str, rules: &[&str]| {
            rules
                .iter()
                .map(|rule| format!("{rule}: the {side} does not build or boot"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let base = why("base", &["cost +2 %", "memory", "config", "new-warning"]);
        check(&compared(Some("x"), None), &format!("verdict, image-removed, budget, budget-raised | {base}"));
        let head = why("head", &["budget", "cost +2 %", "memory", "config", "new-warning"]);
        check(&compared(None, Some("x")), &format!("verdict, image-removed, budget-raised | {head}"));
        check(&compared(Some("x"), Some("x")), &format!("verdict, image-removed, budget-raised | {head}"));
    }

    #[test]
    fn a_violated_rule_was_checked() {
        let violation = Violation {
            level: crate::violation::Level::Deny,
            rule: "config".into(),
            kind: "config",
            image: None,
            what: String::new(),
            by: String::new(),
            location: crate::locate::Location::new("x", 1),
        };
        let rules = [Rule::parse("config").unwrap(), Rule::parse("log").unwrap()];
        let (checked, unchecked) = divide(&rules, &compared(None, Some("x")), &[&violation]);
        assert_eq!((checked.as_slice(), unchecked.len()), (&["config".to_owned()][..], 1));
    }
}
