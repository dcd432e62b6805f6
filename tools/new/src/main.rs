// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask new`: starts a kernel module, a guest program, or a system in a repository of its own, from a template.

mod copy;
mod name;
mod package;
mod system;

use clap::{Parser, Subcommand};
use copy::{Draft, Spelling};
use name::{ModuleName, PackageName};
use qos_host::root;
use qos_host::ui::Result;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Start a kernel module, a guest program, or a system in a repository of its own
#[derive(Parser)]
#[command(name = "cargo xtask new", bin_name = "cargo xtask new")]
struct New {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// A kernel module in Rust with its KUnit tests: kernel/modules/NAME
    Module {
        /// Its name: a Rust identifier in lower-case letters, such as my_module
        name: String,
    },
    /// A repository of its own for a system that is built on this qos: images, programs, modules, kernels
    System {
        /// The directory to make
        directory: PathBuf,
    },
    /// A guest program, part of the multi-call binary: packages/NAME
    Package {
        /// Its name, and the command's: lower-case letters, digits and hyphens, such as my-tool
        name: String,
    },
}

fn main() -> ExitCode {
    qos_host::main("new", 1, New::parse().run())
}

impl New {
    /// All of it, or nothing.
    fn run(self) -> Result<ExitCode> {
        match self.kind {
            Kind::Module { name } => module(root::root(), &name)?,
            Kind::Package { name } => package(root::root(), &name)?,
            Kind::System { directory } => system::make(root::root(), &directory)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn module(root: &Path, name: &str) -> Result<()> {
    let name = ModuleName::parse(name)?;
    let snake = name.as_str();
    let modules = root.join("kernel/modules");
    let words = [
        (Spelling::Snake, snake.to_owned()),
        (Spelling::Camel, name::camel(snake)),
        (Spelling::Upper, snake.to_uppercase()),
    ];
    let draft = Draft::of(&modules.join("template"), snake, &words, &[])?;
    let files = draft.files().join(", ");
    draft.publish()?;
    println!("kernel/modules/{snake}: {files}");
    tell_git(root, &format!("kernel/modules/{snake}"));
    println!("its tests in a guest:  cargo xtask dev --kunit {snake}");
    println!("in the image, loaded:  {snake} = {{ load = true }} under [modules] of rootfs/default.toml");
    Ok(())
}

fn package(root: &Path, name: &str) -> Result<()> {
    let name = PackageName::parse(name)?;
    refuse_taken(root, &name)?;
    let snake = name.snake();
    let words = [
        (Spelling::Library, format!("qos_{snake}")),
        (Spelling::Snake, name.as_str().to_owned()),
        (Spelling::Camel, name::camel(&snake)),
        (Spelling::Upper, snake.to_uppercase()),
    ];
    // The template's README is about the template.
    let draft = Draft::of(&root.join("packages/template"), name.as_str(), &words, &["README.md"])?;
    let files = draft.files().join(", ");

    // All errors that depend on the contents of files occur before anything is changed.
    let edits = package::edits(root, &name)?;
    let folder = draft.publish()?;
    if let Err(error) = edits.apply() {
        // The program is not called from anywhere, so it is as if it had never been there.
        let _ = fs::remove_dir_all(&folder);
        return Err(error);
    }
    let name = name.as_str();
    println!("packages/{name}: {files}");
    for line in edits.summary() {
        println!("{line}");
    }
    lock(root);
    tell_git(root, &format!("packages/{name}"));
    println!("its tests:    nix run .#shell -- cargo test -p qos-{name}");
    println!("in a guest:   cargo xtask dev --run {name}");
    Ok(())
}

/// A name that something of the workspace has already.
fn refuse_taken(root: &Path, name: &PackageName) -> Result<()> {
    let text = name.as_str();
    if root.join("tools").join(text).exists() {
        return Err(format!("the crate name qos-{text} is taken by tools/{text}; choose another name").into());
    }
    if let Some(table) = package::holder_of(root, text)? {
        return Err(format!("the guest has a program {text} already ({table}); choose another name").into());
    }
    Ok(())
}

/// Has cargo take the new member into Cargo.lock. Who cannot now (no crates fetched yet) has it done by the next
/// `cargo xtask`, which locks the whole workspace anyway.
fn lock(root: &Path) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let done = Command::new(cargo)
        .args(["update", "--workspace", "--offline", "--quiet"])
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match done {
        Ok(status) if status.success() => println!("Cargo.lock: updated for the new crate"),
        _ => println!("Cargo.lock: the next `cargo xtask` updates it"),
    }
}

/// Nix sees only the files that git tracks. Their contents are not staged.
fn tell_git(root: &Path, folder: &str) {
    let known = Command::new("git")
        .args(["add", "--intent-to-add", "--", folder])
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    // Outside git Nix sees everything.
    if known.is_ok_and(|status| status.success()) {
        println!("git add --intent-to-add {folder}: done, so that Nix sees the files");
    }
}
