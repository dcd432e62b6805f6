// SPDX-License-Identifier: MIT OR Apache-2.0
//! Device events, present devices, and links of `/dev`: what early userspace (`packages/early`) and udevd (`packages/udev`) share.
//!
//! The sockets are in `qos_sys::uevent`, the names of block devices in `qos_probe::links`.

pub mod coldplug;
pub mod link;
pub mod packet;

pub use packet::{Error, Event};
