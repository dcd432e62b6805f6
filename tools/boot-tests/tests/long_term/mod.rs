// SPDX-License-Identifier: MIT OR Apache-2.0
//! The image on a kernel with long-term support: it does what the default image does, and its golden boot is the reviewed one.

use crate::budget::Image;
use qos_boot_tests::built::{bytes_of, text_of};
use qos_boot_tests::{Boot, boot, golden};

/// A script whose program would pass if it could speak in init's place. It cannot, which it says; that it powers off all the
/// same is then no pass.
const FORGED_PASS: &str = "echo 0 >/dev/qos-exit || echo refused\npoweroff -f\n";

/// A kernel with long-term support.
pub struct Kernel {
    /// Its name, with which its snapshots begin.
    pub name: &'static str,
    /// Its series: `6.18`.
    pub series: &'static str,
    /// The variables that name what was built of it: `QOS_LTS` of `QOS_LTS_KERNEL`.
    pub variables: &'static str,
    /// The image on it.
    pub image: Image,
}

/// A test for each of the functions of [`Kernel`] that check something.
macro_rules! tests {
    ($kernel:expr) => {
        $crate::long_term::tests! {
            $kernel,
            it_has_a_prompt
            it_runs_scripts
            no_program_passes_by_itself
            another_golden_boot_gives_the_same_bytes
            the_phases_are_the_reviewed_ones
            the_timeline_is_the_reviewed_one
            the_files_are_the_reviewed_ones
            the_cost_is_within_its_budget
            the_memory_is_within_its_budget
        }
    };
    ($kernel:expr, $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                $kernel.$name();
            }
        )*
    };
}
pub(crate) use tests;

impl Kernel {
    /// The variable for a part: `QOS_LTS_KERNEL`.
    pub fn variable(&self, part: &str) -> String {
        format!("{}_{part}", self.variables)
    }

    /// A boot of the image.
    pub fn boot(&self) -> Boot {
        boot().environment((self.image.environment)())
    }

    pub fn it_has_a_prompt(&self) {
        let release = text_of(&self.variable("KERNEL"), "kernel.release");
        assert!(release.starts_with(&format!("{}.", self.series)), "{release}");
        let console = self.boot().console().expect("qos# ").send("uname -r\r").expect(release.trim());
        console.send("exit 7\r").end().expect_status(7);
    }

    pub fn it_runs_scripts(&self) {
        let script =
            "mount -t tmpfs none /mnt && seq 3 >/mnt/x && sort -r /mnt/x\nlsmod | grep -o qos_exit\nexit 5\n";
        self.boot().stdin(script).run().expect_status(5).stdout_is("3\n2\n1\nqos_exit\n");
    }

    /// The module of this kernel lets no program speak in init's place, as that of the image's own kernel does.
    pub fn no_program_passes_by_itself(&self) {
        self.boot().stdin(FORGED_PASS).run().expect_verdict("no-verdict").stdout_is("refused\n");
    }

    pub fn another_golden_boot_gives_the_same_bytes(&self) {
        let built = bytes_of(self.image.boot_log, "boot.log");
        let script = include_str!("../../../../rootfs/golden.sh");
        let ended = self.boot().golden().script(script).run().expect_status(0);
        assert!(
            ended.outcome.console.raw() == built,
            "a boot here gives another log than the one in the store:\n{ended}"
        );
    }

    /// All phases in one snapshot, without time stamps.
    pub fn the_phases_are_the_reviewed_ones(&self) {
        let mut text = String::new();
        for (phase, lines) in golden::phases(self.image.boot_log) {
            text += &format!("# {phase}\n\n{lines}\n");
        }
        self.check("boot", &text);
    }

    pub fn the_timeline_is_the_reviewed_one(&self) {
        self.check("timeline", &golden::timeline(self.image.boot_log));
    }

    pub fn the_files_are_the_reviewed_ones(&self) {
        self.check("initramfs", &text_of(&self.variable("INITRAMFS"), "listing"));
    }

    pub fn the_cost_is_within_its_budget(&self) {
        self.image.check_cost();
    }

    pub fn the_memory_is_within_its_budget(&self) {
        self.image.check_memory();
    }

    fn check(&self, what: &str, text: &str) {
        insta::with_settings!({
            omit_expression => true,
            prepend_module_to_snapshot => false,
            snapshot_path => "../snapshots",
        }, {
            insta::assert_snapshot!(format!("{}-{what}", self.name), text);
        });
    }
}
