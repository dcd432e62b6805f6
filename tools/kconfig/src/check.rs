// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compares the requests with the resolved configuration, and explains each difference.

use crate::fragment::Setting;
use crate::request::Request;
use crate::resolved::Resolved;
use crate::value::Value;
use crate::why::{Symbol, Why};

/// How many `select` lines a message lists.
const SELECTS_SHOWN: usize = 4;

/// One message for each request that was not met, or that asks for something that cannot be; in the order of the
/// fragments' names and lines. Empty if all is well.
///
/// A request for `n` of a symbol that does not exist is a mistake as well: it is met only because it is misspelt.
pub fn check(request: &Request, resolved: &Resolved, why: &Why) -> Vec<String> {
    let mut problems: Vec<(&Setting, String)> = request
        .settings()
        .filter_map(|setting| {
            let got = resolved.get(&setting.symbol);
            let problem = match why.get(&setting.symbol) {
                Some(symbol) => explain(setting, got, symbol, request, why)?,
                None if *got == setting.value => return None,
                None => format!("{}; kconfig-why gave no reason", headline(setting, got)),
            };
            Some((setting, problem))
        })
        .collect();
    problems.sort_by(|(a, _), (b, _)| (&a.place.file, a.place.line).cmp(&(&b.place.file, b.place.line)));
    problems.into_iter().map(|(setting, problem)| format!("{}: {problem}", setting.place)).collect()
}

fn headline(setting: &Setting, got: &Value) -> String {
    format!("CONFIG_{}={} did not resolve: it is {got}", setting.symbol, setting.value)
}

/// The message for one setting without its place; `None` if it is met.
fn explain(setting: &Setting, got: &Value, symbol: &Symbol, request: &Request, why: &Why) -> Option<String> {
    let Setting { symbol: name, value, .. } = setting;
    let Some(kind) = symbol.kind.as_deref() else {
        return Some(match why.nearest(name) {
            Some(other) => {
                format!("CONFIG_{name}: this kernel has no such option; did you mean CONFIG_{other}?")
            }
            None => {
                format!("CONFIG_{name}: this kernel has no such option: correct its name or remove the line")
            }
        });
    };
    if let Some(wanted) = wrong_kind(kind, value) {
        return Some(format!("CONFIG_{name}={value} is invalid: the option takes {wanted} ({kind})"));
    }
    if got == value {
        return None;
    }
    let reason = match value {
        Value::No => why_on(symbol),
        _ => why_less(setting, symbol, request),
    };
    Some(format!("{}. {reason}", headline(setting, got)))
}

/// What an option of this kind takes, if `value` is not of it.
fn wrong_kind(kind: &str, value: &Value) -> Option<&'static str> {
    let (fits, wanted) = match kind {
        "bool" => (matches!(value, Value::No | Value::Yes), "y or n"),
        "tristate" => (matches!(value, Value::No | Value::Module | Value::Yes), "y, m or n"),
        "integer" => (matches!(value, Value::Int(_)), "a number"),
        "hex" => (matches!(value, Value::Hex(_)), "a number with 0x"),
        "string" => (matches!(value, Value::Text(_)), "text in double quotes"),
        _ => (true, ""),
    };
    (!fits).then_some(wanted)
}

/// Why a symbol is on that was to be off.
fn why_on(symbol: &Symbol) -> String {
    if !symbol.selected_by.is_empty() {
        return format!(
            "It is selected by {}: turn that off, or remove the request",
            listed(&symbol.selected_by)
        );
    }
    match (&symbol.limit, &symbol.depends) {
        (Some(Value::No), Some(depends)) => {
            format!(
                "Its default applies, because it can be turned off only if {depends}; unmet: {}",
                unmet(symbol)
            )
        }
        (None, _) => "It has no prompt: its default cannot be overridden".to_owned(),
        _ if symbol.chosen.is_some() => {
            "It is the selected member of a choice: request another member with =y instead".to_owned()
        }
        _ => place_hint(symbol),
    }
}

