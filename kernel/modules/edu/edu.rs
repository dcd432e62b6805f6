// SPDX-License-Identifier: GPL-2.0

//! A driver for QEMU's `edu`, the device that people learn to write PCI drivers with
//! (`-device edu`, docs/specs/edu.rst of QEMU).
//!
//! It has registers, an interrupt and a DMA engine; a program has two files for each device N:
//!
//! - `/dev/eduN`: write a decimal number, and read its factorial as the device computes it, modulo
//!   2^32. A file that nothing was written to reads the device's last result.
//! - `/dev/eduN-buffer`: the 4096 bytes that the device has. Each read or write is one transfer by
//!   DMA; behind the end there is nothing to read, and writing gives `ENOSPC`.
//!
//! Both wait for the device's interrupt, `timeout_ms` at most, and then give `ETIMEDOUT`. They belong
//! to root with mode 0600, devtmpfs' default.
//!
//! The device drives 28 address bits (its `dma_mask=`; `dma_bits` says it to the driver). Without
//! memory that is within (`CONFIG_ZONE_DMA`) there is no DMA: `/dev/eduN-buffer` gives `EOPNOTSUPP`.

use device::{
    Connection,
    Edu,
    InterruptHandler,
    Memory,
    Registers, //
};
use devices::Slot;
use files::{
    BufferFile,
    NumberFile, //
};
use kernel::{
    device::Core,
    dma::DmaMask,
    driver,
    miscdevice::{
        MiscDeviceOptions,
        MiscDeviceRegistration, //
    },
    pci,
    prelude::*,
    time, //
};
use raw::Interrupt;
use regs::Mismatch;

mod device;
mod devices;
mod files;
mod number;
mod raw;
mod regs;
mod transfer;

module! {
    type: EduModule,
    name: "edu",
    authors: ["qos"],
    description: "Driver for QEMU's edu device: factorials by interrupt, a buffer by DMA",
    license: "GPL",
    params: {
        timeout_ms: u32 {
            default: 2000,
            description: "How long to wait for the device's interrupt, in milliseconds (default 2000)",
        },
        dma_bits: u32 {
            default: 28,
            description: "Address bits that the device drives (its dma_mask; default 28)",
        },
    },
}

/// The loaded module.
#[pin_data]
struct EduModule {
    #[pin]
    _driver: driver::Registration<pci::Adapter<EduDriver>>,
}

impl kernel::InPlaceModule for EduModule {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        raw::init_devices();
        try_pin_init!(Self {
            _driver <- driver::Registration::new(<Self as kernel::ModuleMetadata>::NAME, module),
        })
    }
}

struct EduDriver;

kernel::pci_device_table!(
    PCI_TABLE,
    <EduDriver as pci::Driver>::IdInfo,
    [(raw::device_id(0x1234, 0x11e8), ())]
);

/// What the driver has for a device that it is bound to. Fields are dropped in order: no file can be
/// opened any more, open ones are disconnected, and only then the interrupt is given back.
#[pin_data]
struct EduData<'bound> {
    #[pin]
    _numbers: MiscDeviceRegistration<NumberFile>,
    #[pin]
    _buffer: MiscDeviceRegistration<BufferFile>,
    _slot: Slot,
    _connection: Connection,
    #[pin]
    _interrupt: Interrupt<'bound, InterruptHandler>,
}

impl pci::Driver for EduDriver {
    type IdInfo = ();
    type Data<'bound> = EduData<'bound>;

    const ID_TABLE: pci::IdTable<Self::IdInfo> = &PCI_TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            let registers = pdev.iomap_region_sized::<{ regs::END }>(0, c"edu")?;
            let (major, minor) = identify(pdev, &registers)?;
            regs::silence(&registers);
            pdev.set_master();

            let memory = memory(pdev, module_parameters::dma_bits.value())?;
            let dma = if memory.is_some() { "DMA" } else { "no DMA" };
            let timeout = time::msecs_to_jiffies(module_parameters::timeout_ms.value());
            let edu = Edu::new(pdev.into(), registers.into_devres()?, memory, timeout)?;
            let slot = Slot::take(edu.clone())
                .inspect_err(|_| dev_err!(pdev, "there are names for 4 devices only\n"))?;
            let names = slot.names();
            let options = |name| MiscDeviceOptions { name };

            Ok(try_pin_init!(EduData {
                _interrupt <- Interrupt::request(pdev, names.numbers, InterruptHandler(edu.clone())),
                _connection: Connection(edu),
                _slot: slot,
                // Last: they may be opened as soon as they are registered.
                _buffer <- MiscDeviceRegistration::register(options(names.buffer)),
                _numbers <- MiscDeviceRegistration::register(options(names.numbers)),
                _: {
                    dev_info!(
                        pdev,
                        "version {major}.{minor}, {}, {dma}: {}\n",
                        _interrupt.kind(),
                        names.numbers
                    );
                },
            }))
        })
    }
}

/// Checks that there is an `edu`, and gives its version.
fn identify(pdev: &pci::Device<Core<'_>>, registers: &Registers<'_>) -> Result<(u32, u32)> {
    regs::identify(registers).map_err(|mismatch| {
        match mismatch {
            Mismatch::Identification(read) => dev_err!(
                pdev,
                "no edu: its identification is {read:#010x}, not 0x....{:04x}\n",
                regs::PATTERN
            ),
            Mismatch::Liveness(read) => {
                dev_err!(
                    pdev,
                    "does not answer: its liveness check gives {read:#010x}\n"
                )
            }
        }
        ENODEV
    })
}

/// Memory for DMA, if the device can reach any.
///
/// # Errors
///
/// `EINVAL` if there cannot be so many bits.
fn memory(pdev: &pci::Device<Core<'_>>, bits: u32) -> Result<Option<Memory>> {
    let mask = DmaMask::try_new(bits)
        .inspect_err(|_| dev_err!(pdev, "dma_bits={bits}: an address has 64 bits at most\n"))?;
    let memory = raw::set_dma_mask(pdev, mask).and_then(|()| Memory::new(pdev, mask.value()));
    Ok(memory
        .inspect_err(|error| {
            dev_warn!(
                pdev,
                "no memory for DMA within {bits} bits (error {}): factorials only\n",
                error.to_errno()
            );
        })
        .ok())
}
