// SPDX-License-Identifier: MIT OR Apache-2.0
//! Errors that would make the boot fail are found: one case for each kind of finding.

mod common;

use common::{Elf, file, module, symlink, tree};
use qos_inspect::check::check;
use qos_inspect::{Kind, Node};

fn program() -> Vec<u8> {
    Elf::default().bytes()
}

/// The findings about a tree of `nodes`, each as a line, have to start and end so: `("start", "end")`.
#[track_caller]
fn expect(nodes: Vec<(&str, Node)>, findings: &[(&str, &str)]) {
    let found: Vec<String> = check(&tree(nodes), Some("7.3.4")).iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), findings.len(), "{found:#?}");
    for (line, (start, end)) in found.iter().zip(findings) {
        assert!(line.starts_with(start) && line.ends_with(end), "{line}\nis not\n{start}…{end}");
    }
}

/// The same, with a good `/init` beside `nodes`.
#[track_caller]
fn expect_beside_init(mut nodes: Vec<(&str, Node)>, findings: &[(&str, &str)]) {
    nodes.push(("init", file(0o755, program())));
    expect(nodes, findings);
}

#[test]
fn good_inits() {
    expect(vec![("init", file(0o755, program()))], &[]);
    expect(
        vec![
            ("init", symlink("bin/init")),
            ("bin/init", symlink("qos")),
            ("bin/qos", file(0o500, program())),
        ],
        &[],
    );
    expect(vec![("init", file(0o755, "#!/bin/sh -e\n")), ("bin/sh", file(0o755, program()))], &[]);
    let linked = vec![("a", file(0o755, program())), ("init", Node::new(0, Kind::Hardlink("a".into())))];
    expect(linked, &[]);
}

#[test]
fn bad_inits() {
    let cannot = "error: the kernel cannot run /init: ";
    let bad = |nodes: Vec<(&str, Node)>, end: &str| expect(nodes, &[(cannot, end)]);
    bad(vec![("etc/x", file(0o644, ""))], "/init is not in the image");
    bad(
        vec![("init", file(0o644, program()))],
        "/init has mode 0644 and is not executable; say a mode such as \"0755\"",
    );
    bad(vec![("init", Node::new(0o755, Kind::Dir))], "/init is no file");
    bad(vec![("init", file(0o755, ""))], "/init is empty");
    bad(vec![("init", file(0o755, "echo"))], "/init is neither an ELF program nor a script with #!");
    bad(vec![("init", file(0o755, "#!  \n"))], "/init is a script with nothing behind #!");
    bad(
        vec![("init", file(0o755, "#!/bin/sh\n"))],
        "/init is a script for /bin/sh: /bin/sh is not in the image",
    );
    bad(
        vec![("init", file(0o755, "#!/bin/sh\r\n")), ("bin/sh", file(0o755, program()))],
        "/init is a script whose first line ends in a carriage return",
    );
    bad(
        vec![("init", file(0o755, "#!/bin/sh\n")), ("bin/sh", file(0o644, program()))],
        "/init is a script for /bin/sh: /bin/sh has mode 0644 and is not executable; say a mode such as \"0755\"",
    );
    bad(vec![("init", file(0o755, "#!/init\n"))], "scripts without end");
    bad(
        vec![("init", file(0o755, Elf { relocatable: true, ..Elf::default() }.bytes()))],
        "/init is an object file, not a program",
    );
}

#[test]
fn inits_that_lead_nowhere_or_are_damaged() {
    let cannot = "error: the kernel cannot run /init: ";
    expect(
        vec![("init", symlink("bin/init")), ("bin/init", symlink("qos"))],
        &[
            (cannot, "/init leads to /bin/qos, which is not in the image"),
            ("warning: symbolic link /bin/init -> qos leads nowhere: ", "/bin/qos is not in the image"),
            ("warning: symbolic link /init -> bin/init leads nowhere: ", "/bin/qos is not in the image"),
        ],
    );
    expect(
        vec![("init", symlink("init"))],
        &[(cannot, "in a circle at /init"), ("warning: ", "in a circle at /init")],
    );
    let arm = Elf { machine: Some(183), ..Elf::default() }.bytes();
    expect(
        vec![("init", file(0o755, arm))],
        &[(cannot, "machine 183, not for x86_64 (62)"), ("warning: /init is an ELF file for machine ", "")],
    );
    let cut = program()[..40].to_vec();
    expect(vec![("init", file(0o755, cut))], &[(cannot, ""), ("warning: /init is a damaged ELF file: ", "")]);
}

