// SPDX-License-Identifier: MIT OR Apache-2.0
//! A repository for a system that is built on qos, from the template in `tools/new/system`.

use crate::copy::Draft;
use qos_host::ui::Result;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The template, from the root of the repository.
const TEMPLATE: &str = "tools/new/system";
/// What stands for the address of qos in the template's flake.nix.
const ADDRESS: &str = "flake:qos";

/// Makes the repository `directory`, with the work tree at `root` as its qos.
///
/// # Errors
///
/// The directory exists, its parent does not, or Nix cannot name the path of the work tree.
pub fn make(root: &Path, directory: &Path) -> Result<()> {
    let directory = absolute(directory)?;
    let draft = Draft::to(&root.join(TEMPLATE), &directory, &[], &[])?;
    draft.replace("flake.nix", ADDRESS, &address(root)?)?;
    let files = draft.files().join(", ");
    let made = draft.publish()?;
    println!("{}: {files}", made.display());
    if !(git(&made, &["init", "--quiet"]) && git(&made, &["add", "."])) {
        println!("git init failed; Nix also builds a directory that is no repository");
    }
    println!("boot it:            cd {} && nix run .#xtask -- qemu", made.display());
    println!("accept its boot:    nix run .#xtask -- bless && git add . && git commit");
    println!("review a change:    nix run .#xtask -- review HEAD");
    Ok(())
}

fn absolute(directory: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    match (path.file_name(), path.parent()) {
        (Some(_), Some(parent)) if parent.is_dir() => Ok(path),
        (Some(_), Some(parent)) => {
            Err(format!("{} is not a directory; make it first", parent.display()).into())
        }
        _ => Err(format!("{} is not a name for a new directory", directory.display()).into()),
    }
}

/// The address of a work tree as a flake's input (nix3-flake(1)).
fn address(root: &Path) -> Result<String> {
    let plain = |text: &&str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._~-".contains(&b));
    match root.to_str().filter(plain) {
        Some(path) => Ok(format!("git+file://{path}")),
        None => Err(format!(
            "the path {} has characters that an address of a flake cannot have as they are; use the template by hand: nix flake init -t",
            root.display()
        )
        .into()),
    }
}

fn git(at: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new("git");
    command.arg("-C").arg(at).args(arguments).stdin(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn addresses() {
        assert_eq!(address(Path::new("/home/me/qos-1.0")).unwrap(), "git+file:///home/me/qos-1.0");
        assert!(address(Path::new("/home/me/my qos")).is_err());
    }

    #[test]
    fn the_template_becomes_a_repository_that_names_its_qos() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let scratch = scratch.path();
        let directory = scratch.join("mine");
        make(&root, &directory).unwrap();
        let flake = fs::read_to_string(directory.join("flake.nix")).unwrap();
        assert!(flake.contains(&format!("git+file://{}", root.display())), "{flake}");
        let again = make(&root, &directory).unwrap_err().to_string();
        assert!(again.contains("exists already"), "{again}");
        let nowhere = make(&root, &scratch.join("no/where")).unwrap_err().to_string();
        assert!(nowhere.contains("is not a directory"), "{nowhere}");
        let names: Vec<_> = fs::read_dir(scratch).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["mine"], "nothing half-made stays");
    }
}
