// SPDX-License-Identifier: MIT OR Apache-2.0
//! Events on a machine in a temporary directory, and what is in /dev and /run after each.

use super::*;
use crate::fake::Fake;
use crate::record::Record;
use std::fs;
use std::os::unix::fs::MetadataExt;

fn go(fake: &Fake, rules: &str, claims: &mut Claims, action: &str, path: &str) -> Processed {
    process(fake.system(), &fake.rules(rules), claims, &fake.event(action, path, 1))
}

#[test]
fn a_disk_comes_changes_and_goes() {
    let fake = Fake::disk();
    let mut claims = Claims::default();
    let rules = "SUBSYSTEM==\"block\", ACTION!=\"remove\", MODE=\"0640\", SYMLINK+=\"disk/by-x/%k\", TAG+=\"t\", ENV{ID_A}=\"1\"\n\
                 ACTION==\"change\", SYMLINK=\"other\", TAG-=\"t\", ENV{ID_B}=\"%E{ID_A}\"";
    let added = go(&fake, rules, &mut claims, "add", "class/block/sda1");
    let link = |path: &str| {
        fs::read_link(fake.root().join("dev").join(path)).ok().map(|path| path.display().to_string())
    };
    let record = || fake.system().database.read("b8:1");
    assert_eq!(link("disk/by-x/sda1").as_deref(), Some("../../sda1"));
    assert_eq!(link("block/8:1").as_deref(), Some("../sda1"));
    assert_eq!(fs::metadata(fake.root().join("dev/sda1")).unwrap().mode() & 0o7777, 0o640);
    assert_eq!(added.event.get("DEVLINKS"), Some("/dev/disk/by-x/sda1"));
    assert_eq!((added.event.get("TAGS"), added.event.get("CURRENT_TAGS")), (Some(":t:"), Some(":t:")));
    let first = record().unwrap();
    assert!(first.initialized > 0 && first.properties["ID_A"] == "1");
    assert!(fake.root().join("run/udev/tags/t/b8:1").exists());

    let changed = go(&fake, rules, &mut claims, "change", "class/block/sda1");
    assert_eq!((link("disk/by-x/sda1"), link("other").as_deref()), (None, Some("sda1")));
    // The time of the first event stays, and so does a tag that the device had.
    assert_eq!(record().unwrap().initialized, first.initialized);
    assert_eq!((changed.event.get("TAGS"), changed.event.get("CURRENT_TAGS")), (Some(":t:"), None));
    assert_eq!(record().unwrap().properties["ID_B"], "1");

    let removed = go(&fake, rules, &mut claims, "remove", "class/block/sda1");
    assert_eq!((link("other"), link("block/8:1"), record()), (None, None, None));
    assert!(!fake.root().join("run/udev/tags/t/b8:1").exists());
    // Those who listen get what the database had.
    assert_eq!((removed.event.get("ID_B"), removed.event.get("DEVLINKS")), (Some("1"), Some("/dev/other")));
}

#[test]
fn nodes_and_links_of_others_stay() {
    let fake = Fake::disk();
    let dev = fake.root().join("dev");
    std::os::unix::fs::symlink("/run/systemd/journal/dev-log", dev.join("log")).unwrap();
    let mut claims = Claims::default();
    let rules = "KERNEL==\"vda\", SYMLINK+=\"null vda log mine\"";
    let added = go(&fake, rules, &mut claims, "add", "class/block/vda");
    assert_eq!(added.event.get("DEVLINKS"), Some("/dev/mine"));
    let id = added.device.id().unwrap();
    assert_eq!(fake.system().database.read(&id).unwrap().links.into_iter().collect::<Vec<_>>(), ["mine"]);
    for action in ["change", "remove"] {
        let _ = go(&fake, "", &mut claims, action, "class/block/vda");
        assert!(dev.join("null").is_file() && dev.join("vda").is_file() && dev.join("log").is_symlink());
        assert!(!dev.join("mine").is_symlink());
    }
}

