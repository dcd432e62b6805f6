// SPDX-License-Identifier: MIT OR Apache-2.0
//! Change of a password, as passwd(1) and login(1) do it.

use crate::hash::{self, Method, Verdict};
use crate::{Database, Defs, Order, Secret, Shadow, date};
use std::io;
use std::path::Path;

/// How often a new password is asked for.
const ATTEMPTS: u32 = 3;

/// Why `new` is no password for user `name`, in words; `None` if it is one. `old` is the present hash. Root may set what
/// is only weak: that is for callers to decide.
#[must_use]
pub fn weakness(defs: &Defs, name: &str, old: &str, new: &Secret) -> Option<String> {
    let text = String::from_utf8_lossy(new.bytes());
    let (length, least) = (text.chars().count(), defs.number("PASS_MIN_LEN", 6).max(1));
    let is_name = text.eq_ignore_ascii_case(name);
    let mut letters = text.chars();
    let first = letters.next();
    let is_one_letter = letters.all(|letter| Some(letter) == first);
    // The copy that `text` may be is of bytes that are not UTF-8, with its others replaced: no password.
    if i64::try_from(length).unwrap_or(i64::MAX) < least {
        Some(format!("it has fewer than {least} characters"))
    } else if is_name {
        Some("it is the user's name".to_owned())
    } else if is_one_letter {
        Some("it is one character, repeated".to_owned())
    } else if hash::verify(old, new) == Verdict::Right {
        Some("it is the old one".to_owned())
    } else {
        None
    }
}

/// Asks twice for a new password, by `ask`, up to three times. `refuse` says why one is none; `tell` tells the user.
///
/// # Errors
/// Those of `ask`; when there was no password in three attempts, or none at all ([`io::ErrorKind::InvalidInput`]).
pub fn ask_new(
    mut ask: impl FnMut(&str) -> io::Result<Option<Secret>>,
    refuse: impl Fn(&Secret) -> Option<String>,
    mut tell: impl FnMut(&str),
) -> io::Result<Secret> {
    let unchanged = || io::Error::new(io::ErrorKind::InvalidInput, "the password is unchanged");
    for _ in 0..ATTEMPTS {
        let new = ask("New password: ")?.ok_or_else(unchanged)?;
        if new.is_empty() {
            return Err(unchanged());
        }
        if let Some(reason) = refuse(&new) {
            tell(&format!("Bad password: {reason}."));
            continue;
        }
        let again = ask("Retype new password: ")?.ok_or_else(unchanged)?;
        if again.bytes() == new.bytes() {
            return Ok(new);
        }
        tell("The two passwords differ.");
    }
    Err(unchanged())
}

/// Gives user `name` of the accounts under `root` a new hash, changed today.
///
/// # Errors
/// When there is no such user ([`io::ErrorKind::NotFound`]), and those of [`Database::edit`].
pub fn store(root: &Path, name: &str, password: &Secret, method: Method) -> io::Result<()> {
    let hash = method.hash(password)?;
    let mut edit = Database::edit(root)?;
    set(&mut edit.database, name, hash, date::today())?;
    edit.commit(Order::Adding)
}

/// Puts a hash where those of `name` belong: into shadow(5), which gets a line if it has none.
///
/// # Errors
/// When there is no such user ([`io::ErrorKind::NotFound`]).
pub fn set(database: &mut Database, name: &str, hash: String, today: i64) -> io::Result<()> {
    let missing = || io::Error::new(io::ErrorKind::NotFound, format!("user {name} does not exist"));
    let user = database.users.get(name).ok_or_else(missing)?;
    if user.password != "x" {
        database.users.update(name, |user| user.password = "x".to_owned())?;
    }
    if database.shadows.get(name).is_none() {
        database.shadows.add(Shadow::locked(name))?;
    }
    database.shadows.update(name, |shadow| {
        shadow.password = hash;
        shadow.changed = Some(today);
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes()).unwrap()
    }

    #[test]
    fn weak_ones() {
        let old = Method::Sha256(1000).hash(&secret("old password")).unwrap();
        for (new, expect) in [
            ("short", Some("it has fewer than 6 characters")),
            ("Benutzer", Some("it is the user's name")),
            ("aaaaaaaa", Some("it is one character, repeated")),
            ("old password", Some("it is the old one")),
            ("new password", None),
            ("ääööüü", None),
        ] {
            assert_eq!(
                weakness(&Defs::default(), "benutzer", &old, &secret(new)).as_deref(),
                expect,
                "{new}"
            );
        }
        let long = Defs::parse(b"PASS_MIN_LEN 20\n");
        assert!(weakness(&long, "u", "*", &secret("new password")).is_some());
    }

    #[test]
    fn asks() {
        for (answers, expect, told) in [
            (&["good one", "good one"][..], Some("good one"), 0),
            (&["good one", "other", "good one", "good one"], Some("good one"), 1),
            (&["bad", "good one", "good one"], Some("good one"), 1),
            (&["bad", "bad", "bad"], None, 3),
            (&["", "good one"], None, 0),
            (&["good one"], None, 0),
        ] {
            let (mut answers, mut count) = (answers.iter(), 0);
            let ask = |_: &str| Ok(answers.next().map(|answer| secret(answer)));
            let refuse = |new: &Secret| (new.bytes() == b"bad").then(|| "it is bad".to_owned());
            let new = ask_new(ask, refuse, |_| count += 1);
            assert_eq!(new.ok().map(|new| new.bytes().to_vec()), expect.map(|text| text.as_bytes().to_vec()));
            assert_eq!(count, told);
        }
    }

    #[test]
    fn stored_in_shadow() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("etc")).unwrap();
        std::fs::write(root.path().join("etc/passwd"), "u:$1$old:7:7::/:\n").unwrap();
        store(root.path(), "u", &secret("pass"), Method::Sha256(1000)).unwrap();
        let database = Database::read(root.path()).unwrap();
        let user = database.users.get("u").unwrap();
        assert_eq!(user.password, "x");
        assert_eq!(hash::verify(database.hash_of(user), &secret("pass")), Verdict::Right);
        assert_eq!(database.shadows.get("u").unwrap().changed, Some(date::today()));
        let error = store(root.path(), "nobody", &secret("pass"), Method::Sha256(1000)).unwrap_err();
        assert_eq!(error.to_string(), "user nobody does not exist");
    }
}
