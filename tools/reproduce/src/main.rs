// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask reproduce`: builds derivations a second time under other circumstances and compares with the first build, byte for
//! byte; or compares what is built with the published hashes.

mod compare;
mod derivation;
mod plan;
mod sandbox;
mod second;
mod snapshot;
mod store;

use clap::Parser;
use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;
use plan::Means;
use qos_host::nix as flake;
use qos_host::progress::seconds;
use qos_host::root::root;
use qos_host::source::Source;
use qos_host::ui::{Flags, Result, Ui};
use snapshot::{Entry, Verdict};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is proved if nothing is named and there are no published hashes.
const ATTRIBUTES: [&str; 2] = ["linux", "image"];
/// Where Debian's package libfaketime and others have the library.
const FAKETIME: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib64/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
    "/usr/local/lib/faketime/libfaketime.so.1",
];

/// Build derivations a second time under other circumstances (path, clock, umask, user, host, CPUs, locale, time zone, order of files)
/// and compare with the first build, byte for byte. Exit status: 0 same, 1 different, 2 trouble
#[derive(Parser)]
#[command(name = "cargo xtask reproduce", bin_name = "cargo xtask reproduce")]
struct Reproduce {
    /// Attributes of the flake; default: those with published hashes (tools/nix/hashes)
    #[arg(value_name = "ATTR")]
    attributes: Vec<String>,
    /// Also every derivation that they are built from
    #[arg(long, conflicts_with_all = ["check", "accept"])]
    inputs: bool,
    /// Build them as always, and compare with the published hashes
    #[arg(long)]
    check: bool,
    /// Build them as always, and write their hashes to tools/nix/hashes
    #[arg(long, conflicts_with = "check")]
    accept: bool,
    /// CPUs for the second build
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    cpus: usize,
    /// The library that shifts the clock; default: where packages have it
    #[arg(long, value_name = "FILE")]
    libfaketime: Option<PathBuf>,
    /// Do not shift the clock
    #[arg(long, conflicts_with = "libfaketime")]
    no_faketime: bool,
    /// Do not reverse the order of files, even if disorderfs is installed: it makes large builds slow
    #[arg(long)]
    no_disorderfs: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

fn main() -> ExitCode {
    let words: Vec<_> = env::args_os().skip(1).collect();
    if words.first().is_some_and(|word| word == sandbox::INSIDE) {
        let plan = words.get(1).map(PathBuf::from).unwrap_or_default();
        return qos_host::main("reproduce", 2, sandbox::inside(&plan).map(ExitCode::from));
    }
    qos_host::main("reproduce", 2, Reproduce::parse().run())
}

impl Reproduce {
    fn run(mut self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "reproduce.log")?;
        let file = root().join(snapshot::FILE);
        let entries = match fs::read_to_string(&file) {
            Ok(text) => snapshot::parse(&text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(format!("{}: {error}", file.display()).into()),
        };
        if self.attributes.is_empty() {
            self.attributes = match entries.is_empty() {
                true => ATTRIBUTES.map(str::to_owned).to_vec(),
                false => entries.iter().map(|entry| entry.attribute.clone()).collect(),
            };
        }
        let same = if self.check {
            check(&ui, &self.attributes, &entries)?
        } else if self.accept {
            accept(&ui, &self.attributes, entries, &file)?
        } else {
            self.again(&ui)?
        };
        Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }

