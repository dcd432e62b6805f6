// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a name and a password are those of a user, at the same cost and with the same answer whatever is wrong.

use qos_accounts::hash::{self, Method, Verdict};
use qos_accounts::{Aging, Database, Defs, Secret, User};
use std::path::Path;

/// The user `name`, if `password` is right and `is_secure` or the user is not root.
///
/// Where there is no such user, or no password that could be right, a hash is calculated all the same.
pub fn check<'a>(
    database: &'a Database,
    defs: &Defs,
    name: &str,
    password: &Secret,
    is_secure: bool,
) -> Option<&'a User> {
    let user = database.users.get(name);
    let hash = user.map_or("*", |user| database.hash_of(user));
    let right = match hash::verify(hash, password) {
        Verdict::Right => true,
        Verdict::Wrong => false,
        Verdict::Unusable => {
            hash::verify_nothing(Method::of(defs), password);
            let may_be_empty = user.is_some_and(|user| needs_no_password(user, defs));
            hash.is_empty() && password.is_empty() && may_be_empty
        }
    };
    user.filter(|user| right && (is_secure || user.uid != 0))
}

/// Whether an account with an empty hash may be used: PREVENT_NO_AUTH of login.defs(5), which is `superuser` by default.
fn needs_no_password(user: &User, defs: &Defs) -> bool {
    match defs.get("PREVENT_NO_AUTH") {
        Some("yes") => false,
        Some("no") => true,
        _ => user.uid != 0,
    }
}

/// Whether root may log in at `line`: it is in securetty(5), or there is no such file.
pub fn is_secure(securetty: Option<&str>, line: &str) -> bool {
    securetty.is_none_or(|text| text.lines().any(|known| known.trim() == line))
}

/// Why an account cannot be used though the password is right, in words.
pub fn refusal(aging: Aging) -> Option<&'static str> {
    match aging {
        Aging::Expired => Some("Your account has expired; please contact your system administrator."),
        Aging::Inactive => Some("Your password has expired; please contact your system administrator."),
        Aging::Valid | Aging::Warn(_) | Aging::MustChange => None,
    }
}

/// What nologin(5) says to users who are not root; `None` if there is no such file.
pub fn nologin(root: &Path) -> Option<String> {
    let read = |path: &str| match std::fs::read(root.join(path)) {
        Ok(text) => Some(String::from_utf8_lossy(&text).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        // It is there.
        Err(_) => Some(String::new()),
    };
    let text = read("run/nologin").or_else(|| read("etc/nologin"))?;
    Some(if text.trim().is_empty() { "The system is not open for logins.\n".to_owned() } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_accounts::Table;
    use std::time::Duration;

    fn database() -> Database {
        let hash = |text: &str| Method::Sha256(1000).hash(&Secret::new(text.as_bytes()).unwrap()).unwrap();
        let passwd = "root:x:0:0::/:\nu:x:1:1::/:\nopen:x:2:2::/:\nlocked:x:3:3::/:\nold:*:4:4::/:\n";
        let shadow = format!(
            "root:{}:1::::::\nu:{}:1::::::\nopen::1::::::\nlocked:!{}:1::::::\n",
            hash("rootpw"),
            hash("pw"),
            hash("pw")
        );
        Database {
            users: Table::parse(passwd.as_bytes()),
            shadows: Table::parse(shadow.as_bytes()),
            ..Database::default()
        }
    }

    #[test]
    fn who_gets_in() {
        let database = database();
        for (name, password, secure, defs, expect) in [
            ("u", "pw", true, "", true),
            ("u", "pw", false, "", true),
            ("u", "PW", true, "", false),
            ("u", "", true, "", false),
            ("root", "rootpw", true, "", true),
            ("root", "rootpw", false, "", false),
            ("open", "", true, "", true),
            ("open", "x", true, "", false),
            ("open", "", true, "PREVENT_NO_AUTH yes", false),
            ("locked", "pw", true, "", false),
            ("locked", "", true, "", false),
            ("old", "*", true, "", false),
            ("nobody", "pw", true, "", false),
            ("", "", true, "", false),
        ] {
            let defs = Defs::parse(format!("ENCRYPT_METHOD SHA256\n{defs}\n").as_bytes());
            let password = Secret::new(password.as_bytes()).unwrap();
            let user = check(&database, &defs, name, &password, secure);
            assert_eq!(user.map(|user| user.name.as_str()), expect.then_some(name), "{name} {password:?}");
        }
    }

    #[test]
    fn an_unknown_user_takes_as_long() {
        let hash = Method::Sha512(30_000).hash(&Secret::new(b"pw").unwrap()).unwrap();
        let database = Database {
            users: Table::parse(b"u:x:1:1::/:\n"),
            shadows: Table::parse(format!("u:{hash}:1::::::\n").as_bytes()),
            ..Database::default()
        };
        let defs = Defs::parse(b"ENCRYPT_METHOD SHA512\nSHA_CRYPT_MAX_ROUNDS 30000\n");
        let time = |name: &str| -> Duration {
            let start = qos_sys::usage::of_thread().unwrap();
            assert_eq!(check(&database, &defs, name, &Secret::new(b"no").unwrap(), true), None);
            qos_sys::usage::of_thread().unwrap() - start
        };
        let least = |name| (0..3).map(|_| time(name)).min().unwrap();
        let (known, unknown) = (least("u"), least("nobody"));
        assert!(known < unknown * 2 && unknown < known * 2, "{known:?} {unknown:?}");
    }

    #[test]
    fn lines_for_root() {
        for (text, line, expect) in [
            (None, "pts/1", true),
            (Some(""), "tty1", false),
            (Some("tty1\n ttyS0\n#pts/1\n"), "ttyS0", true),
            (Some("tty1\n ttyS0\n#pts/1\n"), "pts/1", false),
        ] {
            assert_eq!(is_secure(text, line), expect, "{text:?} {line}");
        }
    }

    #[test]
    fn closed_for_users() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("etc")).unwrap();
        assert_eq!(nologin(root.path()), None);
        std::fs::write(root.path().join("etc/nologin"), "").unwrap();
        assert_eq!(nologin(root.path()).as_deref(), Some("The system is not open for logins.\n"));
        std::fs::write(root.path().join("etc/nologin"), "Back at noon.\n").unwrap();
        assert_eq!(nologin(root.path()).as_deref(), Some("Back at noon.\n"));
    }
}
