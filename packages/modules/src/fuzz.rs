// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files of depmod(8) and modprobe.d(5) from memory, for tools/fuzz.

use crate::{Config, Database, Dependencies, LoadError, list};
use std::path::Path;

/// Files of the texts `dep`, `alias` (for all files of aliases), `conf` and `cmdline`: looks for the steps of each name in them.
///
/// # Panics
/// When a property does not hold.
pub fn modules(dep: &str, alias: &str, conf: &str, cmdline: &str) {
    let mut config = Config::default();
    config.add("conf", conf);
    // What modprobe -c prints is a configuration, which prints as it is; but a backslash at an end would join two lines.
    let printed = config.to_string();
    if !printed.contains("\\\n") {
        let mut again = Config::default();
        again.add("printed", &printed);
        assert_eq!(again.to_string(), printed);
    }
    // Names on the kernel's command line may be such as no file can have.
    config.add_cmdline(cmdline);
    assert!(list::parse(conf).iter().all(|wanted| !wanted.name.is_empty()));
    if let Ok(dependencies) = Dependencies::parse(dep) {
        for name in dep.split([':', ' ', '\n']) {
            if let Ok(order) = dependencies.order(name) {
                let mut once = order.clone();
                once.sort_unstable();
                once.dedup();
                assert_eq!(once.len(), order.len(), "{name}: {order:?}");
            }
        }
    }
    let read = |name: &str| -> Result<String, LoadError> {
        Ok(if name == "modules.dep" { dep } else { alias }.to_owned())
    };
    let Ok(database) = Database::of(&read, Path::new("/lib/modules/7"), config) else { return };
    for name in alias.split_whitespace().chain(dep.split_whitespace()).take(64) {
        for found in database.lookup(name) {
            let _ = database.steps(&found, "a=1", false);
        }
    }
}
