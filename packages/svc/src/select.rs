// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which units a request is about: names, paths, patterns and filters.

use crate::request::LOAD_STATES;
use crate::shown::Shown;
use crate::{Failure, Request, query};
use qos_command::glob;
use qos_unit::{Kind, Name};

/// The name of a unit: a path stands for the mount or device of that path, and a name without a suffix is a service.
///
/// # Errors
/// When that gives no name of a unit.
pub fn unit_name(text: &str) -> Result<Name, Failure> {
    name_of(text, Kind::Service)
}

fn name_of(text: &str, kind: Kind) -> Result<Name, Failure> {
    if let Ok(name) = Name::new(text) {
        return Ok(name);
    }
    if text.starts_with('/') {
        let is_device = ["/dev/", "/sys/"].iter().any(|directory| text.starts_with(directory));
        let kind = if is_device { Kind::Device } else { Kind::Mount };
        return Name::of_path(text, kind)
            .ok_or_else(|| Failure::new(format!("{text:?}: the name of its unit is longer than 255 bytes")));
    }
    Name::new(&format!("{text}.{}", kind.suffix())).map_err(Failure::new)
}

/// The kind of units that a verb is about, where names have no suffix.
fn kind_of(verb: &str) -> Kind {
    match verb {
        "isolate" | "set-default" => Kind::Target,
        _ => Kind::Service,
    }
}

fn is_pattern(word: &str) -> bool {
    word.contains(['*', '?', '['])
}

/// The units that the command line names; patterns stand for loaded units.
///
/// # Errors
/// When a word is no name, or the manager does not answer.
pub fn names(request: &Request) -> Result<Vec<Name>, Failure> {
    let has_pattern = request.units.iter().any(|word| is_pattern(word));
    let loaded = if has_pattern { query::units(request)? } else { Vec::new() };
    expand(request, &loaded)
}

