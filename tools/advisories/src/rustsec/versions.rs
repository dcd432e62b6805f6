// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table `[versions]` of an advisory: the versions that are not affected, as requirements that the crate `semver` reads.
//!
//! A requirement is taken as an interval in the order of SemVer 2.0, section 11, not as cargo matches a dependency: `>= 1.2.0`
//! includes 1.3.0-alpha. This is also how the crate `rustsec` evaluates it.

use semver::{Comparator, Op, Prerelease, Version, VersionReq};
use std::cmp::Ordering;
use std::ops::Range as Span;
use toml::Spanned;

/// The versions of a crate that an advisory is not about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// The requirements that `patched` has, as they are written.
    pub patched: Vec<String>,
    /// Of `patched` and `unaffected`. They do not overlap.
    safe: Vec<Interval>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Interval {
    start: Bound,
    end: Bound,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Bound {
    None,
    Inclusive(Version),
    Exclusive(Version),
}

impl Versions {
    /// Reads the requirements of `patched` and `unaffected`.
    ///
    /// # Errors
    ///
    /// The place of a requirement that is invalid, empty, or overlaps another one, and the reason.
    pub(super) fn new(
        patched: &[Spanned<String>],
        unaffected: &[Spanned<String>],
    ) -> Result<Versions, (Span<usize>, String)> {
        let mut safe: Vec<Interval> = Vec::new();
        for text in unaffected.iter().chain(patched) {
            let fail = |reason: String| {
                (text.span(), format!("invalid version requirement {:?}: {reason}", text.get_ref()))
            };
            let requirement = VersionReq::parse(text.get_ref()).map_err(|error| fail(error.to_string()))?;
            let interval = Interval::of(&requirement).map_err(|reason| fail(reason.into()))?;
            if safe.iter().any(|other| interval.overlaps(other)) {
                return Err(fail("it overlaps another one".into()));
            }
            safe.push(interval);
        }
        Ok(Versions { patched: patched.iter().map(|text| text.get_ref().clone()).collect(), safe })
    }

    /// Whether the advisory is about this version.
    pub fn affects(&self, version: &Version) -> bool {
        !self.safe.iter().any(|interval| interval.contains(version))
    }
}

impl Interval {
    /// The interval of a requirement: at most one lower and one upper bound, or one comparator that is both.
    fn of(requirement: &VersionReq) -> Result<Interval, &'static str> {
        let (mut start, mut end) = (Bound::None, Bound::None);
        for comparator in &requirement.comparators {
            let version = version(comparator);
            match comparator.op {
                Op::Greater | Op::GreaterEq if start == Bound::None => {
                    start = Bound::new(comparator.op == Op::GreaterEq, version);
                }
                Op::Less | Op::LessEq if end == Bound::None => {
                    end = Bound::new(comparator.op == Op::LessEq, version);
                }
                Op::Greater | Op::GreaterEq | Op::Less | Op::LessEq => return Err("two bounds on one side"),
                Op::Exact | Op::Caret | Op::Tilde if requirement.comparators.len() > 1 => {
                    return Err("=, ^ and ~ must be alone");
                }
                Op::Exact => (start, end) = (Bound::Inclusive(version.clone()), Bound::Inclusive(version)),
                Op::Caret | Op::Tilde => {
                    end = Bound::Exclusive(next(comparator).ok_or("the number is too large")?);
                    start = Bound::Inclusive(version);
                }
                _ => return Err("unsupported operator"),
            }
        }
        let interval = Interval { start, end };
        if below(&interval.start, &interval.end) { Ok(interval) } else { Err("no version fulfils it") }
    }

    fn contains(&self, version: &Version) -> bool {
        let above = match &self.start {
            Bound::None => true,
            Bound::Inclusive(start) => version.cmp_precedence(start).is_ge(),
            Bound::Exclusive(start) => version.cmp_precedence(start).is_gt(),
        };
        above
            && match &self.end {
                Bound::None => true,
                Bound::Inclusive(end) => version.cmp_precedence(end).is_le(),
                Bound::Exclusive(end) => version.cmp_precedence(end).is_lt(),
            }
    }

    fn overlaps(&self, other: &Interval) -> bool {
        below(&self.start, &other.end) && below(&other.start, &self.end)
    }
}

impl Bound {
    fn new(inclusive: bool, version: Version) -> Bound {
        if inclusive { Bound::Inclusive(version) } else { Bound::Exclusive(version) }
    }

    fn version(&self) -> Option<&Version> {
        match self {
            Bound::None => None,
            Bound::Inclusive(version) | Bound::Exclusive(version) => Some(version),
        }
    }
}

/// Whether there can be a version from the lower bound `start` to the upper bound `end`.
fn below(start: &Bound, end: &Bound) -> bool {
    let (Some(low), Some(high)) = (start.version(), end.version()) else { return true };
    match low.cmp_precedence(high) {
        Ordering::Less => true,
        Ordering::Equal => matches!((start, end), (Bound::Inclusive(_), Bound::Inclusive(_))),
        Ordering::Greater => false,
    }
}

/// The version of a comparator, with 0 for the numbers that it omits.
fn version(comparator: &Comparator) -> Version {
    let Comparator { major, minor, patch, pre, .. } = comparator;
    Version { pre: pre.clone(), ..Version::new(*major, minor.unwrap_or(0), patch.unwrap_or(0)) }
}

/// The lowest version that is above all versions that `^` or `~` includes, itself a pre-release. `None` if a number overflows.
fn next(comparator: &Comparator) -> Option<Version> {
    let Comparator { op, major, minor, patch, .. } = comparator;
    let up = |number: u64| number.checked_add(1);
    let version = match (op, major, minor, patch) {
        (Op::Caret, 0, Some(0), Some(patch)) => Version::new(0, 0, up(*patch)?),
        (Op::Caret, 0, Some(minor), _) => Version::new(0, up(*minor)?, 0),
        (Op::Tilde, major, Some(minor), _) => Version::new(*major, up(*minor)?, 0),
        (_, major, ..) => Version::new(up(*major)?, 0, 0),
    };
    Some(Version { pre: Prerelease::new("0").ok()?, ..version })
}
