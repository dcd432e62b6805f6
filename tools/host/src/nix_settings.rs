// SPDX-License-Identifier: MIT OR Apache-2.0
//! Nix's effective settings.

use crate::ui::Result;
use std::process::{Command, Stdio};

/// Nix's settings, as `nix show-config` prints them.
pub struct Settings {
    /// `name = value` a line, or JSON.
    pub text: String,
    /// Whether the `nix` command works as the user's configuration is. What is printed cannot tell: to print it where
    /// the command is off, it is switched on, and then the setting says that it is on.
    pub commands: bool,
}

impl Settings {
    /// The settings, `name = value` a line, or as `options` (`--json`) say.
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

/// Whether only Nix's own default cache would be asked for what is not in the store.
///
/// # Errors
///
/// Nix does not run, or its answer is not the JSON that it was asked for.
pub fn only_default_cache() -> Result<bool> {
    let shown = Settings::read(&["--json"])?;
    let settings: serde_json::Value =
        serde_json::from_str(&shown.text).map_err(|error| format!("nix show-config: {error}"))?;
    let value = |field: &str| settings.pointer(&format!("/substituters/{field}"));
    Ok(value("value") == value("defaultValue"))
}
