// SPDX-License-Identifier: MIT OR Apache-2.0
//! The policy of reviews: `review.toml` at the top of the repository. Pure.

use qos_manifest::did_you_mean;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use toml::Spanned;

/// The policy's file in the root of the repository.
pub const FILE: &str = "review.toml";

/// The policy of a revision without the file.
const DEFAULT: &str = "deny = ['verdict', 'budget']\n";

/// What a rule compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The head does not build or boot.
    Verdict,
    /// Only the base has the image.
    ImageRemoved,
    /// The head exceeds a budget of its own manifest.
    Budget,
    /// The head's manifest has a higher budget, or lacks one.
    BudgetRaised,
    /// Instructions up to a mark of the boot.
    Cost,
    /// Bytes of the kernel and of the initramfs.
    Size,
    /// The least memory that boots.
    Memory,
    /// A module that the base's initramfs does not have.
    NewModule,
    /// A line of the boot log that reads as a warning and is not in the base's.
    NewWarning,
    /// A file that has the set-user-ID or set-group-ID bit, and did not in the base.
    NewSetuid,
    /// A unit of the manager of services that fails, and did not in the base.
    ServiceFailed,
    /// A unit of the manager of services that the base does not have.
    ServiceNew,
    /// A unit of the manager of services that the head does not have.
    ServiceGone,
    /// Options of the kernel's configuration.
    Config,
    /// The image's command line.
    Cmdline,
    /// Versions of components.
    Versions,
    /// Lines of the boot log.
    Log,
    /// Entries of the initramfs.
    Files,
    /// Reviewed files: snapshots and resolved configurations.
    Snapshot,
    /// The policy itself.
    Policy,
}

impl Kind {
    /// All kinds with the names that policies give them.
    pub const ALL: [(&'static str, Kind); 20] = [
        ("verdict", Kind::Verdict),
        ("image-removed", Kind::ImageRemoved),
        ("budget", Kind::Budget),
        ("budget-raised", Kind::BudgetRaised),
        ("cost", Kind::Cost),
        ("size", Kind::Size),
        ("memory", Kind::Memory),
        ("new-module", Kind::NewModule),
        ("new-warning", Kind::NewWarning),
        ("new-setuid", Kind::NewSetuid),
        ("service-failed", Kind::ServiceFailed),
        ("service-new", Kind::ServiceNew),
        ("service-gone", Kind::ServiceGone),
        ("config", Kind::Config),
        ("cmdline", Kind::Cmdline),
        ("versions", Kind::Versions),
        ("log", Kind::Log),
        ("files", Kind::Files),
        ("snapshot", Kind::Snapshot),
        ("policy", Kind::Policy),
    ];

    /// Its name in policies.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// What a violation of it means, in one sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Kind::Verdict => "The head does not build or does not boot.",
            Kind::ImageRemoved => "The table of images lacks an image that it had.",
            Kind::Budget => "The head exceeds a budget of its own manifest.",
            Kind::BudgetRaised => "A budget of the manifest was raised or removed.",
            Kind::Cost => "The golden boot takes more instructions up to a mark.",
            Kind::Size => "The kernel or the initramfs has more bytes.",
            Kind::Memory => "The golden machine needs more memory to boot.",
            Kind::NewModule => "The initramfs has a kernel module that it did not have.",
            Kind::NewWarning => "The boot log has a warning that it did not have.",
            Kind::NewSetuid => "A file has a set-user-ID or set-group-ID bit that it did not have.",
            Kind::ServiceFailed => "A service or another unit fails that did not fail.",
            Kind::ServiceNew => "The boot has a service or another unit that it did not have.",
            Kind::ServiceGone => "The boot lacks a service or another unit that it had.",
            Kind::Config => "An option of the kernel's configuration changed.",
            Kind::Cmdline => "The default kernel command line changed.",
            Kind::Versions => "The version of a component changed.",
            Kind::Log => "Lines of the boot log changed.",
            Kind::Files => "Entries of the initramfs changed.",
            Kind::Snapshot => "A reviewed file changed: a snapshot or a resolved configuration.",
            Kind::Policy => "The policy of reviews changed.",
        }
    }

    /// Whether it is about the repository and not about an image.
    #[must_use]
    pub fn is_of_repository(self) -> bool {
        matches!(self, Kind::Snapshot | Kind::Policy)
    }

    /// The units of its limit with their values; none if it takes no limit.
    fn units(self) -> &'static [(&'static str, u64)] {
        match self {
            Kind::Cost => &[("M", 1_000_000)],
            Kind::Size => &[("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20)],
            Kind::Memory => &[("MiB", 1)],
            _ => &[],
        }
    }
}

/// How much an amount may rise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Not at all.
    None,
    /// By this many thousandths of a per cent of the base.
    Percent(u64),
    /// By this much: instructions, bytes, or MiB of memory.
    Amount(u64),
}

