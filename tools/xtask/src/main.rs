// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask VERB`: the door to the project.

fn main() {}
