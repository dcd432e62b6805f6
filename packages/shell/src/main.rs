// SPDX-License-Identifier: GPL-3.0-or-later
//! `sh`: the POSIX shell of qos.
//!
//! The C runtime calls `main` here itself. Rust's own start-up would ignore SIGPIPE, catch SIGSEGV and SIGBUS, and open
//! closed standard descriptors: a shell has to pass all of them on as it got them.

#![no_main]

use std::ffi::{c_char, c_int};

// SAFETY: the C runtime calls a function of this name and type once, and no other is defined in the program.
#[unsafe(no_mangle)]
extern "C" fn main(_argc: c_int, _argv: *const *const c_char) -> c_int {
    qos_shell::main()
}
