// SPDX-License-Identifier: MIT OR Apache-2.0
//! `svc` as a program: verbs about files in a root directory of its own.

mod common;

use common::{A, System, bad, good};
use std::fs;
use std::path::PathBuf;

#[test]
fn cat() {
    let drop_in = ("etc/systemd/system/a.service.d/b.conf", "[Unit]\nDescription=B\n");
    let system = System::new(
        "cat",
        &[
            A,
            drop_in,
            ("etc/systemd/system/rescue.target.d/c.conf", "[Unit]\nDescription=C\n"),
            ("etc/fstab", "/dev/vdb /srv ext4 ro 0 0\n"),
        ],
        &[],
    );
    let own = format!("# @/{}\n{}\n# @/{}\n{}\n", A.0, A.1, drop_in.0, drop_in.1);
    assert_eq!(system.run("cat a"), good(&own));
    assert_eq!(system.run("cat a.service a").1, own.repeat(2));
    // A unit that is built in, and one of fstab(5), have no file; a drop-in of such a unit has one.
    let (status, text, _) = system.run("cat rescue.target");
    assert_eq!(status, 0);
    assert!(text.starts_with("# without a file\n[Unit]\n"), "{text}");
    assert!(
        text.ends_with("# @/etc/systemd/system/rescue.target.d/c.conf\n[Unit]\nDescription=C\n\n"),
        "{text}"
    );
    let (status, text, _) = system.run("cat srv.mount");
    assert!(status == 0 && text.contains("What=/dev/vdb\n") && text.contains("Options=ro\n"), "{text}");
    assert_eq!(system.run("cat none"), bad(1, "none.service not found"));
    assert_eq!(system.run("cat").0, 2);
    assert!(system.requests().is_empty());
}

#[test]
fn edit() {
    let system = System::new("edit", &[A], &[]);
    let file = system.root.join("etc/systemd/system/a.service.d/override.conf");
    assert_eq!(system.edit("a", "printf '[Unit]\\nDescription=Mine\\n' >$1"), good(""));
    assert_eq!(system.requests(), ["daemon-reload"]);
    assert!(system.run("cat a").1.ends_with("/override.conf\n[Unit]\nDescription=Mine\n\n"));
    // It edits what is there.
    assert_eq!(system.edit("a", "echo Documentation=man:a >>$1"), good(""));
    assert_eq!(fs::read_to_string(&file).unwrap(), "[Unit]\nDescription=Mine\nDocumentation=man:a\n");
    system.requests();
    let (status, _, message) = system.edit("a", "exit 3");
    assert_eq!((status, message.as_str()), (1, "svc: @/editor failed: nothing is reloaded\n"));
    assert!(system.requests().is_empty() && file.exists());
    // Nothing is left of a drop-in that is empty.
    assert_eq!(system.edit("a", ": >$1"), good(""));
    assert!(!file.parent().unwrap().exists());
    assert_eq!(system.edit("none", "echo x >$1"), bad(1, "none.service not found"));
    assert!(!system.root.join("etc/systemd/system/none.service.d").exists());
}

#[test]
fn mask_and_unmask() {
    let own = ("etc/systemd/system/own.service", "[Service]\nExecStart=/bin/b\n");
    let system = System::new("mask", &[A, own], &[]);
    let link = system.root.join("etc/systemd/system/a.service");
    assert_eq!(system.run("mask --now a"), good("created @/etc/systemd/system/a.service -> /dev/null\n"));
    assert_eq!(fs::read_link(&link).unwrap(), PathBuf::from("/dev/null"));
    assert_eq!(system.requests(), ["daemon-reload", "stop a.service"]);
    assert_eq!(system.run("is-enabled a"), (1, "masked\n".into(), String::new()));
    assert_eq!(system.run("verify a"), (1, "a: masked\n".into(), String::new()));
    assert_eq!(system.run("cat a"), good("# a.service is masked\n"));
    assert_eq!(system.run("mask a"), good(""));
    system.requests();
    // It is not started by that.
    assert_eq!(system.run("unmask --now a"), good("removed @/etc/systemd/system/a.service\n"));
    assert_eq!(system.requests(), ["daemon-reload"]);
    assert_eq!(system.run("is-enabled a"), good("static\n"));
    assert_eq!(
        system.run("mask own"),
        bad(1, "@/etc/systemd/system/own.service is a file of its own: remove it first")
    );
    assert_eq!(system.run("unmask own"), good(""));
    assert!(system.root.join(own.0).exists());
    // An image that is being prepared has no manager.
    fs::remove_file(system.root.join("socket")).unwrap();
    assert_eq!(system.run("mask --now a"), good("created @/etc/systemd/system/a.service -> /dev/null\n"));
}

#[test]
fn verify() {
    let odd = (
        "etc/systemd/system/odd.service",
        "[Unit]\nAfter=a.service\n[Service]\nExecStart=-/bin/b\nOdd=1\nNice=x\n",
    );
    let system = System::new("verify", &[A, odd, ("bin/a", "")], &[]);
    assert_eq!(system.run("verify a"), good(""));
    let (status, text, _) = system.run("verify odd a");
    assert_eq!(status, 0, "what is ignored is no failure");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(lines[0], "/etc/systemd/system/odd.service:5: unknown key Odd= in [Service]: ignored");
    assert!(lines[1].starts_with("/etc/systemd/system/odd.service:6: Nice=x: "), "{text}");
    // A program that is missing; a path of a file; a unit that is missing.
    fs::remove_file(system.root.join("bin/a")).unwrap();
    assert_eq!(system.run("verify a"), (1, "a: program /bin/a not found\n".into(), String::new()));
    system.write("bad.service", "[Service]\nType=notify\n");
    let path = system.root.join("bad.service");
    let (status, text, _) = system.run(&format!("verify {}", path.display()));
    assert_eq!((status, text.as_str()), (1, "@/bad.service: has neither ExecStart= nor ExecStop=\n"));
    assert_eq!(system.run("verify none"), (1, "none: not found\n".into(), String::new()));
    assert_eq!(system.run("verify /no/such.service"), bad(1, "/no/such.service: No such file or directory"));
}

