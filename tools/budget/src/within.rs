// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a golden boot is within the budgets of its manifest: a check of a system's own repository.

use qos_bootlog::budget::{Budget, Mark, exceeded};
use qos_bootlog::{cost, initcall, parse};
use qos_host::ui::Result;
use qos_manifest::{CostLimit, load_with};
use std::fs;
use std::path::Path;

/// The budgets of `manifest`, a path from the current directory, that a boot does not keep, each as a text for the person whose change
/// it was. `logs` is the directory with the logs of the boot.
///
/// # Errors
///
/// The manifest or a log cannot be read.
pub fn check(manifest: &Path, logs: &Path) -> Result<Vec<String>> {
    let read = |file: &Path| fs::read_to_string(file);
    let config = load_with(manifest, &read).map_err(|error| error.to_string())?;
    let mut budgets = Vec::new();
    for (limit, budget) in &config.budgets.costs {
        let mark = match limit {
            CostLimit::ToInit => Mark::Init,
            CostLimit::ToSession => Mark::Session,
            CostLimit::ToPowerOff => Mark::PowerOff,
        };
        budgets.push(Budget { mark, instructions: budget.value, place: budget.place.to_string() });
    }
    let log = |name: &str| {
        let path = logs.join(name);
        fs::read(&path)
            .map(|bytes| parse(&bytes))
            .map_err(|error| format!("cannot read {}: {error}", path.display()))
    };
    let (boot, initcalls) = (log("boot.log")?, log("initcalls.log")?);
    let over = exceeded(&budgets, &cost::Cost::of(&boot), &initcall::of(&initcalls), None);
    Ok(over.iter().map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boot_over_its_budget_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        write(
            "boot.log",
            "[    0.000000] Linux version 7\n[    0.060000] Run /init as init process\n[    0.090000] reboot: Power down\n",
        );
        write("initcalls.log", "");
        let over = |millions: u32| {
            write("m.toml", &format!("[image]\nname = 'm'\n\n[max-cost]\nto-power-off = '{millions} M'\n"));
            check(&folder.join("m.toml"), folder).unwrap()
        };
        assert_eq!(over(100), [""; 0]);
        let found = over(80);
        assert!(found.len() == 1 && found[0].contains("m.toml:5"), "{found:?}");
        assert!(check(&folder.join("none.toml"), folder).is_err());
    }
}
