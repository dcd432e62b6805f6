// SPDX-License-Identifier: MIT OR Apache-2.0
//! Command lines, and what they ask for.

use super::*;

fn options(text: &str) -> Options {
    Options::new(&crate::cmdline::parse(text))
}

fn check(text: &str, change: impl FnOnce(&mut Options)) {
    let mut expect = Options::default();
    change(&mut expect);
    assert_eq!(options(text), expect, "{text}");
}

fn container(uuid: &str, name: Option<&str>) -> Container {
    Container { uuid: uuid.into(), name: name.map(str::to_owned) }
}

fn key(uuid: Option<&str>, path: &str) -> KeyFile {
    KeyFile { uuid: uuid.map(str::to_owned), path: path.into() }
}

#[test]
fn the_root() {
    check("", |_| {});
    check("root=/dev/vda root=LABEL=x", |it| it.root = Some(Ok(Spec::Label("x".into()))));
    assert!(options("root=nowhere").root.unwrap().unwrap_err().contains("not a block device"));
    check("ro rw", |it| it.writable = true);
    check("rw ro", |_| {});
    check("rootflags=subvol=root,noatime", |it| it.flags = "subvol=root,noatime".into());
    check("rootfstype=btrfs,ext4", |it| it.kinds = vec!["btrfs".into(), "ext4".into()]);
    check("rootfstype=auto", |_| {});
    check("rootwait", |it| it.patience = None);
    check("rootwait=7", |it| it.patience = Some(Duration::from_secs(7)));
    check("rootdelay=2", |it| it.delay = Duration::from_secs(2));
    check("rootdelay=x", |it| it.complaints = vec!["rootdelay=x: ignored: not a number of seconds".into()]);
    check("init=/bin/sh", |it| it.init = Some("/bin/sh".into()));
    check("fsck.mode=force", |it| it.check = Check::Force);
    check("fsck.mode=skip", |it| it.check = Check::Skip);
    check("fsck.repair=yes", |it| it.repair = Repair::Yes);
    check("fsck.repair=no", |it| it.repair = Repair::No);
    check("fsck.repair=yes fsck.repair=preen", |_| {});
    check("fastboot", |it| it.check = Check::Skip);
    check("rhgb", |it| it.splash = true);
    check("splash", |it| it.splash = true);
}

#[test]
fn what_is_not_known_passes() {
    check(
        "systemd.unit=rescue.target rd.foo=1 quiet console=ttyS0 x.y=z BOOT_IMAGE=/k single rdinit=/x",
        |_| {},
    );
}

#[test]
fn stops_and_shells() {
    for (text, stop) in [
        ("rd.break", Stop::Switch),
        ("rd.break=switch", Stop::Switch),
        ("rd.break=pre-pivot", Stop::Switch),
        ("rd.break=mount", Stop::Mount),
        ("rd.break=pre-mount", Stop::PreMount),
        ("rd.break=initqueue rd.break=cmdline", Stop::PreMount),
    ] {
        check(text, |it| it.stops = vec![stop]);
    }
    check("rd.break=x", |it| {
        it.complaints = vec!["rd.break=x: ignored: use pre-mount, mount or switch".into()];
    });
    check("rd.shell=0", |it| it.shell = false);
    check("rd.shell=0 rd.shell", |_| {});
    check("rd.debug", |it| it.debug = true);
    check("rd.debug=0", |_| {});
}

