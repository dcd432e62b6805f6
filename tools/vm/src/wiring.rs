// SPDX-License-Identifier: MIT OR Apache-2.0
//! The connections of QEMU's channels: to inherited descriptors (a run), or to files and the terminal (a command line to
//! paste). Pure.

use crate::options::{Arguments, escape_commas};
use std::ffi::OsString;
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStringExt;

/// One of QEMU's character devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chardev {
    /// A connected socket that QEMU inherits.
    Socket(RawFd),
    /// A file, or anything else that can be opened; only written to.
    File(OsString),
    /// QEMU's own terminal, with its monitor behind Ctrl-A.
    Terminal,
    /// QEMU's standard input and output.
    Stdio,
    /// Nowhere.
    Null,
}

impl Chardev {
    pub(crate) fn define(&self, id: &str, args: &mut Arguments) {
        let value = match self {
            Chardev::Socket(fd) => format!("socket,id={id},fd={fd}").into(),
            Chardev::File(path) => {
                let start = format!("file,id={id},append=on,path=").into_bytes();
                OsString::from_vec([start, escape_commas(path)].concat())
            }
            Chardev::Terminal => format!("stdio,id={id},mux=on,signal=off").into(),
            Chardev::Stdio => format!("stdio,id={id},signal=off").into(),
            Chardev::Null => format!("null,id={id}").into(),
        };
        args.option("-chardev", value);
        if *self == Chardev::Terminal {
            args.option("-mon", format!("chardev={id},mode=readline"));
        }
    }
}

/// Where everything is that QEMU opens or inherits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wiring {
    /// Path of the kernel.
    pub kernel: OsString,
    /// Path of the initramfs.
    pub initramfs: Option<OsString>,
    /// Paths of the files of [`crate::Config::fw_cfg`], in their order.
    pub fw_cfg: Vec<OsString>,
    /// The serial console.
    pub serial: Chardev,
    /// The verdict channel.
    pub verdict: Chardev,
    /// QEMU's control channel.
    pub qmp: Option<Chardev>,
    /// Standard input, output and error of the guest's main program.
    pub streams: Option<[Chardev; 3]>,
}
