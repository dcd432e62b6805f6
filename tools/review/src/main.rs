// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-review`: reviews the boots of two revisions. `cargo xtask review` starts it.

use clap::Parser;
use qos_review::run::Review;
use std::process::ExitCode;

fn main() -> ExitCode {
    // 1 is a violated policy.
    qos_host::main("review", 2, Review::parse().run())
}
