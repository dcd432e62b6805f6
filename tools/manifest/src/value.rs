// SPDX-License-Identifier: MIT OR Apache-2.0
//! Single values of a manifest: modes, sizes, paths. Each function gives the value or the reason why not.

/// Permission bits from octal text: `"0755"`, `"1777"`.
pub(crate) fn mode(text: &str) -> Result<u32, String> {
    let digits = !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| (b'0'..=b'7').contains(&b));
    match u32::from_str_radix(text, 8) {
        Ok(mode) if digits && mode <= 0o7777 => Ok(mode),
        _ => Err(format!("mode \"{text}\" is not octal permission bits, such as \"0755\" or \"1777\"")),
    }
}

const UNITS: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// A number of bytes from text with a unit: `"12 MiB"`.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => (&text[..at], text[at..].trim_start()),
        None => (text, "B"),
    };
    let factor = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
    match (number.parse::<u64>(), factor) {
        (Ok(number), Some(factor)) => {
            number.checked_mul(factor).ok_or_else(|| format!("size \"{text}\" does not fit in 64 bits"))
        }
        _ => {
            Err(format!("\"{text}\" is not a size; write a whole number and B, KiB, MiB or GiB: \"12 MiB\""))
        }
    }
}

/// A size the way [`size`] reads it, in the largest unit that fits without a remainder.
pub(crate) fn size_text(bytes: u64) -> String {
    let fits = |(_, factor): &&(&str, u64)| bytes >= *factor && bytes % factor == 0;
    match UNITS.iter().rev().find(fits) {
        Some((unit, factor)) => format!("{} {unit}", bytes / factor),
        None => format!("{bytes} B"),
    }
}

/// Checks a path in the image: absolute and normal.
pub(crate) fn image_path(path: &str) -> Result<(), String> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err(format!("path \"{path}\" in the image has to start with /: \"/{path}\""));
    };
    if rest.is_empty() {
        return Err("path \"/\" is the root directory; its owner and mode can be said in [dirs]".to_owned());
    }
    match rest.split('/').find(|part| matches!(*part, "" | "." | "..")) {
        Some(_) => {
            Err(format!("path \"{path}\" in the image must have no //, no . and no .. and must not end in /"))
        }
        None if path.contains('\0') || path.len() >= 4096 => {
            Err(format!("path of {} bytes in the image: at most 4095 without NUL are allowed", path.len()))
        }
        None if rest == "TRAILER!!!" => Err("\"/TRAILER!!!\" is the end mark of a cpio archive".to_owned()),
        None => Ok(()),
    }
}

/// Checks a path on the host: relative, so that the same manifest means the same files everywhere.
pub(crate) fn host_path(path: &str) -> Result<(), String> {
    if path.is_empty() || path.starts_with('/') || path.contains('\0') {
        return Err(format!("\"{path}\" has to be a relative path"));
    }
    Ok(())
}

/// Checks the name of an applet: one path component.
pub(crate) fn applet(name: &str) -> Result<(), String> {
    match name {
        "" | "." | ".." => Err(format!("\"{name}\" is no name for a program")),
        _ if name.contains(['/', '\0']) => {
            Err(format!("\"{name}\" is no name for a program: it has a / or NUL"))
        }
        _ => Ok(()),
    }
}

/// The target of a symbolic link: anything that the kernel takes (a length of 1 to 4095 bytes, no NUL).
pub(crate) fn link_target(target: &str) -> Result<(), String> {
    if target.is_empty() || target.contains('\0') || target.len() >= 4096 {
        return Err("a link's target has 1 to 4095 bytes and no NUL".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        let check = |text: &str, expect: Option<u32>| assert_eq!(mode(text).ok(), expect, "{text}");
        check("0755", Some(0o755));
        check("755", Some(0o755));
        check("4755", Some(0o4755));
        check("01777", Some(0o1777));
        check("7777", Some(0o7777));
        for bad in ["", "8", "rwx", "0o755", "10000", "000755", "+755", "-1"] {
            check(bad, None);
        }
    }

    #[test]
    fn sizes_both_ways() {
        let check = |text: &str, expect: Option<u64>| assert_eq!(size(text).ok(), expect, "{text}");
        check("0", Some(0));
        check("1024", Some(1024));
        check("12 MiB", Some(12 << 20));
        check("12MiB", Some(12 << 20));
        check("3 GiB", Some(3 << 30));
        for bad in ["", "MiB", "1.5 MiB", "12 MB", "-1", "99999999999 GiB", "12 MiB or so"] {
            check(bad, None);
        }
        for (bytes, text) in [(0, "0 B"), (1, "1 B"), (1024, "1 KiB"), (1025, "1025 B"), (12 << 20, "12 MiB")]
        {
            assert_eq!(size_text(bytes), text);
            assert_eq!(size(text), Ok(bytes));
        }
    }

    #[test]
    fn image_paths() {
        for good in ["/bin", "/bin/[", "/a b/ü", "/.x/..y"] {
            assert_eq!(image_path(good), Ok(()), "{good}");
        }
        for bad in ["", "/", "bin", "/bin/", "//bin", "/a//b", "/./a", "/a/..", "/TRAILER!!!", "/a\0b"] {
            assert!(image_path(bad).is_err(), "{bad}");
        }
    }
}
