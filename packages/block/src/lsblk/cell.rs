// SPDX-License-Identifier: MIT OR Apache-2.0
//! A value of `lsblk`'s table, as text and in JSON.

/// A value.
pub enum Cell {
    Null,
    Text(String),
    /// Major and minor number.
    Numbers(String),
    Number(u64),
    Flag(bool),
    /// Values one below another.
    Lines(Vec<String>),
}

impl Cell {
    pub fn lines(&self) -> Vec<String> {
        match self {
            Cell::Null => Vec::new(),
            Cell::Text(text) => vec![text.clone()],
            Cell::Numbers(text) => match text.split_once(':') {
                Some((major, minor)) => vec![format!("{major:>3}:{minor:<3}")],
                None => vec![text.clone()],
            },
            Cell::Number(number) => vec![number.to_string()],
            Cell::Flag(flag) => vec![u8::from(*flag).to_string()],
            Cell::Lines(lines) => lines.clone(),
        }
    }

    pub fn json(&self) -> String {
        match self {
            Cell::Null => "null".to_owned(),
            Cell::Text(text) | Cell::Numbers(text) => quoted(text),
            Cell::Number(number) => number.to_string(),
            Cell::Flag(flag) => flag.to_string(),
            Cell::Lines(lines) => {
                let items: Vec<String> = lines.iter().map(|line| quoted(line)).collect();
                let items = if items.is_empty() { "null".to_owned() } else { items.join(",") };
                format!("[{items}]")
            }
        }
    }
}

/// A string of JSON.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            char if char.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(char))),
            char => out.push(char),
        }
    }
    out + "\""
}
