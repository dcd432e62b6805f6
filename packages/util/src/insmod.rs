// SPDX-License-Identifier: MIT OR Apache-2.0
//! `insmod`: loads one kernel module from a file (insmod(8)).

use crate::Failure;
use lexopt::prelude::*;
use std::io::Write;
use std::path::PathBuf;

pub fn main(mut options: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let mut file = None;
    let mut parameters = Vec::new();
    while let Some(arg) = options.next()? {
        match arg {
            Value(path) if file.is_none() => file = Some(PathBuf::from(path)),
            Value(parameter) => parameters.push(parameter.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let file = file.ok_or_else(|| Failure::usage("file of the module expected"))?;
    qos_modules::load_file(&file, &parameters.join(" "), false)
        .map_err(|error| Failure::new(error.to_string()))
}
