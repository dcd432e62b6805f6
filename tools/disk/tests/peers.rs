// SPDX-License-Identifier: MIT OR Apache-2.0
//! Disks of every kind, each checked by the programs that check its file systems. The tree `disk` of the toolchain, in
//! `QOS_TREE_DISK`, has both: `cargo xtask test disks`.

use qos_disk::about::LISTING;
use qos_disk::build::{self, Inputs, RAW};
use qos_disk::load;
use qos_disk::pieces::Pieces;
use qos_disk::tools::Tools;
use qos_initramfs::assemble::Sources;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const ROOT: &str = "[image]\nname = \"t\"\n[dirs]\n\"/etc\" = {}\n\"/srv\" = { mode = \"0750\" }\n[symlinks]\n\"/link\" = \"etc/motd\"\n\
    [files]\n\"/etc/motd\" = { text = \"hello\\n\", mode = \"0640\" }\n";
/// What only a tar archive carries.
const OWNED: &str = "\"/etc/owned\" = { text = \"\", uid = 33, gid = 34 }\n[nodes]\n\"/null\" = { type = \"char\", major = 1, minor = 3 }\n";
const UUID: &str = "e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f";
const ESP: &str = "[[partitions]]\nname = \"esp\"\ntype = \"esp\"\nuuid = \"00000000-0000-4000-8000-0000000000e5\"\nsize = \"16 MiB\"\n\
    filesystem = { type = \"vfat\", id = \"1234-abcd\", label = \"ESP\", holds = \"uki\" }\n";

fn tools() -> Tools {
    let root =
        std::env::var_os("QOS_TREE_DISK").expect("QOS_TREE_DISK names the tree `disk` of the toolchain");
    Tools::in_sysroot(Path::new(&root)).unwrap()
}

/// A directory with a manifest of a root, removed at the end.
struct Scratch(TempDir);

impl Scratch {
    fn new(root: &str) -> Self {
        let scratch = Scratch(tempfile::tempdir().unwrap());
        let path = scratch.0.path();
        fs::write(path.join("root.toml"), root).unwrap();
        // A stand-in for the kernel and the initramfs: the stub starts neither here.
        fs::write(path.join("bzImage"), vec![0x90; 100_000]).unwrap();
        fs::write(path.join("initramfs"), vec![7; 5000]).unwrap();
        scratch
    }

    /// Builds a disk with these partitions into the directory `name`.
    fn build(&self, name: &str, partitions: &str) -> PathBuf {
        let text = format!(
            "[disk]\nuuid = \"00000000-0000-4000-8000-000000000001\"\nroot = \"root.toml\"\ncmdline = \"root=/dev/vda2\"\nqcow2 = true\n{partitions}"
        );
        let disk =
            load::parse(&text, &self.0.path().join("d.toml")).unwrap_or_else(|error| panic!("{error}"));
        let inputs = Inputs {
            sources: Sources::default(),
            pieces: Pieces {
                kernel: Some(self.0.path().join("bzImage")),
                initramfs: Some(self.0.path().join("initramfs")),
                config: None,
                release: "7.3.4".to_owned(),
            },
            tools: tools(),
            versions: BTreeMap::from([("kernel".to_owned(), "7.3.4".to_owned())]),
        };
        let out = self.0.path().join(name);
        build::build(&disk, &inputs, &out).unwrap_or_else(|error| panic!("{error}"));
        out
    }

