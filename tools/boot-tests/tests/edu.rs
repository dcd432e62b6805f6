// SPDX-License-Identifier: MIT OR Apache-2.0
//! The driver of QEMU's `edu` (kernel/modules/edu), with the device: registers, interrupt, DMA.

use qos_boot_tests::built::{files_below, folder_of};
use qos_boot_tests::{Boot, Initramfs, boot};

/// The image with the driver at `/edu.ko`, and a script for its shell, whose commands all have to succeed.
fn with_driver(script: &str) -> Boot {
    let file = files_below(&folder_of("QOS_MODULES"), "/edu.ko").pop().expect("a module edu");
    let script = format!("set -e\n{script}");
    boot().overlay(Initramfs::new().program("/edu.ko", &file)).stdin(script)
}

/// A script that writes a number and reads the answer, for each of these.
fn factorials(numbers: &str) -> String {
    format!("exec 3<>/dev/edu0\nfor n in {numbers}; do echo $n >&3; cat <&3; done\n")
}

#[test]
fn factorials_are_those_of_the_device_and_each_is_an_interrupt() {
    let script = format!(
        "insmod /edu.ko\ncount() {{ grep edu0 /proc/interrupts | tr -s ' ' | cut -d' ' -f3; }}\ncount\n{}\
         cat /dev/edu0\ncount\nhead -c 1 /dev/edu0-buffer >/dev/null\ncount\n",
        factorials("0 1 5 12 13 33 34 5")
    );
    let expect = "0\n1\n1\n120\n479001600\n1932053504\n2147483648\n0\n120\n120\n8\n9\n";
    let ended = with_driver(&script).device("edu").run().expect_status(0).stdout_is(expect);
    ended.console_has("edu 0000:00:05.0: version 1.0, MSI, DMA: edu0");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let script = "insmod /edu.ko\nfor word in five -1 4294967296 123456789012 '5 5'; do\n\
                  if echo $word >/dev/edu0; then echo $word; exit 1; fi\ndone\ncat /dev/edu0\n\
                  head -c 4097 /dev/zero >/tmp/more\nif cat /tmp/more >/dev/edu0-buffer; then exit 1; fi\n\
                  cat /dev/edu0-buffer | wc -c\n";
    let ended = with_driver(script).device("edu").run().expect_status(0).stdout_is("0\n4096\n");
    ended.stderr_has("Invalid argument").stderr_has("out of range").stderr_has("No space left on device");
}

#[test]
fn the_buffer_keeps_what_dma_brings() {
    let script = "insmod /edu.ko\nhead -c 4096 /dev/urandom >/tmp/all\ncat /tmp/all >/dev/edu0-buffer\n\
                  cat /dev/edu0-buffer >/tmp/back\nsha256sum </tmp/all >/tmp/1\nsha256sum </tmp/back >/tmp/2\n\
                  read a </tmp/1; read b </tmp/2; test \"$a\" = \"$b\"; wc -c </tmp/back\n\
                  exec 3<>/dev/edu0-buffer\nprintf abc >&3\nprintf defghij >&3\ndd bs=1 count=1 <&3 >/tmp/rest 2>/dev/null\n\
                  head -c 11 /tmp/all | tail -c 1 >/tmp/11th; test \"$(od /tmp/11th)\" = \"$(od /tmp/rest)\"\n\
                  exec 3<>/dev/edu0-buffer\nfor n in 1 3 6; do dd bs=$n count=1 <&3 2>/dev/null; echo; done\n";
    with_driver(script).device("edu").run().expect_status(0).stdout_is("4096\na\nbcd\nefghij\n");
}

/// The device's messages are memory writes of its own: they stop when it may not write.
#[test]
fn an_interrupt_that_never_comes_is_an_error_and_no_hang() {
    let script = "insmod /edu.ko timeout_ms=300\nconfig=$(echo /sys/bus/pci/drivers/edu/*:*/config)\n\
                  command() { printf $1 | dd of=$config bs=1 seek=4 conv=notrunc 2>/dev/null; }\n\
                  command '\\003'\nif echo 5 >/dev/edu0; then exit 1; fi\n\
                  command '\\007'\necho 5 >/dev/edu0\ncat /dev/edu0\n";
    let ended = with_driver(script).device("edu").run().expect_status(0).stdout_is("120\n");
    ended.stderr_has("timed out").console_has("Factorial has ended, but no interrupt came");
}

