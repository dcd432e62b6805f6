// SPDX-License-Identifier: MIT OR Apache-2.0
//! Verbs that are separate tools: Nix builds most of them with the pinned compiler when one is first called, and the host's cargo those
//! that must not depend on it.

use clap::Args;
use qos_host::nix;
use qos_host::root::{self, root};
use qos_host::source::{Source, XTASK};
use qos_host::ui::{Flags, Result, Ui};
use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use xtask::setup::setup;

/// Arguments of such a verb, which the tool parses.
#[derive(Args)]
#[command(disable_help_flag = true)]
pub struct Passed {
    /// Arguments of the verb; --help lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

impl Passed {
    /// Runs the setup, builds the tools, and becomes the tool `program`; `verb` selects one of its verbs,
    /// if it has several.
    ///
    /// # Errors
    ///
    /// Something cannot be set up or built, or the tool not be started.
    pub fn run(self, program: &str, verb: Option<&str>) -> Result<ExitCode> {
        let flags = Flags { quiet: self.arguments.iter().any(|word| word == "--quiet"), log_file: None };
        let ui = Ui::new(&flags, "tools.log")?;
        setup(&ui, &Source::among(&self.arguments, |name| env::var(name).ok()), &[])?;
        let mut command = tool(&ui, program)?;
        ui.summary();
        drop(ui);
        // Unchanged from the command line, because clap consumes a first `--`.
        let error = command.args(verb).args(env::args_os().skip(2)).exec();
        Err(format!("cannot run {program}: {error}").into())
    }

    /// Becomes the program of this crate, after cargo has compiled it; nothing is set up.
    ///
    /// # Errors
    ///
    /// Cargo cannot be started.
    pub fn run_by_cargo(self, package: &str) -> Result<ExitCode> {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        if root::is_system() {
            // As tools/nix/xtask.sh: this qos is in the store.
            command.arg("--config").arg(root::qos().join(".cargo/config.toml"));
        }
        command.args(["run", "--quiet", "--package", package]);
        command.arg("--manifest-path").arg(root::qos().join("Cargo.toml"));
        if root::is_system() {
            command.arg("--locked").arg("--target-dir").arg(root().join("target/xtask"));
        }
        let error = command.arg("--").args(env::args_os().skip(2)).exec();
        Err(format!("cannot run cargo: {error}").into())
    }
}

/// Builds the tools; a command that runs one of them, with the paths of the work tree and of xtask in its environment.
///
/// # Errors
///
/// They do not build.
pub fn tool(ui: &Ui, program: &str) -> Result<Command> {
    let tools = nix::build(ui, "dev-tools")?;
    let xtask =
        env::current_exe().map_err(|error| format!("cannot find the program file of xtask: {error}"))?;
    let mut command = Command::new(tools.join("bin").join(program));
    command.env(root::VARIABLE, root()).env(XTASK, xtask);
    Ok(command)
}
