// SPDX-License-Identifier: MIT OR Apache-2.0
//! The timed edits: the changed file, the builds that it requires, and the command by which a guest verifies that it has the edit.
//! A round that boots stale files therefore fails, however fast it was. Pure, except [`Edit::save`].

use super::scratch::{Scratch, Tree};
use qos_host::ui::Result;
use std::fs;
use std::time::Duration;

/// Placeholder in texts that is replaced by another value for each save.
const MARK: &str = "MARK";

/// One kind of edit.
pub struct Edit {
    /// The row's name.
    pub what: &'static str,
    /// From the save to the verdict at most, in seconds.
    aim: u64,
    /// Whose file it is.
    tree: Tree,
    /// The file, from the tree's root.
    file: &'static str,
    change: Change,
    /// The command by which qos's guest verifies that it has the edit.
    qos: &'static str,
    /// The same for virtme-ng's guest, which has the host's files: PROGRAM, MODULES, ROOTFS name what was built, and the
    /// overlay.
    virtme: &'static str,
    /// What virtme-ng's user builds before the boot.
    pub build: Build,
}

enum Change {
    /// This text at the end.
    Append(&'static str),
    /// This text, which is there once, becomes that.
    Replace(&'static str, &'static str),
}

/// What a save makes necessary where virtme-ng boots. Programs and modules are no business of its own: they are built as the loop
/// builds them, by tools/nix/dev.sh.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Build {
    /// Nothing: the guest sees the file.
    Nothing,
    /// `dev.sh WHAT`.
    Script(&'static str),
    /// `vng --build`.
    Kernel,
}

/// All of them, in the table's order.
pub const EDITS: [Edit; 5] = [
    Edit {
        what: "a file of the rootfs",
        aim: 2,
        tree: Tree::Repository,
        file: "rootfs/overlay/etc/os-release",
        change: Change::Append("QOS_BENCH=MARK\n"),
        qos: "grep -q MARK /etc/os-release",
        virtme: "grep -q MARK ROOTFS/etc/os-release",
        build: Build::Nothing,
    },
    Edit {
        what: "a guest program",
        aim: 4,
        tree: Tree::Repository,
        file: "packages/util/src/uptime.rs",
        change: Change::Replace("\"up {days}", "\"MARK up {days}"),
        qos: "uptime | grep -q MARK",
        virtme: "PROGRAM uptime | grep -q MARK",
        build: Build::Script("programs"),
    },
    Edit {
        what: "a Rust module of qos",
        aim: 4,
        tree: Tree::Repository,
        file: "kernel/modules/template/template.rs",
        change: Change::Replace("pr_info!(\"hello, ", "pr_info!(\"MARK hello, "),
        qos: "modprobe template && dmesg | grep -q MARK",
        virtme: "PROGRAM insmod MODULES/template.ko && dmesg | grep -q MARK",
        build: Build::Script("modules"),
    },
    Edit {
        what: "one C file of the kernel",
        aim: 30,
        tree: Tree::Kernel,
        file: "kernel/sys.c",
        change: Change::Append(
            "
static int __init qos_bench(void)
{
	pr_info(\"MARK\\n\");
	return 0;
}
late_initcall(qos_bench);
",
        ),
        qos: "dmesg | grep -q MARK",
        virtme: "dmesg | grep -q MARK",
        build: Build::Kernel,
    },
    Edit {
        what: "one file of rust/kernel",
        aim: 60,
        tree: Tree::Kernel,
        file: "rust/kernel/str.rs",
        // The crate has no initcalls of its own. An entry of the table is a distance to the function, as `module!` writes it too:
        // include/linux/init.h, CONFIG_HAVE_ARCH_PREL32_RELOCATIONS.
        change: Change::Append(
            "
#[no_mangle]
extern \"C\" fn qos_bench_rust() -> crate::ffi::c_int {
    crate::pr_info!(\"MARK\\n\");
    0
}
core::arch::global_asm!(
    \".pushsection .initcall7.init, \\\"a\\\"\",
    \".balign 4\",
    \".long qos_bench_rust - .\",
    \".popsection\",
);
",
        ),
        qos: "dmesg | grep -q MARK",
        virtme: "dmesg | grep -q MARK",
        build: Build::Kernel,
    },
];

/// Paths of the build results for virtme-ng's guest; absolute paths of the host.
pub struct Found {
    /// The multi-call binary.
    pub program: String,
    /// The directory with the modules.
    pub modules: String,
    /// The overlay of the rootfs.
    pub rootfs: String,
}

impl Edit {
    /// The aim: from the save to the verdict at most.
    pub fn aim(&self) -> Duration {
        Duration::from_secs(self.aim)
    }

    /// The command for qos's guest after the save with this number.
    pub fn qos(&self, number: u32) -> String {
        self.qos.replace(MARK, &mark(number))
    }

    /// The command for virtme-ng's guest after the save with this number.
    pub fn virtme(&self, number: u32, found: &Found) -> String {
        let text = self.virtme.replace(MARK, &mark(number));
        text.replace("PROGRAM", &found.program)
            .replace("MODULES", &found.modules)
            .replace("ROOTFS", &found.rootfs)
    }

    /// Saves the file of the scratch trees, changed by this number.
    ///
    /// # Errors
    ///
    /// The file differs from the expected one, or cannot be read or written.
    pub fn save(&self, scratch: &Scratch, number: u32) -> Result<()> {
        let path = scratch.path(self.tree).join(self.file);
        let text = self.text(&scratch.original(self.tree, self.file)?, number)?;
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()).into())
    }

