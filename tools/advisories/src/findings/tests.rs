// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of findings with a small database.

use super::*;

const LOCK: &str = "version = 4\n\
    [[package]]\nname='guest'\nversion='0.1.0'\ndependencies=['lib']\n\
    [[package]]\nname='tool'\nversion='0.1.0'\ndependencies=['lib', 'helper']\n\
    [[package]]\nname='lib'\nversion='1.1.0'\nsource='registry+x'\n\
    [[package]]\nname='helper'\nversion='0.3.0'\nsource='registry+x'\n";

/// An advisory: its file's directory, number, more lines of `[advisory]`, and patched versions.
fn file((package, number, fields, patched): &(&str, u32, &str, &str)) -> (String, String, String) {
    let id = format!("RUSTSEC-2026-{number:04}");
    let text = format!(
        "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{package}\"\ndate = \"2026-01-31\"\n{fields}\n\
         [versions]\npatched = [{patched}]\n```\n# Title {number}\n"
    );
    ((*package).to_owned(), format!("{id}.md"), text)
}

fn find(advisories: &[(&str, u32, &str, &str)]) -> Crates {
    let files: Vec<_> = advisories.iter().map(file).collect();
    let files = files.iter().map(|(package, name, text)| (&**package, &**name, text.as_bytes()));
    let database = Database::new(files).unwrap();
    let yanked = |name: &str, version: &str| match (name, version) {
        ("lib", "1.1.0") => Some(true),
        ("helper", _) => None,
        _ => Some(false),
    };
    Crates::of(&Lockfile::parse(LOCK).unwrap(), Some(&database), |name| name == "guest", yanked)
}

/// The findings, a line each.
fn lines(crates: &Crates) -> Vec<String> {
    let lines = crates.findings.iter().map(|finding| {
        let Finding { name, kind, advisory, part, used_by, .. } = finding;
        let advisory = advisory.as_deref().unwrap_or("-");
        format!("{name} {kind} {advisory} {} {}", part.name(), used_by.join(","))
    });
    lines.collect()
}

#[test]
fn findings_of_a_lock_file() {
    let crates = find(&[
        ("helper", 1, "informational = \"unmaintained\"", ""),
        ("helper", 2, "informational = \"new\"", ""),
        ("lib", 3, "", "\">= 1.2\""),
        ("lib", 4, "informational = \"unsound\"", "\">= 1.2\""),
        // Not about the locked version, withdrawn, of another registry, for another system.
        ("lib", 5, "", "\">= 1.1\""),
        ("lib", 6, "withdrawn = \"2026-02-01\"", ""),
        ("lib", 7, "source = \"registry+y\"", ""),
        ("lib", 8, "source = \"registry+x\"\n[affected]\nos = [\"windows\"]", ""),
        ("other", 9, "", ""),
    ]);
    assert_eq!(
        lines(&crates),
        [
            "lib vulnerability RUSTSEC-2026-0003 userland guest,tool",
            "lib unsound RUSTSEC-2026-0004 userland guest,tool",
            "lib yanked - userland guest,tool",
            "helper unmaintained RUSTSEC-2026-0001 tools tool",
            "helper new RUSTSEC-2026-0002 tools tool",
        ]
    );
    assert_eq!(
        (crates.crates, crates.advisories, crates.elsewhere, crates.yanked_unknown),
        (2, Some(9), 1, 1)
    );
    assert_eq!(crates.findings[0].patched, [">= 1.2"]);
}

#[test]
fn without_a_database() {
    let crates = Crates::of(&Lockfile::parse(LOCK).unwrap(), None, |_| false, |_, _| Some(false));
    assert_eq!((crates.findings.len(), crates.advisories, crates.yanked_unknown), (0, None, 0));
}
