// SPDX-License-Identifier: MIT OR Apache-2.0
//! URLs in messages.

/// The text with `***` in the place of the password of each URL in it: `http://me:***@host/`. A user without a password stays, as in
/// `ssh-ng://root@host`.
pub fn redact(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + "://".len());
        shown.push_str(before);
        let (user, length) = secret(after).unwrap_or_default();
        if length > 0 {
            shown.push_str(&after[..user]);
            shown.push_str(":***");
        }
        rest = &after[length..];
    }
    shown.push_str(rest);
    shown
}

/// In a text that begins with a URL's authority (RFC 3986, 3.2): the length of the user's name, and that of the name and the password.
fn secret(text: &str) -> Option<(usize, usize)> {
    let word = text.split(char::is_whitespace).next()?;
    let authority = word.split(['/', '?', '#']).next()?;
    let user = authority.find(':')?;
    let end = authority.rfind('@').or_else(|| {
        // A slash in a password has to be %2F. Where it is not, no port follows the colon.
        let is_port = authority[user + 1..].bytes().all(|byte| byte.is_ascii_digit());
        word.rfind('@').filter(|_| !is_port && !authority.starts_with('['))
    })?;
    (user < end).then_some((user, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        for (text, expect) in [
            ("http://me:hunter2@host:80/c", "http://me:***@host:80/c"),
            ("http://me:hunter2@host", "http://me:***@host"),
            ("http://:hunter2@host", "http://:***@host"),
            ("http://me:a:b@c@host/", "http://me:***@host/"),
            ("http://me:it's@host/", "http://me:***@host/"),
            ("http://me:a/b@host/", "http://me:***@host/"),
            ("http://me:@host/", "http://me:***@host/"),
            (
                "unable to download 'http://me:hunter2@h/nix-cache-info': no; see https://a:b@c",
                "unable to download 'http://me:***@h/nix-cache-info': no; see https://a:***@c",
            ),
            ("s3://bucket?endpoint=http://me:pw@h:1&x=y", "s3://bucket?endpoint=http://me:***@h:1&x=y"),
        ] {
            assert_eq!(redact(text), expect);
        }
    }

    #[test]
    fn other_text_stays() {
        for text in [
            "",
            "no URL: me@host",
            "ssh-ng://root@127.0.0.1?remote-store=/tmp/x",
            "http://127.0.0.1:8099/a@b",
            "http://[::1]:80/a@b",
            "http://h:80: git@h",
            "http://h: ü@h",
            "://",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
