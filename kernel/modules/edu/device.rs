// SPDX-License-Identifier: GPL-2.0

//! One `edu` device: its two engines, and waiting for its interrupts.
//!
//! The engines, factorial and DMA, work independently of each other, so each has its own mutex. An
//! operation holds it, starts the engine, and sleeps until the interrupt has come. A caller that is
//! ended by a signal, or whose time is up, leaves the engine working: the next operation first waits
//! until it is idle, and an interrupt that comes late is not taken for the next one's.

use crate::{
    regs,
    transfer::{
        Command,
        Direction,
        Extent,
        BUFFER_SIZE, //
    },
};
use kernel::{
    device::Bound,
    dma::Coherent,
    io::{
        io_project,
        poll,
        Io, //
    },
    irq::{
        self,
        IrqReturn, //
    },
    pci,
    prelude::*,
    sync::{
        aref::ARef,
        new_condvar,
        new_mutex,
        new_spinlock_irq,
        Arc,
        CondVar,
        CondVarTimeoutResult,
        Mutex,
        MutexGuard,
        SpinLockIrq, //
    },
    time::{
        Delta,
        Jiffies, //
    },
};

/// BAR 0, as far as there are registers.
pub(crate) type Registers<'a> = pci::Bar<'a, { regs::END }>;

/// Memory that the device can reach.
pub(crate) struct Memory {
    bytes: Coherent<[u8]>,
    /// The addresses that the device can drive.
    mask: u64,
}

impl Memory {
    /// As much as the device's buffer has, below `mask`, which the device was told.
    pub(crate) fn new(pdev: &pci::Device<Bound>, mask: u64) -> Result<Self> {
        let bytes = Coherent::zeroed_slice(pdev.as_ref(), BUFFER_SIZE, GFP_KERNEL)?;
        Ok(Self { bytes, mask })
    }
}

/// The device's engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    Factorial,
    Dma,
}

/// What the interrupt handler has seen.
struct Events {
    raised: regs::INTERRUPT_STATUS,
    /// The driver has left the device: nothing more will come.
    gone: bool,
}

impl Events {
    /// Whether the engine's interrupt has come since this was asked last.
    fn take(&mut self, engine: Engine) -> bool {
        let raised = self.raised;
        let (came, rest) = match engine {
            Engine::Factorial => (raised.factorial(), raised.with_factorial(false)),
            Engine::Dma => (raised.transfer(), raised.with_transfer(false)),
        };
        self.raised = rest;
        came
    }
}

/// One device. Open files share it, so it may outlive the driver's binding; every operation is
/// `ENODEV` then.
#[pin_data]
pub(crate) struct Edu {
    device: ARef<pci::Device>,
    registers: pci::DevresBar<{ regs::END }>,
    /// How long an operation waits.
    timeout: Jiffies,
    #[pin]
    events: SpinLockIrq<Events>,
    /// Notified when `events` changes.
    #[pin]
    changed: CondVar,
    #[pin]
    factorial: Mutex<()>,
    /// No memory: the device cannot do DMA here.
    #[pin]
    dma: Mutex<Option<Memory>>,
}