    /// Restores the file to its contents before the first save.
    ///
    /// # Errors
    ///
    /// It cannot be read or written.
    pub fn undo(&self, scratch: &Scratch) -> Result<()> {
        let path = scratch.path(self.tree).join(self.file);
        let original = scratch.original(self.tree, self.file)?;
        // Only on a difference: a newer file is built again.
        if fs::read_to_string(&path).is_ok_and(|text| text == original) {
            return Ok(());
        }
        fs::write(&path, original).map_err(|error| format!("cannot write {}: {error}", path.display()).into())
    }

    /// The file's text after the save with this number, made from its original text.
    fn text(&self, original: &str, number: u32) -> Result<String> {
        match self.change {
            Change::Append(more) => Ok(format!("{original}{}", more.replace(MARK, &mark(number)))),
            Change::Replace(old, new) if original.matches(old).count() == 1 => {
                Ok(original.replace(old, &new.replace(MARK, &mark(number))))
            }
            Change::Replace(old, _) => {
                let file = self.file;
                Err(format!("{file} must contain {old:?} exactly once, because tools/bench/src/edit_loop/edit.rs edits it")
                    .into())
            }
        }
    }
}

/// No mark is the beginning of another one.
fn mark(number: u32) -> String {
    format!("bench{number}end")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(change: Change) -> Edit {
        let (qos, virtme) = ("grep MARK x", "PROGRAM MODULES/x.ko ROOTFS/y MARK");
        Edit { what: "", aim: 3, tree: Tree::Kernel, file: "f", change, qos, virtme, build: Build::Nothing }
    }

    fn check(change: Change, original: &str, expect: std::result::Result<&str, &str>) {
        match (edit(change).text(original, 7), expect) {
            (Ok(text), Ok(expect)) => assert_eq!(text, expect),
            (Err(error), Err(expect)) => assert!(error.to_string().contains(expect), "{error}"),
            (got, expect) => panic!("{got:?} and not {expect:?}"),
        }
    }

    #[test]
    fn texts() {
        check(Change::Append("// MARK\n"), "a\n", Ok("a\n// bench7end\n"));
        check(Change::Replace("b", "MARK b"), "a b c", Ok("a bench7end b c"));
        check(Change::Replace("b", "MARK b"), "a c", Err("f must contain \"b\" exactly once"));
        check(Change::Replace("b", "MARK b"), "b b", Err("f must contain \"b\" exactly once"));
    }

    #[test]
    fn commands() {
        let found = Found { program: "/p/qos".into(), modules: "/m".into(), rootfs: "/r".into() };
        let edit = edit(Change::Append(""));
        assert_eq!(edit.qos(12), "grep bench12end x");
        assert_eq!(edit.virtme(12, &found), "/p/qos /m/x.ko /r/y bench12end");
    }

    #[test]
    fn no_mark_is_found_in_another() {
        for (one, other) in [(1, 10), (1, 11), (2, 12)] {
            assert!(!mark(other).contains(&mark(one)), "{one} {other}");
        }
    }

    #[test]
    fn edits_of_this_repository_fit() {
        // kernel/modules is not where every run of the tests can read its sources.
        for edit in EDITS.iter().filter(|edit| !edit.file.starts_with("kernel/")) {
            if edit.tree == Tree::Repository {
                let path = qos_host::root::root().join(edit.file);
                let text = fs::read_to_string(&path).unwrap();
                assert!(edit.text(&text, 1).unwrap().contains(&mark(1)), "{}", path.display());
            }
        }
    }

    #[test]
    fn every_edit_is_asked_for() {
        for edit in EDITS {
            assert!(edit.qos.contains(MARK) && edit.virtme.contains(MARK), "{}", edit.what);
        }
    }
}
