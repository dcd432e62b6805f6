// SPDX-License-Identifier: MIT OR Apache-2.0
//! Revisions of this repository: resolves a name, and checks a commit out into its own directory.

use crate::slot::Slot;
use qos_host::root;
use qos_host::ui::Result;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What is built and booted.
pub struct Revision {
    /// As the report calls it.
    pub name: String,
    /// The commit; without one it is the work tree.
    pub commit: Option<String>,
}

impl Revision {
    /// The work tree as it is.
    pub fn work_tree() -> Self {
        Revision { name: "work tree".into(), commit: None }
    }

    /// The commit that `name` stands for: anything that git rev-parse understands.
    ///
    /// # Errors
    ///
    /// There is no such commit.
    pub fn commit(name: &str) -> Result<Self> {
        let commit =
            git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")])
                .map_err(|_| format!("{name} is not a commit of this repository; git log lists commits"))?;
        let short = commit.get(..10).unwrap_or(&commit).to_owned();
        let name = if commit.starts_with(name) { short } else { format!("{name} ({short})") };
        Ok(Revision { name, commit: Some(commit) })
    }
}

/// A commit's files in a directory of their own, which is taken away again.
pub struct Checkout(Slot);

impl Checkout {
    /// Checks it out below `target/qos`.
    ///
    /// # Errors
    ///
    /// git fails, or the directory cannot be written.
    pub fn new(commit: &str) -> Result<Self> {
        let checkout = Checkout(Slot::in_scratch("bootdiff", "tree")?);
        // What an interrupted run may have left.
        checkout.remove();
        let path = checkout.path().to_string_lossy();
        git(&["worktree", "add", "--quiet", "--detach", "--force", &path, commit])?;
        Ok(checkout)
    }

    /// The directory, which no other process uses.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    fn remove(&self) {
        if self.path().exists() {
            // If it cannot be removed, adding it again reports the reason.
            let _ = git(&["worktree", "remove", "--force", &self.path().to_string_lossy()]);
            let _ = fs::remove_dir_all(self.path());
        }
        let _ = git(&["worktree", "prune"]);
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Variables of git's environment that change the output of git diff or the meaning of its paths.
const DIFF_VARIABLES: [&str; 5] = [
    "GIT_DIFF_OPTS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// Runs git in the repository; its output without the end of line.
///
/// # Errors
///
/// git is not there, or fails; with its reason.
pub fn git(arguments: &[&str]) -> Result<String> {
    let output = git_bytes(&arguments.iter().map(OsStr::new).collect::<Vec<_>>())?;
    Ok(String::from_utf8_lossy(&output).trim_end().to_owned())
}

/// Runs git in the repository; its output as it is.
///
/// # Errors
///
/// As [`git`].
pub fn git_bytes(arguments: &[&OsStr]) -> Result<Vec<u8>> {
    let mut command = Command::new("git");
    for name in DIFF_VARIABLES {
        command.env_remove(name);
    }
    let output = command.args(arguments).current_dir(root::root()).output();
    let output = output.map_err(|error| format!("cannot run git: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let verb = arguments.first().map(|verb| verb.to_string_lossy()).unwrap_or_default();
    Err(format!("git {verb} failed: {reason}").into())
}
