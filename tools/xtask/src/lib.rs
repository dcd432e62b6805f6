// SPDX-License-Identifier: MIT OR Apache-2.0
//! What verbs of xtask have in common with `update`, which is a program of its own: the setup, and its progress.

mod apparmor;
mod cache;
mod nix_install;
pub mod progress;
pub mod setup;
mod superuser;
