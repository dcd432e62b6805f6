// SPDX-License-Identifier: MIT OR Apache-2.0
//! `udevadm trigger`: has the kernel send events of present devices again.

use super::{device, load};
use crate::device::Device;
use crate::rules::pattern::Pattern;
use lexopt::prelude::*;
use qos_command::Failure;
use qos_sys::error_text;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Default)]
struct Options {
    dry: bool,
    verbose: bool,
    quiet: bool,
    settle: bool,
    kind: String,
    action: String,
    first: Vec<String>,
    filters: Vec<Filter>,
    parents: Vec<Device>,
    devices: Vec<Device>,
}

/// What a device must be. Of those of one kind one is enough; those with `not` must all hold.
struct Filter {
    not: bool,
    what: What,
    pattern: Pattern,
}

#[derive(PartialEq)]
enum What {
    Subsystem,
    Attribute(String),
    Property(String),
    Tag,
    Name,
}

pub fn main(mut parser: lexopt::Parser, root: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let mut options =
        Options { kind: "devices".to_owned(), action: "change".to_owned(), ..Options::default() };
    while let Some(arg) = parser.next()? {
        match arg {
            Short('n') | Long("dry-run") => options.dry = true,
            Short('v') | Long("verbose") => options.verbose = true,
            Short('q') | Long("quiet") => options.quiet = true,
            Short('w') | Long("settle") => options.settle = true,
            Short('t') | Long("type") => options.kind = parser.value()?.string()?,
            Short('c') | Long("action") => options.action = parser.value()?.string()?,
            Long("prioritized-subsystem") => {
                options.first.extend(parser.value()?.string()?.split(',').map(str::to_owned));
            }
            Short('b') | Long("parent-match") => {
                options.parents.push(device(root, &parser.value()?.string()?)?)
            }
            Long("name-match") => options.devices.push(super::node(root, &parser.value()?.string()?)?),
            Short(letter @ ('s' | 'S' | 'a' | 'A' | 'p' | 'g' | 'y')) => {
                options.filters.push(filter(letter, &parser.value()?.string()?)?);
            }
            Long(
                name @ ("subsystem-match" | "subsystem-nomatch" | "attr-match" | "attr-nomatch"
                | "property-match" | "tag-match" | "sysname-match"),
            ) => {
                let letter = match name {
                    "subsystem-match" => 's',
                    "subsystem-nomatch" => 'S',
                    "attr-match" => 'a',
                    "attr-nomatch" => 'A',
                    "property-match" => 'p',
                    "tag-match" => 'g',
                    _ => 'y',
                };
                options.filters.push(filter(letter, &parser.value()?.string()?)?);
            }
            Value(text) => options.devices.push(device(root, &text.string()?)?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let known = ["add", "remove", "change", "move", "online", "offline", "bind", "unbind"];
    if !known.contains(&options.action.as_str()) {
        return Err(Failure::usage(format!("unknown action {}", options.action)));
    }
    if !["devices", "subsystems", "all"].contains(&options.kind.as_str()) {
        return Err(Failure::usage(format!("unknown type {}", options.kind)));
    }
    let failed = send_all(&options, root, out)?;
    if options.settle && !options.dry {
        super::settle::settle(root, Duration::from_secs(120), None)?;
    }
    if failed { Err(Failure::silent(1)) } else { Ok(()) }
}

fn filter(letter: char, text: &str) -> Result<Filter, Failure> {
    // Without a value, the attribute or property must be there.
    let (name, value) = text.split_once('=').unwrap_or((text, "*"));
    let (what, pattern) = match letter {
        's' | 'S' => (What::Subsystem, text),
        'a' | 'A' => (What::Attribute(name.to_owned()), value),
        'p' => (What::Property(name.to_owned()), value),
        'g' => (What::Tag, text),
        _ => (What::Name, text),
    };
    if name.is_empty() {
        return Err(Failure::usage(format!("-{letter} needs a name")));
    }
    Ok(Filter { not: letter.is_ascii_uppercase(), what, pattern: Pattern::new(pattern, false) })
}

impl Filter {
    fn matches(&self, device: &Device) -> bool {
        match &self.what {
            What::Subsystem => self.pattern.matches(device.subsystem()),
            What::Attribute(name) => {
                device.attribute(name).is_some_and(|value| self.pattern.matches(value.trim_end()))
            }
            What::Property(key) => {
                let properties = device.properties.iter();
                // Keys are patterns too.
                let key = Pattern::new(key, false);
                properties
                    .filter(|(known, _)| key.matches(known))
                    .any(|(_, value)| self.pattern.matches(value))
            }
            What::Tag => device.record.tags.iter().any(|tag| self.pattern.matches(tag)),
            What::Name => self.pattern.matches(&device.name()),
        }
    }
}

/// Whether all filters let a device pass.
fn is_wanted(options: &Options, device: &Device) -> bool {
    let filters = &options.filters;
    let passes = |filter: &Filter| {
        if filter.not {
            return !filter.matches(device);
        }
        let alike = filters.iter().filter(|other| {
            !other.not && std::mem::discriminant(&other.what) == std::mem::discriminant(&filter.what)
        });
        alike.into_iter().any(|other| other.matches(device))
    };
    let below = |parent: &Device| {
        device
            .devpath
            .strip_prefix(&parent.devpath)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    filters.iter().all(passes) && (options.parents.is_empty() || options.parents.iter().any(below))
}

/// Writes the action to each; says whether one of those that were named failed.
fn send_all(options: &Options, root: &Path, out: &mut dyn Write) -> Result<bool, Failure> {
    let sys = root.join("sys");
    let mut paths: Vec<PathBuf> = options.devices.iter().map(Device::path).collect();
    let named = !paths.is_empty();
    if !named {
        if options.kind != "devices" {
            paths.extend(qos_uevent::coldplug::subsystems(&sys));
        }
        if options.kind != "subsystems" {
            paths.extend(qos_uevent::coldplug::devices(&sys));
        }
        first(&options.first, &mut paths);
    }
    let mut failed = false;
    for path in paths {
        // Nothing is read of a device without need: this is done at each boot.
        if !options.filters.is_empty() || !options.parents.is_empty() {
            let Some(mut device) = Device::of_path(root, &path) else { continue };
            load(root, &mut device);
            if !is_wanted(options, &device) {
                continue;
            }
        }
        if options.verbose {
            writeln!(out, "{}", path.display())?;
        }
        if options.dry {
            continue;
        }
        if let Err(error) = write(&path.join("uevent"), &options.action) {
            let counts = named || !is_gone(&error);
            failed |= counts;
            if counts && !options.quiet {
                eprintln!(
                    "udevadm: Failed to write '{}' to '{}/uevent': {}",
                    options.action,
                    path.display(),
                    error_text(&error)
                );
            }
        }
    }
    Ok(failed)
}

/// Writes the action to a file that exists. With O_CREAT, /sys would say EACCES of one that does not.
fn write(path: &Path, action: &str) -> io::Result<()> {
    OpenOptions::new().write(true).truncate(true).open(path)?.write_all(action.as_bytes())
}

/// Whether the device has gone, or has a driver that takes no events.
fn is_gone(error: &io::Error) -> bool {
    const ENODEV: i32 = 19;
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(ENODEV)
}

/// Puts the devices of these subsystems before all others, with the devices above them.
fn first(subsystems: &[String], paths: &mut [PathBuf]) {
    if subsystems.is_empty() {
        return;
    }
    let rank = |path: &PathBuf| {
        let target = fs::read_link(path.join("subsystem")).unwrap_or_default();
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        subsystems.iter().position(|subsystem| *subsystem == name)
    };
    let ranks: Vec<(PathBuf, usize)> =
        paths.iter().filter_map(|path| Some((path.clone(), rank(path)?))).collect();
    // A device has the rank of the best of those below it. The sort is stable, so parents stay before children.
    paths.sort_by_cached_key(|path| {
        ranks
            .iter()
            .filter(|(below, _)| below.starts_with(path))
            .map(|(_, rank)| *rank)
            .min()
            .unwrap_or(usize::MAX)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    /// The names of the devices that are written to, in order.
    fn check(arguments: &[&str], expect: &[&str]) {
        let fake = Fake::disk();
        let mut out = Vec::new();
        let arguments = ["udevadm", "-v"].into_iter().chain(arguments.iter().copied());
        main(lexopt::Parser::from_iter(arguments), fake.root(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let names: Vec<_> = text.lines().map(|line| line.rsplit('/').next().unwrap()).collect();
        assert_eq!(names, expect);
        for line in text.lines() {
            let written = fs::read_to_string(Path::new(line).join("uevent")).unwrap_or_default();
            assert_eq!(
                written == "add",
                !fake.root().join("dry").exists() && expect.contains(&line.rsplit('/').next().unwrap()),
                "{line}"
            );
        }
    }

    #[test]
    fn filters() {
        check(&["-c", "add", "-s", "block"], &["sda", "sda1", "nvme0n1", "vda", "loop0"]);
        check(&["-c", "add", "-s", "block", "-s", "net", "-y", "s*", "-y", "eth?"], &["sda", "sda1", "eth0"]);
        check(&["-c", "add", "-s", "block", "-p", "DEVTYPE=part*"], &["sda1"]);
        check(&["-c", "add", "--attr-match=vendor=QEMU"], &["0:0:0:0"]);
        check(&["-c", "add", "-a", "size", "-A", "partition"], &["sda"]);
        check(&["-c", "add", "-b", "/sys/bus/pci/devices/0000:00:06.0"], &["0000:00:06.0", "virtio0", "vda"]);
        check(&["-c", "add", "/sys/class/net/eth0"], &["eth0"]);
    }

    #[test]
    fn some_are_first() {
        let fake = Fake::disk();
        let mut paths = qos_uevent::coldplug::devices(&fake.root().join("sys"));
        first(&["net".to_owned(), "mem".to_owned()], &mut paths);
        let names: Vec<_> =
            paths.iter().take(4).map(|path| path.file_name().unwrap().to_string_lossy()).collect();
        assert_eq!(names, ["0000:00:03.0", "eth0", "null", "0000:00:02.0"]);
    }

    #[test]
    fn nothing_is_written_in_a_dry_run() {
        let fake = Fake::disk();
        main(lexopt::Parser::from_iter(["udevadm", "-n"]), fake.root(), &mut Vec::new()).unwrap();
        assert_ne!(fs::read_to_string(fake.root().join("sys/class/net/eth0/uevent")).unwrap(), "change");
        let usage = main(lexopt::Parser::from_iter(["udevadm", "-c", "x"]), fake.root(), &mut Vec::new());
        assert!(usage.unwrap_err().is_usage());
    }

    #[test]
    fn failures() {
        // ENOENT, ENODEV; EPERM, EIO, EACCES, EINVAL, EROFS.
        for (number, expect) in
            [(2, true), (19, true), (1, false), (5, false), (13, false), (22, false), (30, false)]
        {
            assert_eq!(is_gone(&io::Error::from_raw_os_error(number)), expect, "{number}");
        }
        let fake = Fake::disk();
        let run = |arguments: &[&str]| {
            let arguments = ["udevadm"].into_iter().chain(arguments.iter().copied());
            main(lexopt::Parser::from_iter(arguments), fake.root(), &mut Vec::new())
        };
        let uevent = fake.root().join("sys/class/net/eth0/uevent");
        fs::remove_file(&uevent).unwrap();
        run(&["-q"]).unwrap();
        assert!(!uevent.exists());
        assert_eq!(run(&["-q", "/sys/class/net/eth0"]).unwrap_err().status(), 1);
        // A write that fails; root may write to any file.
        fs::create_dir(&uevent).unwrap();
        let failure = run(&["-q"]).unwrap_err();
        assert_eq!((failure.status(), failure.message()), (1, None));
        assert_eq!(fs::read_to_string(fake.root().join("sys/class/block/sda/uevent")).unwrap(), "change");
    }
}
