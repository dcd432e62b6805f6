// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the VM runner on the host and init and the agent in the guest agree on: names of devices and files, and the formats of
//! what passes through them. Pure: no input or output, no dependencies, so that either side may use it.
//!
//! | from | to | through | format |
//! | --- | --- | --- | --- |
//! | host | guest | fw_cfg file [`fw_cfg::COMMAND`] | [`argv`] |
//! | host | guest | fw_cfg file [`fw_cfg::SCRIPT`] | text of a shell script |
//! | host | guest | fw_cfg file [`fw_cfg::WINSIZE`] | [`Winsize`] |
//! | host | guest | virtio port [`port::STDIN`] | bytes; closing it is the end of file |
//! | guest | host | virtio ports [`port::STDOUT`], [`port::STDERR`] | bytes |
//! | guest | host | I/O port [`verdict::IO_PORT`] | [`verdict`] line |
//! | guest | host | kernel log | [`mark`]s |

pub mod argv;
pub mod fw_cfg;
pub mod mark;
pub mod port;
pub mod verdict;
mod winsize;

pub use winsize::Winsize;
