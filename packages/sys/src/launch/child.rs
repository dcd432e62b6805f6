// SPDX-License-Identifier: MIT OR Apache-2.0
//! The child between fork(2) and execve(2). It allocates nothing and takes no lock.

use super::file::write;
use super::step::Prepared as Ready;
use super::tolerant;
use super::{Access, Step};
use crate::error::check;
use crate::signal;
use std::ffi::CStr;
use std::io;
use std::os::fd::RawFd;
use std::ptr;

/// What the child needs.
pub(super) struct Prepared<'a> {
    pub programs: Vec<*const libc::c_char>,
    pub arguments: Vec<*const libc::c_char>,
    pub variables: Vec<*const libc::c_char>,
    /// Where `LISTEN_PID=0000000000` is in the environment.
    pub listen: Option<*mut u8>,
    pub descriptors: Vec<RawFd>,
    pub steps: Vec<Ready<'a>>,
    pub report: RawFd,
    pub ignore_sigpipe: bool,
}

impl Prepared<'_> {
    /// Becomes the program; ends the process when that fails.
    pub fn run(mut self) -> ! {
        let (step, error, status) = match self.until_exec() {
            Ok((step, error)) => (step, error, 203),
            Err((step, error)) => {
                (step, error, self.steps.get(step).map_or(202, |ready| ready.step.status()))
            }
        };
        let mut report = [0; 8];
        report[..4].copy_from_slice(&(step as u32).to_ne_bytes());
        report[4..].copy_from_slice(&error.to_ne_bytes());
        // SAFETY: the pointer and the length are those of one array; _exit ends the process without running anything of the parent's.
        unsafe {
            libc::write(self.report, report.as_ptr().cast(), report.len());
            libc::_exit(status)
        }
    }

    /// Comes back with the number of a step and an error, as a failure of that step or of execve(2).
    fn until_exec(&mut self) -> Result<(usize, i32), (usize, i32)> {
        let count = self.steps.len();
        let number = |error: io::Error| error.raw_os_error().unwrap_or(libc::EIO);
        self.signals();
        self.place_descriptors().map_err(|error| (count, number(error)))?;
        for (at, ready) in self.steps.iter().enumerate() {
            ready.run().map_err(|error| (at, number(error)))?;
        }
        if let Some(listen) = self.listen {
            // SAFETY: the bytes are those that `launch` made room for: 11 of the name, 10 digits, NUL.
            let digits = unsafe { std::slice::from_raw_parts_mut(listen.add(11), 10) };
            let mut rest = std::process::id();
            let mut length = 0;
            for _ in 0..10 {
                digits.rotate_right(1);
                digits[0] = b'0' + (rest % 10) as u8;
                rest /= 10;
                length += 1;
                if rest == 0 {
                    break;
                }
            }
            if length < 10 {
                digits[length] = 0;
            }
        }
        let mut error = libc::ENOENT;
        for program in self.programs.iter().filter(|program| !program.is_null()) {
            // SAFETY: all three are arrays of pointers to C strings that end with a null pointer, and live in the caller's frame.
            unsafe { libc::execve(*program, self.arguments.as_ptr(), self.variables.as_ptr()) };
            error = number(io::Error::last_os_error());
            if error != libc::ENOENT && error != libc::ENOTDIR {
                break;
            }
        }
        Ok((count, error))
    }

    /// Default effects, and no signal blocked.
    fn signals(&self) {
        for number in 1..=64 {
            let handler =
                if number == libc::SIGPIPE && self.ignore_sigpipe { libc::SIG_IGN } else { libc::SIG_DFL };
            // SAFETY: a constant is no function; numbers that cannot be set are refused.
            unsafe { libc::signal(number, handler) };
        }
        // SAFETY: an initialized set, and null for "no old set".
        unsafe { libc::sigprocmask(libc::SIG_SETMASK, &signal::empty(), ptr::null_mut()) };
    }

    /// Puts the descriptors at 0, 1, 2 and on, with nothing else open in the program.
    fn place_descriptors(&mut self) -> io::Result<()> {
        let above = self.descriptors.len() as libc::c_int + 3;
        // SAFETY (of all in this function): descriptors are numbers, which the kernel checks; none of them is used by the child
        // otherwise, and the parent has its own table.
        let copy = |descriptor: RawFd| {
            // SAFETY: as above.
            check(unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, above) })
        };
        self.report = copy(self.report)?;
        for descriptor in &mut self.descriptors {
            *descriptor = copy(*descriptor)?;
        }
        for (target, descriptor) in self.descriptors.iter().enumerate() {
            // SAFETY: as above.
            check(unsafe { libc::dup2(*descriptor, target as libc::c_int) })?;
        }
        // Nothing else of the manager stays open while the steps are done, which may take long: who talks with the manager waits
        // for the end of the connection. Old kernels lack the second call, and execve(2) closes what is left.
        let report = self.descriptors.len() as RawFd;
        // SAFETY: as above.
        self.report = check(unsafe { libc::dup3(self.report, report, libc::O_CLOEXEC) })?;
        // SAFETY: as above.
        unsafe { libc::syscall(libc::SYS_close_range, report + 1, libc::c_uint::MAX, 0) };
        Ok(())
    }
}

