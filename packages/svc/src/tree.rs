// SPDX-License-Identifier: MIT OR Apache-2.0
//! `list-dependencies`: what a unit needs, or with --reverse what needs it, as a tree.

use crate::query::{reply, units};
use crate::shown::{Shown, parse};
use crate::{Failure, Request, select};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

/// Properties that are followed, and those with --reverse.
const NEEDS: [&str; 5] = ["Requires", "Requisite", "Wants", "ConsistsOf", "BindsTo"];
const NEEDED_BY: [&str; 5] = ["RequiredBy", "RequisiteOf", "WantedBy", "PartOf", "BoundBy"];

/// Prints a tree for each unit, or for default.target.
pub fn list(request: &Request, out: &mut dyn Write) -> Result<(), Failure> {
    let default = Request { units: vec!["default.target".into()], ..Request::default() };
    let names = select::names(if request.units.is_empty() { &default } else { request })?;
    // The reply has the units that aliases stand for, and loads what they need.
    let asked = parse(&reply("show", request, &names)?);
    let units = units(request)?;
    for (number, unit) in asked.iter().enumerate() {
        let blank = if number == 0 { "" } else { "\n" };
        write!(out, "{blank}{}", text(&units, unit.name(), request))?;
    }
    Ok(())
}

struct Tree<'a> {
    units: BTreeMap<&'a str, &'a Shown>,
    request: &'a Request,
    /// Units between the root and the present one.
    path: Vec<&'a str>,
    out: String,
}

fn text(units: &[Shown], root: &str, request: &Request) -> String {
    let units: BTreeMap<&str, &Shown> = units.iter().map(|unit| (unit.name(), unit)).collect();
    let mut tree = Tree { units, request, path: Vec::new(), out: format!("{root}\n") };
    if let Some((root, _)) = tree.units.get_key_value(root) {
        let root: &str = root;
        tree.path.push(root);
        tree.below(root, "");
    }
    tree.out
}

impl<'a> Tree<'a> {
    /// Adds what `name` needs. As with systemctl(1), what targets need is shown, and with --all what other units need.
    fn below(&mut self, name: &str, indent: &str) {
        let keys = if self.request.reverse { NEEDED_BY } else { NEEDS };
        let Some(unit) = self.units.get(name).copied() else { return };
        let others: BTreeSet<&'a str> =
            keys.iter().flat_map(|key| unit.list(key)).filter(|other| !self.path.contains(other)).collect();
        let last = others.last().copied();
        for other in others {
            let (branch, more) = match (self.request.plain, Some(other) == last) {
                (true, _) => ("  ", "  "),
                (false, true) => ("└─", "  "),
                (false, false) => ("├─", "│ "),
            };
            let bullet = if self.request.plain { String::new() } else { format!("{} ", self.bullet(other)) };
            self.out.push_str(&format!("{bullet}{indent}{branch}{other}\n"));
            if self.request.all || other.ends_with(".target") {
                self.path.push(other);
                self.below(other, &format!("{indent}{more}"));
                self.path.pop();
            }
        }
    }

    fn bullet(&self, name: &str) -> char {
        crate::status::bullet(self.units.get(name).map_or("inactive", |unit| unit.get("ActiveState")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNITS: &str = "Id=m.target\nActiveState=active\nRequires=b.target\nWants=x.service a.service\n\n\
        Id=b.target\nActiveState=active\nWants=s.target\nRequiredBy=m.target\n\n\
        Id=s.target\nActiveState=active\nWants=l.service\nWantedBy=b.target\n\n\
        Id=a.service\nActiveState=failed\nRequires=s.target l.service\nWantedBy=m.target\n\n\
        Id=l.service\nActiveState=active\nBindsTo=a.service\nWantedBy=s.target\nRequiredBy=a.service\n\n";

    fn printed(root: &str, request: Request) -> String {
        text(&parse(UNITS), root, &request)
    }

    #[test]
    fn trees() {
        assert_eq!(
            printed("m.target", Request::default()),
            "m.target\n× ├─a.service\n● ├─b.target\n● │ └─s.target\n● │   └─l.service\n○ └─x.service\n"
        );
        assert_eq!(
            printed("m.target", Request { plain: true, ..Request::default() }),
            "m.target\n  a.service\n  b.target\n    s.target\n      l.service\n  x.service\n"
        );
        assert_eq!(
            printed("l.service", Request { reverse: true, plain: true, ..Request::default() }),
            "l.service\n  a.service\n  s.target\n    b.target\n      m.target\n"
        );
        assert_eq!(printed("none.service", Request::default()), "none.service\n");
    }

    /// Units that need each other end the branch.
    #[test]
    fn circles() {
        assert_eq!(
            printed("a.service", Request { all: true, plain: true, ..Request::default() }),
            "a.service\n  l.service\n  s.target\n    l.service\n"
        );
    }
}
