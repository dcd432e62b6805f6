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
/// The directory exists, its parent does not, or Nix cannot name its path or that of the work tree. Nothing is written then.
pub fn make(root: &Path, directory: &Path) -> Result<()> {
    let directory = absolute(directory)?;
    let address = address(root)?;
    // A shell that goes there through a symbolic link is at the other end of it for Nix.
    let real = real(&directory)?;
    if let Some(odd) = [&directory, &real].into_iter().find(|path| plain(path).is_none()) {
        return Err(format!(
            "the path {:?} has characters that an address of a flake cannot have as they are; choose a directory whose path has letters, digits and / . _ ~ - only",
            odd.display().to_string()
        )
        .into());
    }
    let draft = Draft::to(&root.join(TEMPLATE), &directory, &[], &[])?;
    draft.replace("flake.nix", ADDRESS, &address)?;
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

/// The path of a new directory without symbolic links.
fn real(directory: &Path) -> Result<PathBuf> {
    let (parent, name) = (directory.parent().unwrap_or(directory), directory.file_name().unwrap_or_default());
    let parent = parent.canonicalize().map_err(|error| format!("{}: {error}", parent.display()))?;
    Ok(parent.join(name))
}

/// The path, if it is its own address for Nix, and a word for a shell. Nix takes the path of a repository for a URL, in every command.
fn plain(path: &Path) -> Option<&str> {
    let is_plain = |text: &&str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._~-".contains(&b));
    path.to_str().filter(is_plain)
}

/// The address of a work tree as a flake's input (nix3-flake(1)).
fn address(root: &Path) -> Result<String> {
    match plain(root) {
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
        for name in ["a b", "a#b", "a?b", "a'b", "ä", "a%20b"] {
            let odd = make(&root, &scratch.join(name)).unwrap_err().to_string();
            assert!(odd.contains("an address of a flake cannot have") && odd.contains(name), "{odd}");
        }
        let elsewhere = tempfile::tempdir().unwrap();
        fs::create_dir(elsewhere.path().join("a b")).unwrap();
        let link = elsewhere.path().join("link");
        std::os::unix::fs::symlink("a b", &link).unwrap();
        let odd = make(&root, &link.join("mine")).unwrap_err().to_string();
        assert!(odd.contains("a b/mine"), "{odd}");
        let names: Vec<_> = fs::read_dir(scratch).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["mine"], "nothing half-made stays");
    }
}
