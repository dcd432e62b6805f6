// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images built from directories: their contents with owners and modes, and rejected manifests.

#[path = "../../inspect/tests/common/mod.rs"]
mod common;

use common::{Elf, module};
use qos_initramfs::assemble::Sources;
use qos_initramfs::build::{Built, build};
use qos_inspect::list::list;
use qos_inspect::segments;
use qos_manifest::Compression;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A temporary directory, removed at the end of the test.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn write(&self, path: &str, data: impl AsRef<[u8]>, mode: u32) -> &Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, data).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    /// With a program of two applets, and the modules `a` (which needs `b`) and `b`.
    fn with_parts(self) -> Self {
        self.write("programs/bin/p", Elf::default().bytes(), 0o700)
            .write("programs/applets", "init\np\nls\n", 0o600)
            .write("modules/x/a.ko", module("a", "b", "7.3.4"), 0o644)
            .write("modules/b.ko", module("b", "", "7.3.4"), 0o644);
        self
    }

    /// Builds the manifest with this text; the error as text, with the directory's own path taken out.
    fn build(&self, manifest: &str) -> Result<Built, String> {
        self.build_for(manifest, None)
    }

    fn build_for(&self, manifest: &str, kernel_release: Option<&str>) -> Result<Built, String> {
        let path = self.path("m.toml");
        fs::write(&path, format!("image.name = \"t\"\n{manifest}")).unwrap();
        let sources = Sources {
            programs: Some(self.path("programs")),
            trees: [("debian".to_owned(), self.path("debian"))].into(),
            modules: Some(self.path("modules")),
            kernel_modules: Some(self.path("own-kernel")).filter(|folder| folder.exists()),
            drivers: Some(self.path("kernel")),
            kernel_release: kernel_release.map(str::to_owned),
        };
        let plain = |text: String| text.replace(&format!("{}/", self.0.path().display()), "");
        let config = qos_manifest::load(&path).map_err(|e| plain(e.to_string()))?;
        build(&config, &sources).map_err(|e| plain(e.to_string()))
    }
}

fn listing(built: &Built) -> String {
    list(&segments::read(&built.bytes).unwrap(), false)
}

/// The lines of a manifest that make a good image: 6 of them.
const PROGRAM: &str = "[programs.\"/bin/p\"]\nsource = \"bin/p\"\napplets = \"applets\"\nlinks-in = \"/bin\"\n\
    [symlinks]\n\"/init\" = \"bin/init\"\n";

#[test]
fn programs_applets_modules_and_overlays() {
    let folder = Folder::new().with_parts();
    folder.write("o/etc/secret", "s", 0o666).write("o/etc/run", "#!/bin/p\n", 0o711).write(
        "o2/etc/secret",
        "two",
        0o644,
    );
    symlink("secret", folder.path("o/etc/link")).unwrap();
    let manifest = format!(
        "overlays = [\"o\", \"o2\"]\n{}\n\"/bin/ls\" = \"/bin/p\"\n[files]\n\"/etc/secret\" = {{ mode = \"0600\", uid = 3, gid = 4 }}\n\
         \"/etc/text\" = {{ text = \"hello\" }}\n[modules]\nb = {{}}\na = {{ load = true }}\n",
        PROGRAM
    );
    let built = folder.build_for(&manifest, Some("7.3.4")).unwrap_or_else(|e| panic!("{e}"));
    let expect = "\
drwxr-xr-x    0    0         0 .
drwxr-xr-x    0    0         0 bin
lrwxrwxrwx    0    0         1 bin/init -> p
lrwxrwxrwx    0    0         6 bin/ls -> /bin/p
-rwxr-xr-x    0    0       344 bin/p
drwxr-xr-x    0    0         0 etc
lrwxrwxrwx    0    0         6 etc/link -> secret
-rw-r--r--    0    0         4 etc/modules
-rwxr-xr-x    0    0         9 etc/run
-rw-------    3    4         3 etc/secret
-rw-r--r--    0    0         5 etc/text
lrwxrwxrwx    0    0         8 init -> bin/init
drwxr-xr-x    0    0         0 lib
drwxr-xr-x    0    0         0 lib/modules
drwxr-xr-x    0    0         0 lib/modules/7.3.4
drwxr-xr-x    0    0         0 lib/modules/7.3.4/extra
";
    let listing = listing(&built);
    let (_, entries) = listing.split_once('\n').unwrap();
    assert!(entries.starts_with(expect), "{entries}");
    let tree = segments::unpack(&segments::read(&built.bytes).unwrap()).unwrap();
    let text = |path| String::from_utf8_lossy(&tree.content(path).unwrap().read().unwrap()).into_owned();
    assert_eq!(text("etc/modules"), "b\na\n");
    assert_eq!(text("lib/modules/7.3.4/modules.dep"), "extra/a.ko: extra/b.ko\nextra/b.ko:\n");
    assert_eq!(text("lib/modules/7.3.4/modules.alias"), "alias virtio:dav* a\nalias virtio:dbv* b\n");
    // no module has a soft dependency
    assert_eq!(tree.get("lib/modules/7.3.4/modules.softdep"), None);
}

