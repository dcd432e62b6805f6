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
    if text.contains(['|', '`', '\n']) || text.is_empty() || text.trim() != text {
        format!("<code>{}</code>", html(text).replace('|', "&#124;").replace('`', "&#96;").replace('\n', " "))
    } else {
        format!("`{text}`")
    }
}

/// Words in a table's cell or in running text of GitHub's Markdown.
#[must_use]
pub fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // What begins emphasis, links, code, HTML, mentions or references.
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => out.extend(['\\', c]),
            '#' => out.push_str("&#35;"),
            '@' => out.push_str("&#64;"),
            '\n' => out.push(' '),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            other => out.push(other),
        }
    }
    out
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
        assert_eq!(code("a|b`c<"), "<code>a&#124;b&#96;c&lt;</code>");
        assert_eq!(code(""), "<code></code>");
        assert_eq!(
            words("[x](y) *z* #3 @me <b> a|b\nc"),
            "\\[x\\](y) \\*z\\* &#35;3 &#64;me &lt;b&gt; a\\|b c"
        );
        assert_eq!((fence(""), fence("a``b"), fence("````")), ("```".into(), "```".into(), "`````".into()));
    }
}
