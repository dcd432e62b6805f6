// SPDX-License-Identifier: MIT OR Apache-2.0
//! A rule: the keys of a line with their meaning, in the order in which they are evaluated.

use super::line::{Operator, Pair};
use super::pattern::Pattern;
use super::template::Template;

/// A line of a file of rules. It is evaluated in the order of the fields; the first match that fails ends it.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    /// Number of its file in [`super::Rules::files`].
    pub file: usize,
    /// Number of its line, from 1.
    pub line: usize,
    /// Matches of the device.
    pub matches: Vec<Match>,
    /// Matches of one device among the device and its parents: all of them on the same one.
    pub parents: Vec<ParentMatch>,
    /// What is done, and what it gives matched.
    pub steps: Vec<Step>,
    /// What is assigned in the end.
    pub assignments: Vec<Assignment>,
    /// The rule after that label is the next one.
    pub goto: Option<usize>,
    /// Its name for GOTO.
    pub label: Option<String>,
}

/// What a pattern is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Action,
    Devpath,
    Kernel,
    Symlink,
    Name,
    Property(String),
    Constant(Constant),
    Tag,
    Subsystem,
    Driver,
    Attribute(Template),
    Sysctl(Template),
}

/// A constant of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constant {
    Architecture,
    Virtualization,
    Confidential,
}

/// A match of the device.
#[derive(Debug, Clone)]
pub struct Match {
    pub subject: Subject,
    pub pattern: Pattern,
    pub negated: bool,
}

/// What a pattern for a parent is compared with.
#[derive(Debug, Clone)]
pub enum ParentSubject {
    Kernel,
    Subsystem,
    Driver,
    Attribute(Template),
    Tag,
}

/// A match of a parent.
#[derive(Debug, Clone)]
pub struct ParentMatch {
    pub subject: ParentSubject,
    pub pattern: Pattern,
    pub negated: bool,
}

/// Something that is done to see whether the rule matches.
#[derive(Debug, Clone)]
pub struct Step {
    pub what: Act,
    pub negated: bool,
}

/// See [`Step`].
#[derive(Debug, Clone)]
pub enum Act {
    /// TEST: a file is there, with one of these bits of its mode.
    Test(Template, Option<u32>),
    /// PROGRAM: it exits with 0.
    Program(Template),
    /// IMPORT{file}
    ImportFile(Template),
    /// IMPORT{program}
    ImportProgram(Template),
    /// IMPORT{builtin}
    ImportBuiltin(Template),
    /// IMPORT{db}
    ImportDatabase(Template),
    /// IMPORT{cmdline}
    ImportCmdline(Template),
    /// IMPORT{parent}
    ImportParent(Template),
    /// RESULT: the output of the last PROGRAM.
    Result(Pattern),
}

/// An assignment.
#[derive(Debug, Clone)]
pub struct Assignment {
    pub what: Target,
    pub operator: Operator,
    pub value: Template,
}

/// What is assigned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// OPTIONS="string_escape=…": whether it is `replace`.
    Escape(bool),
    /// OPTIONS="db_persist"
    Persist,
    /// OPTIONS="watch", "nowatch"
    Watch(bool),
    /// OPTIONS="link_priority=…"
    Priority(i32),
    /// OWNER as a number.
    Uid(u32),
    /// GROUP as a number.
    Gid(u32),
    /// MODE as a number.
    Permissions(u32),
    /// OWNER, with substitutions.
    Owner,
    /// GROUP, with substitutions.
    Group,
    /// MODE, with substitutions.
    Mode,
    Tag,
    /// OPTIONS="static_node=…": the node of a module that is not loaded.
    StaticNode(String),
    Property(String),
    Name,
    Symlink,
    Attribute(Template),
    Sysctl(Template),
    RunBuiltin,
    RunProgram,
}

impl Target {
    /// The order of evaluation.
    fn order(&self) -> u8 {
        match self {
            Target::Escape(_) => 0,
            Target::Persist => 1,
            Target::Watch(_) => 2,
            Target::Priority(_) => 3,
            Target::Owner | Target::Uid(_) => 4,
            Target::Group | Target::Gid(_) => 5,
            Target::Mode | Target::Permissions(_) => 6,
            Target::Tag => 7,
            Target::StaticNode(_) => 8,
            Target::Property(_) => 9,
            Target::Name => 10,
            Target::Symlink => 11,
            Target::Attribute(_) => 12,
            Target::Sysctl(_) => 13,
            Target::RunBuiltin | Target::RunProgram => 14,
        }
    }
}

impl Act {
    fn order(&self) -> u8 {
        match self {
            Act::Test(..) => 0,
            Act::Program(_) => 1,
            Act::ImportFile(_) => 2,
            Act::ImportProgram(_) => 3,
            Act::ImportBuiltin(_) => 4,
            Act::ImportDatabase(_) => 5,
            Act::ImportCmdline(_) => 6,
            Act::ImportParent(_) => 7,
            Act::Result(_) => 8,
        }
    }
}

