// SPDX-License-Identifier: MIT OR Apache-2.0
//! Escapes foreign text for HTML and Markdown.

/// For the text of an element and for an attribute in double quotes.
#[must_use]
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Code in a line or a table's cell of GitHub's Markdown: as it is, whatever it holds.
#[must_use]
pub fn code(text: &str) -> String {
    // A table is taken apart before code is, so that a bar ends a cell even there; as HTML it does not.
    if text.contains(['|', '`', '\n', '\r']) || text.is_empty() || text.trim() != text {
        // Within the element, Markdown is still read.
        format!(
            "<code>{}</code>",
            plain(text, &|c| if c.is_ascii_punctuation() { reference(c) } else { c.into() })
        )
    } else {
        format!("`{text}`")
    }
}

/// Words in a table's cell or in running text of GitHub's Markdown.
#[must_use]
pub fn words(text: &str) -> String {
    // What begins emphasis, links, code, HTML or a cell.
    plain(text, &|c| match c {
        '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => format!("\\{c}"),
        '&' | '<' | '>' => reference(c),
        other => other.into(),
    })
}

/// A numeric character reference (CommonMark, section 2.5).
fn reference(c: char) -> String {
    format!("&#{};", u32::from(c))
}

/// Text in one line, each character as `escape` gives it.
///
/// Forges look for addresses, mentions, references, formulas and emoji in the text that results, where a reference is a plain character
/// again. An element around one character separates them.
fn plain(text: &str, escape: &dyn Fn(char) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let (before, after) = (&text[..at], &text[at + c.len_utf8()..]);
        let joins = match c {
            '@' | '#' | '$' => true,
            ':' => after.starts_with("//") || is_emoji(after),
            '.' => {
                before.len() >= 3
                    && before.is_char_boundary(before.len() - 3)
                    && before[before.len() - 3..].eq_ignore_ascii_case("www")
            }
            _ => false,
        };
        let shown = match c {
            '\n' | '\r' => " ".to_owned(),
            c => escape(c),
        };
        if joins {
            out.push_str(&format!("<span>{shown}</span>"));
        } else {
            out.push_str(&shown);
        }
    }
    out
}

/// Whether the text after a colon makes it the first one of `:name:`.
fn is_emoji(after: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-');
    after.split_once(':').is_some_and(|(name, _)| !name.is_empty() && name.chars().all(is_name))
}

/// The fence for a block of code with this text: longer than any in it.
#[must_use]
pub fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_text_is_markup() {
        assert_eq!(html(r#"<a href="x" b='y'>&"#), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
        assert_eq!(code("plain_text"), "`plain_text`");
        assert_eq!(code("a|b`c<"), "<code>a&#124;b&#96;c&#60;</code>");
        assert_eq!(code(""), "<code></code>");
        assert_eq!(code("a\rb"), "<code>a b</code>");
        assert_eq!(
            code("|[x](y) ![i](j) *k*"),
            "<code>&#124;&#91;x&#93;&#40;y&#41; &#33;&#91;i&#93;&#40;j&#41; &#42;k&#42;</code>"
        );
        assert_eq!(
            code("|a@b.c http://d"),
            "<code>&#124;a<span>&#64;</span>b&#46;c http<span>&#58;</span>&#47;&#47;d</code>"
        );
        assert_eq!(
            words("[x](y) *z* #3 @me <b> a|b\nc"),
            "\\[x\\](y) \\*z\\* <span>#</span>3 <span>@</span>me &#60;b&#62; a\\|b c"
        );
        assert_eq!(
            words("https://a.b, www.c.d, WWW.e"),
            "https<span>:</span>//a.b, www<span>.</span>c.d, WWW<span>.</span>e"
        );
        assert_eq!(words("é.ww.w ww. .a: b://"), "é.ww.w ww. .a: b<span>:</span>//");
        assert_eq!(
            words("$x$ :tada: 0000:00:01.0 a: b"),
            "<span>$</span>x<span>$</span> <span>:</span>tada: 0000<span>:</span>00:01.0 a: b"
        );
        assert_eq!(words("\\ ~ _ &#64;"), "\\\\ \\~ \\_ &#38;<span>#</span>64;");
        assert_eq!((fence(""), fence("a``b"), fence("````")), ("```".into(), "```".into(), "`````".into()));
    }
}
