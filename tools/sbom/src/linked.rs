// SPDX-License-Identifier: MIT OR Apache-2.0
//! Facts that no record of the build states: which Debian packages the linker takes parts of, their licences, and the licences of C
//! sources that crates contain.

/// A package of which parts are in what is built, and the licence of these parts (`/usr/share/doc/NAME/copyright` in Debian).
pub type Part = (&'static str, &'static str);

/// What every static program has: glibc (libc.a, crt1.o), GCC's run-time library and start files (libgcc.a, libgcc_eh.a, crtbeginT.o), and
/// Rust's standard library with the crates that are compiled into it.
pub const IN_PROGRAMS: [Part; 3] = [
    ("libc6-dev", "LGPL-2.1-or-later"),
    ("libgcc-14-dev", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    ("libstd-rust-web-dev", "MIT OR Apache-2.0"),
];

/// What is compiled into a kernel with Rust: the crate `core`, from its source.
pub const IN_KERNEL: [Part; 1] = [("rust-web-src", "MIT OR Apache-2.0")];

/// The licence of the C library in a crate, if the licence in the crate's Cargo.toml does not cover it.
#[must_use]
pub fn c_library(crate_name: &str) -> Option<&'static str> {
    match crate_name {
        // oniguruma/COPYING
        "onig_sys" => Some("BSD-2-Clause"),
        _ => None,
    }
}
