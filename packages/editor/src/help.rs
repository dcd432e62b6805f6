// SPDX-License-Identifier: MIT OR Apache-2.0
//! The description of the editor, for `--help` and the manual.

use qos_command::Help;

pub const EDIT: Help = Help {
    purpose: "edit a text file on the whole screen",
    usage: "[FILE]",
    text: "The lowest line of the screen shows the keys: Ctrl-S saves, Ctrl-Q ends the program.",
    status: "0    success\n1    failure\n2    usage error\n128  and the number of a signal that ended the program\n",
    see: "less(1) sed(1)",
    ..Help::NONE
};