impl Edu {
    /// A device whose interrupt is not yet requested.
    pub(crate) fn new(
        device: ARef<pci::Device>,
        registers: pci::DevresBar<{ regs::END }>,
        memory: Option<Memory>,
        timeout: Jiffies,
    ) -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                device,
                registers,
                timeout,
                events <- new_spinlock_irq!(Events {
                    raised: regs::INTERRUPT_STATUS::zeroed(),
                    gone: false,
                }),
                changed <- new_condvar!(),
                factorial <- new_mutex!(()),
                dma <- new_mutex!(memory),
            }),
            GFP_KERNEL,
        )
    }

    /// Computes a factorial, modulo 2^32.
    ///
    /// # Errors
    ///
    /// `EBUSY` if an earlier computation does not end in time, `ETIMEDOUT` if this one does not,
    /// `ERESTARTSYS` if a signal comes, `ENODEV` if the driver leaves the device.
    pub(crate) fn factorial(&self, number: u32) -> Result<u32> {
        let _turn = self.factorial.lock();
        self.prepare(Engine::Factorial)?;
        self.with_registers(|registers| regs::start_factorial(registers, number))?;
        self.finish(Engine::Factorial)?;
        self.with_registers(|registers| registers.read(regs::FACTORIAL).into_raw())
    }

    /// What the factorial register holds: the last result, 0 if there was none.
    ///
    /// # Errors
    ///
    /// As for [`Self::factorial`].
    pub(crate) fn last_factorial(&self) -> Result<u32> {
        let _turn = self.factorial.lock();
        self.prepare(Engine::Factorial)?;
        self.with_registers(|registers| registers.read(regs::FACTORIAL).into_raw())
    }

    /// Transfers `bytes` to a part of the device's buffer.
    ///
    /// # Errors
    ///
    /// `EOPNOTSUPP` if the device has no memory that it reaches, `EINVAL` if there are not as many
    /// bytes as the part has, and as for [`Self::factorial`].
    pub(crate) fn write_buffer(&self, part: Extent, bytes: &[u8]) -> Result {
        self.transfer(Direction::ToDevice, part, |memory| {
            if bytes.len() != part.length() {
                return Err(EINVAL);
            }
            io_project!(memory, [try: ..bytes.len()]).copy_from_slice(bytes);
            Ok(())
        })
        .map(drop)
    }

    /// Transfers a part of the device's buffer to `bytes`.
    ///
    /// # Errors
    ///
    /// As for [`Self::write_buffer`].
    pub(crate) fn read_buffer(&self, part: Extent, bytes: &mut [u8]) -> Result {
        if bytes.len() != part.length() {
            return Err(EINVAL);
        }
        let dma = self.transfer(Direction::FromDevice, part, |_| Ok(()))?;
        let memory = dma.as_ref().ok_or(EOPNOTSUPP)?;
        io_project!(&memory.bytes, [try: ..bytes.len()]).copy_to_slice(bytes);
        Ok(())
    }

    /// Does a transfer, for which `fill` has prepared the memory, and keeps the memory locked.
    fn transfer(
        &self,
        direction: Direction,
        part: Extent,
        fill: impl FnOnce(&Coherent<[u8]>) -> Result,
    ) -> Result<MutexGuard<'_, Option<Memory>>> {
        let dma = self.dma.lock();
        // First, because a transfer that was given up may still use the memory.
        self.prepare(Engine::Dma)?;
        let memory = dma.as_ref().ok_or(EOPNOTSUPP)?;
        fill(&memory.bytes)?;
        let command = Command::new(direction, part, memory.bytes.dma_address(), memory.mask)?;
        self.with_registers(|registers| regs::start_transfer(registers, &command))??;
        self.finish(Engine::Dma)?;
        Ok(dma)
    }

    /// Waits until the engine is idle, and forgets what it has raised.
    fn prepare(&self, engine: Engine) -> Result {
        let idle = |events: &mut Events| {
            events.take(engine);
            Ok(!self.is_busy(engine)?)
        };
        if !self.wait(idle)? {
            return Err(EBUSY);
        }
        Ok(())
    }

    /// Waits until the engine's interrupt has come.
    fn finish(&self, engine: Engine) -> Result {
        // An interrupt that finds the engine busy is a late one, of an operation that was given up.
        let done = |events: &mut Events| Ok(events.take(engine) && !self.is_busy(engine)?);
        if self.wait(done)? {
            return Ok(());
        }
        if !self.is_busy(engine)? {
            dev_warn!(
                self.device,
                "{engine:?} has ended, but no interrupt came: bus mastering or MSI is off?\n"
            );
        }
        Err(ETIMEDOUT)
    }

    /// Sleeps until `met`, which is asked again whenever an interrupt has come; `false` if that takes
    /// too long.
    fn wait(&self, mut met: impl FnMut(&mut Events) -> Result<bool>) -> Result<bool> {
        let mut left = self.timeout;
        let mut events = self.events.lock();
        loop {
            if events.gone {
                return Err(ENODEV);
            }
            if met(&mut events)? {
                return Ok(true);
            }
            if left == 0 {
                return Ok(false);
            }
            left = match self.changed.wait_interruptible_timeout(&mut events, left) {
                CondVarTimeoutResult::Woken { jiffies } => jiffies,
                CondVarTimeoutResult::Timeout => 0,
                CondVarTimeoutResult::Signal { .. } => return Err(ERESTARTSYS),
            };
        }
    }

    fn is_busy(&self, engine: Engine) -> Result<bool> {
        self.with_registers(|registers| match engine {
            Engine::Factorial => registers.read(regs::STATUS).computing(),
            Engine::Dma => registers.read(regs::DMA_COMMAND).run(),
        })
    }

    /// Calls `f` with the registers, as long as the driver is bound. `f` must not sleep.
    fn with_registers<R>(&self, f: impl FnOnce(&Registers<'_>) -> R) -> Result<R> {
        let registers = self.registers.try_access().ok_or(ENODEV)?;
        Ok(f(&registers))
    }

    /// Ends every operation with `ENODEV`, and returns when the device does nothing any more.
    fn disconnect(&self) {
        self.events.lock().gone = true;
        self.changed.notify_all();
        // Whoever had a turn gives it back at once; whoever gets one now finds `gone`.
        let _turn = self.factorial.lock();
        let mut dma = self.dma.lock();
        let idle = poll::read_poll_timeout(
            || self.is_busy(Engine::Dma),
            |busy| !busy,
            Delta::from_millis(10),
            Delta::from_millis(1000),
        );
        let memory = dma.take();
        if idle.is_err() {
            dev_err!(self.device, "a transfer does not end: its memory is lost\n");
            core::mem::forget(memory);
        }
        // The registers are revoked after the driver's data is dropped, so they are there.
        let _ = self.with_registers(|registers| regs::silence(registers));
    }
}

/// Called for each interrupt of the device.
pub(crate) struct InterruptHandler(pub(crate) Arc<Edu>);

impl irq::Handler for InterruptHandler {
    fn handle(&self) -> IrqReturn {
        let edu = &*self.0;
        match edu.with_registers(|registers| regs::take_interrupts(registers)) {
            Ok(raised) if raised.into_raw() != 0 => {
                let mut events = edu.events.lock();
                events.raised = (events.raised.into_raw() | raised.into_raw()).into();
                drop(events);
                edu.changed.notify_all();
                IrqReturn::Handled
            }
            // Another device's, on a shared line.
            _ => IrqReturn::None,
        }
    }
}

/// A device in use; dropping it disconnects the device from whatever files are open.
pub(crate) struct Connection(pub(crate) Arc<Edu>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.disconnect();
    }
}
