// SPDX-License-Identifier: MIT OR Apache-2.0
//! QEMU's arguments for a machine.

use qos_vm::{
    Accel, AccelChoice, Access, Chardev, Config, Disk, Firmware, FwCfg, Machine, MemoryDisk, Network,
    Session, Wiring,
};

fn config() -> Config {
    Config {
        machine: Machine::Pc,
        cpu_model: None,
        memory_mib: 256,
        cpus: 2,
        firmware: None,
        kernel: "/k".into(),
        initramfs: vec!["/i".into()],
        cmdline: "console=ttyS0".into(),
        network: Network::Restricted,
        sandbox: false,
        disks: Vec::new(),
        memory_disks: Vec::new(),
        devices: Vec::new(),
        session: Session::Console,
        fw_cfg: Vec::new(),
        gdb: None,
    }
}

fn wiring(config: &Config) -> Wiring {
    let streams = [Chardev::Socket(20), Chardev::Socket(21), Chardev::Socket(22)];
    Wiring {
        kernel: config.kernel.clone().into(),
        initramfs: config.initramfs.first().map(|path| path.clone().into()),
        fw_cfg: config.fw_cfg.iter().map(|_| "/proc/self/fd/9".into()).collect(),
        serial: Chardev::Socket(10),
        verdict: Chardev::File("/proc/self/fd/11".into()),
        qmp: Some(Chardev::Socket(12)),
        streams: (config.session == Session::Streams).then_some(streams),
    }
}

fn arguments(config: &Config, accel: Accel) -> String {
    let words: Vec<String> = config
        .arguments(accel, &wiring(config))
        .into_iter()
        .map(|word| word.into_string().expect("the test's words are UTF-8"))
        .collect();
    words.join(" ")
}

#[test]
fn an_interactive_machine() {
    let expect = "-nodefaults -no-user-config -no-reboot -display none -machine pc -accel tcg -cpu max -m 256M -smp 2 \
        -kernel /k -initrd /i -append console=ttyS0 no_timer_check \
        -chardev socket,id=serial,fd=10 -serial chardev:serial \
        -chardev file,id=verdict,append=on,path=/proc/self/fd/11 -device isa-debugcon,iobase=0xe9,chardev=verdict \
        -chardev socket,id=qmp,fd=12 -mon chardev=qmp,mode=control \
        -device pvpanic -object rng-random,id=random,filename=/dev/urandom -device virtio-rng-pci,rng=random \
        -netdev user,id=network,restrict=on -device virtio-net-pci,netdev=network,romfile=";
    assert_eq!(arguments(&config(), Accel::Tcg), expect);
}

#[test]
fn a_golden_machine_does_not_depend_on_the_host() {
    let golden = Config { session: Session::Golden, cpus: 1, ..config() };
    let expect = "-nodefaults -no-user-config -no-reboot -display none -machine pc,hpet=off -accel tcg,thread=single \
        -icount shift=0,sleep=off -rtc base=2026-01-01,clock=vm -seed 1 -global PIIX4_PM.acpi-root-pci-hotplug=off -cpu qemu64 -m 256M -smp 1 \
        -kernel /k -initrd /i -append console=ttyS0 \
        -chardev socket,id=serial,fd=10 -serial chardev:serial \
        -chardev file,id=verdict,append=on,path=/proc/self/fd/11 -device isa-debugcon,iobase=0xe9,chardev=verdict \
        -chardev socket,id=qmp,fd=12 -mon chardev=qmp,mode=control";
    assert_eq!(arguments(&golden, Accel::Tcg), expect);
    assert_eq!(arguments(&golden, Accel::Kvm), expect);
    let random = Config { cpu_model: Some("qemu64,+rdrand".into()), ..golden.clone() };
    assert_eq!(arguments(&random, Accel::Tcg), expect.replace("qemu64", "qemu64,+rdrand"));
    let q35 = Config { machine: Machine::Q35, cpus: 4, ..golden };
    check(&q35, Accel::Kvm, &["-machine q35,hpet=off", "thread=single", "-smp 4"], &["PIIX4", "kvm"]);
}