#[test]
fn special_files() {
    let system = System::new("special", &[A, ("etc/systemd/system/empty.service", "")], &[]);
    for (link, target) in [
        ("dangling", "/opt/none.service"),
        ("one", "two.service"),
        ("two", "one.service"),
        ("out", "/opt/out.service"),
        ("other", "/usr/lib/systemd/system/a.service"),
    ] {
        std::os::unix::fs::symlink(target, system.root.join(format!("etc/systemd/system/{link}.service")))
            .unwrap();
    }
    system.write("opt/out.service", A.1);
    for (line, status, output) in [
        ("is-enabled empty", 1, "masked\n"),
        ("is-enabled out", 1, "linked\n"),
        ("is-enabled other", 0, "alias\n"),
        ("is-enabled a", 0, "static\n"),
        ("is-enabled none", 4, "not-found\n"),
        ("is-enabled none empty", 1, "not-found\nmasked\n"),
        ("is-enabled empty a", 0, "masked\nstatic\n"),
        ("is-enabled -q empty", 1, ""),
        ("is-enabled --quiet a", 0, ""),
        ("cat empty", 0, "# empty.service is masked\n"),
    ] {
        assert_eq!(system.run(line), (status, output.to_owned(), String::new()), "{line}");
    }
    for verb in ["is-enabled", "cat"] {
        for (unit, reason) in
            [("dangling", "No such file or directory"), ("one", "too many levels of symbolic links")]
        {
            let message = format!("the unit file of {unit}.service cannot be read: {reason}");
            assert_eq!(system.run(&format!("{verb} {unit}")), bad(1, &message));
        }
    }
}

#[test]
fn links() {
    let b = ("usr/lib/systemd/system/b.service", "[Service]\nExecStart=/b\n[Install]\nWantedBy=m.target\n");
    let m = ("usr/lib/systemd/system/m.target", "[Unit]\nDescription=M\n");
    let system = System::new("links", &[b, m, ("opt/out.service", b.1)], &[]);
    let etc = "@/etc/systemd/system";
    let made = format!("created {etc}/m.target.wants/b.service -> /usr/lib/systemd/system/b.service\n");
    assert_eq!(system.run("enable b"), good(&made));
    assert_eq!(system.run("reenable b"), good(&format!("removed {etc}/m.target.wants/b.service\n{made}")));
    assert_eq!(system.run("disable -q b"), good(""));
    let (status, text, _) = system.run("enable --runtime b");
    assert!(status == 0 && text.starts_with("created @/run/systemd/system/m.target.wants/"), "{text}");
    assert_eq!(system.run("is-enabled b"), good("enabled-runtime\n"));
    assert_eq!(
        system.run("link /opt/out.service"),
        good(&format!("created {etc}/out.service -> /opt/out.service\n"))
    );
    assert_eq!(system.run("link out").0, 2);
    system.requests();
    assert_eq!(system.run("enable --now /opt/out.service").0, 0);
    assert_eq!(system.requests(), ["daemon-reload", "start out.service"]);
    system.write("etc/systemd/system/b.service.d/x.conf", "[Unit]\n");
    assert_eq!(system.run("revert b"), good(&format!("removed {etc}/b.service.d\n")));
    // The target that the system boots to.
    assert_eq!(system.run("get-default"), bad(1, "default.target not found"));
    let link = format!("{etc}/default.target");
    assert_eq!(
        system.run("set-default m"),
        good(&format!("created {link} -> /usr/lib/systemd/system/m.target\n"))
    );
    assert_eq!(system.run("get-default"), good("m.target\n"));
    assert_eq!(
        system.run("set-default rescue.target"),
        good(&format!("removed {link}\ncreated {link} -> /usr/lib/systemd/system/rescue.target\n"))
    );
    assert_eq!(system.run("get-default"), good("rescue.target\n"));
    assert_eq!(system.run("set-default none"), bad(1, "none.target not found"));
    assert_eq!(system.run("set-default").0, 2);
}

#[test]
fn unit_files() {
    let system = System::new(
        "unit-files",
        &[A, ("etc/systemd/system/b.timer", ""), ("usr/lib/systemd/system/t@.service", A.1)],
        &[],
    );
    assert_eq!(
        system.run("list-unit-files"),
        good(
            "UNIT FILE  STATE\na.service  static\nb.timer    masked\nt@.service static\n\n3 unit files listed.\n"
        )
    );
    for (options, expect) in [
        ("--no-legend", "a.service  static\nb.timer    masked\nt@.service static\n"),
        ("--no-legend -t timer", "b.timer masked\n"),
        ("--no-legend --state=static a*", "a.service static\n"),
        ("--no-legend a b.timer", "a.service static\nb.timer   masked\n"),
        ("--no-legend x*", ""),
    ] {
        assert_eq!(system.run(&format!("list-unit-files {options}")), good(expect), "{options}");
    }
    assert!(system.requests().is_empty());
}
