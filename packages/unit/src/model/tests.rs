// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;
use crate::syntax::parse;
use crate::value::Amount;
use std::time::Duration;

fn read(name: &str, content: &str) -> (Unit, Vec<String>) {
    let name = Name::new(name).unwrap();
    let (assignments, mut warnings) = parse("f", content.as_bytes());
    let (unit, more) = Unit::new(&name, &assignments, &Facts::new());
    warnings.extend(more);
    (unit, warnings.iter().map(ToString::to_string).collect())
}

fn service(content: &str) -> Service {
    let (unit, warnings) = read("a.service", &format!("[Service]\n{content}"));
    assert_eq!(warnings, Vec::<String>::new(), "{content}");
    unit.service().unwrap().clone()
}

#[test]
fn unit_section() {
    let (unit, warnings) = read(
        "a@b.service",
        "[Unit]\nDescription=The %i\nDocumentation=man:a(8) https://a.example/\nRequires=b.service c.service\nRequires=b.service\nAfter=d.target\nBefore=x.target\nBefore=\n\
         ConditionPathExists=!/etc/x\nConditionKernelCommandLine=|quiet\nAssertPathExists=/a\nDefaultDependencies=no\nStartLimitInterval=1min\n\
         [Install]\nWantedBy=multi-user.target\nAlias=z.service\n[X-Other]\nA=b\n",
    );
    assert_eq!(warnings, Vec::<String>::new());
    let common = &unit.common;
    assert_eq!(common.description, "The b");
    assert_eq!(common.documentation, ["man:a(8)", "https://a.example/"]);
    let of = |dependency| common.of(dependency).map(Name::as_str).collect::<Vec<_>>();
    assert_eq!(of(Dependency::Requires), ["b.service", "c.service"]);
    assert_eq!((of(Dependency::After), of(Dependency::Before)), (vec!["d.target"], vec![]));
    assert!(!common.default_dependencies);
    assert_eq!(common.start_limit_interval, Duration::from_secs(60));
    let conditions: Vec<_> = common
        .conditions
        .iter()
        .map(|c| {
            format!(
                "{}{}{}{} {}",
                if c.assert { "assert " } else { "" },
                if c.trigger { "|" } else { "" },
                if c.negated { "!" } else { "" },
                c.what,
                c.argument
            )
        })
        .collect();
    assert_eq!(conditions, ["!PathExists /etc/x", "|KernelCommandLine quiet", "assert PathExists /a"]);
    assert_eq!(common.install.wanted_by[0].as_str(), "multi-user.target");
}

#[test]
fn warnings() {
    let check = |name: &str, content: &str, expect: &[&str]| assert_eq!(read(name, content).1, expect);
    check("a.service", "[Service]\nExecStrat=/a\n", &["f:2: unknown key ExecStrat= in [Service]: ignored"]);
    check(
        "a.service",
        "[Service]\nX-Mine=1\nCPUAffinity=1\n",
        &["f:3: CPUAffinity= of [Service] has no effect: not supported by this init"],
    );
    check(
        "a.service",
        "[Socket]\nAccept=1\n",
        &["f:2: unknown section [Socket] in a service unit: Accept= is ignored"],
    );
    check(
        "a.service",
        "[Service]\nType=x\n",
        &[
            "f:2: Type=x: not one of simple, exec, forking, oneshot, notify, notify-reload, idle, dbus: ignored",
        ],
    );
    check(
        "a.service",
        "[Unit]\nAfter=good.service bad\n",
        &["f:2: After=good.service bad: \"bad\" is no name of a unit: no suffix such as .service: ignored"],
    );
    check(
        "a.service",
        "[Service]\nSystemCallFilter=read nonsense\n",
        &["f:2: SystemCallFilter=read nonsense: \"nonsense\" is no system call: ignored"],
    );
    check("a.service", "[Service]\nNice=200\n", &["f:2: Nice=200: not from -20 to 19: ignored"]);
    check(
        "a.service",
        "[Service]\nRuntimeDirectory=/abs\nLogsDirectory=a/../b\n",
        &[
            "f:2: RuntimeDirectory=/abs: \"/abs\" is no path below a directory: ignored",
            "f:3: LogsDirectory=a/../b: \"a/../b\" is no path below a directory: ignored",
        ],
    );
    check(
        "a.service",
        "[Service]\nSlice=system.slice\nSlice=b.service\n",
        &["f:3: Slice=b.service: not the name of a slice: ignored"],
    );
    check("a.target", "[Target]\nA=b\n", &["f:2: unknown key A= in [Target]: ignored"]);
    // Kinds of which no section is read.
    check(
        "a.slice",
        "[Slice]\nMemoryMax=1G\nOdd=1\n",
        &[
            "f:2: MemoryMax= of [Slice] has no effect: not supported by this init",
            "f:3: unknown key Odd= in [Slice]: ignored",
        ],
    );
    check("a.swap", "[Swap]\nWhat=/x\n", &["f:2: What= of [Swap] has no effect: not supported by this init"]);
}

