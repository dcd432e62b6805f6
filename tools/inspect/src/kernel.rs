// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kernels: the header of a bzImage, and the version information of a vmlinux.

use crate::archive;
use crate::codec::{self, Codec};
use crate::error::Error;
use object::read::elf::FileHeader;
use object::{Endianness, elf};

/// The setup header of a bzImage (`Documentation/arch/x86/boot.rst`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BzImage {
    /// Version of the boot protocol: major, minor.
    pub protocol: (u8, u8),
    /// `uname -r`, the builder and the build's number and time, in one line.
    pub version: Option<String>,
    /// Whether the firmware can start it by UEFI.
    pub efi_stub: bool,
    /// Most bytes of a command line.
    pub cmdline_size: Option<u32>,
    /// Offset of the compressed kernel in the file.
    pub payload: usize,
    /// Its length.
    pub payload_len: usize,
    /// How it is compressed.
    pub codec: Option<Codec>,
}

impl BzImage {
    /// Whether a bzImage starts with `bytes`.
    #[must_use]
    pub fn is(bytes: &[u8]) -> bool {
        bytes.get(0x1fe..0x206).is_some_and(|b| b[..2] == [0x55, 0xaa] && b[4..] == *b"HdrS")
    }

    /// Reads the header.
    ///
    /// # Errors
    ///
    /// It is not a bzImage, or older than the boot protocol 2.08 (Linux 2.6.26), or cut off.
    pub fn read(bytes: &[u8]) -> Result<BzImage, Error> {
        if !BzImage::is(bytes) {
            return Err(Error::new("no bzImage: there is no \"HdrS\" at byte 514"));
        }
        let field = |at: usize, len: usize| {
            let bytes = bytes.get(at..at + len);
            let bytes = bytes.ok_or_else(|| Error::new(format!("the header is cut off at byte {at}")))?;
            Ok::<u32, Error>(bytes.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte)))
        };
        let protocol = field(0x206, 2)?;
        if protocol < 0x208 {
            let (major, minor) = (protocol >> 8, protocol & 0xff);
            return Err(Error::new(format!(
                "boot protocol {major}.{minor:02}, older than 2.08: its kernel cannot be found"
            )));
        }
        let version = match field(0x20e, 2)? as usize {
            0 => None,
            at => bytes.get(at + 0x200..).map(|rest| text_until_nul(rest, 512)),
        };
        // An old bootloader's 0 stands for 4 sectors.
        let setup = match field(0x1f1, 1)? as usize {
            0 => 4,
            sectors => sectors,
        };
        let start = (setup + 1) * 512;
        let payload = start + field(0x248, 4)? as usize;
        let payload_len = field(0x24c, 4)? as usize;
        let there = payload.checked_add(payload_len).and_then(|end| bytes.get(payload..end));
        Ok(BzImage {
            protocol: ((protocol >> 8) as u8, protocol as u8),
            version,
            efi_stub: bytes.starts_with(b"MZ"),
            cmdline_size: Some(field(0x238, 4)?),
            payload,
            payload_len,
            codec: there.and_then(Codec::detect),
        })
    }

    /// The kernel, unpacked: an ELF file.
    ///
    /// # Errors
    ///
    /// The payload is cut off, damaged, or in an unknown format.
    pub fn vmlinux(&self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let at = self.payload;
        let end = at.checked_add(self.payload_len).filter(|end| *end <= bytes.len());
        let Some(end) = end else {
            let there = bytes.len().saturating_sub(at);
            let len = self.payload_len;
            return Err(Error::new(format!(
                "the kernel at byte {at} is cut off: {there} of {len} bytes are there"
            )));
        };
        let payload = &bytes[at..end];
        if payload.starts_with(b"\x7fELF") {
            return Ok(payload.to_vec());
        }
        let codec = self.codec.ok_or_else(|| {
            let head = payload[..payload.len().min(8)].escape_ascii();
            Error::new(format!("the kernel at byte {at} is in no known compression: \"{head}\""))
        })?;
        // The kernel's build appends the unpacked size. Only LZ4's legacy frame has no end of its own, and takes it for a block.
        let payload = match codec {
            Codec::Lz4 => &payload[..payload.len().saturating_sub(4)],
            _ => payload,
        };
        codec::decompress(payload, codec)
            .map(|(data, _)| data)
            .map_err(|e| e.of(format!("the kernel at byte {at}")))
    }
}

