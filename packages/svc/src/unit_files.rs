// SPDX-License-Identifier: MIT OR Apache-2.0
//! `list-unit-files`: unit files and whether they are enabled, without the manager.

use crate::select::is_named;
use crate::{Failure, Request, files, lists};
use qos_service::store::Enabled;
use std::io::Write;

/// Lists files; `--type` and `--state` choose among them by kind and by the state that is shown.
pub fn list(request: &Request, out: &mut dyn Write) -> Result<(), Failure> {
    let store = files::store(request);
    let is_of = |words: &[String], value: &str| words.is_empty() || words.iter().any(|word| word == value);
    let mut rows = Vec::new();
    for name in store.names() {
        if !is_named(name.as_str(), request) || !is_of(&request.types, name.kind().suffix()) {
            continue;
        }
        let state = Enabled::name_of(&store.enabled(&name));
        if is_of(&request.states, state) {
            rows.push(vec![name.to_string(), state.to_owned()]);
        }
    }
    let footer = format!("{} unit files listed.", rows.len());
    lists::write(request, out, &["UNIT FILE", "STATE"], rows, &footer)
}