#[test]
fn services() {
    let s = service(
        "Type=notify\nExecStart=/bin/a x\nRestart=on-failure\nRestartSec=5\nTimeoutSec=0\nWatchdogSec=30s",
    );
    assert_eq!((s.kind, s.restart, s.notify_access), (Type::Notify, Restart::OnFailure, NotifyAccess::Main));
    assert_eq!((s.restart_delay, s.start_timeout), (Duration::from_secs(5), span_max()));
    let s = service("Type=oneshot\nExecStart=/bin/a\nExecStart=-/bin/b\nRemainAfterExit=yes");
    assert_eq!((s.start.len(), s.start[1].ignore_failure, s.start_timeout), (2, true, span_max()));
    let s = service(
        "ExecStart=/a\nExecStart=\nExecStart=/b\nPIDFile=/var/run/b.pid\nKillMode=mixed\nKillSignal=SIGQUIT",
    );
    assert_eq!(
        (s.start.len(), s.start[0].program.as_str(), s.pid_file.as_deref()),
        (1, "/b", Some("/run/b.pid"))
    );
    assert_eq!((s.kill.mode, s.kill.signal), (KillMode::Mixed, 3));
    let (unit, _) = read("a.service", "[Service]\nExecStart=/a\nStartLimitInterval=7\nStartLimitBurst=2\n");
    assert_eq!(
        (unit.common.start_limit_interval, unit.common.start_limit_burst),
        (Duration::from_secs(7), 2)
    );
    let s = service("MemoryMax=64M\nTasksMax=10%\nCPUWeight=50\nExecStart=/a");
    assert_eq!(
        (s.resources.memory_max, s.resources.tasks_max),
        (Some(Amount::Count(67_108_864)), Some(Amount::Percent(10)))
    );
}

fn span_max() -> Duration {
    crate::span::INFINITY
}

#[test]
fn surroundings() {
    let exec = service(
        "ExecStart=/a\nUser=www\nGroup=web\nSupplementaryGroups=a b\nEnvironment=A=1 \"B=x y\"\nEnvironment=A=2\n\
         EnvironmentFile=-/etc/default/a\nWorkingDirectory=-/srv/\nRuntimeDirectory=a a/b\nRuntimeDirectoryMode=0700\nStateDirectory=a\n\
         UMask=077\nStandardInput=tty\nStandardOutput=append:/var/log/a\nStandardError=null\nTTYPath=/dev/ttyS0\nLimitNOFILE=1024:4096\n\
         LimitNICE=+5\nLimitCORE=infinity\nLimitCPU=1min\nNice=-5\nOOMScoreAdjust=-900",
    )
    .exec;
    assert_eq!((exec.user.as_deref(), exec.supplementary_groups.len()), (Some("www"), 2));
    assert_eq!(exec.environment, [("B".to_owned(), "x y".to_owned()), ("A".to_owned(), "2".to_owned())]);
    assert_eq!(exec.environment_files, [("/etc/default/a".to_owned(), true)]);
    assert_eq!((exec.working_directory.as_str(), exec.working_directory_may_miss), ("/srv", true));
    assert_eq!((exec.directories[0].names.len(), exec.directories[0].mode, exec.umask), (2, 0o700, 0o077));
    assert_eq!(
        (exec.input, exec.output, exec.error),
        (Input::Tty, Output::Append("/var/log/a".into()), Output::Null)
    );
    let limits: Vec<_> = exec.limits.iter().map(|(resource, limit)| (resource.0, *limit)).collect();
    assert_eq!(
        limits,
        [
            (7, (Some(1024), Some(4096))),
            (13, (Some(15), Some(15))),
            (4, (None, None)),
            (0, (Some(60), Some(60)))
        ]
    );
}