/// Facts of a kernel's build, from its banner `Linux version …`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Banner {
    /// All of it.
    pub text: String,
    /// `uname -r`.
    pub release: String,
    /// Who built it.
    pub user: String,
    /// On which host.
    pub host: String,
    /// Compiler and linker.
    pub compiler: String,
    /// `uname -v`: number of the build, options, time.
    pub version: String,
}

/// The banner of a vmlinux (`linux_banner` in `init/version-timestamp.c`). Kernels from 6.1 on have a weak one too, without the
/// number of the build and its time, which counts if there is no other.
#[must_use]
pub fn banner(vmlinux: &[u8]) -> Option<Banner> {
    const START: &[u8] = b"Linux version ";
    let mut weak = None;
    let mut at = 0;
    while let Some(found) = find(&vmlinux[at..], START) {
        at += found;
        let text = text_until_nul(&vmlinux[at..], 1024);
        if let Some(banner) = Banner::parse(text.trim_end()) {
            if banner.is_numbered() {
                return Some(banner);
            }
            weak.get_or_insert(banner);
        }
        at += START.len();
    }
    weak
}

impl Banner {
    /// `Linux version RELEASE (USER@HOST) (COMPILER) VERSION`.
    fn parse(text: &str) -> Option<Banner> {
        let (release, rest) = text.strip_prefix("Linux version ")?.split_once(' ')?;
        let (builder, rest) = group(rest)?;
        let (user, host) = builder.split_once('@')?;
        let (compiler, version) = group(rest.trim_start())?;
        // The banner of /proc/version has `%s` in these places.
        (!release.contains('%')).then(|| Banner {
            text: text.to_owned(),
            release: release.to_owned(),
            user: user.to_owned(),
            host: host.to_owned(),
            compiler: compiler.to_owned(),
            version: version.trim().to_owned(),
        })
    }

    /// Whether the version starts with the number of the build, as in `#1 SMP`.
    fn is_numbered(&self) -> bool {
        self.version.strip_prefix('#').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    }
}

/// The text in the parentheses at the beginning of `text`, and the text after them.
fn group(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('(')?;
    let mut depth = 1;
    for (at, c) in inner.char_indices() {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if depth == 0 {
            return Some((&inner[..at], &inner[at + 1..]));
        }
    }
    None
}

/// The configuration in a kernel with `CONFIG_IKCONFIG=y`, or with `=m` in the module `configs`: what `/proc/config.gz` would show
/// (`kernel/configs.c`).
///
/// # Errors
///
/// There is none, or it is damaged.
pub fn config(kernel: &[u8]) -> Result<Vec<u8>, Error> {
    const MAX: u64 = 64 << 20;
    let mut at = 0;
    while let Some(found) = find(&kernel[at..], b"IKCFG_ST") {
        at += found + 8;
        let rest = &kernel[at..];
        if Codec::detect(rest) == Some(Codec::Gzip) {
            let unpacked = codec::decompress_part(rest, Codec::Gzip, MAX);
            return match unpacked.error {
                None => Ok(unpacked.data),
                Some(error) => Err(error.of(format!("the configuration at byte {at}"))),
            };
        }
    }
    Err(Error::new(
        "no configuration: the kernel was built without CONFIG_IKCONFIG=y (with =m, the module configs has it)",
    ))
}

/// `vermagic` of the modules that the kernel loads: release and options (`include/linux/vermagic.h`).
#[must_use]
pub fn vermagic(vmlinux: &[u8], release: &str) -> Option<String> {
    let start = [release.as_bytes(), b" "].concat();
    let mut at = 0;
    while let Some(found) = find(&vmlinux[at..], &start) {
        at += found;
        let text = text_until_nul(&vmlinux[at..], 256);
        let mut words = text.split(' ').skip(1).filter(|word| !word.is_empty()).peekable();
        let known = |word: &str| {
            ["SMP", "preempt", "preempt_rt", "preempt_lazy", "mod_unload", "modversions"].contains(&word)
                || word.starts_with("RANDSTRUCT")
        };
        let starts = at == 0 || vmlinux[at - 1] == 0;
        if starts && words.peek().is_some() && words.all(known) {
            return Some(text);
        }
        at += start.len();
    }
    None
}

