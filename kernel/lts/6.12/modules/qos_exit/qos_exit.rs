// SPDX-License-Identifier: GPL-2.0

//! `/dev/qos-exit`: a program tells the host how it ended.
//!
//! What it does is what `kernel/modules/qos_exit` does for the image's own kernel, and says there. It is written for a
//! kernel crate that has neither misc devices nor module parameters nor `Io`, so the port is always 0xe9 (`iobase=` of
//! QEMU's `isa-debugcon`). Each buffer of a `writev` is a request of its own.
//!
//! Loading fails with `ENODEV` where no debug console answers, `EBUSY` where another driver has the port.

use kernel::{c_str, new_mutex, prelude::*, sync::Mutex, uaccess::UserSliceReader};
use misc::{MiscDevice, Sink};
use port::ReservedPort;

mod misc;
mod port;
mod probe;
mod status;

module! {
    type: QosExit,
    name: "qos_exit",
    author: "qos",
    description: "Reports the exit status of a guest to the host through QEMU's debug console",
    license: "GPL",
}

/// I/O port of the isa-debugcon device.
const PORT: u16 = 0xe9;

/// The loaded module.
struct QosExit {
    _device: Pin<KBox<MiscDevice<Console>>>,
}

impl kernel::Module for QosExit {
    fn init(module: &'static ThisModule) -> Result<Self> {
        let device = MiscDevice::register(module, c_str!("qos-exit"), Console::find());
        Ok(Self {
            _device: KBox::try_pin_init(device, GFP_KERNEL)?,
        })
    }
}

/// The debug console.
#[pin_data]
struct Console {
    #[pin]
    port: Mutex<Port>,
}

/// The reserved port, and whether a program has the device open.
struct Port {
    reserved: ReservedPort,
    held: bool,
}

impl Console {
    /// Reserves the port and looks for a debug console there.
    fn find() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            port <- new_mutex!(Port {
                reserved: probe::reserve(PORT, c_str!("qos-exit"))?,
                held: false,
            }),
        })
    }
}

impl Sink for Console {
    fn open(&self) -> Result {
        match core::mem::replace(&mut self.port.lock().held, true) {
            true => Err(EBUSY),
            false => Ok(()),
        }
    }

    fn release(&self) {
        self.port.lock().held = false;
    }

    fn write(&self, mut from: UserSliceReader) -> Result {
        let mut buffer = [0; status::REQUEST_MAX];
        let request = buffer.get_mut(..from.len()).ok_or(EINVAL)?;
        from.read_slice(request)?;
        let status = status::parse(request)?;

        // The lock is held for the whole line.
        let port = self.port.lock();
        status::send(|byte| port.reserved.write(byte), status);
        Ok(())
    }
}
