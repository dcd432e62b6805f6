// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pinned toolchain: Debian packages, each fixed by its SHA-256 in `toolchain.lock`, unpacked into trees that
//! enter the Nix store as fixed-output paths; and the crates of `Cargo.lock`, which enter it as files.
//!
//! [`Toolchain::setup`] adds the contents of the lock to the store, [`Toolchain::update`] makes the lock from the spec
//! (`toolchain.toml`). The root of trust is the set of Debian's archive keys in `keys/` when a lock is made, and the lock
//! afterwards.

mod apt;
mod archive;
mod cache;
#[cfg(any(test, feature = "update"))]
mod changelog;
mod context;
mod control;
pub mod crates;
mod deb;
mod error;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod glob;
mod hash;
mod http;
mod index;
mod lock;
mod nar;
mod release;
#[cfg(any(test, feature = "update"))]
mod resolve;
mod seed;
mod signature;
mod sources;
mod spec;
pub mod store;
#[cfg(test)]
mod testing;
mod unpack;
pub mod version;

pub use apt::Mirrors;
pub use cache::default_root as default_cache;
pub use context::{Context, Progress, Silent, Task, Unit};
pub use error::{Error, Result};
pub use hash::Sum;
pub use index::SourceVersion;
pub use lock::{Lock, LockedTree, Pin};
#[cfg(any(test, feature = "update"))]
pub use seed::update::{Outcome, Sources};
pub use seed::{Options, Toolchain};
