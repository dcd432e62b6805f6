// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lsblk` with a `/sys` of its own: a disk with a partition that holds an unlocked LUKS volume, and a drive.

use super::*;
use std::fs;
use std::os::unix::fs::symlink;

const FILES: &[(&str, &str)] = &[
    ("sys/devices/pci0/vda/dev", "254:0\n"),
    ("sys/devices/pci0/vda/size", "524288\n"),
    ("sys/devices/pci0/vda/ro", "0\n"),
    ("sys/devices/pci0/vda/removable", "0\n"),
    ("sys/devices/pci0/vda/vda1/dev", "254:1\n"),
    ("sys/devices/pci0/vda/vda1/partition", "1\n"),
    ("sys/devices/pci0/vda/vda1/size", "19456\n"),
    ("sys/devices/pci0/vda/vda2/dev", "254:2\n"),
    ("sys/devices/pci0/vda/vda2/partition", "2\n"),
    ("sys/devices/pci0/vda/vda2/size", "409600\n"),
    ("sys/devices/pci0/vda/vda2/holders/dm-0", ""),
    ("sys/devices/virtual/dm-0/dev", "253:0\n"),
    ("sys/devices/virtual/dm-0/size", "393216\n"),
    ("sys/devices/virtual/dm-0/slaves/vda2", ""),
    ("sys/devices/virtual/dm-0/dm/name", "root\n"),
    ("sys/devices/virtual/dm-0/dm/uuid", "CRYPT-LUKS2-0-root\n"),
    ("sys/devices/pci0/sr0/dev", "11:0\n"),
    ("sys/devices/pci0/sr0/size", "2097151\n"),
    ("sys/devices/pci0/sr0/removable", "1\n"),
    ("sys/devices/pci0/sr0/ro", "1\n"),
    ("sys/devices/virtual/loop0/dev", "7:0\n"),
    ("sys/devices/virtual/loop0/size", "0\n"),
    (
        "proc/self/mountinfo",
        "1 0 253:0 / / rw - btrfs /dev/dm-0 rw\n2 1 0:26 /home /home rw shared:1 - btrfs /dev/mapper/root rw\n4 1 0:5 / /proc rw - proc proc rw\n3 1 254:1 / /boot rw - vfat x rw\n",
    ),
    ("proc/swaps", "Filename Type Size Used Priority\n"),
    ("dev/vda", ""),
    ("dev/sr0", ""),
    ("dev/vda2", ""),
];

fn check(line: &str, status: u8, expect: &str) {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in FILES {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let class = root.path().join("sys/class/block");
    fs::create_dir_all(&class).unwrap();
    for target in ["pci0/vda", "pci0/vda/vda1", "pci0/vda/vda2", "pci0/sr0", "virtual/dm-0", "virtual/loop0"]
    {
        let path = Path::new("../../devices").join(target);
        symlink(&path, class.join(path.file_name().unwrap())).unwrap();
    }
    let words = line.split(' ').map(str::to_owned);
    let words = words.chain(["--sysroot".to_owned(), root.path().display().to_string()]);
    let mut out = Vec::new();
    let result = main(lexopt::Parser::from_iter(words), &mut out);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(
        (result.err().map_or(0, |failure| failure.status()), text.as_str()),
        (status, expect),
        "{line}"
    );
}

#[test]
fn tree() {
    check(
        "lsblk",
        0,
        "\
NAME     MAJ:MIN RM  SIZE RO TYPE  MOUNTPOINTS
sr0       11:0    1 1024M  1 rom   
vda      254:0    0  256M  0 disk  
├─vda1   254:1    0  9.5M  0 part  /boot
└─vda2   254:2    0  200M  0 part  
  └─root 253:0    0  192M  0 crypt /
                                   /home
",
    );
}

#[test]
fn forms() {
    check(
        "lsblk -ln -o NAME,PKNAME,SIZE -b /dev/vda",
        0,
        "vda       268435456\nvda1 vda    9961472\nvda2 vda  209715200\nroot vda2 201326592\n",
    );
    check("lsblk -dpno NAME,TYPE /dev/vda2", 0, "/dev/vda2 part\n");
    check("lsblk -rno NAME,MOUNTPOINTS /dev/vda", 0, "vda \nvda1 /boot\nvda2 \nroot /\\x0a/home\n");
    check(
        "lsblk -J -o NAME,MAJ:MIN,RM,MOUNTPOINTS /dev/vda2",
        0,
        r#"{
   "blockdevices": [
      {
         "name": "vda2",
         "maj:min": "254:2",
         "rm": false,
         "mountpoints": [null],
         "children": [
            {
               "name": "root",
               "maj:min": "253:0",
               "rm": false,
               "mountpoints": ["/","/home"]
            }
         ]
      }
   ]
}
"#,
    );
}

#[test]
fn statuses() {
    check("lsblk -dn -o NAME /dev/none", 32, "");
    check("lsblk -dn -o NAME /dev/none /dev/sr0", 64, "sr0\n");
    check("lsblk -o NOTHING", 1, "");
    check("lsblk -z", 1, "");
}
