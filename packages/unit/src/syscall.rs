// SPDX-License-Identifier: MIT OR Apache-2.0
//! Filters of system calls: names, groups, and the lists that `SystemCallFilter=` makes of them (systemd.exec(5)).

mod groups;
mod numbers;

use crate::errno;
use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use groups::GROUPS;
pub use numbers::all;

/// What happens to a process that makes a refused call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// SIGSYS ends it.
    Kill,
    /// The call fails with this error.
    Errno(u16),
}

impl Refusal {
    /// Reads `kill` or an error.
    ///
    /// # Errors
    /// When `text` is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "kill" { Ok(Refusal::Kill) } else { errno::number(text).map(Refusal::Errno) }
    }
}

/// The calls that a service may make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SystemCalls {
    /// All calls that are not in `calls` are refused; otherwise they are allowed.
    pub allow: bool,
    /// Calls by number. In an allow list, `Some` is a refused call with a refusal of its own. In a deny list, `None` is a call that is
    /// refused as `SystemCallErrorNumber=` says.
    pub calls: BTreeMap<u32, Option<Refusal>>,
}

impl SystemCalls {
    /// Whether the call is allowed.
    #[must_use]
    pub fn allows(&self, number: u32) -> bool {
        match self.calls.get(&number) {
            Some(refusal) => self.allow && refusal.is_none(),
            None => !self.allow,
        }
    }

    /// Whether it refuses anything.
    #[must_use]
    pub fn is_filter(&self) -> bool {
        self.allow || !self.calls.is_empty()
    }

    /// Adds the words of one assignment; an allow list begins with the calls that every program needs.
    ///
    /// # Errors
    /// Names words that are no calls; the others are added.
    pub fn assign(list: &mut Option<Self>, inverted: bool, words: &[String]) -> Result<(), String> {
        let list = list.get_or_insert_with(|| {
            let calls = if inverted { Vec::new() } else { members("@default") };
            SystemCalls { allow: !inverted, calls: calls.into_iter().map(|call| (call, None)).collect() }
        });
        let mut failed = Ok(());
        for word in words {
            if let Err(reason) = list.add(inverted, word) {
                failed = Err(reason);
            }
        }
        failed
    }

    fn add(&mut self, inverted: bool, word: &str) -> Result<(), String> {
        let (name, refusal) = match word.split_once(':') {
            None => (word, None),
            Some(_) if !inverted => return Err(format!("{word:?}: an allowed call has no error")),
            Some((name, refusal)) => (name, Some(Refusal::parse(refusal)?)),
        };
        let calls = match (name.strip_prefix('@'), number(name)) {
            (Some(_), _) if GROUPS.iter().all(|(known, _)| *known != name) => {
                return Err(format!("{name:?} is no group of system calls"));
            }
            (Some(_), _) => members(name),
            (None, Some(number)) => vec![number],
            // Units name calls of other architectures beside those of their own.
            (None, None) if OF_OTHERS.split(' ').any(|known| known == name) => Vec::new(),
            (None, None) => return Err(format!("{name:?} is no system call")),
        };
        for call in calls {
            if inverted != self.allow || refusal.is_some() {
                self.calls.insert(call, refusal);
            } else {
                self.calls.remove(&call);
            }
        }
        Ok(())
    }
}

/// Calls of other architectures that unit files name.
const OF_OTHERS: &str = "\
_llseek _newselect arm_fadvise64_64 bdflush break cacheflush chown32 clock_adjtime64 clock_getres_time64 \
clock_gettime64 clock_nanosleep_time64 clock_settime64 fadvise64_64 fchown32 fcntl64 fstat64 fstatat64 fstatfs64 \
ftime ftruncate64 futex_time64 getegid32 geteuid32 getgid32 getgroups32 getresgid32 getresuid32 getuid32 gtty idle \
io_pgetevents_time64 ipc lchown32 lock lstat64 mmap2 mpx mq_timedreceive_time64 mq_timedsend_time64 nice oldfstat \
oldlstat oldolduname oldstat olduname pciconfig_iobase pciconfig_read pciconfig_write ppoll_time64 prof profil \
pselect6_time64 readdir recv recvmmsg_time64 riscv_flush_icache riscv_hwprobe rt_sigtimedwait_time64 rtas \
s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr sched_rr_get_interval_time64 semtimedop_time64 send \
sendfile64 set_tls setfsgid32 setfsuid32 setgid32 setgroups32 setregid32 setresgid32 setresuid32 setreuid32 \
setuid32 sgetmask sigaction signal sigpending sigprocmask sigreturn sigsuspend socketcall ssetmask stat64 statfs64 \
stime stty subpage_prot swapcontext switch_endian sync_file_range2 sys_debug_setcontext timer_gettime64 \
timer_settime64 timerfd_gettime64 timerfd_settime64 truncate64 ugetrlimit ulimit umount utimensat_time64 vm86 \
vm86old waitpid";

