// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of the virtio-serial ports (`-device virtserialport,name=NAME,…`) that carry the main program's standard
//! streams. With all three present nothing but the kernel and init writes to the serial console.

/// Standard input of the main program. The host closes its end when its own input ends.
pub const STDIN: &str = "org.qos.stdin";

/// Standard output of the main program.
pub const STDOUT: &str = "org.qos.stdout";

/// Standard error of the main program.
pub const STDERR: &str = "org.qos.stderr";

/// The ports in the order of file descriptors 0, 1 and 2.
pub const STREAMS: [&str; 3] = [STDIN, STDOUT, STDERR];

/// Where the guest's kernel names its ports: `GUEST_NAMES/vport0p1/name`.
pub const GUEST_NAMES: &str = "/sys/class/virtio-ports";
