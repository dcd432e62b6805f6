// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of the keys that systemd knows (`systemd --dump-configuration-items` of version 252, and those that came until 257): what is
//! one of them and not supported here is told from a mistake in writing.

const UNIT: &str = "\
After AllowIsolate AssertACPower AssertArchitecture AssertCPUFeature AssertCPUPressure AssertCPUs \
AssertCapability AssertControlGroupController AssertCredential AssertDirectoryNotEmpty AssertEnvironment \
AssertFileIsExecutable AssertFileNotEmpty AssertFirstBoot AssertGroup AssertHost AssertIOPressure \
AssertKernelCommandLine AssertKernelVersion AssertMemory AssertMemoryPressure AssertNeedsUpdate AssertOSRelease \
AssertPathExists AssertPathExistsGlob AssertPathIsDirectory AssertPathIsEncrypted AssertPathIsMountPoint \
AssertPathIsReadWrite AssertPathIsSymbolicLink AssertSecurity AssertUser AssertVersion AssertVirtualization \
Before BindTo BindsTo CollectMode ConditionACPower ConditionArchitecture ConditionCPUFeature \
ConditionCPUPressure ConditionCPUs ConditionCapability ConditionControlGroupController ConditionCredential \
ConditionDirectoryNotEmpty ConditionEnvironment ConditionFileIsExecutable ConditionFileNotEmpty \
ConditionFirmware ConditionFirstBoot ConditionGroup ConditionHost ConditionIOPressure ConditionKernelCommandLine \
ConditionKernelModuleLoaded ConditionKernelVersion ConditionMemory ConditionMemoryPressure ConditionNeedsUpdate \
ConditionOSRelease ConditionPathExists ConditionPathExistsGlob ConditionPathIsDirectory ConditionPathIsEncrypted \
ConditionPathIsMountPoint ConditionPathIsReadWrite ConditionPathIsSymbolicLink ConditionSecurity ConditionUser \
ConditionVersion ConditionVirtualization Conflicts DefaultDependencies Description Documentation FailureAction \
FailureActionExitStatus IgnoreOnIsolate JobRunningTimeoutSec JobTimeoutAction JobTimeoutRebootArgument \
JobTimeoutSec JoinsNamespaceOf OnFailure OnFailureIsolate OnFailureJobMode OnSuccess OnSuccessJobMode PartOf \
PropagateReloadFrom PropagateReloadTo PropagatesReloadTo PropagatesStopTo RebootArgument RefuseManualStart \
RefuseManualStop ReloadPropagatedFrom Requires RequiresMountsFor RequiresOverridable Requisite \
RequisiteOverridable SourcePath StartLimitAction StartLimitBurst StartLimitInterval StartLimitIntervalSec \
StopPropagatedFrom StopWhenUnneeded SuccessAction SuccessActionExitStatus SurviveFinalKillSignal Upholds Wants \
WantsMountsFor";

const SERVICE: &str = "\
BusName ExecCondition ExecReload ExecStart ExecStartPost ExecStartPre ExecStop ExecStopPost ExitType \
ExtraFileDescriptors FailureAction FileDescriptorStoreMax FileDescriptorStorePreserve GuessMainPID NonBlocking \
NotifyAccess OOMPolicy OpenFile PIDFile PermissionsStartOnly RebootArgument RefreshOnReload ReloadSignal \
RemainAfterExit Restart RestartForceExitStatus RestartMaxDelaySec RestartMode RestartPreventExitStatus \
RestartSec RestartSteps RootDirectoryStartOnly RuntimeMaxSec RuntimeRandomizedExtraSec Sockets StartLimitAction \
StartLimitBurst StartLimitInterval SuccessExitStatus TimeoutAbortSec TimeoutStartFailureMode TimeoutStartSec \
TimeoutStopFailureMode TimeoutStopSec Type USBFunctionDescriptors USBFunctionStrings WatchdogSec";

