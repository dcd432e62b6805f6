// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;
use qos_unit::specifier::Facts;
use qos_unit::{Unit, syntax};

/// The plan of the first ExecStart= of a service on a system whose only accounts are numbers and root.
fn plan_of(content: &str) -> Result<Plan, String> {
    let name = Name::new("a.service").unwrap();
    let (assignments, _) = syntax::parse("a.service", format!("[Service]\n{content}").as_bytes());
    let (unit, warnings) = Unit::new(&name, &assignments, &Facts::new());
    assert!(warnings.is_empty(), "{warnings:?}");
    let service = unit.service().unwrap();
    let request = Request {
        name: &name,
        exec: &service.exec,
        resources: &service.resources,
        role: Role::Start,
        command: &service.start[0],
        main: Some(7),
        told: &[("SERVICE_RESULT", "success".to_owned())],
        notify: Some(Path::new("/run/n")),
        watchdog: service.watchdog,
        descriptors: &["web".to_owned()],
        group: Some(Path::new("/g/a.service")),
        private: Path::new("/run/p"),
        inherited: &[("KEPT".into(), "yes".into())],
    };
    plan(&request, &Accounts::new(Path::new("/no/such/root")))
}

fn steps(content: &str) -> Vec<String> {
    plan_of(content).unwrap().steps.iter().map(|step| format!("{step:?}").replace('"', "")).collect()
}

#[test]
fn plain() {
    assert_eq!(
        steps("ExecStart=/a"),
        ["Write(/g/a.service/cgroup.procs, [48])", "Session", "Umask(18)", "Chdir(/, false)"]
    );
    let plan = plan_of("ExecStart=a $MAINPID $KEPT ${NOTIFY_SOCKET} $A\nPassEnvironment=KEPT\nEnvironment=A=1\nWatchdogSec=2\nUnsetEnvironment=LANG").unwrap();
    let text: Vec<_> = plan.arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    assert_eq!(text, ["a", "7", "yes", "/run/n", "1"]);
    assert_eq!(plan.programs.len(), SEARCH.len());
    let environment: Vec<_> =
        plan.environment.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    for expect in ["LISTEN_FDS=1", "LISTEN_FDNAMES=web", "WATCHDOG_USEC=2000000", "A=1"] {
        assert!(environment.iter().any(|variable| variable == expect), "{environment:?}");
    }
    assert!(!environment.iter().any(|variable| variable.starts_with("LANG=")));
    // What is in a file wins over Environment=.
    let file = std::env::temp_dir().join(format!("qos-exec-environment-{}", std::process::id()));
    std::fs::write(&file, "A=2\nB='x y'\n").unwrap();
    let content = format!("ExecStart=/a $A $B\nEnvironment=A=1\nEnvironmentFile={}", file.display());
    let arguments = plan_of(&content).unwrap().arguments;
    std::fs::remove_file(&file).unwrap();
    assert_eq!(
        arguments.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>(),
        ["/a", "2", "x", "y"]
    );
}

#[test]
fn users_and_capabilities() {
    assert_eq!(
        steps(
            "ExecStart=/a\nUser=33\nSupplementaryGroups=7\nAmbientCapabilities=CAP_KILL\nCapabilityBoundingSet=CAP_KILL CAP_CHOWN\nNoNewPrivileges=yes\nWorkingDirectory=/srv"
        ),
        [
            "Write(/g/a.service/cgroup.procs, [48])",
            "Session",
            "Umask(18)",
            "Bounding(33)",
            "Groups([33, 7])",
            "Group(33)",
            "User(33, 32)",
            "Chdir(/srv, false)",
            "NoNewPrivileges",
        ]
    );
    let dynamic = steps("ExecStart=/a\nDynamicUser=yes");
    let user = Accounts::new(Path::new("/no/such/root")).dynamic_user("a").uid;
    for step in [format!("User({user}, 0)"), format!("Group({user})"), "NoNewPrivileges".to_owned()] {
        assert!(dynamic.contains(&step), "{step}: {dynamic:?}");
    }
    // A filter for a user without rights needs NoNewPrivileges, and comes last.
    let filtered = steps("ExecStart=/a\nUser=33\nLockPersonality=yes");
    assert_eq!(filtered[filtered.len() - 2], "NoNewPrivileges");
    assert!(filtered.last().unwrap().starts_with("Filter("), "{filtered:?}");
    assert!(!steps("ExecStart=/a\nLockPersonality=yes").contains(&"NoNewPrivileges".to_owned()));
    // With + nothing of that; with ! the user stays.
    assert_eq!(steps("ExecStart=+/a\nUser=33").len(), 4);
    assert_eq!(steps("ExecStart=!/a\nUser=33\nNoNewPrivileges=yes").len(), 5);
    assert_eq!(plan_of("ExecStart=/a\nUser=nobody-here").unwrap_err(), "User=nobody-here: no such user");
    assert_eq!(plan_of("ExecStart=/a\nGroup=none-here").unwrap_err(), "Group=none-here: no such group");
    assert!(plan_of("ExecStart=/a\nEnvironmentFile=/no/such").unwrap_err().contains("No such file"));
    assert!(plan_of("ExecStart=/a\nEnvironmentFile=-/no/such").is_ok());
}

