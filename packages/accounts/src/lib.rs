// SPDX-License-Identifier: MIT OR Apache-2.0
//! Accounts of a Linux system: passwd(5), shadow(5), group(5), gshadow(5), login.defs(5), and crypt(5) hashes.
//!
//! [`Database`] holds the four files of a root directory. Lines that a parser does not understand, and fields that
//! nobody changed, are written byte for byte as they were read. [`Database::change`] holds the lock of lckpwdf(3), and
//! replaces each changed file by a whole one.

pub mod change;
mod database;
pub mod date;
mod defs;
mod group;
pub mod hash;
pub mod id;
mod lock;
pub mod log;
pub mod name;
mod passwd;
pub mod prompt;
mod replace;
mod secret;
mod shadow;
mod table;

#[cfg(feature = "fuzz")]
pub mod fuzz;

pub use database::{Database, Order};
pub use defs::Defs;
pub use group::{Group, GroupShadow};
pub use lock::Lock;
pub use passwd::User;
pub use replace::replace;
pub use secret::Secret;
pub use shadow::{Aging, Shadow};
pub use table::{Entry, Table};