#[test]
fn events_in_order() {
    let fake = Fake::disk();
    let mut claims = Claims::default();
    let rules = "ENV{DEVTYPE}==\"disk\", ENV{ID_SERIAL}=\"s\"\n\
                 ENV{DEVTYPE}==\"partition\", IMPORT{parent}=\"ID_*\", SYMLINK+=\"by/$env{ID_SERIAL}-part%n\"";
    let mut queue = crate::queue::Queue::default();
    for (number, path) in ["class/block/sda", "class/block/sda1", "class/net/eth0"].into_iter().enumerate() {
        queue.push(fake.event("add", path, number as u64));
    }
    let rules = fake.rules(rules);
    let mut order = Vec::new();
    let mut open = Vec::new();
    while !queue.is_empty() {
        while let Some((number, event)) = queue.start() {
            order.push(event.get("DEVNAME").or(event.get("INTERFACE")).unwrap().to_owned());
            let _ = process(fake.system(), &rules, &mut claims, &event);
            open.push(number);
        }
        queue.finish(open.remove(0));
    }
    // The partition waits for its disk, the card for nobody.
    assert_eq!(order, ["/dev/sda", "eth0", "/dev/sda1"]);
    assert!(fake.root().join("dev/by/s-part1").is_symlink());
}

#[test]
fn what_is_empty_has_no_record() {
    let fake = Fake::disk();
    let mut claims = Claims::default();
    let _ = go(&fake, "", &mut claims, "add", "bus/virtio/devices/virtio0");
    let _ = go(&fake, "", &mut claims, "add", "class/mem/null");
    let ids: Vec<_> = fake.system().database.all().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["c1:3"]);
    let _ = go(&fake, "TAG+=\"a\"", &mut claims, "add", "bus/virtio/devices/virtio0");
    assert!(fake.system().database.read("+virtio:virtio0").is_some());
    let _ = go(&fake, "TAG=\"\"", &mut claims, "change", "bus/virtio/devices/virtio0");
    assert_eq!(
        fake.system().database.read("+virtio:virtio0").map(|record: Record| record.current_tags.len()),
        Some(0)
    );
}

#[test]
fn records_that_stay() {
    let fake = Fake::disk();
    let _ = go(&fake, "OPTIONS+=\"db_persist\"", &mut Claims::default(), "add", "class/block/sda");
    let _ = go(&fake, "", &mut Claims::default(), "add", "class/block/vda");
    fake.system().database.clean();
    let ids: Vec<_> = fake.system().database.all().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["b8:0"]);
}

#[test]
fn commands_and_watches() {
    let fake = Fake::disk();
    let out = fake.root().join("out");
    let rules = format!(
        "KERNEL==\"sda\", OPTIONS+=\"watch\", RUN+=\"/bin/sh -c 'echo $$DEVNAME $$ID_A >{0}'\", ENV{{ID_A}}=\"x y\"\n\
         KERNEL==\"sda\", RUN+=\"/bin/false\", RUN{{builtin}}+=\"uaccess\", RUN{{builtin}}+=\"kmod load\"",
        out.display()
    );
    let processed = go(&fake, &rules, &mut Claims::default(), "add", "class/block/sda");
    assert_eq!((processed.watch, processed.commands.len()), (Some(true), 4));
    run_commands(fake.system(), &processed.commands, &processed.device);
    assert_eq!(fs::read_to_string(out).unwrap(), "/dev/sda x y\n");
}

#[test]
fn nodes_without_a_device() {
    let fake = Fake::empty();
    fake.file("dev/net/tun", b"");
    let rules = fake.rules(
        "KERNEL==\"tun\", MODE=\"0606\", OPTIONS+=\"static_node=net/tun\"\nOPTIONS+=\"static_node=none\"",
    );
    set_static_nodes(fake.system(), &rules);
    assert_eq!(fs::metadata(fake.root().join("dev/net/tun")).unwrap().mode() & 0o7777, 0o606);
}
