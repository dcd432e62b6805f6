// SPDX-License-Identifier: MIT OR Apache-2.0
//! Jobs that wait for each other.

use super::*;

/// Cases beside systemd: what it deletes.
const CASES: &str = include_str!("cycles.txt");

/// A case of the file.
#[derive(Default)]
struct Case {
    what: String,
    start: String,
    units: Vec<(String, String)>,
    deleted: Vec<String>,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in CASES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap();
        if word == "case" {
            cases.push(Case { what: rest.to_owned(), ..Case::default() });
            continue;
        }
        let case = cases.last_mut().unwrap();
        match (word, word.strip_suffix(':')) {
            ("start", _) => case.start = rest.to_owned(),
            ("deleted", _) => case.deleted = rest.split(' ').map(str::to_owned).collect(),
            (_, Some(unit)) => {
                let command = if unit.ends_with(".service") { "; ExecStart=/x" } else { "" };
                case.units.push((unit.to_owned(), format!("{rest}{command}")));
            }
            _ => panic!("{line}"),
        }
    }
    cases
}

/// The jobs that are deleted are of those that systemd deletes, and all others are done.
#[test]
fn cycles() {
    let all = cases();
    assert_eq!(all.len(), 10);
    for Case { what, start, units, deleted } in all {
        let lines: Vec<(&str, &str)> =
            units.iter().map(|(unit, lines)| (unit.as_str(), lines.as_str())).collect();
        let mut b = bench(&lines);
        let result = b.request(JobKind::Start, &start, Mode::Replace);
        let found: Vec<&str> = b
            .log
            .iter()
            .filter_map(|line| line.strip_suffix("/start is deleted to break it")?.rsplit_once("job "))
            .map(|(_, unit)| unit)
            .collect();
        match result {
            Err(reason) => {
                assert!(reason.starts_with("jobs wait for each other in a circle: "), "{what}: {reason}");
                assert_eq!(deleted, ["refused"], "{what}");
                assert!(found.is_empty(), "{what}: {found:?}");
                continue;
            }
            Ok(()) if found.is_empty() => assert_eq!(deleted, ["nothing"], "{what}"),
            Ok(()) => {
                assert!(found.iter().all(|unit| deleted.iter().any(|one| one == unit)), "{what}: {found:?}")
            }
        }
        // Units that need one whose job is gone are not started either.
        for (unit, lines) in &units {
            let needs_one = lines.split("; ").filter_map(|line| line.strip_prefix("Requires="));
            let needs_one = needs_one.flat_map(|list| list.split(' ')).any(|other| found.contains(&other));
            let expect = if found.contains(&unit.as_str()) || needs_one { "inactive" } else { "active" };
            assert_eq!(b.states(&[unit.as_str()]), expect, "{what}: {unit}, deleted {found:?}");
        }
    }
}

#[test]
fn the_path_is_told() {
    let mut b = bench(&[
        ("t.target", "Wants=a.service b.service c.service"),
        ("a.service", "ExecStart=/a; After=b.service"),
        ("b.service", "ExecStart=/b; After=c.service"),
        ("c.service", "ExecStart=/c; After=a.service"),
    ]);
    b.start("t.target");
    assert_eq!(b.done.len(), 2, "{:?}", b.done);
    let told = b.log.iter().find(|line| line.starts_with("ordering cycle")).unwrap();
    assert!(
        told.contains("a.service/start -> b.service/start -> c.service/start -> a.service/start"),
        "{told}"
    );
    let mut b = bench(&[
        ("a.service", "ExecStart=/a; Requires=b.service; After=b.service"),
        ("b.service", "ExecStart=/b; After=a.service"),
    ]);
    let reason = b.request(JobKind::Start, "a.service", Mode::Replace).unwrap_err();
    assert!(
        reason.starts_with("jobs wait for each other in a circle: a.service/start -> b.service/start"),
        "{reason}"
    );
}
