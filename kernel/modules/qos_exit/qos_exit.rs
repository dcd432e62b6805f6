// SPDX-License-Identifier: GPL-2.0

//! `/dev/qos-exit`: a program tells the host how it ended.
//!
//! One `write` of a decimal number from 0 to 255, with or without one newline, sends the line
//! `qos-exit: N\n` to QEMU's debug console (`-device isa-debugcon,iobase=0xe9,chardev=...`), byte by
//! byte, and nothing else ever goes there. It does not end the machine: that is done in the ordinary
//! way, after file systems are clean.
//!
//! - One program at a time has it open: opening it a second time gives `EBUSY`. The image's init holds it,
//!   so that no other program can speak in its place.
//! - Each `write` is one status; a status is not pieced together from several.
//! - Each status is sent, and lines of several writers do not mix. Which one counts is the host's
//!   matter (`verdict::parse` in packages/protocol).
//! - Anything else gives `EINVAL` and sends nothing. Reading gives `EINVAL`.
//! - The device belongs to root with mode 0600, devtmpfs' default: [`MiscDeviceOptions`] carries no
//!   mode in this kernel.
//!
//! Loading fails with `ENODEV` where no debug console answers, `EBUSY` where another driver has the
//! port. `port=` moves it (`iobase=` of the QEMU device).
//!
//! This file is for the image's own kernel; a kernel whose interfaces differ has one of its own in
//! `kernel/lts/SERIES/modules/qos_exit`, with the other files from here.

use kernel::{
    fs::{
        File,
        Kiocb, //
    },
    iov::IovIterSource,
    miscdevice::{
        MiscDevice,
        MiscDeviceOptions,
        MiscDeviceRegistration, //
    },
    prelude::*,
};
use port::ReservedPort;

mod port;
mod probe;
mod status;

module! {
    type: QosExit,
    name: "qos_exit",
    authors: ["qos"],
    description: "Reports the exit status of a guest to the host through QEMU's debug console",
    license: "GPL",
    params: {
        port: u16 {
            default: 0xe9,
            description: "I/O port of the isa-debugcon device (its iobase; default 0xe9)",
        },
    },
}

kernel::sync::global_lock! {
    // SAFETY: `QosExit::init` initialises it before it registers the device.
    unsafe(uninit) static CONSOLE: Mutex<Option<Port>> = None;
}

/// The reserved port, and whether a program has the device open.
struct Port {
    reserved: ReservedPort,
    held: bool,
}

/// The loaded module. Fields are dropped in order: first the device goes, then the port.
#[pin_data]
struct QosExit {
    #[pin]
    _device: MiscDeviceRegistration<ExitDevice>,
    _console: Console,
}

impl kernel::InPlaceModule for QosExit {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            // Set up in this order: the device may be opened as soon as it is registered.
            _console: Console::find(module_parameters::port.value())?,
            _device <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"qos-exit" }),
        })
    }
}

/// Stands for the port in [`CONSOLE`] as long as the module is loaded.
struct Console;

impl Console {
    /// Reserves `port`, looks for a debug console there and puts it into [`CONSOLE`].
    fn find(port: u16) -> Result<Self> {
        // SAFETY: Called once, by the module's initialiser, before anything else uses the lock.
        unsafe { CONSOLE.init() };

        *CONSOLE.lock() = Some(Port {
            reserved: probe::reserve(port, c"qos-exit")?,
            held: false,
        });
        Ok(Self)
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        *CONSOLE.lock() = None;
    }
}

/// The device file. One program at a time has it open, see [`Port`].
struct ExitDevice;

#[vtable]
impl MiscDevice for ExitDevice {
    type Ptr = ();

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result {
        let mut console = CONSOLE.lock();
        let port = console.as_mut().ok_or(ENODEV)?;
        match core::mem::replace(&mut port.held, true) {
            true => Err(EBUSY),
            false => Ok(()),
        }
    }

    fn release(_device: (), _file: &File) {
        if let Some(port) = CONSOLE.lock().as_mut() {
            port.held = false;
        }
    }

    fn write_iter(_kiocb: Kiocb<'_, ()>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let mut buffer = [0; status::REQUEST_MAX];
        let request = buffer.get_mut(..iov.len()).ok_or(EINVAL)?;
        if iov.copy_from_iter(request) != request.len() {
            return Err(EFAULT);
        }
        let status = status::parse(request)?;

        // The lock is held for the whole line.
        let console = CONSOLE.lock();
        let port = console.as_ref().ok_or(ENODEV)?;
        status::send(|byte| port.reserved.write(byte), status);
        Ok(request.len())
    }
}
