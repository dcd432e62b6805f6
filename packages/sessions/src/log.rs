// SPDX-License-Identifier: MIT OR Apache-2.0
//! The log of logins: a line for each event, appended and never changed.

use crate::fields;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long a writer waits for another one.
const LIMIT: Duration = Duration::from_secs(30);

/// How much of the log's end is looked at for the last event: more than a line has.
const TAIL: u64 = 4096;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The system began; written before the first event of a boot.
    Boot,
    /// A user has logged in.
    Login,
    /// The session that process `pid` began has ended.
    Logout,
    /// Somebody did not get in.
    Fail,
}

impl Kind {
    const ALL: [(Kind, &str); 4] =
        [(Kind::Boot, "boot"), (Kind::Login, "login"), (Kind::Logout, "logout"), (Kind::Fail, "fail")];
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// When, in seconds since 1970-01-01T00:00:00Z.
    pub time: i64,
    /// The process that began the session.
    pub pid: i32,
    /// Name of the user; empty where the system has no user of the name that was typed, which may be a password.
    pub user: String,
    /// The terminal, without `/dev/`.
    pub line: String,
    /// Where the user comes from; empty: from here.
    pub host: String,
    /// The kernel's name for the boot (/proc/sys/kernel/random/boot_id).
    pub boot: String,
}

impl Event {
    /// An event of now and this boot, by process `pid`.
    #[must_use]
    pub fn now(kind: Kind, pid: i32, user: &str, line: &str, host: &str) -> Self {
        Event {
            kind,
            time: now(),
            pid,
            user: user.to_owned(),
            line: line.to_owned(),
            host: host.to_owned(),
            boot: boot(),
        }
    }

    /// Its line, with the newline.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut line = String::new();
        let kind = Kind::ALL.iter().find(|(kind, _)| *kind == self.kind).map_or("", |(_, name)| name);
        for (key, value) in [
            ("time", &*self.time.to_string()),
            ("event", kind),
            ("pid", &self.pid.to_string()),
            ("user", &self.user),
            ("line", &self.line),
            ("host", &self.host),
            ("boot", &self.boot),
        ] {
            fields::push(&mut line, key, value);
        }
        line.push('\n');
        line.into_bytes()
    }

    fn parse(line: &str) -> Option<Self> {
        let (mut kind, mut time, mut pid) = (None, None, None);
        let (mut user, mut terminal, mut host, mut boot) = (None, None, None, None);
        for (key, value) in fields::parse(line) {
            match key {
                "time" => time = value.parse().ok(),
                "event" => kind = Kind::ALL.iter().find(|(_, name)| *name == value).map(|(kind, _)| *kind),
                "pid" => pid = value.parse().ok(),
                "user" => user = Some(value),
                "line" => terminal = Some(value),
                "host" => host = Some(value),
                "boot" => boot = Some(value),
                // A later version's.
                _ => {}
            }
        }
        Some(Event {
            kind: kind?,
            time: time?,
            pid: pid?,
            user: user?,
            line: terminal?,
            host: host?,
            boot: boot?,
        })
    }
}

/// Seconds since 1970-01-01T00:00:00Z.
#[must_use]
pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}

/// The kernel's name for this boot.
#[must_use]
pub fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

/// When this boot began, in seconds since 1970-01-01T00:00:00Z (proc_stat(5)).
#[must_use]
pub fn boot_time() -> Option<i64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

/// The events of a log, in order. Lines that are no event, such as one that a crash cut off, are left out.
#[must_use]
pub fn parse(text: &[u8]) -> Vec<Event> {
    let lines = text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    lines.filter_map(|line| Event::parse(std::str::from_utf8(line).ok()?)).collect()
}

/// The file.
#[derive(Debug, Clone)]
pub struct Log {
    path: PathBuf,
}

impl Log {
    /// That of the system under `root`.
    #[must_use]
    pub fn of(root: &Path) -> Self {
        Log { path: root.join("var/log/logins") }
    }

