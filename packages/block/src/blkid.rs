// SPDX-License-Identifier: MIT OR Apache-2.0
//! `blkid`: the contents of block devices (blkid(8)). There is no cache: each call reads the devices.

use crate::Failure;
use crate::print::{Format, Printer};
use lexopt::prelude::*;
use qos_probe::device::Device;
use qos_probe::search::{Wanted, devices, short};
use qos_probe::{Error, Image, Options, Tags, Window, probe};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const NOT_FOUND: u8 = 2;
const OTHER: u8 = 4;
const AMBIVALENT: u8 = 8;

#[derive(Default)]
struct Request {
    format: Option<Format>,
    show: Vec<String>,
    raw: bool,
    /// `-p`: all that is known, of the devices named.
    low: bool,
    offset: u64,
    size: Option<u64>,
    /// `-l`: the first device only.
    first: bool,
    wanted: Option<Wanted>,
    /// `-L`, `-U`: only the name of the device.
    name_only: bool,
    devices: Vec<OsString>,
}

pub fn main(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    run(Path::new("/"), parser, out)
}

fn parse(mut parser: lexopt::Parser) -> Result<Request, Failure> {
    let mut request = Request::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('o') | Long("output") => {
                let name = parser.value()?.string()?;
                let format = Format::parse(&name)
                    .ok_or_else(|| Failure::new(format!("unsupported output format {name}")))?;
                request.format = Some(format);
            }
            Short('s') | Long("match-tag") => request.show.push(parser.value()?.string()?),
            Short('t') | Long("match-token") => {
                let token = parser.value()?;
                let wanted = Wanted::parse(token.as_bytes());
                request.wanted = Some(wanted.ok_or_else(|| Failure::usage("-t needs NAME=value pair"))?);
            }
            Short('L') | Long("label") => {
                request.wanted = Some(Wanted::new("LABEL", parser.value()?.as_bytes()));
                request.name_only = true;
            }
            Short('U') | Long("uuid") => {
                request.wanted = Some(Wanted::new("UUID", parser.value()?.as_bytes()));
                request.name_only = true;
            }
            Short('l') | Long("list-one") => request.first = true,
            Short('p') | Long("probe") => request.low = true,
            Short('d') | Long("no-encoding") => request.raw = true,
            Short('O') | Long("offset") => request.offset = parser.value()?.parse()?,
            Short('S') | Long("size") => request.size = Some(parser.value()?.parse()?),
            // The cache is neither read nor written.
            Short('c') | Long("cache-file") => drop(parser.value()?),
            Short('g') | Long("garbage-collect") => {}
            Value(device) => request.devices.push(device),
            _ => return Err(arg.unexpected().into()),
        }
    }
    Ok(request)
}

fn run(root: &Path, parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let request = parse(parser).map_err(|failure| failure.with_status(OTHER))?;
    let format = request.format.unwrap_or(Format::Full);
    if request.low && (request.devices.is_empty() || format == Format::List) {
        let reason = if request.devices.is_empty() {
            "The low-level probing mode requires a device"
        } else {
            "The low-level probing mode does not support 'list' output format"
        };
        return Err(Failure::new(reason).with_status(OTHER));
    }
    if request.first && request.wanted.is_none() {
        let reason = "The lookup option requires a search type specified using -t";
        return Err(Failure::new(reason).with_status(OTHER));
    }
    let mut printer = Printer { format, show: &request.show, raw: request.raw, any: false };
    let mut found = false;
    if format == Format::List {
        write!(out, "{}", list_head())?;
    }
    let mut show = |name: &[u8], tags: &Tags, out: &mut dyn Write| -> Result<(), Failure> {
        found = true;
        if request.name_only {
            out.write_all(&[name, b"\n"].concat())?;
        } else if format == Format::List {
            list(name, tags, out)?;
        } else {
            printer.print(name, tags, out)?;
        }
        Ok(())
    };
    let is_wanted = |tags: &Tags| request.wanted.as_ref().is_none_or(|wanted| wanted.is_in(tags));
    let only_one = request.first || request.name_only;
    if request.devices.is_empty() || request.name_only {
        let all =
            devices(root).map_err(|error| Failure::at("/sys/class/block", &error).with_status(OTHER))?;
        let all = all.iter().filter(|(_, tags)| is_wanted(tags));
        for (device, tags) in all.take(if only_one { 1 } else { usize::MAX }) {
            show(device.node().as_os_str().as_bytes(), tags, out)?;
        }
    } else {
        for name in &request.devices {
            match look(root, name, &request) {
                Ok(tags) if request.low && !tags.is_empty() => show(name.as_bytes(), &tags, out)?,
                // What comes after it is not looked at.
                Ok(_) if request.low => return Err(Failure::silent(NOT_FOUND)),
                Ok(tags) if !tags.is_empty() && is_wanted(&tags) => {
                    show(name.as_bytes(), &tags, out)?;
                    if only_one {
                        break;
                    }
                }
                Err(failure) if request.low => return Err(failure),
                _ => {}
            }
        }
    }
    if found { Ok(()) } else { Err(Failure::silent(NOT_FOUND)) }
}

