// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table of the repository agrees with its directories; an invalid table is rejected with one line.

use qos_table::{Disk, FILE, Kind, Table};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the repository")
}

fn table() -> Table {
    Table::load(root()).unwrap_or_else(|error| panic!("{error}"))
}

/// The names in a directory from which `of` makes one.
fn names(directory: &str, of: impl Fn(&str, bool) -> Option<String>) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(directory)).unwrap_or_else(|error| panic!("{directory}: {error}"));
    let entry = |entry: fs::DirEntry| of(&entry.file_name().to_string_lossy(), entry.path().is_dir());
    entries.flatten().filter_map(entry).collect()
}

#[test]
fn each_kernel_has_its_files_and_each_file_its_kernel() {
    let table = table();
    for kernel in &table.kernels {
        assert!(root().join(kernel.reviewed()).exists() || kernel.kind == Kind::Default, "{}", kernel.name);
    }
    let variant = |name: &str, _| {
        let name = name.strip_suffix(".config")?;
        (!name.ends_with(".resolved")).then(|| name.to_owned())
    };
    let variants = table.kernels.iter().filter(|kernel| kernel.kind == Kind::Variant);
    assert_eq!(names("kernel/variants", variant), variants.map(|kernel| kernel.name.clone()).collect());
    let series = table.kernels.iter().filter_map(|kernel| Some(kernel.lts()?.series.clone()));
    assert_eq!(names("kernel/lts", |name, is_dir| is_dir.then(|| name.to_owned())), series.collect());
    for file in table.kernels.iter().flat_map(|kernel| kernel.own_fragments()) {
        assert!(root().join(&file).exists(), "{}", file.display());
    }
}

#[test]
fn each_image_has_its_manifest_and_each_manifest_its_image() {
    let table = table();
    for image in &table.images {
        assert!(root().join(&image.script).exists(), "{}", image.script);
    }
    // base.toml is what the others inherit; disks have a root and an initramfs, which are no images.
    let manifest = |name: &str, _| {
        let name = name.strip_suffix(".toml")?;
        (name != "base" && !name.starts_with("disk-")).then(|| name.to_owned())
    };
    assert_eq!(names("rootfs", manifest), table.images.iter().map(|image| image.name.clone()).collect());
}

#[test]
fn each_disk_has_its_manifests_and_each_manifest_its_disk() {
    let table = table();
    let files = |disk: &Disk| [disk.initramfs.clone(), disk.script.clone()];
    for file in table.disks.iter().flat_map(files).flatten() {
        assert!(root().join(&file).exists(), "{file}");
    }
    let manifest = |name: &str, _| name.strip_suffix(".toml").map(str::to_owned);
    assert_eq!(names("rootfs/disks", manifest), table.disks.iter().map(|disk| disk.name.clone()).collect());
}

#[test]
fn each_tree_is_pinned() {
    let toolchain =
        fs::read_to_string(root().join("tools/toolchain/toolchain.toml")).expect("toolchain.toml");
    let table = table();
    let trees = table.checks.iter().flat_map(|check| table.trees_of_check(check));
    let trees = trees.chain(table.disks.iter().flat_map(|disk| table.trees_of_disk(disk)));
    for tree in trees.chain(table.images.iter().flat_map(|image| table.trees_of_image(image))) {
        assert!(toolchain.contains(&format!("\n[trees.{tree}]\n")), "{tree}");
    }
}

#[test]
fn each_check_is_a_script_or_a_case_of_one() {
    let script = fs::read_to_string(root().join("tools/nix/check.sh")).expect("check.sh");
    for check in &table().checks {
        match &check.script {
            Some(own) => assert!(root().join(own).exists(), "{own}"),
            None => assert!(script.contains(&format!("\n{})", check.run)), "{}", check.run),
        }
    }
}