/// Names of users and groups.
pub trait Accounts {
    /// Number of a user.
    fn uid(&self, name: &str) -> Option<u32>;
    /// Number of a group.
    fn gid(&self, name: &str) -> Option<u32>;
}

/// Properties that are the kernel's or udevd's own.
const RESERVED: [&str; 12] = [
    "ACTION",
    "DEVLINKS",
    "DEVNAME",
    "DEVPATH",
    "DEVTYPE",
    "DRIVER",
    "IFINDEX",
    "MAJOR",
    "MINOR",
    "SEQNUM",
    "SUBSYSTEM",
    "TAGS",
];

/// The builtins of systemd's udev.
const BUILTINS: [&str; 14] = [
    "blkid",
    "btrfs",
    "dissect_image",
    "factory_reset",
    "hwdb",
    "input_id",
    "keyboard",
    "kmod",
    "net_driver",
    "net_id",
    "net_setup_link",
    "path_id",
    "uaccess",
    "usb_id",
];

/// Builds a rule.
pub struct Builder<'a> {
    accounts: &'a dyn Accounts,
    /// Warnings that do not spoil the rule.
    pub warnings: Vec<String>,
    /// The label of GOTO.
    pub goto: Option<String>,
}

impl<'a> Builder<'a> {
    pub fn new(accounts: &'a dyn Accounts) -> Self {
        Builder { accounts, warnings: Vec::new(), goto: None }
    }

    /// The rule of a line.
    ///
    /// # Errors
    /// The first key that is wrong, as words for a warning. A rule without one of its keys would match too much, so that the
    /// whole rule is left out.
    pub fn rule(&mut self, pairs: &[Pair]) -> Result<Rule, String> {
        let mut rule = Rule::default();
        for pair in pairs {
            self.add(&mut rule, pair).map_err(|error| format!("{}: {error}", shown(pair)))?;
        }
        let acts = |step: &Step| !matches!(step.what, Act::Test(..) | Act::Result(_));
        let has_effect = !rule.assignments.is_empty() || rule.steps.iter().any(acts) || rule.label.is_some();
        if !has_effect && self.goto.is_none() && self.warnings.is_empty() {
            self.warnings.push("the line has no effect: nothing is assigned".to_owned());
        }
        // Sorts are stable: of one kind, the first is the first.
        rule.matches.sort_by_key(|one| order(&one.subject));
        rule.steps.sort_by_key(|step| step.what.order());
        rule.assignments.sort_by_key(|assignment| assignment.what.order());
        Ok(rule)
    }