#[test]
fn limits_and_streams() {
    let plan = plan_of("ExecStart=/a\nLimitNOFILE=10\nNice=5\nOOMScoreAdjust=3\nStandardInput=tty\nTTYPath=/dev/ttyS0\nStandardError=null\nRuntimeDirectory=x\nUser=5").unwrap();
    for step in [Step::Limit(7, Some(10), Some(10)), Step::Nice(5), Step::OomScore(3)] {
        assert!(plan.steps.contains(&step), "{step:?}");
    }
    assert!(plan.steps.contains(&Step::Terminal {
        path: c"/dev/ttyS0".into(),
        descriptors: [true, true, false],
        control: true,
        force: false
    }));
    assert_eq!(plan.streams, [Stream::Tty, Stream::Tty, Stream::Null]);
    assert_eq!(plan.directories, [(PathBuf::from("/run/x"), 0o755, 5, 5)]);
    let kinds =
        "RuntimeDirectory=a\nStateDirectory=b\nCacheDirectory=c\nLogsDirectory=d\nConfigurationDirectory=e";
    let modes = "RuntimeDirectoryMode=0701\nStateDirectoryMode=0702\nCacheDirectoryMode=0703\nLogsDirectoryMode=0704\nConfigurationDirectoryMode=0705";
    let plan = plan_of(&format!("ExecStart=/a $CACHE_DIRECTORY\nUser=5\n{kinds}\n{modes}")).unwrap();
    // Those of configuration are root's.
    let expect = [
        ("/run/a", 0o701, 5),
        ("/var/lib/b", 0o702, 5),
        ("/var/cache/c", 0o703, 5),
        ("/var/log/d", 0o704, 5),
        ("/etc/e", 0o705, 0),
    ];
    assert_eq!(plan.directories, expect.map(|(path, mode, owner)| (path.into(), mode, owner, owner)));
    assert_eq!(plan.arguments[1].as_c_str(), c"/var/cache/c");
    let plan = plan_of("ExecStart=/a\nStateDirectory=a/b:c a/b:d/e f:").unwrap();
    assert_eq!(
        plan.directories.iter().map(|found| &found.0).collect::<Vec<_>>(),
        [Path::new("/var/lib/a/b"), Path::new("/var/lib/f")]
    );
    let links = [("a/b", "/var/lib/c"), ("../a/b", "/var/lib/d/e")];
    assert_eq!(plan.links, links.map(|(target, link)| (target.into(), link.into())));
    assert_eq!(plan_of("ExecStart=/a").unwrap().streams, [Stream::Null, Stream::Log, Stream::Output]);
    assert_eq!(
        plan_of("ExecStart=/a\nStandardOutput=append:/l").unwrap().streams[1],
        Stream::File("/l".into(), Access::Append)
    );
    let input = "ExecStart=/a\nStandardInputText=one\nStandardInputText=\\ttwo";
    assert_eq!(plan_of(input).unwrap().streams[0], Stream::Data(b"one\n\ttwo\n".to_vec()));
}

