// SPDX-License-Identifier: MIT OR Apache-2.0
//! Installs Nix if the host allows it, and configures it so that flakes work.

use crate::apparmor;
use crate::superuser::{has, is_root, run};
use qos_host::nix_settings::Settings;
use qos_host::progress::Unit;
use qos_host::ui::{Result, Ui};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Sees to it that Nix is there and does flakes.
///
/// # Errors
///
/// Nix is missing and cannot be installed; or its configuration is not writable. The message names the
/// remedy.
pub fn ensure(ui: &Ui, offline: bool) -> Result<()> {
    let installed = if has("nix") {
        false
    } else if offline {
        return Err("Nix is not installed; run the command again without --offline, or install Nix".into());
    } else {
        install(ui)?;
        true
    };
    let shown = Settings::read(&[])?;
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let as_root = is_root() && !has_builders(setting(&shown.text, "build-users-group"), &groups);
    if let Some(line) = apparmor::hint(as_root) {
        ui.say(line);
    }
    add(ui, &missing_settings(&shown, &groups, is_root(), installed))
}

/// Adds lines to the user's nix.conf.
///
/// # Errors
///
/// It is not writable.
pub fn add(ui: &Ui, lines: &[String]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let path = configuration()?;
    append(&path, lines).map_err(|error| {
        format!(
            "cannot write {}: {error}; add these lines to Nix's configuration: {}",
            path.display(),
            lines.join("; ")
        )
    })?;
    ui.say(&format!("{}: added {}", path.display(), lines.join("; ")));
    Ok(())
}

/// The value of a setting in the text of [`Settings`].
pub fn setting<'a>(shown: &'a str, name: &str) -> Option<&'a str> {
    shown.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('=').map(str::trim))
}

/// The lines that the user's nix.conf has to get so that the plain `nix …` commands of the README work.
fn missing_settings(shown: &Settings, groups: &str, is_root: bool, installed_by_us: bool) -> Vec<String> {
    let Settings { text: shown, commands } = shown;
    let mut lines = Vec::new();
    let features: Vec<_> =
        setting(shown, "experimental-features").unwrap_or_default().split_whitespace().collect();
    let on = |feature: &str| features.contains(&feature) && (*commands || feature != "nix-command");
    let wanted: Vec<_> = ["nix-command", "flakes"].into_iter().filter(|feature| !on(feature)).collect();
    if !wanted.is_empty() {
        lines.push(format!("extra-experimental-features = {}", wanted.join(" ")));
    }
    // As root without a daemon Nix builds as the users of a group, which Debian's nix-bin alone does not make.
    let group = setting(shown, "build-users-group").filter(|group| !group.is_empty());
    if is_root && group.is_some() && !has_builders(group, groups) {
        lines.push("build-users-group =".to_owned());
    }
    // Nix's default cache has none of qos's paths, and a query takes seconds if the network is down. A Nix that is also
    // used for other things keeps its caches.
    if installed_by_us {
        lines.push("substituters =".to_owned());
    }
    lines
}

/// Whether `groups`, the text of /etc/group, has the group whose users build.
fn has_builders(group: Option<&str>, groups: &str) -> bool {
    groups.lines().any(|line| line.split(':').next() == group)
}

fn install(ui: &Ui) -> Result<()> {
    let elsewhere = [PathBuf::from("/nix/var/nix/profiles/default/bin"), home().join(".nix-profile/bin")];
    if let Some(found) = elsewhere.iter().find(|folder| folder.join("nix").exists()) {
        return Err(format!("Nix is installed but not in PATH; add {} to PATH", found.display()).into());
    }
    if !has("apt-get") {
        return Err("Nix is not installed; install it with your distribution's package manager, or as the Nix manual describes".into());
    }
    let root = is_root();
    if !root && !has("sudo") {
        return Err("Nix is not installed, and there is neither root nor sudo to install it; \
                    have somebody run: apt-get install nix-bin; or unpack it in your home directory: tools/nix/hosts.md"
            .into());
    }
    let task = ui.task("install Nix", 0, Unit::Items);
    let install = ["apt-get", "install", "-y", "--no-install-recommends", "nix-bin"];
    let run =
        |words: &[&str]| run(ui, root, words).map_err(|error| format!("Nix cannot be installed: {error}"));
    if run(&install).is_err() {
        // Most likely the package lists are missing or old.
        task.detail("apt-get update");
        run(&["apt-get", "update"])?;
        task.detail("apt-get install nix-bin");
        run(&install)?;
    }
    if !root && !Path::new("/nix/var/nix/daemon-socket/socket").exists() {
        // The store of a single user belongs to that user.
        let user = std::env::var("USER").unwrap_or_default();
        run(&["install", "-d", "-m", "755", "-o", &user, "/nix"])?;
    }
    if has("nix") {
        Ok(())
    } else {
        Err("apt-get installed nix-bin, but PATH has no program nix; add its directory to PATH".into())
    }
}

fn home() -> PathBuf {
    std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default()
}

/// The user's nix.conf.
fn configuration() -> Result<PathBuf> {
    let folder = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = folder.or_else(|| home().is_absolute().then(|| home().join(".config")));
    folder
        .map(|folder| folder.join("nix/nix.conf"))
        .ok_or_else(|| "cannot find the directory of nix.conf: HOME is not set; set HOME".into())
}

/// Appends lines to the file in one write; the present contents are kept.
fn append(path: &Path, lines: &[String]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let old = fs::read_to_string(path).unwrap_or_default();
    let separator = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
    let text = format!("{separator}# added by qos (cargo xtask setup)\n{}\n", lines.join("\n"));
    OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(shown: (&str, bool), groups: &str, is_root: bool, installed: bool, expect: &[&str]) {
        let shown = Settings { text: shown.0.to_owned(), commands: shown.1 };
        assert_eq!(missing_settings(&shown, groups, is_root, installed), expect, "{}", shown.text);
    }

    #[test]
    fn settings_that_are_missing() {
        // What Nix 2.8 prints if nothing is configured: the one feature that was switched on to make it print.
        let fresh = "build-users-group = nixbld\nexperimental-features = nix-command\n";
        let features = "extra-experimental-features = nix-command flakes";
        check(
            (fresh, false),
            "root:x:0:\n",
            true,
            true,
            &[features, "build-users-group =", "substituters ="],
        );
        check((fresh, false), "root:x:0:\n", false, false, &[features]);
        check((fresh, false), "nixbld:x:30000:\n", true, false, &[features]);
        let flakes = "build-users-group = \nexperimental-features = flakes nix-command\n";
        check((flakes, false), "", true, false, &["extra-experimental-features = nix-command"]);
        let half = "build-users-group = \nexperimental-features = ca-derivations nix-command\n";
        check((half, true), "", true, false, &["extra-experimental-features = flakes"]);
        check((flakes, true), "", true, false, &[]);
    }

    #[test]
    fn a_setting_is_found_by_its_whole_name() {
        assert_eq!(setting("sandbox-paths = /x\nsandbox = true\n", "sandbox"), Some("true"));
        assert_eq!(setting("a =\n", "a"), Some(""));
        assert_eq!(setting("a =\n", "b"), None);
    }
}
