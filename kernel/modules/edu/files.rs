// SPDX-License-Identifier: GPL-2.0

//! The files in `/dev`, through which programs use a device.

use crate::{
    device::Edu,
    devices,
    number::{
        self,
        Line, //
    },
    transfer::Extent,
};
use kernel::{
    fs::{
        File,
        Kiocb, //
    },
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    miscdevice::{
        MiscDevice,
        MiscDeviceRegistration, //
    },
    prelude::*,
    sync::{
        new_mutex,
        Arc,
        Mutex, //
    },
};

/// An open `/dev/eduN`: a number is written, its factorial is read.
#[pin_data]
pub(crate) struct NumberFile {
    edu: Arc<Edu>,
    /// What reading gives; without it, what the device holds.
    #[pin]
    answer: Mutex<Option<Line>>,
}

#[vtable]
impl MiscDevice for NumberFile {
    type Ptr = Pin<KBox<Self>>;

    fn open(_file: &File, misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        let edu = devices::find(misc.device().name())?;
        KBox::pin_init(
            pin_init!(Self {
                edu,
                answer <- new_mutex!(None),
            }),
            GFP_KERNEL,
        )
    }

    fn write_iter(mut kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let mut buffer = [0; number::LINE_MAX];
        let line = buffer.get_mut(..iov.len()).ok_or(EINVAL)?;
        if iov.copy_from_iter(line) != line.len() {
            return Err(EFAULT);
        }
        let number = number::parse(line)?;

        let file = kiocb.file();
        let mut answer = file.answer.lock();
        *answer = Some(Line::of(file.edu.factorial(number)?));
        // The answer is read from its start.
        *kiocb.ki_pos_mut() = 0;
        Ok(line.len())
    }

    fn read_iter(mut kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        let file = kiocb.file();
        let mut answer = file.answer.lock();
        let line = match *answer {
            Some(line) => line,
            None => *answer.insert(Line::of(file.edu.last_factorial()?)),
        };
        iov.simple_read_from_buffer(kiocb.ki_pos_mut(), line.as_bytes())
    }
}

/// An open `/dev/eduN-buffer`: the device's buffer, read and written by DMA. It has no state.
pub(crate) struct BufferFile;

#[vtable]
impl MiscDevice for BufferFile {
    type Ptr = Arc<Edu>;

    fn open(_file: &File, misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        devices::find(misc.device().name())
    }

    fn write_iter(mut kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let Some(part) = Extent::at(kiocb.ki_pos(), iov.len())? else {
            return if iov.is_empty() { Ok(0) } else { Err(ENOSPC) };
        };
        let mut bytes = KVec::from_elem(0, part.length(), GFP_KERNEL)?;
        if iov.copy_from_iter(&mut bytes) != bytes.len() {
            return Err(EFAULT);
        }
        kiocb.file().write_buffer(part, &bytes)?;
        advance(&mut kiocb, bytes.len());
        Ok(bytes.len())
    }

    fn read_iter(mut kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        let Some(part) = Extent::at(kiocb.ki_pos(), iov.len())? else {
            return Ok(0);
        };
        let mut bytes = KVec::from_elem(0, part.length(), GFP_KERNEL)?;
        kiocb.file().read_buffer(part, &mut bytes)?;
        if iov.copy_to_iter(&bytes) != bytes.len() {
            return Err(EFAULT);
        }
        advance(&mut kiocb, bytes.len());
        Ok(bytes.len())
    }
}

fn advance(kiocb: &mut Kiocb<'_, Arc<Edu>>, bytes: usize) {
    // CAST: No more than the device's buffer has.
    *kiocb.ki_pos_mut() += bytes as i64;
}
