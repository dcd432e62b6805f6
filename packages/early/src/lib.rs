// SPDX-License-Identifier: MIT OR Apache-2.0
//! Early userspace: `/init` of an initramfs for a disk.
//!
//! It reads the kernel's command line ([`cmdline`], [`options`]), finds the root device ([`root`], [`devices`]), and
//! does what [`plan`] decides: unlock, protect by [`verity`], check, mount, change to the new root, run its init. What goes wrong is explained
//! ([`diagnose`]), and a shell lets a person repair it.

mod ask;
pub mod cmdline;
mod coldplug;
mod console;
mod crypt;
pub mod devices;
pub mod diagnose;
mod find_init;
mod fsck;
mod kmsg;
mod links;
pub mod luks;
mod microcode;
mod mount_root;
mod mounts;
pub mod options;
pub mod plan;
pub mod root;
mod run;
mod splash;
mod switch;
mod unlock;
pub mod verity;

use std::process::ExitCode;

/// Does the work of process 1 of an initramfs, or loads the module that the kernel requests.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if qos_sys::process::id() == 1 {
        run::run(arguments);
    }
    // The kernel calls its helper in this way (`call_modprobe()` in `kernel/module/kmod.c`).
    match arguments.as_slice() {
        [quiet, dashes, name] if quiet == "-q" && dashes == "--" => {
            ExitCode::from(u8::from(coldplug::help(&name.to_string_lossy()).is_err()))
        }
        _ => {
            eprintln!("early: this is not process 1: the kernel starts it, as /init of an initramfs");
            ExitCode::from(1)
        }
    }
}