#[test]
fn namespaces() {
    let sandbox = |keys: &str| steps(&format!("ExecStart=/a\n{keys}"))[3..].to_vec();
    assert_eq!(
        sandbox("PrivateTmp=yes")[..2],
        ["Unshare(131072)", "Mount(/run/p/a.service/tmp, /tmp, , 20480, , false)"]
    );
    assert_eq!(sandbox("PrivateNetwork=yes\nProtectHostname=yes")[..2], ["Unshare(1140850688)", "Loopback"]);
    let strict = sandbox("ProtectSystem=strict\nReadWritePaths=/srv");
    let at = |text: &str| {
        strict.iter().position(|step| step == text).unwrap_or_else(|| panic!("{text}: {strict:?}"))
    };
    assert!(at("Mount(/srv, /srv, , 20480, , false)") < at("ReadOnly(/, true, false)"));
    assert!(at("ReadOnly(/, true, false)") < at("ReadOnly(/srv, false, true)"));
    assert_eq!(
        sandbox("ProtectProc=invisible\nProcSubset=pid")[1],
        "Mount(proc, /proc, proc, 14, hidepid=invisible,subset=pid, true)"
    );
    let own = sandbox("DynamicUser=yes\nStateDirectory=a");
    for step in ["ReadOnly(/var/lib/a, false, true)", "ReadOnly(/tmp, false, false)"] {
        assert!(own.contains(&step.to_owned()), "{step}: {own:?}");
    }
    for (keys, step) in [
        ("ReadOnlyPaths=/etc", "ReadOnly(/etc, true, false)"),
        ("ReadOnlyDirectories=-/etc", "ReadOnly(/etc, true, true)"),
        ("ProtectSystem=strict\nReadWriteDirectories=/srv", "ReadOnly(/srv, false, true)"),
        ("InaccessiblePaths=/srv", "Mount(tmpfs, /srv, tmpfs, 15, mode=0000,size=4k, false)"),
        ("InaccessibleDirectories=/srv", "Mount(tmpfs, /srv, tmpfs, 15, mode=0000,size=4k, false)"),
        ("BindReadOnlyPaths=/a:/b", "Mount(/a, /b, , 20480, , false)"),
        ("BindReadOnlyPaths=/a:/b", "ReadOnly(/b, true, false)"),
        ("ProtectHome=read-only", "ReadOnly(/root, true, true)"),
        ("TemporaryFileSystem=/a", "Mount(tmpfs, /a, tmpfs, 6, mode=0755, false)"),
        ("TemporaryFileSystem=/a:mode=0700,size=1m", "Mount(tmpfs, /a, tmpfs, 6, mode=0700,size=1m, false)"),
        ("TemporaryFileSystem=/a:ro,size=1m", "Mount(tmpfs, /a, tmpfs, 6, size=1m,mode=0755, false)"),
        ("TemporaryFileSystem=/a:ro", "ReadOnly(/a, true, false)"),
        ("ProtectSystem=strict\nBindPaths=/a:/b", "ReadOnly(/b, false, true)"),
        ("RootDirectory=/r\nBindPaths=/a", "Mount(/a, /r/a, , 20480, , false)"),
    ] {
        let steps = sandbox(keys);
        assert!(steps.contains(&step.to_owned()), "{keys}: {steps:?}");
    }
    // What an empty file system hides is bound elsewhere first.
    assert_eq!(
        sandbox("TemporaryFileSystem=/no:ro\nBindPaths=-/no/a/b")[1..9],
        [
            "Directory(/run/p/a.service/bind-0, 493)",
            "Mount(/no/a/b, /run/p/a.service/bind-0, , 20480, , true)",
            "Mount(tmpfs, /no, tmpfs, 6, mode=0755, false)",
            "Directory(/no/a, 493)",
            "Directory(/no/a/b, 493)",
            "ReadOnly(/no, true, false)",
            "Mount(/run/p/a.service/bind-0, /no/a/b, , 8192, , true)",
            "Chdir(/, false)",
        ]
    );
    assert_eq!(sandbox("PrivateMounts=yes")[0], "Unshare(131072)");
    assert_eq!(
        sandbox("RootDirectory=/srv/root\nWorkingDirectory=/x"),
        ["Chroot(/srv/root)", "Chdir(/x, false)"]
    );
    assert_eq!(sandbox("")[0], "Chdir(/, false)");
}