/// The reason why a symbol is off, has a lower value, or another value than the requested one.
fn why_less(setting: &Setting, symbol: &Symbol, request: &Request) -> String {
    if let (Value::Int(_) | Value::Hex(_), Some((least, most))) = (&setting.value, &symbol.range) {
        if !in_range(&setting.value, least, most) {
            return format!("Its range is {least} to {most}");
        }
    }
    let Some(limit) = &symbol.limit else {
        return format!("It has no prompt, so it cannot be requested: {}", why_no_prompt(symbol));
    };
    if let (Value::Yes | Value::Module, Some(depends)) = (&setting.value, &symbol.depends) {
        if rank(limit) < rank(&setting.value) {
            return format!("It depends on {depends}; unmet: {}{}", unmet(symbol), advice(symbol, request));
        }
    }
    match (&symbol.chosen, &symbol.depends) {
        (Some(chosen), _) if !chosen.is_empty() && *chosen != setting.symbol => {
            let place = request
                .get(chosen)
                .map(|other| format!(", requested at {}", other.place))
                .unwrap_or_default();
            format!("It is a member of a choice, and the selected member is CONFIG_{chosen}{place}")
        }
        (_, Some(depends)) if *limit == Value::No => {
            format!("It depends on {depends}; unmet: {}{}", unmet(symbol), advice(symbol, request))
        }
        _ if !symbol.selected_by.is_empty() => format!("It is selected by {}", listed(&symbol.selected_by)),
        _ => place_hint(symbol),
    }
}

/// What gives a symbol without a prompt its value.
fn why_no_prompt(symbol: &Symbol) -> String {
    match (symbol.selected_by.as_slice(), symbol.selectable_by.as_slice()) {
        ([], []) => "its value is computed; remove the line".to_owned(),
        ([], selects) => format!("it is on when selected by {}", listed(selects)),
        (selects, _) => format!("it is selected by {}", listed(selects)),
    }
}

/// The last resort: where to read on.
fn place_hint(symbol: &Symbol) -> String {
    format!("See its definition at {}", symbol.places.join(", "))
}

fn unmet(symbol: &Symbol) -> String {
    symbol.unmet.join(", ")
}

/// What to write in a fragment so that the unmet terms are met, as far as a single symbol is the reason.
fn advice(symbol: &Symbol, request: &Request) -> String {
    let steps: Vec<String> = symbol
        .unmet
        .iter()
        .filter_map(|term| {
            let (name, wanted) = single(term)?;
            Some(match request.get(name) {
                Some(other) => format!("CONFIG_{name}={} is requested at {}", other.value, other.place),
                None => format!("request CONFIG_{name}={wanted} too"),
            })
        })
        .collect();
    match steps.as_slice() {
        [] => String::new(),
        steps => format!("; {}", steps.join(", ")),
    }
}

/// The name in a term `NAME [=n]` or `!NAME [=y]`, and the value that would meet it.
fn single(term: &str) -> Option<(&str, Value)> {
    let (name, _) = term.strip_suffix(']')?.split_once(" [=")?;
    let (name, wanted) = match name.strip_prefix('!') {
        Some(name) => (name, Value::No),
        None => (name, Value::Yes),
    };
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_').then_some((name, wanted))
}

fn in_range(value: &Value, least: &str, most: &str) -> bool {
    let (value, least, most) = match (value, Value::parse(least), Value::parse(most)) {
        (Value::Int(value), Some(Value::Int(least)), Some(Value::Int(most))) => {
            (i128::from(*value), i128::from(least), i128::from(most))
        }
        (Value::Hex(value), Some(Value::Hex(least)), Some(Value::Hex(most))) => {
            (i128::from(*value), i128::from(least), i128::from(most))
        }
        _ => return true,
    };
    (least..=most).contains(&value)
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::No => 0,
        Value::Module => 1,
        _ => 2,
    }
}

fn listed(selects: &[String]) -> String {
    let shown = selects.iter().take(SELECTS_SHOWN).cloned().collect::<Vec<_>>().join("; ");
    match selects.len().saturating_sub(SELECTS_SHOWN) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