/// Words that must be, or must not be, among the arguments.
fn check(config: &Config, accel: Accel, has: &[&str], has_not: &[&str]) {
    let arguments = arguments(config, accel);
    for words in has {
        assert!(arguments.contains(words), "{words} is not in {arguments}");
    }
    for words in has_not {
        assert!(!arguments.contains(words), "{words} is in {arguments}");
    }
}

#[test]
fn choices_show() {
    check(&config(), Accel::Kvm, &["-accel kvm", "-cpu host"], &["-accel tcg", "no_timer_check"]);
    let model = Config { cpu_model: Some("qemu64".into()), ..config() };
    check(&model, Accel::Kvm, &["-cpu qemu64"], &["-cpu host"]);
    let q35 = Config { machine: Machine::Q35, ..config() };
    check(&q35, Accel::Tcg, &["-machine q35", "virtio-rng-pci"], &[]);
    let micro = Config { machine: Machine::Microvm, ..config() };
    check(
        &micro,
        Accel::Kvm,
        &["-machine microvm", "virtio-rng-device", "virtio-net-device"],
        &["-pci", "romfile"],
    );
    let bare = Config { network: Network::None, initramfs: Vec::new(), cmdline: String::new(), ..config() };
    check(&bare, Accel::Kvm, &[], &["-netdev", "-initrd", "-append"]);
    check(&bare, Accel::Tcg, &["-append no_timer_check"], &[]);
    let init = Config { cmdline: "quiet -- word".into(), ..config() };
    check(&init, Accel::Tcg, &["-append quiet no_timer_check -- word -chardev"], &[]);
    let open = Config { network: Network::Open, ..config() };
    check(&open, Accel::Tcg, &["-netdev user,id=network -device"], &["restrict"]);
}

/// Behind those of the runner, in their order, in every session.
#[test]
fn devices_are_passed_on_as_they_are() {
    let devices = vec!["edu".into(), "edu,dma_mask=0xff,id=a,,b".into()];
    let console = Config { devices, ..config() };
    let expect = "romfile= -device edu -device edu,dma_mask=0xff,id=a,,b";
    assert!(arguments(&console, Accel::Tcg).ends_with(expect));
    let golden = Config { session: Session::Golden, ..console };
    assert!(
        arguments(&golden, Accel::Tcg)
            .ends_with("mode=control -device edu -device edu,dma_mask=0xff,id=a,,b")
    );
}

/// Behind the runner's own devices, before those of the user, and not in a golden session.
#[test]
fn disks_are_in_their_order() {
    let disk = |file: &str, access| Disk { file: file.into(), access };
    let disks = vec![disk("/a,b.img", Access::ReadWrite), disk("c.qcow2", Access::ReadOnly)];
    let two = Config { disks, devices: vec!["edu".into()], ..config() };
    let expect = "romfile= \
        -blockdev driver=raw,node-name=disk0,read-only=off,file.driver=file,file.filename=/a,,b.img \
        -device virtio-blk-pci,drive=disk0,serial=disk0 \
        -blockdev driver=qcow2,node-name=disk1,read-only=on,file.driver=file,file.filename=c.qcow2 \
        -device virtio-blk-pci,drive=disk1,serial=disk1 -device edu";
    let all = arguments(&two, Accel::Tcg);
    assert!(all.ends_with(expect), "{all}");
    let micro = Config { machine: Machine::Microvm, ..two.clone() };
    check(&micro, Accel::Kvm, &["-device virtio-blk-device,drive=disk0,serial=disk0"], &[]);
    let golden = Config { session: Session::Golden, ..two };
    check(&golden, Accel::Tcg, &[], &["disk0", "virtio-blk"]);
    let memory_disks = vec![MemoryDisk { file: "/a.img".into(), size: 2 << 20 }];
    let golden = Config { memory_disks, ..golden };
    let has =
        ["-machine pc,hpet=off,nvdimm=on", "-m 256M,slots=1,maxmem=2304M", "size=2097152,mem-path=/a.img"];
    check(&golden, Accel::Tcg, &has, &["virtio-blk"]);
}

