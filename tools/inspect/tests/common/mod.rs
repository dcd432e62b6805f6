// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small ELF files and trees, made by hand.
#![allow(dead_code, reason = "each test file uses a part of this")]

use qos_inspect::{Kind, Node, Tree};

/// What an ELF file should hold.
#[derive(Default)]
pub struct Elf<'a> {
    /// `e_machine`, if not x86_64's.
    pub machine: Option<u16>,
    /// Whether it is an object file.
    pub relocatable: bool,
    /// `PT_INTERP`.
    pub interpreter: Option<&'a str>,
    /// `DT_NEEDED`.
    pub needed: &'a [&'a str],
    /// `DT_RUNPATH`.
    pub run_path: Option<&'a str>,
    /// Lines of `.modinfo`.
    pub modinfo: &'a [&'a str],
}

const HEADER: usize = 64;
const PROGRAM_HEADER: usize = 56;
const SECTION_HEADER: usize = 64;

impl Elf<'_> {
    /// The file. Everything is loaded at its offset, so that addresses are offsets.
    pub fn bytes(&self) -> Vec<u8> {
        let dynamic = !self.needed.is_empty() || self.run_path.is_some();
        let segments = 1 + usize::from(self.interpreter.is_some()) + usize::from(dynamic);
        let mut body = Vec::new();
        let start = HEADER + segments * PROGRAM_HEADER;
        let mut put = |bytes: &[u8]| {
            body.resize(body.len().next_multiple_of(8), 0_u8);
            let at = start + body.len();
            body.extend_from_slice(bytes);
            (at as u64, bytes.len() as u64)
        };
        let interpreter = self.interpreter.map(|path| put(format!("{path}\0").as_bytes()));
        let mut strings = vec![0_u8];
        let mut string = |text: &str| {
            let at = strings.len() as u64;
            strings.extend_from_slice(text.as_bytes());
            strings.push(0);
            at
        };
        let mut entries: Vec<(u64, u64)> = self.needed.iter().map(|name| (1, string(name))).collect();
        entries.extend(self.run_path.map(|path| (29, string(path))));
        let (strings_at, strings_len) = put(&strings);
        entries.extend([(5, strings_at), (10, strings_len), (0, 0)]);
        let entries: Vec<u8> = entries
            .iter()
            .flat_map(|(tag, value)| [tag.to_le_bytes(), value.to_le_bytes()].concat())
            .collect();
        let dynamic = dynamic.then(|| put(&entries));
        let modinfo: Vec<u8> =
            self.modinfo.iter().flat_map(|line| [line.as_bytes(), b"\0"].concat()).collect();
        let modinfo = put(&modinfo);
        let names = put(b"\0.modinfo\0.shstrtab\0");
        let sections_at = start + body.len().next_multiple_of(8);

        let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        let kind: u16 = if self.relocatable { 1 } else { 2 };
        for half in [kind, self.machine.unwrap_or(62)] {
            out.extend(half.to_le_bytes());
        }
        out.extend(1_u32.to_le_bytes());
        for word in [0, HEADER as u64, sections_at as u64] {
            out.extend(word.to_le_bytes());
        }
        out.extend(0_u32.to_le_bytes());
        for half in [HEADER, PROGRAM_HEADER, segments, SECTION_HEADER, 3, 2] {
            out.extend((half as u16).to_le_bytes());
        }
        let mut segment = |kind: u32, (at, len): (u64, u64)| {
            out.extend([kind.to_le_bytes(), 5_u32.to_le_bytes()].concat());
            for word in [at, at, at, len, len, 8] {
                out.extend(word.to_le_bytes());
            }
        };
        segment(1, (0, sections_at as u64));
        interpreter.into_iter().for_each(|range| segment(3, range));
        dynamic.into_iter().for_each(|range| segment(2, range));
        out.extend(body);
        out.resize(sections_at, 0);
        for (name, kind, (at, len)) in [(0_u32, 0_u32, (0, 0)), (1, 1, modinfo), (10, 3, names)] {
            out.extend([name.to_le_bytes(), kind.to_le_bytes()].concat());
            // Flags, address, offset, size, link and info (4 bytes each), alignment, size of an entry.
            for word in [0, 0, at, len, 0, 1, 0] {
                out.extend(word.to_le_bytes());
            }
        }
        out
    }
}

/// A module for x86_64 with this name, `depends` and kernel release.
pub fn module(name: &str, depends: &str, release: &str) -> Vec<u8> {
    let lines = [
        format!("name={name}"),
        format!("depends={depends}"),
        format!("vermagic={release} SMP preempt mod_unload "),
        format!("alias=virtio:d{name}v*"),
        "license=GPL".to_owned(),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    Elf { relocatable: true, modinfo: &lines, ..Elf::default() }.bytes()
}

/// A file with this mode and content.
pub fn file(mode: u32, data: impl Into<Vec<u8>>) -> Node {
    Node::new(mode, Kind::File(data.into().into()))
}

/// A symbolic link.
pub fn symlink(target: &str) -> Node {
    Node::new(0o777, Kind::Symlink(target.into()))
}

/// A tree of these.
pub fn tree<'a>(nodes: impl IntoIterator<Item = (&'a str, Node)>) -> Tree {
    let mut tree = Tree::default();
    for (path, node) in nodes {
        tree.insert(path, node);
    }
    tree
}
