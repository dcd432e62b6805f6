// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask review`: the boots of two revisions, judged by a policy, in the formats of a forge.
//!
//! [`run`] and [`gather`] build, boot and read; [`output`] writes. All other modules are pure: [`policy`] reads the rules, [`judge`]
//! applies them to the comparisons of `qos-bootdiff`, and [`comment`], [`sarif`], [`junit`] and serde write the [`review::Review`].

pub mod comment;
pub mod examined;
mod failure;
pub mod fit;
mod gather;
mod in_force;
pub mod input;
pub mod judge;
pub mod junit;
pub mod locate;
pub mod output;
pub mod policy;
mod range;
pub mod review;
pub mod reviewed;
pub mod run;
pub mod sarif;
pub mod violation;
pub mod warning;
