// SPDX-License-Identifier: MIT OR Apache-2.0
//! The four formats of a report, from the directories in `data`.

use qos_bootdiff::cli::{Format, render};
use qos_bootdiff::report::Report;
use qos_bootdiff::{compare, input};
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn report(base: &str, head: &str) -> Report {
    let read = |name: &str| input::read(&data(name), name.to_owned()).expect("the folder of a result");
    compare::compare(&read(base), &read(head), Some(&data("linux"))).expect("the kernel's source")
}

fn rendered(base: &str, head: &str, format: Format) -> String {
    render(&report(base, head), format, false).expect("a report")
}

/// The elements of the page, without its style, its script and their hashes, which would only repeat files.
fn page(base: &str, head: &str) -> String {
    let page = rendered(base, head, Format::Html);
    let (_, main) = page.split_once("<main>\n").expect("the elements");
    main.split_once("</main>").expect("their end").0.to_owned()
}

macro_rules! snapshot {
    ($name:literal, $text:expr) => {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn everything_changed() {
    snapshot!("changed.txt", rendered("base", "head", Format::Text));
    snapshot!("changed.md", rendered("base", "head", Format::Markdown));
    snapshot!("changed.json", rendered("base", "head", Format::Json));
    snapshot!("changed.html", page("base", "head"));
}

#[test]
fn a_revision_that_did_not_build() {
    snapshot!("failed.txt", rendered("base", "failed", Format::Text));
    snapshot!("failed.md", rendered("base", "failed", Format::Markdown));
    snapshot!("failed.json", rendered("failed", "head", Format::Json));
    snapshot!("failed.html", page("base", "failed"));
}

#[test]
fn a_revision_that_panicked_is_compared_as_far_as_it_came() {
    snapshot!("panicked.txt", rendered("base", "panicked", Format::Text));
    snapshot!("panicked.md", rendered("base", "panicked", Format::Markdown));
}

#[test]
fn nothing_changed() {
    for name in ["base", "head", "failed", "panicked"] {
        assert!(!report(name, name).changed, "{name}");
        for format in [Format::Text, Format::Markdown, Format::Html] {
            let text = rendered(name, name, format);
            assert!(text.contains("Nothing changed."), "{name} {format:?}: {text}");
        }
    }
    assert_eq!(rendered("base", "base", Format::Text), "base → base\nNothing changed.\n");
}

#[test]
fn colours_are_only_added() {
    let report = report("base", "head");
    let colored = render(&report, Format::Text, true).expect("a report");
    assert!(colored.contains("\x1b[32m"), "{colored}");
    let mut plain = String::new();
    for (at, piece) in colored.split('\x1b').enumerate() {
        plain.push_str(if at == 0 { piece } else { piece.split_once('m').expect("a sequence").1 });
    }
    // What is coloured needs no brackets.
    let mut expect = render(&report, Format::Text, false).expect("a report");
    ["[-", "-]", "{+", "+}"].iter().for_each(|bracket| expect = expect.replace(bracket, ""));
    assert_eq!(plain, expect);
}

/// Each element is closed where it has to be, no text is markup, and nothing comes from elsewhere.
#[test]
fn the_page_is_complete_in_itself() {
    for (base, head) in [("base", "head"), ("base", "failed"), ("panicked", "base"), ("base", "base")] {
        let page = rendered(base, head, Format::Html);
        for foreign in ["http:", "https:", "src=", "href=", "url(", "@import", "<link", "<b>"] {
            assert!(!page.contains(foreign), "{base} {head}: {foreign}");
        }
        // What only a search needs is only there if there is something to search.
        assert_eq!(page.matches("<script>").count(), usize::from(base != head), "{base} {head}");
        let mut open: Vec<&str> = Vec::new();
        for piece in page.split('<').skip(1) {
            let (tag, _) = piece.split_once('>').expect("a tag ends");
            let name = tag.split([' ', '\n']).next().unwrap_or_default();
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name), "{base} {head}: </{name}>"),
                None if tag.ends_with('/') || matches!(name, "!DOCTYPE" | "meta" | "input") => {}
                None => open.push(name),
            }
        }
        assert_eq!(open, [""; 0], "{base} {head}");
    }
}

/// A report of everything that a page can show, and much more of it than a page has room for.
#[test]
fn the_page_stays_small() {
    let lines = |line: &dyn Fn(usize) -> String| (0..1500).map(line).collect::<String>();
    let long = "<&> and so on, ".repeat(10);
    let log = lines(&|at| format!("[    0.{at:06}] line {at} {long}\n"));
    let services = lines(&|at| format!("[    1.{at:06}] qos-init: service-{at}.service: started\n"));
    let config = lines(&|at| format!("CONFIG_OPTION_{at}=\"{long}\"\n"));
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let listing =
        lines(&|at| format!("{hash} -rw-r--r-- 0 0 {} d{}/e{}/{at} {long}\n", at * at, at % 9, at % 70));
    let versions: Vec<String> = (0..1500).map(|at| format!("\"component-{at}\": \"{at}\"")).collect();
    // As many as a table has room for.
    let partitions: Vec<String> = (0..128)
        .map(|at| {
            format!(
                r#"{{"content": "ext4", "name": "{at:036}", "sha256": "", "size": {at}, "start": 0, "type": "", "uuid": ""}}"#
            )
        })
        .collect();
    let manifest = format!(
        r#"{{"cmdline": "{}", "files": {{}}, "name": "t", "versions": {{{}}}, "partitions": [{}]}}"#,
        "x ".repeat(500),
        versions.join(","),
        partitions.join(",")
    );
    let first = "[    0.000000] Linux version 7\n";
    let result = |log: &str, config: &str, listing: &str, manifest: &str| input::BootResult {
        name: "name".repeat(20),
        failure: Some("error: it failed & so on\n".repeat(1500)),
        log: Some(qos_bootlog::parse(log.as_bytes())),
        initcalls: None,
        config: Some(qos_kconfig::resolved::Resolved::parse("", config).expect("a configuration")),
        listing: Some(qos_bootdiff::listing::Listing::parse(listing).expect("a listing")),
        root: Some(qos_bootdiff::listing::Listing::parse(listing).expect("a listing")),
        manifest: Some(qos_bootdiff::manifest::Manifest::parse(manifest).expect("a manifest")),
    };
    let base = result(first, "", "", r#"{"cmdline": "", "files": {}, "name": "t", "versions": {}}"#);
    let head = result(&format!("{first}{log}{services}"), &config, &listing, &manifest);
    let report = compare::compare(&base, &head, None).expect("a report");
    let page = render(&report, Format::Html, false).expect("a page");
    assert!(page.len() < 500_000, "{} bytes", page.len());
    assert_eq!(page.matches(" more, which the report in JSON has</p>").count(), 7);
    assert_eq!(page.matches("1 100 lines before these lines are left out.").count(), 2);
}

/// The marks in `qos_bootlog` are those of init and of the agent.
#[test]
fn marks_are_those_of_the_protocol() {
    use qos_bootlog::phase::mark;
    use qos_protocol::mark as protocol;
    for (known, program, text) in [
        (mark::READY, protocol::INIT, protocol::READY),
        (mark::RUN, protocol::AGENT, protocol::RUN),
        (mark::STATUS, protocol::INIT, protocol::STATUS),
        (mark::END, protocol::INIT, protocol::END),
    ] {
        assert_eq!(known, format!("{program}{text}"));
    }
}
