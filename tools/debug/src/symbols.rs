// SPDX-License-Identifier: MIT OR Apache-2.0
//! Maps a symbol and an offset to source lines, with the debug information of one ELF file.

use crate::trace::{Place, Source};
use qos_host::root;
use qos_host::ui::Result;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// The symbols of a program, by name.
pub struct Table {
    /// For each name the addresses it stands for, and how far the next symbol is; nothing after the last one.
    symbols: BTreeMap<String, Vec<(u64, Option<u64>)>>,
}

/// Why a place has no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// No symbol has this name.
    Name,
    /// The size of the symbol differs from the size in the log: it is from another build.
    Size,
    /// Several symbols have this name and this size.
    Ambiguous,
}

impl Table {
    /// Reads what nm(1) prints, or System.map: an address, a type and a name a line. Only symbols of code count, as in the
    /// kernel's own table, by which it says how long they are.
    pub fn parse(text: &str) -> Table {
        let mut lines: Vec<(u64, &str)> = text
            .lines()
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                let address = u64::from_str_radix(words.next()?, 16).ok()?;
                let is_code = matches!(words.next()?, "t" | "T" | "w" | "W");
                Some((address, words.next()?)).filter(|_| is_code)
            })
            .collect();
        lines.sort_unstable();
        let mut symbols: BTreeMap<String, Vec<(u64, Option<u64>)>> = BTreeMap::new();
        let mut next: Option<u64> = None;
        let mut above: Option<u64> = None;
        for &(address, name) in lines.iter().rev() {
            if above != Some(address) {
                next = above.replace(address);
            }
            let size = next.map(|next| next - address);
            symbols.entry(name.to_owned()).or_default().push((address, size));
        }
        Table { symbols }
    }

    /// The address of a place.
    ///
    /// # Errors
    ///
    /// The table does not have it, or not for certain.
    pub fn address(&self, place: &Place) -> std::result::Result<u64, Unknown> {
        let all = self.symbols.get(&place.symbol).ok_or(Unknown::Name)?;
        let exact: Vec<_> = all.iter().filter(|(_, size)| *size == Some(place.size)).collect();
        // The sections of a module become contiguous only when it is loaded, with gaps between them.
        let fits = |size: Option<u64>| place.module.is_some() && size.is_none_or(|size| size <= place.size);
        let fitting: Vec<_> =
            if exact.is_empty() { all.iter().filter(|(_, size)| fits(*size)).collect() } else { exact };
        match fitting.as_slice() {
            [] => Err(Unknown::Size),
            [(address, _)] if place.offset < place.size => Ok(address + place.offset),
            [_] => Err(Unknown::Size),
            _ => Err(Unknown::Ambiguous),
        }
    }
}

/// The lines of source at addresses of `program`, for each from the innermost inlined function outwards. `shell` is
/// the program that enters the sysroot.
///
/// # Errors
///
/// llvm-symbolizer cannot be run, or cannot read the program.
pub fn sources(shell: &Path, program: &Path, addresses: &[u64]) -> Result<Vec<Vec<Source>>> {
    // Without any it would read them from standard input.
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let mut words = vec![
        "llvm-symbolizer".to_owned(),
        "--output-style=JSON".to_owned(),
        "--relativenames".to_owned(),
        format!("--obj={}", program.display()),
    ];
    words.extend(addresses.iter().map(|address| format!("{address:#x}")));
    parse_symbolizer(&in_sysroot(shell, &words)?, addresses.len())
        .ok_or_else(|| format!("llvm-symbolizer said something odd of {}", program.display()).into())
}

/// The symbols of an ELF file.
///
/// # Errors
///
/// llvm-nm cannot be run, or cannot read the file.
pub fn table(shell: &Path, program: &Path) -> Result<Table> {
    let words = ["llvm-nm", "--defined-only", &program.to_string_lossy()].map(str::to_owned);
    Ok(Table::parse(&in_sysroot(shell, &words)?))
}