#[test]
fn an_image_with_modules_knows_what_is_built_in() {
    let folder = Folder::new().with_parts();
    folder.write("own-kernel/modules.builtin", "kernel/x.ko\n", 0o644);
    let modules = format!("{PROGRAM}[modules]\nb = {{}}\n");
    assert!(folder.build(&modules).is_err_and(|error| error.contains("modules.builtin.modinfo")));
    folder.write("own-kernel/modules.builtin.modinfo", "x.alias=y\0", 0o644);
    let tree = |manifest: &str| {
        let built = folder.build(manifest).unwrap_or_else(|e| panic!("{e}"));
        segments::unpack(&segments::read(&built.bytes).unwrap()).unwrap()
    };
    let with = tree(&modules);
    let content =
        |name: &str| with.content(format!("lib/modules/7.3.4/{name}")).unwrap().read().unwrap().into_owned();
    assert_eq!(content("modules.builtin"), b"kernel/x.ko\n");
    assert_eq!(content("modules.builtin.modinfo"), b"x.alias=y\0");
    assert_eq!(tree(PROGRAM).get("lib/modules"), None);
}

/// As in Debian, whose `/lib` is a link.
#[test]
fn modules_are_where_a_linked_lib_leads() {
    let folder = Folder::new().with_parts();
    folder.write("own-kernel/modules.builtin", "", 0o644).write(
        "own-kernel/modules.builtin.modinfo",
        "",
        0o644,
    );
    folder.write("o/usr/lib/x", "", 0o644);
    symlink("usr/lib", folder.path("o/lib")).unwrap();
    let built = folder.build(&format!("overlays = [\"o\"]\n{PROGRAM}[modules]\nb = {}\n", "{ load = true }"));
    let tree = segments::unpack(&segments::read(&built.unwrap().bytes).unwrap()).unwrap();
    for name in ["extra/b.ko", "modules.dep", "modules.alias", "modules.builtin"] {
        assert!(tree.content(format!("usr/lib/modules/7.3.4/{name}")).is_some(), "{name}");
    }
    assert!(tree.iter().all(|(path, _)| !path.starts_with(b"lib/")));
}

#[test]
fn the_root_has_the_mode_that_is_said() {
    let folder = Folder::new().with_parts();
    let manifest = format!("{PROGRAM}[dirs]\n\"/\" = {{ mode = \"0711\", uid = 5 }}\n");
    let built = folder.build(&manifest).unwrap_or_else(|e| panic!("{e}"));
    assert!(listing(&built).contains("drwx--x--x    5    0         0 .\n"), "{}", listing(&built));
    let tree = segments::unpack(&segments::read(&built.bytes).unwrap()).unwrap();
    assert_eq!(tree.get("").map(|root| (root.mode, root.uid)), Some((0o711, 5)));
}

