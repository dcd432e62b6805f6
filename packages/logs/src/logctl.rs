// SPDX-License-Identifier: MIT OR Apache-2.0
//! `logctl`, also as `journalctl`: shows the log. A subset of journalctl(1).

mod filter;
mod follow;
mod journal;
mod request;
mod show;
pub mod when;

use crate::{size, store};
use filter::{Boot, Filter};
use follow::Follower;
use journal::{Journal, Located};
use qos_command::Failure;
use request::{Request, What, parse};
use show::Shown;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

pub fn main(options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let mut request = parse(options, u64::try_from(now.as_micros()).unwrap_or(u64::MAX))?;
    let at = |(path, error): (PathBuf, io::Error)| match error.kind() {
        io::ErrorKind::PermissionDenied if request.is_system => {
            Failure::new("the log can be read by root only: run logctl as root")
        }
        _ => Failure::at(path, &error),
    };
    // Before the entries are read, so that none is missed between.
    let follower = request.follow.then(|| Follower::new(&request.directories)).transpose();
    let follower = follower.map_err(|error| Failure::of("the log", &error))?;
    let journal = Journal::open(&request.directories, request.is_system).map_err(at)?;
    if let Some(text) = &request.boot {
        let boot = filter::boot(text, &journal.boots()).map_err(Failure::new)?;
        request.filter.boots = Some(vec![boot]);
    }
    match &request.what {
        What::Entries => entries(&request, &journal, follower, out),
        What::Values(name) => values(&request, &journal, name, out),
        What::Names => field_names(&request, &journal, out),
        What::Boots => boots(&request, &journal, out),
        What::Usage => usage(&request, out),
        What::Vacuum(limit) => vacuum(&request, *limit, out),
        What::Verify => verify(&journal, out),
    }
}

/// Shows entries, and a line between those of different boots.
struct Printer<'a> {
    shown: &'a Shown,
    boot: Option<u128>,
    count: usize,
}

impl Printer<'_> {
    fn print(&mut self, located: &Located, out: &mut dyn Write) -> Result<(), Failure> {
        let boot = located.header.boot;
        if self.shown.output.has_separators() && self.boot.is_some_and(|last| last != boot) {
            writeln!(out, "-- Boot {boot:032x} --")?;
        }
        self.boot = Some(boot);
        self.count += 1;
        Ok(self.shown.write(&located.placed(), out)?)
    }
}

fn entries(
    request: &Request,
    journal: &Journal,
    follower: Option<Follower>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut printer = Printer { shown: &request.shown, boot: None, count: 0 };
    let read = |headed: &journal::Headed| {
        headed.entries(&request.filter).map_err(|error| Failure::at(&headed.segment.path, &error))
    };
    match (request.lines, request.reverse) {
        (lines, false) if lines.is_none() || request.is_first => {
            let mut left = lines.unwrap_or(usize::MAX);
            for headed in journal.candidates(&request.filter) {
                if left == 0 {
                    break;
                }
                for located in read(headed)?.into_iter().take(left) {
                    printer.print(&located, out)?;
                    left -= 1;
                }
            }
        }
        (lines, reverse) => {
            let mut left = lines.unwrap_or(usize::MAX);
            let mut last = Vec::new();
            for headed in journal.candidates(&request.filter).rev() {
                if left == 0 {
                    break;
                }
                let found = read(headed)?;
                let count = found.len().min(left);
                left -= count;
                for located in found.into_iter().rev().take(count) {
                    if reverse { printer.print(&located, out)? } else { last.push(located) }
                }
            }
            for located in last.iter().rev() {
                printer.print(located, out)?;
            }
        }
    }
    if let Some(mut follower) = follower {
        loop {
            for located in follower.next(&request.filter).map_err(|error| Failure::of("the log", &error))? {
                printer.print(&located, out)?;
            }
            out.flush()?;
            follower.wait().map_err(|error| Failure::of("the log", &error))?;
        }
    }
    if printer.count == 0 && request.shown.output.has_separators() {
        writeln!(out, "-- No entries --")?;
    }
    if printer.count == 0 && request.filter.grep.is_some() { Err(Failure::silent(1)) } else { Ok(()) }
}