impl Limit {
    /// Whether the rise from `base` to `head` is above the limit.
    #[must_use]
    pub fn is_exceeded(self, base: u64, head: u64) -> bool {
        let (base, head) = (u128::from(base), u128::from(head));
        match self {
            Limit::None => head > base,
            Limit::Percent(thousandths) => head * 100_000 > base * (100_000 + u128::from(thousandths)),
            Limit::Amount(amount) => head > base + u128::from(amount),
        }
    }
}

/// A rule of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it compares.
    pub kind: Kind,
    /// What it allows.
    pub limit: Limit,
    /// The text in the policy: `cost +2 %`.
    pub text: String,
}

impl Rule {
    /// Parses `NAME` or `NAME +NUMBER UNIT`.
    ///
    /// # Errors
    /// The rule is unknown or takes no such limit; the message has the allowed values.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, limit) = text.split_once('+').map_or((text, None), |(name, limit)| (name, Some(limit)));
        let name = name.trim();
        let Some((_, kind)) = Kind::ALL.iter().find(|(known, _)| *known == name) else {
            let names = Kind::ALL.map(|(name, _)| name);
            return Err(format!(
                "unknown rule `{name}`{}; the rules are {}",
                did_you_mean(name, names),
                names.join(", ")
            ));
        };
        let limit = limit.map_or(Ok(Limit::None), |limit| parse_limit(*kind, limit.trim()))?;
        Ok(Rule { kind: *kind, limit, text: text.trim().to_owned() })
    }
}

fn parse_limit(kind: Kind, text: &str) -> Result<Limit, String> {
    let units = kind.units();
    if units.is_empty() {
        return Err(format!("the rule `{}` takes no limit; write it without `+{text}`", kind.name()));
    }
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = (&text[..at], text[at..].trim());
    let wrong = || {
        let units: Vec<&str> = units.iter().map(|(name, _)| *name).chain(["%"]).collect();
        format!(
            "`+{text}` is not a limit of the rule `{}`; write +NUMBER UNIT with a unit of {} and at most three decimals",
            kind.name(),
            units.join(", ")
        )
    };
    let thousandths = thousandths(number).ok_or_else(wrong)?;
    if unit == "%" {
        return Ok(Limit::Percent(thousandths));
    }
    let (_, factor) = units.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
    let amount = thousandths.checked_mul(*factor).ok_or_else(wrong)?;
    Ok(Limit::Amount(amount / 1000))
}

/// `1.5` is 1500.
fn thousandths(text: &str) -> Option<u64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    if whole.is_empty() || decimals.is_empty() || decimals.len() > 3 {
        return None;
    }
    let decimals: u64 = format!("{decimals:0<3}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(decimals)
}

/// The rules for one image, or for the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Rules whose violation fails the review.
    pub deny: Vec<Rule>,
    /// Rules whose violation is reported only.
    pub warn: Vec<Rule>,
}