    fn add(&mut self, rule: &mut Rule, pair: &Pair) -> Result<(), String> {
        let pattern = || Pattern::new(&pair.value, pair.any_case);
        let negated = pair.operator == Operator::NoMatch;
        let attribute = || {
            pair.attribute
                .clone()
                .filter(|name| !name.is_empty())
                .ok_or("a name between braces is missing".to_owned())
        };
        let takes_no_attribute = !matches!(
            pair.key.as_str(),
            "ATTR" | "ATTRS" | "SYSCTL" | "ENV" | "CONST" | "TEST" | "IMPORT" | "RUN" | "SECLABEL"
        );
        if takes_no_attribute && pair.attribute.is_some() {
            return Err("this key takes no name between braces".into());
        }
        if pair.any_case && !pair.operator.is_match() {
            return Err("the prefix `i` is for == and != only".into());
        }
        let parent = match pair.key.as_str() {
            "KERNELS" => Some(ParentSubject::Kernel),
            "SUBSYSTEMS" => Some(ParentSubject::Subsystem),
            "DRIVERS" => Some(ParentSubject::Driver),
            "ATTRS" => Some(ParentSubject::Attribute(Template::new(&attribute()?)?)),
            "TAGS" => Some(ParentSubject::Tag),
            _ => None,
        };
        if let Some(subject) = parent {
            only_match(pair)?;
            rule.parents.push(ParentMatch { subject, pattern: pattern(), negated });
            return Ok(());
        }
        let subject = match pair.key.as_str() {
            "ACTION" => Some(Subject::Action),
            "DEVPATH" => Some(Subject::Devpath),
            "KERNEL" => Some(Subject::Kernel),
            "SUBSYSTEM" => Some(Subject::Subsystem),
            "DRIVER" => Some(Subject::Driver),
            "CONST" => Some(Subject::Constant(match attribute()?.as_str() {
                "arch" => Constant::Architecture,
                "virt" => Constant::Virtualization,
                "cvm" => Constant::Confidential,
                name => return Err(format!("there is no constant {name}")),
            })),
            _ => None,
        };
        if let Some(subject) = subject {
            only_match(pair)?;
            rule.matches.push(Match { subject, pattern: pattern(), negated });
            return Ok(());
        }
        let both = match pair.key.as_str() {
            "SYMLINK" => Some((Subject::Symlink, Target::Symlink)),
            "NAME" => Some((Subject::Name, Target::Name)),
            "TAG" => Some((Subject::Tag, Target::Tag)),
            "ENV" => {
                let name = attribute()?;
                // It would be another property in the database and in packets.
                if name.contains(|char: char| char == '=' || char.is_whitespace() || char.is_control()) {
                    return Err("a property's name has no `=` and no white space".to_owned());
                }
                Some((Subject::Property(name.clone()), Target::Property(name)))
            }
            "ATTR" => {
                let name = Template::new(&attribute()?)?;
                Some((Subject::Attribute(name.clone()), Target::Attribute(name)))
            }
            "SYSCTL" => {
                let name = Template::new(&attribute()?)?;
                Some((Subject::Sysctl(name.clone()), Target::Sysctl(name)))
            }
            _ => None,
        };
        if let Some((subject, target)) = both {
            if pair.operator.is_match() {
                rule.matches.push(Match { subject, pattern: pattern(), negated });
                return Ok(());
            }
            return self.assign(rule, pair, target);
        }
        match pair.key.as_str() {
            "TEST" | "PROGRAM" | "IMPORT" | "RESULT" => {
                let what = step(pair)?;
                if matches!(what, Act::ImportBuiltin(_)) {
                    self.builtin(pair);
                }
                rule.steps.push(Step { what, negated });
            }
            "OPTIONS" => self.option(rule, pair)?,
            "OWNER" | "GROUP" | "MODE" => self.permission(rule, pair)?,
            "RUN" => {
                let target = match pair.attribute.as_deref() {
                    None | Some("program") => Target::RunProgram,
                    Some("builtin") => Target::RunBuiltin,
                    Some(kind) => return Err(format!("there is no kind {kind} of RUN")),
                };
                if pair.operator == Operator::Remove {
                    return Err("RUN takes =, += and :=".into());
                }
                self.assign(rule, pair, target)?;
            }
            "LABEL" if pair.operator == Operator::Assign => rule.label = Some(pair.value.clone()),
            "GOTO" if pair.operator == Operator::Assign => self.goto = Some(pair.value.clone()),
            "LABEL" | "GOTO" => return Err("this key takes = only".into()),
            "SECLABEL" => self
                .warnings
                .push(format!("{}: security labels are not supported; this key has no effect", shown(pair))),
            _ => return Err("unknown key".into()),
        }
        Ok(())
    }

    /// Adds an assignment, with an operator that the key takes.
    fn assign(&mut self, rule: &mut Rule, pair: &Pair, what: Target) -> Result<(), String> {
        if pair.operator.is_match() {
            return Err("this key is assigned to, not compared".into());
        }
        let plain = match what {
            Target::Name => pair.operator == Operator::Add,
            Target::Uid(_)
            | Target::Gid(_)
            | Target::Permissions(_)
            | Target::Owner
            | Target::Group
            | Target::Mode => pair.operator == Operator::Add,
            Target::Property(_) | Target::Tag => pair.operator == Operator::Final,
            Target::Attribute(_) | Target::Sysctl(_) => {
                matches!(pair.operator, Operator::Add | Operator::Final)
            }
            _ => false,
        };
        if pair.operator == Operator::Remove && !matches!(what, Target::Tag | Target::Symlink) {
            return Err("this key does not take -=".into());
        }
        if let Target::Property(name) = &what
            && RESERVED.contains(&name.as_str())
        {
            return Err(format!("{name} is set by the kernel and udevd only"));
        }
        if what == Target::Name && (pair.value == "%k" || pair.value.is_empty()) {
            self.warnings.push(format!("{}: this name has no effect", shown(pair)));
            return Ok(());
        }
        if what == Target::RunBuiltin {
            self.builtin(pair);
        }
        let operator = if plain {
            self.warnings.push(format!(
                "{}: this key does not take {}; = is assumed",
                shown(pair),
                pair.operator
            ));
            Operator::Assign
        } else {
            pair.operator
        };
        rule.assignments.push(Assignment { what, operator, value: Template::new(&pair.value)? });
        Ok(())
    }

    /// Warns of a builtin that no udev has. One that this udevd lacks is named when it is called.
    fn builtin(&mut self, pair: &Pair) {
        let name = pair.value.split_ascii_whitespace().next().unwrap_or_default();
        if !BUILTINS.contains(&name) {
            self.warnings.push(format!("{}: unknown builtin", shown(pair)));
        }
    }

