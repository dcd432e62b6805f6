// SPDX-License-Identifier: MIT OR Apache-2.0
//! `rmmod`: removes kernel modules (rmmod(8)).

use crate::Failure;
use lexopt::prelude::*;
use std::ffi::CString;
use std::io::Write;

pub fn main(mut options: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let mut force = false;
    let mut modules = Vec::new();
    while let Some(arg) = options.next()? {
        match arg {
            Short('f') | Long("force") => force = true,
            Value(module) => modules.push(module.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if modules.is_empty() {
        return Err(Failure::usage("name of a module expected"));
    }
    modules.iter().try_for_each(|module| unload(module, force))
}

/// Removes the module that `module`, a name or a file's path, stands for.
pub fn unload(module: &str, force: bool) -> Result<(), Failure> {
    let name = qos_modules::module_name(module);
    let c_name =
        CString::new(name.clone()).map_err(|_| Failure::usage("a module's name has no NUL in it"))?;
    qos_sys::module::unload(&c_name, force).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::new(format!("{name}: not loaded")),
        std::io::ErrorKind::WouldBlock => Failure::new(format!("{name}: in use")),
        _ => Failure::of(name, &error),
    })
}
