// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask setup --cache URL --key KEY`: has Nix use a binary cache, after a look whether it is one.

use crate::nix_install;
use clap::Args;
use qos_host::cache_key::PublicKey;
use qos_host::nix;
use qos_host::nix_settings::Settings;
use qos_host::root;
use qos_host::ui::{Result, Ui};
use std::path::Path;
use std::process::{Command, Stdio};

/// What a fresh machine asks for first.
const ATTRIBUTE: &str = "qemu";

/// Options of the binary cache.
#[derive(Args)]
pub struct Cache {
    /// Only have Nix use this binary cache (http://, https://, s3://, ssh-ng://, file:///), which is checked first
    #[arg(long, value_name = "URL", requires = "key")]
    cache: Option<String>,
    /// The public key by which the cache is signed
    #[arg(long, value_name = "NAME:BASE64", requires = "cache")]
    key: Option<String>,
}

impl Cache {
    /// The URL and the key, if the options are there.
    pub fn options(&self) -> Option<(&str, &str)> {
        self.cache.as_deref().zip(self.key.as_deref())
    }
}

/// Checks the cache and adds it to Nix's configuration.
///
/// # Errors
///
/// One line for the user: the URL, the key, or a signature is wrong; or the configuration may not be changed. Nothing is changed then.
pub fn configure(ui: &Ui, url: &str, key: &str) -> Result<()> {
    let key = PublicKey::parse(key).map_err(|error| format!("--key: {error}"))?;
    check_url(url)?;
    let shown = Settings::read(&[])?;
    let lines = lines(&shown.text, url, &key)?;
    ask(url)?;
    check_trust(url)?;
    let holds = check_signature(url, &key)?;
    nix_install::add(ui, &lines)?;
    ui.say(&match holds {
        true => format!("{url}: has the image of this revision, signed by {}", key.name()),
        false => format!(
            "{url}: does not have the image of this revision, which is built here until somebody pushes it"
        ),
    });
    Ok(())
}

/// Whether Nix can take this for a cache. A path would be a store of its own, which Nix makes if it is not there.
fn check_url(url: &str) -> Result<()> {
    // It is not shown: where it has a password is not known.
    if url.contains(char::is_whitespace) {
        return Err("--cache: a URL has no spaces; write %20".into());
    }
    check_parts(url).map_err(|error| format!("--cache {url}: {error}").into())
}

fn check_parts(url: &str) -> Result<()> {
    let (scheme, rest) = url.split_once("://").ok_or("this is no URL; a directory is file:///DIRECTORY")?;
    if rest.is_empty() {
        return Err(format!("nothing follows {scheme}://").into());
    }
    if scheme == "file" {
        let directory = Path::new(rest.split('?').next().unwrap_or(rest));
        if !directory.join("nix-cache-info").is_file() {
            return Err("the directory has no file nix-cache-info, so it is no binary cache; `cargo xtask cache push` makes one".into());
        }
    }
    Ok(())
}

/// The lines that Nix's configuration needs, by its present settings.
fn lines(shown: &str, url: &str, key: &PublicKey) -> Result<Vec<String>> {
    let words = |name: &str| nix_install::setting(shown, name).unwrap_or_default().split_whitespace();
    let mut lines = Vec::new();
    if nix_install::setting(shown, "substitute") == Some("false") {
        return Err(
            "Nix's configuration has `substitute = false`, so no cache is used; remove that line".into()
        );
    }
    if !words("substituters").any(|one| one.trim_end_matches('/') == url.trim_end_matches('/')) {
        lines.push(format!("extra-substituters = {url}"));
    }
    let text = key.to_string();
    if !words("trusted-public-keys").any(|one| one == text) {
        // Of two keys with one name Nix uses the first.
        let same_name = |one: &str| one.split(':').next() == Some(key.name());
        if words("trusted-public-keys").any(same_name) {
            return Err(format!(
                "Nix's configuration trusts another key of the name {}; if that one is old, remove it from trusted-public-keys in nix.conf",
                key.name()
            )
            .into());
        }
        lines.push(format!("extra-trusted-public-keys = {text}"));
    }
    // 0 is the system's, which is minutes: a build would wait so long for a cache that is switched off.
    if !lines.is_empty() && nix_install::setting(shown, "connect-timeout") == Some("0") {
        lines.push("connect-timeout = 10".to_owned());
    }
    Ok(lines)
}

/// Asks the cache for its `nix-cache-info`.
fn ask(url: &str) -> Result<()> {
    let asked = nix(&["store", "ping", "--store", url], url)?;
    match asked.success {
        true => Ok(()),
        false => Err(format!("--cache {url}: {}", asked.reason()).into()),
    }
}

/// Whether a daemon would take the setting from this user.
fn check_trust(url: &str) -> Result<()> {
    let asked = nix(&["store", "ping", "--option", "extra-substituters", url], url)?;
    if is_refused(&asked.stderr, url) {
        return Err("Nix's daemon does not take caches from you; have an administrator add the lines extra-substituters = URL and \
                    extra-trusted-public-keys = KEY to /etc/nix/nix.conf, and restart nix-daemon"
            .into());
    }
    Ok(())
}

/// Whether the daemon says that it does not take this cache from this user. One that has the cache in its own configuration does.
fn is_refused(stderr: &str, url: &str) -> bool {
    stderr.contains(&format!("ignoring untrusted substituter '{}", url.trim_end_matches('/')))
}