    fn permission(&mut self, rule: &mut Rule, pair: &Pair) -> Result<(), String> {
        let value = Template::new(&pair.value)?;
        let number = value.constant().and_then(|text| text.parse::<u32>().ok());
        let name = value.constant().unwrap_or_default();
        let what = match (pair.key.as_str(), value.constant().is_some()) {
            ("OWNER", true) => number.or_else(|| self.accounts.uid(name)).map(Target::Uid),
            ("GROUP", true) => number.or_else(|| self.accounts.gid(name)).map(Target::Gid),
            ("MODE", true) => {
                let mode = u32::from_str_radix(name, 8).ok().filter(|mode| *mode <= 0o7777);
                Some(Target::Permissions(mode.ok_or("this is no mode in octal digits")?))
            }
            ("OWNER", false) => Some(Target::Owner),
            ("GROUP", false) => Some(Target::Group),
            _ => Some(Target::Mode),
        };
        match what {
            Some(what) => self.assign(rule, pair, what),
            None => {
                self.warnings
                    .push(format!("{}: there is no such account; this key has no effect", shown(pair)));
                Ok(())
            }
        }
    }

    fn option(&mut self, rule: &mut Rule, pair: &Pair) -> Result<(), String> {
        let value = pair.value.as_str();
        let what = if let Some(number) = value.strip_prefix("link_priority=") {
            Target::Priority(number.parse().map_err(|_| "link_priority is a number")?)
        } else if let Some(name) = value.strip_prefix("static_node=") {
            Target::StaticNode(name.to_owned())
        } else {
            match value {
                "string_escape=none" => Target::Escape(false),
                "string_escape=replace" => Target::Escape(true),
                "db_persist" => Target::Persist,
                "watch" => Target::Watch(true),
                "nowatch" => Target::Watch(false),
                // Of older versions; the log is the same for all events here.
                "last_rule" | "ignore_device" | "ignore_remove" | "all_partitions" => {
                    self.warnings.push(format!("{}: this option is obsolete; it has no effect", shown(pair)));
                    return Ok(());
                }
                _ if value.starts_with("log_level=") => return Ok(()),
                _ => {
                    self.warnings.push(format!("{}: unknown option; it has no effect", shown(pair)));
                    return Ok(());
                }
            }
        };
        // The value of an option is in its target.
        self.assign(rule, &Pair { value: String::new(), ..pair.clone() }, what)
    }
}

/// The order in which matches are evaluated: from what is known without a file to what is not.
fn order(subject: &Subject) -> u8 {
    match subject {
        Subject::Action => 0,
        Subject::Devpath => 1,
        Subject::Kernel => 2,
        Subject::Symlink => 3,
        Subject::Name => 4,
        Subject::Property(_) => 5,
        Subject::Constant(_) => 6,
        Subject::Tag => 7,
        Subject::Subsystem => 8,
        Subject::Driver => 9,
        Subject::Attribute(_) => 10,
        Subject::Sysctl(_) => 11,
    }
}

fn only_match(pair: &Pair) -> Result<(), String> {
    if pair.operator.is_match() { Ok(()) } else { Err("this key takes == and != only".into()) }
}

/// TEST, PROGRAM, IMPORT, RESULT. An assignment to PROGRAM or IMPORT means the same as `==`.
fn step(pair: &Pair) -> Result<Act, String> {
    let value = || Template::new(&pair.value);
    if pair.operator == Operator::Remove {
        return Err("this key does not take -=".into());
    }
    Ok(match (pair.key.as_str(), pair.attribute.as_deref()) {
        ("TEST", mode) => {
            only_match(pair)?;
            let mode =
                mode.map(|mode| u32::from_str_radix(mode, 8).map_err(|_| "the mode has octal digits only"));
            Act::Test(value()?, mode.transpose()?)
        }
        ("PROGRAM", _) => Act::Program(value()?),
        ("RESULT", _) => {
            only_match(pair)?;
            Act::Result(Pattern::new(&pair.value, pair.any_case))
        }
        (_, Some("file")) => Act::ImportFile(value()?),
        (_, Some("program")) => Act::ImportProgram(value()?),
        (_, Some("builtin")) => Act::ImportBuiltin(value()?),
        (_, Some("db")) => Act::ImportDatabase(value()?),
        (_, Some("cmdline")) => Act::ImportCmdline(value()?),
        (_, Some("parent")) => Act::ImportParent(value()?),
        (_, kind) => return Err(format!("there is no kind {} of IMPORT", kind.unwrap_or("without a name"))),
    })
}

/// A key as a person finds it in the file.
fn shown(pair: &Pair) -> String {
    let attribute = pair.attribute.as_ref().map(|name| format!("{{{name}}}")).unwrap_or_default();
    format!("{}{attribute}{}\"{}\"", pair.key, pair.operator, pair.value)
}
