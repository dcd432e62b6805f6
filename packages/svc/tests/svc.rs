// SPDX-License-Identifier: MIT OR Apache-2.0
//! `svc` as a program: verbs that a manager answers, of which the test plays the part.

mod common;

use common::{System, bad, good};
use std::fs;

#[test]
fn log() {
    let replies =
        [("log a.service b.timer", "one\ntwo words\nok\n"), ("log c.service", "error no unit c.service\n")];
    let system = System::new("log", &[], &replies);
    assert_eq!(system.run("log a b.timer"), good("one\ntwo words\n"));
    assert_eq!(system.run("log c"), bad(1, "no unit c.service"));
    let (status, text, message) = system.run("log");
    assert_eq!((status, text.as_str()), (2, ""));
    assert!(message.starts_with("svc: log needs the name of a unit"), "{message}");
    assert_eq!(system.requests().len(), 2);
}

#[test]
fn critical_chain() {
    let list = "Id=a.service\nInactiveExitTimestampMonotonic=1000000\nActiveEnterTimestampMonotonic=3500000\nActiveState=active\n\n\
        Id=b.service\nInactiveExitTimestampMonotonic=1000000\nActiveEnterTimestampMonotonic=2000000\nActiveState=active\n\n\
        Id=multi-user.target\nInactiveExitTimestampMonotonic=3600000\nActiveEnterTimestampMonotonic=3600000\nAfter=a.service b.service\nActiveState=active\n\n\
        Id=z.target\nInactiveExitTimestampMonotonic=9600000\nActiveEnterTimestampMonotonic=9600000\nActiveState=active\n\n\
        ok\n";
    let replies = [
        ("list", list),
        ("show default.target", "Id=multi-user.target\nLoadState=loaded\n\nok\n"),
        ("show b.service", "Id=b.service\nLoadState=loaded\n\nok\n"),
        (
            "show b.service multi-user.target",
            "Id=b.service\nLoadState=loaded\n\nId=multi-user.target\n\nok\n",
        ),
        ("show b.service none.service", "Id=b.service\n\nId=none.service\nLoadState=not-found\n\nok\n"),
    ];
    let system = System::new("chain", &[], &replies);
    // The target that default.target is another name of, whatever was reached later.
    let chain = "multi-user.target @3.600s\n└─a.service @3.500s +2.500s\n";
    let b = "b.service @2.000s +1.000s\n";
    assert_eq!(system.run("critical-chain"), good(chain));
    assert_eq!(system.run("critical-chain default.target"), good(chain));
    assert_eq!(system.run("critical-chain b"), good(b));
    assert_eq!(system.run("critical-chain b multi-user.target"), good(&format!("{b}{chain}")));
    assert_eq!(system.run("critical-chain b none"), bad(1, "Unit none.service not found."));
}

/// Two units that are active, and one that is not.
const LIST: &str = "Id=da.service\nDescription=A\nLoadState=loaded\nActiveState=active\nSubState=running\n\n\
    Id=db.socket\nDescription=B\nLoadState=loaded\nActiveState=active\nSubState=listening\n\n\
    Id=dc.service\nDescription=C\nLoadState=loaded\nActiveState=inactive\nSubState=dead\n\nok\n";

#[test]
fn patterns() {
    let system = System::new("patterns", &[], &[("list", LIST)]);
    for (line, expect) in [
        ("stop d*", &["list", "stop da.service db.socket"][..]),
        ("stop d*.service x", &["list", "stop x.service da.service"]),
        ("stop --all d*.service", &["list", "stop da.service dc.service"]),
        ("stop z*", &["list"]),
        ("reset-failed z*", &["list"]),
    ] {
        assert_eq!(system.run(line), good(""), "{line}");
        assert_eq!(system.requests(), expect, "{line}");
    }
    assert_eq!(
        system.run("list-units --no-legend da d*.socket").1,
        "da.service loaded active running   A\ndb.socket  loaded active listening B\n"
    );
    assert_eq!(system.run("list --state=dead --no-legend").1, "dc.service loaded inactive dead C\n");
    assert_eq!(system.run("--failed --no-legend"), good(""));
}

