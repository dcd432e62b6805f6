// SPDX-License-Identifier: MIT OR Apache-2.0
//! The facts of a file of any kind, for `show`.

use crate::codec::{Codec, MAX_UNPACKED};
use crate::error::Error;
use crate::facts::Facts;
use crate::image::{Image, What};
use crate::kernel::{self, BzImage};
use crate::list::printable;
use crate::pe::Pe;
use crate::{disk, elf, module, segments, table, text};
use serde_json::Value;
use std::path::Path;

/// The facts of a file, and its errors.
#[must_use]
pub fn of_file(path: &Path) -> (Facts, Option<Error>) {
    let mut facts = Facts::new(path.display().to_string());
    let image = match Image::open(path) {
        Ok(image) => image,
        Err(error) => return (facts, Some(error)),
    };
    let error = match image.what {
        What::Disk => disk::facts(path, &mut facts).err(),
        _ => of_image(&image, &mut facts),
    };
    (facts, error.map(|e| e.of(path.display())))
}

/// Adds the facts of an image in memory.
pub fn of_image(image: &Image, facts: &mut Facts) -> Option<Error> {
    facts.add("kind", image.what.name());
    if image.codec != Codec::None {
        facts.add("compression", image.codec.name());
    }
    let done = match image.what {
        What::Initramfs | What::Unknown => return initramfs(&image.bytes, facts),
        What::BzImage => bzimage(image, facts),
        What::Vmlinux => vmlinux(&image.bytes, facts),
        What::Uki | What::Pe => return uki(&image.bytes, facts),
        What::Module => module::facts(&image.bytes, facts),
        What::Elf => program(&image.bytes, facts),
        What::Text => text::facts(&image.bytes, facts),
        What::Disk => Ok(()),
    };
    done.err()
}

fn initramfs(bytes: &[u8], facts: &mut Facts) -> Option<Error> {
    let (segments, error) = segments::read_part(bytes, MAX_UNPACKED);
    if !segments.is_empty() {
        let mut value = table::json(&segments);
        for archive in
            value.as_array_mut().into_iter().flatten().flat_map(|s| s["archives"].as_array_mut()).flatten()
        {
            archive["entries"] = archive["entries"].as_array().map_or(0, Vec::len).into();
        }
        facts.table = Some((table::segments(&segments), value));
    }
    error
}

fn bzimage(image: &Image, facts: &mut Facts) -> Result<(), Error> {
    let header = BzImage::read(&image.bytes)?;
    facts.add("boot protocol", format!("{}.{:02}", header.protocol.0, header.protocol.1));
    facts.add("EFI stub", if header.efi_stub { "yes" } else { "no" });
    facts.add_some("longest command line", header.cmdline_size);
    facts.add("payload", format!("at byte {}, {} bytes", header.payload, header.payload_len));
    facts.add("payload compression", header.codec.map_or("none or unknown", Codec::name));
    facts.add_some("header", header.version.as_ref());
    vmlinux(&header.vmlinux(&image.bytes)?, facts)
}

fn vmlinux(bytes: &[u8], facts: &mut Facts) -> Result<(), Error> {
    facts.add("vmlinux size", bytes.len());
    let banner = kernel::banner(bytes)
        .ok_or_else(|| Error::new("an ELF program without \"Linux version\", so no kernel"))?;
    facts.add("release", &banner.release);
    facts.add("build user", &banner.user);
    facts.add("build host", &banner.host);
    facts.add("compiler", &banner.compiler);
    facts.add("version", &banner.version);
    facts.add_some(
        "vermagic",
        kernel::vermagic(bytes, &banner.release).map(|text| text.trim_end().to_owned()),
    );
    match kernel::config(bytes) {
        Ok(config) => {
            let set = config.split(|b| *b == b'\n').filter(|line| line.starts_with(b"CONFIG_")).count();
            facts.add("configuration", format!("{set} options set (qos-inspect config FILE)"));
        }
        Err(error) => facts.add("configuration", error),
    }
    if let Some(initramfs) = kernel::built_in_initramfs(bytes) {
        facts.add("built-in initramfs", format!("{} bytes", initramfs.len()));
    }
    Ok(())
}

/// The sections of a PE file, and each that is a file or a text itself.
fn uki(bytes: &[u8], facts: &mut Facts) -> Option<Error> {
    let pe = match Pe::read(bytes) {
        Ok(pe) => pe,
        Err(error) => return Some(error),
    };
    let mut rows = vec![["section", "offset", "size", "memory"].map(String::from)];
    for section in &pe.sections {
        let name = printable(&section.name);
        rows.push([name, section.offset.to_string(), section.size.to_string(), section.memory.to_string()]);
    }
    let names = &rows[0].clone();
    let row = |row: &[String; 4]| {
        Value::Object(names.iter().cloned().zip(row.iter().cloned().map(Value::from)).collect())
    };
    facts.table = Some((table::columns(&rows), rows[1..].iter().map(row).collect()));
    let mut first = None;
    for section in &pe.sections {
        let name = printable(&section.name);
        let mut part = Facts::new(&name);
        let done = section.data(bytes).and_then(|data| match name.as_str() {
            ".linux" | ".initrd" | ".ucode" => {
                let image = Image::of(data.to_vec())?;
                // A section can claim to be the whole file.
                if matches!(image.what, What::Uki | What::Pe) {
                    return Err(Error::new(format!("holds a {} again", image.what.name())));
                }
                of_image(&image, &mut part).map_or(Ok(()), Err)
            }
            ".cmdline" | ".uname" | ".osrel" | ".sbat" | ".profile" | ".sdmagic" => {
                let text = String::from_utf8_lossy(data);
                let lines = text.trim_end_matches('\0').lines().filter(|line| !line.is_empty());
                lines.for_each(|line| part.add("text", line));
                Ok(())
            }
            _ => Ok(()),
        });
        first = first.or(done.err().map(|e| e.of(format!("section {name}"))));
        if !part.pairs.is_empty() {
            facts.parts.push(part);
        }
    }
    first
}

fn program(bytes: &[u8], facts: &mut Facts) -> Result<(), Error> {
    let elf = elf::read(bytes).map_err(Error::new)?;
    facts.add("loader", elf.interpreter.as_deref().unwrap_or("none: static or a library"));
    elf.needed.iter().for_each(|library| facts.add("library", library));
    Ok(())
}
