// SPDX-License-Identifier: MIT OR Apache-2.0
//! Drivers with hardware or a software replacement: QEMU's test device, a USB gadget, software disks, binder.

use crate::run;
use qos_boot_tests::{Initramfs, drivers, drivers_with, ssdt};
use qos_driver_guests as guest;
use std::path::Path;
use std::time::Duration;

#[test]
fn pci_driver_counts_what_it_writes_to_the_test_device() {
    let script = "modprobe rust_driver_pci\nls /sys/bus/pci/drivers/rust_driver_pci | grep -c 0000:\n\
                  rmmod rust_driver_pci\n";
    run(drivers().device("pci-testdev"), script)
        .stdout_is("1\n")
        .console_has("pci-testdev data-match count: 1")
        .console_has("pci-testdev config space read16 vendor ID: 1b36");
}

#[test]
fn dma_driver_finds_its_values_in_coherent_memory() {
    // It compares when it is removed; a difference panics.
    let ended = run(drivers().device("pci-testdev"), "modprobe rust_dma\nrmmod rust_dma\n");
    ended
        .console_has("Probe DMA test driver.")
        .console_has("Unload DMA test driver.")
        .console_has("Entry[0]: DMA address: 0x");
}

#[test]
fn auxiliary_driver_is_connected_to_its_parent_twice() {
    let script = "modprobe rust_driver_auxiliary\nls /sys/bus/auxiliary/devices\nrmmod rust_driver_auxiliary\n\
                  ls /sys/bus/auxiliary/devices | wc -l\n";
    run(drivers().device("pci-testdev"), script)
        .stdout_is("rust_driver_auxiliary.auxiliary.0\nrust_driver_auxiliary.auxiliary.1\n0\n")
        .console_has("Connected to auxiliary device with index 0.")
        .console_has("Connected to auxiliary device with index 1 (via Mutex).");
}

#[test]
fn usb_driver_is_bound_to_a_gadget_with_its_identity() {
    let script = "modprobe rust_driver_usb\nmodprobe dummy_hcd\nmodprobe usb_f_ss_lb\n\
                  modprobe g_zero idVendor=0x1234 idProduct=0x5678\n\
                  until ls /sys/bus/usb/drivers/rust_driver_usb | grep -q ':'; do sleep 0.1; done\n\
                  cat /sys/bus/usb/devices/1-1/idVendor /sys/bus/usb/devices/1-1/idProduct\n\
                  rmmod g_zero\nwhile test -e /sys/bus/usb/devices/1-1; do sleep 0.1; done\nrmmod rust_driver_usb\n";
    run(drivers().timeout(Duration::from_secs(60)), script)
        .stdout_is("1234\n5678\n")
        .console_has("Rust USB driver sample probed")
        .console_has("Rust USB driver sample disconnected");
}

#[test]
fn serdev_driver_is_bound_to_a_serial_port_that_acpi_gives_it() {
    let port = "\\_SB.PCI0.S08.COM2";
    let table = ssdt::Device::default().on_serial_port(port).table();
    let first = Initramfs::new().file("/kernel/firmware/acpi/ssdt.aml", 0o644, table);
    // A port with a device at its end is no terminal.
    let script = "modprobe rust_driver_serdev\nls /sys/bus/serial/drivers/rust_driver_serdev | grep serial\n\
                  test ! -e /dev/ttyS1\nrmmod rust_driver_serdev\n";
    run(drivers_with(first).device("isa-serial"), script).stdout_is("serial0-0\n");
}

/// A null device stores nothing: its statistics show the requests, in sectors of 512 bytes
/// (Documentation/block/stat.rst).
#[test]
fn rnull_reads_and_writes_as_it_was_configured() {
    let script = "modprobe rnull_mod\ncd /sys/kernel/config/rnull\ncat features\nmkdir disk\ncd disk\n\
                  cat blocksize size irqmode power\necho 8 >size\necho 512 >blocksize\necho 1 >irqmode\n\
                  echo 513 >blocksize && exit 1\necho 1 >power\necho 9 >size && exit 1\n\
                  cat /sys/block/disk/size /sys/block/disk/queue/logical_block_size\n\
                  dd if=/dev/zero of=/dev/disk bs=64K count=16 conv=fsync 2>/dev/null\n\
                  set -- $(cat /sys/block/disk/stat)\necho \"$7 written\"\nread=$3\n\
                  echo 0 >/sys/block/disk/queue/read_ahead_kb\n\
                  dd if=/dev/disk of=/dev/null bs=64K count=16 skip=16 2>/dev/null\n\
                  set -- $(cat /sys/block/disk/stat)\necho \"$(($3 - read)) read\"\n\
                  dd if=/dev/zero of=/dev/disk bs=1M count=9 2>/dev/null && exit 1\n\
                  echo 0 >power\ntest ! -e /dev/disk\ncd ..\nrmdir disk\ncd /\nrmmod rnull_mod\n";
    run(drivers(), script)
        .stdout_is(
            "blocksize,size,rotational,irqmode\n4096\n4096\n0\n0\n16384\n512\n2048 written\n2048 read\n",
        )
        .console_has("rnull_mod: Rust null_blk loaded");
}

#[test]
fn binder_carries_a_transaction_and_its_reply() {
    let program = Initramfs::new().program("/binder", Path::new(guest::BINDER));
    let script = "mkdir /dev/binderfs\nmount -t binder -o stats=global binder /dev/binderfs\nls /dev/binderfs\n/binder\n\
                  grep -c 'BC_TRANSACTION: 1' /dev/binderfs/binder_logs/stats\n";
    run(drivers().initramfs(program), script)
        .stdout_has("binder-control\n")
        .stdout_has("manager got code 7\n")
        .stdout_has("client got TRANSACTION\n")
        .stdout_has("client ended with 0\n")
        .stdout_has("\n1\n");
}

/// No machine of QEMU has this hardware: they register with their bus, and go.
#[test]
fn drivers_without_hardware_register() {
    let script = "list() { ls /sys/bus/mdio_bus/drivers /sys/bus/pci/drivers /sys/bus/auxiliary/drivers |\n\
                  grep -e Asix -e QT2025 -e nova; }\n\
                  modprobe ax88796b_rust\nmodprobe qt2025\nmodprobe nova_core\nmodprobe nova_drm\nlist\n\
                  rmmod nova_drm nova_core qt2025 ax88796b_rust\ntest -z \"$(list)\"\n";
    run(drivers(), script).stdout_is(
        "nova-drm.nova-drm\nAsix Electronics AX88772A\nAsix Electronics AX88772C\nAsix Electronics AX88796B\n\
         QT2025 10Gpbs SFP+\nnova-core\n",
    );
}
