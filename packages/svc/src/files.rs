// SPDX-License-Identifier: MIT OR Apache-2.0
//! Verbs about unit files.

use crate::client::ask;
use crate::{Failure, Request, select, unit_name};
use qos_service::store::{Change, Enabled, InstallError, Scope, Store};
use qos_service::world::Load;
use qos_unit::specifier::Facts;
use qos_unit::{Name, Unit, syntax};
use std::io::Write;
use std::path::{Path, PathBuf};

type Out<'a> = &'a mut dyn Write;

pub fn store(request: &Request) -> Store {
    Store::new(&request.root, Facts::new())
}

fn units(request: &Request) -> Result<Vec<Name>, Failure> {
    some_words(request)?.iter().map(|unit| unit_name(unit)).collect()
}

fn some_words(request: &Request) -> Result<&[String], Failure> {
    if request.units.is_empty() {
        return Err(Failure::usage(format!("{} needs the name of a unit", request.verb)));
    }
    Ok(&request.units)
}

/// Verbs that change links. The manager, where one runs, reads the units anew.
pub fn install(request: &Request, out: Out) -> Result<(), Failure> {
    let store = store(request);
    let scope = if request.runtime { Scope::Runtime } else { Scope::Persistent };
    let failed = |error: InstallError| Failure::new(error.to_string());
    let mut names = Vec::new();
    for word in some_words(request)? {
        // A path of a unit file outside of their directories.
        let (name, mut changes) = match word.contains('/') {
            true => store.link(&absolute(word)?, scope).map_err(failed)?,
            false if request.verb == "link" => {
                return Err(Failure::usage(format!("{word:?}: link needs the path of a unit file")));
            }
            false => (unit_name(word)?, Vec::new()),
        };
        let more = match request.verb.as_str() {
            "enable" => store.enable(&name, scope),
            "disable" => store.disable(&name, scope),
            "reenable" => store.disable(&name, scope).and_then(|mut changes| {
                changes.extend(store.enable(&name, scope)?);
                Ok(changes)
            }),
            "mask" => store.mask(&name, scope),
            "unmask" => store.unmask(&name, scope),
            "revert" => store.revert(&name),
            _ => Ok(Vec::new()),
        };
        changes.extend(more.map_err(failed)?);
        tell(request, out, &changes)?;
        names.push(name);
    }
    let runs = reload(request);
    if request.now && runs {
        let verb = match request.verb.as_str() {
            "enable" => "start",
            "reenable" => "restart",
            "disable" | "mask" => "stop",
            _ => return Ok(()),
        };
        let list: Vec<_> = names.iter().map(Name::as_str).collect();
        ask(request, &format!("{verb} {}", list.join(" ")))?;
    }
    Ok(())
}

/// `get-default`, `set-default`: the target that the system boots to.
pub fn default_target(request: &Request, out: Out) -> Result<(), Failure> {
    let store = store(request);
    let failed = |error: InstallError| Failure::new(error.to_string());
    if request.verb == "get-default" {
        return Ok(writeln!(out, "{}", store.default_target().map_err(failed)?)?);
    }
    let [name] = &select::some_names(request)?[..] else {
        return Err(Failure::usage("set-default needs one target"));
    };
    let changes = store.set_default_target(name).map_err(failed)?;
    tell(request, out, &changes)?;
    reload(request);
    Ok(())
}

fn tell(request: &Request, out: Out, changes: &[Change]) -> Result<(), Failure> {
    for change in changes.iter().filter(|_| !request.quiet) {
        writeln!(out, "{change}")?;
    }
    Ok(())
}

/// Has the manager read unit files, and says whether there is one: an image that is being prepared has none.
fn reload(request: &Request) -> bool {
    request.socket.exists() && ask(request, "daemon-reload").is_ok()
}

fn absolute(word: &str) -> Result<PathBuf, Failure> {
    std::path::absolute(word).map_err(|error| Failure::at(word, &error))
}

/// `is-enabled`: status 0 if one is, and 4 if there is no such unit.
pub fn is_enabled(request: &Request, out: Out) -> Result<(), Failure> {
    let store = store(request);
    let (mut enabled, mut known) = (false, false);
    for name in units(request)? {
        let found = store.enabled(&name).map_err(|error| bad_file(&name, &error))?;
        if !request.quiet {
            writeln!(out, "{}", found.map_or("not-found", Enabled::name))?;
        }
        known |= found.is_some();
        enabled |= found.is_some_and(Enabled::is_enabled);
    }
    match (enabled, known) {
        (true, _) => Ok(()),
        (_, true) => Err(Failure::silent(1)),
        _ => Err(Failure::silent(4)),
    }
}

fn bad_file(name: &Name, error: &std::io::Error) -> Failure {
    Failure::of(format!("the unit file of {name} cannot be read"), error)
}

