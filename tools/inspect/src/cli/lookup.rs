// SPDX-License-Identifier: MIT OR Apache-2.0
//! The verbs on kernels and on the files of their build.

use super::print;
use qos_inspect::image::{Image, What};
use qos_inspect::{Error, diff, kernel, symbols, symvers};
use std::path::Path;
use std::process::ExitCode;

/// The configuration in a kernel or in its module `configs`, or the file itself if it is one.
pub fn config_of(file: &Path) -> Result<String, Error> {
    let image = Image::open(file)?;
    let bytes = match image.what {
        What::Text => Ok(image.bytes),
        What::Module => kernel::config(&image.bytes),
        _ => image.vmlinux().and_then(|vmlinux| kernel::config(&vmlinux)),
    };
    Ok(String::from_utf8_lossy(&bytes.map_err(|e| e.of(file.display()))?).into_owned())
}

pub fn config(file: &Path, names: &[String]) -> Result<ExitCode, Error> {
    let text = config_of(file)?;
    if names.is_empty() {
        print(&text);
        return Ok(ExitCode::SUCCESS);
    }
    let options = diff::options(&text);
    let mut all_set = true;
    for name in names {
        let name = if name.starts_with("CONFIG_") { name.clone() } else { format!("CONFIG_{name}") };
        match options.get(name.as_str()) {
            Some(value) => print(&format!("{name}={value}\n")),
            None => {
                all_set = false;
                print(&format!("# {name} is not set\n"));
            }
        }
    }
    Ok(if all_set { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn text_of(file: &Path) -> Result<String, Error> {
    let bytes = std::fs::read(file).map_err(|e| Error::io("read", file, &e))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

pub fn explain_symvers(file: &Path, names: &[String]) -> Result<ExitCode, Error> {
    let exports =
        symvers::parse(&text_of(file)?).map_err(|e| Error::new(format!("{}: {e}", file.display())))?;
    if names.is_empty() {
        exports.iter().for_each(|export| print(&export.explain()));
    }
    let mut found = true;
    for name in names {
        let matching: Vec<_> = exports.iter().filter(|export| export.symbol == *name).collect();
        found &= !matching.is_empty();
        if matching.is_empty() {
            print(&format!(
                "{name}: not exported; a module that uses it does not load (\"Unknown symbol {name}\")\n"
            ));
        }
        matching.iter().for_each(|export| print(&export.explain()));
    }
    Ok(if found { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Of `name+0x10` the address is looked up, as a kernel log has it.
pub fn look_up(file: &Path, wanted: &[String]) -> Result<ExitCode, Error> {
    let map =
        symbols::Map::parse(&text_of(file)?).map_err(|e| Error::new(format!("{}: {e}", file.display())))?;
    let mut found = true;
    for word in wanted {
        let hex = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16).ok();
        let named = map.named(word);
        if !named.is_empty() {
            named.iter().for_each(|symbol| {
                print(&format!("{:016x} {} {}\n", symbol.address, symbol.kind, symbol.name))
            });
            continue;
        }
        let place = word.split_once('+').and_then(|(name, offset)| Some((map.named(name), hex(offset)?)));
        if let Some((symbols, offset)) = place.filter(|(symbols, _)| !symbols.is_empty()) {
            symbols
                .iter()
                .for_each(|symbol| print(&format!("{:016x} {word}\n", symbol.address.wrapping_add(offset))));
            continue;
        }
        match hex(word).and_then(|address| Some((address, map.at(address)?))) {
            Some((address, (symbol, offset, size))) => {
                let size = size.map(|size| format!("/{size:#x}")).unwrap_or_default();
                print(&format!("{address:016x} {}+{offset:#x}{size}\n", symbol.name));
            }
            None => {
                found = false;
                print(&format!("{word}: no such symbol, and no address in the map\n"));
            }
        }
    }
    Ok(if found { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