fn may_fail(result: io::Result<()>, may: bool) -> io::Result<()> {
    if may { Ok(()) } else { result }
}

impl Ready<'_> {
    fn run(&self) -> io::Result<()> {
        // SAFETY of the calls below: pointers are those of C strings, slices and structures that outlive the call; the rest are
        // numbers, which the kernel checks.
        match self.step {
            Step::Write(path, bytes) => write(path, bytes),
            Step::OomScore(_) => tolerant::oom_score(&self.text),
            Step::Nice(nice) => tolerant::nice(*nice),
            Step::Limit(number, soft, hard) => tolerant::limit(*number, *soft, *hard),
            Step::Umask(mask) => {
                // SAFETY: see above.
                unsafe { libc::umask(*mask) };
                Ok(())
            }
            // A process that leads its group already is in a session of its own.
            // SAFETY: see above.
            Step::Session => check(unsafe { libc::setsid() }).map(|_| own_keyring()),
            Step::Terminal { path, descriptors, control, force } => {
                terminal(path, descriptors, *control, *force)
            }
            Step::Open { path, how, descriptors } => open(path, *how, descriptors),
            Step::Unshare(flags) => {
                // SAFETY: see above; the child has one thread.
                check(unsafe { libc::unshare(*flags) })?;
                // Mounts of this namespace are not seen in the other ones, but theirs are seen here.
                if flags & libc::CLONE_NEWNS != 0 {
                    let flags = libc::MS_SLAVE | libc::MS_REC;
                    // SAFETY: see above; null is allowed where mount(2) does not look.
                    check(unsafe {
                        libc::mount(ptr::null(), c"/".as_ptr(), ptr::null(), flags, ptr::null())
                    })?;
                }
                Ok(())
            }
            Step::Loopback => {
                // Without it the service still runs, alone.
                let _ = crate::network::loopback_up();
                Ok(())
            }
            Step::Mount(source, target, kind, flags, options, may) => {
                let options = if options.is_empty() { ptr::null() } else { options.as_ptr().cast() };
                // SAFETY: see above.
                let done =
                    unsafe { libc::mount(source.as_ptr(), target.as_ptr(), kind.as_ptr(), *flags, options) };
                may_fail(check(done).map(drop), *may)
            }
            Step::ReadOnly(path, on, may) => may_fail(read_only(path, *on), *may),
            Step::Directory(path, mode) => {
                // SAFETY: see above.
                match check(unsafe { libc::mkdir(path.as_ptr(), *mode) }) {
                    Err(error) if error.raw_os_error() != Some(libc::EEXIST) => Err(error),
                    _ => Ok(()),
                }
            }
            Step::File(path) => {
                // SAFETY: see above.
                let file = check(unsafe {
                    libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CREAT | libc::O_CLOEXEC, 0o600)
                })?;
                // SAFETY: the descriptor was opened above.
                unsafe { libc::close(file) };
                Ok(())
            }
            Step::Link(target, path) => {
                // SAFETY: see above.
                check(unsafe { libc::symlink(target.as_ptr(), path.as_ptr()) }).map(drop)
            }
            Step::Chroot(path) => {
                // SAFETY: see above.
                check(unsafe { libc::chroot(path.as_ptr()) })?;
                // SAFETY: see above.
                check(unsafe { libc::chdir(c"/".as_ptr()) }).map(drop)
            }
            // SAFETY: see above.
            Step::Chdir(path, may) => may_fail(check(unsafe { libc::chdir(path.as_ptr()) }).map(drop), *may),
            Step::Bounding(mask) => bounding(*mask),
            Step::Groups(groups) => {
                // SAFETY: see above.
                check(unsafe { libc::setgroups(groups.len(), groups.as_ptr()) }).map(drop)
            }
            // SAFETY: see above.
            Step::Group(group) => is_number(*group)
                .and_then(|()| check(unsafe { libc::setresgid(*group, *group, *group) }).map(drop)),
            Step::User(user, keep) => is_number(*user).and_then(|()| become_user(*user, *keep)),
            Step::NoNewPrivileges => {
                // SAFETY: see above.
                check(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }).map(drop)
            }
            Step::Filter(_) => {
                let len =
                    libc::c_ushort::try_from(self.filter.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
                let program = libc::sock_fprog { len, filter: self.filter.as_ptr().cast_mut() };
                // SAFETY: see above; the kernel copies the program and does not write to it.
                check(unsafe {
                    libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program)
                })
                .map(drop)
            }
        }
    }
}

