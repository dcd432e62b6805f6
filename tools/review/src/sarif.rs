// SPDX-License-Identifier: MIT OR Apache-2.0
//! SARIF 2.1.0 (OASIS): a result for each violation, and one for each reviewed file that changed. Pure.

use crate::locate::Location;
use crate::policy::Kind;
use crate::review::Review;
use crate::violation::Level;
use serde_json::{Value, json};

/// The rule of results that are not violations.
const CHANGED: &str = "changed-snapshot";

/// The log as JSON.
#[must_use]
pub fn sarif(review: &Review) -> String {
    let mut rules: Vec<Value> = Kind::ALL.iter().map(|(name, kind)| rule(name, kind.about())).collect();
    rules.push(rule(CHANGED, "A reviewed file changed. This is not a violation."));
    let index =
        |name: &str| Kind::ALL.iter().position(|(known, _)| *known == name).unwrap_or(Kind::ALL.len());
    let result = |name: &str, level: &str, text: String, location: &Location| {
        json!({
            "ruleId": name,
            "ruleIndex": index(name),
            "level": level,
            "message": { "text": text },
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": { "uri": uri(&location.file), "uriBaseId": "%SRCROOT%" },
                    "region": { "startLine": location.line }
                }
            }]
        })
    };
    let violations = review.violations.iter().map(|one| {
        let level = match one.level {
            Level::Deny => "error",
            Level::Warn => "warning",
        };
        let image = one.image.as_ref().map(|image| format!("image {image}: ")).unwrap_or_default();
        result(
            one.kind,
            level,
            format!("{image}{}: {} (rule \"{}\")", one.what, one.by, one.rule),
            &one.location,
        )
    });
    let changed = review
        .reviewed
        .iter()
        .map(|one| result(CHANGED, "note", format!("Reviewed file changed: {}.", one.by()), &one.location));
    let results: Vec<Value> = violations.chain(changed).collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "qos-review", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "automationDetails": { "id": "qos-review/" },
            "columnKind": "unicodeCodePoints",
            "results": results
        }]
    });
    format!("{log:#}\n")
}

fn rule(name: &str, about: &str) -> Value {
    json!({ "id": name, "shortDescription": { "text": about } })
}

/// A path as a relative reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_references() {
        assert_eq!(uri("kernel/lts/6.18/a-b_c.snap"), "kernel/lts/6.18/a-b_c.snap");
        assert_eq!(uri("a b/ä#?.snap"), "a%20b/%C3%A4%23%3F.snap");
    }
}
