// SPDX-License-Identifier: GPL-2.0

//! The registers of QEMU's `edu` device, and what a driver does with several of them at once.
//!
//! Source: docs/specs/edu.rst of QEMU. Pure logic: the device is any [`Io`] over [`END`] bytes, so
//! that the tests at the end of this file stand in for it.

use crate::transfer::Command;
use kernel::{
    io::{
        register,
        Io,
        IoCapable,
        Region, //
    },
    prelude::*,
};

register! {
    /// What the device is, and its version.
    pub(crate) IDENTIFICATION(u32) @ 0x00 {
        31:24 major;
        23:16 minor;
        15:0 pattern;
    }

    /// Reads as the complement of what was written last.
    pub(crate) LIVENESS(u32) @ 0x04 {
        31:0 value;
    }

    /// A number is written and its factorial, modulo 2^32, is read once [`STATUS`] is not `computing`.
    pub(crate) FACTORIAL(u32) @ 0x08 {
        31:0 value;
    }

    /// The factorial engine.
    pub(crate) STATUS(u32) @ 0x20 {
        /// Raise [`INTERRUPT_STATUS`] `factorial` at the end of a computation.
        7:7 interrupt => bool;
        /// Read-only.
        0:0 computing => bool;
    }

    /// Interrupts that have been raised and not been acknowledged. Read-only.
    pub(crate) INTERRUPT_STATUS(u32) @ 0x24 {
        8:8 transfer => bool;
        0:0 factorial => bool;
    }

    /// Acknowledges the interrupts whose bits are set. Write-only.
    pub(crate) INTERRUPT_ACKNOWLEDGE(u32) @ 0x64 {
        31:0 bits;
    }

    /// Where a transfer reads: in memory, or in the device's buffer.
    pub(crate) DMA_SOURCE(u64) @ 0x80 {
        63:0 address;
    }

    /// Where a transfer writes: in the device's buffer, or in memory.
    pub(crate) DMA_DESTINATION(u64) @ 0x88 {
        63:0 address;
    }

    /// Bytes to transfer. The device takes 32-bit accesses here as well as 64-bit ones.
    pub(crate) DMA_COUNT(u32) @ 0x90 {
        31:0 bytes;
    }

    /// The DMA engine.
    pub(crate) DMA_COMMAND(u32) @ 0x98 {
        /// Raise [`INTERRUPT_STATUS`] `transfer` at the end.
        2:2 interrupt => bool;
        /// From the device to memory; otherwise the other way.
        1:1 to_memory => bool;
        /// Starts a transfer; reads as set until it has ended.
        0:0 run => bool;
    }
}

/// Bytes of BAR 0 that have registers.
pub(crate) const END: usize = 0xa0;

/// What [`IDENTIFICATION`] has in its lower half.
pub(crate) const PATTERN: u32 = 0x00ed;

/// What makes a device not an `edu`, with the value that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// The identification register has another pattern.
    Identification(u32),
    /// The liveness register does not give the complement.
    Liveness(u32),
}

/// Checks that the device is an `edu` which answers, and gives its version: major, minor.
pub(crate) fn identify<'a, D>(device: D) -> core::result::Result<(u32, u32), Mismatch>
where
    D: Io<'a, Target = Region<END>>,
    D::Backend: IoCapable<u32>,
{
    const CHALLENGE: u32 = 0x5aa5_0ff0;

    let identification = device.read(IDENTIFICATION);
    if identification.pattern().get() != PATTERN {
        return Err(Mismatch::Identification(identification.into_raw()));
    }
    device.write_reg(LIVENESS::from(CHALLENGE));
    let answer = device.read(LIVENESS).into_raw();
    if answer != !CHALLENGE {
        return Err(Mismatch::Liveness(answer));
    }
    Ok((identification.major().get(), identification.minor().get()))
}

/// Makes the device raise no interrupt by itself, and acknowledges those that it has raised.
///
/// A transfer that runs still ends with an interrupt.
pub(crate) fn silence<'a, D>(device: D)
where
    D: Io<'a, Target = Region<END>>,
    D::Backend: IoCapable<u32>,
{
    device.write_reg(STATUS::zeroed());
    take_interrupts(device);
}

