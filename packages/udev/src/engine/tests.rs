// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rules and what comes out of them, on a machine in a temporary directory.

use super::*;
use crate::fake::Fake;
use std::path::Path;

/// Applies rules to the event `add` of a device, and gives the event to `look`.
fn apply(fake: &Fake, device: &str, rules: &str, look: impl FnOnce(&Processing<'_>)) {
    let rules = fake.rules(rules);
    let mut device = fake.device(device);
    device.properties.insert("ACTION".into(), "add".into());
    let mut processing = Processing::new(fake.system(), "add", device);
    processing.apply(&rules);
    look(&processing);
}

/// Whether each match of the partition `sda1` is as expected.
fn check(cases: &[(&str, bool)]) {
    let fake = Fake::disk();
    fake.file("proc/sys/kernel/x", b"5\n");
    fake.file("proc/cmdline", b"quiet a=b\n");
    for (matches, expect) in cases {
        let rules = format!("SYMLINK+=\"l\", TAG+=\"t\"\n{matches}, ENV{{YES}}=\"1\"");
        apply(&fake, "class/block/sda1", &rules, |event| {
            assert_eq!(event.device.get("YES").is_some(), *expect, "{matches}");
        });
    }
}

#[test]
fn matches_of_the_device() {
    check(&[
        (r#"ACTION=="add|change""#, true),
        (r#"ACTION!="add""#, false),
        (r#"DEVPATH=="*/block/sda/*""#, true),
        (r#"KERNEL=="sd*[0-9]""#, true),
        (r#"KERNEL==i"SDA?""#, true),
        (r#"KERNEL!="sda1""#, false),
        (r#"SUBSYSTEM=="block""#, true),
        (r#"DRIVER=="""#, true),
        (r#"DRIVER!="?*""#, true),
        (r#"SYMLINK=="l""#, true),
        (r#"SYMLINK!="l""#, false),
        (r#"NAME=="""#, true),
        (r#"TAG=="t""#, true),
        (r#"TAG!="t""#, false),
        (r#"TAG!="u""#, true),
        (r#"ENV{DEVTYPE}=="partition""#, true),
        (r#"ENV{NONE}=="""#, true),
        (r#"ENV{NONE}!="""#, false),
        (r#"ENV{NONE}!="a""#, true),
        (r#"ATTR{partition}=="1""#, true),
        (r#"ATTR{../size}=="2048""#, true),
        (r#"ATTR{[net/eth0]type}=="1""#, true),
        // One that is not there matches nothing.
        (r#"ATTR{none}!="a""#, false),
        (r#"ATTR{none}=="""#, false),
        (r#"SYSCTL{kernel/x}=="5""#, true),
        (r#"SYSCTL{kernel.x}!="5""#, false),
        (r#"SYSCTL{kernel/y}!="5""#, false),
        (r#"CONST{virt}=="none""#, true),
        (r#"CONST{cvm}=="none""#, true),
    ]);
    let arch = if cfg!(target_arch = "x86_64") { "x86-64" } else { "*" };
    check(&[(&format!("CONST{{arch}}==\"{arch}\""), true)]);
}

#[test]
fn matches_of_parents() {
    check(&[
        (r#"KERNELS=="0:0:0:0""#, true),
        (r#"KERNELS=="sda1""#, true),
        (r#"SUBSYSTEMS=="scsi""#, true),
        (r#"SUBSYSTEMS=="usb""#, false),
        (r#"DRIVERS=="ahci""#, true),
        // All of one rule on the same device.
        (r#"SUBSYSTEMS=="pci", DRIVERS=="ahci""#, true),
        (r#"SUBSYSTEMS=="scsi", DRIVERS=="ahci""#, false),
        // White space at the end counts only if the pattern has some.
        (r#"ATTRS{vendor}=="QEMU""#, true),
        (r#"ATTRS{vendor}=="QEMU    ""#, true),
        (r#"ATTRS{vendor}=="QEMU ""#, false),
        (r#"ATTRS{none}!="x""#, false),
        (r#"TAGS=="t""#, true),
        (r#"TAGS=="u""#, false),
    ]);
}

#[test]
fn tests_programs_and_imports() {
    check(&[
        (r#"TEST=="partition""#, true),
        (r#"TEST=="none""#, false),
        (r#"TEST!="none""#, true),
        (r#"TEST=="/proc/cmdline""#, true),
        (r#"TEST{0400}=="partition""#, true),
        (r#"TEST{0111}=="partition""#, false),
        (r#"TEST=="[net/eth0]type""#, true),
        (r#"PROGRAM=="/bin/true""#, true),
        (r#"PROGRAM="/bin/false""#, false),
        (r#"PROGRAM!="/bin/false""#, true),
        (r#"PROGRAM=="/bin/echo a b", RESULT=="a b""#, true),
        (r#"PROGRAM=="/bin/echo a b", RESULT!="a*""#, false),
        (r#"PROGRAM=="no-such-program""#, false),
        (r#"IMPORT{program}="/bin/echo A=1", ENV{B}="2""#, true),
        (r#"IMPORT{program}=="/bin/false""#, false),
        (r#"IMPORT{file}="/none""#, false),
        (r#"IMPORT{builtin}="path_id""#, true),
        (r#"IMPORT{builtin}!="hwdb""#, true),
        (r#"IMPORT{cmdline}="quiet""#, true),
        (r#"IMPORT{cmdline}="loud""#, false),
        (r#"IMPORT{db}="A""#, false),
        (r#"IMPORT{parent}="ID_*""#, true),
    ]);
}

#[test]
fn what_imports_give() {
    let fake = Fake::disk();
    fake.file("etc/values", b"# c\nF=file\nQ=\"in quotes\"\n");
    fake.file("proc/cmdline", b"quiet a=b\n");
    let mut disk = fake.device("class/block/sda");
    disk.set("ID_OF_DISK", "d");
    fake.system().database.write(&disk, None, false).unwrap();
    let mut before = fake.device("class/block/sda1");
    before.set("OLD", "o");
    before.set("OTHER", "p");
    fake.system().database.write(&before, None, false).unwrap();
    let rules = "IMPORT{file}=\"/etc/values\"\n\
                 IMPORT{program}=\"/bin/sh -c 'echo P=$$DEVNAME; echo R=%k'\"\n\
                 IMPORT{cmdline}=\"a\", IMPORT{cmdline}=\"quiet\"\n\
                 IMPORT{db}=\"OLD\"\nIMPORT{parent}=\"ID_*\"\nIMPORT{builtin}=\"path_id\"";
    apply(&fake, "class/block/sda1", rules, |event| {
        for (key, value) in [
            ("F", Some("file")),
            ("Q", Some("in quotes")),
            ("P", Some("/dev/sda1")),
            ("R", Some("sda1")),
            ("a", Some("b")),
            ("quiet", Some("1")),
            ("OLD", Some("o")),
            ("OTHER", None),
            ("ID_OF_DISK", Some("d")),
            ("ID_PATH", Some("pci-0000:00:02.0-scsi-0:0:0:0")),
        ] {
            assert_eq!(event.device.get(key), value, "{key}");
            assert_eq!(event.device.record.properties.get(key).map(String::as_str), value, "{key}");
        }
    });
}

#[test]
fn substitutions() {
    let fake = Fake::disk();
    let text = "%k|$kernel|%n|%p|%M:%m|%N|%r|%S|%P|%E{DEVTYPE}|$attr{size}|$attr{vendor}|%b|$id|%c|%c{2}|%c{2+}|$name|$links|%%$$";
    let rules = format!(
        "SYMLINK+=\"l\"\nSUBSYSTEMS==\"scsi\", KERNELS==\"0:*\", PROGRAM==\"/bin/echo a b; c\", ENV{{V}}=\"{text}\""
    );
    apply(&fake, "class/block/sda1", &rules, |event| {
        let devpath = &event.device.devpath;
        assert_eq!(
            event.device.get("V"),
            Some(
                format!(
                    "sda1|sda1|1|{devpath}|8:1|/dev/sda1|/dev|/sys|sda|partition|2048|QEMU|0:0:0:0|0:0:0:0|a b_ c|b_|b_ c|sda1|l|%$"
                )
                .as_str()
            )
        );
    });
    // More words than there are, and a value that doubles with each line.
    let rules = format!(
        "PROGRAM==\"/bin/echo a\", ENV{{V}}=\"x%c{{9999999999999}}\"\n{}",
        "ENV{V}=\"$env{V}$env{V}\"\n".repeat(64)
    );
    apply(&fake, "class/block/sda1", &rules, |event| {
        assert_eq!(event.device.get("V"), Some("x".repeat(16 << 10).as_str()));
    });
    apply(&fake, "class/block/sda1", "DRIVERS==\"ahci\", ENV{V}=\"$driver\"", |event| {
        assert_eq!(event.device.get("V"), Some("ahci"));
    });
}

#[test]
fn assignments_of_properties_and_tags() {
    let fake = Fake::disk();
    let rules = "ENV{A}=\"1\", ENV{B}=\"x\", ENV{.C}=\"hidden\", TAG+=\"a\", TAG+=\"b\"\n\
                 ENV{A}+=\"2\", ENV{B}=\"\", ENV{D}+=\"3\", TAG-=\"a\"\n\
                 ENV{A}+=\"\"\nOPTIONS=\"string_escape=replace\", ENV{E}=\"a/b c\"\nENV{F}=\"a/b c\"";
    apply(&fake, "class/block/sda1", rules, |event| {
        let get = |key: &str| event.device.get(key);
        assert_eq!((get("A"), get("B"), get("D"), get(".C")), (Some("1 2"), None, Some("3"), Some("hidden")));
        assert_eq!((get("E"), get("F")), (Some("a_b_c"), Some("a/b c")));
        assert!(!event.device.record.properties.contains_key(".C"));
        let tags =
            |tags: &std::collections::BTreeSet<String>| tags.iter().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(
            (tags(&event.device.record.tags), tags(&event.device.record.current_tags)),
            ("a b".into(), "b".into())
        );
    });
    apply(&fake, "class/block/sda1", "TAG+=\"a\"\nTAG=\"c\"", |event| {
        assert_eq!(event.device.record.current_tags.iter().cloned().collect::<Vec<_>>(), ["c"]);
    });
}

#[test]
fn links() {
    let fake = Fake::disk();
    for (rules, expect) in [
        ("SYMLINK+=\"a b/c /dev/d\"", "a b/c d"),
        ("SYMLINK+=\"a\"\nSYMLINK=\"b\"", "b"),
        ("SYMLINK:=\"a\"\nSYMLINK+=\"b\"", "a"),
        ("SYMLINK+=\"a b\"\nSYMLINK-=\"a\"", "b"),
        ("ENV{X}=\"p q;\", SYMLINK+=\"x-$env{X} y\"", "x-p_q_ y"),
        ("ENV{X}=\"p q\", OPTIONS=\"string_escape=none\", SYMLINK+=\"x-$env{X}\"", "q x-p"),
        ("SYMLINK+=\"../a /b//c ./d\"", "d"),
    ] {
        apply(&fake, "class/block/sda1", rules, |event| {
            assert_eq!(
                event.device.record.links.iter().cloned().collect::<Vec<_>>().join(" "),
                expect,
                "{rules}"
            );
        });
    }
    apply(&fake, "bus/scsi/devices/host0", "SYMLINK+=\"a\"", |event| {
        assert!(event.device.record.links.is_empty())
    });
}

#[test]
fn permissions_names_and_options() {
    let fake = Fake::disk();
    fake.file("etc/group", b"disk:x:6:\n");
    let rules = "OWNER=\"7\", GROUP=\"disk\", MODE=\"0600\"\nMODE:=\"0640\"\nMODE=\"0666\", OWNER=\"$attr{partition}\"\n\
                 OPTIONS+=\"link_priority=-5\", OPTIONS+=\"watch\", OPTIONS+=\"db_persist\"\nOPTIONS:=\"nowatch\"\nOPTIONS+=\"watch\"";
    apply(&fake, "class/block/sda1", rules, |event| {
        assert_eq!((event.uid.value, event.gid.value, event.mode.value), (Some(1), Some(6), Some(0o640)));
        assert_eq!((event.device.record.priority, event.watch.value, event.persist), (-5, Some(false), true));
    });
    for (device, rules, expect) in [
        ("class/net/eth0", "NAME=\"lan/%n\"", Some("lan_0")),
        ("class/net/eth0", "NAME:=\"a\"\nNAME=\"b\"", Some("a")),
        ("class/net/eth0", "NAME=\"a\"\nNAME==\"a\", NAME=\"b\"", Some("b")),
        ("class/block/sda1", "NAME=\"a\"", None),
    ] {
        apply(&fake, device, rules, |event| assert_eq!(event.name.value.as_deref(), expect, "{rules}"));
    }
}

#[test]
fn attributes_and_parameters_are_written() {
    let fake = Fake::disk();
    fake.file("proc/sys/kernel/x", b"5\n");
    fake.attribute("class/block/sda1", "power/control", "on");
    let rules =
        "ATTR{power/control}=\"auto\", SYSCTL{kernel.x}=\"%n\"\nATTR{[net/eth0]type}=\"7\"\nATTR{none}=\"1\"";
    apply(&fake, "class/block/sda1", rules, |event| {
        assert_eq!(event.device.attribute("power/control").as_deref(), Some("auto"));
    });
    assert_eq!(fake.device("class/net/eth0").attribute("type").as_deref(), Some("7"));
    assert_eq!(std::fs::read_to_string(fake.root().join("proc/sys/kernel/x")).unwrap(), "1");
    assert!(!fake.device("class/block/sda1").path().join("none").exists());
}

#[test]
fn commands() {
    let fake = Fake::disk();
    for (rules, expect) in [
        ("RUN+=\"a %k\", RUN{builtin}+=\"kmod load x\", RUN{program}+=\"b\"", "a sda1, (kmod load x), b"),
        ("RUN+=\"a\"\nRUN=\"b\"", "b"),
        ("RUN:=\"a\"\nRUN+=\"b\"", "a"),
        ("RUN+=\"a\"\nRUN+=\"a\"", "a"),
        ("RUN+=\"a\"\nRUN=\"\"", ""),
    ] {
        apply(&fake, "class/block/sda1", rules, |event| {
            let shown = event.run.value.iter().flatten().map(|command| match command {
                Command::Program(text) => text.clone(),
                Command::Builtin(text) => format!("({text})"),
            });
            assert_eq!(shown.collect::<Vec<_>>().join(", "), expect, "{rules}");
        });
    }
}

#[test]
fn jumps() {
    let fake = Fake::disk();
    let rules = "KERNEL==\"sda1\", GOTO=\"x\"\nENV{A}=\"1\"\nLABEL=\"x\", ENV{B}=\"1\"\nKERNEL==\"no\", GOTO=\"y\"\nENV{C}=\"1\"\nLABEL=\"y\"";
    apply(&fake, "class/block/sda1", rules, |event| {
        let set = ["A", "B", "C"].map(|key| event.device.get(key).is_some());
        assert_eq!(set, [false, true, true]);
    });
}

/// The rules of the image.
#[test]
fn own_rules() {
    let fake = Fake::disk();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rootfs/server");
    for name in ["group", "passwd"] {
        fake.file(&format!("etc/{name}"), &std::fs::read(own.join("etc").join(name)).unwrap());
    }
    let rules = Rules::of_system(&own, fake.system().users());
    assert_eq!((rules.files.len(), rules.warnings.as_slice()), (4, &[][..]));
    for (device, links, gid, mode) in [
        (
            "class/block/vda",
            "disk/by-id/virtio-root_disk disk/by-path/pci-0000:00:06.0 disk/by-path/virtio-pci-0000:00:06.0",
            Some(6),
            None,
        ),
        ("class/block/sda1", "disk/by-path/pci-0000:00:02.0-scsi-0:0:0:0-part1", Some(6), None),
        ("class/block/loop0", "", Some(6), None),
        (
            "class/input/event0",
            "input/by-id/usb-QEMU_QEMU_USB_Keyboard_68284-event-kbd input/by-path/pci-0000:00:04.0-usb-0:1:1.0-event-kbd",
            Some(101),
            None,
        ),
        ("class/mem/null", "", None, None),
        ("bus/usb/devices/1-1", "", None, Some(0o664)),
    ] {
        fake.attribute("class/input/input0", "capabilities/ev", "120013");
        fake.attribute("class/input/input0", "capabilities/key", "fffffffffffffffe");
        // A partition takes what its disk has.
        let mut before = Processing::new(fake.system(), "add", fake.device("class/block/sda"));
        before.apply(&rules);
        fake.system().database.write(&before.device, None, false).unwrap();
        let mut event = Processing::new(fake.system(), "add", fake.device(device));
        event.apply(&rules);
        assert_eq!(
            event.device.record.links.iter().cloned().collect::<Vec<_>>().join(" "),
            links,
            "{device}"
        );
        assert_eq!((event.gid.value, event.mode.value), (gid, mode), "{device}");
    }
    let mut event = Processing::new(fake.system(), "add", fake.device("bus/pci/devices/0000:00:02.0"));
    event.apply(&rules);
    assert_eq!(event.run.value, Some(vec![Command::Builtin("kmod load 'pci:v1'".into())]));
}
