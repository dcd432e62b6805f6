// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of domains in options: RFC 1035, section 4.1.4, and RFC 3397.

/// Names of domains as in messages of DNS: labels, with pointers to ones before. The list ends where one cannot be.
#[must_use]
pub fn list(bytes: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = 0;
    while let Some((labels, after)) = labels(bytes, at) {
        // Zeros behind the names fill up the option.
        if !labels.is_empty() {
            names.extend(of_labels(&labels));
        }
        at = after;
    }
    names
}

/// The labels of the name at `at`, and where the next name is.
fn labels(bytes: &[u8], mut at: usize) -> Option<(Vec<&[u8]>, usize)> {
    let mut labels = Vec::new();
    let mut after = None;
    loop {
        match *bytes.get(at)? {
            0 => return Some((labels, after.unwrap_or(at + 1))),
            length @ 1..=63 => {
                labels.push(bytes.get(at + 1..=at + usize::from(length))?);
                at += 1 + usize::from(length);
            }
            high @ 192.. => {
                let to = usize::from(high & 63) << 8 | usize::from(*bytes.get(at + 1)?);
                // Backwards only, and a name has no more than 127 labels: that ends.
                if to >= at || labels.len() > 127 {
                    return None;
                }
                after = after.or(Some(at + 2));
                at = to;
            }
            _ => return None,
        }
    }
}

/// Labels joined by dots, if each character may be in the name of a host: it comes from the network, and ends in files.
pub fn of_labels(labels: &[&[u8]]) -> Option<String> {
    let text = labels.join(&b'.');
    let text = text.strip_suffix(b".").unwrap_or(&text);
    let is_good = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let labels_are_good = text.split(|byte| *byte == b'.').all(|label| (1..=63).contains(&label.len()));
    let good = labels_are_good && text.len() <= 253 && text.iter().all(is_good) && !text.starts_with(b"-");
    good.then(|| String::from_utf8_lossy(text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_domains() {
        for (bytes, expect) in [
            (
                &b"\x03eng\x05apple\x03com\0\x09marketing\xc0\x04"[..],
                &["eng.apple.com", "marketing.apple.com"][..],
            ),
            (b"", &[]),
            (b"\0\0", &[]),
            (b"\x01a\0\x02b\xff\0\x01c\0", &["a", "c"]),
            // Pointers to themselves and ahead, a label and a pointer that are cut off.
            (b"\xc0\x00", &[]),
            (b"\x01a\xc0\x05\0\0", &[]),
            (b"\x05ab", &[]),
            (b"\x01a\xc0", &[]),
            (b"\x01a\xc0\x00", &[]),
            (b"\x03a\nb\0", &[]),
        ] {
            assert_eq!(list(bytes), expect, "{bytes:?}");
        }
    }
}
