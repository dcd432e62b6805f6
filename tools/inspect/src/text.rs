// SPDX-License-Identifier: MIT OR Apache-2.0
//! Text files of a kernel build, identified by their first line.

use crate::error::Error;
use crate::facts::Facts;
use crate::{symbols, symvers};

/// Adds the facts of `System.map`, `Module.symvers` or a configuration.
pub(crate) fn facts(bytes: &[u8], facts: &mut Facts) -> Result<(), Error> {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(map) = symbols::Map::parse(&text) {
        facts.add("format", "System.map");
        facts.add("symbols", map.len());
    } else if let Ok(exports) = symvers::parse(&text) {
        facts.add("format", "Module.symvers");
        facts.add("symbols", exports.len());
        let without = exports.iter().filter(|export| export.crc == 0).count();
        facts.add("without CRC", without);
        let modules: std::collections::BTreeSet<&str> = exports.iter().map(|e| e.module.as_str()).collect();
        facts.add("exported by", format!("{} modules", modules.len()));
    } else if text.lines().any(|line| line.starts_with("CONFIG_")) {
        facts.add("format", "kernel configuration");
        facts.add("options set", text.lines().filter(|line| line.starts_with("CONFIG_")).count());
    } else {
        return Err(Error::new("text, but no System.map, Module.symvers or kernel configuration"));
    }
    Ok(())
}
