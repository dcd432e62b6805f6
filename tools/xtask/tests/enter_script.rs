// SPDX-License-Identifier: MIT OR Apache-2.0
//! `tools/nix/enter.sh` with a sysroot whose loader is a script: its messages when the host refuses an operation.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs the script from `entered` on or from the start, where the program `failing` (with an argument `with`) fails and all
/// others do nothing. Gives its status and what it said.
fn enter(entered: bool, failing: &str, with: &str) -> (Option<i32>, String) {
    let folder = std::env::temp_dir().join(format!("qos-enter-{}-{entered}-{failing}", std::process::id()));
    let loader = folder.join("usr/lib64/ld-linux-x86-64.so.2");
    fs::create_dir_all(folder.join("usr/lib64")).unwrap();
    fs::create_dir_all(folder.join("build/.root")).unwrap();
    // --library-path PATH PROGRAM ARGUMENT…
    let text = format!(
        "#!/bin/sh\ncase \"${{3##*/}} $*\" in '{failing} '*'{with}'*) echo '{failing}: refused' >&2; exit 32;; esac\n\
         case ${{3##*/}} in mkdir) shift 3; exec mkdir \"$@\";; esac\n"
    );
    fs::write(&loader, text).unwrap();
    fs::set_permissions(&loader, fs::Permissions::from_mode(0o755)).unwrap();
    symlink("usr/lib64", folder.join("lib64")).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nix/enter.sh");
    let mut command = Command::new("bash");
    command.arg(script).arg(&folder).arg(format!("ro:{}:/src", folder.join("usr").display()));
    command.args(["--", "true"]).env("NIX_BUILD_TOP", folder.join("build")).stdin(Stdio::null());
    if entered {
        command.env("QOS_ENTERED", &folder);
    }
    let output = command.output().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_the_host_refuses_is_said_in_one_line() {
    let (status, said) = enter(false, "unshare", "--mount");
    assert_eq!((status, said.lines().count()), (Some(2), 1), "{said}");
    assert!(said.starts_with("enter.sh: ") && said.contains("root"), "{said}");

    let (status, said) = enter(true, "mount", "remount,bind,ro");
    assert_eq!((status, said.lines().count()), (Some(2), 1), "{said}");
    assert!(said.starts_with("enter.sh: cannot make ") && said.contains("(mount: refused)"), "{said}");

    assert_eq!(enter(true, "no-such-program", ""), (Some(0), String::new()));
}
