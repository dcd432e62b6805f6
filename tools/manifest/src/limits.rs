// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads the tables `[max-sizes]` and `[max-cost]` of a manifest.

use crate::budget::{Budgets, CostLimit, MEMORY, SizeLimit};
use crate::error::Error;
use crate::place::Placed;
use crate::raw::{Amount, ByName, RawCost, RawLimits, RawSize};
use crate::reader::{Reader, parse};
use crate::value;
use std::path::Path;
use toml::Spanned;

/// The budgets in `text`, the manifest `file` of a disk. The other tables are ignored.
///
/// # Errors
///
/// An [`Error`] names the file and line of the mistake, and the allowed values.
pub fn disk_budgets(file: &Path, text: &str) -> Result<Budgets, Error> {
    let raw: RawLimits = parse(file, text)?;
    Reader { file, dir: Path::new(""), text }.budgets(Of::Disk, raw.max_sizes, raw.max_cost)
}

/// Whose budgets they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Image,
    Disk,
}

impl Reader<'_> {
    /// The budgets in both tables.
    pub(crate) fn budgets(
        &self,
        of: Of,
        sizes: ByName<Spanned<RawSize>>,
        costs: ByName<Spanned<RawCost>>,
    ) -> Result<Budgets, Error> {
        let mut budgets = Budgets::default();
        for (name, size) in sizes {
            self.max_size(of, &mut budgets, name, &size)?;
        }
        for (name, cost) in costs {
            self.max_cost(&mut budgets, &name, &cost)?;
        }
        Ok(budgets)
    }

    fn max_size(
        &self,
        of: Of,
        budgets: &mut Budgets,
        name: Spanned<String>,
        size: &Spanned<RawSize>,
    ) -> Result<(), Error> {
        let bytes = match &size.get_ref().0 {
            Amount::Number(bytes) => u64::try_from(*bytes).map_err(|_| format!("size {bytes} is negative")),
            Amount::Text(text) => value::size(text),
        };
        let budget = Placed { place: self.place(&name), value: self.checked(size, bytes)? };
        let (limits, more) = match of {
            Of::Image if name.get_ref().contains('/') => {
                self.checked(&name, value::image_path(name.get_ref()))?;
                budgets.file_sizes.insert(name.into_inner(), budget);
                return Ok(());
            }
            Of::Image => (SizeLimit::OF_IMAGE, ", and paths of files such as \"/bin/sh\""),
            Of::Disk => (SizeLimit::OF_DISK, "; those of files are in the manifests of root and initramfs"),
        };
        budgets.sizes.insert(self.named(&name, "budget", &limits, more)?, budget);
        Ok(())
    }

    fn max_cost(
        &self,
        budgets: &mut Budgets,
        name: &Spanned<String>,
        cost: &Spanned<RawCost>,
    ) -> Result<(), Error> {
        let instructions = CostLimit::ALL.into_iter().map(|(name, limit)| (name, Some(limit)));
        let all: Vec<(&str, Option<CostLimit>)> = instructions.chain([(MEMORY, None)]).collect();
        let place = self.place(name);
        match (self.named(name, "cost", &all, "")?, &cost.get_ref().0) {
            (Some(limit), amount) => {
                let value = match amount {
                    Amount::Number(count) => {
                        u64::try_from(*count).map_err(|_| format!("a cost of {count} is negative"))
                    }
                    Amount::Text(text) => value::instructions(text),
                };
                budgets.costs.insert(limit, Placed { place, value: self.checked(cost, value)? });
            }
            (None, amount) => {
                let value = match amount {
                    Amount::Number(_) => Err("memory has a unit: \"80 MiB\"".to_owned()),
                    Amount::Text(text) => value::memory_mib(text),
                };
                budgets.memory_mib = Some(Placed { place, value: self.checked(cost, value)? });
            }
        }
        Ok(())
    }
}