#[test]
fn sandboxes() {
    let sandbox = service(
        "ExecStart=/a\nNoNewPrivileges=yes\nCapabilityBoundingSet=CAP_CHOWN CAP_KILL\nAmbientCapabilities=CAP_KILL\nProtectSystem=strict\n\
         ProtectHome=read-only\nPrivateTmp=true\nReadOnlyPaths=-/srv /etc/\nInaccessiblePaths=/boot\nBindReadOnlyPaths=/a:/b\n\
         SystemCallFilter=@system-service\nSystemCallFilter=~@privileged chown\nSystemCallErrorNumber=EPERM\nRestrictAddressFamilies=AF_UNIX",
    )
    .exec
    .sandbox;
    let names =
        |filter: &Option<Filter>| filter.as_ref().map(|filter| (filter.allow, filter.names.join(" ")));
    assert_eq!(names(&sandbox.bounding_set), Some((true, "CAP_CHOWN CAP_KILL".into())));
    assert_eq!(names(&sandbox.address_families), Some((true, "AF_UNIX".into())));
    assert_eq!(
        (sandbox.protect_system, sandbox.protect_home),
        (ProtectSystem::Strict, ProtectHome::ReadOnly)
    );
    assert_eq!(sandbox.read_only, ["-/srv", "/etc"]);
    assert_eq!(sandbox.binds, [("/a".into(), "/b".into(), true, false)]);
    let calls = sandbox.system_calls.unwrap();
    let allows = |name| calls.allows(crate::syscall::number(name).unwrap());
    assert!(calls.allow && allows("read") && !allows("chown") && !allows("mount"));
    assert_eq!(sandbox.system_call_error, Some(1));
    let empty = service("ExecStart=/a\nCapabilityBoundingSet=\n").exec.sandbox;
    assert_eq!(names(&empty.bounding_set), Some((true, String::new())));
    let but = service("ExecStart=/a\nCapabilityBoundingSet=~CAP_CHOWN\nCapabilityBoundingSet=~CAP_KILL")
        .exec
        .sandbox;
    assert_eq!(names(&but.bounding_set), Some((false, "CAP_CHOWN CAP_KILL".into())));
}

#[test]
fn lists_that_begin_anew() {
    let of = |content: &str| service(&format!("ExecStart=/a\n{content}")).exec.sandbox;
    assert_eq!(of("SystemCallFilter=read\nSystemCallFilter=").system_calls, None);
    assert_eq!(of("SystemCallErrorNumber=EPERM\nSystemCallErrorNumber=kill").system_call_error, None);
    assert_eq!(of("RestrictAddressFamilies=AF_UNIX\nRestrictAddressFamilies=").address_families, None);
    let none = of("RestrictAddressFamilies=none").address_families.unwrap();
    assert!(none.allow && none.names.is_empty());
    let namespaces = |content: &str| of(content).namespaces;
    assert_eq!(namespaces("RestrictNamespaces=yes"), Some(0));
    assert_eq!(namespaces("RestrictNamespaces=no"), Some(ALL_NAMESPACES));
    assert_eq!(namespaces("RestrictNamespaces=net uts"), Some(0x4400_0000));
    assert_eq!(namespaces("RestrictNamespaces=~user"), Some(ALL_NAMESPACES & !0x1000_0000));
    assert_eq!(namespaces("RestrictNamespaces=net uts\nRestrictNamespaces=~net"), Some(0x0400_0000));
    assert_eq!(NAMESPACES.iter().fold(0, |all, (_, flag)| all | flag), ALL_NAMESPACES);
    let (unit, warnings) = read(
        "a.service",
        "[Service]\nRestrictAddressFamilies=AF_INET AF_X\nRestrictNamespaces=x\nCapabilityBoundingSet=CAP_BOGUS CAP_CHOWN\n",
    );
    assert!(
        warnings[0].contains("\"AF_X\" is no address family") && warnings[1].contains("no kind"),
        "{warnings:?}"
    );
    assert!(warnings[2].contains("\"CAP_BOGUS\" is no capability"), "{warnings:?}");
    let known = unit.service().unwrap().exec.sandbox.bounding_set.clone().unwrap();
    assert_eq!(known.names, ["CAP_CHOWN"]);
}

#[test]
fn other_kinds() {
    let (unit, warnings) =
        read("a.socket", "[Socket]\nListenStream=80\nListenDatagram=/run/x\nAccept=no\nSocketMode=0600\n");
    assert_eq!((unit.activates().unwrap().as_str(), warnings.len(), unit.check()), ("a.service", 0, Ok(())));
    let (unit, _) = read("a.socket", "[Socket]\nListenStream=80\nAccept=yes\n");
    assert_eq!(unit.activates().unwrap().as_str(), "a@.service");
    let (unit, warnings) =
        read("a.timer", "[Timer]\nOnCalendar=daily\nOnBootSec=5min\nPersistent=true\nUnit=b.service\n");
    assert_eq!((unit.activates().unwrap().as_str(), warnings.len()), ("b.service", 0));
    let (unit, warnings) = read("a.path", "[Path]\nPathExists=/a\nDirectoryNotEmpty=/b/\n");
    assert_eq!((unit.activates().unwrap().as_str(), warnings.len(), unit.check()), ("a.service", 0, Ok(())));
    let (unit, warnings) = read("mnt-x.mount", "[Mount]\nWhat=/dev/vda\nType=ext4\nOptions=ro,_netdev\n");
    let Specific::Mount(mount) = &unit.specific else { panic!("a mount unit") };
    assert_eq!(
        (mount.target.as_str(), mount.is_remote(), warnings.len(), unit.check()),
        ("/mnt/x", true, 0, Ok(()))
    );
}

