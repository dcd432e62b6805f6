// SPDX-License-Identifier: MIT OR Apache-2.0
//! Measures the cost of a boot: the least memory of an image, budgets that can be lowered, and whether a boot is within its budgets.

pub mod budget;
pub mod memory;
pub mod within;
