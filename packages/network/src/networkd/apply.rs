// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changes in the kernel that make of what is there what is planned.

use super::plan::Plan;
use crate::netlink::address::Address;
use crate::netlink::flag;
use crate::netlink::kernel::Kernel;
use crate::netlink::route::Route;
use std::io;

/// Whether the plan has the address.
pub fn keeps(plan: &Plan, address: &Address) -> bool {
    plan.addresses.iter().any(|wanted| wanted.is_same(address))
}

/// What failed, and why.
pub type Refused = Result<(), (String, io::Error)>;

/// Removes what is in `before` and not in `plan`: routes first, because some go with their address.
pub fn remove(kernel: &mut Kernel, before: &Plan, plan: &Plan) -> Refused {
    let mut result = Ok(());
    let mut act = |what: String, done: io::Result<()>| match done {
        // It is gone already.
        Err(error) if matches!(error.raw_os_error(), Some(2 | 3 | 19 | 99)) => {}
        Err(error) => result = Err((what, error)),
        Ok(()) => {}
    };
    for route in before.routes.iter().rev().filter(|old| !plan.routes.iter().any(|new| new.is_same(old))) {
        act(format!("remove route to {}", route.destination), kernel.act(route.remove()));
    }
    for address in before.addresses.iter().filter(|old| !keeps(plan, old)) {
        act(format!("remove address {}", address.local), kernel.act(address.remove()));
    }
    result
}

/// Adds what is in `plan` and not there.
pub fn add(kernel: &mut Kernel, plan: &Plan, addresses: &[Address], routes: &[Route]) -> Refused {
    let mut result = Ok(());
    for address in &plan.addresses {
        let stays = |old: &&Address| old.is_same(address) && old.lifetimes == address.lifetimes;
        let same = addresses.iter().find(stays).is_some_and(|old| {
            (old.broadcast, old.metric, old.scope) == (address.broadcast, address.metric, address.scope)
        });
        if !same && let Err(error) = kernel.act(address.add(false)) {
            result = Err((format!("address {}", address.local), error));
        }
    }
    for route in plan.routes.iter().filter(|new| !routes.iter().any(|old| old.is_same(new))) {
        if let Err(error) = kernel.act(route.add(flag::REPLACE)) {
            result = Err((format!("route to {}", route.destination), error));
        }
    }
    result
}
