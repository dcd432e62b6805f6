// SPDX-License-Identifier: MIT OR Apache-2.0
//! `poweroff`, `reboot`, `halt`: request an orderly end from process 1, or with `-f` end at once.

use crate::Failure;
use lexopt::prelude::*;
use qos_sys::power::Action;
use qos_sys::{power, process};
use std::io::Write;

pub fn poweroff(options: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    leave(options, Action::PowerOff)
}

pub fn reboot(options: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    leave(options, Action::Reboot)
}

pub fn halt(options: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    leave(options, Action::Halt)
}

fn leave(mut options: lexopt::Parser, action: Action) -> Result<(), Failure> {
    let mut at_once = false;
    while let Some(arg) = options.next()? {
        match arg {
            Short('f') | Long("force") => at_once = true,
            _ => return Err(arg.unexpected().into()),
        }
    }
    if at_once {
        power::sync();
        return Err(Failure::of("reboot(2)", &power::now(action)));
    }
    process::kill(1, action.signal()).map_err(|error| Failure::of("signal to process 1", &error))
}
