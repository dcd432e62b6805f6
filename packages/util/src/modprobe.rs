// SPDX-License-Identifier: MIT OR Apache-2.0
//! `modprobe`: loads kernel modules by name or alias, with their dependencies; `-r` removes them (modprobe(8)).

use crate::{Failure, rmmod};
use lexopt::prelude::*;
use qos_modules::{Action, Config, Database, FOLDERS, Found, is_loaded};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the options say.
#[derive(Default)]
struct Request {
    quiet: bool,
    verbose: bool,
    remove: bool,
    all: bool,
    dry_run: bool,
    /// Print the steps, and modules that are built in, whatever is loaded.
    show_depends: bool,
    resolve: bool,
    show_config: bool,
    ignore_commands: bool,
    blacklist: bool,
    first_time: bool,
    root: PathBuf,
    configs: Vec<PathBuf>,
    release: Option<String>,
    words: Vec<String>,
}

pub fn main(options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let request = Request::parse(options)?;
    // Without /proc there is no command line to see.
    let cmdline = std::fs::read("/proc/cmdline").unwrap_or_default();
    run(&request, &String::from_utf8_lossy(&cmdline), out)
}

impl Request {
    fn parse(mut options: lexopt::Parser) -> Result<Request, Failure> {
        let mut request = Request::default();
        while let Some(arg) = options.next()? {
            match arg {
                Short('q' | 's') | Long("quiet" | "syslog") => request.quiet = true,
                Short('v') | Long("verbose") => request.verbose = true,
                Short('r') | Long("remove") => request.remove = true,
                Short('a') | Long("all") => request.all = true,
                Short('n') | Long("dry-run" | "show") => request.dry_run = true,
                Short('D') | Long("show-depends") => request.show_depends = true,
                Short('R') | Long("resolve-alias") => request.resolve = true,
                Short('c') | Long("showconfig" | "show-config") => request.show_config = true,
                Short('i') | Long("ignore-install" | "ignore-remove") => request.ignore_commands = true,
                Short('b') | Long("use-blacklist") => request.blacklist = true,
                Long("first-time") => request.first_time = true,
                Short('d') | Long("dirname") => request.root = options.value()?.into(),
                Short('C') | Long("config") => request.configs.push(options.value()?.into()),
                Short('S') | Long("set-version") => request.release = Some(options.value()?.string()?),
                Value(word) => request.words.push(word.string()?),
                _ => return Err(arg.unexpected().into()),
            }
        }
        if request.words.is_empty() && !request.show_config {
            return Err(Failure::usage("name of a module expected"));
        }
        Ok(request)
    }

    fn database(&self, cmdline: &str) -> Result<Database, Failure> {
        let release = self.release.clone().unwrap_or_else(qos_sys::power::kernel_release);
        let root = if self.root.as_os_str().is_empty() { Path::new("/") } else { &self.root };
        let folder = root.join("lib/modules").join(release);
        let folders = match self.configs.as_slice() {
            [] => FOLDERS.iter().map(PathBuf::from).collect(),
            configs => configs.to_vec(),
        };
        let config =
            Config::read(&folders, &folder, cmdline).map_err(|(path, error)| Failure::at(path, &error))?;
        if !self.quiet {
            config.complaints.iter().for_each(|complaint| eprintln!("modprobe: {complaint}"));
        }
        Database::new(folder, config).map_err(failure)
    }
}

fn run(request: &Request, cmdline: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let database = request.database(cmdline)?;
    if request.show_config {
        write!(out, "{}\n# End of configuration files. Dumping indexes now:\n\n", database.config())?;
        return Ok(database
            .aliases()
            .try_for_each(|(alias, module)| writeln!(out, "alias {alias} {module}"))?);
    }
    let (names, parameters) = match request.words.split_first() {
        Some((first, rest)) if !request.all && !request.remove => {
            (std::slice::from_ref(first), rest.join(" "))
        }
        _ => (request.words.as_slice(), String::new()),
    };
    let mut result = Ok(());
    for name in names {
        let one = one(request, &database, name, &parameters, out);
        // With several names, the others are still tried; the first failure is the one that is told last.
        if let (Err(failure), Err(_)) = (&one, &result) {
            eprintln!("modprobe: {}", failure.message().unwrap_or_default());
        }
        result = result.and(one);
    }
    result.map_err(|failure| if request.quiet { Failure::silent(failure.status()) } else { failure })
}