#[test]
fn the_hosts_modes_and_order_do_not_matter() {
    let manifest = format!("overlays = [\"o\"]\n{}[early]\nx = {{ source = \"o\" }}\n", PROGRAM);
    let names: Vec<String> = (0..40).map(|n| format!("o/etc/{n}")).collect();
    let make = |folder: &Folder, reverse: bool, modes: [u32; 2]| {
        let mut names = names.clone();
        if reverse {
            names.reverse();
        }
        for name in names {
            folder.write(&name, &name, modes[0]);
        }
        fs::set_permissions(folder.path("o/etc"), fs::Permissions::from_mode(modes[1])).unwrap();
        folder.build(&manifest).unwrap_or_else(|e| panic!("{e}")).bytes
    };
    let (a, b) = (Folder::new().with_parts(), Folder::new().with_parts());
    assert_eq!(make(&a, false, [0o644, 0o755]), make(&b, true, [0o600, 0o700]));
}

#[test]
fn what_does_not_fit_is_refused_with_its_line() {
    let folder = Folder::new().with_parts();
    folder.write("o/sbin/x", "", 0o644).write("o2/etc/modules", "", 0o644);
    folder.write("modules/twice/c.ko", module("c", "", "7.3.4"), 0o644);
    folder.write("modules/d.ko", module("d", "", "6.12"), 0o644).write("modules/e.ko", "text", 0o644);
    let check = |manifest: &str, expect: &str| match folder.build_for(manifest, Some("7.3.4")) {
        Ok(built) => panic!("built:\n{}", listing(&built)),
        Err(message) => assert_eq!(message, expect),
    };
    check(
        "overlays = [\"none\"]",
        "m.toml:2: cannot read the directory none: No such file or directory (os error 2)",
    );
    check(
        "[programs]\n\"/q\" = { source = \"bin/q\" }",
        "m.toml:3: cannot read programs/bin/q: No such file or directory (os error 2)",
    );
    check("[files]\n\"/f\" = { source = \"programs\" }", "m.toml:3: programs is not a file");
    check(
        &PROGRAM.replace("links-in", "exclude = [\"lss\"]\nlinks-in"),
        "m.toml:2: excludes `lss`, which programs/applets does not list; did you mean `ls`?",
    );
    check(
        &format!("overlays = [\"o\"]\n{PROGRAM}\"/sbin\" = \"bin\""),
        "/sbin/x is below /sbin, which is a symbolic link: put it under bin",
    );
    check(
        &format!("overlays = [\"o\"]\n{PROGRAM}[files]\n\"/sbin/y\" = {{ mode = \"0600\" }}"),
        "m.toml:10: no overlay has the file /sbin/y, and neither `source` nor `text` is said; did you mean `sbin/x`?",
    );
    check(&format!("{PROGRAM}[modules]\nbb = {{}}"), "m.toml:9: module `bb` is not in modules");
    check(
        &format!("{PROGRAM}[modules]\ne = {{}}"),
        "m.toml:9: modules/e.ko: not an ELF file, so no kernel module",
    );
    check(
        &format!("{PROGRAM}[modules]\nd = {{}}"),
        "module `d` is built for 6.12, but the kernel is 7.3.4: build the modules against this kernel",
    );
    check(
        &format!("{PROGRAM}[modules]\nd = {{}}\nb = {{}}"),
        "module `d` is built for 6.12, `b` for 7.3.4: build them for one kernel",
    );
    check(
        &format!("{PROGRAM}[modules]\na = {{ load = true }}"),
        "the image would not work:\nerror: kernel module a needs the module b, which is not in the image; add it to [modules]",
    );
    check(
        &format!("overlays = [\"o2\"]\n{PROGRAM}[modules]\nb = {{ load = true }}"),
        "m.toml:10: `load = true` writes /etc/modules, which an overlay or [files] has as well: take it out there",
    );
    check(
        "[dirs]\n\"/x\" = {}",
        "the image would not work:\nerror: the kernel cannot run /init: /init is not in the image",
    );
    check(
        &format!("{PROGRAM}[hardlinks]\n\"/h\" = \"/nothing\""),
        "hard link /h to /nothing, which is not a file of the image",
    );
    fs::create_dir(folder.path("empty")).unwrap();
    check(
        &format!("{PROGRAM}[early]\ne = {{ source = \"empty\" }}"),
        "m.toml:9: the early directory empty is empty",
    );
    folder.write("modules/c.ko", module("c", "", "7.3.4"), 0o644);
    check(
        &format!("{PROGRAM}[modules]\nb = {{}}"),
        "module `c` is there twice: modules/c.ko and modules/twice/c.ko",
    );
}