/// The initramfs that is linked into a kernel, as `CONFIG_INITRAMFS_SOURCE` has it: all bytes from its start on. The default one,
/// with `/dev/console` alone, is left out.
#[must_use]
pub fn built_in_initramfs(vmlinux: &[u8]) -> Option<&[u8]> {
    const SMALLEST: usize = 1024;
    let mut at = 0;
    while let Some(found) = find(&vmlinux[at..], b"070701") {
        at += found;
        if at % 4 == 0 {
            let (archive, error) = archive::read_part(&vmlinux[at..]);
            if error.is_none() && archive.trailer && archive.len >= SMALLEST {
                return Some(&vmlinux[at..at + archive.len]);
            }
        }
        at += 6;
    }
    None
}

/// File type and machine of an ELF header.
pub(crate) fn elf_machine(bytes: &[u8]) -> Option<(elf::FileType, elf::Machine)> {
    if bytes.get(4) == Some(&elf::ELFCLASS32.0) {
        let header = elf::FileHeader32::<Endianness>::parse(bytes).ok()?;
        let endian = header.endian().ok()?;
        return Some((header.e_type(endian), header.e_machine(endian)));
    }
    let header = elf::FileHeader64::<Endianness>::parse(bytes).ok()?;
    let endian = header.endian().ok()?;
    Some((header.e_type(endian), header.e_machine(endian)))
}

/// Where `needle` is in `bytes`.
pub(crate) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|byte| byte == first) {
        at += found;
        if bytes[at + 1..].starts_with(rest) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// The text up to a NUL, or `most` bytes.
fn text_until_nul(bytes: &[u8], most: usize) -> String {
    let bytes = &bytes[..bytes.len().min(most)];
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banners() {
        let check = |text: &str, expect: Option<[&str; 5]>| {
            let banner = Banner::parse(text);
            let parts = banner.as_ref().map(|b| [&*b.release, &*b.user, &*b.host, &*b.compiler, &*b.version]);
            assert_eq!(parts, expect, "{text}");
        };
        check(
            "Linux version 6.6.8-200.fc39.x86_64 (mockbuild@bkernel01) (gcc (GCC) 13.2.1, GNU ld 2.40) #1 SMP Fri",
            Some([
                "6.6.8-200.fc39.x86_64",
                "mockbuild",
                "bkernel01",
                "gcc (GCC) 13.2.1, GNU ld 2.40",
                "#1 SMP Fri",
            ]),
        );
        check("Linux version %s (%s)", None);
        check("Linux version 1 (a@b) (gcc", None);
    }

    #[test]
    fn the_numbered_banner_counts() {
        let version = |vmlinux: &[u8]| banner(vmlinux).map(|banner| banner.version);
        let weak = b"\0Linux version 6.12.1 (a@b) (gcc) # SMP \n\0";
        let strong = b"\0Linux version 6.12.1 (a@b) (gcc) #1 SMP 2026-11-12\n\0";
        assert_eq!(version(&[&weak[..], strong].concat()).as_deref(), Some("#1 SMP 2026-11-12"));
        assert_eq!(version(weak).as_deref(), Some("# SMP"));
        assert_eq!(version(b"Linux version 6.12.1"), None);
    }

    #[test]
    fn configuration() {
        let packed = crate::compress::compress(b"CONFIG_A=y\n", qos_manifest::Compression::Gzip(9)).unwrap();
        let whole = [b"text IKCFG_ST is a name\0IKCFG_ST", packed.as_slice(), b"IKCFG_ED"].concat();
        assert_eq!(config(&whole).unwrap(), b"CONFIG_A=y\n");
        assert!(config(b"IKCFG_ST").unwrap_err().to_string().contains("without CONFIG_IKCONFIG=y"));
        let cut = config(&whole[..50]).unwrap_err().to_string();
        assert!(cut.starts_with("the configuration at byte 32: gzip data are damaged"), "{cut}");
    }

    #[test]
    fn vermagic_stands_alone() {
        let check = |bytes: &[u8], expect: Option<&str>| {
            assert_eq!(vermagic(bytes, "6.1.0").as_deref(), expect, "{}", bytes.escape_ascii());
        };
        check(
            b"\x006.1.0 SMP preempt mod_unload modversions \0",
            Some("6.1.0 SMP preempt mod_unload modversions "),
        );
        check(b"\x006.1.0 (a@b) #1 SMP\x006.1.0 mod_unload \0", Some("6.1.0 mod_unload "));
        check(b"version 6.1.0 SMP \0", None);
    }
}
