// SPDX-License-Identifier: MIT OR Apache-2.0
//! The difference between the reviewed configuration and the one that the fragments resolve to.

use std::collections::BTreeSet;
use std::fmt;

use crate::resolved::Resolved;
use crate::value::Value;

/// One symbol whose value is another than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The symbol, without `CONFIG_`.
    pub symbol: String,
    /// Its value in the reviewed file.
    pub before: Value,
    /// Its value now.
    pub after: Value,
}

/// All changes, sorted by symbol. Comments and the order of lines do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// The changes.
    pub changes: Vec<Change>,
}

impl Drift {
    /// Compares two configurations.
    pub fn between(before: &Resolved, after: &Resolved) -> Self {
        let names: BTreeSet<&str> = before.names().chain(after.names()).collect();
        let changes = names
            .into_iter()
            .map(|name| Change {
                symbol: name.to_owned(),
                before: before.get(name).clone(),
                after: after.get(name).clone(),
            })
            .filter(|change| change.before != change.after)
            .collect();
        Self { changes }
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl fmt::Display for Drift {
    /// One line for each change: `+` now on, `-` now off, `~` another value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Change { symbol, before, after } in &self.changes {
            match (before, after) {
                (Value::No, after) => writeln!(f, "+ CONFIG_{symbol}={after}")?,
                (before, Value::No) => writeln!(f, "- CONFIG_{symbol}={before}")?,
                (before, after) => writeln!(f, "~ CONFIG_{symbol}={before} -> {after}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, expect: &str) {
        let before = Resolved::parse("before", before).expect("valid");
        let after = Resolved::parse("after", after).expect("valid");
        let drift = Drift::between(&before, &after);
        assert_eq!(drift.to_string(), expect);
        assert_eq!(drift.is_empty(), expect.is_empty());
    }

    #[test]
    fn values_count_and_text_does_not() {
        check("", "", "");
        check("# a\nCONFIG_B=y\nCONFIG_A=y", "CONFIG_A=y\n\n# CONFIG_C is not set\nCONFIG_B=y", "");
        check("", "CONFIG_A=m", "+ CONFIG_A=m\n");
        check("CONFIG_A=y", "# CONFIG_A is not set", "- CONFIG_A=y\n");
        check("CONFIG_A=y\nCONFIG_N=1", "CONFIG_A=m\nCONFIG_N=2", "~ CONFIG_A=y -> m\n~ CONFIG_N=1 -> 2\n");
        check("CONFIG_B=y\nCONFIG_S=\"\"", "CONFIG_A=y\nCONFIG_S=\"\"", "+ CONFIG_A=y\n- CONFIG_B=y\n");
    }
}
