// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sessions that there are: a file for each, named by the process that began it.

use crate::fields;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A user's session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Session {
    /// The process that began it and ends it.
    pub pid: i32,
    /// When that process began, in clock ticks after the boot (proc_pid_stat(5)): another of its number is not it.
    pub start: u64,
    /// Name of the user.
    pub user: String,
    /// Number of the user.
    pub uid: u32,
    /// The terminal, without `/dev/`.
    pub line: String,
    /// Where the user comes from; empty: from here.
    pub host: String,
    /// When it began, in seconds since 1970-01-01T00:00:00Z.
    pub time: i64,
}

impl Session {
    /// Reads the text of a file.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut session = Session::default();
        let mut found = 0;
        for (key, value) in fields::parse(std::str::from_utf8(text).ok()?) {
            match key {
                "pid" => session.pid = value.parse().ok()?,
                "start" => session.start = value.parse().ok()?,
                "user" => session.user = value,
                "uid" => session.uid = value.parse().ok()?,
                "line" => session.line = value,
                "host" => session.host = value,
                "time" => session.time = value.parse().ok()?,
                // A later version's.
                _ => continue,
            }
            found += 1;
        }
        (found >= 7).then_some(session)
    }

    /// The text of a file.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut text = String::new();
        for (key, value) in [
            ("pid", &self.pid.to_string()),
            ("start", &self.start.to_string()),
            ("user", &self.user),
            ("uid", &self.uid.to_string()),
            ("line", &self.line),
            ("host", &self.host),
            ("time", &self.time.to_string()),
        ] {
            let mut field = String::new();
            fields::push(&mut field, key, value);
            text += &field;
            text.push('\n');
        }
        text.into_bytes()
    }
}

/// The directory of sessions.
#[derive(Debug, Clone)]
pub struct Sessions {
    directory: PathBuf,
    proc: PathBuf,
}

impl Sessions {
    /// That of the system under `root`.
    #[must_use]
    pub fn of(root: &Path) -> Self {
        Sessions { directory: root.join("run/sessions"), proc: root.join("proc") }
    }

    /// Records `session`. Its `start` is filled in.
    ///
    /// # Errors
    /// As in open(2), write(2) and rename(2), with the path.
    pub fn open(&self, mut session: Session) -> io::Result<()> {
        session.start = self.start_of(session.pid).unwrap_or(0);
        let path = self.directory.join(session.pid.to_string());
        let new = self.directory.join(format!(".{}", session.pid));
        let write = || {
            fs::DirBuilder::new().recursive(true).mode(0o755).create(&self.directory)?;
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(&new)?;
            file.write_all(&session.write())?;
            fs::rename(&new, &path)
        };
        write().map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {}", path.display(), qos_sys::error_text(&error)))
        })
    }

    /// Removes the session that process `pid` began.
    ///
    /// # Errors
    /// As in unlink(2).
    pub fn close(&self, pid: i32) -> io::Result<()> {
        fs::remove_file(self.directory.join(pid.to_string()))
    }

    /// The sessions whose process runs, by the time they began. Files that a killed process left are not counted.
    ///
    /// # Errors
    /// As in opendir(3); without the directory there are none.
    pub fn list(&self) -> io::Result<Vec<Session>> {
        let entries = match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut sessions = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            // It may have ended since.
            let session = fs::read(entry.path()).ok().and_then(|text| Session::parse(&text));
            sessions.extend(session.filter(|session| self.runs(session)));
        }
        sessions.sort_by_key(|session| (session.time, session.pid));
        Ok(sessions)
    }

    fn runs(&self, session: &Session) -> bool {
        self.start_of(session.pid).is_some_and(|start| start == session.start)
    }

    /// When process `pid` began: field 22 of its `stat`. The name before it may have blanks and parentheses.
    fn start_of(&self, pid: i32) -> Option<u64> {
        let stat = fs::read(self.proc.join(pid.to_string()).join("stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat);
        stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(pid: u32) -> Session {
        Session {
            pid: i32::try_from(pid).unwrap(),
            start: 0,
            user: "a b".into(),
            uid: 1000,
            line: "pts/3".into(),
            host: "".into(),
            // Long after 2038.
            time: 1 << 40,
        }
    }

    #[test]
    fn text() {
        let session = Session { start: 77, ..session(12) };
        let text = session.write();
        assert_eq!(
            String::from_utf8_lossy(&text),
            "pid=12\nstart=77\nuser=a%20b\nuid=1000\nline=pts/3\nhost=\ntime=1099511627776\n"
        );
        assert_eq!(Session::parse(&text), Some(session.clone()));
        assert_eq!(Session::parse(&[&text[..], b"new=1\n"].concat()), Some(session));
        // A file that was cut off is no session.
        assert_eq!(Session::parse(&text[..text.len() - 22]), None);
        assert_eq!(Session::parse(b"pid=x\n"), None);
    }

    #[test]
    fn only_what_runs() {
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/proc", root.path().join("proc")).unwrap();
        let sessions = Sessions::of(root.path());
        assert_eq!(sessions.list().unwrap(), []);
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        sessions.open(session(child.id())).unwrap();
        sessions.open(session(std::process::id())).unwrap();
        let users = |sessions: &Sessions| sessions.list().unwrap().len();
        assert_eq!(users(&sessions), 2);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(users(&sessions), 1);
        sessions.close(i32::try_from(std::process::id()).unwrap()).unwrap();
        assert_eq!(users(&sessions), 0);
    }
}
