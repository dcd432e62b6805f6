// SPDX-License-Identifier: MIT OR Apache-2.0
//! `Module.symvers`: the symbols that a kernel and its modules export (`Documentation/kbuild/modules.rst`, section 6.3).

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Checksum of the symbol's type; 0 without `CONFIG_MODVERSIONS`.
    pub crc: u32,
    /// The symbol.
    pub symbol: String,
    /// `vmlinux`, or the path of the module that exports it.
    pub module: String,
    /// The macro that exports it: `EXPORT_SYMBOL` or `EXPORT_SYMBOL_GPL`.
    pub export: String,
    /// The namespace that a module has to import, if there is one.
    pub namespace: Option<String>,
}

/// Reads the file.
///
/// # Errors
///
/// The number of the first line that is not one of such a file, and why.
pub fn parse(text: &str) -> Result<Vec<Export>, String> {
    text.lines()
        .enumerate()
        .map(|(n, line)| export(line).map_err(|why| format!("line {}: {why}", n + 1)))
        .collect()
}

fn export(line: &str) -> Result<Export, String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [crc, symbol, module, export, rest @ ..] = fields.as_slice() else {
        return Err(format!("{} fields, not CRC, symbol, module, export and namespace", fields.len()));
    };
    let crc = crc.strip_prefix("0x").and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let crc = crc.ok_or_else(|| format!("CRC `{}`, not 0x and 8 hexadecimal digits", fields[0]))?;
    Ok(Export {
        crc,
        symbol: (*symbol).to_owned(),
        module: (*module).to_owned(),
        export: (*export).to_owned(),
        namespace: rest.first().filter(|name| !name.is_empty()).map(|name| (*name).to_owned()),
    })
}

impl Export {
    /// What the line means for a module that uses the symbol.
    #[must_use]
    pub fn explain(&self) -> String {
        let crc = match self.crc {
            0 => "CRC 0x00000000: the kernel is built without CONFIG_MODVERSIONS, so the types of symbols are not compared; \
                  vermagic has to be equal"
                .to_owned(),
            crc => format!(
                "CRC {crc:#010x}: checksum of the symbol's type; a module that was built against another one is refused \
                 (\"disagrees about version of symbol {}\")",
                self.symbol
            ),
        };
        let owner = match self.module.as_str() {
            "vmlinux" => "defined in the kernel itself".to_owned(),
            module => format!("defined in the module {module}, which has to be loaded first"),
        };
        let who = match self.export.as_str() {
            "EXPORT_SYMBOL_GPL" => "EXPORT_SYMBOL_GPL: for modules with a licence compatible with the GPL",
            "EXPORT_SYMBOL" => "EXPORT_SYMBOL: for any module",
            other => other,
        };
        let namespace = match &self.namespace {
            Some(name) => format!("namespace {name}: the module needs MODULE_IMPORT_NS(\"{name}\")"),
            None => "no namespace".to_owned(),
        };
        format!("{}\n  {crc}\n  {owner}\n  {who}\n  {namespace}\n", self.symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let text = "0x00000000\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n0x1a2b3c4d\tcrypt\tcrypto/x\tEXPORT_SYMBOL_GPL\tINTERNAL\n";
        let exports = parse(text).unwrap();
        assert_eq!((exports[0].crc, exports[0].namespace.as_deref()), (0, None));
        assert!(exports[0].explain().contains("without CONFIG_MODVERSIONS"));
        assert!(
            exports[1].explain().contains("0x1a2b3c4d")
                && exports[1].explain().contains("MODULE_IMPORT_NS(\"INTERNAL\")")
        );
        for (text, expect) in [
            ("x\n", "line 1: 1 fields, not CRC, symbol, module, export and namespace"),
            ("0x0\ta\tb\tc\n0xg\ta\tb\tc", "line 2: CRC `0xg`, not 0x and 8 hexadecimal digits"),
        ] {
            assert_eq!(parse(text).unwrap_err(), expect);
        }
    }
}
