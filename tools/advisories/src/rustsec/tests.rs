// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of advisories and of the database.

use super::*;
use semver::Version;

/// An advisory for the crate `a` with these lines in `[advisory]` and as `[versions]`.
fn text(fields: &str, versions: &str) -> String {
    format!(
        "```toml\n[advisory]\nid = \"RUSTSEC-2026-0001\"\npackage = \"a\"\ndate = \"2026-01-31\"\n{fields}\n\
         [versions]\n{versions}\n```\n\n# A title\n\nWords.\n"
    )
}

const FULL: &str = "url = \"https://example.org\"\naliases = [\"CVE-2026-1234\"]\nyanked = true\nkeywords = [\"x\"]\n\
                    informational = \"unsound\"\ncvss = \"CVSS:3.1/AV:N\"\n[affected]\narch = [\"x86\"]\n\
                    os = [\"windows\"]\n[affected.functions]\n\"a::b\" = [\"< 1\"]";

#[test]
fn an_advisory() {
    let advisory = Advisory::parse(&text(FULL, "patched = [\">= 1.2.0\"]")).unwrap();
    assert_eq!(advisory.id, "RUSTSEC-2026-0001");
    assert_eq!((advisory.title.as_str(), advisory.date.as_str()), ("A title", "2026-01-31"));
    assert_eq!(advisory.kind, Kind::Unsound);
    assert_eq!(advisory.aliases, ["CVE-2026-1234"]);
    assert_eq!(advisory.versions.patched, [">= 1.2.0"]);
    // `yanked` is an old field without a meaning; only `withdrawn` withdraws.
    assert!(!advisory.withdrawn);
    assert!(advisory.concerns("x86", "windows"));
    assert!(!advisory.concerns("x86_64", "windows") && !advisory.concerns("x86", "linux"));
    let withdrawn = Advisory::parse(&text("withdrawn = \"2026-02-01\"", "patched = []")).unwrap();
    assert!(withdrawn.withdrawn && withdrawn.concerns("any", "any") && withdrawn.kind == Kind::Vulnerability);
    let kind = |word: &str| {
        Advisory::parse(&text(&format!("informational = \"{word}\""), "patched = []")).unwrap().kind
    };
    assert_eq!(kind("unmaintained"), Kind::Unmaintained);
    assert_eq!(kind("notice"), Kind::Notice);
    assert_eq!(kind("new-kind"), Kind::Other("new-kind".into()));
    // The first table's name may be omitted.
    let unnamed = text("", "patched = []").replace("[advisory]\n", "");
    assert_eq!(Advisory::parse(&unnamed).unwrap().package, "a");
}

#[test]
fn mistakes_have_their_line() {
    let check = |text: &str, line: usize, message: &str| {
        let mistake = Advisory::parse(text).unwrap_err();
        assert!(mistake.line == line && mistake.message.contains(message), "{mistake:?} of {text:?}");
    };
    let good = text("", "patched = []");
    check("", 1, "an advisory starts with ```toml");
    check("# A title", 1, "an advisory starts with ```toml");
    check("```toml\n[advisory]\n", 3, "no closing ```");
    check(&good.replace("# A title", "A title"), 11, "a title (# …) must follow the front matter");
    check(&good.replace("# A title\n\nWords.\n", "# "), 11, "a title (# …) must follow");
    check(&good.replace("id = \"RUSTSEC-2026-0001\"", "id = \"../x\""), 3, "invalid id: \"../x\"");
    check(&good.replace("id = \"RUSTSEC-2026-0001\"", "id = 7"), 3, "invalid type: integer `7`");
    check(&good.replace("package = \"a\"", "package = \"\""), 4, "invalid package: \"\"");
    check(&good.replace("package = \"a\"\n", ""), 2, "missing field `package`");
    for date in ["2026-1-31", "2026-13-01", "2026-01-32", "1999-01-01", "+026-01-01", "2026-01-31-1", "é"] {
        check(&good.replace("2026-01-31", date), 5, "invalid date");
    }
    check(&text("withdrawn = \"soon\"", "patched = []"), 6, "invalid withdrawn: \"soon\"");
    check(&text("x = [", "patched = []"), 8, "missing comma between array elements");
    check(&text("", "unaffected = []"), 7, "missing field `patched`");
    // Without the first table's name, too.
    check(&good.replace("[advisory]\n", "").replace("\"a\"", "\"\""), 3, "invalid package");
}

#[test]
fn mistakes_in_versions() {
    let check = |versions: &str, line: usize, message: &str| {
        let mistake = Advisory::parse(&text("", versions)).unwrap_err();
        assert!(mistake.line == line && mistake.message.contains(message), "{mistake:?} of {versions}");
    };
    check("patched = [\n\">= 1\",\n\"nonsense\"]", 10, "invalid version requirement \"nonsense\": ");
    check("patched = [\">= 1, >= 2\"]", 8, "two bounds on one side");
    check("patched = [\"< 1, <= 2\"]", 8, "two bounds on one side");
    check("patched = [\">= 1, ^1\"]", 8, "=, ^ and ~ must be alone");
    check("patched = [\">= 1, =1\"]", 8, "=, ^ and ~ must be alone");
    check("patched = [\">= 1, > 2, < 3\"]", 8, "two bounds on one side");
    check("patched = [\"1.*\"]", 8, "unsupported operator");
    check("patched = [\"> 2, < 1\"]", 8, "no version fulfils it");
    check("patched = [\"> 1, <= 1\"]", 8, "no version fulfils it");
    check("patched = [\">= 1\"]\nunaffected = [\"< 2\"]", 8, "it overlaps another one");
    check("patched = [\">= 1\", \">= 2\"]", 8, "it overlaps another one");
    for huge in ["^18446744073709551615", "~1.18446744073709551615", "^0.0.18446744073709551615"] {
        check(&format!("patched = [\"{huge}\"]"), 8, "the number is too large");
    }
}

