// SPDX-License-Identifier: MIT OR Apache-2.0
//! The descriptions of the programs, for `--help` and the manual.

use qos_command::Help;

pub const BLKID: Help = Help {
    section: 8,
    purpose: "show what block devices hold",
    usage: "[-d] [-l] [-o FORMAT] [-s TAG]... [-t NAME=VALUE] [DEVICE]...\n-p [-O OFFSET] [-S SIZE] [-o FORMAT] [-s TAG]... DEVICE...\n\
            -L LABEL\n-U UUID",
    text: "Shows labels, UUIDs and types of file systems, partitions and other formats. Without DEVICE, all devices are read. There is no cache.",
    options: "\
-o, --output FORMAT     full (default), value, export, udev, list or device
-s, --match-tag TAG     print this tag only, such as UUID
-t, --match-token NAME=VALUE
                        print devices with this tag only
-l, --list-one          print the first of them only
-L, --label LABEL       print the device with this label
-U, --uuid UUID         print the device with this UUID
-p, --probe             read the devices, which may also be files, in more detail
-O, --offset OFFSET     with -p, begin at this byte
-S, --size SIZE         with -p, read no further than SIZE bytes
-d, --no-encoding       print control characters as they are
-c, --cache-file FILE   accepted and ignored
-g, --garbage-collect   accepted and ignored
",
    status: "0  success\n2  nothing was found\n4  failure, or usage error\n8  a device holds several formats\n",
    see: "findfs(8) lsblk(8)",
    ..Help::NONE
};

pub const FINDFS: Help = Help {
    section: 8,
    purpose: "print the device of a file system",
    usage: "{LABEL|UUID|PARTLABEL|PARTUUID}=VALUE",
    status: "0  success\n1  no device was found\n2  usage error\n",
    see: "blkid(8)",
    ..Help::NONE
};

pub const LSBLK: Help = Help {
    section: 8,
    purpose: "show block devices, and the devices on top of them",
    usage: "[-abdfJlnpr] [-o COLUMN,...] [--sysroot DIRECTORY] [DEVICE]...",
    options: "\
-a, --all             show empty devices too
-b, --bytes           print sizes in bytes
-d, --nodeps          do not show the devices on top
-f, --fs              show file systems
-J, --json            print JSON
-l, --list            print a list, not a tree
-n, --noheadings      print no headings
-o, --output COLUMN,...
                      print these columns
-p, --paths           print paths of devices
-r, --raw             print values with a space between two of them
--sysroot DIRECTORY   show the devices of the system whose /sys and /dev are under DIRECTORY
",
    status: "0   success\n1   failure, or usage error\n32  none of the devices was found\n64  some of the devices were not found\n",
    files: "/sys/class/block  the devices\n",
    see: "blkid(8)",
    ..Help::NONE
};