/// Whether the cache has the image of this revision. If it has, `key` must have signed it.
fn check_signature(url: &str, key: &PublicKey) -> Result<bool> {
    let path = nix::eval(root::root(), &format!("{ATTRIBUTE}.outPath"))?;
    let text = key.to_string();
    let words = [
        "store",
        "verify",
        "--store",
        url,
        "--no-contents",
        "--sigs-needed",
        "1",
        "--trusted-public-keys",
        &text,
        &path,
    ];
    let asked = nix(&words, url)?;
    if asked.stderr.contains("is untrusted") {
        return Err(format!(
            "--key: the cache {url} is not signed by this key ({path}); ask whoever fills it for the public key"
        )
        .into());
    }
    if !asked.success && !asked.stderr.contains("is not valid") {
        return Err(format!("--cache {url}: {}", asked.reason()).into());
    }
    Ok(asked.success)
}

/// What a command of Nix said.
struct Asked {
    success: bool,
    stderr: String,
}

impl Asked {
    /// The cause: the last error of Nix's. Programs that Nix starts, such as ssh(1), say theirs before it.
    fn reason(&self) -> String {
        let lines: Vec<_> = self.stderr.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let Some(last) = lines.last() else { return "Nix gives no reason".to_owned() };
        let last = last.trim_start_matches("error:").trim();
        match lines.iter().find(|line| line.starts_with("ssh:") || line.contains("Permission denied")) {
            Some(ssh) => format!("{last} ({ssh})"),
            None => last.to_owned(),
        }
    }
}

/// Runs `nix` for a question to `url`: short of patience, and without the answers that it remembers of earlier times.
fn nix(words: &[&str], url: &str) -> Result<Asked> {
    let ssh = std::env::var("NIX_SSHOPTS").unwrap_or_default();
    let memory = root::scratch(root::root()).join("cache-check");
    let output = Command::new("nix")
        .args(words)
        .args(["--option", "connect-timeout", "10", "--option", "download-attempts", "1"])
        // ssh(1) is not to ask for a password.
        .env("NIX_SSHOPTS", format!("{ssh} -oBatchMode=yes -oConnectTimeout=10"))
        .env("XDG_CACHE_HOME", &memory)
        .stdin(Stdio::null())
        .output();
    // It may not be there.
    let _ = std::fs::remove_dir_all(&memory);
    let output = output.map_err(|error| format!("cannot run nix to ask {url}: {error}"))?;
    Ok(Asked {
        success: output.status.success(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "qos-1:lH+xHACDWeWjbML9kkWgBGQSn3vTwLLzTqjJJr8uNVM=";

    #[test]
    fn lines_that_are_missing() {
        let key = PublicKey::parse(KEY).unwrap();
        let url = "http://cache/qos";
        let timeout = "connect-timeout = 10";
        let (substituter, trusted) =
            (format!("extra-substituters = {url}"), format!("extra-trusted-public-keys = {KEY}"));
        let fresh = "connect-timeout = 0\nsubstitute = true\nsubstituters = \ntrusted-public-keys = cache.nixos.org-1:a=\n";
        assert_eq!(lines(fresh, url, &key).unwrap(), [&substituter, &trusted, timeout]);
        let patient = "connect-timeout = 5\nsubstituters = https://x http://cache/qos/\n";
        assert_eq!(lines(patient, url, &key).unwrap(), [&*trusted]);
        let done = format!("connect-timeout = 0\nsubstituters = {url}\ntrusted-public-keys = a:b {KEY}\n");
        assert!(lines(&done, url, &key).unwrap().is_empty());
        let error = |shown: &str| lines(shown, url, &key).unwrap_err().to_string();
        assert!(error("trusted-public-keys = qos-1:other=\n").contains("another key of the name qos-1"));
        assert!(error("substitute = false\n").contains("substitute = false"));
    }

    #[test]
    fn urls_that_are_none() {
        for (url, expect) in [
            ("/srv/cache", "no URL"),
            ("cache.example", "no URL"),
            ("http://", "nothing follows"),
            ("http://a b", "no spaces"),
            ("file:///no/such/directory", "nix-cache-info"),
        ] {
            assert!(check_url(url).unwrap_err().to_string().contains(expect), "{url}");
        }
        let error = check_url("http://me:hunter 2@host").unwrap_err().to_string();
        assert_eq!(error, "--cache: a URL has no spaces; write %20");
        for url in ["https://cache.example/qos?priority=10", "ssh-ng://builder", "s3://bucket?endpoint=minio"]
        {
            assert!(check_url(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn what_a_daemon_says() {
        for (stderr, expect) in [
            ("warning: ignoring untrusted substituter 'http://c'\n", true),
            ("warning: ignoring untrusted substituter 'http://c/', you are not a trusted user.\n", true),
            ("warning: ignoring untrusted substituter 'http://other'\nStore URL: daemon\n", false),
            ("Store URL: daemon\nVersion: 2.8.0\n", false),
        ] {
            assert_eq!(is_refused(stderr, "http://c"), expect, "{stderr}");
        }
    }

    #[test]
    fn reasons() {
        for (stderr, expect) in [
            (
                "error: 'http://x' does not appear to be a binary cache\n",
                "'http://x' does not appear to be a binary cache",
            ),
            (
                "ssh: connect to host a port 22: Connection refused\nerror: cannot open connection\n",
                "cannot open connection (ssh: connect to host a port 22: Connection refused)",
            ),
            ("", "Nix gives no reason"),
        ] {
            assert_eq!(Asked { success: false, stderr: stderr.to_owned() }.reason(), expect);
        }
    }
}
