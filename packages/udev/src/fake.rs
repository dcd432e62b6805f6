// SPDX-License-Identifier: MIT OR Apache-2.0
//! A machine in a temporary directory, for tests: /sys with some devices, /dev, /run, /etc.

use crate::device::Device;
use crate::rules::Rules;
use crate::system::{Mode, System};
use qos_uevent::Event;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

pub struct Fake {
    directory: tempfile::TempDir,
    system: System,
}

const SCSI: &str = "pci0000:00/0000:00:02.0/host0/target0:0:0/0:0:0:0";
const USB: &str = "pci0000:00/0000:00:04.0/usb1/1-1";

impl Fake {
    /// A machine with nothing in it.
    pub fn empty() -> Fake {
        let directory = tempfile::tempdir().unwrap();
        for path in ["sys/devices", "dev", "run", "etc"] {
            fs::create_dir_all(directory.path().join(path)).unwrap();
        }
        let system = System::new(directory.path(), Mode::default());
        system.database.create().unwrap();
        Fake { directory, system }
    }

    /// One with disks on SCSI, NVMe and virtio, a network card, and a keyboard.
    pub fn disk() -> Fake {
        let fake = Fake::empty();
        let bus = |bus: &str, path: &str, uevent: &str| fake.add("bus", bus, path, uevent);
        let class = |class: &str, path: &str, uevent: &str| fake.add("class", class, path, uevent);
        for slot in 2..=6 {
            let uevent = if slot == 2 { "DRIVER=ahci\nMODALIAS=pci:v1\n" } else { "" };
            bus("pci", &format!("pci0000:00/0000:00:0{slot}.0"), uevent);
        }
        fs::create_dir_all(fake.root().join("sys/bus/pci/drivers/ahci")).unwrap();
        bus("scsi", "pci0000:00/0000:00:02.0/host0", "DEVTYPE=scsi_host\n");
        bus("scsi", "pci0000:00/0000:00:02.0/host0/target0:0:0", "DEVTYPE=scsi_target\n");
        bus("scsi", SCSI, "DEVTYPE=scsi_device\n");
        fake.attribute("bus/scsi/devices/0:0:0:0", "vendor", "QEMU    \n");
        class("block", &format!("{SCSI}/block/sda"), "MAJOR=8\nMINOR=0\nDEVNAME=sda\nDEVTYPE=disk\n");
        class(
            "block",
            &format!("{SCSI}/block/sda/sda1"),
            "MAJOR=8\nMINOR=1\nDEVNAME=sda1\nDEVTYPE=partition\nPARTN=1\n",
        );
        fake.attribute("class/block/sda", "size", "2048\n");
        fake.attribute("class/block/sda1", "size", "2048\n");
        fake.attribute("class/block/sda1", "partition", "1\n");
        class("net", "pci0000:00/0000:00:03.0/net/eth0", "INTERFACE=eth0\nIFINDEX=2\n");
        for (name, text) in [
            ("type", "1"),
            ("ifindex", "2"),
            ("iflink", "2"),
            ("address", "52:54:00:12:34:56"),
            ("addr_assign_type", "0"),
        ] {
            fake.attribute("class/net/eth0", name, text);
        }
        bus("usb", "pci0000:00/0000:00:04.0/usb1", "DEVTYPE=usb_device\n");
        bus("usb", USB, "DEVTYPE=usb_device\nMAJOR=189\nMINOR=1\nDEVNAME=bus/usb/001/002\n");
        for (name, text) in [
            ("idVendor", "0627"),
            ("idProduct", "0001"),
            ("manufacturer", "QEMU"),
            ("product", "QEMU USB Keyboard"),
            ("serial", "68284"),
            ("bcdDevice", "0000"),
        ] {
            fake.attribute("bus/usb/devices/1-1", name, text);
        }
        let descriptors =
            [&[18, 1][..], &[0; 16], &[9, 2], &[0; 7], &[9, 4, 0, 0, 1, 3, 1, 1, 0], &[0]].concat();
        fake.file(&format!("sys/devices/{USB}/descriptors"), &descriptors);
        bus("usb", &format!("{USB}/1-1:1.0"), "DEVTYPE=usb_interface\nDRIVER=usbhid\n");
        for (name, text) in [
            ("bInterfaceClass", "03"),
            ("bInterfaceSubClass", "01"),
            ("bInterfaceProtocol", "01"),
            ("bInterfaceNumber", "00"),
        ] {
            fake.attribute("bus/usb/devices/1-1:1.0", name, text);
        }
        class("input", &format!("{USB}/1-1:1.0/input/input0"), "PRODUCT=3/627/1/111\n");
        class(
            "input",
            &format!("{USB}/1-1:1.0/input/input0/event0"),
            "MAJOR=13\nMINOR=64\nDEVNAME=input/event0\n",
        );
        fake.attribute("class/input/input0", "capabilities/ev", "3\n");
        class("nvme", "pci0000:00/0000:00:05.0/nvme/nvme0", "MAJOR=241\nMINOR=0\nDEVNAME=nvme0\n");
        class(
            "block",
            "pci0000:00/0000:00:05.0/nvme/nvme0/nvme0n1",
            "MAJOR=259\nMINOR=0\nDEVNAME=nvme0n1\nDEVTYPE=disk\n",
        );
        fake.attribute("class/block/nvme0n1", "nsid", "1\n");
        bus("virtio", "pci0000:00/0000:00:06.0/virtio0", "");
        class(
            "block",
            "pci0000:00/0000:00:06.0/virtio0/block/vda",
            "MAJOR=254\nMINOR=0\nDEVNAME=vda\nDEVTYPE=disk\n",
        );
        fake.attribute("class/block/vda", "serial", "root disk\n");
        class("block", "virtual/block/loop0", "MAJOR=7\nMINOR=0\nDEVNAME=loop0\nDEVTYPE=disk\n");
        class("mem", "virtual/mem/null", "MAJOR=1\nMINOR=3\nDEVNAME=null\nDEVMODE=0666\n");
        fake
    }

