// SPDX-License-Identifier: MIT OR Apache-2.0
//! Configuration fragments of the kernel: reads and merges them, and compares them with Kconfig's result.
//!
//! Kconfig silently drops a request whose dependencies are not met. A build therefore has these steps: [`request::Request`]
//! joins the fragments and rejects contradictions; `make allnoconfig` resolves them; [`check::check`] compares, and
//! explains each difference with the information of `kernel/kconfig-why.c` about the symbol ([`why::Why`]). [`drift::Drift`]
//! compares the result with the reviewed `kernel/resolved.config`.
//!
//! The library works on text; `main.rs` reads the files.

pub mod check;
pub mod drift;
pub mod fragment;
pub mod request;
pub mod resolved;
pub mod value;
pub mod why;
