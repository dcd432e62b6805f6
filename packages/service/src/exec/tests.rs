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
        result: "success",
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
    assert_eq!(plan_of("ExecStart=/a").unwrap().streams, [Stream::Null, Stream::Log, Stream::Output]);
    assert_eq!(
        plan_of("ExecStart=/a\nStandardOutput=append:/l").unwrap().streams[1],
        Stream::Write("/l".into(), Some(true))
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
    assert!(sandbox("ReadOnlyPaths=/etc").contains(&"ReadOnly(/etc, true, false)".to_owned()));
    assert_eq!(sandbox("PrivateMounts=yes")[0], "Unshare(131072)");
    assert_eq!(
        sandbox("RootDirectory=/srv/root\nWorkingDirectory=/x"),
        ["Chroot(/srv/root)", "Chdir(/x, false)"]
    );
    assert_eq!(sandbox("")[0], "Chdir(/, false)");
}
