// SPDX-License-Identifier: MIT OR Apache-2.0
//! `System.map`: a kernel's symbols by address, as nm(1) prints them.

/// A symbol.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Symbol {
    /// Its address.
    pub address: u64,
    /// nm(1)'s letter for its section: `T` is code, `D` data, `R` read-only data, small letters are local.
    pub kind: char,
    /// Its name.
    pub name: String,
}

/// A map, sorted by address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map(Vec<Symbol>);

impl Map {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// The number of the first line that is not `ADDRESS LETTER NAME`.
    pub fn parse(text: &str) -> Result<Map, String> {
        let mut symbols = Vec::new();
        for (n, line) in text.lines().enumerate() {
            let mut words = line.split_whitespace();
            let address = words.next().and_then(|word| u64::from_str_radix(word, 16).ok());
            let kind = words.next().filter(|word| word.len() == 1).and_then(|word| word.chars().next());
            match (address, kind, words.next()) {
                (Some(address), Some(kind), Some(name)) => {
                    symbols.push(Symbol { address, kind, name: name.to_owned() });
                }
                _ => return Err(format!("line {}: not an address, a letter and a name", n + 1)),
            }
        }
        symbols.sort();
        Ok(Map(symbols))
    }

    /// The symbols of this name; local ones may share it.
    #[must_use]
    pub fn named(&self, name: &str) -> Vec<&Symbol> {
        self.0.iter().filter(|symbol| symbol.name == name).collect()
    }

    /// The symbol that `address` is in: the last at or before it, how far in it is, and the distance to the next one.
    #[must_use]
    pub fn at(&self, address: u64) -> Option<(&Symbol, u64, Option<u64>)> {
        let after = self.0.partition_point(|symbol| symbol.address <= address);
        let last = self.0.get(after.checked_sub(1)?)?;
        // Of several names for one address the first that is not local.
        let same = self.0[..after].iter().rev().take_while(|symbol| symbol.address == last.address);
        let global = same.clone().filter(|symbol| symbol.kind.is_uppercase()).last();
        let symbol = global.or_else(|| same.last()).unwrap_or(last);
        let size = self.0.get(after).map(|next| next.address - symbol.address);
        Some((symbol, address - symbol.address, size))
    }

    /// Number of symbols.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the table is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "ffffffff81000000 T _stext\nffffffff81000000 t local\nffffffff81000040 T start_kernel\nffffffff81000100 D end\n";

    #[test]
    fn both_ways() {
        let map = Map::parse(TEXT).unwrap();
        assert_eq!(map.named("start_kernel")[0].address, 0xffff_ffff_8100_0040);
        let check = |address: u64, expect: Option<(&str, u64, Option<u64>)>| {
            assert_eq!(
                map.at(address).map(|(s, offset, size)| (&*s.name, offset, size)),
                expect,
                "{address:#x}"
            );
        };
        check(0xffff_ffff_8100_0004, Some(("_stext", 4, Some(0x40))));
        check(0xffff_ffff_8100_0041, Some(("start_kernel", 1, Some(0xc0))));
        check(u64::MAX, Some(("end", 0x7eff_feff, None)));
        check(5, None);
        assert_eq!(Map::parse("x\n").unwrap_err(), "line 1: not an address, a letter and a name");
    }
}
