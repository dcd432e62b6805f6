// SPDX-License-Identifier: MIT OR Apache-2.0
//! The columns of `lsblk`, and where their values come from.

use super::cell::Cell;
use qos_probe::Tags;
use qos_probe::device::Device;
use qos_probe::size::human;
use std::fs;
use std::path::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Name,
    KernelName,
    Path,
    Numbers,
    Removable,
    Size,
    ReadOnly,
    Type,
    MountPoint,
    MountPoints,
    Parent,
    Rotational,
    LogicalSector,
    PhysicalSector,
    /// What is in a file of the device's directory.
    Attribute(&'static str, &'static str),
    /// What probing found.
    Tag(&'static str, &'static str),
}

pub const DEFAULT: &[Column] = &[
    Column::Name,
    Column::Numbers,
    Column::Removable,
    Column::Size,
    Column::ReadOnly,
    Column::Type,
    Column::MountPoints,
];

pub const FILE_SYSTEMS: &[Column] = &[
    Column::Name,
    Column::Tag("FSTYPE", "TYPE"),
    Column::Tag("FSVER", "VERSION"),
    Column::Tag("LABEL", "LABEL"),
    Column::Tag("UUID", "UUID"),
    Column::MountPoints,
];

const ALL: &[Column] = &[
    Column::Name,
    Column::KernelName,
    Column::Path,
    Column::Numbers,
    Column::Removable,
    Column::Size,
    Column::ReadOnly,
    Column::Type,
    Column::MountPoint,
    Column::MountPoints,
    Column::Parent,
    Column::Rotational,
    Column::LogicalSector,
    Column::PhysicalSector,
    Column::Attribute("MODEL", "device/model"),
    Column::Attribute("VENDOR", "device/vendor"),
    Column::Attribute("REV", "device/rev"),
    Column::Attribute("SERIAL", "serial"),
    Column::Attribute("WWN", "wwid"),
    Column::Attribute("SCHED", "queue/scheduler"),
    Column::Tag("FSTYPE", "TYPE"),
    Column::Tag("FSVER", "VERSION"),
    Column::Tag("LABEL", "LABEL"),
    Column::Tag("UUID", "UUID"),
    Column::Tag("PTTYPE", "PTTYPE"),
    Column::Tag("PTUUID", "PTUUID"),
    Column::Tag("PARTTYPE", "PART_ENTRY_TYPE"),
    Column::Tag("PARTLABEL", "PART_ENTRY_NAME"),
    Column::Tag("PARTUUID", "PART_ENTRY_UUID"),
    Column::Tag("PARTFLAGS", "PART_ENTRY_FLAGS"),
    Column::Tag("PARTN", "PART_ENTRY_NUMBER"),
];

impl Column {
    /// The column of that title, in capitals or not.
    pub fn parse(name: &str) -> Option<Column> {
        ALL.iter().copied().find(|column| column.title().eq_ignore_ascii_case(name))
    }

    pub fn title(self) -> &'static str {
        match self {
            Column::Name => "NAME",
            Column::KernelName => "KNAME",
            Column::Path => "PATH",
            Column::Numbers => "MAJ:MIN",
            Column::Removable => "RM",
            Column::Size => "SIZE",
            Column::ReadOnly => "RO",
            Column::Type => "TYPE",
            Column::MountPoint => "MOUNTPOINT",
            Column::MountPoints => "MOUNTPOINTS",
            Column::Parent => "PKNAME",
            Column::Rotational => "ROTA",
            Column::LogicalSector => "LOG-SEC",
            Column::PhysicalSector => "PHY-SEC",
            Column::Attribute(title, _) | Column::Tag(title, _) => title,
        }
    }

    /// Whether values stand at the right.
    pub fn is_right(self) -> bool {
        matches!(
            self,
            Column::Removable
                | Column::Size
                | Column::ReadOnly
                | Column::Rotational
                | Column::LogicalSector
                | Column::PhysicalSector
        )
    }

    pub fn cell(self, facts: &Facts<'_>, paths: bool, bytes: bool) -> Cell {
        let device = facts.device;
        let disk = facts.disk.as_ref().unwrap_or(device);
        let kernel = |device: &Device| {
            let name = device.name.replace('!', "/");
            if paths { format!("/dev/{name}") } else { name }
        };
        match self {
            Column::Name => {
                let node = device.node();
                let name = if paths { Some(node.as_os_str()) } else { node.file_name() };
                let whole = node.strip_prefix("/dev").ok().filter(|_| !paths && device.name.contains('!'));
                let name = whole.map(Path::as_os_str).or(name).unwrap_or_default();
                Cell::Text(name.to_string_lossy().into_owned())
            }
            Column::KernelName => Cell::Text(kernel(device)),
            Column::Path => Cell::Text(device.node().display().to_string()),
            Column::Parent => facts.parent.map_or(Cell::Null, |parent| Cell::Text(kernel(parent))),
            Column::Numbers => device.attribute("dev").map_or(Cell::Null, Cell::Numbers),
            Column::Removable => Cell::Flag(disk.number("removable") == Some(1)),
            Column::ReadOnly => Cell::Flag(device.number("ro") == Some(1)),
            Column::Rotational => Cell::Flag(disk.number("queue/rotational") == Some(1)),
            Column::LogicalSector => disk.number("queue/logical_block_size").map_or(Cell::Null, Cell::Number),
            Column::PhysicalSector => {
                disk.number("queue/physical_block_size").map_or(Cell::Null, Cell::Number)
            }
            Column::Size if bytes => Cell::Number(device.size()),
            Column::Size => Cell::Text(human(device.size())),
            Column::Type => Cell::Text(facts.kind()),
            Column::MountPoint => facts.mounted.last().map_or(Cell::Null, |place| Cell::Text(place.clone())),
            Column::MountPoints => Cell::Lines(facts.mounted.clone()),
            Column::Attribute(_, path) => disk.attribute(path).map_or(Cell::Null, Cell::Text),
            Column::Tag(_, name) => facts.tags.text(name).map_or(Cell::Null, Cell::Text),
        }
    }
}