#[test]
fn streams_and_files_are_connected() {
    let fw_cfg = vec![FwCfg { name: qos_protocol::fw_cfg::COMMAND, contents: b"true\0".to_vec() }];
    let streams = Config { session: Session::Streams, fw_cfg, ..config() };
    let has = [
        "-fw_cfg name=opt/org.qos/command,file=/proc/self/fd/9",
        "-device virtio-serial-pci,id=ports,max_ports=4 ",
        "-chardev socket,id=stdin,fd=20 -device virtserialport,bus=ports.0,chardev=stdin,id=org.qos.stdin,name=org.qos.stdin",
        "-chardev socket,id=stderr,fd=22",
    ];
    check(&streams, Accel::Tcg, &has, &[]);
    check(&config(), Accel::Tcg, &[], &["virtserialport", "-fw_cfg"]);
}

/// In every session, and nothing of it is the guest's.
#[test]
fn qemu_is_confined() {
    let sandbox = "-no-reboot -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny -display";
    for session in [Session::Console, Session::Streams, Session::Golden] {
        let confined = Config { sandbox: true, session, ..config() };
        check(&confined, Accel::Tcg, &[sandbox], &[]);
        assert_eq!(confined.device_names(), Config { sandbox: false, ..confined.clone() }.device_names());
    }
    check(&config(), Accel::Tcg, &[], &["-sandbox"]);
}

#[test]
fn commas_in_paths_are_escaped() {
    let config = config();
    let wiring = Wiring { verdict: Chardev::File("/a,b".into()), ..wiring(&config) };
    let arguments = config.arguments(Accel::Tcg, &wiring);
    assert!(arguments.iter().any(|word| word == "file,id=verdict,append=on,path=/a,,b"), "{arguments:?}");
}

#[test]
fn a_machine_that_waits_for_gdb() {
    let waits = Config { gdb: Some("/s,1".into()), ..config() };
    assert!(arguments(&waits, Accel::Tcg).ends_with(" -S -gdb unix:/s,,1,server=on,wait=off"));
    assert!(!arguments(&config(), Accel::Tcg).contains("-gdb"));
    assert_eq!(waits.accel(AccelChoice::Auto), AccelChoice::Tcg);
    assert_eq!(waits.accel(AccelChoice::Kvm), AccelChoice::Kvm);
    assert_eq!(config().accel(AccelChoice::Auto), AccelChoice::Auto);
    assert_eq!(Config { session: Session::Golden, ..config() }.accel(AccelChoice::Kvm), AccelChoice::Tcg);
}

/// What the guest writes to the store's disk stays out of it.
#[test]
fn a_snapshot_leaves_its_file_alone() {
    let disks = vec![Disk { file: "/nix/a,b".into(), access: Access::Snapshot }];
    let expect = "-drive if=none,id=disk0,format=raw,snapshot=on,file=/nix/a,,b -device virtio-blk-pci,drive=disk0,serial=disk0";
    check(&Config { disks, ..config() }, Accel::Tcg, &[expect], &["-blockdev"]);
}

/// Firmware boots the disk; the additional command line goes to the stub of the unified kernel image.
#[test]
fn firmware_takes_the_place_of_the_kernel() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let ovmf = root.join("usr/share/OVMF");
    assert!(Firmware::find(Some(root)).unwrap_err().to_string().contains("no UEFI firmware"));
    std::fs::create_dir_all(&ovmf).unwrap();
    for name in ["OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"] {
        std::fs::write(ovmf.join(name), "").unwrap();
    }
    let firmware = Firmware::find(Some(root)).unwrap();
    let uefi = Config { firmware: Some(firmware), cmdline: "debug a,b".into(), ..config() };
    let ovmf = ovmf.display();
    let code = format!("-drive if=pflash,format=raw,unit=0,readonly=on,file={ovmf}/OVMF_CODE_4M.fd");
    let variables = format!("-drive if=pflash,format=raw,unit=1,snapshot=on,file={ovmf}/OVMF_VARS_4M.fd");
    let extra = "-smbios type=11,value=io.systemd.stub.kernel-cmdline-extra=debug a,,b no_timer_check";
    check(&uefi, Accel::Tcg, &[&code, &variables, extra], &["-kernel", "-initrd", "-append"]);
    let bare = Config { cmdline: String::new(), ..uefi };
    check(&bare, Accel::Kvm, &[&code], &["-smbios"]);
}
