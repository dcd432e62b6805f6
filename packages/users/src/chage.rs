// SPDX-License-Identifier: MIT OR Apache-2.0
//! `chage`: how long a password and an account may be used (chage(1) of shadow).

use crate::Failure;
use crate::target::{self, Target, failed, missing};
use lexopt::prelude::*;
use qos_accounts::{Order, Shadow, date};
use qos_sys::time::MONTHS;
use qos_sys::user;
use std::io::Write;

/// A field of shadow(5), and what it becomes.
type Change = (fn(&mut Shadow) -> &mut Option<i64>, Option<i64>);

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut target, mut name, mut list, mut iso) = (Target::default(), None, false, false);
    let mut changes: Vec<Change> = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('R') | Long("root") => target = Target::under(parser.value()?),
            Short('l') | Long("list") => list = true,
            Short('i') | Long("iso8601") => iso = true,
            Short('d') | Long("lastday") => {
                changes.push((|shadow| &mut shadow.changed, target::day(&parser.value()?.string()?)?));
            }
            Short('E') | Long("expiredate") => {
                changes.push((|shadow| &mut shadow.expires, target::day(&parser.value()?.string()?)?));
            }
            Short('I') | Long("inactive") => {
                changes.push((|shadow| &mut shadow.inactive, target::days(&parser.value()?.string()?)?));
            }
            Short('m') | Long("mindays") => {
                changes.push((|shadow| &mut shadow.min, target::days(&parser.value()?.string()?)?));
            }
            Short('M') | Long("maxdays") => {
                changes.push((|shadow| &mut shadow.max, target::days(&parser.value()?.string()?)?));
            }
            Short('W') | Long("warndays") => {
                changes.push((|shadow| &mut shadow.warn, target::days(&parser.value()?.string()?)?));
            }
            Value(word) if name.is_none() => name = Some(word.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    target.require_own_permissions()?;
    let name = name.ok_or_else(|| Failure::usage("name of the user expected"))?;
    if list == changes.is_empty() {
        list_or_change(&mut target, &name, &changes, iso, out)
    } else {
        Err(Failure::usage("either -l, or what is to be changed"))
    }
}

fn list_or_change(
    target: &mut Target,
    name: &str,
    changes: &[Change],
    iso: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if !changes.is_empty() {
        target.require_root()?;
        target.change(Order::Adding, |database| {
            database.users.get(name).ok_or_else(|| missing("user", name))?;
            if database.shadows.get(name).is_none() {
                database.shadows.add(Shadow::locked(name)).map_err(|error| failed(&error))?;
            }
            let change = |shadow: &mut Shadow| {
                for (field, value) in changes {
                    *field(shadow) = *value;
                }
            };
            database.shadows.update(name, change).map(drop).map_err(|error| failed(&error))
        })?;
        target.note("chage", &format!("the days of user {name} are changed"));
        return Ok(());
    }
    let database = target.read()?;
    let user = database.users.get(name).ok_or_else(|| missing("user", name))?;
    // With the set-user-ID bit, a user sees the own account only.
    if user::real_uid() != 0 && user::real_uid() != user.uid {
        return Err(Failure::new("only root sees the account of another user"));
    }
    let shadow = database.shadows.get(name).ok_or_else(|| missing("line in /etc/shadow for user", name))?;
    Ok(out.write_all(text(shadow, iso).as_bytes())?)
}

fn text(shadow: &Shadow, iso: bool) -> String {
    let set = |days: Option<i64>| days.filter(|days| *days >= 0);
    let day = |day: Option<i64>| {
        day.map_or("never".to_owned(), |day| if iso { date::text(day) } else { long(day) })
    };
    // Where login asks for a new password in any case, no other day counts.
    let must = set(shadow.changed) == Some(0);
    let max = set(shadow.max).filter(|max| *max < 10_000);
    let expires = set(shadow.changed).zip(max).map(|(changed, max)| changed.saturating_add(max));
    let inactive = expires.zip(set(shadow.inactive)).map(|(day, days)| day.saturating_add(days));
    let of_password =
        |value: Option<i64>| if must { "password must be changed".to_owned() } else { day(value) };
    let number = |days: Option<i64>| days.unwrap_or(-1).to_string();
    [
        ("Last password change", of_password(set(shadow.changed))),
        ("Password expires", of_password(expires)),
        ("Password inactive", of_password(inactive)),
        ("Account expires", day(set(shadow.expires))),
        ("Minimum number of days between password change", number(shadow.min)),
        ("Maximum number of days between password change", number(shadow.max)),
        ("Number of days of warning before password expires", number(shadow.warn)),
    ]
    .into_iter()
    .map(|(key, value)| format!("{:<56}: {value}\n", key))
    .collect()
}

/// `Jan 31, 2026`.
fn long(day: i64) -> String {
    let date = date::text(day);
    let mut parts = date.rsplitn(3, '-');
    let (day, month, year) = (parts.next(), parts.next(), parts.next());
    let month = month.and_then(|month| month.parse::<usize>().ok()).and_then(|month| MONTHS.get(month - 1));
    format!("{} {}, {}", month.unwrap_or(&""), day.unwrap_or_default(), year.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_accounts::Table;

    #[test]
    fn lists() {
        let of = |line: &str, iso| {
            let table = Table::<Shadow>::parse(line.as_bytes());
            text(table.get("u").unwrap(), iso)
        };
        let values = |text: &str| -> Vec<String> {
            text.lines().map(|line| line.split_once(": ").unwrap().1.to_owned()).collect()
        };
        assert_eq!(
            values(&of("u:x:20000:0:90:7:10:30000:", true)),
            ["2024-10-04", "2025-01-02", "2025-01-12", "2052-02-20", "0", "90", "7"]
        );
        assert_eq!(
            values(&of("u:x:20000:0:99999:7:::", false)),
            ["Oct 04, 2024", "never", "never", "never", "0", "99999", "7"]
        );
        let must = "password must be changed";
        assert_eq!(values(&of("u:x:0::::::", false)), [must, must, must, "never", "-1", "-1", "-1"]);
        assert_eq!(
            of("u:x:20000:0:99999:7:::", false).lines().next(),
            Some("Last password change                                    : Oct 04, 2024")
        );
    }
}
