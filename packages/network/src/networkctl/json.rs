// SPDX-License-Identifier: MIT OR Apache-2.0
//! JSON (RFC 8259) to be written.

use std::fmt::Write;

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// In one line.
    Short,
    /// A member a line.
    Pretty,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// Members in order.
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    /// A text.
    pub fn of(text: impl ToString) -> Json {
        Json::Text(text.to_string())
    }

    /// Bytes as numbers.
    pub fn bytes(bytes: &[u8]) -> Json {
        Json::List(bytes.iter().map(|byte| Json::Number((*byte).into())).collect())
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Json::Number(_) => false,
            Json::Text(text) => text.is_empty(),
            Json::List(list) => list.is_empty(),
            Json::Object(members) => members.is_empty(),
        }
    }

    /// The text of the value.
    pub fn text(&self, style: Style) -> String {
        let mut text = String::new();
        self.write(&mut text, (style == Style::Pretty).then_some(0));
        text
    }

    fn write(&self, out: &mut String, depth: Option<usize>) {
        let inner = depth.map(|depth| depth + 1);
        let line = |out: &mut String, depth: Option<usize>| {
            if let Some(depth) = depth {
                out.push('\n');
                out.extend(std::iter::repeat_n('\t', depth));
            }
        };
        match self {
            Json::Number(number) => {
                let _ = write!(out, "{number}");
            }
            Json::Text(text) => quote(out, text),
            Json::List(list) => {
                out.push('[');
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    line(out, inner);
                    value.write(out, inner);
                }
                line(out, depth);
                out.push(']');
            }
            Json::Object(members) => {
                out.push('{');
                for (at, (key, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    line(out, inner);
                    quote(out, key);
                    out.push_str(if depth.is_some() { " : " } else { ":" });
                    value.write(out, inner);
                }
                line(out, depth);
                out.push('}');
            }
        }
    }
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            char if char < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_styles() {
        let value = Json::Object(vec![
            ("a", Json::bytes(&[1, 2])),
            ("b", Json::of("x\"\\\n")),
            ("c", Json::List(Vec::new())),
        ]);
        assert_eq!(value.text(Style::Short), "{\"a\":[1,2],\"b\":\"x\\\"\\\\\\u000a\",\"c\":[]}");
        assert_eq!(
            value.text(Style::Pretty),
            "{\n\t\"a\" : [\n\t\t1,\n\t\t2\n\t],\n\t\"b\" : \"x\\\"\\\\\\u000a\",\n\t\"c\" : [\n\t]\n}"
        );
    }
}
