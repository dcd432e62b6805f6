// SPDX-License-Identifier: MIT OR Apache-2.0
//! Filters of system calls for a service's keys, as programs of BPF (seccomp(2)).
//!
//! The rules are those of systemd: each key refuses the same calls with the same error. Three differences make a filter stricter. A
//! process with a filter makes calls of x86_64 only: one of i386 or x32 ends it. RestrictRealtime= refuses sched_setattr(2) as well,
//! whose policy a filter cannot see. RestrictSUIDSGID= covers files made with O_TMPFILE.

use qos_unit::syscall::{Refusal, SystemCalls, members, number};
use qos_unit::{ALL_NAMESPACES, NAMESPACES, Sandbox, family};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};
use std::collections::{BTreeMap, BTreeSet};

/// Instructions of BPF: code, jt, jf, k.
pub type Program = Vec<(u16, u8, u8, u32)>;

const EPERM: Refusal = Refusal::Errno(1);
const ENOSYS: Refusal = Refusal::Errno(38);
const EAFNOSUPPORT: Refusal = Refusal::Errno(97);

const O_CREAT: u64 = 0o100;
const O_TMPFILE: u64 = 0o20_000_000;
const S_ISUID: u64 = 0o4000;
const S_ISGID: u64 = 0o2000;
const PROT_WRITE: u64 = 2;
const PROT_EXEC: u64 = 4;
const SHM_EXEC: u64 = 0o100_000;

/// SCHED_FIFO, SCHED_RR and the number between SCHED_BATCH and SCHED_IDLE; SCHED_IDLE is the last that is allowed.
const REALTIME: [u64; 3] = [1, 2, 4];
const SCHED_IDLE: u64 = 5;

/// Calls that make a file or change its mode, and the argument that is the mode.
const MODES: [(&str, u8); 9] = [
    ("chmod", 1),
    ("fchmod", 1),
    ("fchmodat", 2),
    ("fchmodat2", 2),
    ("mkdir", 1),
    ("mkdirat", 2),
    ("mknod", 1),
    ("mknodat", 2),
    ("creat", 1),
];

/// Calls that open a file, and the argument that is the flags; the mode follows.
const OPENS: [(&str, u8); 2] = [("open", 1), ("openat", 2)];

/// The programs for a sandbox, in the order in which the kernel has to get them; none if no key asks for a filter.
///
/// # Errors
/// When the rules make no program: a program is limited to 4096 instructions.
pub fn programs(sandbox: &Sandbox) -> Result<Vec<Program>, String> {
    let mut rules = Rules::default();
    protections(sandbox, &mut rules);
    memory_and_scheduling(sandbox, &mut rules);
    modes(sandbox, &mut rules);
    namespaces(sandbox, &mut rules);
    families(sandbox, &mut rules);
    let mut programs = Vec::new();
    for (refusal, calls) in rules.0 {
        programs.push(calls.program(SeccompAction::Allow, action(refusal))?);
    }
    if let Some(list) = sandbox.system_calls.as_ref().filter(|list| list.is_filter()) {
        let default = sandbox.system_call_error.map_or(Refusal::Kill, Refusal::Errno);
        programs.extend(listed(list, default)?);
    }
    if programs.is_empty() && !sandbox.architectures.is_empty() {
        // The check of the architecture is all of it.
        programs.push(Calls::default().program(SeccompAction::Allow, SeccompAction::KillProcess)?);
    }
    Ok(programs)
}

/// Calls that keys refuse whatever their arguments are.
fn protections(sandbox: &Sandbox, rules: &mut Rules) {
    for (on, group) in [
        (sandbox.protect_modules, "@module"),
        (sandbox.protect_clock, "@clock"),
        (sandbox.private_devices, "@raw-io"),
    ] {
        for call in members(group).into_iter().filter(|_| on) {
            rules.refuse(EPERM).always.insert(call);
        }
    }
    for (on, names) in [
        (sandbox.protect_kernel_logs, &["syslog"][..]),
        (sandbox.protect_hostname, &["sethostname", "setdomainname"]),
        (sandbox.protect_tunables, &["_sysctl"]),
    ] {
        for name in names.iter().filter(|_| on) {
            rules.always(EPERM, name);
        }
    }
}

