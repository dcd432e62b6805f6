// SPDX-License-Identifier: MIT OR Apache-2.0
//! Applies the rules of a policy to the comparisons. Pure.

use crate::input::{Boots, Budget, Compared, Input};
use crate::locate::{Files, Location};
use crate::policy::{Kind, Limit, Rule, Rules};
use crate::violation::{Level, Violation};
use crate::warning;
use qos_bootdiff::report::{Amount, LineChange, Report, Service, ServiceChange, UNPACKED};
use qos_bootdiff::units::{Unit, count};

/// A violation without its rule.
struct Found {
    what: String,
    by: String,
    location: Location,
}

/// All violations, in the order of the images and of the rules.
#[must_use]
pub fn judge(input: &Input) -> Vec<Violation> {
    let mut all = Vec::new();
    for image in &input.images {
        let rules = input.policy.of(&image.name);
        match &image.boots {
            Boots::Compared(compared) => {
                let subject = Subject {
                    image: &image.name,
                    manifest: &image.manifest,
                    config: &image.config,
                    compared,
                    files: &input.files,
                };
                all.extend(apply(rules, Some(&image.name), &|rule| subject.violations(rule)));
            }
            Boots::Removed => all.extend(apply(rules, Some(&image.name), &removed)),
            Boots::Unchanged | Boots::NotCompared(_) => {}
        }
    }
    all.extend(apply(&input.policy.rules, None, &|rule| of_repository(rule, input)));
    all
}

/// Applies the rules of both lists. What a rule in `deny` finds is not reported as a warning too.
fn apply(rules: &Rules, image: Option<&str>, find: &dyn Fn(&Rule) -> Vec<Found>) -> Vec<Violation> {
    let mut all: Vec<Violation> = Vec::new();
    for (level, rules) in [(Level::Deny, &rules.deny), (Level::Warn, &rules.warn)] {
        for rule in rules.iter().filter(|rule| rule.kind.is_of_repository() == image.is_none()) {
            for found in find(rule) {
                let kind = rule.kind.name();
                if !all.iter().any(|other| other.kind == kind && other.what == found.what) {
                    all.push(Violation {
                        level,
                        rule: rule.text.clone(),
                        kind,
                        image: image.map(str::to_owned),
                        what: found.what,
                        by: found.by,
                        location: found.location,
                    });
                }
            }
        }
    }
    all
}

/// What a rule finds about an image that only the base has.
fn removed(rule: &Rule) -> Vec<Found> {
    let found = Found {
        what: "the image".to_owned(),
        by: format!("removed from {}", qos_table::FILE),
        location: Location::new(qos_table::FILE, 1),
    };
    if rule.kind == Kind::ImageRemoved { vec![found] } else { Vec::new() }
}

fn of_repository(rule: &Rule, input: &Input) -> Vec<Found> {
    let of_policy = |file: &str| file == crate::policy::FILE;
    let files =
        input.reviewed.iter().filter(|one| of_policy(&one.location.file) == (rule.kind == Kind::Policy));
    files
        .map(|one| Found { what: one.location.file.clone(), by: one.by(), location: one.location.clone() })
        .collect()
}

/// What the rules about an image are applied to.
struct Subject<'a> {
    image: &'a str,
    manifest: &'a str,
    config: &'a str,
    compared: &'a Compared,
    files: &'a Files,
}

