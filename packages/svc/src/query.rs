// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the manager knows of units.

use crate::client::ask as send;
use crate::shown::{Shown, parse};
use crate::{Failure, Request};
use qos_unit::Name;

/// A request line about units; `None`: the patterns of the command line match none, and nothing is to be asked.
pub fn line(verb: &str, request: &Request, names: &[Name]) -> Option<String> {
    if names.is_empty() && !request.units.is_empty() {
        return None;
    }
    Some(names.iter().fold(verb.to_owned(), |line, name| format!("{line} {name}")))
}

/// The manager's answer to a verb about units; empty where no unit is meant.
pub fn reply(verb: &str, request: &Request, names: &[Name]) -> Result<String, Failure> {
    line(verb, request, names).map_or(Ok(String::new()), |line| send(request, &line))
}

/// Units of the manager.
pub fn units(request: &Request) -> Result<Vec<Shown>, Failure> {
    Ok(parse(&send(request, "list")?))
}
