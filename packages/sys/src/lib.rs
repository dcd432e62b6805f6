// SPDX-License-Identifier: MIT OR Apache-2.0
//! Linux system calls as safe functions that give [`std::io::Error`].
//!
//! Nearly all are `rustix`'s; what it lacks is wrapped here through `libc`, and nowhere else in the guest.

pub mod device_mapper;
pub mod disposition;
mod error;
pub mod host;
pub mod icmp;
pub mod inherit;
pub mod ioport;
pub mod kexec;
pub mod keyring;
pub mod klog;
pub mod launch;
pub mod listen;
pub mod lock;
pub mod message;
pub mod module;
pub mod mount;
pub mod mount_options;
pub mod mount_watch;
pub mod mounts;
pub mod netlink;
pub mod network;
pub mod node;
pub mod notify;
pub mod packet;
pub mod pattern;
pub mod pipe;
pub mod poll;
pub mod port;
pub mod power;
#[cfg(feature = "probe")]
pub mod probe;
pub mod process;
pub mod random;
pub mod regular;
pub mod signal;
pub mod space;
pub mod spawn;
pub mod startup;
pub mod time;
pub mod tree;
pub mod tty;
pub mod uevent;
pub mod usage;
pub mod user;
pub mod watch;

pub use error::error_text;
pub use rustix::io::Errno;
