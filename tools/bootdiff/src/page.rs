// SPDX-License-Identifier: MIT OR Apache-2.0
//! The frame of a page that is complete in itself: style, script, and a policy that forbids everything else.

use crate::escape::html;
use data_encoding::BASE64;
use sha2::{Digest, Sha256};

/// The style that the pages of this project share.
pub const STYLE: &str = include_str!("page.css");

/// A page with this title and these elements in `<main>`. `style` follows [`STYLE`]; `script` may be empty.
///
/// The browser runs and applies only these two texts (Content Security Policy Level 3, section 8.4: hashes), and loads nothing.
#[must_use]
pub fn document(title: &str, style: &str, script: &str, main: &str) -> String {
    let style = format!("{STYLE}{style}");
    let allowed = |text: &str| match text {
        "" => "'none'".to_owned(),
        text => format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)[..])),
    };
    let (style_hash, script_hash) = (allowed(&style), allowed(script));
    let script = if script.is_empty() { String::new() } else { format!("<script>{script}</script>\n") };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {style_hash}; \
         script-src {script_hash}; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n{main}</main>\n{script}</body>\n</html>\n",
        html(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_the_two_texts_only() {
        let page = document("a < b", "", "alert(1)", "<p>text</p>\n");
        // printf %s 'alert(1)' | openssl dgst -sha256 -binary | base64
        let script = "script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; base-uri 'none'";
        assert!(page.contains(script), "{page}");
        assert!(
            page.contains("<script>alert(1)</script>") && page.contains("<title>a &lt; b</title>"),
            "{page}"
        );
        assert!(page.contains("default-src 'none'; style-src 'sha256-"), "{page}");
        let silent = document("x", "", "", "");
        assert!(silent.contains("script-src 'none';") && !silent.contains("<script"), "{silent}");
        let style = |page: &str| {
            page.split("style-src ").nth(1).and_then(|rest| rest.split(';').next()).map(str::to_owned)
        };
        assert_ne!(style(&silent), style(&document("x", "p { margin: 0; }", "", "")));
    }
}
