// SPDX-License-Identifier: MIT OR Apache-2.0
//! `chpasswd`: passwords of many users, from lines `USER:PASSWORD` (chpasswd(8) of shadow): all of them, or none.

use crate::Failure;
use crate::target::{Target, failed};
use lexopt::prelude::*;
use qos_accounts::hash::{self, Method};
use qos_accounts::{Database, Order, Secret, change, date};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;

pub fn main(mut parser: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let (mut target, mut encrypted, mut method) = (Target::default(), false, None);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('R' | 'P') | Long("root" | "prefix") => target = Target::under(parser.value()?),
            Short('c') | Long("crypt-method") => method = Some(parser.value()?.string()?),
            Short('e') | Long("encrypted") => encrypted = true,
            _ => return Err(arg.unexpected().into()),
        }
    }
    target.require_root()?;
    qos_sys::user::hide_memory()?;
    let defs = target.defs()?;
    let method = match method {
        None => Method::of(&defs),
        Some(name) => Method::named(&name, &defs)
            .ok_or_else(|| Failure::usage(format!("{name}: YESCRYPT, SHA512 or SHA256 expected")))?,
    };
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let lines = read(input)?;
    // Hashing takes long: nobody has to wait for the lock meanwhile.
    let known = target.read()?;
    check(&known, &lines, encrypted)?;
    let mut hashes = Vec::new();
    for (name, secret) in &lines {
        let hash = if encrypted {
            String::from_utf8_lossy(secret.bytes()).into_owned()
        } else {
            method.hash(secret).map_err(|error| failed(&error))?
        };
        hashes.push((name.clone(), hash));
    }
    drop(lines);
    target.change(Order::Adding, |database| {
        for (name, hash) in hashes {
            change::set(database, &name, hash, date::today()).map_err(|error| failed(&error))?;
            target.note("chpasswd", &format!("the password of {name} is changed"));
        }
        Ok(())
    })
}

/// The lines; the bytes of a password are nowhere but in its [`Secret`].
fn read(mut input: impl Read) -> Result<Vec<(String, Secret)>, Failure> {
    let (mut lines, mut number) = (Vec::new(), 0);
    while let Some(line) = Secret::read_line(&mut input).map_err(|error| failed(&error))? {
        number += 1;
        if line.is_empty() {
            continue;
        }
        let bytes = line.bytes();
        let colon = bytes.iter().position(|byte| *byte == b':').filter(|at| at + 1 < bytes.len());
        let colon = colon.ok_or_else(|| Failure::new(format!("line {number}: USER:PASSWORD expected")))?;
        let name = String::from_utf8_lossy(&bytes[..colon]).into_owned();
        lines.push((name, Secret::new(&bytes[colon + 1..]).map_err(|error| failed(&error))?));
    }
    Ok(lines)
}

fn check(database: &Database, lines: &[(String, Secret)], encrypted: bool) -> Result<(), Failure> {
    for (name, secret) in lines {
        if database.users.get(name).is_none() {
            return Err(Failure::new(format!("user {name} does not exist; nothing is changed")));
        }
        let hash = String::from_utf8_lossy(secret.bytes());
        let is_hash = hash::is_known(hash.strip_prefix('!').unwrap_or(&hash)) || matches!(&*hash, "*" | "!");
        if encrypted && !is_hash {
            let kinds = "a hash of yescrypt ($y$), sha512-crypt ($6$) or sha256-crypt ($5$), `*` or `!`";
            return Err(Failure::new(format!("user {name}: {kinds} expected; nothing is changed")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_accounts::Table;

    #[test]
    fn lines() {
        let lines = read(&b"a:one\n\nb:two:with colon\n"[..]).unwrap();
        let lines: Vec<_> = lines.iter().map(|(name, secret)| (name.as_str(), secret.bytes())).collect();
        assert_eq!(lines, [("a", &b"one"[..]), ("b", b"two:with colon")]);
        for (bad, message) in [
            (&b"a:x\nb\n"[..], "line 2: USER:PASSWORD expected"),
            (b"a:\n", "line 1: USER:PASSWORD expected"),
        ] {
            assert_eq!(read(bad).unwrap_err().message(), Some(message));
        }
    }

    #[test]
    fn checked_before_anything_is_changed() {
        let database = Database { users: Table::parse(b"a:x:5:5::/:\n"), ..Database::default() };
        let hash = format!("$5$saltstring${}", "a".repeat(43));
        for (name, text, encrypted, expect) in [
            ("a", "pw", false, true),
            ("b", "pw", false, false),
            ("a", "pw", true, false),
            ("a", "!", true, true),
            ("a", &hash, true, true),
            ("a", &format!("!{hash}"), true, true),
        ] {
            let lines = [(name.to_owned(), Secret::new(text.as_bytes()).unwrap())];
            assert_eq!(check(&database, &lines, encrypted).is_ok(), expect, "{name} {text}");
        }
    }
}
