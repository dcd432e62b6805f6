// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads the tables `[max-sizes]` and `[max-cost]` of a manifest.

use crate::budget::{Budgets, CostLimit, MEMORY, SizeLimit};
use crate::config::Placed;
use crate::error::Error;
use crate::layer::Reader;
use crate::raw::{Amount, ByName, RawCost, RawSize};
use crate::value;
use toml::Spanned;

impl Reader<'_> {
    /// The budgets in both tables of an image's manifest.
    pub(crate) fn budgets(
        &self,
        sizes: ByName<Spanned<RawSize>>,
        costs: ByName<Spanned<RawCost>>,
    ) -> Result<Budgets, Error> {
        let mut budgets = Budgets::default();
        for (name, size) in sizes {
            self.max_size(&mut budgets, name, &size)?;
        }
        for (name, cost) in costs {
            self.max_cost(&mut budgets, &name, &cost)?;
        }
        Ok(budgets)
    }

    fn max_size(
        &self,
        budgets: &mut Budgets,
        name: Spanned<String>,
        size: &Spanned<RawSize>,
    ) -> Result<(), Error> {
        let bytes = match &size.get_ref().0 {
            Amount::Number(bytes) => u64::try_from(*bytes).map_err(|_| format!("size {bytes} is negative")),
            Amount::Text(text) => value::size(text),
        };
        let budget = Placed { place: self.place(&name), value: self.checked(size, bytes)? };
        if name.get_ref().contains('/') {
            self.checked(&name, value::image_path(name.get_ref()))?;
            budgets.file_sizes.insert(name.into_inner(), budget);
        } else {
            let paths = ", and paths of files such as \"/bin/sh\"";
            budgets.sizes.insert(self.named(&name, "budget", &SizeLimit::ALL, paths)?, budget);
        }
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