/// As [`names`], with the loaded units. As with systemctl(1), a pattern without --all leaves inactive units out.
fn expand(request: &Request, loaded: &[Shown]) -> Result<Vec<Name>, Failure> {
    let (patterns, plain): (Vec<&String>, Vec<&String>) =
        request.units.iter().partition(|word| is_pattern(word));
    let kind = kind_of(&request.verb);
    let mut names = plain.into_iter().map(|word| name_of(word, kind)).collect::<Result<Vec<_>, _>>()?;
    for unit in loaded.iter().filter(|unit| is_shown(unit, request)) {
        let is_asked =
            patterns.iter().any(|pattern| glob::matches(pattern.as_bytes(), unit.name().as_bytes()));
        if let Ok(name) = Name::new(unit.name())
            && is_asked
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    Ok(names)
}

/// As [`names`], of a verb that is about nothing without them.
///
/// # Errors
/// As [`names`], and a usage error where no unit is named.
pub fn some_names(request: &Request) -> Result<Vec<Name>, Failure> {
    if request.units.is_empty() {
        return Err(Failure::usage(format!("{} needs the name of a unit", request.verb)));
    }
    names(request)
}

/// Whether the command line's words, if there are any, are about this name.
pub fn is_named(name: &str, request: &Request) -> bool {
    let is_meant = |word: &String| match is_pattern(word) {
        true => glob::matches(word.as_bytes(), name.as_bytes()),
        false => unit_name(word).is_ok_and(|word| word.as_str() == name),
    };
    request.units.is_empty() || request.units.iter().any(is_meant)
}

/// Whether a unit is in lists: by --type and --state; without --state and --all, inactive units without a job are left out.
pub fn is_shown(unit: &Shown, request: &Request) -> bool {
    let kind = unit.name().rsplit('.').next().unwrap_or("");
    let load = unit.get("LoadState");
    let (loads, kinds): (Vec<&String>, Vec<&String>) =
        request.types.iter().partition(|word| LOAD_STATES.contains(&word.as_str()));
    let is_of = |words: &[&String], value: &str| words.is_empty() || words.iter().any(|word| *word == value);
    if !is_of(&kinds, kind) || !is_of(&loads, load) {
        return false;
    }
    if !request.states.is_empty() {
        let states = [load, unit.get("ActiveState"), unit.get("SubState")];
        return request.states.iter().any(|state| states.contains(&state.as_str()));
    }
    request.all || !unit.get("Job").is_empty() || unit.get("ActiveState") != "inactive"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shown::parse;

    #[test]
    fn names_of_words() {
        for (word, expect) in [
            ("a", "a.service"),
            ("a.timer", "a.timer"),
            ("a.b", "a.b.service"),
            ("a@b", "a@b.service"),
            ("/", "-.mount"),
            ("/mnt/x", "mnt-x.mount"),
            ("/mnt/x/", "mnt-x.mount"),
            ("/dev/vda1", "dev-vda1.device"),
            ("/a b", "a\\x20b.mount"),
        ] {
            assert_eq!(unit_name(word).unwrap().as_str(), expect, "{word}");
        }
        assert_eq!(name_of("rescue", Kind::Target).unwrap().as_str(), "rescue.target");
        for word in ["", "a b", "a/b", "@x"] {
            assert!(unit_name(word).is_err(), "{word}");
        }
    }

    const LOADED: &str = "Id=da.service\nLoadState=loaded\nActiveState=active\nSubState=running\n\n\
        Id=db.socket\nLoadState=loaded\nActiveState=inactive\nSubState=dead\n\n\
        Id=dc.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\n\n\
        Id=dd.mount\nLoadState=masked\nActiveState=failed\nSubState=failed\n\n\
        Id=e.service\nLoadState=loaded\nActiveState=inactive\nSubState=dead\nJob=3\n\n";

    fn request(units: &str) -> Request {
        let units = units.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        Request { units, ..Request::default() }
    }

    #[test]
    fn patterns() {
        let names = |request: &Request| {
            let names = expand(request, &parse(LOADED)).unwrap();
            names.iter().map(Name::as_str).collect::<Vec<_>>().join(" ")
        };
        for (words, expect) in [
            ("d*", "da.service dd.mount"),
            ("d?.service", "da.service"),
            ("z da d*", "z.service da.service dd.mount"),
            ("[e]*", "e.service"),
            ("z*", ""),
            ("d", "d.service"),
        ] {
            assert_eq!(names(&request(words)), expect, "{words}");
        }
        assert_eq!(
            names(&Request { all: true, ..request("d*") }),
            "da.service db.socket dc.service dd.mount"
        );
        assert_eq!(names(&Request { verb: "isolate".into(), ..request("rescue") }), "rescue.target");
        assert!(expand(&request("a* a/b"), &[]).is_err());
    }

    #[test]
    fn filters() {
        let shown = |request: Request| {
            let units = parse(LOADED);
            let shown = units.iter().filter(|unit| is_shown(unit, &request));
            shown.map(Shown::name).collect::<Vec<_>>().join(" ")
        };
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let none = Request::default;
        assert_eq!(shown(none()), "da.service dd.mount e.service");
        assert_eq!(
            shown(Request { all: true, ..none() }),
            "da.service db.socket dc.service dd.mount e.service"
        );
        for (states, expect) in [
            ("failed", "dd.mount"),
            ("dead", "db.socket dc.service e.service"),
            ("running masked", "da.service dd.mount"),
            ("not-found", "dc.service"),
        ] {
            assert_eq!(shown(Request { states: words(states), ..none() }), expect, "{states}");
        }
        for (types, expect) in [
            ("service", "da.service e.service"),
            ("mount service", "da.service dd.mount e.service"),
            ("masked", "dd.mount"),
            ("service masked", ""),
            ("timer", ""),
        ] {
            assert_eq!(shown(Request { types: words(types), ..none() }), expect, "{types}");
        }
    }

    #[test]
    fn words_of_lists() {
        for (words, name, expect) in [
            ("", "a.service", true),
            ("a", "a.service", true),
            ("a", "a.timer", false),
            ("b a*", "a.timer", true),
            ("/mnt", "mnt.mount", true),
        ] {
            assert_eq!(is_named(name, &request(words)), expect, "{words} {name}");
        }
    }
}