fn terminal(path: &CStr, descriptors: &[bool; 3], control: bool, force: bool) -> io::Result<()> {
    // SAFETY: a C string, and constants.
    let file = check(unsafe { libc::open(path.as_ptr(), libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC) })?;
    if control {
        // SAFETY: the call takes a number.
        check(unsafe { libc::ioctl(file, libc::TIOCSCTTY, libc::c_int::from(force)) })?;
    }
    place(file, descriptors)
}

fn open(path: &CStr, how: Access, descriptors: &[bool; 3]) -> io::Result<()> {
    let how = match how {
        Access::Read => libc::O_RDONLY,
        Access::Write => libc::O_WRONLY | libc::O_CREAT,
        Access::Truncate => libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC,
        Access::Append => libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND,
    };
    // SAFETY: a C string, and constants.
    let file = check(unsafe { libc::open(path.as_ptr(), how | libc::O_NOCTTY | libc::O_CLOEXEC, 0o644) })?;
    place(file, descriptors)
}

/// Puts the file at these of the descriptors 0 to 2.
fn place(file: RawFd, descriptors: &[bool; 3]) -> io::Result<()> {
    for (target, _) in descriptors.iter().enumerate().filter(|(_, on)| **on) {
        // SAFETY: numbers only.
        check(unsafe { libc::dup2(file, target as libc::c_int) })?;
    }
    Ok(())
}

/// KEYCTL_JOIN_SESSION_KEYRING with null: a new one without a name (keyctl(2)).
const JOIN_SESSION_KEYRING: libc::c_int = 1;

/// A session keyring that no other process has. A kernel without keys, or a sandbox without the call, has none to share either.
fn own_keyring() {
    // SAFETY: a number, and null where the name would be.
    unsafe { libc::syscall(libc::SYS_keyctl, JOIN_SESSION_KEYRING, ptr::null::<libc::c_char>()) };
}

/// mount_setattr(2) with AT_RECURSIVE.
fn read_only(path: &CStr, on: bool) -> io::Result<()> {
    let read_only = libc::MOUNT_ATTR_RDONLY;
    let attributes = libc::mount_attr {
        attr_set: if on { read_only } else { 0 },
        attr_clr: if on { 0 } else { read_only },
        propagation: 0,
        userns_fd: 0,
    };
    let size = size_of::<libc::mount_attr>();
    // SAFETY: a C string, and a structure with its size; both outlive the call.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            libc::AT_RECURSIVE,
            &raw const attributes,
            size,
        )
    };
    if done == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn bounding(mask: u64) -> io::Result<()> {
    for capability in 0..64_u64 {
        if mask >> capability & 1 == 0 {
            // SAFETY: numbers only.
            match check(unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) }) {
                // The kernel has no more capabilities.
                Err(error) if error.raw_os_error() == Some(libc::EINVAL) => break,
                Err(error) => return Err(error),
                Ok(_) => {}
            }
        }
    }
    Ok(())
}

/// Header and data of capset(2), version 3.
#[repr(C)]
struct Header {
    version: u32,
    pid: libc::c_int,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Data {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// -1 is no user or group: to setresuid(2) it means "no change".
fn is_number(id: u32) -> io::Result<()> {
    if id == u32::MAX { Err(io::Error::from_raw_os_error(libc::EINVAL)) } else { Ok(()) }
}

fn become_user(user: u32, keep: u64) -> io::Result<()> {
    if keep != 0 {
        // SAFETY: numbers only.
        check(unsafe { libc::prctl(libc::PR_SET_KEEPCAPS, 1, 0, 0, 0) })?;
    }
    // SAFETY: numbers only.
    check(unsafe { libc::setresuid(user, user, user) })?;
    if keep == 0 {
        return Ok(());
    }
    let header = Header { version: 0x2008_0522, pid: 0 };
    let half = |shift: u32| (keep >> shift) as u32;
    let mut data = [0, 32].map(|shift| Data {
        effective: half(shift),
        permitted: half(shift),
        inheritable: half(shift),
    });
    if user == 0 {
        // Root has the others too, in this program and in those that it executes.
        // SAFETY: the two structures are of the form that version 3 has, and outlive the call.
        if unsafe { libc::syscall(libc::SYS_capget, &raw const header, data.as_mut_ptr()) } == -1 {
            return Err(io::Error::last_os_error());
        }
        for (data, shift) in data.iter_mut().zip([0, 32]) {
            data.inheritable |= half(shift);
        }
    }
    // SAFETY: the two structures are of the form that version 3 has, and outlive the call.
    if unsafe { libc::syscall(libc::SYS_capset, &raw const header, data.as_ptr()) } == -1 {
        return Err(io::Error::last_os_error());
    }
    for capability in (0..64_u64).filter(|capability| keep >> capability & 1 == 1) {
        // SAFETY: numbers only.
        check(unsafe { libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_RAISE, capability, 0, 0) })?;
    }
    Ok(())
}