const SOCKET: &str = "\
Accept AcceptFileDescriptors Backlog BindIPv6Only BindToDevice Broadcast DeferAcceptSec DeferTrigger \
DirectoryMode ExecStartPost ExecStartPre ExecStopPost ExecStopPre FileDescriptorName FlushPending FreeBind IPTOS \
IPTTL KeepAlive KeepAliveIntervalSec KeepAliveProbes KeepAliveTimeSec ListenDatagram ListenFIFO \
ListenMessageQueue ListenNetlink ListenSequentialPacket ListenSpecial ListenStream ListenUSBFunction Mark \
MaxConnections MaxConnectionsPerSource MessageQueueMaxMessages MessageQueueMessageSize NoDelay PassCredentials \
PassFileDescriptorsToExec PassPIDFD PassPacketInfo PassSecurity PipeSize PollLimitBurst PollLimitIntervalSec \
Priority ReceiveBuffer RemoveOnStop ReusePort SELinuxContextFromNet SendBuffer Service SmackLabel SmackLabelIPIn \
SmackLabelIPOut SocketGroup SocketMode SocketProtocol SocketUser Symlinks TCPCongestion Timestamping Transparent \
TriggerLimitBurst TriggerLimitIntervalSec Writable XAttrEntryPoint";

const TIMER: &str = "\
AccuracySec DeferReactivation FixedRandomDelay OnActiveSec OnBootSec OnCalendar OnClockChange OnStartupSec \
OnTimezoneChange OnUnitActiveSec OnUnitInactiveSec Persistent RandomizedDelaySec RemainAfterElapse Unit \
WakeSystem";

const PATH: &str = "\
DirectoryMode DirectoryNotEmpty MakeDirectory PathChanged PathExists PathExistsGlob PathModified \
TriggerLimitBurst TriggerLimitIntervalSec Unit";

const MOUNT: &str = "\
DirectoryMode ForceUnmount LazyUnmount Options ReadWriteOnly SloppyOptions Type What Where";

const AUTOMOUNT: &str = "\
DirectoryMode ExtraOptions TimeoutIdleSec Where";

const SWAP: &str = "\
Options Priority What";

const SLICE: &str = "\
";

const SCOPE: &str = "\
OOMPolicy RuntimeMaxSec RuntimeRandomizedExtraSec TimeoutStopSec";

const INSTALL: &str = "\
Alias Also DefaultInstance RequiredBy UpheldBy WantedBy";

