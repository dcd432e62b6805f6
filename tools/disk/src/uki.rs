// SPDX-License-Identifier: MIT OR Apache-2.0
//! A unified kernel image: kernel, initramfs and command line as sections of systemd's EFI stub.
//!
//! Source: UAPI group specification "Unified Kernel Image"; Microsoft's PE format for the headers.

use crate::error::Error;
use object::pe;
use object::read::pe::PeFile64;

/// Where things are in a PE file's headers.
const FILE_ALIGNMENT: usize = 36;
const SECTION_ALIGNMENT: usize = 32;
const SIZE_OF_INITIALIZED_DATA: usize = 8;
const SIZE_OF_IMAGE: usize = 56;
const SIZE_OF_HEADERS: usize = 60;
const SECTION_HEADER: usize = 40;

/// Appends `sections`, by name and content, to the PE file `stub`. The same arguments give the same bytes.
///
/// # Errors
/// `stub` is not a PE file for x86-64, its headers have no room, a name is longer than 8 bytes or there already, or a section is
/// empty or over 4 GiB.
pub fn append(stub: &[u8], sections: &[(&str, &[u8])]) -> Result<Vec<u8>, Error> {
    let parsed =
        PeFile64::parse(stub).map_err(|error| Error::new(format!("the stub is not a PE file: {error}")))?;
    let machine = parsed.nt_headers().file_header.machine.get(object::LittleEndian);
    if machine != pe::IMAGE_FILE_MACHINE_AMD64 {
        return Err(Error::new(format!("the stub is for machine {machine:#x}, not for x86-64")));
    }
    let coff = parsed.dos_header().nt_headers_offset() as usize + 4;
    let optional = coff + 20;
    let optional_size = usize::from(u16_at(stub, coff + 16)?);
    let count = usize::from(u16_at(stub, coff + 2)?);
    let table = optional + optional_size;
    let align_file = u32_at(stub, optional + FILE_ALIGNMENT)?;
    let align_memory = u32_at(stub, optional + SECTION_ALIGNMENT)?;
    let headers_end = u32_at(stub, optional + SIZE_OF_HEADERS)? as usize;
    if table + (count + sections.len()) * SECTION_HEADER > headers_end {
        return Err(Error::new(format!("the stub has no room for {} section headers", sections.len())));
    }
    let mut names: Vec<Vec<u8>> =
        parsed.section_table().iter().map(|section| section.raw_name().to_vec()).collect();
    let mut out = stub.to_vec();
    let mut address = u32_at(stub, optional + SIZE_OF_IMAGE)?;
    let mut data = 0_u32;
    for (index, (name, content)) in sections.iter().enumerate() {
        if name.len() > 8 || names.iter().any(|there| there == name.as_bytes()) {
            return Err(Error::new(format!(
                "the section {name} is there already, or its name is longer than 8 bytes"
            )));
        }
        names.push(name.as_bytes().to_vec());
        let too_large = || Error::new(format!("the section {name} is empty, or the image is over 4 GiB"));
        let size = u32::try_from(content.len()).ok().filter(|size| *size > 0).ok_or_else(too_large)?;
        pad(&mut out, align_file as usize);
        let offset = u32::try_from(out.len()).map_err(|_| too_large())?;
        out.extend_from_slice(content);
        pad(&mut out, align_file as usize);
        let raw = u32::try_from(out.len()).map_err(|_| too_large())? - offset;
        let header = table + (count + index) * SECTION_HEADER;
        out[header..header + SECTION_HEADER].fill(0);
        out[header..header + name.len()].copy_from_slice(name.as_bytes());
        let flags = pe::IMAGE_SCN_CNT_INITIALIZED_DATA | pe::IMAGE_SCN_MEM_READ;
        for (at, value) in [(8, size), (12, address), (16, raw), (20, offset), (36, flags.0)] {
            put(&mut out, header + at, value);
        }
        let next =
            u64::from(address) + u64::from(size).div_ceil(align_memory.into()) * u64::from(align_memory);
        address = u32::try_from(next).map_err(|_| too_large())?;
        data = data.checked_add(raw).ok_or_else(too_large)?;
    }
    let sum = u32_at(stub, optional + SIZE_OF_INITIALIZED_DATA)?.saturating_add(data);
    put(&mut out, optional + SIZE_OF_INITIALIZED_DATA, sum);
    put(&mut out, optional + SIZE_OF_IMAGE, address);
    let total = u16::try_from(count + sections.len()).map_err(|_| Error::new("too many sections"))?;
    out[coff + 2..coff + 4].copy_from_slice(&total.to_le_bytes());
    Ok(out)
}

fn pad(bytes: &mut Vec<u8>, unit: usize) {
    bytes.resize(bytes.len().div_ceil(unit) * unit, 0);
}

fn put(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, Error> {
    let word = bytes.get(at..at + 2).and_then(|word| word.try_into().ok());
    word.map(u16::from_le_bytes).ok_or_else(|| Error::new("the stub's headers are cut off"))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Error> {
    let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
    word.map(u32::from_le_bytes).ok_or_else(|| Error::new("the stub's headers are cut off"))
}
