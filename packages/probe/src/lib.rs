// SPDX-License-Identifier: MIT OR Apache-2.0
//! Block devices in `/sys/class/block`, and the names of udev for them. `qos-volume`, whose items are here too, says what is on a
//! device.

pub mod device;
pub mod links;
pub mod property;
pub mod search;
pub mod size;

pub use qos_volume::{
    Error, Image, Kind, Options, Partition, Source, Table, Tags, Usage, Window, encode, partitions, probe,
    safe,
};