/// Of the sections whose units have processes.
const SHARED: &str = "\
AllowedCPUs AllowedMemoryNodes AmbientCapabilities AppArmorProfile BPFProgram BindNetworkInterface BindPaths \
BindReadOnlyPaths BlockIOAccounting BlockIODeviceWeight BlockIOReadBandwidth BlockIOWeight BlockIOWriteBandwidth \
CPUAccounting CPUAffinity CPUQuota CPUQuotaPeriodSec CPUSchedulingPolicy CPUSchedulingPriority \
CPUSchedulingResetOnFork CPUShares CPUWeight CacheDirectory CacheDirectoryMode CapabilityBoundingSet \
ConfigurationDirectory ConfigurationDirectoryMode CoredumpFilter CoredumpReceive DefaultMemoryLow \
DefaultMemoryMin Delegate DeviceAllow DevicePolicy DisableControllers DynamicUser Environment EnvironmentFile \
ExecPaths ExecSearchPath ExtensionDirectories ExtensionImagePolicy ExtensionImages FinalKillSignal Group \
IOAccounting IODeviceLatencyTargetSec IODeviceWeight IOReadBandwidthMax IOReadIOPSMax IOSchedulingClass \
IOSchedulingPriority IOWeight IOWriteBandwidthMax IOWriteIOPSMax IPAccounting IPAddressAllow IPAddressDeny \
IPCNamespacePath IPEgressFilterPath IPIngressFilterPath IgnoreSIGPIPE ImportCredential InaccessibleDirectories \
InaccessiblePaths KeyringMode KillMode KillSignal LimitAS LimitCORE LimitCPU LimitDATA LimitFSIZE LimitLOCKS \
LimitMEMLOCK LimitMSGQUEUE LimitNICE LimitNOFILE LimitNPROC LimitRSS LimitRTPRIO LimitRTTIME LimitSIGPENDING \
LimitSTACK LoadCredential LoadCredentialEncrypted LockPersonality LogExtraFields LogLevelMax LogNamespace \
LogRateLimitBurst LogRateLimitIntervalSec LogsDirectory LogsDirectoryMode ManagedOOMMemoryPressure \
ManagedOOMMemoryPressureLimit ManagedOOMPreference ManagedOOMSwap MemoryAccounting MemoryDenyWriteExecute \
MemoryHigh MemoryKSM MemoryLimit MemoryLow MemoryMax MemoryMin MemoryPressureThresholdSec MemoryPressureWatch \
MemorySwapMax MemoryZSwapMax MountAPIVFS MountFlags MountImagePolicy MountImages NFTSet NUMAMask NUMAPolicy \
NetworkNamespacePath Nice NoExecPaths NoNewPrivileges OOMScoreAdjust PAMName PassEnvironment Personality \
PrivateBPF PrivateDevices PrivateIPC PrivateMounts PrivateNetwork PrivatePIDs PrivateTmp PrivateUsers \
PrivateUsersEx ProcSubset ProtectClock ProtectControlGroups ProtectHome ProtectHostname ProtectKernelLogs \
ProtectKernelModules ProtectKernelTunables ProtectProc ProtectSystem ReadOnlyDirectories ReadOnlyPaths \
ReadWriteDirectories ReadWritePaths RemoveIPC RestartKillSignal RestrictAddressFamilies RestrictFileSystems \
RestrictNamespaces RestrictNetworkInterfaces RestrictRealtime RestrictSUIDSGID RootDirectory RootEphemeral \
RootHash RootHashSignature RootImage RootImageOptions RootImagePolicy RootVerity RuntimeDirectory \
RuntimeDirectoryMode RuntimeDirectoryPreserve SELinuxContext SecureBits SendSIGHUP SendSIGKILL SetCredential \
SetCredentialEncrypted SetLoginEnvironment Slice SmackProcessLabel SocketBindAllow SocketBindDeny StandardError \
StandardInput StandardInputData StandardInputText StandardOutput StartupAllowedCPUs StartupAllowedMemoryNodes \
StartupBlockIOWeight StartupCPUShares StartupCPUWeight StartupIOWeight StartupMemoryHigh StartupMemoryLow \
StartupMemoryMax StateDirectory StateDirectoryAccounting StateDirectoryMode StateDirectoryQuota \
SupplementaryGroups SyslogFacility SyslogIdentifier SyslogLevel SyslogLevelPrefix SystemCallArchitectures \
SystemCallErrorNumber SystemCallFilter SystemCallLog TTYColumns TTYPath TTYReset TTYRows TTYVHangup \
TTYVTDisallocate TasksAccounting TasksMax TemporaryFileSystem TimeoutCleanSec TimeoutSec TimerSlackNSec UMask \
UnsetEnvironment User UtmpIdentifier UtmpMode WatchdogSignal WorkingDirectory";

/// Whether systemd knows `key` in `section`.
#[must_use]
pub fn is_of_systemd(section: &str, key: &str) -> bool {
    let (own, shares) = match section {
        "Unit" => (UNIT, false),
        "Install" => (INSTALL, false),
        "Service" => (SERVICE, true),
        "Socket" => (SOCKET, true),
        "Mount" => (MOUNT, true),
        "Swap" => (SWAP, true),
        "Slice" => (SLICE, true),
        "Scope" => (SCOPE, true),
        "Timer" => (TIMER, false),
        "Path" => (PATH, false),
        "Automount" => (AUTOMOUNT, false),
        _ => return false,
    };
    own.split(' ').chain(SHARED.split(' ').filter(|_| shares)).any(|known| known == key)
}

/// The keys of `section` that systemd knows.
pub fn of_systemd(section: &str) -> impl Iterator<Item = &'static str> {
    let all = [UNIT, SERVICE, SOCKET, TIMER, PATH, MOUNT, INSTALL, SHARED];
    let section = section.to_owned();
    all.into_iter().flat_map(|list| list.split(' ')).filter(move |key| is_of_systemd(&section, key))
}