#[test]
fn containers() {
    check("rd.luks.uuid=luks-ab-1", |it| it.containers = vec![container("ab-1", None)]);
    check("rd.luks.uuid=ab-1 rd.luks.uuid=AB-1", |it| it.containers = vec![container("ab-1", None)]);
    check("rd.luks.uuid=a rd.luks.uuid=b", |it| {
        it.containers = vec![container("a", None), container("b", None)];
    });
    check("rd.luks.name=ab=root rd.luks.uuid=ab", |it| it.containers = vec![container("ab", Some("root"))]);
    check("rd.luks.uuid=luks-ab rd.luks.name=ab=root", |it| {
        it.containers = vec![container("ab", Some("root"))];
    });
    check("rd.luks.name=ab=root rd.luks.uuid=ab-1", |it| {
        it.containers = vec![container("ab-1", Some("root"))]
    });
    check("rd.luks.uuid=ab rd.luks=0", |_| {});
    check("rd.luks.name=ab=../x", |it| {
        it.complaints = vec!["rd.luks.name=ab=../x: ignored: the form is rd.luks.name=UUID=NAME".into()];
    });
    check("rd.luks.uuid=", |it| it.complaints = vec!["rd.luks.uuid=: ignored: there is no UUID".into()]);
    check("rd.luks.options=discard", |it| it.discards = true);
    check("rd.luks.options=ab-1=discard,tries=5,timeout=9", |it| {
        it.discards = true;
        it.tries = 5;
    });
    check("rd.luks.allow-discards", |it| it.discards = true);
}

#[test]
fn keys() {
    check("rd.luks.key=/etc/key", |it| it.keys = vec![key(None, "/etc/key")]);
    check("rd.luks.key=luks-ab=/etc/key", |it| it.keys = vec![key(Some("ab"), "/etc/key")]);
    check("rd.luks.key=/etc/key::UUID=ab", |it| it.keys = vec![key(Some("ab"), "/etc/key")]);
    for text in ["rd.luks.key=/key:LABEL=stick", "rd.luks.key=key", "rd.luks.key=ab=/key:UUID=stick"] {
        let complaint =
            format!("{text}: ignored: a key is a file of the initramfs, given by its absolute path");
        check(text, |it| it.complaints = vec![complaint]);
    }
    let options = options("rd.luks.key=/all rd.luks.key=AB=/own");
    assert_eq!(options.key_of("ab-1").unwrap().path, "/own");
    assert_eq!(options.key_of("cd-1").unwrap().path, "/all");
    assert_eq!(options.key_of("a").unwrap().path, "/all");
}

#[test]
fn refused() {
    check("rd.lvm.lv=a/b rd.lvm.x", |it| {
        it.complaints = vec![
            "rd.lvm.lv=a/b: ignored: volumes of LVM are not supported".into(),
            "rd.lvm.x: ignored: volumes of LVM are not supported".into(),
        ];
    });
    check("resume=UUID=1", |it| {
        it.resume = Some("UUID=1".into());
        it.complaints = vec!["resume=UUID=1: ignored: resuming from hibernation is not supported".into()];
    });
    check("resume=UUID=1 noresume", |_| {});
}

#[test]
fn dm_verity() {
    let hash = "00112233445566778899aabbccddeeff";
    let found = options(&format!("roothash={hash}"));
    assert_eq!(found.root, Some(Ok(Spec::Path("/dev/mapper/root".into()))));
    let request = found.verity.unwrap().unwrap();
    assert_eq!(request.data.spec.to_string(), "PARTUUID=00112233-4455-6677-8899-aabbccddeeff");
    // What is given stays, in whatever order.
    for line in [format!("root=LABEL=x roothash={hash}"), format!("roothash={hash} root=LABEL=x")] {
        let found = options(&line);
        assert_eq!(found.root, Some(Ok(Spec::Label("x".into()))), "{line}");
        assert!(matches!(found.verity, Some(Ok(_))), "{line}");
    }
    check(&format!("roothash={hash} systemd.verity=no"), |_| {});
    // The container would be taken for the protected volume.
    let twice = options(&format!("roothash={hash} rd.luks.name=ab=root"));
    assert!(twice.verity.unwrap().unwrap_err().starts_with("rd.luks.name=…=root: "));
    let wrong = options("roothash=1");
    assert!(wrong.verity.unwrap().unwrap_err().starts_with("roothash=1: "));
    assert!(wrong.root.is_some());
    check("systemd.verity_root_data=/dev/vda2", |it| {
        it.complaints = vec!["systemd.verity_root_data=/dev/vda2: ignored: there is no roothash=".into()];
    });
}
