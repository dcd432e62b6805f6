// SPDX-License-Identifier: GPL-3.0-or-later
//! `sh`: the POSIX shell of qos.

fn main() {
    qos_shell::main()
}
