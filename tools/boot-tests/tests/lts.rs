// SPDX-License-Identifier: MIT OR Apache-2.0
//! The image on an LTS kernel: it behaves like the default image, and its golden boot equals the reviewed one.
//!
//! `QOS_LTS` names the image. `QOS_LTS_KERNEL`, `QOS_LTS_IMAGE` and so on name its build results.

use qos_boot_tests::budget::Budgeted;
use qos_boot_tests::built::{bytes_of, files_below, folder_of, text_of};
use qos_boot_tests::{Boot, Environment, boot, golden, kunit};
use qos_table::{Lts, Table};
use std::path::Path;
use std::sync::LazyLock;

/// A script whose program would pass if it could speak in init's place. It cannot, which it says; that it powers off all the
/// same is then no pass.
const FORGED_PASS: &str = "echo 0 >/dev/qos-exit || echo refused\npoweroff -f\n";

/// The image, and the kernel that it is on.
struct Tested {
    /// The image's name, with which its snapshots begin.
    name: String,
    kernel: Lts,
    image: Budgeted,
}

static TESTED: LazyLock<Tested> = LazyLock::new(|| {
    let name = std::env::var("QOS_LTS").expect("QOS_LTS: the image's name; run `cargo xtask test`");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let table = Table::load(&root).unwrap_or_else(|error| panic!("{error}"));
    let image = table.image(&name).unwrap_or_else(|error| panic!("QOS_LTS: {error}"));
    let (_, kernel) = table.lts_of(image).unwrap_or_else(|| panic!("{name} is not on an LTS kernel"));
    Tested {
        kernel: kernel.clone(),
        image: Budgeted::image(&image.manifest, BOOT_LOG, &format!("{name}-timeline"), Environment::lts),
        name,
    }
});

const BOOT_LOG: &str = "QOS_LTS_BOOT_LOG";

/// A boot of the image.
fn lts() -> Boot {
    boot().environment(Environment::lts())
}

fn check(what: &str, text: &str) {
    insta::with_settings!({
        omit_expression => true,
        prepend_module_to_snapshot => false,
    }, {
        insta::assert_snapshot!(format!("{}-{what}", TESTED.name), text);
    });
}

#[test]
fn it_has_a_prompt() {
    let release = text_of("QOS_LTS_KERNEL", "kernel.release");
    assert!(release.starts_with(&format!("{}.", TESTED.kernel.series)), "{release}");
    let console = lts().console().expect("qos# ").send("uname -r\r").expect(release.trim());
    console.send("exit 7\r").end().expect_status(7);
}

#[test]
fn it_runs_scripts() {
    let script =
        "mount -t tmpfs none /mnt && seq 3 >/mnt/x && sort -r /mnt/x\nlsmod | grep -o qos_exit\nexit 5\n";
    lts().stdin(script).run().expect_status(5).stdout_is("3\n2\n1\nqos_exit\n");
}

/// The module of this kernel does not let a program send a status in init's place, like that of the default kernel.
#[test]
fn no_program_passes_by_itself() {
    lts().stdin(FORGED_PASS).run().expect_verdict("no-verdict").stdout_is("refused\n");
}

#[test]
fn another_golden_boot_gives_the_same_bytes() {
    let built = bytes_of(BOOT_LOG, "boot.log");
    let script = include_str!("../../../rootfs/golden.sh");
    let ended = lts().golden().script(script).run().expect_status(0);
    assert!(
        ended.outcome.console.raw() == built,
        "a boot here gives another log than the one in the store:\n{ended}"
    );
}

/// All phases in one snapshot, without time stamps.
#[test]
fn the_phases_are_the_reviewed_ones() {
    let mut text = String::new();
    for (phase, lines) in golden::phases(BOOT_LOG) {
        text += &format!("# {phase}\n\n{lines}\n");
    }
    check("boot", &text);
}

#[test]
fn the_timeline_is_the_reviewed_one() {
    check("timeline", &golden::timeline(BOOT_LOG));
}

#[test]
fn the_files_are_the_reviewed_ones() {
    check("initramfs", &text_of("QOS_LTS_INITRAMFS", "listing"));
}

#[test]
fn the_cost_is_within_its_budget() {
    TESTED.image.check_cost();
}

#[test]
fn the_memory_is_within_its_budget() {
    TESTED.image.check_memory();
}

/// If the table has `kunit = false`, no module has KUnit tests.
#[test]
fn modules_report_what_was_reviewed() {
    let tests = folder_of("QOS_LTS_MODULES").join("test");
    if TESTED.kernel.kunit {
        kunit::expect_reports(lts, &folder_of("QOS_LTS_KERNEL"), &tests);
    } else {
        assert_eq!(files_below(&tests, ".ko"), Vec::<std::path::PathBuf>::new());
    }
}