    /// That at `path`.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Log { path: path.to_owned() }
    }

    /// Appends `event`, and puts it on the disk. Before the first one of a boot, the boot is an event of its own.
    ///
    /// # Errors
    /// As in open(2), write(2), fdatasync(2), with the path.
    pub fn append(&self, event: &Event) -> io::Result<()> {
        self.try_append(event).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {}", self.path.display(), qos_sys::error_text(&error)))
        })
    }

    /// What a writer locks: a file that only root can open. Whoever can read the log could lock the log itself, and keep
    /// logins waiting.
    fn lock(&self) -> PathBuf {
        let mut name = OsString::from(".");
        name.push(self.path.file_name().unwrap_or_default());
        name.push(".lock");
        self.path.with_file_name(name)
    }

    fn try_append(&self, event: &Event) -> io::Result<()> {
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory)?;
        }
        let lock =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(self.lock())?;
        qos_sys::lock::exclusive(&lock, LIMIT)?;
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).mode(0o644).open(&self.path)?;
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        let end = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if end < tail.len() {
            // What a crash cut off could be read as a whole line, with a value that is not what was written.
            tail.truncate(end);
            file.set_len(length.saturating_sub(TAIL) + end as u64)?;
        }
        let mut text = Vec::new();
        if parse(&tail).last().is_none_or(|last| last.boot != event.boot) {
            let time = boot_time().unwrap_or(event.time);
            let nothing = String::new;
            let boot = Event { kind: Kind::Boot, time, user: nothing(), line: nothing(), ..event.clone() };
            text.extend(Event { host: nothing(), pid: 1, ..boot }.write());
        }
        text.extend(event.write());
        file.write_all(&text)?;
        file.sync_data()
    }

    /// The events, in order. It needs no lock: a line that is being written is no event yet.
    ///
    /// # Errors
    /// As in open(2) and read(2), with the path.
    pub fn read(&self) -> io::Result<Vec<Event>> {
        let text = fs::read(&self.path).map_err(|error| {
            let text = format!("cannot open {}: {}", self.path.display(), qos_sys::error_text(&error));
            io::Error::new(error.kind(), text)
        })?;
        Ok(parse(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    fn event(kind: Kind, boot: &str, user: &str) -> Event {
        Event { boot: boot.into(), time: 1 << 40, ..Event::now(kind, 7, user, "tty1", "") }
    }

    #[test]
    fn a_torn_tail_loses_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let log = Log::of(root.path());
        assert_eq!(log.read().unwrap_err().kind(), io::ErrorKind::NotFound);
        for user in ["a", "b c"] {
            log.append(&event(Kind::Login, "one", user)).unwrap();
        }
        let whole = fs::read(root.path().join("var/log/logins")).unwrap();
        // The log is cut off at each byte of its last line, as by a crash, and written on.
        let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        for end in last..whole.len() {
            fs::write(root.path().join("var/log/logins"), &whole[..end]).unwrap();
            log.append(&event(Kind::Login, "one", "d")).unwrap();
            let users: Vec<_> = log.read().unwrap().into_iter().map(|event| event.user).collect();
            assert_eq!(users, ["", "a", "d"], "{end}");
        }
    }

    #[test]
    fn boots_are_events() {
        let root = tempfile::tempdir().unwrap();
        let log = Log::of(root.path());
        for boot in ["one", "one", "two"] {
            log.append(&event(Kind::Login, boot, "a")).unwrap();
        }
        let events = log.read().unwrap();
        let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [Kind::Boot, Kind::Login, Kind::Login, Kind::Boot, Kind::Login]);
        assert_eq!(events[4], event(Kind::Login, "two", "a"));
    }

    #[test]
    fn a_reader_holds_nobody_up() {
        let root = tempfile::tempdir().unwrap();
        // Locks of fcntl(2) are those of a process: another one has this one's.
        if let Some(path) = std::env::var_os("QOS_TEST_LOCKED_LOG") {
            Log::at(Path::new(&path)).append(&event(Kind::Login, "one", "b")).unwrap();
            return;
        }
        let log = Log::at(&root.path().join("log"));
        log.append(&event(Kind::Login, "one", "a")).unwrap();
        let mode = |name| fs::metadata(root.path().join(name)).unwrap().mode() & 0o777;
        assert_eq!((mode("log") & 0o600, mode(".log.lock")), (0o600, 0o600));
        // Stronger than the lock for which reading the file is enough.
        let file = OpenOptions::new().write(true).open(root.path().join("log")).unwrap();
        qos_sys::lock::exclusive(&file, Duration::ZERO).unwrap();
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "log::tests::a_reader_holds_nobody_up"]);
        command.env("QOS_TEST_LOCKED_LOG", root.path().join("log")).stdout(std::process::Stdio::null());
        let start = std::time::Instant::now();
        assert!(command.status().unwrap().success() && start.elapsed() < LIMIT / 2);
        drop(file);
        let users: Vec<_> = log.read().unwrap().into_iter().map(|event| event.user).collect();
        assert_eq!(users, ["", "a", "b"]);
    }

    #[test]
    fn eight_at_once() {
        let root = tempfile::tempdir().unwrap();
        // Locks of fcntl(2) are those of a process, so the writers are processes: this test's own program, eight times.
        if let Some(path) = std::env::var_os("QOS_TEST_LOG") {
            let log = Log::at(Path::new(&path));
            (0..25).for_each(|_| log.append(&event(Kind::Login, "one", "a")).unwrap());
            return;
        }
        let path = root.path().join("log");
        let program = std::env::current_exe().unwrap();
        let spawn = |_| {
            let mut command = std::process::Command::new(&program);
            command.args(["--exact", "log::tests::eight_at_once"]).env("QOS_TEST_LOG", &path);
            command.stdout(std::process::Stdio::null()).spawn().unwrap()
        };
        for mut child in (0..8).map(spawn).collect::<Vec<_>>() {
            assert!(child.wait().unwrap().success());
        }
        let events = Log::at(&path).read().unwrap();
        assert_eq!(events.len(), 201);
        assert_eq!(events.iter().filter(|event| event.kind == Kind::Boot).count(), 1);
    }
}