/// The device multiplies for about a second. What comes late is not taken for the next answer.
#[test]
fn a_device_that_takes_too_long_is_busy_until_it_has_ended() {
    let script = "insmod /edu.ko timeout_ms=50\nif echo 1000000000 >/dev/edu0; then exit 1; fi\n\
                  if echo 5 >/dev/edu0; then exit 1; fi\nuntil echo 5 >/dev/edu0; do :; done\ncat /dev/edu0\n";
    let ended = with_driver(script).device("edu").run().expect_status(0).stdout_is("120\n");
    ended.stderr_has("timed out").stderr_has("busy");
}

#[test]
fn the_module_stays_while_a_file_is_open_and_comes_back() {
    let script = format!(
        "insmod /edu.ko\n{}if rmmod edu; then exit 1; fi\nexec 3>&-\nrmmod edu\n\
         test ! -e /dev/edu0\ninsmod /edu.ko\n{}",
        factorials("5"),
        factorials("6")
    );
    with_driver(&script).device("edu").run().expect_status(0).stdout_is("120\n720\n");
}

#[test]
fn there_is_no_dma_where_the_device_reaches_no_memory() {
    let script = "insmod /edu.ko dma_bits=20\necho 5 >/dev/edu0\ncat /dev/edu0\n\
                  if cat /dev/edu0-buffer; then exit 1; fi\nrmmod edu\ninsmod /edu.ko dma_bits=65\ntest ! -e /dev/edu0\n";
    let boot = with_driver(script).device("edu").allow_warning("edu *: probe with driver edu failed");
    let ended = boot.run().expect_status(0).stdout_is("120\n");
    let ended = ended.stderr_has("not supported").console_has("no memory for DMA within 20 bits");
    ended.console_has("dma_bits=65: an address has 64 bits at most");
}

/// Unlike the module, the device may go at any time.
#[test]
fn open_files_outlive_the_device() {
    let script = format!(
        "insmod /edu.ko\n{}exec 4</dev/edu0-buffer\necho 0000:00:05.0 >/sys/bus/pci/drivers/edu/unbind\n\
         if echo 5 >&3; then exit 1; fi\nif cat <&4; then exit 1; fi\ntest ! -e /dev/edu0\n\
         echo 0000:00:05.0 >/sys/bus/pci/drivers/edu/bind\necho 6 >/dev/edu0\ncat /dev/edu0\n",
        factorials("5")
    );
    let ended = with_driver(&script).device("edu").run().expect_status(0).stdout_is("120\n720\n");
    ended.stderr_has("No such device");
}

#[test]
fn without_a_device_there_is_nothing_in_dev() {
    let script = "insmod /edu.ko\nls /dev | grep -c edu || true\nls /sys/bus/pci/drivers/edu | grep -c : || true\nrmmod edu\n";
    with_driver(script).run().expect_status(0).stdout_is("0\n0\n");
}

/// They share an interrupt line if there are no messages (MSI), and each handler sees the other's interrupts.
#[test]
fn two_devices_on_one_line() {
    let script = "insmod /edu.ko\necho 5 >/dev/edu0\necho 6 >/dev/edu1\ncat /dev/edu0 /dev/edu1\n\
                  printf one >/dev/edu0-buffer\nprintf two >/dev/edu1-buffer\n\
                  head -c 3 /dev/edu0-buffer; head -c 3 /dev/edu1-buffer\n";
    let boot = with_driver(script).append("pci=nomsi").device("edu,addr=8").device("edu,addr=0xc");
    let ended = boot.run().expect_status(0).stdout_is("120\n720\nonetwo");
    ended.console_has("version 1.0, INTx, DMA: edu1");
}