/// The rules that every policy has: as warnings, unless it names them. A change could otherwise go unseen that takes away what the other
/// rules are about.
const ALWAYS: [Kind; 2] = [Kind::ImageRemoved, Kind::Policy];

impl Rules {
    /// Adds the rules of [`ALWAYS`] that are missing.
    fn complete(mut self) -> Self {
        for kind in ALWAYS {
            if !self.deny.iter().chain(&self.warn).any(|rule| rule.kind == kind) {
                self.warn.push(Rule { kind, limit: Limit::None, text: kind.name().to_owned() });
            }
        }
        self
    }
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The rules for images without rules of their own, and for the repository.
    pub rules: Rules,
    /// The rules for single images, by name, complete.
    pub images: BTreeMap<String, Rules>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    deny: Vec<Spanned<String>>,
    #[serde(default)]
    warn: Vec<Spanned<String>>,
    #[serde(default)]
    image: BTreeMap<Spanned<String>, RawImage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawImage {
    deny: Option<Vec<Spanned<String>>>,
    warn: Option<Vec<Spanned<String>>>,
}

/// The text of a policy with its name for messages.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn error(&self, at: Option<Range<usize>>, what: &str) -> String {
        let before = self.text.get(..at.map_or(0, |at| at.start)).unwrap_or_default();
        format!("{}:{}: {what}", self.file, before.matches('\n').count() + 1)
    }

    fn rules(&self, raw: &[Spanned<String>], of_image: bool) -> Result<Vec<Rule>, String> {
        let rule = |raw: &Spanned<String>| {
            let rule = Rule::parse(raw.get_ref()).and_then(|rule| match rule.kind.is_of_repository() {
                true if of_image => {
                    Err(format!("the rule `{}` is about the repository, not about an image", rule.text))
                }
                _ => Ok(rule),
            });
            rule.map_err(|what| self.error(Some(raw.span()), &what))
        };
        raw.iter().map(rule).collect()
    }
}

impl Policy {
    /// Parses the policy `text` of `file`; `images` are the names of the images that exist.
    ///
    /// # Errors
    /// One line: file, line, mistake, allowed values.
    pub fn parse(file: &str, text: &str, images: &[&str]) -> Result<Self, String> {
        let source = Source { file, text };
        let raw: Raw = toml::from_str(text)
            .map_err(|why| source.error(why.span(), &why.message().trim_end().replace('\n', " ")))?;
        let rules = Rules { deny: source.rules(&raw.deny, false)?, warn: source.rules(&raw.warn, false)? };
        let rules = rules.complete();
        let mut of_images = BTreeMap::new();
        for (name, own) in &raw.image {
            if !images.contains(&name.get_ref().as_str()) {
                let what = format!("unknown image {}; the images are {}", name.get_ref(), images.join(", "));
                return Err(source.error(Some(name.span()), &what));
            }
            let list = |own: &Option<Vec<Spanned<String>>>, all: &[Rule]| match own {
                Some(own) => source.rules(own, true),
                None => Ok(all.to_vec()),
            };
            let own = Rules { deny: list(&own.deny, &rules.deny)?, warn: list(&own.warn, &rules.warn)? };
            of_images.insert(name.get_ref().clone(), own.complete());
        }
        Ok(Policy { rules, images: of_images })
    }

    /// The policy of a revision without a file.
    #[must_use]
    pub fn built_in() -> Self {
        // A test parses it.
        Self::parse("built-in policy", DEFAULT, &[])
            .unwrap_or(Policy { rules: Rules::default(), images: BTreeMap::new() })
    }

    /// The rules for an image.
    #[must_use]
    pub fn of(&self, image: &str) -> &Rules {
        self.images.get(image).unwrap_or(&self.rules)
    }

    /// Whether a rule about an image is of this kind.
    #[must_use]
    pub fn has(&self, image: &str, kind: Kind) -> bool {
        let rules = self.of(image);
        rules.deny.iter().chain(&rules.warn).any(|rule| rule.kind == kind)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
