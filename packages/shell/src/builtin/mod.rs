// SPDX-License-Identifier: GPL-3.0-or-later
//! Built-in utilities that the yash libraries do not have.

use crate::System;
use yash_env::builtin::Builtin;

/// The built-ins of this crate, by name.
pub fn iter() -> impl Iterator<Item = (&'static str, Builtin<System>)> {
    [].into_iter()
}
