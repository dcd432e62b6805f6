// SPDX-License-Identifier: MIT OR Apache-2.0
//! The properties of an ELF file that the checks need: machine, interpreter, libraries, a kernel module's `.modinfo`.

use object::elf;
use object::read::StringTable;
use object::read::elf::{Dyn, ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, Object, ObjectSection};
use std::collections::BTreeMap;

/// Facts of one ELF file for x86_64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elf {
    /// Whether it is an object file (`ET_REL`), as kernel modules are.
    pub relocatable: bool,
    /// The requested dynamic loader (`PT_INTERP`).
    pub interpreter: Option<String>,
    /// The libraries that it needs (`DT_NEEDED`).
    pub needed: Vec<String>,
    /// The search path of its libraries (`DT_RUNPATH`, `DT_RPATH`), split at the colons.
    pub run_path: Vec<String>,
    /// The `.modinfo` of a kernel module: its values by key, in order.
    pub modinfo: BTreeMap<String, Vec<String>>,
    /// Number of imported symbols with a checksum (`__versions` of a kernel module).
    pub versions: usize,
}

/// Whether a file begins with the ELF magic number.
pub fn is_elf(data: &[u8]) -> bool {
    data.starts_with(b"\x7fELF")
}

/// Reads an ELF file.
///
/// # Errors
///
/// Why it is no whole ELF file for x86_64.
pub fn read(data: &[u8]) -> Result<Elf, String> {
    if data.get(4) != Some(&elf::ELFCLASS64.0) {
        return Err("an ELF file, but not a 64-bit one".to_owned());
    }
    let damaged = |e: object::Error| format!("a damaged ELF file: {e}");
    let file = ElfFile64::<Endianness>::parse(data).map_err(damaged)?;
    let (header, endian) = (file.elf_header(), file.endian());
    if header.e_machine(endian) != elf::EM_X86_64 {
        return Err(format!(
            "an ELF file for machine {:?}, not for x86_64 ({:?})",
            header.e_machine(endian),
            elf::EM_X86_64
        ));
    }
    let mut found = Elf { relocatable: header.e_type(endian) == elf::ET_REL, ..Elf::default() };
    for segment in file.elf_program_headers() {
        if let Some(path) = segment.interpreter(endian, data).map_err(damaged)? {
            found.interpreter = Some(text(path));
        }
    }
    dynamic(&file, data, &mut found).map_err(damaged)?;
    if let Some(section) = file.section_by_name(".modinfo") {
        for pair in section.data().map_err(damaged)?.split(|b| *b == 0) {
            if let Some(at) = pair.iter().position(|b| *b == b'=') {
                found.modinfo.entry(text(&pair[..at])).or_default().push(text(&pair[at + 1..]));
            }
        }
    }
    if let Some(section) = file.section_by_name("__versions") {
        // struct modversion_info: a long, and a name in the rest of 64 bytes.
        found.versions = section.data().map_err(damaged)?.len() / 64;
    }
    Ok(found)
}

/// Reads the dynamic section as the loader finds it, through the program headers: section headers may be stripped.
fn dynamic(file: &ElfFile64<'_, Endianness>, data: &[u8], found: &mut Elf) -> object::Result<()> {
    let endian = file.endian();
    let segments = file.elf_program_headers();
    for segment in segments {
        let Some(entries) = segment.dynamic(endian, data)? else { continue };
        let entries = || entries.iter().take_while(|entry| entry.d_tag(endian) != elf::DT_NULL);
        let value = |tag| entries().find(|entry| entry.d_tag(endian) == tag).map(|entry| entry.d_val(endian));
        let (address, size) = (value(elf::DT_STRTAB).unwrap_or(0), value(elf::DT_STRSZ).unwrap_or(0));
        let mut strings = StringTable::<&[u8]>::default();
        for segment in segments {
            if let Ok(Some(bytes)) = segment.data_range(endian, data, address, size) {
                strings = StringTable::new(bytes, 0, bytes.len() as u64);
            }
        }
        for entry in entries() {
            let value = || entry.string(endian, strings).map(text);
            match entry.d_tag(endian) {
                elf::DT_NEEDED => found.needed.push(value()?),
                elf::DT_RUNPATH | elf::DT_RPATH => {
                    found.run_path.extend(value()?.split(':').map(str::to_owned))
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
