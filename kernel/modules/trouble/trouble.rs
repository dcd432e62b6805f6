// SPDX-License-Identifier: GPL-2.0

//! A module that does on purpose what modules should not, so that tests see what the host says of it.
//!
//! `insmod trouble.ko kind=1` oopses: the kernel goes on, the process that loaded it is killed.
//! `insmod trouble.ko kind=2` never leaves an RCU read-side critical section: the kernel reports a stall
//! (Documentation/RCU/stallwarn.rst), after `rcupdate.rcu_cpu_stall_timeout` seconds.
//! `insmod trouble.ko kind=3` makes the kernel warn of a reference count, and go on.

use kernel::prelude::*;
use kernel::sync::{
    rcu,
    Refcount, //
};

module! {
    type: Trouble,
    name: "trouble",
    authors: ["qos"],
    description: "Misbehaves on purpose, for boot tests",
    license: "GPL",
    params: {
        kind: u8 {
            default: 0,
            description: "1: oops, 2: RCU stall, 3: warning; otherwise loading it fails",
        },
    },
}

const OOPS: u8 = 1;
const STALL: u8 = 2;
const WARNING: u8 = 3;

/// The loaded module, which there never is.
struct Trouble;

impl kernel::Module for Trouble {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        match module_parameters::kind.value() {
            OOPS => {
                pr_info!("reads address 8\n");
                let nowhere = core::ptr::without_provenance::<u64>(8);
                // SAFETY: None: nothing is mapped there, and the fault is what this is for. It is handled by the
                // kernel, which kills the process.
                let found = unsafe { nowhere.read_volatile() };
                pr_info!("found {found}\n");
            }
            STALL => {
                pr_info!("never leaves a critical section\n");
                let _guard = rcu::read_lock();
                loop {
                    core::hint::spin_loop();
                }
            }
            WARNING => {
                pr_info!("warns\n");
                // A reference to what has none: the kernel's check of that warns, and nothing else happens.
                Refcount::new(0).inc();
            }
            _ => {}
        }
        Err(EINVAL)
    }
}
