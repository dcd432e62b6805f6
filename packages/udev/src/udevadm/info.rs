// SPDX-License-Identifier: MIT OR Apache-2.0
//! `udevadm info`: what is known about devices.

use super::{device, load, node};
use crate::database::Database;
use crate::device::Device;
use lexopt::prelude::*;
use qos_command::Failure;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

#[derive(Default)]
struct Options {
    query: String,
    devices: Vec<Device>,
    walk: bool,
    all_devices: bool,
    /// Names with /dev in front.
    absolute: bool,
    /// Properties in quotes, with this in front.
    export: bool,
    prefix: String,
    property: Vec<String>,
    value: bool,
}

/// Prints what is asked for.
pub fn main(mut parser: lexopt::Parser, root: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let mut options = Options { query: "all".to_owned(), ..Options::default() };
    let devpath = |text: &str| text.strip_prefix("/sys").unwrap_or(text).to_owned();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('q') | Long("query") => options.query = parser.value()?.string()?,
            Short('n') | Long("name") => options.devices.push(node(root, &parser.value()?.string()?)?),
            Short('p') | Long("path") => {
                options.devices.push(device(root, &devpath(&parser.value()?.string()?))?)
            }
            Short('a') | Long("attribute-walk") => options.walk = true,
            Short('e') | Long("export-db") => options.all_devices = true,
            Short('r') | Long("root") => options.absolute = true,
            Short('x') | Long("export") => options.export = true,
            Short('P') | Long("export-prefix") => {
                options.export = true;
                options.prefix = parser.value()?.string()?;
            }
            Long("property") => {
                options.property.extend(parser.value()?.string()?.split(',').map(str::to_owned))
            }
            Long("value") => options.value = true,
            Short('c') | Long("cleanup-db") => {
                Database::new(root).clean();
                return Ok(());
            }
            Short('d') | Long("device-id-of-file") => return device_of_file(&parser.value()?.string()?, out),
            Value(text) => options.devices.push(device(root, &text.string()?)?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if !["all", "name", "path", "symlink", "property"].contains(&options.query.as_str()) {
        return Err(Failure::usage(format!("unknown query {}", options.query)));
    }
    if options.all_devices {
        return export_all(root, out);
    }
    if options.devices.is_empty() {
        return Err(Failure::usage("a device is missing"));
    }
    for device in &options.devices {
        if options.walk { walk(device, out)? } else { query(&options, device, out)? }
    }
    Ok(())
}

fn query(options: &Options, device: &Device, out: &mut dyn Write) -> Result<(), Failure> {
    let shown = |path: &str| {
        if options.absolute { path.to_owned() } else { path.trim_start_matches("/dev/").to_owned() }
    };
    match options.query.as_str() {
        "name" => {
            let node = device
                .node()
                .ok_or_else(|| Failure::new(format!("{}: it has no node in /dev", device.devpath)))?;
            writeln!(out, "{}", shown(node))?;
        }
        "symlink" => {
            let links: Vec<_> =
                device.record.links.iter().map(|link| shown(&format!("/dev/{link}"))).collect();
            writeln!(out, "{}", links.join(" "))?;
        }
        "path" => writeln!(out, "{}", device.devpath)?,
        "property" => {
            for (key, value) in device.all_properties() {
                if !options.property.is_empty() && !options.property.contains(&key) {
                    continue;
                }
                match (options.value, options.export) {
                    (true, _) => writeln!(out, "{value}")?,
                    (_, true) => writeln!(out, "{}{key}='{}'", options.prefix, value.replace('\'', "'\\''"))?,
                    _ => writeln!(out, "{key}={value}")?,
                }
            }
        }
        _ => record(device, out)?,
    }
    Ok(())
}

/// All about a device, a letter before each line.
fn record(device: &Device, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "P: {}", device.devpath)?;
    writeln!(out, "M: {}", device.name())?;
    let optional = [('R', device.number_in_name()), ('U', device.subsystem().to_owned())];
    for (letter, text) in optional.iter().filter(|(_, text)| !text.is_empty()) {
        writeln!(out, "{letter}: {text}")?;
    }
    if let Some(kind) = device.get("DEVTYPE") {
        writeln!(out, "T: {kind}")?;
    }
    if let Some((major, minor)) = device.number() {
        writeln!(out, "D: {} {major}:{minor}", if device.subsystem() == "block" { 'b' } else { 'c' })?;
    }
    if let Some(index) = device.interface() {
        writeln!(out, "I: {index}")?;
    }
    if let Some(node) = device.node() {
        writeln!(out, "N: {}", node.trim_start_matches("/dev/"))?;
        writeln!(out, "L: {}", device.record.priority)?;
        for link in &device.record.links {
            writeln!(out, "S: {link}")?;
        }
    }
    if let Some(number) = device.get("DISKSEQ") {
        writeln!(out, "Q: {number}")?;
    }
    let driver = device.driver();
    if !driver.is_empty() {
        writeln!(out, "V: {driver}")?;
    }
    for (key, value) in device.all_properties() {
        writeln!(out, "E: {key}={value}")?;
    }
    writeln!(out)
}

fn export_all(root: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    for path in qos_uevent::coldplug::devices(&root.join("sys")) {
        // One may go in between.
        if let Some(mut device) = Device::of_path(root, &path) {
            load(root, &mut device);
            record(&device, out)?;
        }
    }
    Ok(())
}