    /// The second builds; whether all are the same.
    fn again(&self, ui: &Ui) -> Result<bool> {
        let means = self.means()?;
        for (what, how) in plan::circumstances(&means) {
            ui.say(&format!("{what:18} {how}"));
        }
        let mut derivations: Vec<PathBuf> = Vec::new();
        for attribute in &self.attributes {
            // With progress, if it is not in the store.
            flake::build(ui, attribute)?;
            let path = PathBuf::from(flake::eval(root(), &format!("{attribute}.drvPath"))?);
            let all = if self.inputs { store::derivations(&path)? } else { vec![path] };
            derivations.extend(all.into_iter().filter(|one| !derivations.contains(one)).collect::<Vec<_>>());
        }
        let mut outcomes = Vec::new();
        for path in &derivations {
            outcomes.push(second::again(ui, path, &means)?);
        }
        let width = outcomes.iter().map(|outcome| outcome.name.len()).max().unwrap_or(0);
        for outcome in &outcomes {
            let verdict = if outcome.is_same() { "same" } else { "DIFFERENT" };
            ui.show(&format!("{:width$}  {verdict:9}  {:>9}", outcome.name, seconds(outcome.took)));
        }
        Ok(outcomes.iter().all(second::Outcome::is_same))
    }

    /// What this host has to vary the circumstances with.
    fn means(&self) -> Result<Means> {
        let faketime = match (&self.libfaketime, self.no_faketime) {
            (Some(file), _) if !file.is_file() => {
                return Err(format!("--libfaketime {}: there is no such file", file.display()).into());
            }
            (Some(file), _) => {
                Some(file.canonicalize().map_err(|error| format!("{}: {error}", file.display()))?)
            }
            (None, true) => None,
            (None, false) => FAKETIME.iter().map(PathBuf::from).find(|file| file.is_file()),
        };
        let found = |program: &str| {
            let path = env::var_os("PATH").unwrap_or_default();
            env::split_paths(&path).map(|directory| directory.join(program)).find(|file| file.is_file())
        };
        let set =
            sched_getaffinity(Pid::from_raw(0)).map_err(|error| format!("cannot count the CPUs: {error}"))?;
        Ok(Means {
            faketime,
            disorderfs: found("disorderfs").filter(|_| !self.no_disorderfs),
            cpus: (0..CpuSet::count()).filter(|&cpu| set.is_set(cpu).unwrap_or(false)).collect(),
            use_cpus: self.cpus,
        })
    }
}

/// Compares attributes with the published hashes; whether all are the same.
fn check(ui: &Ui, attributes: &[String], entries: &[Entry]) -> Result<bool> {
    let mut same = true;
    for attribute in attributes {
        let entry = entries.iter().find(|entry| entry.attribute == *attribute).ok_or_else(|| {
            format!("{attribute} has no published hash in {}; to add it: cargo xtask reproduce --accept {attribute}", snapshot::FILE)
        })?;
        let path = flake::eval(root(), &format!("{attribute}.outPath"))?;
        let verdict = snapshot::verdict(entry, &path, || store::hash(&flake::build(ui, attribute)?))?;
        same &= verdict == Verdict::Same;
        ui.show(&match verdict {
            Verdict::Same if store::is_built_here(Path::new(&path))? => {
                format!("{attribute}: same, built here: {}", entry.hash)
            }
            Verdict::Same => {
                format!("{attribute}: same, but it came from a cache; a build of your own: cargo xtask reproduce {attribute}")
            }
            Verdict::Different(hash) => format!("{attribute}: DIFFERENT: {hash}, published {}: {path}", entry.hash),
            Verdict::Stale => {
                format!("{attribute}: the published hash is of another revision ({}); here it would be {path}", entry.path)
            }
        });
    }
    Ok(same)
}

/// Writes the hashes of attributes to the file, beside those that it has.
fn accept(ui: &Ui, attributes: &[String], mut entries: Vec<Entry>, file: &Path) -> Result<bool> {
    for attribute in attributes {
        let path = flake::build(ui, attribute)?;
        let entry = Entry {
            attribute: attribute.clone(),
            path: path.display().to_string(),
            hash: store::hash(&path)?,
        };
        match entries.iter_mut().find(|one| one.attribute == *attribute) {
            Some(one) => *one = entry,
            None => entries.push(entry),
        }
    }
    fs::write(file, snapshot::render(&entries)).map_err(|error| format!("{}: {error}", file.display()))?;
    ui.say(&format!("{}: {} hashes", snapshot::FILE, entries.len()));
    Ok(true)
}
