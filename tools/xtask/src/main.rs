// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask VERB`: the project's command-line tool. The host's Rust compiles it, so it contains only the verbs that run
//! before the pinned compiler exists; the other verbs are tools that Nix builds (see `dispatch`).

mod bless;
mod checks;
mod cli;
mod dispatch;
mod home_store;
mod manifest;
mod qemu;
mod results;
mod sbom;
mod test;

use clap::Parser;
use cli::{Cli, Verb};
use qos_host::root;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // As diff(1): 1 is a difference, 2 trouble.
    let trouble = if matches!(
        cli.verb,
        Verb::Bootdiff(_) | Verb::Inspect(_) | Verb::Reproduce(_) | Verb::Review(_) | Verb::Stable(_)
    ) {
        2
    } else {
        1
    };
    if let Some(verb) = cli.verb.of_qos_only().filter(|_| root::is_system()) {
        eprintln!(
            "xtask: {verb} works in the work tree of qos only: it compiles or changes sources there, and a system's own repository has \
             only what differs"
        );
        return ExitCode::from(2);
    }
    if let Err(error) = home_store::enter() {
        eprintln!("xtask: {error}");
        return ExitCode::from(trouble);
    }
    let ran = match cli.verb {
        Verb::Qemu(verb) => verb.run(),
        Verb::Test(verb) => verb.run(),
        Verb::Bless(verb) => verb.run(),
        Verb::Bisect(passed) => passed.run("qos-revisions", Some("bisect")),
        Verb::Bootdiff(passed) => passed.run("qos-revisions", Some("bootdiff")),
        Verb::Post(passed) => passed.run_by_cargo("qos-forge"),
        Verb::Review(passed) => passed.run("qos-review", None),
        Verb::History(passed) => passed.run("qos-history", None),
        Verb::Stable(passed) => passed.run("qos-stable", None),
        Verb::Dev(passed) => passed.run("qos-dev", None),
        Verb::New(passed) => passed.run("qos-new", None),
        Verb::Bench(passed) => passed.run("qos-bench", None),
        Verb::Cache(passed) => passed.run("qos-cache", None),
        Verb::Decode(passed) => passed.run("qos-debug", Some("decode")),
        Verb::Doc(passed) => passed.run("qos-kernel-rust", Some("doc")),
        Verb::Gdb(passed) => passed.run("qos-debug", Some("gdb")),
        Verb::Inspect(passed) => passed.run("qos-inspect", None),
        Verb::Manifest(verb) => verb.run(),
        Verb::Reproduce(passed) => passed.run("qos-reproduce", None),
        Verb::RustProject(passed) => passed.run("qos-kernel-rust", Some("rust-project")),
        Verb::Sbom(verb) => verb.run(),
        Verb::Setup(verb) => verb.run(),
        Verb::Update(passed) => passed.run_by_cargo("qos-update"),
    };
    qos_host::main("xtask", trouble, ran)
}
