// SPDX-License-Identifier: MIT OR Apache-2.0
//! The URL of a cache or store to copy to.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// Schemes of binary caches: files in a directory or behind HTTP. The others are stores, which a Nix there manages.
const CACHES: [&str; 4] = ["file", "s3", "http", "https"];
const STORES: [&str; 2] = ["ssh-ng", "ssh"];

/// A URL that Nix copies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    scheme: String,
    url: String,
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Destination, String> {
        if text.contains(char::is_whitespace) {
            return Err("a URL has no spaces; write %20".into());
        }
        // A path is a store of its own to Nix, which is seldom meant.
        let (scheme, rest) = text.split_once("://").ok_or("not a URL; a directory is file:///DIRECTORY")?;
        if !CACHES.contains(&scheme) && !STORES.contains(&scheme) {
            let known = [&CACHES[..], &STORES[..]].concat().join(", ");
            return Err(format!("Nix cannot copy to {scheme}://; it can to {known}"));
        }
        if rest.is_empty() {
            return Err(format!("nothing follows {scheme}://"));
        }
        if scheme == "file" && !rest.starts_with('/') {
            return Err(format!("the directory has to be absolute: file:///…/{rest}"));
        }
        Ok(Destination { scheme: scheme.to_owned(), url: text.to_owned() })
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.url)
    }
}

impl Destination {
    /// Whether it is a binary cache, whose files this machine writes.
    pub fn is_cache(&self) -> bool {
        CACHES.contains(&self.scheme.as_str())
    }

    /// Whether it is a directory of this machine.
    pub fn is_directory(&self) -> bool {
        self.scheme == "file"
    }

    /// The URL for Nix. A binary cache is compressed by zstd if the URL does not say how: Nix's default, xz, is
    /// slower to unpack. With `key`, a binary cache is signed as it is written.
    pub fn url(&self, key: Option<&Path>) -> String {
        let mut url = self.url.clone();
        if !self.is_cache() {
            return url;
        }
        let mut add = |name: &str, value: &str| {
            let has = url
                .split_once('?')
                .is_some_and(|(_, all)| all.split('&').any(|one| one.split('=').next() == Some(name)));
            if !has {
                url.push(if url.contains('?') { '&' } else { '?' });
                url.push_str(&format!("{name}={value}"));
            }
        };
        add("compression", "zstd");
        if let Some(key) = key {
            add("secret-key", &escaped(&key.display().to_string()));
        }
        url
    }

    /// The URL for clients: without what concerns writing only.
    pub fn public(&self) -> String {
        if self.is_directory() {
            return "URL-OF-THAT-DIRECTORY".to_owned();
        }
        let Some((start, options)) = self.url.split_once('?') else { return self.url.clone() };
        let ours = ["compression", "compression-level", "parallel-compression", "secret-key"];
        let kept: Vec<_> = options
            .split('&')
            .filter(|one| !ours.contains(&one.split('=').next().unwrap_or_default()))
            .collect();
        match kept.is_empty() {
            true => start.to_owned(),
            false => format!("{start}?{}", kept.join("&")),
        }
    }
}

/// A path as the value of a URL's option.
fn escaped(path: &str) -> String {
    let mut text = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' | b'~' => {
                text.push(byte.into())
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let key = Path::new("/k/a key");
        for (text, without, with, public) in [
            (
                "file:///srv/c",
                "file:///srv/c?compression=zstd",
                "file:///srv/c?compression=zstd&secret-key=/k/a%20key",
                "URL-OF-THAT-DIRECTORY",
            ),
            (
                "s3://b?endpoint=e&compression=xz",
                "s3://b?endpoint=e&compression=xz",
                "s3://b?endpoint=e&compression=xz&secret-key=/k/a%20key",
                "s3://b?endpoint=e",
            ),
            (
                "https://h/c?compression=none",
                "https://h/c?compression=none",
                "https://h/c?compression=none&secret-key=/k/a%20key",
                "https://h/c",
            ),
            ("ssh-ng://h", "ssh-ng://h", "ssh-ng://h", "ssh-ng://h"),
        ] {
            let to: Destination = text.parse().unwrap();
            assert_eq!((to.url(None).as_str(), to.url(Some(key)).as_str()), (without, with));
            assert_eq!((to.public().as_str(), to.to_string().as_str()), (public, text));
        }
    }

    #[test]
    fn mistakes() {
        for (text, expect) in [
            ("/srv/cache", "file:///DIRECTORY"),
            ("ftp://x", "cannot copy to ftp://"),
            ("s3://", "nothing follows"),
            ("file://srv/cache", "has to be absolute"),
            // As `setup --cache` says it: Nix does not know how to open such a store, and says so after the build.
            ("file:///tmp/cache dir", "a URL has no spaces; write %20"),
            ("/tmp/cache dir", "a URL has no spaces"),
        ] {
            assert!(text.parse::<Destination>().unwrap_err().contains(expect), "{text}");
        }
    }
}