    /// Adds a device of a bus or class at a path below /sys/devices.
    pub fn add(&self, kind: &str, subsystem: &str, path: &str, uevent: &str) {
        let sys = self.root().join("sys");
        let directory = sys.join("devices").join(path);
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("uevent"), uevent).unwrap();
        let name = path.rsplit('/').next().unwrap();
        let list =
            if kind == "bus" { format!("bus/{subsystem}/devices") } else { format!("class/{subsystem}") };
        let up = |path: &str| "../".repeat(path.matches('/').count() + 1);
        fs::create_dir_all(sys.join(&list)).unwrap();
        symlink(format!("{}devices/{path}", up(&list)), sys.join(&list).join(name)).unwrap();
        symlink(format!("{}../{kind}/{subsystem}", up(path)), directory.join("subsystem")).unwrap();
        let value = |key: &str| {
            uevent.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=').map(str::to_owned))
        };
        if let (Some(major), Some(minor), Some(node)) = (value("MAJOR"), value("MINOR"), value("DEVNAME")) {
            let kind = if subsystem == "block" { "block" } else { "char" };
            let numbers = sys.join("dev").join(kind);
            fs::create_dir_all(&numbers).unwrap();
            symlink(format!("../../devices/{path}"), numbers.join(format!("{major}:{minor}"))).unwrap();
            self.file(&format!("dev/{node}"), b"");
        }
    }

    pub fn root(&self) -> &Path {
        self.directory.path()
    }

    pub fn system(&self) -> &System {
        &self.system
    }

    pub fn file(&self, path: &str, bytes: &[u8]) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Sets an attribute of the device at a path below /sys.
    pub fn attribute(&self, device: &str, name: &str, text: &str) {
        let device: PathBuf = fs::canonicalize(self.root().join("sys").join(device)).unwrap();
        let path = device.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The device at a path below /sys.
    pub fn device(&self, path: &str) -> Device {
        Device::of_path(self.root(), &self.root().join("sys").join(path)).unwrap_or_else(|| panic!("{path}"))
    }

    /// The event that the kernel would have for a device.
    pub fn event(&self, action: &str, path: &str, seqnum: u64) -> Event {
        let device = self.device(path);
        let mut properties =
            vec![("ACTION".to_owned(), action.to_owned()), ("SEQNUM".to_owned(), seqnum.to_string())];
        properties.extend(device.properties);
        Event { action: action.to_owned(), devpath: device.devpath, seqnum, properties }
    }

    /// Rules of a text; all of it is understood.
    pub fn rules(&self, text: &str) -> Rules {
        let mut rules = Rules::default();
        rules.add(Path::new("t.rules"), text, self.system.users());
        assert!(rules.warnings.is_empty(), "{:?}", rules.warnings);
        rules
    }
}
