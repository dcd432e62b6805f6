// SPDX-License-Identifier: MIT OR Apache-2.0
//! A short run of each target.

use qos_fuzz::{TARGETS, Target};

fn check(targets: &[Target]) {
    targets.iter().for_each(|target| target.check_mutations(target.short));
}

#[test]
fn first_half_of_the_targets() {
    check(&TARGETS[..TARGETS.len() / 2]);
}

#[test]
fn second_half_of_the_targets() {
    check(&TARGETS[TARGETS.len() / 2..]);
}
