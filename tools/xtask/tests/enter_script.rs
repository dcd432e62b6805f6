// SPDX-License-Identifier: MIT OR Apache-2.0
//! `tools/nix/enter.sh` with a sysroot whose loader is a script: its messages when the host refuses an operation.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs the script from `entered` on or from the start, where the program `failing` (with an argument `with`) fails and all
/// others do nothing. Gives its status and what it said.
fn enter(entered: bool, failing: &str, with: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
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
    command.arg(script).arg(folder).arg(format!("ro:{}:/src", folder.join("usr").display()));
    command.args(["--", "true"]).env("NIX_BUILD_TOP", folder.join("build")).stdin(Stdio::null());
    if entered {
        command.env("QOS_ENTERED", folder);
    }
    let output = command.output().unwrap();
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

/// What the script reports when unshare(2) fails with `reason`, for a user that is not root on a host whose only setting with a
/// bad value is `setting`. The functions are the script's own; the user and the host's settings are replaced.
fn refusal(setting: &str, reason: &str) -> String {
    let script = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../nix/enter.sh")).unwrap();
    let function = |name: &str| {
        let start = script.find(&format!("\n{name}() {{\n")).unwrap_or_else(|| panic!("no function {name}"));
        let end = script[start..].find("\n}\n").unwrap() + "\n}\n".len();
        script[start..start + end].replace("$EUID", "1000")
    };
    let text = format!(
        "{}{}has() {{ [ \"$1=$2\" = '{setting}' ]; }}\nno_namespace \"$1\"\n",
        function("fail"),
        function("no_namespace")
    );
    let output = Command::new("bash").args(["-c", &text, "enter.sh", reason]).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_setting_that_forbids_user_namespaces_is_named_with_its_remedy() {
    for (setting, remedy) in [
        ("kernel.apparmor_restrict_unprivileged_userns=1", "kernel.apparmor_restrict_unprivileged_userns=0"),
        ("user.max_user_namespaces=0", "user.max_user_namespaces=10000"),
        ("kernel.unprivileged_userns_clone=0", "kernel.unprivileged_userns_clone=1"),
    ] {
        let expect = format!(
            "enter.sh: this host refuses user namespaces ({setting}): run `sudo sysctl -w {remedy}`, or this as root\n"
        );
        assert_eq!(refusal(setting, "unshare: unshare failed: Operation not permitted"), expect);
    }
    let other = refusal("", "a warning\nunshare: unshare failed: Operation not permitted");
    assert_eq!(other.lines().count(), 1, "{other}");
    assert!(
        other.contains("(unshare: unshare failed: Operation not permitted): allow unshare(2)"),
        "{other}"
    );
}
