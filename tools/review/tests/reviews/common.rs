// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reviews of the boots in tools/bootdiff/tests/data.

use qos_bootdiff::{compare, input};
use qos_review::input::{Boots, Budget, Built, Compared, ImageInput, Input, Revision};
use qos_review::locate::{Files, Location, SNAPSHOTS};
use qos_review::policy::Policy;
use qos_review::review::Review;
use qos_review::reviewed::{Reviewed, Status};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The images of the table.
pub const IMAGES: [&str; 3] = ["default", "minimal", "lts"];

/// Every rule but those about services, which these boots do not have.
pub const POLICY: &str = "deny = ['verdict', 'budget', 'cost +0.5 %', 'size +64 KiB', 'memory +5 %', 'new-warning', 'new-setuid', 'snapshot']\n\
    warn = ['cost', 'size', 'budget-raised', 'new-module', 'config', 'cmdline', 'versions', 'log', 'files', 'policy']\n";

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../bootdiff/tests/data").join(name)
}

/// The comparison of two directories of tools/bootdiff/tests/data.
pub fn compared(base: &str, head: &str) -> Compared {
    let read = |name: &str| input::read(&data(name), name.to_owned()).expect("the directory of a result");
    let report =
        compare::compare(&read(base), &read(head), Some(&data("linux"))).expect("the kernel's source");
    let budget = |name: &str, value, line| Budget {
        name: name.into(),
        value,
        location: Location::new("rootfs/default.toml", line),
    };
    Compared {
        report,
        memory: [Some(53), Some(55)],
        base_budgets: vec![budget("to-init", 330_000_000, 39), budget("memory", 54, 42)],
        head_budgets: vec![budget("to-init", 331_000_000, 39), budget("memory", 54, 42)],
    }
}

/// An image of a review.
pub fn image(name: &str, boots: Boots) -> ImageInput {
    let config = if name == "lts" { "kernel/lts/6.18/resolved.config" } else { "kernel/resolved.config" };
    ImageInput { name: name.into(), manifest: format!("rootfs/{name}.toml"), config: config.into(), boots }
}

/// What a review of these images is made of.
pub fn input(policy: &str, images: Vec<ImageInput>) -> Input {
    let snapshot =
        |name: &str, text: &str| (format!("{SNAPSHOTS}/{name}.snap"), format!("---\nsource: x\n---\n{text}"));
    let files = BTreeMap::from([
        snapshot("boot-3-drivers", "a line\nFreeing initrd memory: 4684K\n"),
        snapshot("boot-4-modules", "qos-init: the clock is set\n"),
        snapshot("boot-5-init", "qos-init: a.service: failed: exit-code\n"),
        snapshot("timeline", "to /init   330.114\nto the session   338.114\n"),
        snapshot("initramfs", "0 lrwxrwxrwx 0 0 3 bin/hwclock -> qos\n"),
        (
            "kernel/resolved.config".to_owned(),
            "CONFIG_HZ=250\nCONFIG_RTC_CLASS=y\n# CONFIG_VIRTIO_CONSOLE is not set\n".to_owned(),
        ),
        ("rootfs/default.toml".to_owned(), "[image]\n".to_owned()),
    ]);
    let reviewed = |file: &str, line, added, removed| Reviewed {
        location: Location::new(file, line),
        status: Status::Changed,
        mode: None,
        added,
        removed,
    };
    Input {
        base: Revision { name: "main (1270be4f00)".into(), commit: Some("1270be4f00aa".into()) },
        head: Revision { name: "rtc (8d7441c000)".into(), commit: Some("8d7441c000bb".into()) },
        policy: Policy::parse("review.toml", policy, &IMAGES).expect("a policy"),
        policy_file: "review.toml".into(),
        images,
        reviewed: vec![
            reviewed("kernel/resolved.config", 120, 4, 2),
            reviewed("tools/boot-tests/tests/snapshots/boot-3-drivers.snap", 17, 1, 2),
        ],
        files: Files(files),
        built: vec![
            Built { side: "base", derivations: Vec::new(), missing: Vec::new(), seconds: 1 },
            Built {
                side: "head",
                derivations: vec!["qos-initramfs".into(), "qos-boot-log".into()],
                missing: Vec::new(),
                seconds: 48,
            },
        ],
    }
}

/// Everything changed in one image.
pub fn changed() -> Review {
    Review::of(input(
        POLICY,
        vec![
            image("default", Boots::Compared(Box::new(compared("base", "head")))),
            image("minimal", Boots::Unchanged),
            image(
                "lts",
                Boots::NotCompared("although changed: `--image NAME` or `--all` compares it".into()),
            ),
        ],
    ))
}

/// One image panics, the other does not build.
pub fn failed() -> Review {
    let mut panicked = compared("base", "panicked");
    panicked.memory = [None, None];
    let mut unbuilt = compared("base", "failed");
    unbuilt.memory = [None, None];
    unbuilt.head_budgets.clear();
    Review::of(input(
        POLICY,
        vec![
            image("default", Boots::Compared(Box::new(panicked))),
            image("minimal", Boots::Compared(Box::new(unbuilt))),
        ],
    ))
}

/// Nothing changed but a document.
pub fn unchanged() -> Review {
    let mut input = input(
        "deny = ['verdict']\n",
        vec![image("default", Boots::Unchanged), image("minimal", Boots::Unchanged)],
    );
    input.reviewed.clear();
    input.built.clear();
    Review::of(input)
}
