// SPDX-License-Identifier: MIT OR Apache-2.0
//! Of programs about the kernel's log, its modules, its successor, and file systems.

use qos_command::Help;

pub const DMESG: Help = Help {
    purpose: "show or control the kernel's log",
    usage: "[-crt]\n-C | -D | -E | -n LEVEL",
    options: "\
-c, --read-clear           empty the log after it is printed
-C, --clear                empty the log
-D, --console-off          print no messages on the console
-E, --console-on           print messages on the console
-n, --console-level LEVEL  print only messages below this level on the console, from 1 to 8
-r, --raw                  print the level of each message
-t, --notime               print no times
",
    see: "logctl(1) syslog(2)",
    ..Help::NONE
};

pub const INSMOD: Help = Help {
    section: 8,
    purpose: "load a kernel module from a file",
    usage: "FILE [NAME=VALUE]...",
    text: "The words after FILE are parameters of the module. Modules that it needs are not loaded: modprobe(8) does so.",
    see: "modprobe(8) rmmod(8) lsmod(8)",
    ..Help::NONE
};

pub const KEXEC: Help = Help {
    section: 8,
    purpose: "start another kernel without the firmware",
    usage: "-l KERNEL [--initrd=FILE] [--reuse-cmdline] [--append=WORDS]\n-e\n-u",
    text: "KERNEL is a bzImage, or a unified kernel image, whose initramfs and command line are then used unless others are given. The \
           kernel is started by `svc kexec' after an orderly end of the system. The running kernel needs CONFIG_KEXEC_FILE.",
    options: "\
-l, --load                      load a kernel, in the place of one that was loaded before
--initrd, --ramdisk FILE        its initramfs
--append, --command-line WORDS  its command line
--reuse-cmdline                 the running kernel's command line, before WORDS
-u, --unload                    unload the kernel
-e, --exec                      start the kernel at once: only data that is not written yet is written
-a, -s, --kexec-file-syscall, --kexec-syscall-auto
                                accepted and ignored: a kernel is always loaded by kexec_file_load(2)
",
    files: "\
/proc/cmdline             the running kernel's command line
/sys/kernel/kexec_loaded  whether a kernel is loaded
",
    see: "svc(1) reboot(8) kexec_file_load(2) reboot(2)",
    ..Help::NONE
};

pub const LSMOD: Help = Help {
    section: 8,
    purpose: "show the kernel modules that are loaded",
    text: "A row has the name of a module, its size in bytes, the number of its users, and the modules among them.",
    files: "/proc/modules  the modules\n",
    see: "modprobe(8) rmmod(8)",
    ..Help::NONE
};

pub const MODPROBE: Help = Help {
    section: 8,
    purpose: "load or remove kernel modules, with those that they need",
    usage: "[OPTION]... MODULE [NAME=VALUE]...\n[OPTION]... -a MODULE...\n[OPTION]... -r MODULE...\n-D MODULE\n-R ALIAS\n-c",
    text: "MODULE is a name or an alias. NAME=VALUE is a parameter of the module.",
    options: "\
-a, --all                  load all modules that are named
-r, --remove               remove modules, and those that only they needed
-b, --use-blacklist        load no module that is on the blacklist
-i, --ignore-install, --ignore-remove
                           do not run the commands of `install' and `remove' lines
--first-time               fail if the module is loaded, or with -r, is not loaded
-n, --dry-run, --show      load and remove nothing
-D, --show-depends         print what would be loaded
-R, --resolve-alias        print the modules that an alias means
-c, --showconfig, --show-config
                           print the configuration
-q, -s, --quiet, --syslog  print no errors
-v, --verbose              print what is done
-C, --config PATH          read the configuration here
-d, --dirname ROOT         modules are in ROOT/lib/modules
-S, --set-version RELEASE  modules are those of this kernel (default: the one that runs)
",
    files: "\
/etc/modprobe.d             aliases, parameters, blacklists
/lib/modules/RELEASE        modules, modules.dep and modules.alias
",
    see: "insmod(8) rmmod(8) lsmod(8) modprobe.d(5)",
    ..Help::NONE
};

pub const RMMOD: Help = Help {
    section: 8,
    purpose: "remove kernel modules",
    usage: "[-f] MODULE...",
    options: "-f, --force  remove a module that is in use, if the kernel allows it\n",
    see: "modprobe(8) lsmod(8)",
    ..Help::NONE
};

pub const MOUNT: Help = Help {
    section: 8,
    purpose: "attach file systems, or list those that are attached",
    usage: "[-t TYPE]\n[-rwBRM] [-t TYPE] [-o OPTIONS] [SOURCE] TARGET\n-a [-t TYPE] [-o OPTIONS]",
    text: "SOURCE is a device, one of LABEL=, UUID=, PARTLABEL= and PARTUUID= with the value that blkid(8) prints, or what the type of file system \
takes. With TARGET or SOURCE alone, the rest is in /etc/fstab. Without TYPE, or if it is auto, the type is that of the file system on the device.",
    options: "\
-a, --all                   attach all file systems in /etc/fstab but those with noauto
-t, --types TYPE            type of the file system
-o, --options OPTIONS       options, with commas between them
-r, --read-only             the same as -o ro
-w, --rw, --read-write      the same as -o rw
-B, --bind                  show a directory in a second place
-R, --rbind                 the same, with the file systems below it
-M, --move                  move an attached file system
",
    status: "0   success\n1   failure\n2   usage error\n32  with -a, a file system could not be attached\n",
    files: "/etc/fstab         file systems\n/proc/self/mounts  file systems that are attached\n",
    see: "umount(8) blkid(8) fstab(5) mount(2)",
    ..Help::NONE
};

pub const UMOUNT: Help = Help {
    section: 8,
    purpose: "detach file systems",
    usage: "[-fl] TARGET...\n-a [-fl]",
    text: "TARGET is the directory where the file system is attached, or its device.",
    options: "\
-a, --all    detach all file systems but the root and those of the kernel, such as /proc
-f, --force  abort requests to a server that does not answer
-l, --lazy   detach now, and end the file system when nothing uses it any more
",
    status: "0   success\n1   failure\n2   usage error\n32  a file system could not be detached\n",
    files: "/proc/self/mounts  file systems that are attached\n",
    see: "mount(8) umount(2)",
    ..Help::NONE
};
