// SPDX-License-Identifier: MIT OR Apache-2.0
//! The machine: what it consists of, and QEMU's arguments for it. Pure.
//!
//! Source of the options: qemu(1) of QEMU 10.0.

use crate::accel::{Accel, Choice};
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::firmware::Firmware;
use crate::memory_disk::{self, MemoryDisk};
use crate::options::{Arguments, escape_commas};
use crate::wiring::{Chardev, Wiring};
use qos_protocol::{port, verdict};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// Documentation/admin-guide/kernel-parameters.txt: "Disables the code which tests for broken timer IRQ sources".
const NO_TIMER_CHECK: &str = "no_timer_check";

/// Machine types that the runner can configure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Machine {
    /// i440FX with PCI (the default).
    #[default]
    Pc,
    /// Q35 with PCI Express.
    Q35,
    /// No PCI, no firmware tables but ACPI: virtio over MMIO. Needs KVM.
    Microvm,
}

/// How the guest is talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// A user, or a test, at the serial console.
    Console,
    /// Standard streams of the guest's main program over virtio ports; the console is only a log.
    Streams,
    /// Nothing comes from outside while it runs, and time is counted in instructions: the same log every time.
    Golden,
}

impl Session {
    /// What the disks of a machine are in this session: none but in a golden one.
    ///
    /// # Errors
    /// A golden microvm has a disk, or as [`MemoryDisk::new`].
    pub fn memory_disks(self, machine: Machine, disks: &[Disk]) -> Result<Vec<MemoryDisk>> {
        match self {
            Session::Golden if machine == Machine::Microvm && !disks.is_empty() => Err(Error::new(
                "a microvm cannot have an NVDIMM, which a disk is in a golden run: use --machine pc or q35",
            )),
            Session::Golden => disks.iter().map(MemoryDisk::new).collect(),
            Session::Console | Session::Streams => Ok(Vec::new()),
        }
    }
}

/// A network device on virtio-net, behind which QEMU plays the router (user-mode network).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// No device.
    None,
    /// The guest reaches the router only: an address by DHCP, and nothing of the host's.
    #[default]
    Restricted,
    /// The guest reaches what the host reaches, and the host's own loopback services.
    Open,
}

/// The rights that QEMU drops: old system calls, new rights, new processes, and the priority and CPUs of its threads.
const SANDBOX: &str = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

/// A file of fw_cfg with the password of root, as text, for images whose console asks for a login.
pub const PASSWORD: &str = "opt/org.qos/password";

/// A file that the guest sees in `/sys/firmware/qemu_fw_cfg/by_name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FwCfg {
    /// Its name, one of [`qos_protocol::fw_cfg`].
    pub name: &'static str,
    /// Its contents.
    pub contents: Vec<u8>,
}

/// A virtual machine and the files that it boots.
#[derive(Clone, Debug)]
pub struct Config {
    /// Machine type.
    pub machine: Machine,
    /// CPU model and features; if there is none, the host's under KVM, `qemu64` in a golden session, else all features of TCG.
    pub cpu_model: Option<String>,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// Number of CPUs. In a golden session they run in turns, so that it stays deterministic.
    pub cpus: u32,
    /// Firmware that boots the first disk. QEMU then loads neither kernel nor initramfs, and `cmdline` is
    /// added to the command line of the disk's own unified kernel image.
    pub firmware: Option<Firmware>,
    /// bzImage, or ELF `vmlinux` (entered through PVH, without a decompressor).
    pub kernel: PathBuf,
    /// The files of the initramfs, which the kernel unpacks one after another.
    pub initramfs: Vec<PathBuf>,
    /// The kernel's command line.
    pub cmdline: String,
    /// The network. A golden session has none, in spite of this field.
    pub network: Network,
    /// QEMU drops unneeded rights, by seccomp(2), before the guest runs.
    pub sandbox: bool,
    /// Disks, in the order of their names in the guest. A golden session has none, in spite of this field: a disk completes a request
    /// at a time that depends on the host.
    pub disks: Vec<Disk>,
    /// The disks of a golden session.
    pub memory_disks: Vec<MemoryDisk>,
    /// Further devices, as QEMU's `-device` takes them, in every session.
    pub devices: Vec<OsString>,
    /// How the guest is talked to.
    pub session: Session,
    /// Files for the guest.
    pub fw_cfg: Vec<FwCfg>,
    /// The UNIX socket at which the machine waits for gdb before its first instruction.
    pub gdb: Option<PathBuf>,
}