#[test]
fn loader_and_libraries() {
    let loader = "/lib64/ld-linux-x86-64.so.2";
    let dynamic = Elf { interpreter: Some(loader), needed: &["libc.so.6"], ..Elf::default() }.bytes();
    let with = |nodes: &[(&'static str, Vec<u8>)]| {
        let mut all = vec![("bin/x", file(0o755, dynamic.clone()))];
        all.extend(nodes.iter().map(|(path, data)| (*path, file(0o755, data.clone()))));
        all
    };
    expect_beside_init(
        with(&[]),
        &[
            (
                "error: /bin/x cannot start: it asks for the loader /lib64/ld-linux-x86-64.so.2: ",
                "is not in the image; add it and its libraries, or link statically",
            ),
            ("error: /bin/x needs the library libc.so.6, which is not in the image; ", "or link statically"),
        ],
    );
    expect_beside_init(
        with(&[("lib64/ld-linux-x86-64.so.2", program()), ("usr/lib/libc.so.6", program())]),
        &[],
    );
    expect_beside_init(
        with(&[("lib64/ld-linux-x86-64.so.2", program()), ("opt/libc.so.6", program())]),
        &[(
            "warning: /bin/x needs the library libc.so.6, which is in the image as /opt/libc.so.6, ",
            "told to",
        )],
    );
    let told =
        Elf { needed: &["libx.so"], run_path: Some("/nowhere:$ORIGIN/../own"), ..Elf::default() }.bytes();
    expect_beside_init(vec![("bin/y", file(0o755, told)), ("own/libx.so", file(0o644, program()))], &[]);
}

#[test]
fn libraries_of_libraries() {
    let needs_y = Elf { interpreter: Some("/ld.so"), needed: &["liby.so.2"], ..Elf::default() }.bytes();
    let library = Elf { needed: &["libmissing.so.1"], ..Elf::default() }.bytes();
    let nodes = || {
        vec![
            ("ld.so", file(0o755, program())),
            ("lib/liby.so.2", file(0o644, library.clone())),
            ("firmware/blob", file(0o644, library.clone())),
        ]
    };
    let missing = ": /lib/liby.so.2 needs the library libmissing.so.1, which is not in the image; ";
    expect_beside_init(nodes(), &[(&format!("warning{missing}"), "or link statically")]);
    let mut used = nodes();
    used.push(("bin/x", file(0o755, needs_y)));
    expect_beside_init(used, &[(&format!("error{missing}"), "or link statically")]);
}

#[test]
fn links() {
    expect_beside_init(
        vec![("etc/mtab", symlink("../proc/self/mounts")), ("a", symlink("/dev/null")), ("b", symlink("c"))],
        &[("warning: symbolic link /b -> c leads nowhere: ", "/c is not in the image")],
    );
}

#[test]
fn kernel_modules() {
    let at = |path: &'static str, data: Vec<u8>| (path, file(0o644, data));
    expect_beside_init(
        vec![
            at("lib/modules/7.3.4/extra/a.ko", module("a", "b,c-d", "7.3.4")),
            at("lib/modules/7.3.4/extra/b.ko", module("b", "", "7.3.4")),
            at("lib/modules/7.3.4/modules.builtin", b"kernel/c-d.ko\n".to_vec()),
        ],
        &[],
    );
    expect_beside_init(
        vec![
            at("lib/modules/7.3.4/extra/a.ko", module("a", "b", "7.3.4")),
            at("lib/modules/7.3.4/extra/c.ko", module("c", "", "6.12.1")),
            at("lib/modules/7.3.4/extra/d.ko", b"text".to_vec()),
        ],
        &[
            ("error: /lib/modules/7.3.4/extra/d.ko not an ELF file, ", "so no kernel module"),
            ("error: kernel module a needs the module b, which is not in the image; ", "add it to [modules]"),
            ("error: kernel module c is built for 6.12.1, but lies under ", "/lib/modules/7.3.4"),
        ],
    );
    expect_beside_init(
        vec![at("usr/lib/modules/6.12.1/a.ko", module("a", "", "6.12.1"))],
        &[("error: /lib/modules/6.12.1 is for another kernel than 7.3.4, ", "will not look there")],
    );
}