fn memory_and_scheduling(sandbox: &Sandbox, rules: &mut Rules) {
    if sandbox.memory_deny_write_execute {
        let both = PROT_WRITE | PROT_EXEC;
        rules.when(EPERM, "mmap", &[(2, bits(both), both)]);
        rules.when(EPERM, "mprotect", &[(2, bits(PROT_EXEC), PROT_EXEC)]);
        rules.when(EPERM, "pkey_mprotect", &[(2, bits(PROT_EXEC), PROT_EXEC)]);
        rules.when(EPERM, "shmat", &[(2, bits(SHM_EXEC), SHM_EXEC)]);
    }
    if sandbox.lock_personality {
        rules.when(EPERM, "personality", &[(0, SeccompCmpOp::Ne, 0)]);
    }
    if sandbox.restrict_realtime {
        for policy in REALTIME {
            rules.when(EPERM, "sched_setscheduler", &[(1, SeccompCmpOp::Eq, policy)]);
        }
        rules.when(EPERM, "sched_setscheduler", &[(1, SeccompCmpOp::Gt, SCHED_IDLE)]);
        rules.always(EPERM, "sched_setattr");
    }
}

/// RestrictSUIDSGID=.
fn modes(sandbox: &Sandbox, rules: &mut Rules) {
    if !sandbox.restrict_suid {
        return;
    }
    for bit in [S_ISUID, S_ISGID] {
        for (name, argument) in MODES {
            rules.when(EPERM, name, &[(argument, bits(bit), bit)]);
        }
        for (name, flags) in OPENS {
            for flag in [O_CREAT, O_TMPFILE] {
                rules.when(EPERM, name, &[(flags, bits(flag), flag), (flags + 1, bits(bit), bit)]);
            }
        }
    }
    // Its flags and mode are behind a pointer; programs use openat(2) where this call is missing.
    rules.always(ENOSYS, "openat2");
}

/// RestrictNamespaces=.
fn namespaces(sandbox: &Sandbox, rules: &mut Rules) {
    let Some(allowed) = sandbox.namespaces.filter(|allowed| *allowed != ALL_NAMESPACES) else { return };
    // Its flags are behind a pointer; C libraries use clone(2) where this call is missing.
    rules.always(ENOSYS, "clone3");
    if allowed == 0 {
        rules.always(EPERM, "setns");
    } else {
        // 0 stands for a namespace of any kind.
        rules.when(EPERM, "setns", &[(1, SeccompCmpOp::Eq, 0)]);
    }
    for (_, flag) in NAMESPACES.iter().filter(|(_, flag)| allowed & flag == 0) {
        let flag = u64::from(*flag);
        for (name, argument) in [("unshare", 0), ("clone", 0), ("setns", 1)] {
            rules.when(EPERM, name, &[(argument, bits(flag), flag)]);
        }
    }
}

/// RestrictAddressFamilies=.
fn families(sandbox: &Sandbox, rules: &mut Rules) {
    let Some(list) = &sandbox.address_families else { return };
    let numbers: Vec<u64> =
        list.names.iter().filter_map(|name| family::number(name)).map(u64::from).collect();
    if list.allow && numbers.is_empty() {
        rules.always(EAFNOSUPPORT, "socket");
    } else if list.allow {
        let others: Vec<_> = numbers.iter().map(|number| (0, SeccompCmpOp::Ne, *number)).collect();
        rules.when(EAFNOSUPPORT, "socket", &others);
    } else {
        for number in numbers {
            rules.when(EAFNOSUPPORT, "socket", &[(0, SeccompCmpOp::Eq, number)]);
        }
    }
}

