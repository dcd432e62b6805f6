// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask cache push`: signs what a fresh machine needs to boot and to build, and copies it to a binary cache. All of the work
//! is done by `nix store sign` and `nix copy`.

mod destination;

use clap::{Parser, Subcommand};
use destination::Destination;
use qos_host::cache_key::PublicKey;
use qos_host::nix;
use qos_host::root;
use qos_host::source::Source;
use qos_host::ui::{self, Flags, Result, Ui};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Fill a binary cache of Nix: tools/nix/cache.md
#[derive(Parser)]
#[command(name = "cargo xtask cache", bin_name = "cargo xtask cache")]
struct Cache {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Build attributes of the flake, sign them and what they are made of, and copy all of it to a cache
    Push(Push),
}

/// Arguments of `push`.
#[derive(clap::Args)]
struct Push {
    /// The cache: file:///DIRECTORY (for a web server), s3://BUCKET, http(s):// (by PUT), or a store: ssh-ng://HOST
    to: String,
    /// Attributes of the flake
    #[arg(value_name = "ATTR", default_values = ["qemu", "dev-tools"])]
    attributes: Vec<String>,
    /// File with the secret key to sign with (nix key generate-secret --key-name NAME)
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Only what the attributes need to run: enough to boot, too little to build a change with
    #[arg(long)]
    outputs_only: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

fn main() -> ExitCode {
    let Cache { verb: Verb::Push(push) } = Cache::parse();
    qos_host::main("cache", 1, push.run())
}

impl Push {
    fn run(self) -> Result<ExitCode> {
        // Mistakes are told before minutes of building.
        let to = destination(&self.to)?;
        let key = self.key.as_deref().map(Key::read).transpose()?;
        let ui = Ui::new(&self.flags, "cache.log")?;
        ask(&to)?;
        let mut paths = BTreeSet::new();
        for attribute in &self.attributes {
            let output = nix::build(&ui, attribute)?;
            let start = match self.outputs_only {
                true => output.display().to_string(),
                false => nix::eval(root::root(), &format!("{attribute}.drvPath"))?,
            };
            paths.extend(closure(&start)?);
        }
        ui.summary();
        verify(&paths)?;
        ui.say(&format!("{to}: {} paths", paths.len()));
        send(&to, key.as_ref(), &paths)?;
        match key {
            Some(key) => ui.say(&format!(
                // The options of an s3:// URL have characters that a shell takes for its own.
                "clients: cargo xtask setup --cache '{}' --key {}",
                to.public(),
                key.public
            )),
            None => {
                ui.say("pushed without --key: clients refuse what is not signed by a key that they trust")
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Parses the destination, whose password an error does not show.
fn destination(text: &str) -> Result<Destination> {
    text.parse().map_err(|error: String| match text.contains(char::is_whitespace) {
        // Where it has a password is not known.
        true => error.into(),
        false => format!("{text}: {error}").into(),
    })
}

/// The key to sign with.
struct Key {
    file: PathBuf,
    public: PublicKey,
}

impl Key {
    fn read(file: &Path) -> Result<Key> {
        let at = |error: &dyn std::fmt::Display| format!("--key {}: {error}", file.display());
        let text = fs::read_to_string(file).map_err(|error| at(&error))?;
        let public = PublicKey::of_secret(&text).map_err(|error| at(&error))?;
        let file = file.canonicalize().map_err(|error| at(&error))?;
        Ok(Key { file, public })
    }
}

/// Whether Nix can open the destination at all. A directory is made by the copy.
fn ask(to: &Destination) -> Result<()> {
    if to.is_directory() {
        return Ok(());
    }
    let mut command = Command::new("nix");
    command.args(["store", "ping", "--store", &to.url(None)]);
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("cannot run nix: {error}"))?;
    ui::check()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{to}: {}", refusal(&String::from_utf8_lossy(&output.stderr))).into()),
    }
}

/// Why Nix did not open a store, as one line.
fn refusal(stderr: &str) -> String {
    const OTHER_WAY: &str =
        "push to file:///DIRECTORY, and copy the directory with an S3 client: tools/nix/cache.md";
    // Debian's Nix 2.8 and 2.26 do not know s3, the only scheme that is optional; 2.34 sends its requests without credentials.
    if stderr.contains("don't know how to open Nix store") {
        return format!("this Nix is built without S3; {OTHER_WAY}");
    }
    let reason =
        stderr.lines().rev().find_map(|line| line.trim().strip_prefix("error:")).unwrap_or(stderr).trim();
    match stderr.contains("HTTP error 403") {
        true => {
            format!("{reason}; if this Nix is built without AWS support, it has no credentials: {OTHER_WAY}")
        }
        false => reason.to_owned(),
    }
}

/// All that a store path needs to run; of a derivation, all that is in the store of what it is built from, and its outputs. A
/// derivation itself is evaluated again in no time.
fn closure(start: &str) -> Result<Vec<String>> {
    let mut command = Command::new("nix-store");
    command.args(["--query", "--requisites", "--include-outputs", start]);
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| format!("cannot run nix-store: {error}"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(format!("nix-store --query {start}: {}", reason.trim()).into());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter(|path| !path.ends_with(".drv")).map(str::to_owned).collect())
}

/// Whether the paths are still what they were when they were added: root can write to the store, and a builder of root's that has no
/// sandbox can, too. Nix copies a changed path as it is, with the hash of the original, and every client refuses it.
fn verify(paths: &BTreeSet<String>) -> Result<()> {
    let mut command = Command::new("nix");
    command.args(["store", "verify", "--no-trust"]).args(paths);
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("cannot run nix: {error}"))?;
    ui::check()?;
    if output.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let changed = changed(&stderr);
    Err(match changed.is_empty() {
        true => format!("nix store verify: {}", stderr.lines().last().unwrap_or("no reason given").trim()),
        false => format!(
            "changed in the store since it was added: {0}; nothing is pushed. To add it anew: nix-store --delete --ignore-liveness {0}, and cargo xtask setup",
            changed.join(" ")
        ),
    }
    .into())
}

/// The paths of which `nix store verify` says that they were modified.
fn changed(stderr: &str) -> Vec<&str> {
    let modified = |line: &str| line.contains("' was modified!");
    stderr.lines().filter(|line| modified(line)).filter_map(|line| line.split('\'').nth(1)).collect()
}

/// Signs and copies. A binary cache is signed while it is written, so that nobody sees a path without its signature; another store
/// gets the signatures with the paths. What was in the cache before, unsigned, is signed at the end.
fn send(to: &Destination, key: Option<&Key>, paths: &BTreeSet<String>) -> Result<()> {
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    if let Some(key) = key.filter(|_| !to.is_cache()) {
        nix(&["store", "sign", "--key-file", &key.file.display().to_string()], &paths)?;
    }
    nix(&["copy", "--to", &to.url(key.map(|key| key.file.as_path()))], &paths)?;
    if let Some(key) = key {
        nix(
            &["store", "sign", "--store", &to.url(None), "--key-file", &key.file.display().to_string()],
            &paths,
        )?;
    }
    Ok(())
}

/// Runs a command of Nix, whose progress the user sees.
fn nix(words: &[&str], paths: &[&str]) -> Result<()> {
    let status = Command::new("nix").args(words).args(paths).stdin(Stdio::null()).status();
    let status = status.map_err(|error| format!("cannot run nix: {error}"))?;
    ui::check()?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("nix {} failed, for the reason above", words[..2].join(" ")).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_were_changed() {
        let stderr = "checking '/nix/store/a-x'...\n\
            path '/nix/store/b-y' was modified! expected hash 'sha256:1', got 'sha256:2'\n\
            path '/nix/store/c-z' is untrusted\n";
        assert_eq!(changed(stderr), ["/nix/store/b-y"]);
        assert!(changed("error: interrupted by the user\n").is_empty());
    }

    #[test]
    fn destinations() {
        let error = |text| destination(text).unwrap_err().to_string();
        assert_eq!(error("http://me:hunter 2@host"), "a URL has no spaces; write %20");
        assert!(error("ftp://host").starts_with("ftp://host: Nix cannot copy to ftp://"));
    }

    #[test]
    fn refusals() {
        for (stderr, expect) in [
            (
                "error: don't know how to open Nix store with scheme 's3'\n",
                "this Nix is built without S3; push to file:///",
            ),
            (
                "error: don't know how to open Nix store 's3://b'\n",
                "this Nix is built without S3; push to file:///",
            ),
            (
                "error:\n  … while uploading\n\n  error: unable to upload 'http://h/b/x': HTTP error 403\n\n  response body:\n  <x/>\n",
                "unable to upload 'http://h/b/x': HTTP error 403; if this Nix",
            ),
            ("warning: x\nerror: cannot connect to 'root@h'\n", "cannot connect to 'root@h'"),
            ("ssh: no route", "ssh: no route"),
        ] {
            assert!(refusal(stderr).starts_with(expect), "{}", refusal(stderr));
        }
    }
}