#[test]
fn budgets() {
    let folder = Folder::new().with_parts();
    let size = folder.build(PROGRAM).unwrap().bytes.len();
    let with = |what: &str, size: usize| folder.build(&format!("{}[max-sizes]\n{what} = {size}\n", PROGRAM));
    assert!(with("initramfs", size).is_ok() && with("unpacked", size).is_ok());
    for what in ["initramfs", "unpacked"] {
        let message = with(what, size - 1).err().unwrap_or_default();
        let expect = format!(
            "{what} is {size} bytes, 1 more than the {} that m.toml:9 allows; make it smaller or raise the budget there",
            size - 1
        );
        assert_eq!(message, expect);
    }
}

#[test]
fn budgets_of_files() {
    let folder = Folder::new().with_parts();
    let size = Elf::default().bytes().len();
    let with = |budget: &str| {
        folder.build(&format!("{PROGRAM}[hardlinks]\n\"/bin/h\" = \"/bin/p\"\n[max-sizes]\n{budget}\n"))
    };
    let built = with(&format!("\"/bin/p\" = {size}\n\"/bin/h\" = {size}"));
    assert!(built.is_ok(), "{:?}", built.err());
    let check = |budget: &str, expect: &str| assert_eq!(with(budget).err().as_deref(), Some(expect));
    for path in ["/bin/p", "/bin/h"] {
        let expect = format!(
            "{path} is {size} bytes, 44 more than the {} that m.toml:11 allows; make it smaller or raise the budget there",
            size - 44
        );
        check(&format!("\"{path}\" = {}", size - 44), &expect);
    }
    check(
        "\"/bin/pp\" = \"1 MiB\"",
        "m.toml:11: /bin/pp has a budget, but is not in the image; did you mean \"/bin/p\"?",
    );
    check("\"/banana\" = 1", "m.toml:11: /banana has a budget, but is not in the image");
    check("\"/init\" = 1", "m.toml:11: /init has a budget, but is a symbolic link: name the file, bin/init");
    check("\"/bin\" = 1", "m.toml:11: /bin has a budget, but is not a regular file");
}

#[test]
fn a_file_of_4_gib_is_refused_before_it_is_read() {
    let folder = Folder::new().with_parts();
    let huge = fs::File::create(folder.path("huge")).unwrap();
    huge.set_len(1 << 32).unwrap();
    let message = folder
        .build(&format!("{}[files]\n\"/huge\" = {{ source = \"huge\" }}", PROGRAM))
        .err()
        .unwrap_or_default();
    let expect = "m.toml:9: huge: /huge has 4294967296 bytes: a file in an initramfs has at most 4294967295 (4 GiB - 1); put it on a disk instead";
    assert_eq!(message, expect);
}

/// Without root: nodes are left out, set-id bits too, and a closed directory is closed last.
#[test]
fn extracting() {
    let folder = Folder::new().with_parts();
    let manifest = format!(
        "{}[nodes]\n\"/dev/null\" = {{ type = \"char\", major = 1, minor = 3 }}\n[dirs]\n\"/closed\" = {{ mode = \"0555\" }}\n\
         [files]\n\"/closed/f\" = {{ text = \"x\", mode = \"4755\" }}\n",
        PROGRAM
    );
    let built = folder.build(&manifest).unwrap_or_else(|e| panic!("{e}"));
    let tree = segments::unpack(&segments::read(&built.bytes).unwrap()).unwrap();
    let to = folder.path("to");
    assert_eq!(qos_inspect::extract::extract(&tree, &to).unwrap(), ["dev/null"]);
    let mode = |path: &str| fs::metadata(to.join(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("closed"), mode("closed/f"), mode("bin/p")), (0o555, 0o755, 0o755));
    assert_eq!(fs::read_link(to.join("init")).unwrap(), Path::new("bin/init"));
    let again = qos_inspect::extract::extract(&tree, &to).unwrap_err().to_string();
    assert!(again.ends_with("is not empty: name a new directory"), "{again}");
    fs::set_permissions(to.join("closed"), fs::Permissions::from_mode(0o755)).unwrap();
}