    /// The bytes of partition `number` (from 1 on) as a file, at the position that sfdisk reports.
    fn partition(&self, disk: &Path, number: usize) -> PathBuf {
        let raw = disk.join(RAW);
        let json = run("sfdisk", &["-J", path(&raw)]);
        let table: serde_json::Value = serde_json::from_str(&json).unwrap();
        let entry = &table["partitiontable"]["partitions"][number - 1];
        let bytes = |key: &str| entry[key].as_u64().unwrap() * 512;
        let mut content = Vec::new();
        let mut file = File::open(&raw).unwrap();
        file.seek(SeekFrom::Start(bytes("start"))).unwrap();
        file.take(bytes("size")).read_to_end(&mut content).unwrap();
        let out = self.0.path().join(format!("partition{number}"));
        fs::write(&out, content).unwrap();
        out
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn run(program: &str, arguments: &[&str]) -> String {
    tools().command(program).unwrap().args(arguments).run().unwrap_or_else(|error| panic!("{error}"))
}

fn has(text: &str, all: &[&str]) {
    for one in all {
        assert!(text.contains(one), "no {one} in:\n{text}");
    }
}

fn root(lines: &str) -> String {
    format!(
        "[[partitions]]\nname = \"root\"\ntype = \"root\"\nuuid = \"00000000-0000-4000-8000-0000000000f5\"\n{lines}\n"
    )
}

/// The same disk twice has the same bytes.
fn same_twice(scratch: &Scratch, partitions: &str) -> PathBuf {
    let (first, second) = (scratch.build("a", partitions), scratch.build("b", partitions));
    for file in [RAW, "disk.qcow2", "manifest.json", LISTING] {
        let same = fs::read(first.join(file)).unwrap() == fs::read(second.join(file)).unwrap();
        assert!(same, "{file} differs");
    }
    first
}

#[test]
fn ext4_esp_and_table() {
    let scratch = Scratch::new(&format!("{ROOT}{OWNED}"));
    let filesystem = format!(
        "size = \"fit\"\nfilesystem = {{ type = \"ext4\", uuid = \"{UUID}\", label = \"l\", holds = \"root\" }}"
    );
    let disk = same_twice(&scratch, &format!("{ESP}{}", root(&filesystem)));
    has(&run("sfdisk", &["--verify", path(&disk.join(RAW))]), &["No errors detected"]);
    let part = scratch.partition(&disk, 2);
    run("e2fsck", &["-fn", path(&part)]);
    has(
        &run("dumpe2fs", &["-h", path(&part)]),
        &[UUID, "Filesystem volume name:   l", "Thu Jan  1 00:00:00 1970"],
    );
    has(
        &run("debugfs", &["-R", "stat /etc/owned", path(&part)]),
        &["User:    33   Group:    34", "0x00000000"],
    );
    has(&run("debugfs", &["-R", "stat /srv", path(&part)]), &["Mode:  0750"]);
    has(&run("debugfs", &["-R", "stat /null", path(&part)]), &["Type: character special", "01:03"]);
    has(&run("debugfs", &["-R", "cat /etc/motd", path(&part)]), &["hello"]);

    let esp = scratch.partition(&disk, 1);
    let found = run("fsck.fat", &["-n", "-v", path(&esp)]);
    has(&found, &["16 bit entries", "4 files"]);
    assert!(!found.contains("Dirty") && !found.contains("differences"), "{found}");
    // The sections of the UKI, in the PE file, which is contiguous on the ESP.
    let bytes = fs::read(&esp).unwrap();
    let start = bytes
        .windows(5)
        .position(|part| part == b"MZ\x78\0\x01")
        .or_else(|| bytes.windows(2).position(|part| part == b"MZ"));
    let uki = &bytes[start.unwrap()..];
    for name in [".osrel", ".cmdline", ".uname", ".initrd", ".linux"] {
        assert!(uki[..0x600].windows(name.len()).any(|part| part == name.as_bytes()), "{name}");
    }

    let qcow2 = disk.join("disk.qcow2");
    has(&run("qemu-img", &["check", path(&qcow2)]), &["No errors were found"]);
    has(&run("qemu-img", &["compare", path(&qcow2), path(&disk.join(RAW))]), &["Images are identical"]);

    let raw = fs::metadata(disk.join(RAW)).unwrap();
    assert!(raw.blocks() * 512 < raw.len() / 2, "not sparse: {} blocks of {} bytes", raw.blocks(), raw.len());
}

#[test]
fn erofs_with_verity() {
    let scratch = Scratch::new(&format!("{ROOT}{OWNED}"));
    let data = format!(
        "size = \"fit\"\nfilesystem = {{ type = \"erofs\", uuid = \"{UUID}\", compression = \"lz4hc\", holds = \"root\" }}"
    );
    let tree = format!(
        "[[partitions]]\nname = \"hashes\"\ntype = \"root-verity\"\nuuid = \"roothash\"\nsize = \"fit\"\n\
         verity = {{ of = \"root\", uuid = \"{UUID}\", salt = \"00112233\" }}\n"
    );
    let disk = same_twice(&scratch, &format!("{ESP}{}{tree}", root(&data)));
    let (part, hashes) = (scratch.partition(&disk, 2), scratch.partition(&disk, 3));
    run("fsck.erofs", &[path(&part)]);
    has(&run("dump.erofs", &["--path=/etc/owned", path(&part)]), &["Uid: 33   Gid: 34"]);
    has(&run("dump.erofs", &["--path=/", path(&part)]), &["Access: 0755"]);
    let cmdline = fs::read_to_string(disk.join("cmdline")).unwrap();
    let hash = cmdline.trim().strip_prefix("root=/dev/vda2 roothash=").unwrap();
    has(&run("veritysetup", &["dump", path(&hashes)]), &[UUID, "Salt:            \t00112233", "sha256"]);
    run("veritysetup", &["verify", path(&part), path(&hashes), hash]);
    // The tree's partition has the last half of the root hash as its UUID.
    let json = run("sfdisk", &["-J", path(&disk.join(RAW))]);
    let table: serde_json::Value = serde_json::from_str(&json).unwrap();
    let uuid = table["partitiontable"]["partitions"][2]["uuid"].as_str().unwrap();
    assert_eq!(uuid.replace('-', "").to_lowercase(), hash[32..]);
    // A changed byte of the data is found.
    let mut bytes = fs::read(&part).unwrap();
    // In the superblock.
    bytes[1200] ^= 1;
    fs::write(&part, bytes).unwrap();
    let changed =
        tools().command("veritysetup").unwrap().args(["verify", path(&part), path(&hashes), hash]).run();
    assert!(changed.is_err());
}

#[test]
fn squashfs() {
    let scratch = Scratch::new(&format!("{ROOT}{OWNED}"));
    let disk = same_twice(
        &scratch,
        &root(
            "size = \"fit\"\nfilesystem = { type = \"squashfs\", compression = \"zstd\", holds = \"root\" }",
        ),
    );
    let part = scratch.partition(&disk, 1);
    let list = run("unsquashfs", &["-lln", path(&part)]);
    has(
        &list,
        &[
            "drwxr-xr-x 0/0",
            "-rw-r--r-- 33/34",
            "drwxr-x--- 0/0",
            "squashfs-root/link -> etc/motd",
            "1970-01-01 00:00",
        ],
    );
}

#[test]
fn btrfs_in_luks2() {
    let scratch = Scratch::new(ROOT);
    let filesystem = format!(
        "type = \"btrfs\"\nuuid = \"{UUID}\"\nlabel = \"l\"\nsubvolumes = [\"root\", \"home\"]\nroot-subvolume = \"root\"\nholds = \"root\"\n"
    );
    let plain =
        scratch.build("plain", &root(&format!("size = \"128 MiB\"\n[partitions.filesystem]\n{filesystem}")));
    let part = scratch.partition(&plain, 1);
    run("btrfs", &["check", "--readonly", path(&part)]);
    has(&run("btrfs", &["inspect-internal", "dump-super", path(&part)]), &[UUID]);
    let tree = run("btrfs", &["inspect-internal", "dump-tree", "-t", "1", path(&part)]);
    has(&tree, &["name root", "name home"]);

    for pbkdf in ["pbkdf = \"argon2id\"", "pbkdf = \"pbkdf2\"\niterations = 2000"] {
        let luks = format!(
            "[partitions.luks]\nuuid = \"f44121b1-5be9-47d8-a206-72c52309e7dd\"\npassphrase = \"qos\"\n{pbkdf}\n"
        );
        let lines = format!("size = \"160 MiB\"\n{luks}[partitions.filesystem]\n{filesystem}");
        let disk = scratch.build("luks", &root(&lines));
        let part = scratch.partition(&disk, 1);
        let dump = run("cryptsetup", &["luksDump", path(&part)]);
        let kind = pbkdf.split('"').nth(1).unwrap();
        has(&dump, &["f44121b1-5be9-47d8-a206-72c52309e7dd", "aes-xts-plain64", "offset: 16777216", kind]);
        assert!(!dump.contains("reencrypt"), "{dump}");
        let (good, bad) = (scratch.0.path().join("good"), scratch.0.path().join("bad"));
        fs::write(&good, "qos").unwrap();
        fs::write(&bad, "qoS").unwrap();
        let open = |key: &Path| {
            let arguments =
                ["open", "--disable-locks", "--test-passphrase", "--key-file", path(key), path(&part)];
            tools().command("cryptsetup").unwrap().args(arguments).run()
        };
        open(&good).unwrap();
        assert!(open(&bad).is_err());
    }
}

/// What cannot be made without root is refused.
#[test]
fn btrfs_has_no_other_owners() {
    let scratch = Scratch::new(&format!("{ROOT}\"/etc/owned\" = {{ text = \"\", uid = 33 }}\n"));
    let lines = format!(
        "size = \"128 MiB\"\nfilesystem = {{ type = \"btrfs\", uuid = \"{UUID}\", holds = \"root\" }}"
    );
    let text = format!("[disk]\nuuid = \"{UUID}\"\nroot = \"root.toml\"\ncmdline = \"\"\n{}", root(&lines));
    let disk = load::parse(&text, &scratch.0.path().join("d.toml")).unwrap();
    let inputs = Inputs {
        sources: Sources::default(),
        pieces: Pieces::default(),
        tools: tools(),
        versions: BTreeMap::new(),
    };
    let error = build::build(&disk, &inputs, &scratch.0.path().join("out")).unwrap_err().to_string();
    assert!(error.starts_with("the partition root: /etc/owned is not root's"), "{error}");
}

/// `manifest.json` has what sfdisk reads, and the listing the files of the root.
#[test]
fn a_disk_is_described() {
    let scratch = Scratch::new(&format!("{ROOT}{OWNED}"));
    let filesystem =
        format!("size = \"fit\"\nfilesystem = {{ type = \"ext4\", uuid = \"{UUID}\", holds = \"root\" }}");
    let disk = scratch.build("a", &format!("{ESP}{}", root(&filesystem)));
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let manifest = json(&fs::read_to_string(disk.join("manifest.json")).unwrap());
    assert_eq!((&manifest["name"], &manifest["cmdline"]), (&"d".into(), &"root=/dev/vda2".into()));
    let files: Vec<_> = manifest["files"].as_object().unwrap().keys().collect();
    assert_eq!(files, ["cmdline", "disk.qcow2", RAW]);
    assert_eq!(manifest["files"][RAW]["size"], fs::metadata(disk.join(RAW)).unwrap().len());
    let table = json(&run("sfdisk", &["-J", path(&disk.join(RAW))]));
    let table = table["partitiontable"]["partitions"].as_array().unwrap();
    let partitions = manifest["partitions"].as_array().unwrap();
    assert_eq!(partitions.len(), table.len());
    for (ours, theirs) in partitions.iter().zip(table) {
        for (key, bytes) in [("start", 512), ("size", 512)] {
            assert_eq!(ours[key], theirs[key].as_u64().unwrap() * bytes, "{key}");
        }
        for key in ["type", "uuid", "name"] {
            assert_eq!(
                ours[key].as_str().unwrap().to_uppercase(),
                theirs[key].as_str().unwrap().to_uppercase()
            );
        }
    }
    assert_eq!((&partitions[0]["content"], &partitions[1]["content"]), (&"vfat".into(), &"ext4".into()));
    let listing = fs::read_to_string(disk.join(LISTING)).unwrap();
    has(
        &listing,
        &[
            "-rw-r-----    0    0         6 etc/motd\n",
            "   33   34         0 etc/owned\n",
            " link -> etc/motd\n",
        ],
    );
}

#[test]
fn a_budget_fails_the_build() {
    let filesystem =
        format!("size = \"fit\"\nfilesystem = {{ type = \"ext4\", uuid = \"{UUID}\", holds = \"root\" }}");
    let error = |of_root: &str, of_disk: &str| {
        let scratch = Scratch::new(&format!("{ROOT}{of_root}"));
        let text = format!(
            "[disk]\nuuid = \"{UUID}\"\nroot = \"root.toml\"\ncmdline = \"\"\n{}{of_disk}",
            root(&filesystem)
        );
        let disk = load::parse(&text, &scratch.0.path().join("d.toml")).unwrap();
        let pieces = Pieces { initramfs: Some(scratch.0.path().join("initramfs")), ..Pieces::default() };
        let versions = BTreeMap::new();
        let inputs = Inputs { sources: Sources::default(), pieces, tools: tools(), versions };
        build::build(&disk, &inputs, &scratch.0.path().join("out")).err().map(|error| error.to_string())
    };
    assert_eq!(error("", "[max-sizes]\ninitramfs = 5000\ndisk = \"64 MiB\"\n"), None);
    let over = error("", "[max-sizes]\ninitramfs = 4999\n").unwrap();
    assert!(over.starts_with("initramfs is 5000 bytes, 1 more than the 4999 that "), "{over}");
    let over = error("", "[max-sizes]\ndisk = \"1 MiB\"\n").unwrap();
    assert!(over.starts_with("disk is ") && over.contains("more than the 1048576 that "), "{over}");
    let over = error("[max-sizes]\n\"/etc/motd\" = 5\n", "").unwrap();
    assert!(over.starts_with("/etc/motd is 6 bytes, 1 more than the 5 that "), "{over}");
}
