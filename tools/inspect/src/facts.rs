// SPDX-License-Identifier: MIT OR Apache-2.0
//! The result of `show` for a file: pairs of a name and a value, tables, and parts that are files themselves.

use crate::codec::Codec;
use crate::error::Error;
use crate::image::{Image, What};
use crate::kernel::{self, BzImage};
use crate::list::printable;
use crate::pe::Pe;
use crate::segments::{self, MAX_UNPACKED};
use crate::{elf, table};
use serde_json::{Map, Value};
use std::path::Path;

/// Facts of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Its name, or that of the part.
    pub name: String,
    /// Names and values; a name may come several times.
    pub pairs: Vec<(String, String)>,
    /// A table, as text and as JSON.
    pub table: Option<(String, Value)>,
    /// Parts.
    pub parts: Vec<Facts>,
}

impl Facts {
    /// No facts yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Facts {
        Facts { name: name.into(), ..Facts::default() }
    }

    /// Adds a pair.
    pub fn add(&mut self, name: &str, value: impl ToString) {
        self.pairs.push((name.to_owned(), value.to_string()));
    }

    /// Adds a pair if there is a value.
    pub fn add_some(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// Lines for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{}\n", one_line(&self.name));
        let width = self.pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in &self.pairs {
            out.push_str(&format!("  {name:<width$}  {}\n", one_line(value)));
        }
        if let Some((table, _)) = &self.table {
            table.lines().for_each(|line| out.push_str(&format!("  {line}\n")));
        }
        for part in &self.parts {
            part.text().lines().for_each(|line| out.push_str(&format!("  {line}\n")));
        }
        out
    }

    /// The same for programs. The values of a name that comes several times are an array.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut map = Map::new();
        map.insert("file".to_owned(), self.name.clone().into());
        for (name, value) in &self.pairs {
            match map.get_mut(name) {
                None => drop(map.insert(name.clone(), value.clone().into())),
                Some(Value::Array(values)) => values.push(value.clone().into()),
                Some(first) => *first = Value::Array(vec![first.take(), value.clone().into()]),
            }
        }
        if let Some((_, table)) = &self.table {
            map.insert("table".to_owned(), table.clone());
        }
        if !self.parts.is_empty() {
            map.insert("parts".to_owned(), self.parts.iter().map(Facts::json).collect());
        }
        Value::Object(map)
    }
}

fn one_line(text: &str) -> String {
    printable(text.as_bytes())
}

/// The facts of a file, and its errors.
#[must_use]
pub fn of_file(path: &Path) -> (Facts, Option<Error>) {
    let mut facts = Facts::new(path.display().to_string());
    let image = match Image::open(path) {
        Ok(image) => image,
        Err(error) => return (facts, Some(error)),
    };
    let error = match image.what {
        What::Disk => crate::disk::facts(path, &mut facts).err(),
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
        What::Module => crate::module::facts(&image.bytes, facts),
        What::Elf => program(&image.bytes, facts),
        What::Text => crate::text::facts(&image.bytes, facts),
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