/// The kernel's own modules: with hard and soft dependencies, without the built-in ones; in the same index files as qos's modules.
#[test]
fn drivers_come_with_what_they_need() {
    let folder = Folder::new().with_parts();
    for (path, name, depends) in [
        ("fs/x", "x_fs", "lib_x"),
        ("lib", "lib_x", ""),
        ("fs", "unused", ""),
        ("crypto", "uses_builtin", "core_x"),
    ] {
        let file = format!("kernel/7.3.4/kernel/{path}/{}.ko", name.replace('_', "-"));
        folder.write(&file, module(name, depends, "7.3.4"), 0o644);
    }
    folder.write("kernel/7.3.4/modules.dep", "", 0o644).write(
        "kernel/7.3.4/modules.builtin",
        "kernel/core/core-x.ko\n",
        0o644,
    );
    let files = |manifest: &str| {
        let built = folder.build(&format!("{PROGRAM}{manifest}")).unwrap_or_else(|error| panic!("{error}"));
        let listing = listing(&built);
        let names = listing.lines().filter_map(|line| line.split("lib/modules/7.3.4/").nth(1));
        names.filter(|name| name.ends_with(".ko")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        files("[drivers]\nnames = [\"x-fs\", \"core_x\", \"uses_builtin\"]\n[modules]\nb = {}\n"),
        ["extra/b.ko", "kernel/crypto/uses-builtin.ko", "kernel/fs/x/x-fs.ko", "kernel/lib/lib-x.ko"]
    );
    let all = [
        "kernel/crypto/uses-builtin.ko",
        "kernel/fs/unused.ko",
        "kernel/fs/x/x-fs.ko",
        "kernel/lib/lib-x.ko",
    ];
    assert_eq!(files("[drivers]\nall = true\n"), all);
    let built = folder.build(&format!("{PROGRAM}[drivers]\nnames = [\"x_fs\"]\n")).unwrap();
    let rootfs = segments::rootfs(&segments::read(&built.bytes).unwrap()).unwrap();
    let text = |path: &str| {
        String::from_utf8(rootfs.tree.content(path).unwrap().read().unwrap().into_owned()).unwrap()
    };
    assert_eq!(
        text("lib/modules/7.3.4/modules.dep"),
        "kernel/fs/x/x-fs.ko: kernel/lib/lib-x.ko\nkernel/lib/lib-x.ko:\n"
    );
    assert_eq!(text("lib/modules/7.3.4/modules.builtin"), "kernel/core/core-x.ko\n");
    // Distributions compress modules; they are stored as they are loaded.
    let plain = module("packed", "lib_x", "7.3.4");
    let zstd = qos_inspect::compress::compress(&plain, Compression::Zstd(3)).unwrap();
    folder.write("kernel/7.3.4/kernel/fs/packed.ko.zst", zstd, 0o644);
    assert_eq!(files("[drivers]\nnames = [\"packed\"]\n"), ["kernel/fs/packed.ko", "kernel/lib/lib-x.ko"]);
    let error = folder.build(&format!("{PROGRAM}[drivers]\nnames = [\"lib_y\"]\n")).map(drop).unwrap_err();
    assert_eq!(
        error,
        "m.toml:9: driver `lib_y` is neither in kernel/7.3.4 nor built into the kernel; did you mean `lib_x`?"
    );
    folder.write("kernel/6.12/modules.dep", "", 0o644);
    let error = folder.build(&format!("{PROGRAM}[drivers]\nall = true\n")).map(drop).unwrap_err();
    assert!(
        error
            .ends_with("kernel has the modules of 2 kernels, not of one: it is to be a kernel's lib/modules"),
        "{error}"
    );
}