fn each(request: &Request, journal: &Journal, mut take: impl FnMut(&Located)) -> Result<(), Failure> {
    for headed in journal.candidates(&request.filter) {
        let found =
            headed.entries(&request.filter).map_err(|error| Failure::at(&headed.segment.path, &error))?;
        found.iter().for_each(&mut take);
    }
    Ok(())
}

fn values(request: &Request, journal: &Journal, name: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let mut values = BTreeSet::new();
    each(request, journal, |located| {
        values.extend(filter::of_header(&located.header, name).map(String::into_bytes));
        values.extend(located.entry.all(name).map(<[u8]>::to_vec));
    })?;
    for value in values {
        out.write_all(&request.shown.printable(&value, 0))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn field_names(request: &Request, journal: &Journal, out: &mut dyn Write) -> Result<(), Failure> {
    let mut names = BTreeSet::from(["_BOOT_ID".to_owned(), "_HOSTNAME".to_owned()]);
    each(request, journal, |located| {
        names.extend(located.entry.fields.iter().map(|(name, _)| name.to_string()));
    })?;
    names.iter().try_for_each(|name| Ok(writeln!(out, "{name}")?))
}

fn boots(request: &Request, journal: &Journal, out: &mut dyn Write) -> Result<(), Failure> {
    let boots = journal.boots();
    for (at, Boot { id, first }) in boots.iter().enumerate() {
        // The last entry is in the last segment that has one.
        let of_boot = Filter { boots: Some(vec![*id]), ..Filter::default() };
        let mut last = *first;
        for headed in journal.candidates(&of_boot).rev() {
            let entries =
                headed.entries(&of_boot).map_err(|error| Failure::at(&headed.segment.path, &error))?;
            if let Some(located) = entries.last() {
                last = located.entry.realtime;
                break;
            }
        }
        let date = |micros| request.shown.date(micros, true);
        writeln!(
            out,
            "{:>4} {id:032x} {} - {}",
            at as i64 + 1 - boots.len() as i64,
            date(*first),
            date(last)
        )?;
    }
    Ok(())
}

fn usage(request: &Request, out: &mut dyn Write) -> Result<(), Failure> {
    for directory in existing(request) {
        let used = store::usage(directory).map_err(|error| Failure::at(directory, &error))?;
        writeln!(out, "{}: {}", directory.display(), size::format(used))?;
    }
    Ok(())
}

fn existing(request: &Request) -> impl Iterator<Item = &PathBuf> {
    request.directories.iter().filter(|directory| directory.exists())
}

fn vacuum(request: &Request, limit: u64, out: &mut dyn Write) -> Result<(), Failure> {
    for directory in existing(request) {
        let (files, bytes) =
            store::vacuum(directory, limit).map_err(|error| Failure::at(directory, &error))?;
        writeln!(out, "{}: removed {files} segments, {}", directory.display(), size::format(bytes))?;
    }
    Ok(())
}

fn verify(journal: &Journal, out: &mut dyn Write) -> Result<(), Failure> {
    use crate::codec::{Found, Header, Scan};
    let mut is_good = true;
    for (at, headed) in journal.segments.iter().enumerate() {
        let path = &headed.segment.path;
        let loaded = headed.segment.load().map_err(|error| Failure::at(path, &error))?;
        let (mut entries, mut damages) = (0, Vec::new());
        if Header::parse(&loaded.data).is_none() {
            damages.push("the header is damaged".to_owned());
        }
        for found in Scan::new(&loaded.data) {
            match found {
                Found::Entry(..) => entries += 1,
                // logd may be writing it.
                Found::Damage(range)
                    if range.end == loaded.data.len()
                        && at + 1 == journal.segments.len()
                        && !headed.segment.compressed => {}
                Found::Damage(range) => {
                    damages.push(format!("bytes {} to {} are no record", range.start, range.end))
                }
            }
        }
        damages.extend(loaded.error);
        is_good &= damages.is_empty();
        let verdict = if damages.is_empty() { "good".to_owned() } else { damages.join("; ") };
        writeln!(out, "{}: {entries} entries, {verdict}", path.display())?;
    }
    if is_good { Ok(()) } else { Err(Failure::silent(1)) }
}
