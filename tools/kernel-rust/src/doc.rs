// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask doc`: builds the documentation of the kernel's Rust crates, for the image's configuration.

use clap::Args;
use qos_host::nix;
use qos_host::source::Source;
use qos_host::ui::{Flags, Result, Ui};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

/// The page to begin with: that of the crate which modules use.
const PAGE: &str = "kernel/index.html";

/// Arguments of `doc`.
#[derive(Args)]
pub struct Doc {
    /// Show it, with the program that the desktop has for web pages (xdg-open)
    #[arg(long)]
    open: bool,
    // xtask has run the setup with these options before it started this program.
    #[command(flatten)]
    _source: Source,
    #[command(flatten)]
    flags: Flags,
}

impl Doc {
    /// Runs the verb.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "doc.log")?;

        let page = nix::build(&ui, "kernel-doc")?.join(PAGE);
        ui.summary();
        println!("{}", page.display());
        if self.open {
            open("xdg-open", &page)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Shows a page with `program`, which returns once it has found who can.
fn open(program: &str, page: &Path) -> Result<()> {
    let advice = "open the page named above yourself";
    let output = Command::new(program).arg(page).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("cannot run {program}: {error}; {advice}"))?;
    if output.status.success() {
        return Ok(());
    }
    // Each program that it tries complains in its turn.
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.trim().lines().last().unwrap_or("it gives no reason").to_owned();
    Err(format!("{program} cannot show it: {reason}; {advice}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(program: &str, page: &str, expect: Option<&str>) {
        let error = open(program, Path::new(page)).err().map(|error| error.to_string());
        match (error, expect) {
            (None, None) => {}
            (Some(error), Some(expect)) => assert!(error.starts_with(expect), "{error:?} is not {expect:?}"),
            (error, expect) => panic!("{program}: {error:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn a_page_that_cannot_be_shown_is_said_to_be_so() {
        check("true", "/page", None);
        check("/no/such/program", "/page", Some("cannot run /no/such/program: "));
        check("false", "/page", Some("false cannot show it: it gives no reason; open the page"));
        check("cat", "/no/such/page", Some("cat cannot show it: cat: /no/such/page: No such file"));
    }
}