impl Config {
    /// The accelerator that this machine uses if the user chooses `asked`. A golden session uses TCG. So does
    /// a machine that waits for gdb, unless the user names KVM: its silence does not show whether KVM works.
    #[must_use]
    pub fn accel(&self, asked: Choice) -> Choice {
        match asked {
            _ if self.session == Session::Golden => Choice::Tcg,
            Choice::Auto if self.gdb.is_some() => Choice::Tcg,
            asked => asked,
        }
    }

    /// The CPU, as QEMU's option `-cpu` has it, for a run under `accel`.
    pub(crate) fn cpu_under(&self, accel: Accel) -> &str {
        let usual = match (self.session, accel) {
            (Session::Golden, _) => "qemu64",
            (_, Accel::Kvm) => "host",
            (_, Accel::Tcg) => "max",
        };
        self.cpu_model.as_deref().unwrap_or(usual)
    }

    /// The kernel's command line for a run under `accel`. Under TCG the kernel is spared the check of its timer (check_timer() in
    /// arch/x86/kernel/apic/io_apic.c): it counts ticks for a moment, a busy host delivers too few, and what it then tries in
    /// their place can end in a panic. A golden session has it anyway.
    #[must_use]
    pub fn cmdline_under(&self, accel: Accel) -> String {
        match (accel, self.session) {
            (Accel::Tcg, Session::Console | Session::Streams) => {
                // Words after `--` are for init.
                let line = format!("{} ", self.cmdline);
                let (kernel, init) = line.split_at(line.find(" -- ").unwrap_or(line.len() - 1));
                format!("{kernel} {NO_TIMER_CHECK}{init}").trim().to_owned()
            }
            _ => self.cmdline.clone(),
        }
    }

    /// QEMU's arguments, without the program, for a run under `accel` whose channels are connected by `wiring`.
    #[must_use]
    pub fn arguments(&self, accel: Accel, wiring: &Wiring) -> Vec<OsString> {
        let mut args = Arguments::default();
        self.base(accel, &mut args);
        let cmdline = self.cmdline_under(accel);
        match &self.firmware {
            Some(firmware) => firmware.define(&cmdline, &mut args),
            None => {
                args.path("-kernel", &wiring.kernel);
                if let Some(initramfs) = &wiring.initramfs {
                    args.path("-initrd", initramfs);
                }
                if !cmdline.is_empty() {
                    args.option("-append", cmdline);
                }
            }
        }
        for (file, path) in self.fw_cfg.iter().zip(&wiring.fw_cfg) {
            let value = [format!("name={},file=", file.name).into_bytes(), escape_commas(path)].concat();
            args.option("-fw_cfg", OsString::from_vec(value));
        }
        self.channels(wiring, &mut args);
        if self.session != Session::Golden {
            self.usual_devices(&mut args);
        }
        for (index, disk) in self.memory_disks.iter().enumerate() {
            disk.define(index, &mut args);
        }
        // Behind the runner's own, so that those keep their places on the bus.
        for device in &self.devices {
            args.option("-device", device);
        }
        if let Some(socket) = &self.gdb {
            args.flag("-S");
            let address =
                [b"unix:".to_vec(), escape_commas(socket.as_os_str()), b",server=on,wait=off".to_vec()];
            args.option("-gdb", OsString::from_vec(address.concat()));
        }
        args.list
    }

    /// The devices beside those that the machine has by itself, as QEMU names them, in the order of its command line.
    #[must_use]
    pub fn device_names(&self) -> Vec<String> {
        let nowhere = Wiring {
            kernel: OsString::new(),
            initramfs: None,
            fw_cfg: Vec::new(),
            serial: Chardev::Null,
            verdict: Chardev::Null,
            qmp: None,
            streams: (self.session == Session::Streams).then_some([
                Chardev::Null,
                Chardev::Null,
                Chardev::Null,
            ]),
        };
        // Devices do not depend on the accelerator.
        let arguments = self.arguments(Accel::Tcg, &nowhere);
        let devices = arguments.windows(2).filter(|pair| pair[0] == "-device");
        let name =
            |value: &OsString| value.to_string_lossy().split(',').next().unwrap_or_default().to_owned();
        devices.map(|pair| name(&pair[1])).collect()
    }

