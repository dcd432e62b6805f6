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

/// Whether Nix would query only its own default cache for paths that are not in the store.
///
/// # Errors
///
/// Nix does not run, or its output is not the requested JSON.
pub fn only_default_cache() -> Result<bool> {
    let shown = Settings::read(&["--json"])?;
    let settings: serde_json::Value =
        serde_json::from_str(&shown.text).map_err(|error| format!("nix show-config: {error}"))?;
    let value = |field: &str| settings.pointer(&format!("/substituters/{field}"));
    Ok(value("value") == value("defaultValue"))
}
