// SPDX-License-Identifier: MIT OR Apache-2.0
//! Prints `tools/new/REFERENCE.md`, which is made of the code: `cargo run -p qos-new --example reference >tools/new/REFERENCE.md`.

mod page;
mod structs;

use std::path::Path;

fn main() {
    print!("{}", page::of(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").as_path()));
}