/// What is on the device or in the file of that name.
fn look(root: &Path, name: &OsStr, request: &Request) -> Result<Tags, Failure> {
    let path = Path::new(name);
    let failed = |error: &std::io::Error| {
        Failure::of(format!("error: {}", path.display()), error).with_status(NOT_FOUND)
    };
    let device = Device::of_node(root, path);
    let image = File::open(path).and_then(Image::new).map_err(|error| failed(&error))?;
    let options = device.as_ref().map_or_else(Options::default, Device::options);
    let window = Window::new(&image, request.offset, request.size)
        .ok_or_else(|| failed(&std::io::ErrorKind::InvalidInput.into()))?;
    let whole = request.offset == 0 && request.size.is_none();
    let result = match &device {
        Some(device) if whole => device.probe(),
        _ => probe(&window, &options),
    };
    match result {
        Ok(tags) => Ok(if request.low { tags } else { short(&tags) }),
        Err(Error::Ambivalent(found)) if request.format == Some(Format::Udev) && request.low => {
            let encoded = |tags: &Tags, tag| tags.get(tag).map(|value| String::from_utf8_lossy(&qos_probe::encode(value)).into_owned());
            let each: Vec<String> = found
                .iter()
                .map(|tags| ["USAGE", "TYPE", "VERSION"].into_iter().filter_map(|tag| encoded(tags, tag)).collect::<Vec<_>>().join(":"))
                .collect();
            println!("ID_FS_AMBIVALENT={}", each.join(" "));
            Err(Failure::silent(AMBIVALENT))
        }
        Err(Error::Ambivalent(_)) => Err(Failure::new(format!(
            "{}: ambivalent result (probably more filesystems on the device, use wipefs(8) to see more details)",
            path.display()
        ))
        .with_status(AMBIVALENT)),
        Err(Error::Read(error)) => Err(failed(&error)),
    }
}

fn list_head() -> String {
    let line = format!("{:<15} {:<11} {:<12} {}", "device", "fs_type", "label", "UUID");
    format!("{line}\n{}\n", "-".repeat(79))
}

/// A row of `-o list`. lsblk shows mount points.
fn list(name: &[u8], tags: &Tags, out: &mut dyn Write) -> std::io::Result<()> {
    let text = |tag: &str| tags.text(tag).unwrap_or_default();
    let name = String::from_utf8_lossy(name);
    writeln!(out, "{name:<15} {:<11} {:<12} {}", text("TYPE"), text("LABEL"), text("UUID"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Swap space of one page size, which is the smallest thing that is known.
    fn swap() -> Vec<u8> {
        let mut image = vec![0; 64 << 10];
        image[4086..4096].copy_from_slice(b"SWAPSPACE2");
        image[1024..1032].copy_from_slice(&[1, 0, 0, 0, 15, 0, 0, 0]);
        image[1036..1052].copy_from_slice(&[0x11; 16]);
        image[1052..1057].copy_from_slice(b"a \"b\x80");
        image
    }

    fn check(line: &str, status: u8, expect: &str) {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("swap"), swap()).unwrap();
        std::fs::write(directory.path().join("empty"), vec![0; 64 << 10]).unwrap();
        std::fs::create_dir_all(directory.path().join("sys/class/block")).unwrap();
        let place = format!("{}/", directory.path().display());
        let line = line.replace('@', &place);
        let mut out = Vec::new();
        let result = run(directory.path(), lexopt::Parser::from_iter(line.split(' ')), &mut out);
        let text = String::from_utf8(out).unwrap().replace(&place, "");
        assert_eq!(
            (result.err().map_or(0, |failure| failure.status()), text.as_str()),
            (status, expect),
            "{line}"
        );
    }

    const UUID: &str = "11111111-1111-1111-1111-111111111111";

    #[test]
    fn formats() {
        check("blkid @swap", 0, &format!("swap: LABEL=\"a \\\"bM-^@\" UUID=\"{UUID}\" TYPE=\"swap\"\n"));
        check("blkid -o value -s UUID @swap", 0, &format!("{UUID}\n"));
        check("blkid -o device @swap", 0, "swap\n");
        check(
            "blkid -o export @swap",
            0,
            &format!("DEVNAME=swap\nLABEL=a\\ \\\"bM-^@\nUUID={UUID}\nTYPE=swap\n"),
        );
        check("blkid -p -s VERSION -s USAGE @swap", 0, "swap: VERSION=\"1\" USAGE=\"other\"\n");
        check(
            "blkid -p -o udev -s LABEL @swap",
            0,
            "ID_FS_LABEL=a_\"b_\nID_FS_LABEL_ENC=a\\x20\\x22b\\x80\n",
        );
    }

    #[test]
    fn statuses() {
        check("blkid @empty", 2, "");
        check("blkid @missing", 2, "");
        check("blkid -p @empty", 2, "");
        check("blkid -p -O 1 @swap", 2, "");
        check("blkid -p", 4, "");
        check("blkid -l", 4, "");
        check("blkid -o other", 4, "");
        check("blkid -z", 4, "");
        check("blkid -L nothing", 2, "");
        check("blkid -t UUID=other @swap", 2, "");
        check(&format!("blkid -o value -s TYPE -t UUID=\"{UUID}\" @empty @swap"), 0, "swap\n");
    }
}