#[test]
fn affected_versions() {
    // Each version is followed by whether it is affected.
    let check = |versions: &str, expect: &[(&str, bool)]| {
        let advisory = Advisory::parse(&text("", versions)).unwrap();
        for (version, affected) in expect {
            let version = Version::parse(version).unwrap();
            assert_eq!(advisory.versions.affects(&version), *affected, "{version} of {versions}");
        }
    };
    let (yes, no) = (true, false);
    check("patched = []", &[("0.0.0", yes), ("99.0.0", yes)]);
    check("patched = [\"*\"]", &[("0.0.0", no), ("99.0.0-a", no)]);
    check(
        "patched = [\">= 1.2.0\"]\nunaffected = [\"< 1.1.0\"]",
        &[
            ("1.0.9", no),
            ("1.1.0-rc.1", no),
            ("1.1.0", yes),
            ("1.2.0-rc.1", yes),
            ("1.2.0", no),
            ("1.3.0-a", no),
        ],
    );
    check(
        "patched = [\">= 1.2.3, < 1.3.0\", \">= 1.3.4\"]",
        &[("1.2.2", yes), ("1.2.3", no), ("1.2.9", no), ("1.3.0", yes), ("1.3.3", yes), ("1.3.4", no)],
    );
    check("patched = [\"> 1.2.0\"]", &[("1.2.0", yes), ("1.2.0+build", yes), ("1.2.1-0", no), ("1.2.1", no)]);
    check("patched = [\"<= 1.2.0\"]", &[("1.2.0", no), ("1.2.0+build", no), ("1.2.1-0", yes)]);
    check("patched = [\"=1.2.0\"]", &[("1.1.9", yes), ("1.2.0", no), ("1.2.1", yes)]);
    check("patched = [\"^1.2.3\"]", &[("1.2.2", yes), ("1.9.0", no), ("2.0.0-alpha", yes), ("2.0.0", yes)]);
    check("patched = [\"^0.2.3\"]", &[("0.2.2", yes), ("0.2.9", no), ("0.3.0", yes)]);
    check("patched = [\"^0.0.3\"]", &[("0.0.2", yes), ("0.0.3", no), ("0.0.4", yes)]);
    check("patched = [\"^0\"]", &[("0.9.0", no), ("1.0.0-a", yes)]);
    check("patched = [\"~1.2.3\"]", &[("1.2.2", yes), ("1.2.9", no), ("1.3.0", yes)]);
    check("patched = [\"~1\"]", &[("0.9.0", yes), ("1.9.0", no), ("2.0.0", yes)]);
}

#[test]
fn no_text_makes_it_panic() {
    let good = text(FULL, "patched = [\"^1.2.0\", \"< 0.1\"]\nunaffected = [\"~0.5\"]");
    assert!(Advisory::parse(&good).is_ok());
    let lines = good.lines().count() + 1;
    for place in 0..good.len() {
        // Cut off, and with each of some bytes in the place of one.
        let mut texts = vec![good.as_bytes()[..place].to_vec()];
        for byte in *b"\0\n\"[]=`#9~^\xff" {
            let mut changed = good.clone().into_bytes();
            changed[place] = byte;
            texts.push(changed);
        }
        for text in texts {
            match Database::new([("a", "RUSTSEC-2026-0001.md", &*text)]) {
                Ok(database) => assert!(database.count() <= 1),
                Err(error) => {
                    let rest = error.strip_prefix("a/RUSTSEC-2026-0001.md:").unwrap();
                    let line: usize = rest.split(':').next().unwrap().parse().unwrap();
                    assert!((1..=lines + 1).contains(&line), "{error}");
                }
            }
        }
    }
}

#[test]
fn databases() {
    let good = text("", "patched = []");
    let other =
        good.replace("0001", "0002").replace("2026-01-31\"", "2026-01-31\"\nwithdrawn = \"2026-02-01\"");
    let draft = good.replace("2026-0001", "0000-0000");
    let open = |files: &[(&str, &str, &str)]| {
        let files = files.iter().map(|(package, name, text)| (*package, *name, text.as_bytes()));
        let database = Database::new(files)?;
        let ids: Vec<_> = database.of("a").iter().map(|advisory| advisory.id.clone()).collect();
        assert_eq!(ids.len(), database.count());
        Ok::<String, String>(ids.join(" "))
    };
    let (one, two) = ("RUSTSEC-2026-0001.md", "RUSTSEC-2026-0002.md");
    assert_eq!(open(&[]), Ok(String::new()));
    let all = [("a", one, &*good), ("a", two, &other), ("a", "RUSTSEC-0000-0000.md", &draft)];
    assert_eq!(open(&all), Ok("RUSTSEC-2026-0001 RUSTSEC-2026-0002".into()));
    let error = |files: &[(&str, &str, &str)], expect: &str| assert_eq!(open(files), Err(expect.into()));
    error(&[("a", two, &good)], "a/RUSTSEC-2026-0002.md:1: the file of RUSTSEC-2026-0001 has another name");
    error(&[("b", one, &good)], "b/RUSTSEC-2026-0001.md:1: an advisory for a is in this directory");
    error(
        &[("a", one, &good), ("a", one, &good)],
        "a/RUSTSEC-2026-0001.md:1: a/RUSTSEC-2026-0001.md has the same number",
    );
    let latin = [good.as_bytes(), b"\xe9"].concat();
    let error = Database::new([("a", one, &*latin)]).unwrap_err();
    assert_eq!(error, "a/RUSTSEC-2026-0001.md:14: the text is not UTF-8");
}