#[test]
fn names_are_attributes_of_the_flake() {
    let table = table();
    let kernel = |name| table.find_kernel(name).expect("a kernel");
    assert_eq!(kernel("default").attribute("kernel"), "kernel");
    assert_eq!(kernel("debug").attribute("kernel"), "kernel-debug");
    assert_eq!(kernel("debug").reviewed(), Path::new("kernel/variants/debug.resolved.config"));
    assert_eq!(kernel("lts").reviewed(), Path::new("kernel/lts/6.18/resolved.config"));
    assert_eq!(table.image("minimal").map(|image| image.attribute("qemu")), Ok("qemu-minimal".into()));
    let error = table.image("tiny").map(|image| &image.name).unwrap_err();
    assert!(
        error
            .starts_with("unknown image tiny; the images are default, minimal, server, server-hardened, lts"),
        "{error}"
    );
    let bootable = |name: &str| {
        let bootable = table.bootable(name)?;
        let attributes = ["image", "initramfs", "boot-log", "qemu"].map(|kind| bootable.attribute(kind));
        Ok::<_, String>((attributes.join(" "), table.trees_of(bootable).join(" "), bootable.script()))
    };
    let expect = |attributes: &str, trees: &str, script| Ok((attributes.into(), trees.into(), script));
    assert_eq!(bootable("default"), expect("image initramfs boot-log qemu", "", Some("rootfs/golden.sh")));
    assert_eq!(
        bootable("lts"),
        expect("image-lts initramfs-lts boot-log-lts qemu-lts", "linux-lts", Some("rootfs/golden.sh"))
    );
    assert_eq!(
        bootable("disk"),
        expect("disk initramfs-disk boot-log-disk qemu-disk", "disk", Some("rootfs/golden.sh"))
    );
    // It asks for a passphrase.
    assert_eq!(bootable("disk-laptop").map(|(.., script)| script), Ok(None));
    let error = bootable("disc").unwrap_err();
    assert!(
        error.starts_with("unknown image or disk disc; the images and disks are default, minimal"),
        "{error}"
    );
    let usual: Vec<_> = table.usual_images().map(|image| image.name.as_str()).collect();
    assert_eq!(usual, ["default", "minimal", "server"]);
    assert_eq!(table.trees_of_image(table.image("lts").expect("an image")), ["linux-lts"]);
    assert_eq!(table.image("minimal").expect("an image").programs, "minimal");
    let check = |name: &str| table.checks.iter().find(|check| check.name == name).expect("a check");
    assert_eq!(table.trees_of_check(check("foreign")), ["debian", "disk", "debian-boot"]);
    assert_eq!(table.trees_of_check(check("tour")), ["disk"]);
    assert_eq!(table.trees_of_check(check("daemons")), ["debian-daemons", "disk"]);
    let disks = |name: &str| {
        let disks: Vec<_> = table.disks_of_check(check(name)).map(|disk| disk.name.as_str()).collect();
        disks.join(" ")
    };
    assert_eq!(disks("daemons"), "disk-daemons");
    assert_eq!(disks("tour"), "disk disk-laptop disk-server disk-verity disk-squashfs");
    assert_eq!(disks("msrv"), "");
}

#[test]
fn kernels_by_name() {
    let table = table();
    let files = |name: &str| {
        let kernel = table.kernel(name).expect("a kernel");
        let fragments = kernel.own_fragments();
        let fragments: Vec<_> = fragments.iter().map(|file| file.display().to_string()).collect();
        (kernel.reviewed().display().to_string(), fragments.join(" "), kernel.trees().concat())
    };
    let expect = |reviewed: &str, fragments: &str, tree: &str| {
        (reviewed.to_owned(), fragments.to_owned(), tree.to_owned())
    };
    assert_eq!(files("default"), expect("kernel/resolved.config", "", ""));
    assert_eq!(
        files("disk"),
        expect("kernel/variants/disk.resolved.config", "kernel/variants/disk.config", "")
    );
    assert_eq!(
        files("lts"),
        expect(
            "kernel/lts/6.18/resolved.config",
            "kernel/lts/6.18/fragment.config kernel/lts/6.18/absent",
            "linux-lts"
        )
    );
    let error = table.kernel("lst").map(|kernel| &kernel.name).unwrap_err();
    assert!(error.starts_with("unknown kernel lst; the kernels are default, debug, disk"), "{error}");
}

