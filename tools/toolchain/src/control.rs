// SPDX-License-Identifier: MIT OR Apache-2.0
//! Debian's control format (deb-src-control(5), deb822(5)): paragraphs of `Field: value`, with continuation lines.
//! `Release` and `Packages` files and apt's `.sources` files are all written in it.

/// One paragraph, its fields in order. Continuation lines are joined to their field with `\n`.
#[derive(Debug, Default)]
pub struct Paragraph<'a> {
    fields: Vec<(&'a str, &'a str)>,
}

impl<'a> Paragraph<'a> {
    /// The value of a field, trimmed. Names are case-insensitive, as the format defines.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// The paragraphs of `text`. Comment lines (`#`) between fields are skipped; a line that is no field is skipped too,
/// since no file read here is written by hand for us.
pub fn paragraphs(text: &str) -> impl Iterator<Item = Paragraph<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches('\n');
            if rest.is_empty() {
                return None;
            }
            let (paragraph, after) = cut(rest);
            rest = after;
            let paragraph = fields(paragraph);
            if !paragraph.fields.is_empty() {
                return Some(paragraph);
            }
        }
    })
}

/// Splits at the first blank line.
fn cut(text: &str) -> (&str, &str) {
    match text.find("\n\n") {
        Some(end) => (&text[..end], &text[end..]),
        None => (text, ""),
    }
}

fn fields(paragraph: &str) -> Paragraph<'_> {
    let mut fields: Vec<(&str, &str)> = Vec::new();
    let mut start = 0;
    // where the value of the last field begins and ends in `paragraph`
    let mut value: Option<(usize, usize)> = None;
    for line in paragraph.split_inclusive('\n') {
        let begin = start;
        start += line.len();
        if line.starts_with('#') {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            if let (Some((from, to)), Some(last)) = (value.as_mut(), fields.last_mut()) {
                *to = start;
                last.1 = &paragraph[*from..*to];
            }
        } else if let Some((name, text)) = line.split_once(':') {
            let from = begin + name.len() + 1;
            value = Some((from, start));
            fields.push((name, text));
        }
    }
    Paragraph { fields }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_continuations() {
        let text = "# comment\nPackage: a\nDepends: b,\n c\nSize: 3\n\n\n#only\n\nPackage: d\n";
        let all: Vec<_> = paragraphs(text).collect();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].get("package"), Some("a"));
        assert_eq!(all[0].get("Depends"), Some("b,\n c"));
        assert_eq!(all[0].get("Size"), Some("3"));
        assert_eq!(all[0].get("Missing"), None);
        assert_eq!(all[1].get("Package"), Some("d"));
    }
}
