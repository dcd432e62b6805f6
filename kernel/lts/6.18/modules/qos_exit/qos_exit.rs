// SPDX-License-Identifier: GPL-2.0

//! `/dev/qos-exit`: a program tells the host how it ended.
//!
//! What it does is what `kernel/modules/qos_exit` does for the image's own kernel, and says there. It is written for a
//! kernel crate that has no module parameters and no `Io`, so the port is always 0xe9 (`iobase=` of QEMU's
//! `isa-debugcon`).
//!
//! Loading fails with `ENODEV` where no debug console answers, `EBUSY` where another driver has the port.

use kernel::{
    c_str,
    fs::{File, Kiocb},
    iov::IovIterSource,
    miscdevice::{MiscDevice, MiscDeviceOptions, MiscDeviceRegistration},
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
}

/// I/O port of the isa-debugcon device.
const PORT: u16 = 0xe9;

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
            _console: Console::find()?,
            _device <- MiscDeviceRegistration::register(MiscDeviceOptions {
                name: c_str!("qos-exit"),
            }),
        })
    }
}

/// Stands for the port in [`CONSOLE`] as long as the module is loaded.
struct Console;

impl Console {
    /// Reserves the port, looks for a debug console there and puts it into [`CONSOLE`].
    fn find() -> Result<Self> {
        // SAFETY: Called once, by the module's initialiser, before anything else uses the lock.
        unsafe { CONSOLE.init() };

        *CONSOLE.lock() = Some(Port {
            reserved: probe::reserve(PORT, c_str!("qos-exit"))?,
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
