// SPDX-License-Identifier: GPL-3.0-or-later
//! Floating-point numbers as C reads and prints them.

/// Flags, width and precision of a conversion.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spec {
    /// `-`: pad on the right.
    pub left: bool,
    /// `+`: a sign also for positive numbers.
    pub plus: bool,
    /// A space in the place of a plus sign.
    pub space: bool,
    /// `#`: the alternative form.
    pub alternative: bool,
    /// `0`: pad with zeros.
    pub zero: bool,
    /// The least number of bytes.
    pub width: usize,
    /// Digits, or the most bytes of a string.
    pub precision: Option<usize>,
}

/// The text of the conversion `letter` for `value`, which is not negative: digits without sign and padding.
pub fn format(value: f64, letter: u8, spec: Spec) -> String {
    let text = if value.is_nan() {
        "nan".to_owned()
    } else if value.is_infinite() {
        "inf".to_owned()
    } else {
        match letter.to_ascii_lowercase() {
            b'f' => fixed(value, spec.precision.unwrap_or(6), spec.alternative),
            b'e' => scientific(value, spec.precision.unwrap_or(6), spec.alternative),
            b'g' => general(value, spec.precision.unwrap_or(6).max(1), spec.alternative),
            _ => hexadecimal(value, spec.precision, spec.alternative),
        }
    };
    if letter.is_ascii_uppercase() { text.to_ascii_uppercase() } else { text }
}

fn fixed(value: f64, precision: usize, point: bool) -> String {
    let dot = if point && precision == 0 { "." } else { "" };
    format!("{value:.precision$}{dot}")
}

fn scientific(value: f64, precision: usize, point: bool) -> String {
    let text = format!("{value:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let dot = if point && precision == 0 { "." } else { "" };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}{dot}e{sign}{:02}", exponent.unsigned_abs())
}

/// `%g`: the shorter form by the exponent that `%e` would print; trailing zeros go unless `keep`.
fn general(value: f64, precision: usize, keep: bool) -> String {
    let text = scientific(value, precision - 1, keep);
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
    let power: i64 = exponent.parse().unwrap_or(0);
    let most = i64::try_from(precision).unwrap_or(i64::MAX);
    if power < -4 || power >= most {
        return format!("{}e{exponent}", trim(digits, keep));
    }
    let decimals = usize::try_from(most - 1 - power).unwrap_or(0);
    trim(&fixed(value, decimals, keep), keep).to_owned()
}

fn trim(digits: &str, keep: bool) -> &str {
    if keep || !digits.contains('.') { digits } else { digits.trim_end_matches('0').trim_end_matches('.') }
}

/// `%a`: the bits of the mantissa in hexadecimal, rounded half to even.
fn hexadecimal(value: f64, precision: Option<usize>, point: bool) -> String {
    const DIGITS: usize = 13;
    let bits = value.to_bits();
    let biased = i64::try_from(bits >> 52).unwrap_or(0);
    let mut mantissa = bits & ((1 << 52) - 1);
    let exponent = match (biased, mantissa) {
        (0, 0) => 0,
        (0, _) => -1022,
        _ => biased - 1023,
    };
    if biased > 0 {
        mantissa |= 1 << 52;
    }
    let shown = precision.unwrap_or(DIGITS);
    if shown < DIGITS {
        let dropped = 4 * (DIGITS - shown);
        let half = 1_u64 << (dropped - 1);
        let rest = mantissa & ((1 << dropped) - 1);
        mantissa >>= dropped;
        if rest > half || (rest == half && mantissa & 1 == 1) {
            mantissa += 1;
        }
        mantissa <<= dropped;
    }
    let fraction = format!("{:013x}", mantissa & ((1 << 52) - 1));
    let fraction = match precision {
        None => fraction.trim_end_matches('0').to_owned(),
        Some(shown) => format!("{fraction:0<shown$}")[..shown].to_owned(),
    };
    let dot = if point || !fraction.is_empty() { "." } else { "" };
    format!("0x{}{dot}{fraction}p{exponent:+}", mantissa >> 52)
}

