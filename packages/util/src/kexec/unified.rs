// SPDX-License-Identifier: MIT OR Apache-2.0
//! A unified kernel image: an EFI program with a kernel, an initramfs and a command line as sections.
//!
//! Source: UAPI group specification "Unified Kernel Image"; Microsoft's PE format for the headers.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Where the headers end at the latest. Those of systemd's stub take 1 KiB.
const HEADERS: usize = 4096;

/// A place in the file, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub offset: u32,
    pub size: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    pub kernel: Part,
    pub initramfs: Option<Part>,
    pub cmdline: Option<Part>,
}

/// The parts of `file`; `None` when it is no unified kernel image.
///
/// # Errors
/// When it cannot be read.
pub fn of(file: &File) -> io::Result<Option<Parts>> {
    let mut head = vec![0; HEADERS];
    let mut length = 0;
    while length < HEADERS {
        match file.read_at(&mut head[length..], length as u64)? {
            0 => break,
            count => length += count,
        }
    }
    Ok(parts(&head[..length]))
}

/// The parts by the headers of a file, which are its first bytes.
pub fn parts(head: &[u8]) -> Option<Parts> {
    let number = |at: usize| Some(u32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?));
    let short = |at: usize| Some(usize::from(u16::from_le_bytes(head.get(at..at + 2)?.try_into().ok()?)));
    let pe = usize::try_from(number(0x3c)?).ok()?;
    if !head.starts_with(b"MZ") || pe > head.len() || head.get(pe..pe + 4)? != b"PE\0\0" {
        return None;
    }
    let table = pe + 24 + short(pe + 20)?;
    let (mut kernel, mut initramfs, mut cmdline) = (None, None, None);
    for index in 0..short(pe + 6)? {
        let header = table + 40 * index;
        let name = head.get(header..header + 8)?;
        // The size in memory is that of the content; that in the file is padded.
        let size = number(header + 8)?.min(number(header + 16)?);
        let part = Some(Part { offset: number(header + 20)?, size });
        match name.split(|byte| *byte == 0).next()? {
            b".linux" => kernel = part,
            b".initrd" => initramfs = part,
            b".cmdline" => cmdline = part,
            _ => {}
        }
    }
    Some(Parts { kernel: kernel?, initramfs, cmdline })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Headers of a PE file with these sections: name, size, size in the file, offset.
    fn image(sections: &[(&[u8], u32, u32, u32)]) -> Vec<u8> {
        let mut head = vec![0; 0x40];
        head[..2].copy_from_slice(b"MZ");
        head[0x3c] = 0x40;
        head.extend(b"PE\0\0\x64\x86");
        head.push(sections.len() as u8);
        head.resize(0x40 + 20, 0);
        head.extend([16, 0]);
        head.resize(0x40 + 24 + 16, 0);
        for (name, size, raw, offset) in sections {
            let at = head.len();
            head.extend(*name);
            head.resize(at + 8, 0);
            head.extend([*size, 0, *raw, *offset].iter().flat_map(|number| number.to_le_bytes()));
            head.resize(at + 40, 0);
        }
        head
    }

    #[test]
    fn sections() {
        let part = |offset, size| Part { offset, size };
        let sections: &[(&[u8], u32, u32, u32)] =
            &[(b".text", 9, 512, 512), (b".linux", 700, 1024, 1024), (b".cmdline", 5, 512, 2048)];
        assert_eq!(
            parts(&image(sections)),
            Some(Parts { kernel: part(1024, 700), initramfs: None, cmdline: Some(part(2048, 5)) })
        );
        let with = [sections, &[(b".initrd", 3, 512, 4096)]].concat();
        assert_eq!(parts(&image(&with)).and_then(|parts| parts.initramfs), Some(part(4096, 3)));
        // The kernel's own EFI program, and what is no program at all, at any length.
        assert_eq!(parts(&image(&[(b".text", 9, 512, 512)])), None);
        let image = image(sections);
        // Behind the offset of the last section are fields that do not matter here.
        assert!((0..image.len() - 16).all(|length| parts(&image[..length]).is_none()));
        assert_eq!(parts(&[0xff; 4096]), None);
    }
}