#[test]
fn an_action_needs_no_command() {
    assert_eq!(read("a.service", "[Unit]\nSuccessAction=reboot-force\n").0.check(), Ok(()));
}

#[test]
fn refused() {
    for (name, content, expect) in [
        ("a.service", "", "has neither ExecStart= nor ExecStop="),
        ("a.service", "[Service]\nExecStop=/a\n", "has no ExecStart= and not RemainAfterExit=yes"),
        (
            "a.service",
            "[Service]\nExecStart=/a\nExecStart=/b\n",
            "has 2 ExecStart= commands; only Type=oneshot may have other than one",
        ),
        (
            "a.service",
            "[Service]\nType=oneshot\nRestart=always\nExecStart=/a\n",
            "is of Type=oneshot, which cannot have Restart=always or on-success",
        ),
        (
            "a.service",
            "[Service]\nExecStart=a/b\n",
            "ExecStart=a/b: \"a/b\": a relative path: give an absolute one, or a name without a slash",
        ),
        ("a.socket", "", "has no ListenStream= or other address"),
        ("a.timer", "", "has no OnCalendar= or other time"),
        ("a.path", "", "has no PathExists= or other path"),
        ("a.mount", "[Mount]\nWhat=x\nWhere=/b\n", "has Where=/b, for which the unit's name must be b.mount"),
        ("a.mount", "", "has no What="),
    ] {
        assert_eq!(read(name, content).0.check().unwrap_err(), expect, "{content}");
    }
}

/// Keys that are taken without a warning, because what they ask for is done anyway, or concerns nothing that is here.
#[test]
fn keys_that_change_nothing() {
    for (name, lines) in [
        ("a.service", "[Unit]\nSourcePath=/x\nCollectMode=inactive-or-failed"),
        (
            "a.service",
            "[Service]\nBusName=org.x\nExitType=main\nOOMPolicy=stop\nPermissionsStartOnly=no\nRootDirectoryStartOnly=no\n\
             CPUAccounting=yes\nIOAccounting=yes\nMemoryAccounting=yes\nTasksAccounting=no\nSlice=system.slice\n\
             TTYReset=yes\nTTYVHangup=yes\nTTYVTDisallocate=yes\nUtmpIdentifier=x\nUtmpMode=login",
        ),
        ("a.timer", "[Timer]\nAccuracySec=1h\nFixedRandomDelay=yes\nRemainAfterElapse=yes"),
        ("a.mount", "[Mount]\nSloppyOptions=no"),
    ] {
        assert_eq!(read(name, lines), read(name, ""), "{lines}");
    }
    // Other values of those with a default that is all that is supported have a warning.
    for (name, line) in [
        ("a.service", "[Service]\nExitType=cgroup"),
        ("a.service", "[Service]\nOOMPolicy=kill"),
        ("a.service", "[Service]\nPermissionsStartOnly=yes"),
        ("a.service", "[Service]\nRootDirectoryStartOnly=yes"),
        ("a.timer", "[Timer]\nRemainAfterElapse=no"),
        ("a.mount", "[Mount]\nSloppyOptions=yes"),
    ] {
        assert!(read(name, line).1[0].ends_with("has no effect: not supported by this init"), "{line}");
    }
}

/// Every key of systemd is taken or warned about as one of systemd's: none is called unknown.
#[test]
fn keys_of_systemd() {
    for (name, section) in [
        ("a.service", "Service"),
        ("a.socket", "Socket"),
        ("a.timer", "Timer"),
        ("a.path", "Path"),
        ("a.mount", "Mount"),
        ("a.service", "Unit"),
        ("a.service", "Install"),
    ] {
        let mut count = 0;
        for key in crate::keys::of_systemd(section) {
            let (_, warnings) = read(name, &format!("[{section}]\n{key}=1\n"));
            assert!(!warnings.iter().any(|warning| warning.contains("unknown key")), "{warnings:?}");
            count += 1;
        }
        assert!(count >= 5, "{section}");
    }
}
