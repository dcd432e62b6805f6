// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of the data of Debian's security tracker.

use super::*;

fn parse(json: &str) -> Result<Tracker, String> {
    Tracker::parse(json.as_bytes(), &["bash".to_owned()].into())
}

/// One issue of bash whose release `trixie` and `sid` are so.
fn issue(trixie: &str, sid: &str) -> Tracker {
    let json = format!(
        "{{\"bash\": {{\"CVE-2026-1\": {{\"description\": \"d\", \"releases\": {{\"trixie\": {trixie}, \"sid\": {sid}}}}}}}}}"
    );
    parse(&json).unwrap()
}

#[test]
fn states_of_a_version() {
    let check = |release: &str, suite: &str, version: &str, expect: Option<State>| {
        let tracker = issue(release, "{\"status\": \"resolved\", \"fixed_version\": \"7.3.5-1\"}");
        let standing = tracker.of("bash")[0].standing(&Place::of(suite), version);
        assert_eq!(standing.map(|standing| standing.state), expect, "{release} {suite} {version}");
    };
    let resolved = "{\"status\": \"resolved\", \"fixed_version\": \"5.2-2+deb13u1\"}";
    check(resolved, "trixie", "5.2-2", Some(State::Open(Some("5.2-2+deb13u1".into()))));
    check(resolved, "trixie-security", "5.2-2+deb13u1", Some(State::Resolved("5.2-2+deb13u1".into())));
    check(resolved, "trixie-updates", "1:1-1", Some(State::Resolved("5.2-2+deb13u1".into())));
    check("{\"status\": \"open\", \"fixed_version\": \"\"}", "trixie", "9", Some(State::Open(None)));
    check("{\"status\": \"resolved\", \"fixed_version\": \"0\"}", "trixie", "1", Some(State::NotAffected));
    check("{\"status\": \"resolved\"}", "trixie", "1", Some(State::Undetermined));
    check("{\"status\": \"undetermined\"}", "trixie", "1", Some(State::Undetermined));
    check(resolved, "bookworm", "1", None);
    // Backports are judged by sid.
    let backport = |version: &str, state| check(resolved, "trixie-backports", version, Some(state));
    backport("7.3.5-1~bpo13+1", State::Resolved("7.3.5-1".into()));
    backport("7.3.4-1~bpo13+1", State::Open(Some("7.3.5-1".into())));
    backport("6.18.15-1~bpo13+1", State::Unknown("7.3.5-1".into()));
}

#[test]
fn urgency_and_reasons() {
    let check = |release: &str, urgency: &str, no_dsa: Option<&str>| {
        let tracker = issue(release, "{\"status\": \"open\"}");
        let standing = tracker.of("bash")[0].standing(&Place::of("trixie"), "1").unwrap();
        assert_eq!((standing.urgency, standing.no_dsa), (urgency, no_dsa), "{release}");
    };
    check("{\"status\": \"open\"}", "not yet assigned", None);
    check(
        "{\"status\": \"open\", \"urgency\": \"low\", \"nodsa\": \"Minor issue\", \"nodsa_reason\": \"\"}",
        "low",
        Some("Minor issue"),
    );
    check(
        "{\"status\": \"open\", \"urgency\": \"high\", \"nodsa\": \"Fix later\", \"nodsa_reason\": \"postponed\"}",
        "high",
        Some("Fix later (postponed)"),
    );
}

#[test]
fn mistakes_name_the_field() {
    for (json, expect) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        (
            "[]",
            "invalid type: sequence, expected an object with a member for each source package at line 1 column 0",
        ),
        ("{\"bash\": {}} x", "trailing characters at line 1 column 14"),
        ("{\"other\": {]}", "key must be a string at line 1 column 12"),
        ("{\"bash\": []}", "bash: expected an object, found an array"),
        ("{\"bash\": {\"C\": 1}}", "bash.C: expected an object, found a number"),
        ("{\"bash\": {\"C\": {}}}", "bash.C: missing field `releases`"),
        ("{\"bash\": {\"C\": {\"releases\": null}}}", "bash.C.releases: expected an object, found null"),
        (
            "{\"bash\": {\"C\": {\"releases\": {\"t\": true}}}}",
            "bash.C.releases.t: expected an object, found a boolean",
        ),
        ("{\"bash\": {\"C\": {\"releases\": {\"t\": {}}}}}", "bash.C.releases.t: missing field `status`"),
        (
            "{\"bash\": {\"C\": {\"releases\": {\"t\": {\"status\": \"fixed\"}}}}}",
            "bash.C.releases.t.status: \"fixed\" is not open, resolved or undetermined",
        ),
        (
            "{\"bash\": {\"C\": {\"releases\": {\"t\": {\"status\": \"open\", \"fixed_version\": {}}}}}}",
            "bash.C.releases.t.fixed_version: expected text, found an object",
        ),
    ] {
        assert_eq!(parse(json).unwrap_err(), expect, "{json}");
    }
    // Of other packages, only the JSON has to be right.
    assert_eq!(parse("{\"other\": 7}").unwrap().of("bash"), []);
}

#[test]
fn no_bytes_make_it_panic() {
    let good = "{\"bash\": {\"CVE-2026-1\": {\"releases\": {\"trixie\": {\"status\": \"resolved\", \"fixed_version\": \"5:2~-\"}}}}}";
    let wanted = ["bash".to_owned()].into();
    for place in 0..good.len() {
        for byte in *b"\0\"{}[]:,9\xff" {
            let mut changed = good.as_bytes().to_vec();
            changed[place] = byte;
            for json in [&changed[..], &changed[..place]] {
                let Ok(tracker) = Tracker::parse(json, &wanted) else { continue };
                for issue in tracker.of("bash") {
                    let standing = issue.standing(&Place::of("trixie"), "5:2-1");
                    assert!(standing.is_none_or(|standing| standing.no_dsa.is_none()));
                }
            }
        }
    }
    let deep = "[".repeat(100_000);
    assert!(Tracker::parse(format!("{{\"bash\": {deep}").as_bytes(), &wanted).is_err());
    assert!(Tracker::parse(format!("{{\"other\": {deep}").as_bytes(), &wanted).is_err());
}