/// The number of a system call.
#[must_use]
pub fn number(name: &str) -> Option<u32> {
    // A unit with `@system-service` asks for hundreds of names, so that they are searched by halves.
    static SORTED: OnceLock<Vec<(&str, u32)>> = OnceLock::new();
    let sorted = SORTED.get_or_init(|| {
        let mut sorted: Vec<_> = all().collect();
        sorted.sort_unstable();
        sorted
    });
    sorted.binary_search_by_key(&name, |(known, _)| *known).ok().map(|at| sorted[at].1)
}

/// The name of a system call.
#[must_use]
pub fn name(number: u32) -> Option<&'static str> {
    all().find(|(_, known)| *known == number).map(|(name, _)| name)
}

/// The calls of a group and of the groups that it contains, in the order of the table; none of an unknown group.
#[must_use]
pub fn members(group: &str) -> Vec<u32> {
    let mut calls = Vec::new();
    let words = GROUPS.iter().find(|(known, _)| *known == group).map_or("", |(_, words)| *words);
    for word in words.split(' ') {
        if word.starts_with('@') {
            calls.extend(members(word));
        } else {
            calls.extend(number(word));
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list of `assignments`, each with `~` or without, and what was wrong.
    fn list(assignments: &[&str]) -> (SystemCalls, Vec<String>) {
        let (mut list, mut wrong) = (None, Vec::new());
        for text in assignments {
            let (inverted, text) = text.strip_prefix('~').map_or((false, *text), |text| (true, text));
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            wrong.extend(SystemCalls::assign(&mut list, inverted, &words).err());
        }
        (list.unwrap(), wrong)
    }

    fn allows(list: &SystemCalls, name: &str) -> bool {
        list.allows(number(name).unwrap_or_else(|| panic!("{name}")))
    }

    #[test]
    fn tables() {
        for (name, expected) in
            [("read", 0), ("execveat", 322), ("uretprobe", 335), ("pidfd_send_signal", 424), ("clone3", 435)]
        {
            assert_eq!((number(name), super::name(expected)), (Some(expected), Some(name)));
        }
        assert_eq!((number("nothing"), super::name(400), all().count()), (None, None, 382));
        for (group, words) in GROUPS {
            for word in words.split(' ') {
                let known = number(word).is_some() || GROUPS.iter().any(|(other, _)| *other == word);
                assert!(known, "{word} of {group}");
            }
        }
        assert_eq!(members("@swap").len(), 2);
        assert!(members("@system-service").contains(&0) && members("@nothing").is_empty());
    }

    #[test]
    fn allow_lists() {
        let (calls, wrong) = list(&["@system-service", "~@privileged @resources"]);
        assert_eq!(wrong, Vec::<String>::new());
        for name in ["read", "socket", "execve", "clone3"] {
            assert!(allows(&calls, name), "{name}");
        }
        for name in ["mount", "chown", "setuid", "setpriority", "reboot"] {
            assert!(!allows(&calls, name), "{name}");
        }
        // A refusal of its own stays in the list.
        let (calls, _) = list(&["@system-service", "~chown:EACCES setuid:kill"]);
        assert_eq!(calls.calls[&number("chown").unwrap()], Some(Refusal::Errno(13)));
        assert_eq!(calls.calls[&number("setuid").unwrap()], Some(Refusal::Kill));
        assert!(!allows(&calls, "chown"));
        // What was refused is allowed again by the last word.
        assert!(allows(&list(&["read", "~read", "read"]).0, "read"));
    }

    #[test]
    fn deny_lists() {
        let (calls, wrong) = list(&["~@clock settimeofday:EPERM nonsense umount", "adjtimex"]);
        assert_eq!(wrong, ["\"nonsense\" is no system call"]);
        assert_eq!(list(&["~@nothing"]).1, ["\"@nothing\" is no group of system calls"]);
        assert!(!calls.allow && allows(&calls, "read") && allows(&calls, "adjtimex"));
        assert!(!allows(&calls, "settimeofday") && !allows(&calls, "clock_settime"));
        assert!(list(&["~read:EWRONG"]).1[0].contains("EWRONG"));
        assert!(list(&["read:EPERM"]).1[0].contains("an allowed call has no error"));
        assert!(!list(&["~nonsense"]).0.is_filter());
    }
}
