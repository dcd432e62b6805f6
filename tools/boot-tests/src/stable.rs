// SPDX-License-Identifier: MIT OR Apache-2.0
//! Non-golden boots: several of one machine, which have to agree before their log is compared with a snapshot.

use crate::boot::Boot;
use qos_bootlog::conditions::Conditions;
use qos_bootlog::normal::{Normal, Rules};
use qos_bootlog::snapshot::{self, Comparison};
use qos_bootlog::{parse, stable};
use std::env;

/// Variable with the number of boots of a test's machine, in place of [`BOOTS`].
pub const BOOTS_VARIABLE: &str = "QOS_BOOTS";

/// How often a test boots its machine.
const BOOTS: usize = 3;

/// How many boots have to agree before their log is accepted as a snapshot.
const BOOTS_TO_ACCEPT: usize = 10;

/// Boots of one machine.
pub struct Boots<B> {
    boot: B,
    rules: Rules,
    logs: Vec<Normal>,
    conditions: Vec<Conditions>,
}

impl<B: Fn() -> Boot> Boots<B> {
    /// Boots of what `boot` makes, whose logs are normalised by these rules and no others.
    ///
    /// # Panics
    /// When there is no rule of such a name.
    #[must_use]
    #[track_caller]
    pub fn new(rules: &[&str], boot: B) -> Self {
        let rules = Rules::named(rules).unwrap_or_else(|error| panic!("{error}"));
        Self { boot, rules, logs: Vec::new(), conditions: Vec::new() }
    }

    /// The text of [`snapshot::text`] that they all have. With a snapshot's text it is only the same if the
    /// conditions were the same; a new text is only given if more boots than usual have it.
    ///
    /// # Panics
    /// When a boot does not end well, when they do not agree, when a rule was not needed, when the snapshot was made
    /// under other conditions and is not about to be accepted.
    #[must_use]
    #[track_caller]
    pub fn text(&mut self, reviewed: Option<&str>) -> String {
        let accepting = accepting();
        self.up_to(boots());
        let text = self.agreed();
        let comparison = reviewed.map(|reviewed| snapshot::compare(reviewed, &text));
        match comparison {
            Some(Comparison::OtherConditions(changed)) if !accepting => panic!(
                "the reviewed log was made under other conditions, so that its lines are not compared:\n  {}\n\
                 if that is meant, `cargo xtask bless` takes the new log",
                changed.join("\n  ")
            ),
            Some(Comparison::Same) => text,
            _ if accepting => {
                self.up_to(BOOTS_TO_ACCEPT.max(boots()));
                self.agreed()
            }
            _ => text,
        }
    }

    #[track_caller]
    fn up_to(&mut self, count: usize) {
        while self.logs.len() < count {
            let ended = (self.boot)().run().expect_status(0);
            let log = self.rules.normalise(&parse(ended.outcome.console.raw()));
            self.logs.push(log);
            self.conditions.push(ended.outcome.conditions);
        }
    }

    #[track_caller]
    fn agreed(&self) -> String {
        let conditions = &self.conditions[0];
        let other = self.conditions.iter().find(|other| *other != conditions);
        assert!(other.is_none(), "one machine was booted under two conditions:\n{conditions}\n{other:?}");
        let log = stable::common(&self.logs).unwrap_or_else(|unstable| {
            panic!("{unstable}\nnothing is compared or accepted before all boots agree")
        });
        for (at, log) in self.logs.iter().enumerate() {
            let unused = log.unused().join(", ");
            assert!(
                unused.is_empty(),
                "boot {} has no line for these rules; take them out: {unused}",
                at + 1
            );
        }
        snapshot::text(conditions, log)
    }
}

/// How often to boot.
///
/// # Panics
/// When the variable is no number, or less than 2.
#[track_caller]
fn boots() -> usize {
    match env::var(BOOTS_VARIABLE) {
        Err(_) => BOOTS,
        Ok(text) => match text.parse() {
            Ok(count) if count >= 2 => count,
            _ => panic!("{BOOTS_VARIABLE}={text} is not a number of boots; 2 is the least that can agree"),
        },
    }
}

/// Whether a changed snapshot is kept for a review, or taken, as `cargo xtask bless` has it: insta then lets a test
/// pass that differs.
fn accepting() -> bool {
    env::var("INSTA_FORCE_PASS").is_ok_and(|value| value == "1")
}
