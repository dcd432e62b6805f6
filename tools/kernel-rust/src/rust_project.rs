// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask rust-project`: describes qos's kernel modules, and the kernel crates that they use, to rust-analyzer.
//!
//! The kernel's own `scripts/generate_rust_analyzer.py` lists the crates, from the pinned source and its build. This module adds
//! the facts that the script does not have: the path of the toolchain on the host, and the flags that a Kbuild file sets for one
//! crate. The format is that of rust-analyzer (its manual, "Non-Cargo Based Projects").

use clap::Args;
use qos_host::source::Source;
use qos_host::ui::{Flags, Result, Ui};
use qos_host::{nix, root};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Where the modules are, and the file: an editor that opens this directory finds it, and one that opens the repository
/// goes on to find Cargo.toml, which a rust-project.json beside that would hide.
const FOLDER: &str = "kernel/modules";
const FILE: &str = "rust-project.json";

/// Arguments of `rust-project`.
#[derive(Args)]
pub struct RustProject {
    // xtask has run the setup with these options before it started this program.
    #[command(flatten)]
    _source: Source,
    #[command(flatten)]
    flags: Flags,
}

impl RustProject {
    /// Runs the verb.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "rust-project.log")?;

        let shell = nix::build(&ui, "shell")?.join("bin/qos-shell");
        let linux = nix::build(&ui, "linux-source")?;
        let built = nix::build_output(root::root(), &ui, "linux.dev", "dev")?;
        let sysroot = nix::build(&ui, "rust-sysroot")?;

        let mut project = generate(&shell, &linux, &built, &sysroot)?;
        let modules = root::root().join(FOLDER);
        complete(&mut project, &sysroot, |name| own_cfgs(&modules, name))?;
        let missing = missing_files(&project, &modules);
        if let Some(file) = missing.first() {
            return Err(format!("{FILE} would name {}, which does not exist", file.display()).into());
        }
        let path = modules.join(FILE);
        let written = fs::write(&path, format!("{project:#}\n"));
        written.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        println!("{}", path.display());
        ui.say("an editor that opens kernel/modules takes it; for one that opens the repository, set");
        ui.say(&format!("  \"rust-analyzer.linkedProjects\": [\"Cargo.toml\", \"{FOLDER}/{FILE}\"]"));
        Ok(ExitCode::SUCCESS)
    }
}

/// The output of the kernel's script.
fn generate(shell: &Path, linux: &Path, built: &Path, sysroot: &Path) -> Result<Value> {
    let variable = |name: &str, path: &Path| format!("{name}={}", path.display());
    let output = Command::new(shell)
        .args(["env", &variable("SRC", linux), &variable("KDEV", built)])
        .arg(variable("RUST_LIB_SRC", &sysroot.join("lib/rustlib/src/rust/library")))
        .args(["bash", "kernel/modules/build.sh", "rust-project"])
        .current_dir(root::root())
        .output()
        .map_err(|error| format!("cannot run {}: {error}", shell.display()))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(format!("kernel/modules/build.sh rust-project failed:\n{}", reason.trim_end()).into());
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("the kernel's generate_rust_analyzer.py printed no JSON: {error}").into())
}

/// Puts in the toolchain at `sysroot`, and the `cfg`s that `own` has for crates by their name.
fn complete(project: &mut Value, sysroot: &Path, own: impl Fn(&str) -> Result<Vec<String>>) -> Result<()> {
    project["sysroot"] = json!(sysroot);
    let crates = project["crates"].as_array_mut().ok_or("generate_rust_analyzer.py names no crates")?;
    for one in crates {
        let Some(name) = one["display_name"].as_str() else { continue };
        let own = own(name)?;
        // Files in the store are never edited: rust-analyzer reads them on demand and does not lint them.
        let is_ours = one["root_module"].as_str().is_some_and(|path| Path::new(path).is_relative());
        one["is_workspace_member"] = json!(is_ours);
        if let Some(cfgs) = one["cfg"].as_array_mut() {
            cfgs.extend(own.into_iter().map(Value::String));
        }
    }
    Ok(())
}