/// What is known of a device.
pub struct Facts<'a> {
    device: &'a Device,
    parent: Option<&'a Device>,
    disk: Option<Device>,
    tags: Tags,
    mounted: Vec<String>,
}

impl<'a> Facts<'a> {
    pub fn of(
        device: &'a Device,
        parent: Option<&'a Device>,
        mounts: &[Mounted],
        columns: &[Column],
    ) -> Facts<'a> {
        let is_probed = columns.iter().any(|column| matches!(column, Column::Tag(..)));
        let numbers = device.attribute("dev").unwrap_or_default();
        let node = device.node().display().to_string();
        let mapped = device.attribute("dm/name").map(|name| format!("/dev/mapper/{name}"));
        let names = [Some(numbers), Some(node), mapped];
        let here = mounts.iter().filter(|mounted| names.iter().flatten().any(|name| *name == mounted.device));
        Facts {
            device,
            parent,
            disk: device.disk(),
            // A value that cannot be read or determined is an empty cell.
            tags: if is_probed { device.probe().unwrap_or_default() } else { Tags::default() },
            mounted: here.map(|mounted| mounted.place.clone()).collect(),
        }
    }

    /// The type of the device.
    fn kind(&self) -> String {
        let device = self.device;
        if device.is_partition() {
            return "part".to_owned();
        }
        if let Some(uuid) = device.attribute("dm/uuid") {
            let prefix = uuid.split('-').next().unwrap_or_default().to_lowercase();
            return if prefix.is_empty() { "dm".to_owned() } else { prefix };
        }
        if device.attribute("dm/name").is_some() {
            return "dm".to_owned();
        }
        if let Some(level) = device.attribute("md/level") {
            return level;
        }
        if device.name.starts_with("loop") {
            return "loop".to_owned();
        }
        // Numbers of SCSI: 5 is a drive of optical media.
        match device.number("device/type") {
            Some(5) => "rom".to_owned(),
            _ if device.name.starts_with("sr") => "rom".to_owned(),
            _ => "disk".to_owned(),
        }
    }
}

/// A device, by its numbers, its node or its name in `/dev/mapper`, and where it is mounted.
pub struct Mounted {
    device: String,
    place: String,
}

/// The table of mounts, and the swap areas in use.
pub fn mounts(root: &Path) -> Vec<Mounted> {
    let table = fs::read(root.join("proc/self/mountinfo")).unwrap_or_default();
    let text = |field: &[u8]| qos_sys::mounts::unescape(field).to_string_lossy().into_owned();
    let mount = |line: &[u8]| {
        let mut fields = line.split(|byte| *byte == b' ');
        let (device, place) = (text(fields.nth(2)?), text(fields.nth(1)?));
        // Btrfs has numbers that are not those of a device: major 0. Its device is the source, two fields behind the separator.
        let source = fields.skip_while(|field| *field != b"-").nth(2).filter(|_| device.starts_with("0:"));
        Some(Mounted { device: source.map_or(device, text), place })
    };
    let mut all: Vec<Mounted> = table.split(|byte| *byte == b'\n').filter_map(mount).collect();
    let swaps = fs::read(root.join("proc/swaps")).unwrap_or_default();
    let lines = swaps.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty());
    all.extend(lines.filter_map(|line| {
        let device = text(line.split(|byte| matches!(byte, b' ' | b'\t')).next()?);
        Some(Mounted { device, place: "[SWAP]".to_owned() })
    }));
    all
}