/// Does what is asked for with one name.
fn one(
    request: &Request,
    database: &Database,
    name: &str,
    parameters: &str,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let found = database.lookup(name);
    if found.is_empty() {
        let folder = database.folder().display();
        return Err(Failure::new(format!("module {name} not found in {folder}")));
    }
    for found in &found {
        if request.resolve {
            writeln!(out, "{}", found.module)?;
        } else if request.remove {
            remove(request, database, &found.module, out)?;
        } else {
            load(request, database, found, parameters, out)?;
        }
    }
    Ok(())
}

fn load(
    request: &Request,
    database: &Database,
    found: &Found,
    parameters: &str,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let module = &found.module;
    // Whoever names the module itself wants it; an alias may come from a device that is just there.
    if database.is_blacklisted(module)
        && (request.blacklist || found.alias.is_some())
        && !request.show_depends
    {
        return Ok(());
    }
    if database.is_builtin(module) || (is_loaded(module) && !request.show_depends) {
        if request.show_depends {
            return Ok(writeln!(out, "builtin {module}")?);
        }
        return match request.first_time {
            true => Err(Failure::new(format!("{module}: already in the kernel"))),
            false => Ok(()),
        };
    }
    let print = request.verbose || request.show_depends;
    if print {
        let steps = database.steps(found, parameters, request.ignore_commands).map_err(failure)?;
        for step in steps.iter().filter(|step| step.action != Action::Missing) {
            if request.show_depends || !is_loaded(&step.module) {
                writeln!(out, "{step}")?;
            }
        }
    }
    if request.dry_run || request.show_depends {
        return Ok(());
    }
    out.flush()?;
    qos_modules::load(database, found, parameters, request.ignore_commands).map_err(failure)
}

/// Removes a module: its soft dependencies after it, itself or by its command, and what only it needed.
fn remove(request: &Request, database: &Database, module: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let softdep = database.config().softdep(module).cloned().unwrap_or_default();
    remove_unused(request, database, &softdep.post, out)?;
    match database.config().remove_command(module).filter(|_| !request.ignore_commands) {
        Some(command) => {
            if request.verbose {
                writeln!(out, "remove {command}")?;
                out.flush()?;
            }
            if !request.dry_run {
                qos_modules::run(command, module, "").map_err(failure)?;
            }
        }
        None if database.is_builtin(module) => {
            return Err(Failure::new(format!("{module}: built into the kernel")));
        }
        None if !is_loaded(module) => {
            return match request.first_time {
                true => Err(Failure::new(format!("{module}: not loaded"))),
                false => Ok(()),
            };
        }
        None => unload(request, module, out)?,
    }
    let mut needs = database.needs(module).map_err(failure)?;
    needs.reverse();
    remove_unused(request, database, &needs, out)?;
    remove_unused(request, database, &softdep.pre, out)
}

/// Removes those of `names` that are loaded and that nothing uses.
fn remove_unused(
    request: &Request,
    database: &Database,
    names: &[String],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for found in names.iter().flat_map(|name| database.lookup(name)) {
        let users = Path::new("/sys/module").join(&found.module).join("refcnt");
        if std::fs::read_to_string(users).is_ok_and(|count| count.trim() == "0") {
            unload(request, &found.module, out)?;
        }
    }
    Ok(())
}

fn unload(request: &Request, module: &str, out: &mut dyn Write) -> Result<(), Failure> {
    if request.verbose {
        writeln!(out, "rmmod {module}")?;
        out.flush()?;
    }
    if request.dry_run { Ok(()) } else { rmmod::unload(module, false) }
}

fn failure(error: impl std::fmt::Display) -> Failure {
    Failure::new(error.to_string())
}

#[cfg(test)]
#[path = "modprobe_tests.rs"]
mod tests;
