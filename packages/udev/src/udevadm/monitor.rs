// SPDX-License-Identifier: MIT OR Apache-2.0
//! `udevadm monitor`: prints events as they come, until it is interrupted.

use lexopt::prelude::*;
use qos_command::Failure;
use qos_sys::error_text;
use qos_sys::uevent::{Group, Listener, Taken};
use qos_uevent::Event;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;

#[derive(Default)]
struct Options {
    properties: bool,
    subsystems: Vec<String>,
    tags: Vec<String>,
}

pub fn main(mut parser: lexopt::Parser, _: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut kernel, mut udev) = (false, false);
    let mut options = Options::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('k') | Long("kernel") => kernel = true,
            Short('u') | Long("udev") => udev = true,
            Short('p' | 'e') | Long("property" | "environment") => options.properties = true,
            Short('s') | Long("subsystem-match") => options.subsystems.push(parser.value()?.string()?),
            Short('t') | Long("tag-match") => options.tags.push(parser.value()?.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if !kernel && !udev {
        (kernel, udev) = (true, true);
    }
    let listen = |group: Group| {
        Listener::of(group).map_err(|error| Failure::new(format!("listen to events: {}", error_text(&error))))
    };
    let mut listeners = Vec::new();
    writeln!(out, "monitor will print the received events for:")?;
    if udev {
        listeners.push(("UDEV", listen(Group::Udev)?));
        writeln!(out, "UDEV - the event which udev sends out after rule processing")?;
    }
    if kernel {
        listeners.push(("KERNEL", listen(Group::Kernel)?));
        writeln!(out, "KERNEL - the kernel uevent")?;
    }
    writeln!(out)?;
    out.flush()?;
    loop {
        let descriptors: Vec<_> = listeners.iter().map(|(_, listener)| listener.as_fd()).collect();
        qos_sys::poll::any_readable(&descriptors, None).map_err(|error| Failure::of("poll", &error))?;
        for (name, listener) in &listeners {
            loop {
                match listener.take() {
                    Ok(Taken::Packet(packet)) => {
                        if let Ok(event) = Event::parse(&packet) {
                            let now = qos_sys::time::since_boot();
                            print(&options, name, (now.as_secs(), now.subsec_micros()), &event, out)?;
                        }
                    }
                    Ok(Taken::None) => break,
                    Ok(Taken::Overrun) => writeln!(out, "{name}: events are lost")?,
                    Err(error) => return Err(Failure::of("take an event", &error)),
                }
            }
        }
        out.flush()?;
    }
}

/// Prints an event that the options select.
fn print(
    options: &Options,
    name: &str,
    time: (u64, u32),
    event: &Event,
    out: &mut dyn Write,
) -> io::Result<()> {
    let subsystem = event.get("SUBSYSTEM").unwrap_or_default();
    let kind = event.get("DEVTYPE").unwrap_or_default();
    let is_wanted = |wanted: &String| match wanted.split_once('/') {
        Some((wanted, wanted_kind)) => wanted == subsystem && wanted_kind == kind,
        None => wanted == subsystem,
    };
    if !options.subsystems.is_empty() && !options.subsystems.iter().any(is_wanted) {
        return Ok(());
    }
    let tags = event.get("TAGS").unwrap_or_default();
    if !options.tags.is_empty() && !tags.split(':').any(|tag| options.tags.iter().any(|wanted| wanted == tag))
    {
        return Ok(());
    }
    let (seconds, micros) = time;
    writeln!(out, "{name:<6}[{seconds}.{micros:06}] {:<8} {} ({subsystem})", event.action, event.devpath)?;
    if options.properties {
        for (key, value) in &event.properties {
            writeln!(out, "{key}={value}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let properties = [("SUBSYSTEM", "block"), ("DEVTYPE", "disk"), ("TAGS", ":a:b:")];
        let properties = properties.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
        let event = Event { action: "add".into(), devpath: "/devices/a".into(), seqnum: 1, properties };
        let check = |properties: bool, subsystems: &[&str], tags: &[&str], expect: &str| {
            let list = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
            let options = Options { properties, subsystems: list(subsystems), tags: list(tags) };
            let mut out = Vec::new();
            print(&options, "UDEV", (7, 42), &event, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expect);
        };
        let line = "UDEV  [7.000042] add      /devices/a (block)\n";
        check(false, &[], &[], line);
        check(false, &["net", "block/disk"], &["b"], line);
        check(false, &["block/partition"], &[], "");
        check(false, &[], &["c"], "");
        check(true, &["block"], &[], &format!("{line}SUBSYSTEM=block\nDEVTYPE=disk\nTAGS=:a:b:\n\n"));
    }
}
