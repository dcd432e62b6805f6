// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a boot costs and its image's budgets: the least memory, and budgets that can be lowered.

pub mod budget;
pub mod memory;
