// SPDX-License-Identifier: MIT OR Apache-2.0
//! Properties of the parsers, for tools/fuzz.

use crate::name::{Name, escape, unescape};
use crate::specifier::Facts;
use crate::{Unit, calendar, environment, span, syntax, words};

/// Reads `content` as a unit of each kind that has a section, and its values as what they could be.
///
/// # Panics
/// When a property does not hold.
pub fn unit(content: &[u8]) {
    let (assignments, _) = syntax::parse("fuzz", content);
    let lines = 1 + content.iter().filter(|byte| **byte == b'\n').count();
    for assignment in &assignments {
        assert!((1..=lines).contains(&(assignment.place.line as usize)), "{assignment:?}");
        assert!(!assignment.value.contains(['\n', '\0']), "{assignment:?}");
        value(&assignment.value);
    }
    for name in ["fuzz@a\\x2db.service", "fuzz.socket", "fuzz.timer", "fuzz.path", "mnt.mount", "fuzz.target"]
    {
        let Ok(name) = Name::new(name) else { panic!("{name} is a name") };
        let (unit, warnings) = Unit::new(&name, &assignments, &Facts::new());
        assert!(warnings.len() <= assignments.len());
        let _ = (unit.check(), unit.activates());
        // Read again, the same.
        assert_eq!(Unit::new(&name, &assignments, &Facts::new()).0, unit);
    }
    let _ = environment::parse(&String::from_utf8_lossy(content));
}

fn value(text: &str) {
    assert_eq!(unescape(&escape(text)).as_deref(), Some(text));
    if let Ok(found) = span::parse(text) {
        assert_eq!(span::parse(&span::format(found)), Ok(found), "{text}");
    }
    if let Ok(found) = words::split(text) {
        assert!(found.iter().map(Vec::len).sum::<usize>() <= text.len());
    }
    if let Ok(found) = calendar::parse(text) {
        let first = found.next(1_795_774_830, &|_| 3600);
        assert!(first.is_none_or(|first| first > 1_795_774_830), "{text}");
    }
}
