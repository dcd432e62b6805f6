// SPDX-License-Identifier: GPL-3.0-or-later
//! Startup: from the command line to an environment that is ready to execute commands.

pub mod args;
pub mod init_file;
pub mod inject;
pub mod input;
pub mod lines;

use crate::{ShellEnv, builtin};
use args::{Run, Source};
use yash_env::builtin::Type::{Mandatory, Substitutive};
use yash_env::io::Fd;
use yash_env::option::Option::{Interactive, Monitor, Stdin};
use yash_env::option::State::On;
use yash_env::system::Isatty as _;
use yash_env::variable::Scope;

/// Applies the command line to the environment; returns where commands come from.
pub async fn configure(env: &mut ShellEnv, run: Run) -> Source {
    env.variables.extend_env(std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value))));

    let given = |wanted| run.options.iter().any(|&(option, _)| option == wanted);
    let at_terminal = || env.system.isatty(Fd::STDIN) && env.system.isatty(Fd::STDERR);
    if run.source == Source::Stdin && !given(Interactive) && at_terminal() {
        env.options.set(Interactive, On);
    }
    if run.source == Source::Stdin {
        env.options.set(Stdin, On);
    }
    for &(option, state) in &run.options {
        env.options.set(option, state);
    }
    if env.options.get(Interactive) == On && !given(Monitor) {
        env.options.set(Monitor, On);
    }

    env.arg0 = run.arg0;
    env.variables.positional_params_mut().values = run.positional_params;

    if env.options.get(Interactive) == On {
        // Where a disposition cannot be set, the shell is usable without it.
        let _ = env.traps.enable_internal_dispositions_for_terminators(&env.system).await;
        if env.options.get(Monitor) == On {
            let _ = env.traps.enable_internal_dispositions_for_stoppers(&env.system).await;
        }
    }
    if env.options.get(Monitor) == On {
        // Without a terminal, jobs are still process groups of their own.
        let _ = env.ensure_foreground().await;
    }

    env.builtins.extend(yash_builtin::iter());
    env.builtins.extend(builtin::iter());
    // POSIX.1-2024 lets `true`, `false` and `pwd` be found without `PATH`, as other shells do for all their built-ins.
    for builtin in env.builtins.values_mut().filter(|builtin| builtin.r#type == Substitutive) {
        builtin.r#type = Mandatory;
    }
    let prompts = ["PS1", "PS2"].map(|name| (name, env.variables.get_scalar(name).map(str::to_owned)));
    env.init_variables();
    // The initial values of these are for where the environment has none (POSIX, `sh`, ENVIRONMENT VARIABLES).
    for (name, value) in prompts {
        if let Some(value) = value {
            let _ = env.variables.get_or_new(name, Scope::Global).assign(value, None);
        }
    }
    inject::dependencies(env);
    run.source
}

fn lossy(text: std::ffi::OsString) -> String {
    text.into_string().unwrap_or_else(|text| text.to_string_lossy().into_owned())
}
