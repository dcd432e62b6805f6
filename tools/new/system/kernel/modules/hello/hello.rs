// SPDX-License-Identifier: GPL-2.0

//! hello has a parameter and logic that is tested, and says hello and goodbye.
//!
//! To add another module, copy this directory, and put the other name into its files and their names.

use kernel::prelude::*;

mod greeting;

module! {
    type: Hello,
    name: "hello",
    authors: ["me"],
    description: "A parameter, tested logic, a greeting",
    license: "GPL",
    params: {
        guests: u8 {
            default: 1,
            description: "Number of guests to greet (default 1)",
        },
    },
}

/// The loaded module: what has to be kept until it is unloaded.
struct Hello {
    guests: u8,
}

impl kernel::Module for Hello {
    /// Called when the module is loaded; an error here is what `insmod` reports.
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let guests = module_parameters::guests.value();
        let seats = greeting::seats(guests).inspect_err(|_| {
            pr_err!(
                "guests={guests}: there are at most {} seats\n",
                greeting::SEATS_MAX
            );
        })?;
        pr_info!("hello, {guests} guests on {seats} seats\n");
        Ok(Self { guests })
    }
}

impl Drop for Hello {
    /// Called when the module is unloaded.
    fn drop(&mut self) {
        pr_info!("goodbye, {} guests\n", self.guests);
    }
}