#[test]
fn a_mistake_is_one_line() {
    let text = fs::read_to_string(root().join(FILE)).expect("the table");
    let check = |from: &str, to: &str, expect: &str| {
        assert!(text.contains(from), "{from}");
        let error = Table::parse(&text.replacen(from, to, 1)).map(drop).unwrap_err().to_string();
        assert!(error.contains(expect) && error.starts_with(FILE) && error.lines().count() == 1, "{error}");
    };
    check("kunit = true", "kunits = true", "unknown field `kunits`");
    check(
        "variant-of = \"default\"",
        "variant-of = \"lts\"",
        "kernels: debug: only the kernel default has variants",
    );
    check(
        "variant-of = \"default\"",
        "variant-of = \"default\"\nseries = \"6.18\"",
        "debug: a variant uses the source",
    );
    check("name = \"debug\"", "name = \"default\"", "kernels: duplicate name default");
    check("series = \"6.18\"\n", "", "kernels: lts: every kernel except default needs variant-of or series");
    check("kunit = true\n", "", "kernels: lts: an LTS kernel needs the keys patches and kunit");
    check("tree = \"linux\"\n", "", "kernels: default: the keys tree and tarball are missing");
    check("kernel = \"lts\"", "kernel = \"lst\"", "images: lts: kernel = \"lst\": unknown kernel");
    check("image = \"lts\"", "image = \"lst\"", "checks: lts: image = \"lst\": unknown image");
    check(
        "image = \"lts\"",
        "image = \"minimal\"",
        "checks: lts: the image minimal is on the default kernel",
    );
    check(
        "kernel = \"rust-drivers\"",
        "kernel = \"lts\"",
        "checks: in-tree: the kernel lts is not a variant",
    );
    check("initramfs = ", "initramfs-of = ", "unknown field `initramfs-of`");
    check("name = \"disk-laptop\"", "name = \"minimal\"", "images and disks: duplicate name minimal");
    check(
        "name = \"disk\"\nkernel = \"disk\"",
        "name = \"disk\"\nkernel = \"x\"",
        "disks: disk: kernel = \"x\": unknown kernel",
    );
    check("needs = [\"headers\"]", "needs = [\"header\"]", "unknown variant `header`");
}

#[test]
fn the_table_of_a_system_has_its_images_and_the_kernels_of_both() {
    let system = tempfile::tempdir().unwrap();
    let system = system.path();
    let load = |text: &str| {
        std::fs::write(system.join("qos.toml"), text).unwrap();
        Table::load_system(root(), system)
    };
    let image = "[[images]]\nname = 'my'\nkernel = 'my'\nprograms = 'userland'\nscript = 'my.sh'\n";
    let kernel = "[[kernels]]\nname = 'my'\nvariant-of = 'default'\n";
    let table = load(&format!("{image}{kernel}")).unwrap();
    assert_eq!(table.usual_images().map(|image| image.name.as_str()).collect::<Vec<_>>(), ["my"]);
    assert!(table.find_image("default").is_none() && table.disks.is_empty() && table.checks.is_empty());
    let files = |name| {
        let kernel = table.find_kernel(name).expect("a kernel");
        (kernel.own_fragments(), kernel.reviewed())
    };
    assert_eq!(files("default"), (vec![], "kernel/resolved.config".into()));
    assert_eq!(files("disk").0, [Path::new("kernel/variants/disk.config")]);
    assert_eq!(files("my"), (vec!["kernel/my.config".into()], "kernel/my.resolved.config".into()));
    assert!(load(kernel).unwrap_err().to_string().contains("at least one image"));
    assert!(load(image).unwrap_err().to_string().contains("unknown kernel"));
}