fn in_sysroot(shell: &Path, words: &[String]) -> Result<String> {
    let output = Command::new(shell).args(words).current_dir(root::root()).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("cannot run {}: {error}", shell.display()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    // llvm-symbolizer mixes its error messages into its answer.
    let said = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    let reason = String::from_utf8_lossy(said).trim().to_owned();
    Err(format!("{} failed: {reason}", words.first().map_or("", String::as_str)).into())
}

/// Reads llvm-symbolizer's JSON: one array for all addresses, in their order.
fn parse_symbolizer(json: &str, expected: usize) -> Option<Vec<Vec<Source>>> {
    let all: serde_json::Value = serde_json::from_str(json).ok()?;
    let sources: Vec<Vec<Source>> = all.as_array()?.iter().map(of_address).collect();
    (sources.len() == expected).then_some(sources)
}

fn of_address(entry: &serde_json::Value) -> Vec<Source> {
    let text = |frame: &serde_json::Value, key: &str| frame[key].as_str().unwrap_or_default().to_owned();
    let frames = entry["Symbol"].as_array().into_iter().flatten();
    frames
        .map(|frame| Source {
            function: text(frame, "FunctionName"),
            file: text(frame, "FileName"),
            line: frame["Line"].as_u64().unwrap_or(0),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "\
ffffffff81000000 T _text
ffffffff81000000 T _stext
ffffffff81000040 t same
ffffffff81000060 t other
ffffffff81000080 t same
ffffffff810000a0 t twice
ffffffff810000b0 t twice
ffffffff810000c0 t last
ffffffff81001000 D data
";

    fn check(place: (&str, u64, u64, Option<&str>), expect: std::result::Result<u64, Unknown>) {
        let (symbol, offset, size, module) = place;
        let module = module.map(str::to_owned);
        let place = Place { symbol: symbol.to_owned(), offset, size, module };
        assert_eq!(Table::parse(MAP).address(&place), expect, "{place:?}");
    }

    #[test]
    fn a_place_has_an_address() {
        check(("other", 4, 0x20, None), Ok(0xffff_ffff_8100_0064));
        // Symbols at one address have the same size.
        check(("_text", 4, 0x40, None), Ok(0xffff_ffff_8100_0004));
        check(("_stext", 4, 0x40, None), Ok(0xffff_ffff_8100_0004));
    }

    #[test]
    fn a_place_that_has_none() {
        check(("nothing", 4, 0x20, None), Err(Unknown::Name));
        check(("other", 4, 0x30, None), Err(Unknown::Size));
        check(("other", 0x20, 0x20, None), Err(Unknown::Size));
        check(("same", 4, 0x20, None), Err(Unknown::Ambiguous));
        check(("last", 4, 0x20, None), Err(Unknown::Size));
    }

    #[test]
    fn in_a_module_the_room_after_a_section_counts() {
        check(("other", 4, 0x30, Some("m")), Ok(0xffff_ffff_8100_0064));
        check(("other", 4, 0x10, Some("m")), Err(Unknown::Size));
        check(("last", 4, 0x20, Some("m")), Ok(0xffff_ffff_8100_00c4));
        check(("twice", 4, 0x30, Some("m")), Err(Unknown::Ambiguous));
    }

    #[test]
    fn what_the_symbolizer_says() {
        let json = r#"[{"Address":"0x1","ModuleName":"a","Symbol":[
            {"Column":1,"FileName":"a.h","FunctionName":"g","Line":3},
            {"Column":1,"FileName":"a.c","FunctionName":"f","Line":7}]},
            {"Address":"0x2","Error":{"Message":"nothing"}}]"#;
        let source = |function: &str, file: &str, line| Source {
            function: function.to_owned(),
            file: file.to_owned(),
            line,
        };
        let expect = vec![vec![source("g", "a.h", 3), source("f", "a.c", 7)], Vec::new()];
        assert_eq!(parse_symbolizer(json, 2), Some(expect));
        assert_eq!(parse_symbolizer(json, 1), None);
        assert_eq!(parse_symbolizer("", 0), None);
        let program = Path::new("/no/such/program");
        assert_eq!(sources(program, program, &[]).unwrap(), Vec::<Vec<Source>>::new());
        assert!(
            sources(program, program, &[1])
                .unwrap_err()
                .to_string()
                .starts_with("cannot run /no/such/program")
        );
    }
}
