// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs a guest in QEMU and determines how it ended.
//!
//! A [`Config`] describes the machine; its arguments for QEMU are a pure function of it. [`run`] starts QEMU under an
//! accelerator that works, connects console, streams and verdict channel, watches, and always returns a
//! [`Verdict`]: the status that the guest sent on the verdict channel, or the reason why it sent none.
//! `README.md` beside `src` has the table of verdicts and exit codes.

mod accel;
mod arguments;
mod classify;
pub mod cli;
mod cmdline;
mod conditions;
mod console;
mod control;
mod disk;
mod dry_run;
mod error;
mod escape;
mod events;
mod execute;
mod firmware;
mod front;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod host;
mod image;
mod inputs;
mod kept;
mod limits;
mod machine;
mod memory;
mod memory_disk;
mod options;
mod outcome;
mod program;
mod qmp;
mod relay;
mod report;
mod run;
mod signs;
mod supervise;
mod suspicion;
mod terminal;
pub mod verdict;
mod warning;
mod wiring;

pub use accel::{Accel, Choice as AccelChoice};
pub use classify::{Evidence, Exit, Stop};
pub use console::Console;
pub use control::Control;
pub use disk::{Access, Disk};
pub use error::{Error, Result};
pub use escape::{Action, Escape};
pub use firmware::Firmware;
pub use front::Front;
pub use image::{Files, Resolved};
pub use inputs::{check_initramfs, check_kernel, concatenate};
pub use limits::Limits;
pub use machine::{Config, FwCfg, Machine, Network, PASSWORD, Session};
pub use memory_disk::MemoryDisk;
pub use outcome::Outcome;
pub use program::{Program, ROOT_VARIABLE};
pub use qmp::{Message, Registers};
pub use relay::{Input, Sink, sink};
pub use run::{Note, Request, run};
pub use signs::{PanicKind, Sign, panic_kind, recognise};
pub use verdict::Verdict;
pub use warning::{Warning, WarningPolicy};
pub use wiring::{Chardev, Wiring};
