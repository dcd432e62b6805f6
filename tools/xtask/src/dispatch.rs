// SPDX-License-Identifier: MIT OR Apache-2.0
//! Verbs that are separate tools: Nix builds them with the pinned compiler when one is first called.

use crate::setup::setup;
use clap::Args;
use qos_host::nix;
use qos_host::root::{self, root};
use qos_host::source::{Source, XTASK};
use qos_host::ui::{Flags, Result, Ui};
use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

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
