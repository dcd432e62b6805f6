// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a child does before it becomes its program.

use std::ffi::CString;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// For reading.
    Read,
    /// For writing, from its beginning; it is made where it is missing.
    Write,
    /// For writing; what it had is gone.
    Truncate,
    /// For writing at its end.
    Append,
}

/// A step; each is one system call or a few. The numbers of exit statuses are systemd's (systemd.exec(5), "Process Exit Codes").
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Writes the bytes to a file that is there: the process joins a control group.
    Write(CString, Vec<u8>),
    /// The adjustment of the OOM killer's score, from -1000 to 1000; a process that may not have it goes on without.
    OomScore(i32),
    /// The nice value, or the nearest one that the process may have.
    Nice(i32),
    /// A limit of setrlimit(2): number, soft, hard; `None` is infinity. A process that may not have so much gets what it may have.
    Limit(u32, Option<u64>, Option<u64>),
    /// File mode creation mask.
    Umask(u32),
    /// A session of its own, with a session keyring of its own (session-keyring(7)) where the kernel has keys.
    Session,
    /// The terminal becomes some of the descriptors 0 to 2, and controls the session (by force, where another has it).
    Terminal {
        /// Its path.
        path: CString,
        /// Which descriptors.
        descriptors: [bool; 3],
        /// It controls the session.
        control: bool,
        /// Also where it is another session's.
        force: bool,
    },
    /// Opens a file, which becomes some of the descriptors 0 to 2. What is waited for, as for the other end of a FIFO, is waited
    /// for by the child.
    Open {
        /// Its path.
        path: CString,
        /// How.
        how: Access,
        /// Which descriptors.
        descriptors: [bool; 3],
    },
    /// New namespaces: CLONE_NEWNS and its sisters.
    Unshare(i32),
    /// Sets the interface `lo` up, which is down in a new network namespace. That it cannot be is no failure, as in systemd.
    Loopback,
    /// mount(2): source, target, type, flags, options; and whether it may fail.
    Mount(CString, CString, CString, u64, CString, bool),
    /// Makes all mounts from a path on read-only, or writable; and whether it may fail.
    ReadOnly(CString, bool, bool),
    /// Makes a directory that may be there.
    Directory(CString, u32),
    /// Makes an empty file that may be there.
    File(CString),
    /// Makes a symbolic link: target, path.
    Link(CString, CString),
    /// Changes the root directory.
    Chroot(CString),
    /// Changes the working directory; and whether it may be missing.
    Chdir(CString, bool),
    /// Leaves only the capabilities of the mask in the bounding set.
    Bounding(u64),
    /// Supplementary groups.
    Groups(Vec<u32>),
    /// The group.
    Group(u32),
    /// The user; the capabilities of the mask become ambient, and are the only ones that a user other than root keeps.
    User(u32, u64),
    /// The process and its children get no privileges by execve(2).
    NoNewPrivileges,
    /// A seccomp filter: instructions of BPF as (code, jt, jf, k).
    Filter(Vec<(u16, u8, u8, u32)>),
}

impl Step {
    /// The exit status of a child in which it fails.
    #[must_use]
    pub fn status(&self) -> i32 {
        match self {
            Step::Chdir(..) => 200,
            Step::Nice(_) => 201,
            Step::Limit(..) => 205,
            Step::OomScore(_) => 206,
            Step::Terminal { .. } => 208,
            Step::Open { descriptors: [true, ..], .. } => 208,
            Step::Open { descriptors: [_, true, _], .. } => 209,
            Step::Open { .. } => 222,
            Step::Chroot(_) => 210,
            Step::Groups(_) | Step::Group(_) => 216,
            Step::User(..) => 217,
            Step::Bounding(_) => 218,
            Step::Write(..) => 219,
            Step::Session => 220,
            Step::Unshare(flags) if flags & libc::CLONE_NEWNET != 0 => 225,
            Step::Unshare(_) | Step::Mount(..) | Step::ReadOnly(..) => 226,
            Step::Directory(..) | Step::File(_) | Step::Link(..) => 226,
            Step::NoNewPrivileges => 227,
            Step::Filter(_) => 228,
            Step::Umask(_) | Step::Loopback => 1,
        }
    }

    /// The step in words, for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        let text = |path: &CString| path.to_string_lossy().into_owned();
        match self {
            Step::Write(path, _) => format!("write to {}", text(path)),
            Step::OomScore(score) => format!("set the OOM score adjustment {score}"),
            Step::Nice(nice) => format!("set the nice value {nice}"),
            Step::Limit(number, ..) => format!("set resource limit {number}"),
            Step::Umask(_) => "set the umask".into(),
            Step::Session => "make a session".into(),
            Step::Terminal { path, .. } => format!("open terminal {}", text(path)),
            Step::Open { path, .. } => format!("open {}", text(path)),
            Step::Unshare(_) => "make namespaces".into(),
            Step::Loopback => "set lo up".into(),
            Step::Mount(source, target, ..) => format!("mount {} on {}", text(source), text(target)),
            Step::ReadOnly(path, ..) => format!("change mounts of {}", text(path)),
            Step::Directory(path, _) | Step::File(path) => format!("make {}", text(path)),
            Step::Link(_, path) => format!("make the link {}", text(path)),
            Step::Chroot(path) => format!("change root to {}", text(path)),
            Step::Chdir(path, _) => format!("change to directory {}", text(path)),
            Step::Bounding(_) => "set the capability bounding set".into(),
            Step::Groups(_) | Step::Group(_) => "set the group".into(),
            Step::User(user, _) => format!("become user {user}"),
            Step::NoNewPrivileges => "give up privileges".into(),
            Step::Filter(_) => "set the system call filter".into(),
        }
    }

    /// The step with what needs memory of its own.
    pub(super) fn prepare(&self) -> Prepared<'_> {
        let filter = match self {
            Step::Filter(program) => {
                program.iter().map(|&(code, jt, jf, k)| libc::sock_filter { code, jt, jf, k }).collect()
            }
            _ => Vec::new(),
        };
        let text = match self {
            Step::OomScore(score) => score.to_string().into_bytes(),
            _ => Vec::new(),
        };
        Prepared { step: self, filter, text }
    }
}

/// A step that needs no memory any more.
pub(super) struct Prepared<'a> {
    pub step: &'a Step,
    pub filter: Vec<libc::sock_filter>,
    /// Bytes for a file of /proc.
    pub text: Vec<u8>,
}
