// SPDX-License-Identifier: MIT OR Apache-2.0
//! The samples in samples/rust that need no hardware, and the Rust code in lib/.

use crate::{PLUG, UNPLUG, run};
use qos_boot_tests::{Initramfs, drivers, ssdt};
use qos_driver_guests as guest;
use std::path::Path;

#[test]
fn minimal_has_parameters_and_says_its_numbers_when_it_goes() {
    let script = "modprobe rust_minimal test_parameter=-7 test_bool_parameter=1\n\
                  rmmod rust_minimal\ntest ! -e /sys/module/rust_minimal\n";
    run(drivers(), script)
        .console_has("rust_minimal: Am I built-in? false")
        .console_has("rust_minimal: test_parameter: -7")
        .console_has("rust_minimal: test_bool_parameter: true")
        .console_has("rust_minimal: My numbers are [72, 108, 200]")
        .console_has("rust_minimal: Rust minimal sample (exit)");
}

#[test]
fn minimal_refuses_a_parameter_that_is_no_number() {
    let ended =
        run(drivers(), "modprobe rust_minimal test_parameter=seven && exit 1\nmodprobe rust_minimal\n");
    ended.console_has("`seven' invalid for parameter `test_parameter'").console_has("test_parameter: 1");
}

#[test]
fn print_has_every_level_and_continued_lines() {
    let ended = run(drivers().append("ignore_loglevel"), "modprobe rust_print\nrmmod rust_print\n");
    ["Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Info"]
        .into_iter()
        .enumerate()
        .fold(ended, |ended, (level, name)| {
            ended.console_has(&format!("rust_print: {name} message (level {level}) with args"))
        })
        .console_has("rust_print: A line that is continued with args")
        .console_has("rust_print: Arc<dyn Display> says 42")
        .console_has("rust_print: Rust printing macros sample (exit)");
}

#[test]
fn find_bit_benchmark_ends_with_its_results() {
    let ended = run(drivers(), "modprobe find_bit_benchmark_rust && exit 1\ntrue\n");
    ended.console_has("next_bit: ").console_has("next_zero_bit: ");
}

#[test]
fn misc_device_answers_ioctls_reads_and_writes() {
    let program = Initramfs::new().program("/misc-device", Path::new(guest::MISC_DEVICE));
    run(drivers().initramfs(program), "modprobe rust_misc_device\n/misc-device\nrmmod rust_misc_device\n")
        .stdout_is(
            "value at first 0\nvalue after 42 was set 42\nset from a bad address -14\nunknown ioctl -25\n\
             written 19\nthrough the driver\n",
        )
        .console_has("-> Hello from the Rust Misc Device")
        .console_has("Exiting the Rust Misc Device Sample");
}

#[test]
fn configfs_has_attributes_and_makes_groups() {
    let script = "modprobe rust_configfs\ncd /sys/kernel/config/rust_configfs\ncat message\n\
                  echo written >bar\ncat bar\nmkdir child child/grandchild\ncat child/baz child/grandchild/gc\n\
                  mkdir child/grandchild/more 2>/dev/null && exit 1\n\
                  rmmod rust_configfs 2>/dev/null && exit 1\n\
                  rmdir child/grandchild child\ncd /\nrmmod rust_configfs\n";
    run(drivers(), script).stdout_is("Hello World\nwritten\nHello Baz\nHello GC\n");
}

#[test]
fn debugfs_scoped_makes_and_removes_files() {
    let script = "modprobe rust_debugfs_scoped\ncd /sys/kernel/debug/rust_scoped_debugfs\n\
                  echo 'thing 5 6' >control/create\ncat dynamic/thing/0 dynamic/thing/1\n\
                  echo 77 >dynamic/thing/1\ncat dynamic/thing/1\nhead -c 3 dynamic/thing/blob\necho\n\
                  echo 'bad x' >control/create && exit 1\n\
                  echo thing >control/remove\nls dynamic | wc -l\ncd /\nrmmod rust_debugfs_scoped\n\
                  test ! -e /sys/kernel/debug/rust_scoped_debugfs\n";
    run(drivers(), script).stdout_is("5\n6\n77\nBBB\n0\n");
}

#[test]
fn faux_device_comes_and_goes_with_its_module() {
    let device = "/sys/bus/faux/devices/rust-faux-sample-device";
    let script =
        format!("modprobe rust_driver_faux\ntest -e {device}\nrmmod rust_driver_faux\ntest ! -e {device}\n");
    run(drivers(), &script).console_has("rust-faux-sample-device: Hello from faux device!");
}

/// The guest with a table of ACPI for the device that the platform samples match.
fn with_device() -> qos_boot_tests::Boot {
    let table = ssdt::Device::default().compatible("sample-debugfs").table();
    drivers().initramfs(Initramfs::new().file("/ssdt.aml", 0o644, table))
}

#[test]
fn platform_driver_is_bound_to_a_device_that_acpi_adds() {
    let script =
        "modprobe rust_driver_platform\nls -d /sys/bus/platform/drivers/rust_driver_platform/LNUXBEEF:00\n";
    let script = format!("{PLUG}{script}{UNPLUG}rmmod rust_driver_platform\n");
    run(with_device(), &script)
        .stdout_has("LNUXBEEF:00")
        .console_has("rust_driver_platform LNUXBEEF:00: Probed with info: '0'.");
}

#[test]
fn debugfs_has_a_property_numbers_and_blobs() {
    let script = "modprobe rust_debugfs\ncd /sys/kernel/debug/sample_debugfs\ncat compatible counter\n\
                  echo 5 >counter\ncat counter pair\necho '1 2' >pair\ncat pair\necho 1 >pair && exit 1\n\
                  cat array_blob\necho\nprintf ABCD >array_blob\ncat array_blob\necho\ncat vector_blob | wc -c\n\
                  cd /\nrmmod rust_debugfs\ntest ! -e /sys/kernel/debug/sample_debugfs\n";
    run(with_device(), &format!("{PLUG}{script}")).stdout_is(
        "\"sample-debugfs\"\n91\n5\nInner { x: 10, y: 42 }\nInner { x: 1, y: 2 }\nblob\nABCD\n4096\n",
    );
}

#[test]
fn soc_driver_describes_the_machine() {
    let script = "modprobe rust_soc\ncd /sys/bus/soc/devices/soc0\n\
                  cat machine family revision serial_number soc_id\ncd /\nrmmod rust_soc\n\
                  test ! -e /sys/bus/soc/devices/soc0\n";
    run(with_device(), &format!("{PLUG}{script}"))
        .stdout_is("My cool ACME15 dev board\nACME\n1.2\n12345\nACME15\n");
}

#[test]
fn i2c_client_makes_the_device_that_the_i2c_driver_is_bound_to() {
    let script = "modprobe i2c-stub chip_addr=0x30\nmodprobe rust_driver_i2c\nmodprobe rust_i2c_client\n\
                  cat /sys/bus/i2c/devices/0-0030/name\nls /sys/bus/i2c/drivers/rust_driver_i2c | grep 0030\n\
                  rmmod rust_i2c_client\ntest ! -e /sys/bus/i2c/devices/0-0030\nrmmod rust_driver_i2c\n";
    run(with_device(), &format!("{PLUG}{script}"))
        .stdout_is("rust_driver_i2c\n0-0030\n")
        .console_has("Probe Rust I2C Client registration sample.")
        .console_has("rust_driver_i2c 0-0030: Probe Rust I2C driver sample.")
        .console_has("rust_driver_i2c 0-0030: Unbind Rust I2C driver sample.");
}
