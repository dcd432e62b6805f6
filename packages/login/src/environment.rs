// SPDX-License-Identifier: MIT OR Apache-2.0
//! The environment of a session, and its shell.

use qos_accounts::{Defs, User};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// PATH where login.defs(5) has none.
const ROOT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const USER_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// HOME, SHELL, USER, LOGNAME and PATH of `user`.
pub fn variables(user: &User, defs: &Defs) -> Vec<(&'static str, OsString)> {
    vec![
        ("HOME", user.home.clone().into()),
        ("SHELL", shell(user).into()),
        ("USER", user.name.clone().into()),
        ("LOGNAME", user.name.clone().into()),
        ("PATH", path(user.uid, defs).into()),
    ]
}

/// PATH by ENV_SUPATH or ENV_PATH of login.defs(5), which may begin with `PATH=`.
fn path(uid: u32, defs: &Defs) -> String {
    let (key, default) = if uid == 0 { ("ENV_SUPATH", ROOT_PATH) } else { ("ENV_PATH", USER_PATH) };
    let value = defs.get(key).unwrap_or(default);
    value.strip_prefix("PATH=").unwrap_or(value).to_owned()
}

/// The program of `user`'s sessions.
pub fn shell(user: &User) -> PathBuf {
    if user.shell.as_os_str().is_empty() { "/bin/sh".into() } else { user.shell.clone() }
}

/// `argv[0]` of `shell`: its name, with a `-` before it for a login shell.
pub fn argv0(shell: &Path, is_login: bool) -> OsString {
    let mut name = OsString::from(if is_login { "-" } else { "" });
    name.push(shell.file_name().unwrap_or(OsStr::new("sh")));
    name
}

/// The mask of new files' permissions: UMASK of login.defs(5).
pub fn umask(defs: &Defs) -> u32 {
    u32::try_from(defs.number("UMASK", 0o022)).unwrap_or(0o022) & 0o777
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let mut user = User {
            name: "u".into(),
            password: "x".into(),
            uid: 1,
            gid: 1,
            comment: "".into(),
            home: "/home/u".into(),
            shell: "".into(),
        };
        let defs = Defs::parse(b"ENV_SUPATH PATH=/sbin\nENV_PATH /bin\nUMASK 027\n");
        let of = |user: &User, key| {
            let found = variables(user, &defs).into_iter().find(|(known, _)| *known == key);
            found.map(|(_, value)| value.into_string().unwrap())
        };
        for (key, expect) in
            [("HOME", "/home/u"), ("SHELL", "/bin/sh"), ("USER", "u"), ("LOGNAME", "u"), ("PATH", "/bin")]
        {
            assert_eq!(of(&user, key).as_deref(), Some(expect), "{key}");
        }
        user.uid = 0;
        assert_eq!(of(&user, "PATH").as_deref(), Some("/sbin"));
        assert_eq!((umask(&defs), umask(&Defs::default())), (0o027, 0o022));
        assert_eq!(argv0(Path::new("/bin/sh"), true), "-sh");
        assert_eq!(argv0(Path::new("/bin/sh"), false), "sh");
    }
}