    fn base(&self, accel: Accel, args: &mut Arguments) {
        let golden = self.session == Session::Golden;
        let nvdimm = !self.memory_disks.is_empty();
        args.flag("-nodefaults");
        args.flag("-no-user-config");
        args.flag("-no-reboot");
        if self.sandbox {
            args.option("-sandbox", SANDBOX);
        }
        args.option("-display", "none");
        let machine = match self.machine {
            // What the kernel would wait for or walk through without need: calibration against the HPET, and the
            // hot-plug slots of the root bus (the option below).
            Machine::Pc if nvdimm => "pc,hpet=off,nvdimm=on",
            Machine::Q35 if nvdimm => "q35,hpet=off,nvdimm=on",
            Machine::Pc if golden => "pc,hpet=off",
            Machine::Q35 if golden => "q35,hpet=off",
            Machine::Pc => "pc",
            Machine::Q35 => "q35",
            Machine::Microvm => "microvm,pic=on,pit=on,rtc=on,isa-serial=on",
        };
        args.option("-machine", machine);
        if golden {
            args.option("-accel", "tcg,thread=single");
            args.option("-icount", "shift=0,sleep=off");
            args.option("-rtc", "base=2026-01-01,clock=vm");
            args.option("-seed", "1");
            if self.machine == Machine::Pc {
                args.option("-global", "PIIX4_PM.acpi-root-pci-hotplug=off");
            }
        } else {
            args.option("-accel", accel.name());
        }
        args.option("-cpu", self.cpu_under(accel));
        args.option("-m", memory_disk::memory(self.memory_mib, &self.memory_disks));
        args.option("-smp", self.cpus.to_string());
    }

    fn channels(&self, wiring: &Wiring, args: &mut Arguments) {
        wiring.serial.define("serial", args);
        args.option("-serial", "chardev:serial");
        wiring.verdict.define("verdict", args);
        args.option("-device", format!("isa-debugcon,iobase={:#x},chardev=verdict", verdict::IO_PORT));
        if let Some(qmp) = &wiring.qmp {
            qmp.define("qmp", args);
            args.option("-mon", "chardev=qmp,mode=control");
        }
        if let Some(streams) = &wiring.streams {
            // Port 0 is for consoles. The guest's driver has two queues for each possible port, 31 by default.
            args.option("-device", self.virtio("virtio-serial", "id=ports,max_ports=4"));
            for ((chardev, name), id) in streams.iter().zip(port::STREAMS).zip(["stdin", "stdout", "stderr"])
            {
                chardev.define(id, args);
                args.option(
                    "-device",
                    format!("virtserialport,bus=ports.0,chardev={id},id={name},name={name}"),
                );
            }
        }
    }

    fn usual_devices(&self, args: &mut Arguments) {
        args.option("-device", "pvpanic");
        args.option("-object", "rng-random,id=random,filename=/dev/urandom");
        args.option("-device", self.virtio("virtio-rng", "rng=random"));
        if self.network != Network::None {
            let restrict = if self.network == Network::Restricted { ",restrict=on" } else { "" };
            args.option("-netdev", format!("user,id=network{restrict}"));
            // The ROM is for booting from the network only.
            let rom = if self.machine == Machine::Microvm { "" } else { ",romfile=" };
            args.option("-device", self.virtio("virtio-net", &format!("netdev=network{rom}")));
        }
        for (index, disk) in self.disks.iter().enumerate() {
            disk.define(index, args);
            args.option(
                "-device",
                self.virtio("virtio-blk", &format!("drive={0},serial={0}", Disk::node(index))),
            );
        }
    }

    /// A virtio device on the bus that the machine has.
    fn virtio(&self, device: &str, properties: &str) -> String {
        let bus = if self.machine == Machine::Microvm { "device" } else { "pci" };
        format!("{device}-{bus},{properties}")
    }
}