/// The programs of SystemCallFilter=: one for each way in which calls are refused.
fn listed(list: &SystemCalls, default: Refusal) -> Result<Vec<Program>, String> {
    let loads = number("prctl");
    let mut refused: BTreeMap<Refusal, Calls> = BTreeMap::new();
    for (call, refusal) in list.calls.iter().filter(|(_, refusal)| !list.allow || refusal.is_some()) {
        refused.entry(refusal.unwrap_or(default)).or_default().always.insert(*call);
    }
    // The call that loads a program has to be allowed until the last one is loaded.
    let mut programs = Vec::new();
    for (refusal, calls) in refused {
        let last = loads.is_some_and(|loads| calls.always.contains(&loads));
        programs.push((last, calls.program(SeccompAction::Allow, action(refusal))?));
    }
    if list.allow {
        let calls = Calls { always: list.calls.keys().copied().collect(), ..Calls::default() };
        let last = loads.is_some_and(|loads| !calls.always.contains(&loads));
        programs.push((last, calls.program(action(default), SeccompAction::Allow)?));
    }
    programs.sort_by_key(|(last, _)| *last);
    Ok(programs.into_iter().map(|(_, program)| program).collect())
}

/// Calls that are refused, by the way in which they are.
#[derive(Default)]
struct Rules(BTreeMap<Refusal, Calls>);

/// Calls that a program acts on: always, or when one of the rules holds.
#[derive(Default)]
struct Calls {
    always: BTreeSet<u32>,
    when: BTreeMap<u32, Vec<SeccompRule>>,
}

impl Rules {
    fn refuse(&mut self, refusal: Refusal) -> &mut Calls {
        self.0.entry(refusal).or_default()
    }

    fn always(&mut self, refusal: Refusal, name: &str) {
        self.refuse(refusal).always.extend(number(name));
    }

    /// Refuses a call when all conditions hold: argument, comparison, value. Arguments of these calls have 32 bits.
    fn when(&mut self, refusal: Refusal, name: &str, conditions: &[(u8, SeccompCmpOp, u64)]) {
        let conditions = conditions.iter().map(|(argument, operator, value)| {
            SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, operator.clone(), *value)
        });
        // The library refuses arguments above 5 and rules without conditions: the tables here have none.
        let rule = conditions.collect::<Result<Vec<_>, _>>().and_then(SeccompRule::new);
        if let (Some(call), Ok(rule)) = (number(name), rule) {
            self.refuse(refusal).when.entry(call).or_default().push(rule);
        }
    }
}

/// All of the bits are set.
fn bits(bits: u64) -> SeccompCmpOp {
    SeccompCmpOp::MaskedEq(bits)
}

fn action(refusal: Refusal) -> SeccompAction {
    match refusal {
        Refusal::Kill => SeccompAction::KillProcess,
        Refusal::Errno(error) => SeccompAction::Errno(u32::from(error)),
    }
}

/// Ends a process that makes a call of x32, whose numbers have bit 30: load the number; is it that large; is it -1, which is no call;
/// SECCOMP_RET_KILL_PROCESS.
const NO_X32: [(u16, u8, u8, u32); 4] =
    [(0x20, 0, 0, 0), (0x35, 0, 2, 0x4000_0000), (0x15, 1, 0, u32::MAX), (0x06, 0, 0, 0x8000_0000)];

impl Calls {
    fn program(self, otherwise: SeccompAction, matched: SeccompAction) -> Result<Program, String> {
        let failed = |error: seccompiler::BackendError| format!("filter of system calls: {error}");
        let mut rules = self.when;
        rules.extend(self.always.into_iter().map(|call| (call, Vec::new())));
        let rules = rules.into_iter().map(|(call, rules)| (i64::from(call), rules)).collect();
        let filter = SeccompFilter::new(rules, otherwise, matched, TargetArch::x86_64).map_err(failed)?;
        let program = BpfProgram::try_from(filter).map_err(failed)?;
        let program = program.iter().map(|filter| (filter.code, filter.jt, filter.jf, filter.k));
        Ok(NO_X32.into_iter().chain(program).collect())
    }
}

#[cfg(test)]
mod tests;
