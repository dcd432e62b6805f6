// SPDX-License-Identifier: MIT OR Apache-2.0
//! Debian's daemons by the unmodified unit files of their packages, in a guest with our kernel and `init-services` as process 1. The
//! table in `packages/service/README.md` says which, and what is expected of each.

use qos_boot_tests::boot_from;
use std::path::Path;
use std::time::Duration;

/// The head of the table in the document.
const HEAD: &str = "| package | unit | asked | state | answer | reload | kill -9 | stop, start |";

/// What runs in the guest.
const CHECK: &str = concat!(include_str!("answers.sh"), include_str!("check.sh"));

/// The cells of each row of the table.
fn rows(document: &str) -> Vec<Vec<&str>> {
    let rows = document.lines().skip_while(|line| *line != HEAD).skip(2);
    rows.map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|row| row.split(" | ").collect())
        .collect()
}

#[test]
fn the_daemons_do_what_the_table_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("a workspace");
    let document = std::fs::read_to_string(root.join("packages/service/README.md")).expect("the README");
    let rows = rows(&document);
    assert!(rows.len() >= 10, "{} daemons", rows.len());
    let units: Vec<&str> = rows.iter().map(|row| row[1]).collect();
    let expect: String =
        rows.iter().map(|row| format!("| {} | {} |\n", row[1], row[3..].join(" | "))).collect();
    let ended = boot_from("QOS_DISK_DAEMONS")
        .memory_mib(1024)
        .timeout(Duration::from_secs(3600))
        .command(["bash", "-c", CHECK, "check.sh"].into_iter().chain(units.iter().copied()))
        .run()
        // The status has no way to the host but the console: the disk has none of qos's modules, and the kernel has no ioperm(2).
        .expect_verdict("no-verdict")
        .console_has("qos-init: status 0");
    ended.stdout_is(format!("{expect}{} main processes go on\n", units.len()));
}
