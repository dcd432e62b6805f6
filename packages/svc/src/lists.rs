// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists of what the manager has loaded.

use crate::query;
use crate::select::{is_named, is_shown};
use crate::shown::Shown;
use crate::{Failure, Request, client, table};
use std::io::Write;

type Out<'a> = &'a mut dyn Write;

/// Writes a table; the header, and the footer behind an empty line, only with a legend.
///
/// # Errors
/// As of the output.
pub fn write(
    request: &Request,
    out: Out,
    header: &[&str],
    rows: Vec<Vec<String>>,
    footer: &str,
) -> Result<(), Failure> {
    let header = header.iter().map(|title| (*title).to_owned()).collect();
    let rows: Vec<Vec<String>> = request.legend.then_some(header).into_iter().chain(rows).collect();
    write!(out, "{}", table::lines(&rows))?;
    if request.legend {
        writeln!(out, "\n{footer}")?;
    }
    Ok(())
}

/// `list-units`.
pub fn units(request: &Request, out: Out) -> Result<(), Failure> {
    let units = query::units(request)?;
    let rows = unit_rows(&units, request);
    let failed = units.iter().filter(|unit| unit.get("ActiveState") == "failed").count();
    let footer = format!("{} units, {failed} failed", rows.len());
    write(request, out, &["UNIT", "LOAD", "ACTIVE", "SUB", "DESCRIPTION"], rows, &footer)
}

fn unit_rows(units: &[Shown], request: &Request) -> Vec<Vec<String>> {
    let columns = ["Id", "LoadState", "ActiveState", "SubState", "Description"];
    let shown = units.iter().filter(|unit| is_shown(unit, request) && is_named(unit.name(), request));
    shown.map(|unit| columns.map(|key| unit.get(key).to_owned()).to_vec()).collect()
}

/// `jobs`, `list-jobs`.
pub fn jobs(request: &Request, out: Out) -> Result<(), Failure> {
    let reply = client::ask(request, "jobs")?;
    let rows: Vec<Vec<String>> = reply
        .lines()
        .map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .filter(|row| row.get(1).is_some_and(|name| is_named(name, request)))
        .collect();
    if rows.is_empty() {
        return if request.legend { Ok(writeln!(out, "No jobs running.")?) } else { Ok(()) };
    }
    let footer = format!("{} jobs listed.", rows.len());
    write(request, out, &["JOB", "UNIT", "TYPE", "STATE"], rows, &footer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shown::parse;

    const UNITS: &str = "Id=a.service\nDescription=A service\nLoadState=loaded\nActiveState=active\nSubState=running\n\n\
        Id=b.timer\nDescription=B\nLoadState=loaded\nActiveState=inactive\nSubState=dead\n\n";

    fn printed(request: &Request) -> String {
        let mut out = Vec::new();
        let rows = unit_rows(&parse(UNITS), request);
        write(request, &mut out, &["UNIT", "LOAD", "ACTIVE", "SUB", "DESCRIPTION"], rows, "The end.")
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn tables_of_units() {
        assert_eq!(
            printed(&Request::default()),
            "UNIT      LOAD   ACTIVE SUB     DESCRIPTION\na.service loaded active running A service\n\nThe end.\n"
        );
        let bare = Request { legend: false, all: true, ..Request::default() };
        assert_eq!(
            printed(&bare),
            "a.service loaded active   running A service\nb.timer   loaded inactive dead    B\n"
        );
        let named = |word: &str| Request { units: vec![word.into()], legend: false, ..Request::default() };
        assert_eq!(printed(&named("a*")), "a.service loaded active running A service\n");
        assert_eq!(printed(&named("a")), "a.service loaded active running A service\n");
        assert_eq!(printed(&named("b*")), "");
    }
}