/// `MAJOR:MINOR` of the file system that a file is on.
fn device_of_file(path: &str, out: &mut dyn Write) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let data = fs::metadata(path).map_err(|error| Failure::at(path, &error))?;
    let (major, minor) = qos_sys::node::numbers(data.dev());
    Ok(writeln!(out, "{major}:{minor}")?)
}

/// The device and its parents with all attributes, as keys of rules.
fn walk(device: &Device, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(
        out,
        "\nThe device, and the devices above it, with their attributes as keys of rules. A rule can match keys of\n\
         the device and, beside them, keys of one of its parents.\n"
    )?;
    let mut next = Some(device.clone());
    let mut plural = "";
    while let Some(device) = next {
        let what = if plural.is_empty() { "device" } else { "parent device" };
        writeln!(out, "  looking at {what} '{}':", device.devpath)?;
        for (key, value) in [
            ("KERNEL", device.name()),
            ("SUBSYSTEM", device.subsystem().to_owned()),
            ("DRIVER", device.driver()),
        ] {
            writeln!(out, "    {key}{plural}==\"{value}\"")?;
        }
        for (name, value) in attributes(&device) {
            writeln!(out, "    ATTR{plural}{{{name}}}==\"{value}\"")?;
        }
        writeln!(out)?;
        plural = "S";
        next = device.parent();
    }
    Ok(())
}

/// The attributes that are text, in order, with those in directories that are no devices.
fn attributes(device: &Device) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![String::new()];
    while let Some(below) = open.pop() {
        for entry in fs::read_dir(device.path().join(&below)).into_iter().flatten().flatten() {
            let Ok(file) = entry.file_name().into_string() else { continue };
            let name = if below.is_empty() { file.clone() } else { format!("{below}/{file}") };
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && below.is_empty() && !entry.path().join("uevent").exists() {
                open.push(name);
            } else if kind.is_file()
                && !["uevent", "dev"].contains(&file.as_str())
                && let Some(value) =
                    device.attribute(&name).filter(|value| !value.contains(|char: char| char.is_control()))
            {
                found.push((name, value));
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    fn check(fake: &Fake, arguments: &[&str], expect: &str) {
        let mut out = Vec::new();
        let arguments = ["udevadm"].into_iter().chain(arguments.iter().copied());
        main(lexopt::Parser::from_iter(arguments), fake.root(), &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expect);
    }

    fn with_record() -> Fake {
        let fake = Fake::disk();
        let mut device = fake.device("class/block/sda1");
        device.record.links = ["a", "disk/by-id/b"].map(str::to_owned).into();
        device.record.initialized = 5;
        device.set("ID_X", "y's");
        device.record.tags.insert("systemd".into());
        device.record.current_tags.insert("systemd".into());
        fake.system().database.write(&device, None, false).unwrap();
        fake
    }

    #[test]
    fn queries() {
        let fake = with_record();
        let path = "/devices/pci0000:00/0000:00:02.0/host0/target0:0:0/0:0:0:0/block/sda/sda1";
        check(&fake, &["-q", "path", "/sys/class/block/sda1"], &format!("{path}\n"));
        check(&fake, &["-q", "name", "-p", "/class/block/sda1"], "sda1\n");
        check(&fake, &["-rq", "symlink", "--path=/sys/class/block/sda1"], "/dev/a /dev/disk/by-id/b\n");
        check(
            &fake,
            &["-xq", "property", "--property=ID_X", "-p", "/sys/class/block/sda1"],
            "ID_X='y'\\''s'\n",
        );
        check(
            &fake,
            &["-q", "property", "--property=DEVLINKS", "--value", "-p", "class/block/sda1"],
            "/dev/a /dev/disk/by-id/b\n",
        );
        check(
            &fake,
            &[path],
            &format!(
                "P: {path}\nM: sda1\nR: 1\nU: block\nT: partition\nD: b 8:1\nN: sda1\nL: 0\nS: a\nS: disk/by-id/b\n\
                 E: CURRENT_TAGS=:systemd:\nE: DEVLINKS=/dev/a /dev/disk/by-id/b\nE: DEVNAME=/dev/sda1\nE: DEVPATH={path}\n\
                 E: DEVTYPE=partition\nE: ID_X=y's\nE: MAJOR=8\nE: MINOR=1\nE: PARTN=1\nE: SUBSYSTEM=block\n\
                 E: TAGS=:systemd:\nE: USEC_INITIALIZED=5\n\n"
            ),
        );
    }

    #[test]
    fn the_walk_and_the_whole_database() {
        let fake = with_record();
        let mut out = Vec::new();
        main(lexopt::Parser::from_iter(["udevadm", "-a", "-p", "class/block/sda1"]), fake.root(), &mut out)
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        for part in [
            "KERNEL==\"sda1\"",
            "ATTR{partition}==\"1\"",
            "SUBSYSTEMS==\"scsi\"",
            "DRIVERS==\"ahci\"",
            "ATTRS{vendor}==\"QEMU    \"",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let mut out = Vec::new();
        main(lexopt::Parser::from_iter(["udevadm", "-e"]), fake.root(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches("P: ").count(), 22, "{text}");
    }

    #[test]
    fn what_is_not_there() {
        let fake = Fake::empty();
        let failed = |arguments: &[&str]| {
            main(lexopt::Parser::from_iter(arguments), fake.root(), &mut Vec::new()).unwrap_err()
        };
        assert_eq!(failed(&["udevadm", "/sys/class/block/x"]).status(), 1);
        assert!(failed(&["udevadm", "-q", "x"]).is_usage() && failed(&["udevadm"]).is_usage());
    }
}
