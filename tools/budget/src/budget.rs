// SPDX-License-Identifier: MIT OR Apache-2.0
//! Budgets far above the cost of a boot: `bless` proposes to lower each.

use crate::memory;
use crate::memory::Machine;
use qos_bootlog::budget::lowered;
use qos_bootlog::cost::{Cost, Millions};
use qos_bootlog::parse;
use qos_host::table::table;
use qos_host::ui::{Result, Ui};
use qos_host::{nix, root};
use qos_manifest::{Config, CostLimit, Place, load_with, set_max_cost, set_max_memory};
use qos_table::Image;
use std::fs;
use std::path::Path;

/// Shows each budget that can be lowered after the golden boot of its image, and after boots with less memory; lowers it if
/// `accept` returns true; its argument is the question.
///
/// # Errors
///
/// A build or a boot cannot be started, the log or a manifest not be read, the manifest not be written, or `accept` failed.
pub fn lower(ui: &Ui, mut accept: impl FnMut(&str) -> Result<bool>) -> Result<()> {
    table()?.usual_images().try_for_each(|image| lower_of(image, ui, &mut accept))
}

fn lower_of(image: &Image, ui: &Ui, accept: &mut impl FnMut(&str) -> Result<bool>) -> Result<()> {
    let log = nix::build(ui, &image.attribute("boot-log"))?.join("boot.log");
    let qemu = nix::build(ui, &image.attribute("qemu"))?.join("bin/qos-qemu");
    let golden = Machine::golden(&nix::build(ui, &image.attribute("image"))?);
    let bytes = fs::read(&log).map_err(|error| format!("cannot read {}: {error}", log.display()))?;
    let read = |file: &Path| root::read(root::root(), file);
    let config = load_with(Path::new(&image.manifest), &read).map_err(|error| error.to_string())?;
    let mut offer = |place: &Place,
                     text: &str,
                     edit: &dyn Fn(&str) -> std::result::Result<String, String>|
     -> Result<()> {
        let file = place.file();
        if !root::root().join(file).exists() {
            // A budget of qos, which a system inherits.
            return Ok(());
        }
        let old = read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let new = edit(&old).map_err(|error| format!("{place}: {error}"))?;
        eprintln!("{text}\n{}", change(&old, &new));
        if accept(&format!("lower this budget in {}?", file.display()))? {
            fs::write(root::root().join(file), new)
                .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        }
        Ok(())
    };
    for lowering in lowerings(&config, &Cost::of(&parse(&bytes))) {
        offer(&lowering.place, &lowering.text(), &|old| set_max_cost(old, lowering.limit, lowering.new))?;
    }
    if let Some(budget) = &config.budgets.memory_mib {
        let lowering =
            memory::lowered(budget.value, |mib| Ok(memory::boots(&qemu, &golden, mib)?.is_some()))?;
        if let Some(memory::Lowering { least, new }) = lowering {
            let text =
                format!("{}: {least} MiB of memory are enough instead of {}", budget.place, budget.value);
            offer(&budget.place, &text, &|old| set_max_memory(old, new))?;
        }
    }
    Ok(())
}

/// A budget that can be lowered.
#[derive(Debug, PartialEq, Eq)]
struct Lowering {
    limit: CostLimit,
    /// The budget's line.
    place: Place,
    /// Instructions: the budget, the cost of the boot, and the possible budget.
    old: u64,
    actual: u64,
    new: u64,
}

impl Lowering {
    fn text(&self) -> String {
        // In tenths of a per cent, rounded down: it is more than that.
        let under = u128::from(self.old - self.actual) * 1000 / u128::from(self.old);
        format!(
            "{}: {} is {} M instructions, {}.{} % under its budget",
            self.place,
            self.limit.name(),
            Millions(self.actual),
            under / 10,
            under % 10
        )
    }
}

/// The budgets that can be lowered after a boot of this cost. A mark that the boot did not reach is ignored.
fn lowerings(config: &Config, cost: &Cost) -> Vec<Lowering> {
    let lowering = |(limit, budget): (&CostLimit, &qos_manifest::Placed<u64>)| {
        let actual = match limit {
            CostLimit::ToInit => cost.to_init,
            CostLimit::ToSession => cost.to_session,
            CostLimit::ToPowerOff => cost.to_power_off,
        }?;
        let new = lowered(budget.value, actual)?;
        Some(Lowering { limit: *limit, place: budget.place.clone(), old: budget.value, actual, new })
    };
    config.budgets.costs.iter().filter_map(lowering).collect()
}

/// The lines in which the texts differ, as a diff has them. They have equally many.
fn change(old: &str, new: &str) -> String {
    let differ = old.lines().zip(new.lines()).filter(|(old, new)| old != new);
    differ.map(|(old, new)| format!("- {old}\n+ {new}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "inherit = ['base.toml']\nimage.name = 't'\n\n[max-cost]\n# Since the spine.\n\
        to-init = '85 M'    # was 90\nto-session = 94_000_000\n";

    /// What is lowered, as the text that stands before each change, after a boot of this cost in thousands of instructions.
    #[track_caller]
    fn check(to_init: Option<u64>, to_session: Option<u64>, to_power_off: Option<u64>, expect: &[&str]) {
        let [to_init, to_session, to_power_off] =
            [to_init, to_session, to_power_off].map(|value| value.map(|thousands| thousands * 1000));
        let read = |file: &Path| match file.ends_with("base.toml") {
            true => Ok("[max-cost]\nto-power-off = '128 M'\n".to_owned()),
            false => Ok(TEXT.to_owned()),
        };
        let config = load_with(Path::new("rootfs/m.toml"), &read).unwrap();
        let got = lowerings(&config, &Cost { to_init, to_session, to_power_off, phases: Vec::new() });
        assert_eq!(got.iter().map(Lowering::text).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn what_can_be_lowered() {
        check(Some(83_439), Some(92_097), Some(124_882), &[]);
        check(None, None, None, &[]);
        check(Some(90_000), Some(89_300), Some(200_000), &[]);
        check(
            Some(79_123),
            Some(89_299),
            Some(100_000),
            &[
                "rootfs/m.toml:6: to-init is 79.123 M instructions, 6.9 % under its budget",
                "rootfs/m.toml:7: to-session is 89.299 M instructions, 5.0 % under its budget",
                "rootfs/base.toml:2: to-power-off is 100.000 M instructions, 21.8 % under its budget",
            ],
        );
    }

    #[test]
    fn the_change_is_one_line() {
        let check = |limit, new, expect: &str| {
            let edited = set_max_cost(TEXT, limit, new).unwrap();
            assert_eq!(change(TEXT, &edited), expect);
        };
        check(
            CostLimit::ToInit,
            81_000_000,
            "- to-init = '85 M'    # was 90\n+ to-init = \"81 M\"    # was 90",
        );
        check(CostLimit::ToSession, 92_000_000, "- to-session = 94_000_000\n+ to-session = \"92 M\"");
    }
}