/// The number at the front of `text`, as strtod(3) reads it, and the count of its bytes: 0 if there is none.
pub fn parse(text: &str) -> (f64, usize) {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = text.len() - unsigned.len();
    let (value, length) = parse_unsigned(unsigned);
    if length == 0 {
        return (0.0, 0);
    }
    (if text.starts_with('-') { -value } else { value }, sign + length)
}

fn parse_unsigned(text: &str) -> (f64, usize) {
    let lower = text.to_ascii_lowercase();
    for (name, value) in [("infinity", f64::INFINITY), ("inf", f64::INFINITY), ("nan", f64::NAN)] {
        if lower.starts_with(name) {
            return (value, name.len());
        }
    }
    if let Some(digits) = lower.strip_prefix("0x")
        && let Some((value, length)) = parse_hexadecimal(digits)
    {
        return (value, length + 2);
    }
    let mantissa = mantissa_length(&lower, 10);
    if mantissa == 0 {
        return (0.0, 0);
    }
    let length = mantissa + exponent_length(&lower[mantissa..], 'e');
    (lower[..length].parse().unwrap_or(0.0), length)
}

/// Bytes of the digits at the front of `text`, with at most one point; 0 if there is no digit.
fn mantissa_length(text: &str, radix: u32) -> usize {
    let count = |text: &str| text.find(|char: char| !char.is_digit(radix)).unwrap_or(text.len());
    let whole = count(text);
    let fraction = text[whole..].strip_prefix('.').map(count);
    match (whole, fraction) {
        (0, None | Some(0)) => 0,
        (_, None) => whole,
        (_, Some(fraction)) => whole + 1 + fraction,
    }
}

/// Bytes of an exponent with its letter at the front of `text`; 0 if it has no digits.
fn exponent_length(text: &str, letter: char) -> usize {
    let Some(rest) = text.strip_prefix(letter) else { return 0 };
    let digits = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 { 0 } else { text.len() - digits.len() + count }
}

fn parse_hexadecimal(text: &str) -> Option<(f64, usize)> {
    let mantissa = mantissa_length(text, 16);
    if mantissa == 0 {
        return None;
    }
    let mut value = 0.0;
    let mut scale = 0_i32;
    let mut point = false;
    for char in text[..mantissa].chars() {
        match char.to_digit(16) {
            Some(digit) => {
                value = value * 16.0 + f64::from(digit);
                scale -= if point { 4 } else { 0 };
            }
            None => point = true,
        }
    }
    let exponent = exponent_length(&text[mantissa..], 'p');
    if exponent > 0 {
        let power: i32 = text[mantissa + 1..mantissa + exponent].parse().unwrap_or(i32::MAX);
        scale = scale.saturating_add(power);
    }
    Some((value * f64::from(scale).exp2(), mantissa + exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_strtod_reads() {
        for (text, value, length) in [
            ("1.5", 1.5, 3),
            ("-2e3x", -2000.0, 4),
            (".5", 0.5, 2),
            ("5.", 5.0, 2),
            ("1e", 1.0, 1),
            ("0x1.8p1", 3.0, 7),
            ("0xg", 0.0, 1),
            (".", 0.0, 0),
            ("-", 0.0, 0),
            ("infinity!", f64::INFINITY, 8),
        ] {
            assert_eq!(parse(text), (value, length), "{text}");
        }
    }

    #[test]
    fn hexadecimal_digits() {
        let text = |value, precision| format(value, b'a', Spec { precision, ..Spec::default() });
        assert_eq!(text(1.0, None), "0x1p+0");
        assert_eq!(text(0.1, None), "0x1.999999999999ap-4");
        assert_eq!(text(0.1, Some(3)), "0x1.99ap-4");
        assert_eq!(text(0.0, Some(2)), "0x0.00p+0");
    }
}