impl Subject<'_> {
    fn violations(&self, rule: &Rule) -> Vec<Found> {
        match rule.kind {
            Kind::Verdict => self.verdict(),
            Kind::Budget => self.budgets(),
            Kind::BudgetRaised => self.raised_budgets(),
            Kind::Cost => self.costs(rule.limit),
            Kind::Size => self.sizes(rule.limit),
            Kind::Memory => self.memory(rule.limit),
            Kind::NewModule => self.new_files(&is_module, "a new kernel module"),
            Kind::NewSetuid => self.new_setuid(),
            Kind::NewWarning => self.new_warnings(),
            Kind::ServiceFailed => self.services(ServiceChange::fails_now),
            Kind::ServiceNew => self.services(|change| change.base.is_none()),
            Kind::ServiceGone => self.services(|change| change.head.is_none()),
            Kind::Config => self.config(),
            Kind::Cmdline => self.values(&|name| name == "cmdline"),
            Kind::Versions => self.values(&|name| name != "cmdline" && name != "image"),
            Kind::Log => self.log(),
            Kind::Files => self.new_files(&|_| true, "added"),
            Kind::ImageRemoved | Kind::Snapshot | Kind::Policy => Vec::new(),
        }
    }

    fn report(&self) -> &Report {
        &self.compared.report
    }

    /// The line of a budget in the head's manifest, else the manifest.
    fn budget_line(&self, name: &str) -> Location {
        let budget = self.compared.head_budgets.iter().find(|budget| budget.name == name);
        budget.map_or_else(|| Location::new(self.manifest, 1), |budget| budget.location.clone())
    }

    fn verdict(&self) -> Vec<Found> {
        let Some(failure) = &self.report().head.failure else { return Vec::new() };
        let first = failure.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason was given");
        let what = match self.report().base.failure {
            Some(_) => "neither revision builds and boots",
            None => "the head does not build or boot",
        };
        vec![Found {
            what: what.to_owned(),
            by: first.trim().to_owned(),
            location: Location::new(self.manifest, 1),
        }]
    }

    /// The head's amount of what a budget limits, with its name and unit.
    fn limited(&self, budget: &str) -> Option<(&'static str, u64, Shown)> {
        let mark = |name: &str| self.report().marks.iter().find(|mark| mark.name == name)?.head;
        let size = |is: &dyn Fn(&str) -> bool| {
            self.report().sizes.iter().find(|size| is(&size.bytes.name)).and_then(|size| size.bytes.head)
        };
        Some(match budget {
            "to-init" => ("instructions to /init", mark("to /init")?, Shown::Instructions),
            "to-session" => ("instructions to the session", mark("to the session")?, Shown::Instructions),
            "to-power-off" => ("instructions to power-off", mark("to power-off")?, Shown::Instructions),
            "bzImage" => ("bytes of bzImage", size(&|name| name == "bzImage")?, Shown::Bytes),
            "initramfs" => ("bytes of the initramfs", size(&is_packed)?, Shown::Bytes),
            "unpacked" => ("bytes of the initramfs, unpacked", size(&|name| name == UNPACKED)?, Shown::Bytes),
            "memory" => ("least memory", self.compared.memory[1]?, Shown::Mebibytes),
            _ => return None,
        })
    }

    fn budgets(&self) -> Vec<Found> {
        let over = |budget: &Budget| {
            let (what, actual, unit) = self.limited(&budget.name)?;
            (actual > budget.value).then(|| Found {
                what: what.to_owned(),
                by: format!(
                    "{}, over the budget of {} by {}",
                    unit.show(actual),
                    unit.show(budget.value),
                    unit.show(actual - budget.value)
                ),
                location: budget.location.clone(),
            })
        };
        self.compared.head_budgets.iter().filter_map(over).collect()
    }

    fn raised_budgets(&self) -> Vec<Found> {
        let raised = |old: &Budget| {
            let unit = Shown::of(&old.name);
            let head = self.compared.head_budgets.iter().find(|budget| budget.name == old.name);
            let by = match head {
                Some(new) if new.value <= old.value => return None,
                Some(new) => unit.difference(old.value, new.value),
                None => format!("{}, removed", unit.show(old.value)),
            };
            Some(Found { what: format!("budget {}", old.name), by, location: self.budget_line(&old.name) })
        };
        self.compared.base_budgets.iter().filter_map(raised).collect()
    }

    fn costs(&self, limit: Limit) -> Vec<Found> {
        let marks = self.report().marks.iter().filter(|mark| exceeds(mark, limit));
        let found = |mark: &Amount| {
            let budget = match mark.name.as_str() {
                "to /init" => "to-init",
                "to the session" => "to-session",
                _ => "to-power-off",
            };
            let name = format!("{} ", mark.name);
            let line = self.files.snapshot_line(self.image, "timeline", |line| line.starts_with(&name));
            Found {
                what: format!("instructions {}", mark.name),
                by: Unit::Instructions.difference(mark),
                location: line.unwrap_or_else(|| self.budget_line(budget)),
            }
        };
        marks.map(found).collect()
    }

    fn sizes(&self, limit: Limit) -> Vec<Found> {
        let budget = |name: &str| match name {
            "bzImage" => Some("bzImage"),
            UNPACKED => Some("unpacked"),
            name if is_packed(name) => Some("initramfs"),
            _ => None,
        };
        let amounts = self.report().sizes.iter().map(|size| &size.bytes);
        let found = |bytes: &Amount| {
            let budget = budget(&bytes.name)?;
            exceeds(bytes, limit).then(|| Found {
                what: format!("bytes of {}", bytes.name),
                by: Unit::Bytes.difference(bytes),
                location: self.budget_line(budget),
            })
        };
        amounts.filter_map(found).collect()
    }

    fn memory(&self, limit: Limit) -> Vec<Found> {
        let [Some(base), Some(head)] = self.compared.memory else { return Vec::new() };
        if !limit.is_exceeded(base, head) {
            return Vec::new();
        }
        let by = Shown::Mebibytes.difference(base, head);
        vec![Found { what: "least memory".to_owned(), by, location: self.budget_line("memory") }]
    }

    /// The line of an entry of the initramfs, else the manifest.
    fn entry(&self, path: &str) -> Location {
        let file = path.rsplit('/').next().unwrap_or(path);
        let module = file.split('.').next().unwrap_or(file);
        let in_manifest =
            || self.files.line(self.manifest, |line| line.split([' ', '=']).next() == Some(module));
        let found = self.files.entry(self.image, path).or_else(in_manifest);
        found.unwrap_or_else(|| Location::new(self.manifest, 1))
    }

    /// Entries of the initramfs that match. Of those that a caller wants all of, also the removed and changed ones.
    fn new_files(&self, is: &dyn Fn(&str) -> bool, how: &str) -> Vec<Found> {
        let changes = self.report().files.as_deref().unwrap_or_default();
        let found = |change: &qos_bootdiff::report::FileChange| {
            let by = match (&change.base, &change.head) {
                (None, Some(_)) => how.to_owned(),
                (Some(_), None) if how == "added" => "removed".to_owned(),
                (Some(_), Some(_)) if how == "added" => format!("other {}", change.differs.join(", ")),
                _ => return None,
            };
            Some(Found { what: change.path.clone(), by, location: self.entry(&change.path) })
        };
        changes.iter().filter(|change| is(&change.path)).filter_map(found).collect()
    }

    fn new_setuid(&self) -> Vec<Found> {
        let changes = self.report().files.as_deref().unwrap_or_default();
        let found = |change: &qos_bootdiff::report::FileChange| {
            let head = change.head.as_ref().filter(|entry| is_setuid(&entry.mode))?;
            let had =
                change.base.as_ref().is_some_and(|entry| is_setuid(&entry.mode) && entry.owner == head.owner);
            (!had).then(|| Found {
                what: change.path.clone(),
                by: format!("{} {}", head.mode, head.owner),
                location: self.entry(&change.path),
            })
        };
        changes.iter().filter_map(found).collect()
    }

    fn new_warnings(&self) -> Vec<Found> {
        let mut all = Vec::new();
        for phase in self.report().log.iter().flat_map(|log| &log.phases) {
            for change in &phase.lines {
                let text = match change {
                    LineChange::Added { text, .. } if warning::is_warning(text) => text,
                    LineChange::Changed { before, after, .. }
                        if warning::is_warning(after) && !warning::is_warning(before) =>
                    {
                        after
                    }
                    _ => continue,
                };
                all.push(Found {
                    what: text.trim().to_owned(),
                    by: format!("a new warning in the phase {}", phase.phase),
                    location: self.log_line(&phase.phase, text),
                });
            }
        }
        all
    }

    fn services(&self, is: impl Fn(&ServiceChange) -> bool) -> Vec<Found> {
        let show = |service: &Option<Service>| service.as_ref().map(Service::outcome);
        let found = |change: &ServiceChange| {
            let by = match (show(&change.base), show(&change.head)) {
                (None, Some(head)) => format!("new, {head}"),
                (Some(base), None) => format!("gone, was {base}"),
                (base, head) => {
                    format!("{} → {}", base.unwrap_or_default(), head.unwrap_or_default())
                }
            };
            let line = self.files.unit_line(self.image, &change.name);
            let location = line.unwrap_or_else(|| Location::new(self.manifest, 1));
            Found { what: change.name.clone(), by, location }
        };
        self.report().services.iter().flatten().filter(|change| is(change)).map(found).collect()
    }

    fn log_line(&self, phase: &str, text: &str) -> Location {
        let found = self.files.log_line(self.image, phase, text);
        found.unwrap_or_else(|| Location::new(self.manifest, 1))
    }

    fn config(&self) -> Vec<Found> {
        let changes = self.report().config.as_deref().unwrap_or_default();
        let found = |change: &qos_bootdiff::report::OptionChange| {
            let (set, unset) = (format!("{}=", change.option), format!("# {} is not set", change.option));
            let line = self.files.line(self.config, |line| line.starts_with(&set) || line == unset);
            Found {
                what: change.option.clone(),
                by: format!("{} → {}", change.base, change.head),
                location: line.unwrap_or_else(|| Location::new(self.config, 1)),
            }
        };
        changes.iter().map(found).collect()
    }

    fn values(&self, is: &dyn Fn(&str) -> bool) -> Vec<Found> {
        let changes = self.report().versions.as_deref().unwrap_or_default();
        let show = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
        let found = |change: &qos_bootdiff::report::ValueChange| {
            let key = format!("\"{}\":", change.name);
            let line =
                self.files.snapshot_line(self.image, "image", |line| line.trim_start().starts_with(&key));
            Found {
                what: match change.name.as_str() {
                    "cmdline" => "the kernel command line".to_owned(),
                    name => format!("the version of {name}"),
                },
                by: format!("{} → {}", show(&change.base), show(&change.head)),
                location: line.unwrap_or_else(|| Location::new(self.manifest, 1)),
            }
        };
        changes.iter().filter(|change| is(&change.name)).map(found).collect()
    }

    fn log(&self) -> Vec<Found> {
        let Some(log) = self.report().log.as_ref().filter(|log| !log.identical) else { return Vec::new() };
        let counts =
            [(log.added, "added"), (log.removed, "removed"), (log.moved, "moved"), (log.changed, "changed")];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, how)| format!("{} {how}", count(*number, "line")))
            .collect();
        let by =
            if counts.is_empty() { "the same lines at other times".to_owned() } else { counts.join(", ") };
        let in_head =
            log.phases.iter().flat_map(|phase| phase.lines.iter().map(move |line| (&phase.phase, line)));
        let located = in_head.filter_map(|(phase, line)| match line {
            LineChange::Added { text, .. } | LineChange::Moved { text, .. } => Some((phase, text)),
            LineChange::Changed { after, .. } => Some((phase, after)),
            LineChange::Removed { .. } => None,
        });
        let location =
            located.filter_map(|(phase, text)| self.files.log_line(self.image, phase, text)).next();
        let location = location.unwrap_or_else(|| Location::new(self.manifest, 1));
        vec![Found { what: "the boot log".to_owned(), by, location }]
    }
}

