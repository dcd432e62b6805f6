// SPDX-License-Identifier: MIT OR Apache-2.0
//! Measures the cost of a boot: the least memory of an image, and budgets that can be lowered.

pub mod budget;
pub mod memory;
