// SPDX-License-Identifier: MIT OR Apache-2.0
//! Words of a value: quotes and C escapes (systemd.syntax(7), "Quoting").

/// A word: any bytes but NUL, because `\xff` is one.
pub type Word = Vec<u8>;

/// Splits `text` at blanks. Quotes group and are removed, C escapes are decoded; an escape that is not known stays as it is.
///
/// # Errors
/// When a quote is not closed, or `text` ends in a backslash.
pub fn split(text: &str) -> Result<Vec<Word>, String> {
    Ok(split_marked(text)?.into_iter().map(|(word, _)| word).collect())
}

/// As [`split`]; the mark says that the word was written without quotes and escapes.
///
/// # Errors
/// As [`split`].
pub fn split_marked(text: &str) -> Result<Vec<(Word, bool)>, String> {
    let bytes = text.as_bytes();
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        if at == bytes.len() {
            return Ok(words);
        }
        let (mut word, mut plain) = (Vec::new(), true);
        let mut quote = None;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            match (byte, quote) {
                (b'\\', _) => {
                    plain = false;
                    at += unescape(&bytes[at..], &mut word).ok_or("backslash at the end of the value")?;
                }
                (_, Some(open)) if byte == open => quote = None,
                (b'"' | b'\'', None) => {
                    plain = false;
                    quote = Some(byte);
                }
                (_, None) if byte.is_ascii_whitespace() => break,
                _ => word.push(byte),
            }
        }
        if let Some(open) = quote {
            return Err(format!("quote {} is not closed", char::from(open)));
        }
        words.push((word, plain));
    }
}

/// As [`split`], for words that have to be text.
///
/// # Errors
/// As [`split`], and when a word is not UTF-8.
pub fn split_text(text: &str) -> Result<Vec<String>, String> {
    split(text)?.into_iter().map(|word| String::from_utf8(word).map_err(|_| "not UTF-8".to_owned())).collect()
}

/// Decodes the escape sequence after a backslash; how many bytes it takes. `None` at the end of the text.
fn unescape(rest: &[u8], word: &mut Word) -> Option<usize> {
    let first = *rest.first()?;
    let simple = match first {
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b's' => b' ',
        b'\\' | b'"' | b'\'' => first,
        _ => {
            return Some(numeric(rest, word).unwrap_or_else(|| {
                word.extend([b'\\', first]);
                1
            }));
        }
    };
    word.push(simple);
    Some(1)
}

/// `xHH`, `OOO`, `uHHHH`, `UHHHHHHHH`; `None` for anything else, and for NUL.
fn numeric(rest: &[u8], word: &mut Word) -> Option<usize> {
    let (digits, radix, skip) = match rest[0] {
        b'x' => (2, 16, 1),
        b'u' => (4, 16, 1),
        b'U' => (8, 16, 1),
        b'0'..=b'7' => (3, 8, 0),
        _ => return None,
    };
    let text = std::str::from_utf8(rest.get(skip..skip + digits)?).ok()?;
    // from_str_radix takes a sign.
    let number =
        text.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(text, radix).ok())??;
    if number == 0 {
        return None;
    }
    if matches!(rest[0], b'u' | b'U') {
        word.extend(char::from_u32(number)?.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        word.push(u8::try_from(number).ok()?);
    }
    Some(skip + digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let words: Vec<_> = split(text).unwrap().iter().map(|w| w.escape_ascii().to_string()).collect();
        assert_eq!(words, expect, "{text:?}");
    }

    #[test]
    fn words() {
        check("", &[]);
        check("  a  b\tc ", &["a", "b", "c"]);
        check("\"a b\" 'c d'", &["a b", "c d"]);
        check("a\"b c\"d e'f'", &["ab cd", "ef"]);
        check("\"\" ''", &["", ""]);
        check("\"it's\" '\"'", &["it\\'s", "\\\""]);
        check("a\\sb \\x41\\102\\u0043\\U00000044", &["a b", "ABCD"]);
        check("\\xff \\t\\n", &["\\xff", "\\t\\n"]);
        // Unknown escapes and NUL stay.
        check("\\q \\x0 \\x00 \\000 \\u+041", &["\\\\q", "\\\\x0", "\\\\x00", "\\\\000", "\\\\u+041"]);
        check("'\\'' \"\\\"\"", &["\\'", "\\\""]);
    }

    #[test]
    fn errors() {
        assert_eq!(split("\"a").unwrap_err(), "quote \" is not closed");
        assert_eq!(split("'a b").unwrap_err(), "quote ' is not closed");
        assert_eq!(split("a\\").unwrap_err(), "backslash at the end of the value");
        assert_eq!(split_text("\\xff").unwrap_err(), "not UTF-8");
    }
}
