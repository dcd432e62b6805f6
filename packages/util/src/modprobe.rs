// SPDX-License-Identifier: MIT OR Apache-2.0
//! `modprobe`: loads a kernel module by name, and before it what it needs; `-r` removes it (modprobe(8)).

use crate::{Failure, rmmod};
use lexopt::prelude::*;
use qos_modules::Loader;
use std::io::Write;

pub fn main(mut options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut quiet, mut remove, mut all, mut show) = (false, false, false, false);
    let mut words = Vec::new();
    while let Some(arg) = options.next()? {
        match arg {
            Short('q') | Long("quiet") => quiet = true,
            Short('r') | Long("remove") => remove = true,
            Short('a') | Long("all") => all = true,
            Short('D') | Long("show-depends") => show = true,
            // What is loaded is said only on failure; accepted because scripts give it.
            Short('v') | Long("verbose") => {}
            Value(word) => words.push(word.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let (name, rest) = words.split_first().ok_or_else(|| Failure::usage("name of a module expected"))?;
    if remove {
        return words.iter().try_for_each(|word| rmmod::unload(word, false));
    }
    let result = Loader::of_running_kernel().and_then(|loader| {
        if show {
            return loader.paths(name);
        }
        if all {
            words.iter().try_for_each(|word| loader.load(word, ""))?;
        } else {
            loader.load(name, &rest.join(" "))?;
        }
        Ok(Vec::new())
    });
    match result {
        Ok(paths) => Ok(paths.iter().try_for_each(|path| writeln!(out, "insmod {}", path.display()))?),
        Err(_) if quiet => Err(Failure::silent(1)),
        Err(error) => Err(Failure::new(error.to_string())),
    }
}