/// Acknowledges the interrupts that the device has raised, and tells which.
pub(crate) fn take_interrupts<'a, D>(device: D) -> INTERRUPT_STATUS
where
    D: Io<'a, Target = Region<END>>,
    D::Backend: IoCapable<u32>,
{
    let raised = device.read(INTERRUPT_STATUS);
    if raised.into_raw() != 0 {
        device.write_reg(INTERRUPT_ACKNOWLEDGE::from(raised.into_raw()));
    }
    raised
}

/// Starts the computation of a factorial, which ends with an interrupt.
///
/// The engine has to be idle: the device ignores a number that comes while it computes.
pub(crate) fn start_factorial<'a, D>(device: D, number: u32)
where
    D: Io<'a, Target = Region<END>>,
    D::Backend: IoCapable<u32>,
{
    device.write_reg(STATUS::zeroed().with_interrupt(true));
    device.write_reg(FACTORIAL::from(number));
}

/// Starts a transfer, which ends with an interrupt.
///
/// The engine has to be idle: the device ignores what is written while a transfer runs.
///
/// # Errors
///
/// `EINVAL` if the registers do not lie as they should in memory, which they do for any BAR.
pub(crate) fn start_transfer<'a, D>(device: D, command: &Command) -> Result
where
    D: Io<'a, Target = Region<END>>,
    D::Backend: IoCapable<u32> + IoCapable<u64>,
{
    // Checked when it runs: the kernel crate knows of a BAR only that it is aligned to 4 bytes.
    device.try_write_reg(DMA_SOURCE::from(command.source))?;
    device.try_write_reg(DMA_DESTINATION::from(command.destination))?;
    device.write_reg(DMA_COUNT::from(command.count));
    device.write_reg(
        DMA_COMMAND::zeroed()
            .with_to_memory(command.to_memory)
            .with_interrupt(true)
            .with_run(true),
    );
    Ok(())
}

#[cfg(qos_test)]
#[kunit_tests(edu_regs)]
mod tests {
    use super::*;
    use crate::transfer::{
        Direction,
        Extent, //
    };
    use core::cell::Cell;
    use kernel::{
        io::{
            IoBackend,
            IoBase, //
        },
        ptr::KnownSize,
    };

    /// Stands for a device: answers what it was made to, keeps what is written, in order.
    struct Device {
        identification: u32,
        /// Reading the liveness register gives what was written, with these bits flipped.
        flipped: u32,
        raised: u32,
        liveness: Cell<u32>,
        /// Offset, width in bytes, value.
        written: [Cell<(usize, usize, u64)>; 8],
        count: Cell<usize>,
    }

    impl Device {
        fn new(identification: u32, flipped: u32, raised: u32) -> Self {
            Self {
                identification,
                flipped,
                raised,
                liveness: Cell::new(0),
                written: [const { Cell::new((0, 0, 0)) }; 8],
                count: Cell::new(0),
            }
        }

        fn registers(&self) -> View<'_, Region<END>> {
            View {
                device: self,
                ptr: Region::ptr_from_raw_parts_mut(core::ptr::null_mut(), END),
            }
        }

        fn write(&self, offset: usize, width: usize, value: u64) {
            if let Some(cell) = self.written.get(self.count.get()) {
                cell.set((offset, width, value));
            }
            self.count.set(self.count.get() + 1);
        }

