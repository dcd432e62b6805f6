// SPDX-License-Identifier: MIT OR Apache-2.0
//! The policy that is in force for a review without `--policy`: the base's, so that a change cannot weaken the rules for itself. Pure.

use crate::policy::{FILE, Policy};

/// The policy, and its name for a reader. `texts` are those of `review.toml` in base and head, as far as they have one; `images` are the
/// names of the images in their tables.
///
/// # Errors
///
/// One line: either policy has a mistake. That of the head would be in force for the next change.
pub fn in_force(texts: [Option<&str>; 2], images: [&[&str]; 2]) -> Result<(Policy, String), String> {
    let [base, head] = texts;
    let parse = |text, images: &[&str]| Policy::parse(FILE, text, images);
    let head = head.map(|text| parse(text, images[1])).transpose()?;
    if let Some(text) = base {
        // The change can have added or removed an image.
        let policy = parse(text, &images.concat())
            .map_err(|error| format!("the policy of the base: {error}; --policy FILE takes another one"))?;
        return Ok((policy, format!("{FILE} of the base")));
    }
    Ok(match head {
        Some(policy) => (policy, format!("{FILE} of the head")),
        None => (Policy::built_in(), "built-in policy".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGES: [&[&str]; 2] = [&["default", "old"], &["default", "new"]];

    #[test]
    fn the_base_decides() {
        let check = |texts, rule: &str, name: &str| {
            let (policy, found) = in_force(texts, IMAGES).unwrap();
            let rules: Vec<&str> = policy.rules.deny.iter().map(|rule| rule.text.as_str()).collect();
            assert_eq!((rules.join(" ").as_str(), found.as_str()), (rule, name), "{texts:?}");
        };
        let (strict, weak) =
            (Some("deny = ['log']\n[image.old]\ndeny = []"), Some("deny = []\n[image.new]\n"));
        check([strict, weak], "log", "review.toml of the base");
        check([strict, None], "log", "review.toml of the base");
        check([None, weak], "", "review.toml of the head");
        check([None, None], "verdict budget", "built-in policy");
    }

    #[test]
    fn a_mistake_in_either_is_an_error() {
        let check = |texts, expect: &str| {
            let error = in_force(texts, IMAGES).unwrap_err();
            assert!(error.starts_with(expect), "{texts:?}: {error}");
        };
        let (good, bad) = (Some("deny = []"), Some("deny = ['cots']"));
        check([good, bad], "review.toml:1: unknown rule `cots`");
        check([None, bad], "review.toml:1: unknown rule `cots`");
        check([bad, good], "the policy of the base: review.toml:1: unknown rule `cots`");
        check([good, Some("[image.old]")], "review.toml:1: unknown image old");
    }
}
