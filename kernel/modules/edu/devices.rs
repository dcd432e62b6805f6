// SPDX-License-Identifier: GPL-2.0

//! Which device a file in `/dev` stands for.
//!
//! A [`MiscDeviceRegistration`](kernel::miscdevice::MiscDeviceRegistration) carries no data of its
//! driver, and its name is static. So there is a table with a name for each slot, and opening a file
//! looks the device up.

use crate::{
    device::Edu,
    raw::DEVICES, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};

/// Names in `/dev` of a device's two files, which are its interrupt's in `/proc/interrupts` too.
pub(crate) struct Names {
    /// For factorials.
    pub(crate) numbers: &'static CStr,
    /// The device's buffer.
    pub(crate) buffer: &'static CStr,
}

/// As many devices as there can be.
const NAMES: [Names; 4] = [
    Names {
        numbers: c"edu0",
        buffer: c"edu0-buffer",
    },
    Names {
        numbers: c"edu1",
        buffer: c"edu1-buffer",
    },
    Names {
        numbers: c"edu2",
        buffer: c"edu2-buffer",
    },
    Names {
        numbers: c"edu3",
        buffer: c"edu3-buffer",
    },
];

/// The devices that have names.
pub(crate) struct Table([Option<Arc<Edu>>; NAMES.len()]);

impl Table {
    pub(crate) const fn new() -> Self {
        Self([const { None }; NAMES.len()])
    }
}

/// A device's place in the table, which it has until this is dropped.
pub(crate) struct Slot(usize);

impl Slot {
    /// Takes the first free one.
    ///
    /// # Errors
    ///
    /// `ENOSPC` if there is none.
    pub(crate) fn take(edu: Arc<Edu>) -> Result<Self> {
        let mut table = DEVICES.lock();
        let free = table.0.iter().position(Option::is_none).ok_or(ENOSPC)?;
        table.0[free] = Some(edu);
        Ok(Self(free))
    }

    /// The names of the device's files.
    pub(crate) fn names(&self) -> &'static Names {
        &NAMES[self.0]
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        DEVICES.lock().0[self.0] = None;
    }
}

/// The device that has a file of this name.
///
/// # Errors
///
/// `ENODEV` if there is none.
pub(crate) fn find(file: &CStr) -> Result<Arc<Edu>> {
    let slot = NAMES
        .iter()
        .position(|names| names.numbers == file || names.buffer == file)
        .ok_or(ENODEV)?;
    DEVICES.lock().0[slot].clone().ok_or(ENODEV)
}