/// The `cfg`s that a module's own Kbuild file sets for the crate `name`; none for crates that are no module of ours.
fn own_cfgs(modules: &Path, name: &str) -> Result<Vec<String>> {
    let folder = name.strip_suffix("_test").unwrap_or(name);
    let path = modules.join(folder).join("Kbuild");
    match fs::read_to_string(&path) {
        // Kbuild compiles what is no part of the kernel with this (its Makefile, KBUILD_RUSTFLAGS_MODULE); without it
        // `module!` makes the code of a part of the kernel.
        Ok(text) => Ok([vec!["MODULE".to_owned()], kbuild_cfgs(&text, name)].concat()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(format!("cannot read {}: {error}", path.display()).into()),
    }
}

/// The `--cfg`s in the line `RUSTFLAGS_NAME.o := …` of a Kbuild file (Documentation/kbuild/makefiles.rst).
fn kbuild_cfgs(kbuild: &str, name: &str) -> Vec<String> {
    let flags = kbuild.lines().filter_map(|line| {
        let (variable, flags) = line.split_once('=')?;
        (variable.trim_end_matches([':', '+', ' ']) == format!("RUSTFLAGS_{name}.o")).then(|| words(flags))
    });
    let words: Vec<String> = flags.flatten().collect();
    words.windows(2).filter(|pair| pair[0] == "--cfg").map(|pair| pair[1].clone()).collect()
}

/// The words of a shell's line, with single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '\'' => quoted = !quoted,
            _ if character.is_whitespace() && !quoted => words.push(String::new()),
            _ => words.last_mut().into_iter().for_each(|word| word.push(character)),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The files that a project names and that are not there; paths that are not absolute are from `base`.
fn missing_files(project: &Value, base: &Path) -> Vec<PathBuf> {
    let crates = project["crates"].as_array().into_iter().flatten();
    let named = crates.flat_map(|one| [&one["root_module"], &one["proc_macro_dylib_path"]]);
    named.filter_map(Value::as_str).map(|path| base.join(path)).filter(|path| !path.exists()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kbuild: &str, name: &str, expect: &[&str]) {
        assert_eq!(kbuild_cfgs(kbuild, name), expect, "{kbuild:?}");
    }

    #[test]
    fn cfgs_of_a_kbuild_file() {
        let kbuild = "obj-m := a.o\nRUSTFLAGS_a_test.o := --cfg qos_test --cfg 'CONFIG_KUNIT=\"y\"'\n";
        check(kbuild, "a_test", &["qos_test", "CONFIG_KUNIT=\"y\""]);
        check(kbuild, "a", &[]);
        check("RUSTFLAGS_a.o += -O --cfg 'two words'", "a", &["two words"]);
        check("RUSTFLAGS_a.o=--cfg x --cfg", "a", &["x"]);
        check("", "a", &[]);
    }

    #[test]
    fn what_the_kernels_script_cannot_know_comes_in() {
        let mut project = json!({
            "sysroot": "/usr",
            "crates": [
                { "display_name": "kernel", "root_module": "/store/lib.rs", "cfg": ["A"] },
                { "display_name": "a_test", "root_module": "a/a_test.rs", "cfg": ["A"] },
            ],
        });
        let own = |name: &str| Ok(if name == "a_test" { vec!["B".to_owned()] } else { Vec::new() });
        complete(&mut project, Path::new("/store/rust"), own).unwrap();
        let expect = json!({
            "sysroot": "/store/rust",
            "crates": [
                { "display_name": "kernel", "root_module": "/store/lib.rs", "cfg": ["A"],
                  "is_workspace_member": false },
                { "display_name": "a_test", "root_module": "a/a_test.rs", "cfg": ["A", "B"],
                  "is_workspace_member": true },
            ],
        });
        assert_eq!(project, expect);
        assert!(complete(&mut json!({}), Path::new("/"), |_| Ok(Vec::new())).is_err());
    }

    #[test]
    fn files_that_are_not_there() {
        let project = json!({ "crates": [
            { "root_module": "src/main.rs" },
            { "root_module": "src/nothing.rs", "proc_macro_dylib_path": "/nothing.so" },
        ] });
        let base = Path::new(env!("CARGO_MANIFEST_DIR"));
        let expect = [base.join("src/nothing.rs"), PathBuf::from("/nothing.so")];
        assert_eq!(missing_files(&project, base), expect);
    }
}
