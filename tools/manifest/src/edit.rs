// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changes a budget in the text of a manifest, and keeps all other bytes.

use crate::budget::{CostLimit, MEMORY};
use crate::raw::RawConfig;
use crate::value;

/// `text`, a manifest, with the budget for `what` in its `[max-cost]` set to `instructions`. Comments, order and spaces stay
/// as they are: only the value is another.
///
/// # Errors
///
/// One line: `text` is no manifest, or has no such budget itself (one that it inherits is in the other file).
pub fn set_max_cost(text: &str, what: CostLimit, instructions: u64) -> Result<String, String> {
    set(text, what.name(), &value::instructions_text(instructions))
}

/// The same for the budget of memory, in MiB.
///
/// # Errors
///
/// As [`set_max_cost`].
pub fn set_max_memory(text: &str, mib: u32) -> Result<String, String> {
    set(text, MEMORY, &value::memory_text(mib))
}

fn set(text: &str, name: &str, new: &str) -> Result<String, String> {
    let raw: RawConfig = toml::from_str(text).map_err(|e| e.message().to_owned())?;
    let budget = raw.max_cost.iter().find(|(key, _)| key.get_ref() == name);
    let (_, value) = budget.ok_or_else(|| format!("[max-cost] has no `{name}`"))?;
    let mut edited = text.to_owned();
    edited.replace_range(value.span(), &format!("\"{new}\""));
    Ok(edited)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Setting to-init in `text` to 81 M gives `text` with `old` replaced, in its only place, by `"81 M"`.
    #[track_caller]
    fn check(text: &str, old: &str) {
        assert_eq!(text.matches(old).count(), 1, "{text}");
        let edited = set_max_cost(text, CostLimit::ToInit, 81_000_000);
        assert_eq!(edited, Ok(text.replace(old, "\"81 M\"")));
    }

    #[test]
    fn only_the_value_is_another() {
        check("[max-cost]\nto-init = \"85 M\"\n", "\"85 M\"");
        check("# 85 M\n[max-cost]\n  to-init=\"85 M\"# is 83.4 M, ü\nto-session = \"94 M\"\n", "\"85 M\"");
        check("[max-cost]\r\nto-init = 85_000_000 # x\r\n\r\n", "85_000_000");
        check("max-cost.to-init = '85.0 M'", "'85.0 M'");
        check("max-cost = { to-init = 85, to-session = 94 } # both\n[image]\nname = \"to-init\"", "85");
        check("[max-cost]\n\"to-init\" = \"\"\"85 M\"\"\"\n\n# end", "\"\"\"85 M\"\"\"");
    }

    #[test]
    fn memory_is_edited_beside_the_costs() {
        let text = "[max-cost]\nto-init = 1\nmemory = \"80 MiB\" # is 74\n";
        assert_eq!(set_max_memory(text, 76), Ok(text.replace("80 MiB", "76 MiB")));
        assert_eq!(set_max_memory("[max-cost]\n", 76), Err("[max-cost] has no `memory`".to_owned()));
    }

    #[test]
    fn what_cannot_be_edited() {
        let check = |text: &str, part: &str| {
            let error = set_max_cost(text, CostLimit::ToInit, 1).unwrap_err();
            assert!(error.contains(part), "{error}");
        };
        check("", "[max-cost] has no `to-init`");
        check("[max-cost]\nto-session = 1\n", "[max-cost] has no `to-init`");
        check("inherit = [", "unclosed array");
    }
}
