// SPDX-License-Identifier: MIT OR Apache-2.0
//! Nix's effective settings.

use crate::ui::Result;
use std::process::{Command, Stdio};

/// Nix's settings, as `nix show-config` prints them.
pub struct Settings {
    /// `name = value` a line, or JSON.
    pub text: String,
    /// Whether the command `nix` works with the user's configuration. The printed setting does not show it: to print it where
    /// the command is disabled, the command is enabled, and the setting is then printed as enabled.
    pub commands: bool,
}

impl Settings {
    /// The settings as lines `name = value`, or as `options` (`--json`) request.
    ///
    /// # Errors
    ///
    /// Nix does not run.
    pub fn read(options: &[&str]) -> Result<Settings> {
        // The second is for a Nix before 2.20.
        let show = |features: &[&str]| {
            let new = run(&[features, &["config", "show"], options].concat());
            new.or_else(|_| run(&[features, &["show-config"], options].concat()))
        };
        if let Ok(text) = show(&[]) {
            return Ok(Settings { text, commands: true });
        }
        let text = show(&["--extra-experimental-features", "nix-command"])
            .map_err(|error| format!("Nix is installed but does not run: {error}"))?;
        Ok(Settings { text, commands: false })
    }
}

/// What `nix` prints.
fn run(words: &[&str]) -> Result<String> {
    let output = Command::new("nix").args(words).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.map_err(|error| format!("cannot run nix: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("nix {} ended with {}", words.join(" "), output.status).into()),
    }
}

/// The binary caches that the user has configured: all that Nix would query, except its own default one.
///
/// # Errors
///
/// Nix does not run, or its output is not the requested JSON.
pub fn caches() -> Result<Vec<String>> {
    caches_in(&Settings::read(&["--json"])?.text)
}

/// As [`caches`], of the settings as JSON.
fn caches_in(json: &str) -> Result<Vec<String>> {
    let settings: serde_json::Value =
        serde_json::from_str(json).map_err(|error| format!("nix show-config: {error}"))?;
    if settings.pointer("/substitute/value") == Some(&false.into()) {
        return Ok(Vec::new());
    }
    let list = |field: &str| -> Vec<&str> {
        let value = settings.pointer(&format!("/substituters/{field}")).and_then(serde_json::Value::as_array);
        value.into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
    };
    let default = list("defaultValue");
    Ok(list("value").into_iter().filter(|url| !default.contains(url)).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_of_the_user() {
        let default = "https://cache.nixos.org/";
        for (value, substitute, expect) in [
            (&[][..], true, &[][..]),
            (&[default], true, &[]),
            (&[default, "http://cache.example/qos"], true, &["http://cache.example/qos"]),
            (&["file:///a", "ssh-ng://b"], true, &["file:///a", "ssh-ng://b"]),
            (&["file:///a"], false, &[]),
        ] {
            let json = serde_json::json!({
                "substitute": { "value": substitute },
                "substituters": { "value": value, "defaultValue": [default] },
            });
            assert_eq!(caches_in(&json.to_string()).unwrap(), expect, "{json}");
        }
        assert!(caches_in("what").is_err());
    }
}
