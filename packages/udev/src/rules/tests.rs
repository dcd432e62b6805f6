// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files of rules, and the warnings about them.

use super::*;

struct Root;

impl Accounts for Root {
    fn uid(&self, name: &str) -> Option<u32> {
        (name == "root").then_some(0)
    }

    fn gid(&self, name: &str) -> Option<u32> {
        (name == "root").then_some(0)
    }
}

fn read(text: &str) -> Rules {
    let mut rules = Rules::default();
    rules.add(Path::new("f"), text, &Root);
    rules
}

#[test]
fn a_bad_line_is_one_warning_and_the_rest_counts() {
    let rules = read("KERNEL==\"a\", X=\"b\", Y=\"c\"\nTAG+=\"b\"\n\nKERNEL=\"c\"\n");
    let warnings: Vec<String> = rules.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "f:1: X=\"b\": unknown key; the rule is left out",
            "f:4: KERNEL=\"c\": this key takes == and != only; the rule is left out",
        ]
    );
    assert_eq!((rules.rules.len(), rules.rules[0].line), (1, 2));
    assert_eq!(rules.place(&rules.rules[0]), "f:2");
}

/// The text of the warning of a line; empty if there is none.
fn check(line: &str, expect: &str) {
    let rules = read(line);
    let texts: Vec<&str> = rules.warnings.iter().map(|warning| warning.text.as_str()).collect();
    assert_eq!(texts.join("; "), expect, "{line}");
}

#[test]
fn operators_and_names_of_keys() {
    for line in [
        r#"NAME="a%n", SYMLINK:="b", OWNER="root", GROUP="0", MODE="0660", TAG-="t", ENV{A}+="b""#,
        r#"PROGRAM="x", IMPORT{file}="y", RUN+="z", RUN{program}=":", RUN{builtin}+="kmod load", LABEL="l""#,
        r#"OPTIONS="watch", OPTIONS+="log_level=debug", OPTIONS+="static_node=a", OPTIONS="string_escape=none""#,
        r#"TEST{0100}!="a", RESULT=="b", TAGS=="c", CONST{arch}=="*", SYSCTL{a.b}="c", IMPORT{builtin}="hwdb x""#,
    ] {
        check(line, "");
    }
    for (line, expect) in [
        (r#"ATTR="a""#, r#"ATTR="a": a name between braces is missing; the rule is left out"#),
        (
            r#"KERNEL{x}=="a""#,
            r#"KERNEL{x}=="a": this key takes no name between braces; the rule is left out"#,
        ),
        (r#"ENV{A}-="b""#, r#"ENV{A}-="b": this key does not take -=; the rule is left out"#),
        (r#"ENV{A}:="b""#, r#"ENV{A}:="b": this key does not take :=; = is assumed"#),
        (
            r#"ENV{DEVPATH}="b""#,
            r#"ENV{DEVPATH}="b": DEVPATH is set by the kernel and udevd only; the rule is left out"#,
        ),
        (
            r#"ENV{A=B}="b""#,
            r#"ENV{A=B}="b": a property's name has no `=` and no white space; the rule is left out"#,
        ),
        (r#"OWNER=="root""#, r#"OWNER=="root": this key is assigned to, not compared; the rule is left out"#),
        (r#"OWNER="ann""#, r#"OWNER="ann": there is no such account; this key has no effect"#),
        (r#"MODE="999""#, r#"MODE="999": this is no mode in octal digits; the rule is left out"#),
        (r#"NAME="%k""#, r#"NAME="%k": this name has no effect"#),
        (r#"OPTIONS+="x""#, r#"OPTIONS+="x": unknown option; it has no effect"#),
        (
            r#"OPTIONS+="link_priority=x""#,
            r#"OPTIONS+="link_priority=x": link_priority is a number; the rule is left out"#,
        ),
        (r#"KERNEL=="a", TEST=="b""#, "the line has no effect: nothing is assigned"),
        (r#"MODE+="0600""#, r#"MODE+="0600": this key does not take +=; = is assumed"#),
        (r#"IMPORT{builtin}="x""#, r#"IMPORT{builtin}="x": unknown builtin"#),
        (r#"RUN{builtin}+="x y""#, r#"RUN{builtin}+="x y": unknown builtin"#),
        (r#"IMPORT{x}="a""#, r#"IMPORT{x}="a": there is no kind x of IMPORT; the rule is left out"#),
        (r#"RUN{x}+="a""#, r#"RUN{x}+="a": there is no kind x of RUN; the rule is left out"#),
        (r#"TEST{9}=="a""#, r#"TEST{9}=="a": the mode has octal digits only; the rule is left out"#),
        (r#"GOTO=="a""#, r#"GOTO=="a": this key takes = only; the rule is left out"#),
        (r#"GOTO="a""#, r#"GOTO="a": no such label in the lines behind it"#),
        (r#"SYMLINK+=i"a""#, r#"SYMLINK+="a": the prefix `i` is for == and != only; the rule is left out"#),
        (
            r#"SYMLINK+="$x""#,
            r#"SYMLINK+="$x": `$x` is no substitution; write $$ for one $; the rule is left out"#,
        ),
        (
            r#"SECLABEL{selinux}="a""#,
            r#"SECLABEL{selinux}="a": security labels are not supported; this key has no effect"#,
        ),
    ] {
        check(line, expect);
    }
}

#[test]
fn files_of_directories() {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("lib/udev/rules.d/50-a.rules", "TAG=\"lib\""),
        ("lib/udev/rules.d/60-b.rules", "TAG=\"b\""),
        ("lib/udev/rules.d/70-c.rules", "TAG=\"c\""),
        ("lib/udev/rules.d/README", "no rules"),
        ("etc/udev/rules.d/50-a.rules", "TAG=\"etc\"\nTAG=\"etc2\""),
        ("run/udev/rules.d/55-z.rules", "TAG=\"z\""),
    ] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    std::os::unix::fs::symlink("/dev/null", root.path().join("etc/udev/rules.d/60-b.rules")).unwrap();
    let rules = Rules::of_system(root.path(), &Root);
    let names: Vec<_> = rules
        .files
        .iter()
        .map(|file| file.strip_prefix(root.path()).unwrap().display().to_string())
        .collect();
    assert_eq!(
        names,
        [
            "etc/udev/rules.d/50-a.rules",
            "run/udev/rules.d/55-z.rules",
            "etc/udev/rules.d/60-b.rules",
            "lib/udev/rules.d/70-c.rules"
        ]
    );
    assert_eq!((rules.rules.len(), rules.warnings.len(), rules.are_outdated()), (4, 0, false));
    fs::remove_file(root.path().join("run/udev/rules.d/55-z.rules")).unwrap();
    assert!(rules.are_outdated());
}
