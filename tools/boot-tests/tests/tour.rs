// SPDX-License-Identifier: MIT OR Apache-2.0
//! The outputs in `TOUR.md` are those of its commands. `QOS_TOUR=write` writes the outputs into it instead of comparing them.

use qos_boot_tests::built::folder_of;
use qos_boot_tests::tour::{rewritten, steps};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The commands of the tour that need what this check has built: `cargo xtask` and `nix build` for a work tree that is built.
const PRELUDE: &str = r#"
cargo() {
    [ "$1" = xtask ] || return 127
    verb=$2; shift 2
    case $verb in
    inspect) "$QOS_DEV_TOOLS/bin/qos-inspect" "$@" ;;
    qemu)
        runner=$QOS_QEMU
        if [ "$1" = --image ]; then
            [ "$2" = disk-laptop ] || return 127
            runner=$QOS_QEMU_DISK_LAPTOP; shift 2
        fi
        "$runner/bin/qos-qemu" --accel tcg --timeout 280 "$@"
        ;;
    *) return 127 ;;
    esac
}
nix() {
    case $1:$2 in
    build:.#image) ln -sfn "$QOS_IMAGE" result ;;
    build:.#disk-laptop) ln -sfn "$QOS_DISK_LAPTOP" result ;;
    *) return 127 ;;
    esac
}
"#;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("a workspace").to_owned()
}

/// What a command prints, its errors among it.
fn output_of(command: &str, folder: &Path) -> String {
    let mut bash = Command::new("bash");
    bash.arg("-c").arg(format!("exec 2>&1\n{PRELUDE}{command}")).current_dir(folder).stdin(Stdio::null());
    let output = bash.output().unwrap_or_else(|error| panic!("bash: {error}"));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn outputs_are_those_of_the_commands() {
    for name in ["QOS_IMAGE", "QOS_QEMU", "QOS_QEMU_DISK_LAPTOP", "QOS_DISK_LAPTOP", "QOS_DEV_TOOLS"] {
        assert!(folder_of(name).is_dir());
    }
    let path = workspace().join("TOUR.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let steps = steps(&document).unwrap();
    assert!(!steps.is_empty(), "TOUR.md has no commands");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tour");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();

    let mut report = String::new();
    let outputs: Vec<Option<String>> = steps
        .iter()
        .map(|step| {
            let output = output_of(&step.command, &folder);
            if step.matches(&output) {
                return None;
            }
            let (line, command, expected) = (step.line, &step.command, step.expected.join("\n"));
            let _ = write!(
                report,
                "TOUR.md, line {line}: {command}\n--- shown\n{expected}\n--- printed\n{output}\n"
            );
            Some(output)
        })
        .collect();
    if report.is_empty() {
        return;
    }
    if std::env::var_os("QOS_TOUR").is_some_and(|value| value == "write") {
        std::fs::write(&path, rewritten(&document, &steps, &outputs)).unwrap();
        return;
    }
    panic!("{report}To take what was printed: QOS_TOUR=write cargo xtask test tour");
}
