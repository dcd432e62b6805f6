// SPDX-License-Identifier: MIT OR Apache-2.0
//! The least memory that an image boots with, by bisection, and what its budget can be lowered to.

use qos_host::ui::{Result, interrupted};
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A guest that has not ended by then has not booted, however slow the host. In seconds.
const LIMIT: &str = "120";

/// With less than this, in MiB, no kernel of ours comes up.
const TOO_LITTLE: u32 = 8;

/// The machine that an image is booted on, as arguments of the program that does it.
pub struct Machine(Vec<OsString>);

impl Machine {
    /// The usual one, under TCG.
    pub fn ordinary() -> Self {
        Self(["--accel", "tcg"].map(OsString::from).into())
    }

    /// The golden one, with the files of the directory `image` as they ship. It gives the same answer on every day: an ordinary
    /// guest needs a little more or less memory from boot to boot.
    pub fn golden(image: &Path) -> Self {
        let file = |name: &str| image.join(name).into_os_string();
        Self(vec![
            "--golden".into(),
            "--kernel".into(),
            file("bzImage"),
            "--initramfs".into(),
            file("initramfs.cpio.zst"),
        ])
    }
}

/// How long a guest with this memory in MiB takes to boot, run a command and power off; `None` when it does not. `qemu` is the
/// program that boots its image.
///
/// # Errors
///
/// The program cannot be started, or the user interrupts.
pub fn boots(qemu: &Path, machine: &Machine, mib: u32) -> Result<Option<Duration>> {
    let begin = Instant::now();
    let status = Command::new(qemu)
        .args(&machine.0)
        .args(["--timeout", LIMIT, "--memory", &format!("{mib}M"), "--", "sh", "-c", "true"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("cannot run {}: {error}", qemu.display()))?;
    if interrupted() {
        return Err("interrupted".into());
    }
    Ok(status.success().then(|| begin.elapsed()))
}

/// The least memory in MiB for which `boots` returns true, as it does for `enough`.
///
/// # Errors
///
/// Those of `boots`.
pub fn least(enough: u32, mut boots: impl FnMut(u32) -> Result<bool>) -> Result<u32> {
    let (mut fails, mut passes) = (TOO_LITTLE.min(enough.saturating_sub(1)), enough);
    while passes - fails > 1 {
        let middle = fails + (passes - fails) / 2;
        match boots(middle)? {
            true => passes = middle,
            false => fails = middle,
        }
    }
    Ok(passes)
}

/// A budget of memory that can be lowered, in MiB.
#[derive(Debug, PartialEq, Eq)]
pub struct Lowering {
    /// The least memory that boots.
    pub least: u32,
    /// What the budget can be.
    pub new: u32,
}

/// What a budget can be lowered to when over 5 % less boot: the least memory and 2 %, rounded up. As a rule that takes a single
/// boot, which fails.
///
/// # Errors
///
/// Those of `boots`.
pub fn lowered(budget: u32, mut boots: impl FnMut(u32) -> Result<bool>) -> Result<Option<Lowering>> {
    let far = (u64::from(budget) * 95).div_ceil(100).saturating_sub(1);
    let far = u32::try_from(far).unwrap_or(budget);
    if far == 0 || !boots(far)? {
        return Ok(None);
    }
    let least = least(far, boots)?;
    let new = u32::try_from((u64::from(least) * 102).div_ceil(100)).unwrap_or(budget);
    Ok((new < budget).then_some(Lowering { least, new }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_is_found() {
        for need in [9, 10, 63, 64, 74, 511, 512] {
            let mut count = 0;
            let boots = |mib| {
                count += 1;
                Ok(mib >= need)
            };
            assert_eq!(least(512, boots).unwrap(), need);
            assert!(count <= 9, "{count} boots");
        }
        assert_eq!(least(4, |_| Ok(true)).unwrap(), 4);
        assert!(least(512, |_| Err("no".into())).is_err());
    }

    #[test]
    fn a_budget_is_lowered_when_it_is_far_above() {
        let check = |budget, need, expect: Option<(u32, u32)>| {
            let got = lowered(budget, |mib| Ok(mib >= need)).unwrap();
            assert_eq!(got.map(|lowering| (lowering.least, lowering.new)), expect, "{budget}, {need}");
        };
        check(80, 80, None);
        check(80, 76, None);
        check(80, 75, Some((75, 77)));
        check(80, 50, Some((50, 51)));
        check(100, 95, None);
        check(100, 94, Some((94, 96)));
        check(1, 1, None);
    }
}
