// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lsblk`: the block devices, and the devices on top of them (lsblk(8)).

mod cell;
mod column;
mod output;

use crate::Failure;
use cell::Cell;
use column::{Column, DEFAULT, FILE_SYSTEMS, Facts};
use lexopt::prelude::*;
use output::Row;
use qos_probe::device::{self, Device};
use std::io::Write;
use std::path::{Path, PathBuf};

/// None of the devices that were named was there, and some of them.
const NONE: u8 = 32;
const SOME: u8 = 64;

#[derive(Default)]
struct Request {
    columns: Vec<Column>,
    json: bool,
    list: bool,
    no_head: bool,
    paths: bool,
    bytes: bool,
    raw: bool,
    no_children: bool,
    all: bool,
    root: Option<PathBuf>,
    devices: Vec<PathBuf>,
}

pub fn main(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let request = parse(parser).map_err(|failure| failure.with_status(1))?;
    run(&request, out)
}

fn parse(mut parser: lexopt::Parser) -> Result<Request, Failure> {
    let mut request = Request::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('o') | Long("output") => {
                let list = parser.value()?.string()?;
                for name in list.trim_start_matches('+').split(',') {
                    let column = Column::parse(name);
                    let column = column.ok_or_else(|| Failure::new(format!("unknown column: {name}")))?;
                    if list.starts_with('+') && request.columns.is_empty() {
                        request.columns = DEFAULT.to_vec();
                    }
                    request.columns.push(column);
                }
            }
            Short('f') | Long("fs") => request.columns.extend_from_slice(FILE_SYSTEMS),
            Short('J') | Long("json") => request.json = true,
            Short('l') | Long("list") => request.list = true,
            Short('n') | Long("noheadings") => request.no_head = true,
            Short('p') | Long("paths") => request.paths = true,
            Short('b') | Long("bytes") => request.bytes = true,
            Short('r') | Long("raw") => request.raw = true,
            Short('d') | Long("nodeps") => request.no_children = true,
            Short('a') | Long("all") => request.all = true,
            Long("sysroot") => request.root = Some(parser.value()?.into()),
            Value(device) => request.devices.push(device.into()),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if request.columns.is_empty() {
        request.columns = DEFAULT.to_vec();
    }
    Ok(request)
}

fn run(request: &Request, out: &mut dyn Write) -> Result<(), Failure> {
    let root = request.root.as_deref().unwrap_or(Path::new("/"));
    let mounts = column::mounts(root);
    let rows = |devices: Vec<Device>| -> Vec<Row> {
        devices.iter().map(|device| row(device, None, request, &mounts)).collect()
    };
    let mut missing = 0;
    let top: Vec<Device> = if request.devices.is_empty() {
        let all = device::all(root).map_err(|error| Failure::at("/sys/class/block", &error))?;
        all.into_iter().filter(|device| request.all || is_listed(device)).collect()
    } else {
        let found = request.devices.iter().filter_map(|path| {
            let device = Device::of_node(root, &root.join(path.strip_prefix("/").unwrap_or(path)));
            if device.is_none() {
                eprintln!("lsblk: {}: not a block device", path.display());
                missing += 1;
            }
            device
        });
        found.collect()
    };
    let rows = rows(top);
    if request.json {
        output::json(&request.columns, &rows, out)?;
    } else {
        let style = output::Style {
            head: !request.no_head,
            tree: !request.list && !request.raw && request.columns.contains(&Column::Name),
            raw: request.raw,
        };
        output::table(&request.columns, &rows, &style, out)?;
    }
    match missing {
        0 => Ok(()),
        _ if missing == request.devices.len() => Err(Failure::silent(NONE)),
        _ => Err(Failure::silent(SOME)),
    }
}

/// Partitions and stacked devices come below the devices they are on; RAM disks and loop devices without a file are left out.
fn is_listed(device: &Device) -> bool {
    let is_ram = device.attribute("dev").is_some_and(|numbers| numbers.starts_with("1:"));
    let is_unused = device.size() == 0 && device.name.starts_with("loop");
    !device.is_partition() && !device.has_parts() && !is_ram && !is_unused
}

fn row(device: &Device, parent: Option<&Device>, request: &Request, mounts: &[column::Mounted]) -> Row {
    let facts = Facts::of(device, parent, mounts, &request.columns);
    let cells: Vec<Cell> =
        request.columns.iter().map(|column| column.cell(&facts, request.paths, request.bytes)).collect();
    let below = if request.no_children {
        Vec::new()
    } else {
        let both = device.partitions().into_iter().chain(device.holders());
        both.map(|child| row(&child, Some(device), request, mounts)).collect()
    };
    Row { cells, below }
}

#[cfg(test)]
mod tests;
