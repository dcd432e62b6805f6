// SPDX-License-Identifier: MIT OR Apache-2.0
//! Configuration fragments of the kernel: reads and merges them, and compares them with Kconfig's result.
//!
//! Kconfig drops a request whose dependencies are not met, without a word. So a build here goes: [`request::Request`]
//! joins the fragments and refuses contradictions; `make allnoconfig` resolves it; [`check::check`] compares, and
//! explains each difference with what `kernel/kconfig-why.c` says about the symbol ([`why::Why`]). [`drift::Drift`]
//! compares the result with the reviewed `kernel/resolved.config`.
//!
//! Everything here is text in, text out; files are read by `main.rs`.

pub mod check;
pub mod drift;
pub mod fragment;
pub mod request;
pub mod resolved;
pub mod value;
pub mod why;
