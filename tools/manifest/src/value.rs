// SPDX-License-Identifier: MIT OR Apache-2.0
//! Single values of a manifest: modes, sizes, instructions, memory, paths. Each function gives the value or the reason why not.

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

/// A guest's memory in MiB, of which QEMU gives no part: `"80 MiB"`, `"1 GiB"`.
pub(crate) fn memory_mib(text: &str) -> Result<u32, String> {
    let bytes = size(text)?;
    match u32::try_from(bytes >> 20) {
        Ok(mib) if mib > 0 && bytes % (1 << 20) == 0 => Ok(mib),
        Ok(_) => Err(format!("memory of \"{text}\" is not a whole number of MiB, at least 1")),
        Err(_) => Err(format!("memory of \"{text}\" is more than a guest can have")),
    }
}

/// Memory the way [`memory_mib`] reads it.
pub(crate) fn memory_text(mib: u32) -> String {
    format!("{mib} MiB")
}

/// A number of instructions from text: `"90 M"`, `"83.5 M"` (M is a million) or `"83500000"`.
pub(crate) fn instructions(text: &str) -> Result<u64, String> {
    let wrong = || {
        format!(
            "\"{text}\" is not a number of instructions; write millions with at most three decimals, \"90 M\" or \"83.5 M\", or a whole number"
        )
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (number, unit) = match text.strip_suffix('M') {
        Some(number) => (number.trim_end(), 1_000_000_u64),
        None => (text, 1),
    };
    let (whole, decimals) = match number.split_once('.') {
        Some((whole, decimals)) if unit > 1 && digits(decimals) && decimals.len() <= 3 => (whole, decimals),
        Some(_) => return Err(wrong()),
        None => (number, "0"),
    };
    if !digits(whole) {
        return Err(wrong());
    }
    // Three decimals of a million are thousands: no fraction is left.
    let thousands =
        decimals.bytes().zip([100, 10, 1]).map(|(b, place)| u64::from(b - b'0') * place).sum::<u64>();
    let exact =
        whole.parse::<u64>().ok().and_then(|whole| whole.checked_mul(unit)?.checked_add(thousands * 1000));
    exact.ok_or_else(|| format!("\"{text}\" does not fit in 64 bits"))
}

/// A number of instructions the way [`instructions`] reads it: in millions if three decimals are exact.
pub(crate) fn instructions_text(count: u64) -> String {
    match (count / 1_000_000, count % 1_000_000) {
        (_, rest) if rest % 1000 != 0 => count.to_string(),
        (millions, 0) => format!("{millions} M"),
        (millions, rest) => format!("{millions}.{} M", format!("{:03}", rest / 1000).trim_end_matches('0')),
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

/// The name of a tree of the toolchain: letters, digits, `-` and `_`.
pub(crate) fn tree(name: &str) -> Result<(), String> {
    match name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) && !name.is_empty() {
        true => Ok(()),
        false => Err(format!("\"{name}\" is not the name of a tree of the toolchain, such as \"debian\"")),
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
    fn memory_both_ways() {
        let check = |text: &str, expect: Option<u32>| assert_eq!(memory_mib(text).ok(), expect, "{text}");
        check("1 MiB", Some(1));
        check("80MiB", Some(80));
        check("1 GiB", Some(1024));
        check("2048 KiB", Some(2));
        for bad in
            ["", "80", "80 M", "80 MB", "0 MiB", "1023 KiB", "1025 KiB", "79.5 MiB", "-1 MiB", "9999999 GiB"]
        {
            check(bad, None);
        }
        assert_eq!(memory_mib(&memory_text(80)), Ok(80));
    }

    #[test]
    fn instructions_both_ways() {
        let check = |text: &str, expect: Option<u64>| assert_eq!(instructions(text).ok(), expect, "{text}");
        check("0", Some(0));
        check("83439000", Some(83_439_000));
        check("83439001", Some(83_439_001));
        check("90 M", Some(90_000_000));
        check("90M", Some(90_000_000));
        check("83.5 M", Some(83_500_000));
        check("83.50 M", Some(83_500_000));
        check("83.439 M", Some(83_439_000));
        check("0.001 M", Some(1000));
        check("18446744073709.551 M", Some(18_446_744_073_709_551_000));
        for bad in [
            "",
            "M",
            " M",
            ".5 M",
            "5. M",
            "83.4391 M",
            "83.5",
            "1.2.3 M",
            "-1 M",
            "+1 M",
            "1e3 M",
            " 90 M",
            "90 M ",
            "90 m",
            "90 MM",
            "90 G",
            "9 0 M",
            "18446744073710 M",
            "18446744073709551616",
            "18446744073709.552 M",
        ] {
            check(bad, None);
        }
        for (count, text) in [
            (0, "0 M"),
            (1, "1"),
            (1000, "0.001 M"),
            (90_000_000, "90 M"),
            (83_500_000, "83.5 M"),
            (83_050_000, "83.05 M"),
            (83_439_000, "83.439 M"),
            (83_439_001, "83439001"),
            (u64::MAX, "18446744073709551615"),
        ] {
            assert_eq!(instructions_text(count), text);
            assert_eq!(instructions(text), Ok(count));
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
