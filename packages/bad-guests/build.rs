// SPDX-License-Identifier: MIT OR Apache-2.0
//! Builds each `guests/NAME.c` into a static program without a C library, and tells the crate its path as
//! `GUEST_NAME`. Other crates of such programs have this as their build script too.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// What the guests are compiled for, whatever the host is.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// guest.h is here, whichever crate this runs for.
const HEADERS: &str = "../bad-guests/guests";

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    println!("cargo::rerun-if-changed=guests");
    println!("cargo::rerun-if-changed={HEADERS}");
    let mut sources: Vec<PathBuf> = fs::read_dir("guests")
        .expect("the crate has a folder guests")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .collect();
    sources.sort();
    for source in sources {
        let name = source.file_stem().and_then(|stem| stem.to_str()).expect("names of guests are UTF-8");
        let program = out.join(name);
        build(&source, &program);
        let variable = name.to_uppercase().replace('-', "_");
        println!("cargo::rustc-env=GUEST_{variable}={}", program.display());
    }
}

fn build(source: &Path, program: &Path) {
    let compiler = cc::Build::new()
        .target(TARGET)
        .no_default_flags(true)
        .warnings(true)
        .flag("-Os")
        .flag("-std=gnu11")
        .flag("-ffreestanding")
        .flag("-fno-stack-protector")
        .flag("-fno-asynchronous-unwind-tables")
        .flag("-fno-pie")
        .get_compiler();
    let mut command = compiler.to_command();
    if compiler.is_like_clang() {
        command.arg(format!("--target={TARGET}"));
    }
    command
        .args(["-I", HEADERS, "-static", "-no-pie", "-nostdlib", "-Wl,--build-id=none", "-s", "-o"])
        .arg(program)
        .arg(source);
    let status =
        command.status().unwrap_or_else(|error| panic!("{command:?}: {error}: is there a C compiler?"));
    assert!(status.success(), "{command:?}: {status}");
}