        /// Whether exactly this was written, in this order.
        fn got(&self, expect: &[(usize, usize, u64)]) -> bool {
            self.count.get() == expect.len()
                && self
                    .written
                    .iter()
                    .zip(expect)
                    .all(|(cell, expect)| cell.get() == *expect)
        }
    }

    /// A part of the device's registers; the address of `ptr` is the offset.
    struct View<'a, T: ?Sized> {
        device: &'a Device,
        ptr: *mut T,
    }

    impl<T: ?Sized> Copy for View<'_, T> {}
    impl<T: ?Sized> Clone for View<'_, T> {
        fn clone(&self) -> Self {
            *self
        }
    }

    struct DeviceBackend;

    impl IoBackend for DeviceBackend {
        type View<'a, T: ?Sized + KnownSize> = View<'a, T>;

        fn as_ptr<'a, T: ?Sized + KnownSize>(view: Self::View<'a, T>) -> *mut T {
            view.ptr
        }

        unsafe fn project_view<'a, T: ?Sized + KnownSize, U: ?Sized + KnownSize>(
            view: Self::View<'a, T>,
            ptr: *mut U,
        ) -> Self::View<'a, U> {
            View {
                device: view.device,
                ptr,
            }
        }
    }

    impl<'a, T: ?Sized + KnownSize> IoBase<'a> for View<'a, T> {
        type Backend = DeviceBackend;
        type Target = T;

        fn as_view(self) -> Self {
            self
        }
    }

    impl IoCapable<u32> for DeviceBackend {
        fn io_read(view: View<'_, u32>) -> u32 {
            match view.ptr.addr() {
                0x00 => view.device.identification,
                0x04 => view.device.liveness.get() ^ view.device.flipped,
                0x24 => view.device.raised,
                _ => !0,
            }
        }

        fn io_write(view: View<'_, u32>, value: u32) {
            if view.ptr.addr() == 0x04 {
                view.device.liveness.set(value);
            }
            view.device.write(view.ptr.addr(), 4, value.into());
        }
    }

    impl IoCapable<u64> for DeviceBackend {
        fn io_read(_view: View<'_, u64>) -> u64 {
            !0
        }

        fn io_write(view: View<'_, u64>, value: u64) {
            view.device.write(view.ptr.addr(), 8, value);
        }
    }

    #[test]
    fn a_device_is_identified() {
        let cases = [
            (0x0100_00ed, !0, Ok((1, 0))),
            (0xff07_00ed, !0, Ok((0xff, 7))),
            (0x0100_00ee, !0, Err(Mismatch::Identification(0x0100_00ee))),
            (0x0100_10ed, !0, Err(Mismatch::Identification(0x0100_10ed))),
            (0xffff_ffff, !0, Err(Mismatch::Identification(0xffff_ffff))),
            (0x0100_00ed, 0, Err(Mismatch::Liveness(0x5aa5_0ff0))),
            (0x0100_00ed, !1, Err(Mismatch::Liveness(!0x5aa5_0ff1))),
        ];
        for (identification, flipped, expect) in cases {
            let device = Device::new(identification, flipped, 0);
            assert!(identify(device.registers()) == expect);
        }
    }

    #[test]
    fn what_is_raised_is_acknowledged() {
        for (raised, factorial, transfer) in [
            (0x001, true, false),
            (0x100, false, true),
            (0x101, true, true),
            (0x010, false, false),
        ] {
            let device = Device::new(0, 0, raised);
            let taken = take_interrupts(device.registers());
            assert_eq!(taken.factorial(), factorial);
            assert_eq!(taken.transfer(), transfer);
            assert!(device.got(&[(0x64, 4, raised.into())]));
        }
        let device = Device::new(0, 0, 0);
        assert_eq!(take_interrupts(device.registers()).into_raw(), 0);
        assert!(device.got(&[]));
    }

    #[test]
    fn a_silenced_device_raises_nothing() {
        let device = Device::new(0, 0, 0x101);
        silence(device.registers());
        assert!(device.got(&[(0x20, 4, 0), (0x64, 4, 0x101)]));
    }

    #[test]
    fn the_interrupt_is_asked_for_before_the_number_is_given() {
        for number in [0, 5, u32::MAX] {
            let device = Device::new(0, 0, 0);
            start_factorial(device.registers(), number);
            assert!(device.got(&[(0x20, 4, 0x80), (0x08, 4, number.into())]));
        }
    }

    #[test]
    fn the_command_is_written_last() {
        for (direction, source, destination, command) in [
            (Direction::ToDevice, 0x1000, 0x40000, 0b101),
            (Direction::FromDevice, 0x40000, 0x1000, 0b111),
        ] {
            let device = Device::new(0, 0, 0);
            let transfer = Extent::at(0, 7).and_then(|part| {
                let part = part.ok_or(EINVAL)?;
                Command::new(direction, part, 0x1000, !0)
            });
            let started =
                transfer.and_then(|transfer| start_transfer(device.registers(), &transfer));
            assert_eq!(started, Ok(()));
            let expect = [
                (0x80, 8, source),
                (0x88, 8, destination),
                (0x90, 4, 7),
                (0x98, 4, command),
            ];
            assert!(device.got(&expect));
        }
    }
}
