// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask setup --apparmor`: an AppArmor profile with which builds may make user namespaces on a host that refuses them to
//! programs without a profile (Ubuntu 24.04 and later). See tools/nix/hosts.md.

use crate::superuser::{has, is_root, run};
use qos_host::root;
use qos_host::ui::{Result, Ui};
use std::fs;
use std::path::Path;

/// 1 if a program without a profile may make no user namespace. A patch of Ubuntu's: Linux 7.3 and Debian's kernels do not have it.
const SETTING: &str = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
/// The profile in qos.
const PROFILE: &str = "tools/nix/apparmor-profile";
/// Where AppArmor finds the profile when the host starts.
const INSTALLED: &str = "/etc/apparmor.d/qos-sysroot";

/// Loads the profile and installs it, as root or through sudo.
///
/// # Errors
///
/// One line for the user: there is neither root nor sudo, or AppArmor refuses the profile. Nothing is installed then.
pub fn install(ui: &Ui) -> Result<()> {
    if !restricts(&setting()) {
        ui.say("this host does not restrict user namespaces by AppArmor, so it needs no profile");
        return Ok(());
    }
    let profile = root::qos().join(PROFILE);
    let profile = profile.to_str().ok_or("the path of this directory is not UTF-8")?;
    let load = ["apparmor_parser", "--replace", profile];
    let keep = ["install", "-m", "644", profile, INSTALLED];
    if !is_root() && !has("sudo") {
        let (load, keep) = (load.join(" "), keep.join(" "));
        return Err(format!(
            "there is neither root nor sudo to load a profile; have somebody run: {load} && {keep}"
        )
        .into());
    }
    for words in [&load[..], &keep] {
        run(ui, is_root(), words).map_err(|error| format!("the AppArmor profile: {error}"))?;
    }
    ui.say(&format!(
        "{INSTALLED}: installed and loaded; to remove it: sudo apparmor_parser --remove {INSTALLED} && sudo rm {INSTALLED}"
    ));
    Ok(())
}

/// The remedy, if builds are going to be refused their user namespaces. `as_root`: whether builders are root, who needs none.
pub fn hint(as_root: bool) -> Option<&'static str> {
    (!as_root && restricts(&setting()) && !Path::new(INSTALLED).exists()).then_some(
        "this host refuses user namespaces to programs without an AppArmor profile, so builds will fail; run: \
         cargo xtask setup --apparmor",
    )
}

/// The setting's value, or an empty text if the kernel does not have it.
fn setting() -> String {
    fs::read_to_string(SETTING).unwrap_or_default()
}

fn restricts(setting: &str) -> bool {
    setting.trim() == "1"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_setting() {
        for (value, expect) in [("1\n", true), ("0\n", false), ("", false)] {
            assert_eq!(restricts(value), expect, "{value:?}");
        }
    }

    /// Whether AppArmor's pattern matches a path; only `*`, which matches no slash.
    fn matches(pattern: &str, path: &str) -> bool {
        let (Some((head, rest)), true) = (pattern.split_once('*'), pattern != path) else {
            return pattern == path;
        };
        let Some(tail) = path.strip_prefix(head) else { return false };
        let end = tail.find('/').unwrap_or(tail.len());
        (0..=end).any(|at| tail.is_char_boundary(at) && matches(rest, &tail[at..]))
    }

    #[test]
    fn the_profile_is_for_the_loaders_of_our_sysroots() {
        let nix = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nix");
        let text = fs::read_to_string(nix.join("apparmor-profile")).unwrap();
        let line = text.lines().find(|line| line.starts_with("profile ")).unwrap();
        let pattern = line.split(' ').nth(2).unwrap();
        // usr/lib64 has a symbolic link to it, and AppArmor sees where a link leads.
        let loader = "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2";
        let spec = fs::read_to_string(nix.join("../toolchain/toolchain.toml")).unwrap();
        let names: Vec<_> =
            spec.lines().filter_map(|line| line.strip_prefix("name = \"qos-sysroot-")).collect();
        assert!(!names.is_empty());
        for name in names {
            let sysroot =
                format!("/nix/store/00000000000000000000000000000000-qos-sysroot-{}", name.trim_matches('"'));
            assert!(matches(pattern, &format!("{sysroot}/{loader}")), "{sysroot}");
            assert!(!matches(pattern, &format!("{sysroot}/usr/bin/bash")), "{sysroot}");
        }
        for other in [
            format!("/nix/store/abc-glibc-2.41/{loader}"),
            format!("/home/u/nix/store/abc-qos-sysroot-build/{loader}"),
            format!("/nix/store/abc-x/abc-qos-sysroot-build/{loader}"),
            format!("/{loader}"),
        ] {
            assert!(!matches(pattern, &other), "{other}");
        }
    }
}
