// SPDX-License-Identifier: GPL-2.0

//! What the kernel crate of 7.3 leaves to `unsafe`: all of it that this driver needs is here.

use crate::devices::Table;
use kernel::{
    bindings,
    device::{
        Bound,
        Core, //
    },
    dma::{
        Device as _,
        DmaMask, //
    },
    irq::{
        Flags,
        Handler,
        IrqRequest,
        Registration, //
    },
    pci::{
        self,
        IrqType,
        IrqTypes,
        IrqVectorRegistration, //
    },
    prelude::*,
};

/// What [`pci::DeviceId::from_id`] would give, for vendors that [`pci::Vendor`] has no name for.
pub(crate) const fn device_id(vendor: u16, device: u16) -> pci::DeviceId {
    let id = bindings::pci_device_id {
        vendor: vendor as u32,
        device: device as u32,
        subvendor: !0,
        subdevice: !0,
        class: 0,
        class_mask: 0,
        driver_data: 0,
        override_only: 0,
    };
    // SAFETY: `DeviceId` is a `repr(transparent)` wrapper of `pci_device_id` without invariants.
    unsafe { core::mem::transmute::<bindings::pci_device_id, pci::DeviceId>(id) }
}

/// Says which addresses the device can drive.
///
/// # Errors
///
/// `EIO` if the kernel has no memory there.
pub(crate) fn set_dma_mask(pdev: &pci::Device<Core<'_>>, mask: DmaMask) -> Result {
    // SAFETY: `Core` says that the device is being probed or removed, and this driver allocates DMA
    // memory in `probe` only, in one thread and after this.
    unsafe { pdev.dma_set_mask_and_coherent(mask) }
}

/// A device's one interrupt, MSI or else INTx, with its handler.
#[pin_data]
pub(crate) struct Interrupt<'a, H: Handler> {
    // The order of the fields matters: the handler goes first, then its vector.
    #[pin]
    registration: Registration<'a, H>,
    vectors: IrqVectorRegistration<'a>,
}

impl<'a, H: Handler + 'a> Interrupt<'a, H> {
    /// Requests it; `/proc/interrupts` shows it as `name`. The handler may be called at once.
    pub(crate) fn request(
        pdev: &'a pci::Device<Bound>,
        name: &'static CStr,
        handler: H,
    ) -> impl PinInit<Self, Error> + 'a {
        pin_init::pin_init_scope(move || {
            let types = IrqTypes::default().with(IrqType::Msi).with(IrqType::Intx);
            let vectors = pdev.alloc_irq_vectors(1, 1, types)?;
            let request: IrqRequest<'_> = vectors.index(0)?.into();
            // SAFETY: Only the lifetime changes; a request holds a number and no pointer. The
            // lifetime says that the vectors outlive the handler: `Self` has both, and drops the
            // registration before the vectors.
            let request =
                unsafe { core::mem::transmute::<IrqRequest<'_>, IrqRequest<'a>>(request) };
            // SAFETY: The registration becomes a field of `Self`, which is pinned and has no way to
            // give it away; `Self` is kept in the driver's data of the device, which the kernel drops.
            let registration =
                unsafe { Registration::new(request, Flags::SHARED, name, Ok(handler)) };
            Ok(try_pin_init!(Self {
                vectors,
                registration <- registration,
            }))
        })
    }

    /// What kind of interrupt the kernel has chosen.
    pub(crate) fn kind(&self) -> &'static str {
        match self.vectors.irq_type() {
            IrqType::Msi => "MSI",
            IrqType::MsiX => "MSI-X",
            IrqType::Intx => "INTx",
        }
    }
}

kernel::sync::global_lock! {
    // SAFETY: `init_devices` initialises it, before there is a driver that uses it.
    pub(crate) unsafe(uninit) static DEVICES: Mutex<Table> = Table::new();
}

/// Initialises [`DEVICES`]. For the module's initialiser.
pub(crate) fn init_devices() {
    // SAFETY: Called once, by the module's initialiser before it registers the driver.
    unsafe { DEVICES.init() };
}
