// SPDX-License-Identifier: MIT OR Apache-2.0
//! Debian version numbers: order, and upstream series (deb-version(7)).

use std::cmp::Ordering;

/// Compares two versions as dpkg does: epoch, then upstream version, then Debian revision.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (split(a), split(b));
    a.0.cmp(&b.0).then_with(|| part(a.1, b.1)).then_with(|| part(a.2, b.2))
}

/// Epoch, upstream version, revision.
fn split(version: &str) -> (u64, &str, &str) {
    let (epoch, rest) = match version.split_once(':') {
        Some((epoch, rest)) => (epoch.parse().unwrap_or(0), rest),
        None => (0, version),
    };
    match rest.rsplit_once('-') {
        Some((upstream, revision)) => (epoch, upstream, revision),
        None => (epoch, rest, ""),
    }
}

/// dpkg's `verrevcmp`: stretches of non-digits and of digits in turn; `~` sorts before everything, the end included.
fn part(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    let order = |byte: Option<&u8>| match byte {
        None => 0,
        Some(b'~') => -1,
        Some(c) if c.is_ascii_digit() => 0,
        Some(c) if c.is_ascii_alphabetic() => i32::from(*c),
        Some(c) => i32::from(*c) + 256,
    };
    while !a.is_empty() || !b.is_empty() {
        while a.first().is_some_and(|c| !c.is_ascii_digit()) || b.first().is_some_and(|c| !c.is_ascii_digit())
        {
            let difference = order(a.first()).cmp(&order(b.first()));
            if difference != Ordering::Equal {
                return difference;
            }
            a = a.get(1..).unwrap_or_default();
            b = b.get(1..).unwrap_or_default();
        }
        let (x, y) = (number(&mut a), number(&mut b));
        let difference = x.len().cmp(&y.len()).then_with(|| x.cmp(y));
        if difference != Ordering::Equal {
            return difference;
        }
    }
    Ordering::Equal
}

/// Takes the leading digits off `text`, without leading zeros.
fn number<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let end = text.iter().position(|c| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    *text = rest;
    let zeros = digits.iter().position(|&c| c != b'0').unwrap_or(digits.len());
    &digits[zeros..]
}

/// The upstream series: the first two numbers of the upstream version (`1:7.3.4-1~bpo13+1` → `7.3`).
///
/// A pin may move inside its series automatically; a new series is a person's decision.
pub fn series(version: &str) -> String {
    let upstream = split(version).1;
    let mut numbers = upstream.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => format!("{major}.{minor}"),
        (Some(major), None) => major.to_owned(),
        _ => upstream.to_owned(),
    }
}

/// The version that upstream gave, without what Debian adds to it (`1.96.0+dfsg1-1~deb13u1` → `1.96.0`).
pub fn upstream(version: &str) -> &str {
    let upstream = split(version).1;
    upstream.split("+dfsg").next().unwrap_or(upstream)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, expect: Ordering, b: &str) {
        assert_eq!(compare(a, b), expect, "{a} with {b}");
        assert_eq!(compare(b, a), expect.reverse(), "{b} with {a}");
    }

    #[test]
    fn order_of_versions() {
        check("1.0", Ordering::Equal, "1.0");
        check("1.0", Ordering::Equal, "1.00");
        check("1.0-1", Ordering::Greater, "1.0");
        check("1.2", Ordering::Less, "1.10");
        check("1:0.1", Ordering::Greater, "9.9");
        check("7.3.4-1~bpo13+1", Ordering::Less, "7.3.4-1");
        check("2.41-12+deb13u4", Ordering::Greater, "2.41-12");
        check("2.41-12+deb13u4", Ordering::Less, "2.41-12+deb13u10");
        check("1.0~rc1", Ordering::Less, "1.0");
        check("1.0a", Ordering::Less, "1.0+");
        check("1.0~", Ordering::Less, "1.0");
        check("20250520", Ordering::Less, "20250521");
    }

    #[test]
    fn upstream_versions() {
        for (version, expect) in [
            ("7.3.4-1~bpo13+1", "7.3.4"),
            ("1:19.1.7-3+b1", "19.1.7"),
            ("1.96.0+dfsg1-1~deb13u1+b1", "1.96.0"),
            ("2025.02-8", "2025.02"),
            ("13.8+deb13u7", "13.8+deb13u7"),
        ] {
            assert_eq!(upstream(version), expect, "{version}");
        }
    }

    #[test]
    fn series_of_versions() {
        for (version, expect) in [
            ("7.3.4-1~bpo13+1", "7.3"),
            ("1:19.1.7-3+b1", "19.1"),
            ("1.85.1+dfsg3-1", "1.85"),
            ("2025.02-8", "2025.02"),
            ("12-20220319", "12"),
        ] {
            assert_eq!(series(version), expect, "{version}");
        }
    }
}