#[test]
fn states() {
    let replies = [
        ("show a.service", "Id=a.service\nLoadState=loaded\nActiveState=active\n\nok\n"),
        ("show d.service", "Id=d.service\nLoadState=loaded\nActiveState=inactive\n\nok\n"),
        ("show f.service", "Id=f.service\nLoadState=loaded\nActiveState=failed\n\nok\n"),
        ("show n.service", "Id=n.service\nLoadState=not-found\nActiveState=inactive\n\nok\n"),
        (
            "show n.service a.service",
            "Id=n.service\nLoadState=not-found\nActiveState=inactive\n\nId=a.service\nLoadState=loaded\nActiveState=active\n\nok\n",
        ),
        ("list", LIST),
    ];
    let system = System::new("states", &[], &replies);
    for (line, status, output) in [
        ("is-active a", 0, "active\n"),
        ("is-active d", 3, "inactive\n"),
        ("is-active f", 3, "failed\n"),
        ("is-active n", 4, "inactive\n"),
        ("is-active n a", 0, "inactive\nactive\n"),
        ("is-active -q a", 0, ""),
        ("is-active --quiet d", 3, ""),
        ("is-failed f", 0, "failed\n"),
        ("is-failed a", 1, "active\n"),
        ("is-failed n", 4, "inactive\n"),
        ("is-failed", 1, "running\n"),
        ("is-system-running", 0, "running\n"),
        ("is-system-running -q", 0, ""),
        ("show -p ActiveState a", 0, "ActiveState=active\n"),
        ("show -p ActiveState --value n a", 0, "inactive\n\nactive\n"),
        ("show -P NNames", 0, "3\n"),
        ("--version", 0, "systemd 252 (qos 0.1.0)\n"),
    ] {
        assert_eq!(system.run(line), (status, output.to_owned(), String::new()), "{line}");
    }
    assert_eq!(system.run("status n"), bad(4, "Unit n.service could not be found."));
}

#[test]
fn kexec() {
    let system = System::new("kexec", &[], &[]);
    let (status, _, message) = system.run("kexec");
    assert_eq!(status, 1);
    assert!(message.starts_with("svc: /sys/kernel/kexec_loaded: absent: "), "{message}");
    system.write("sys/kernel/kexec_loaded", "0\n");
    let (status, _, message) = system.run("kexec");
    assert_eq!(status, 1);
    assert!(message.starts_with("svc: no kernel is loaded: `kexec -l KERNEL"), "{message}");
    assert!(system.requests().is_empty());
    system.write("sys/kernel/kexec_loaded", "1\n");
    assert_eq!(system.run("kexec"), good(""));
    assert_eq!(system.requests().iter().map(|line| line.trim()).collect::<Vec<_>>(), ["kexec"]);
}

#[test]
fn requests() {
    let replies = [
        ("reload a.service", "error job of a.service: failed\n"),
        (
            "start none.service a.service",
            "error=5 Unit none.service not found.\nerror job of a.service: failed\n",
        ),
        ("show a.service", "Id=a.service\nResult=timeout\n\nok\n"),
    ];
    let system = System::new("requests", &[], &replies);
    let failed = "Job for a.service failed because a timeout was exceeded.\n\
        See \"svc status a.service\" and \"svc log a.service\" for details.";
    assert_eq!(system.run("reload a"), bad(1, failed));
    assert_eq!(system.run("start none a"), bad(5, &format!("Unit none.service not found.\n{failed}")));
    system.requests();
    assert_eq!(system.run("reload b c.mount --no-block"), good(""));
    assert_eq!(
        system.requests().iter().map(|line| line.trim()).collect::<Vec<_>>(),
        ["reload b.service c.mount --no-block"]
    );
    for (line, expect) in [
        ("try-restart a", "try-restart a.service"),
        ("condrestart a", "try-restart a.service"),
        ("reload-or-restart a /mnt/x", "reload-or-restart a.service mnt-x.mount"),
        ("force-reload a", "reload-or-restart a.service"),
        ("reload-or-try-restart a", "try-reload-or-restart a.service"),
        ("try-reload-or-restart a", "try-reload-or-restart a.service"),
        ("isolate rescue", "isolate rescue.target"),
        ("rescue", "isolate rescue.target"),
        ("emergency --no-block", "isolate emergency.target --no-block"),
        ("default", "isolate default.target"),
        ("cancel", "cancel"),
        ("cancel a 12 b", "cancel a.service b.service 12"),
        ("reset-failed", "reset-failed"),
        ("daemon-reload", "daemon-reload"),
        ("stop a -q", "stop a.service"),
    ] {
        assert_eq!(system.run(line), good(""), "{line}");
        assert_eq!(system.requests(), [expect], "{line}");
    }
    for verb in ["start", "stop", "restart", "reload", "try-restart", "isolate", "kill", "is-active", "log"] {
        assert_eq!(system.run(verb).0, 2, "{verb}");
    }
    assert!(system.requests().is_empty());
    assert_eq!(system.run("frobnicate").0, 2);
    fs::remove_file(system.root.join("socket")).unwrap();
    let (status, _, message) = system.run("reload a");
    assert_eq!(
        (status, message.as_str()),
        (1, "svc: @/socket: No such file or directory: the manager of services does not run\n")
    );
}