/// `cat`: the files of units, drop-ins behind the unit's own.
pub fn cat(request: &Request, out: Out) -> Result<(), Failure> {
    let store = store(request);
    for name in units(request)? {
        store.enabled(&name).map_err(|error| bad_file(&name, &error))?;
        let source = store.source(&name);
        match source.load {
            Load::NotFound => return Err(Failure::new(format!("{name} not found"))),
            Load::Masked => {
                writeln!(out, "# {name} is masked")?;
                continue;
            }
            Load::Loaded | Load::Bad(_) => {}
        }
        if let Some(text) = store.text_without_file(&name).filter(|_| !store.has_file(&name)) {
            writeln!(out, "# without a file\n{text}")?;
        }
        for file in source.files {
            let text = std::fs::read(&file).map_err(|error| Failure::at(&file, &error))?;
            writeln!(out, "# {}", file.display())?;
            out.write_all(&text)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// `edit`: a drop-in, by $EDITOR. One that stays empty is removed.
pub fn edit(request: &Request, _: Out) -> Result<(), Failure> {
    let store = store(request);
    for name in units(request)? {
        if store.source(&name).load == Load::NotFound {
            return Err(Failure::new(format!("{name} not found")));
        }
        let directory = request.root.join(format!("etc/systemd/system/{name}.d"));
        std::fs::create_dir_all(&directory).map_err(|error| Failure::at(&directory, &error))?;
        let file = directory.join("override.conf");
        let editor = std::env::var_os("EDITOR").unwrap_or_else(|| "kibi".into());
        let status = std::process::Command::new(&editor).arg(&file).status();
        let status = status.map_err(|error| Failure::of(editor.to_string_lossy(), &error))?;
        if !status.success() {
            return Err(Failure::new(format!("{} failed: nothing is reloaded", editor.to_string_lossy())));
        }
        if std::fs::metadata(&file).map_or(0, |found| found.len()) == 0 {
            // Neither needs to be there, and the directory may have other files.
            let _ = std::fs::remove_file(&file);
            let _ = std::fs::remove_dir(&directory);
        }
    }
    if request.socket.exists() { ask(request, "daemon-reload").map(drop) } else { Ok(()) }
}

/// `verify`: names of units, or paths of unit files. Status 1 if a unit cannot be started.
pub fn verify(request: &Request, out: Out) -> Result<(), Failure> {
    let store = store(request);
    let mut bad = 0;
    for word in &request.units {
        let (warnings, reason) =
            if word.contains('/') { verify_file(Path::new(word))? } else { verify_unit(&store, word)? };
        for warning in warnings {
            writeln!(out, "{warning}")?;
        }
        if let Some(reason) = reason {
            writeln!(out, "{word}: {reason}")?;
            bad += 1;
        }
    }
    if bad == 0 { Ok(()) } else { Err(Failure::silent(1)) }
}

type Found = (Vec<syntax::Warning>, Option<String>);

fn verify_unit(store: &Store, word: &str) -> Result<Found, Failure> {
    let source = store.source(&unit_name(word)?);
    let reason = match source.load {
        Load::Loaded => missing_program(store, &source.unit),
        Load::NotFound => Some("not found".into()),
        Load::Masked => Some("masked".into()),
        Load::Bad(reason) => Some(reason),
    };
    Ok((source.warnings, reason))
}

fn verify_file(path: &Path) -> Result<Found, Failure> {
    let (warnings, unit) = read_file(path)?;
    Ok((warnings, unit.check().err()))
}

/// The unit of a file, without drop-ins; a template is read as one of its instances.
pub fn read_file(path: &Path) -> Result<(Vec<syntax::Warning>, Unit), Failure> {
    let content = std::fs::read(path).map_err(|error| Failure::at(path, &error))?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    let name = Name::new(name).map_err(Failure::new)?;
    // A template is looked at as one of its instances.
    let name = name.instantiate("instance").unwrap_or(name);
    let (assignments, mut warnings) = syntax::parse(&path.to_string_lossy(), &content);
    let (unit, more) = Unit::new(&name, &assignments, &Facts::new());
    warnings.extend(more);
    Ok((warnings, unit))
}

/// A program that is not there.
fn missing_program(store: &Store, unit: &Unit) -> Option<String> {
    let service = unit.service()?;
    let commands = service.start_pre.iter().chain(&service.start).chain(&service.stop).chain(&service.reload);
    let is_there = |program: &str| {
        let below = |path: &str| -> PathBuf { store.root.join(path.trim_start_matches('/')) };
        match program.starts_with('/') {
            true => below(program).exists(),
            false => {
                qos_unit::command::SEARCH.iter().any(|directory| below(directory).join(program).exists())
            }
        }
    };
    let missing =
        commands.filter(|command| !command.ignore_failure).find(|command| !is_there(&command.program))?;
    Some(format!("program {} not found", missing.program))
}
