// SPDX-License-Identifier: MIT OR Apache-2.0
//! `review.json` is as `review.schema.json` describes it.
//!
//! [`errors`] knows the keywords of JSON Schema that the schema uses. Any other keyword is an error, so nothing is left unchecked.

use crate::common::{changed, failed, unchanged};
use qos_review::policy::{FILE, Kind, Policy};
use qos_table::Table;
use serde_json::{Value, json};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../review.schema.json")).expect("JSON")
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other} is not known here"),
    }
}

/// Each place in `value` that is not as `schema`, a part of `root`, describes it.
fn errors(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            all.push(format!("{at}: {what}: {value}"));
        }
    };
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let mut inner = Vec::new();
    for (keyword, wanted) in schema.as_object().expect("a schema is an object") {
        match keyword.as_str() {
            "$schema" | "title" | "description" | "$defs" => {}
            "$ref" => {
                let name =
                    wanted.as_str().and_then(|text| text.strip_prefix('#')).expect("a local reference");
                let target = root.pointer(name).unwrap_or_else(|| panic!("{name} does not exist"));
                inner.extend(errors(root, target, value, at));
            }
            "type" => {
                let kinds = wanted.as_array().cloned().unwrap_or_else(|| vec![wanted.clone()]);
                check(kinds.iter().any(|kind| is_of(value, kind.as_str().expect("a name"))), "another type");
            }
            "const" => check(value == wanted, "another constant"),
            "enum" => check(list(wanted).contains(value), "not in the list"),
            "minimum" => check(value.is_null() || value.as_i64() >= wanted.as_i64(), "too small"),
            "required" => {
                for name in list(wanted) {
                    let name = name.as_str().expect("a name");
                    check(value.get(name).is_some() || !value.is_object(), &format!("{name} is missing"));
                }
            }
            "additionalProperties" => {
                assert_eq!(wanted, &json!(false));
                for name in value.as_object().into_iter().flat_map(|object| object.keys()) {
                    check(schema["properties"].get(name).is_some(), &format!("{name} is not described"));
                }
            }
            "properties" => {
                for (name, part) in wanted.as_object().expect("an object") {
                    if let Some(value) = value.get(name) {
                        inner.extend(errors(root, part, value, &format!("{at}/{name}")));
                    }
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    inner.extend(errors(root, wanted, item, &format!("{at}/{index}")));
                }
            }
            "oneOf" | "anyOf" => {
                let fit = list(wanted).iter().filter(|part| errors(root, part, value, at).is_empty()).count();
                check(if keyword == "oneOf" { fit == 1 } else { fit > 0 }, "no alternative, or several");
            }
            other => panic!("the keyword {other} is not known here"),
        }
    }
    all.extend(inner);
    all
}

#[test]
fn reviews_are_as_the_schema_says() {
    let schema = schema();
    for review in [changed(), failed(), unchanged()] {
        let json = serde_json::to_value(&review).expect("JSON");
        assert_eq!(errors(&schema, &schema, &json, ""), [""; 0]);
    }
}

/// The schema is strict, and this test sees it.
#[test]
fn anything_else_is_an_error() {
    let schema = schema();
    let good = serde_json::to_value(changed()).expect("JSON");
    let check = |pointer: &str, wrong: Value, part: &str| {
        let mut json = good.clone();
        *json.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} does not exist")) = wrong;
        let errors = errors(&schema, &schema, &json, "");
        assert!(errors.iter().any(|error| error.contains(part)), "{pointer}: {errors:?}");
    };
    check("/format", json!(2), "/format: another constant");
    check("/passed", json!("no"), "/passed: another type");
    check("/base/commit", json!(3), "/base/commit: another type");
    check("/violations/0/level", json!("error"), "/violations/0/level: not in the list");
    check(
        "/violations/0/location",
        json!({"file": "x", "line": 0}),
        "/violations/0/location/line: too small",
    );
    check("/violations/0/location", json!({"file": "x"}), "line is missing");
    check("/images/0", json!({}), "/images/0: name is missing");
    check("/images/0/report/log/phases/0/lines/0/kind", json!("other"), "no alternative");
    check("/images/0/report/sizes/0/changed", json!(null), "/images/0/report");
    let mut more = good.clone();
    more["more"] = json!(1);
    assert!(errors(&schema, &schema, &more, "").iter().any(|error| error.contains("more is not described")));
}

#[test]
fn the_schema_has_every_rule() {
    let names = Kind::ALL.map(|(name, _)| json!(name));
    assert_eq!(schema()["$defs"]["violation"]["properties"]["kind"]["enum"], json!(names));
}

/// The table of rules in README.md has every rule, and the policy of this repository is valid.
#[test]
fn the_documents_are_current() {
    let readme = include_str!("../../README.md");
    for (name, _) in Kind::ALL {
        assert!(readme.contains(&format!("| `{name}")), "README.md has no row for {name}");
    }
    let table = Table::parse(include_str!("../../../../qos.toml")).expect("the table");
    let images: Vec<&str> = table.images.iter().map(|image| image.name.as_str()).collect();
    Policy::parse(FILE, include_str!("../../../../review.toml"), &images)
        .expect("the policy of this repository");
}