fn exceeds(amount: &Amount, limit: Limit) -> bool {
    amount.base.zip(amount.head).is_some_and(|(base, head)| limit.is_exceeded(base, head))
}

/// The initramfs as it is loaded: `initramfs.cpio.zst`.
fn is_packed(name: &str) -> bool {
    name.starts_with("initramfs.")
}

fn is_module(path: &str) -> bool {
    path.contains(".ko") && matches!(path.rsplit_once(".ko"), Some((_, "" | ".zst" | ".xz" | ".gz")))
}

/// Whether a mode such as `-rwsr-xr-x` has one of the two bits; a directory's group bit only sets the group of new files.
fn is_setuid(mode: &str) -> bool {
    let at = |index: usize| matches!(mode.as_bytes().get(index), Some(b's' | b'S'));
    mode.starts_with('-') && (at(3) || at(6))
}

/// How an amount is shown.
#[derive(Clone, Copy)]
enum Shown {
    Instructions,
    Bytes,
    Mebibytes,
}

impl Shown {
    fn of(budget: &str) -> Self {
        match budget {
            "memory" => Shown::Mebibytes,
            name if name.starts_with("to-") => Shown::Instructions,
            _ => Shown::Bytes,
        }
    }

    fn show(self, value: u64) -> String {
        match self {
            Shown::Instructions => Unit::Instructions.show(Some(value)),
            Shown::Bytes => format!("{} bytes", Unit::Bytes.show(Some(value))),
            Shown::Mebibytes => format!("{value} MiB"),
        }
    }

    fn difference(self, base: u64, head: u64) -> String {
        format!("{} → {}", self.show(base), self.show(head))
    }
}
