// SPDX-License-Identifier: MIT OR Apache-2.0
//! The crates that hold several programs each. A feature leaves one out.

use std::ffi::OsString;

/// Programs of one crate.
pub(crate) struct Family {
    /// Their names.
    pub names: fn() -> Vec<&'static str>,
    /// Runs the program of that name, if there is one, with its arguments (its name first), to its exit status.
    pub run: fn(&str, Vec<OsString>) -> Option<i32>,
}

/// All families; no name is in two of them.
pub(crate) const FAMILIES: &[Family] = &[
    Family {
        names: || vec![qos_agent::NAME],
        run: |name, args| {
            (name == qos_agent::NAME).then(|| i32::from(qos_agent::run(args.into_iter().skip(1))))
        },
    },
    #[cfg(feature = "block")]
    Family {
        names: || qos_block::names().collect(),
        run: |name, args| qos_block::run(name, args).map(i32::from),
    },
    #[cfg(feature = "coreutils")]
    Family { names: || qos_coreutils::NAMES.to_vec(), run: qos_coreutils::run },
    #[cfg(feature = "diffutils")]
    Family { names: || qos_diffutils::NAMES.to_vec(), run: qos_diffutils::run },
    #[cfg(feature = "editor")]
    Family {
        names: || qos_editor::names().collect(),
        run: |name, args| qos_editor::run(name, args).map(i32::from),
    },
    #[cfg(feature = "findutils")]
    Family { names: || qos_findutils::NAMES.to_vec(), run: qos_findutils::run },
    Family {
        names: || qos_grep::names().collect(),
        run: |name, args| qos_grep::run(name, args).map(i32::from),
    },
    #[cfg(feature = "pager")]
    Family {
        names: || qos_pager::names().collect(),
        run: |name, args| qos_pager::run(name, args).map(i32::from),
    },
    #[cfg(feature = "patch")]
    Family {
        names: || qos_patch::names().collect(),
        run: |name, args| qos_patch::run(name, args).map(i32::from),
    },
    Family {
        names: || qos_procps::names().collect(),
        run: |name, args| qos_procps::run(name, args).map(i32::from),
    },
    #[cfg(feature = "sed")]
    Family { names: || qos_sed::NAMES.to_vec(), run: qos_sed::run },
    #[cfg(feature = "tar")]
    Family {
        names: || qos_tar::names().collect(),
        run: |name, args| qos_tar::run(name, args).map(i32::from),
    },
    Family {
        names: || qos_util::names().collect(),
        run: |name, args| qos_util::run(name, args).map(i32::from),
    },
];
