// SPDX-License-Identifier: MIT OR Apache-2.0
//! Starting a program in surroundings of its own: fork(2), a list of [steps](Step) in the child, execve(2).
//!
//! All that takes memory is prepared before the fork. The child makes system calls only; a step that fails is told to the parent
//! through a pipe, which closes when the program is executed.

mod child;
mod file;
mod step;
mod tolerant;

pub use step::{Access, Step};

use crate::error::check;
use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

/// A program and its surroundings.
pub struct Launch<'a> {
    /// Paths of the program; the first that is there is executed.
    pub programs: Vec<CString>,
    /// Its arguments, its name first.
    pub arguments: Vec<CString>,
    /// Its environment; the value of a variable `LISTEN_PID` is set to the process's id.
    pub environment: Vec<CString>,
    /// Its open files, from 0 on.
    pub descriptors: Vec<BorrowedFd<'a>>,
    /// What is done before it, in this order.
    pub steps: Vec<Step>,
    /// SIGPIPE is ignored, and has its default effect otherwise.
    pub ignore_sigpipe: bool,
}

/// A process on its way to its program.
pub struct Launched {
    /// Its id.
    pub pid: i32,
    /// Readable when the program is executed, or cannot be.
    pub status: File,
}

/// Why a program was not executed.
#[derive(Debug)]
pub struct Failure {
    /// Number of the step; that of no step stands for execve(2) itself.
    pub step: usize,
    /// The error.
    pub error: io::Error,
}

impl Launched {
    /// What became of it, without waiting: `None` while that is not known, no failure when the program is executed.
    ///
    /// # Errors
    /// As in read(2).
    pub fn outcome(&mut self) -> io::Result<Option<Option<Failure>>> {
        let mut report = [0; 8];
        match self.status.read(&mut report) {
            Ok(8) => {
                let [a, b, c, d, e, f, g, h] = report;
                let step = u32::from_ne_bytes([a, b, c, d]) as usize;
                let error = io::Error::from_raw_os_error(i32::from_ne_bytes([e, f, g, h]));
                Ok(Some(Some(Failure { step, error })))
            }
            Ok(_) => Ok(Some(None)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Pointers to C strings, with a null pointer at the end; they live as long as `strings`.
fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
    strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
}

/// Starts `launch`. It does not wait for the program to be executed.
///
/// # Errors
/// As in fork(2) and pipe2(2): EAGAIN, ENOMEM, EMFILE.
pub fn launch(launch: &Launch<'_>) -> io::Result<Launched> {
    let (status, report) = crate::pipe::new()?;
    rustix::fs::fcntl_setfl(&status, rustix::fs::OFlags::NONBLOCK)?;
    // Room for the process's id in the value of LISTEN_PID.
    let mut environment: Vec<Vec<u8>> =
        launch.environment.iter().map(|variable| variable.as_bytes_with_nul().to_vec()).collect();
    let listen = environment.iter().position(|variable| variable.starts_with(b"LISTEN_PID="));
    if let Some(at) = listen {
        environment[at] = b"LISTEN_PID=0000000000\0".to_vec();
    }
    let listen = listen.map(|at| environment[at].as_mut_ptr());
    let mut variables: Vec<*const libc::c_char> =
        environment.iter().map(|variable| variable.as_ptr().cast()).collect();
    variables.push(std::ptr::null());
    let descriptors: Vec<RawFd> = launch.descriptors.iter().map(AsRawFd::as_raw_fd).collect();
    let prepared = child::Prepared {
        programs: pointers(&launch.programs),
        arguments: pointers(&launch.arguments),
        variables,
        listen,
        descriptors,
        steps: launch.steps.iter().map(Step::prepare).collect(),
        report: report.as_raw_fd(),
        ignore_sigpipe: launch.ignore_sigpipe,
    };
    // SAFETY: the child calls `Prepared::run` only, which makes system calls on what was prepared above and never comes back.
    let pid = check(unsafe { libc::fork() })?;
    if pid == 0 {
        prepared.run();
    }
    Ok(Launched { pid, status })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;
    use std::time::Duration;

    fn c(text: &str) -> CString {
        CString::new(text).unwrap()
    }

    /// Output and status of a shell script with `steps`; the failure, if it was not executed.
    fn run(
        script: &str,
        steps: Vec<Step>,
        environment: &[&str],
    ) -> (String, i32, Option<(usize, Option<i32>)>) {
        let (mut output, input) = crate::pipe::new().unwrap();
        let null = File::open("/dev/null").unwrap();
        let mut launched = launch(&Launch {
            programs: vec![c("/no/such/sh"), c("/bin/sh")],
            arguments: vec![c("sh"), c("-c"), c(script)],
            environment: environment.iter().map(|variable| c(variable)).collect(),
            descriptors: vec![null.as_fd(), input.as_fd(), input.as_fd(), null.as_fd()],
            steps,
            ignore_sigpipe: false,
        })
        .unwrap();
        drop(input);
        let mut text = String::new();
        output.read_to_string(&mut text).unwrap();
        let mut status = 0;
        // SAFETY: `status` outlives the call, and the child is this test's own.
        assert_eq!(unsafe { libc::waitpid(launched.pid, &mut status, 0) }, launched.pid);
        crate::poll::readable([launched.status.as_fd()], Some(Duration::from_secs(10))).unwrap();
        let failure = launched.outcome().unwrap().expect("the child has ended");
        (text, libc::WEXITSTATUS(status), failure.map(|failure| (failure.step, failure.error.raw_os_error())))
    }

    #[test]
    fn surroundings() {
        let steps = vec![
            Step::Session,
            Step::Umask(0o027),
            Step::Limit(7, Some(64), Some(64)),
            Step::Chdir(c("/proc"), false),
        ];
        let (text, status, failure) = run(
            "umask; ulimit -n; pwd; echo $A; ls /proc/self/fd | wc -l; exit 3",
            steps,
            &["A=b", "PATH=/usr/bin:/bin"],
        );
        // Descriptors 0 to 3, and that of the directory that ls reads.
        assert_eq!((text.as_str(), status, failure), ("0027\n64\n/proc\nb\n5\n", 3, None));
    }

    /// The number of this process's session keyring: KEYCTL_GET_KEYRING_ID of KEY_SPEC_SESSION_KEYRING.
    fn session_keyring() -> libc::c_long {
        // SAFETY: numbers only.
        unsafe { libc::syscall(libc::SYS_keyctl, 0, -3, 0) }
    }

    /// No test of its own: the program of the next one.
    #[test]
    fn helper() {
        if std::env::var_os("QOS_KEYRING").is_some() {
            println!("\nkeyring {}", session_keyring());
        }
    }

    #[test]
    fn a_session_has_its_own_keyring() {
        // A kernel may have no keys, and a sandbox of builds may refuse the call.
        if session_keyring() == -1 {
            return;
        }
        let program = format!("PROGRAM={}", std::env::current_exe().unwrap().display());
        let keyring = |steps| {
            let script = "exec $PROGRAM --exact launch::tests::helper --nocapture";
            let (text, ..) = run(script, steps, &[&program, "QOS_KEYRING=yes"]);
            let number =
                text.lines().find_map(|line| line.strip_prefix("keyring ")?.parse::<libc::c_long>().ok());
            number.expect("the helper's line")
        };
        let (one, other) = (keyring(vec![Step::Session]), keyring(vec![Step::Session]));
        assert_eq!(keyring(Vec::new()), session_keyring());
        assert!(one > 0 && other > 0 && one != other && one != session_keyring(), "{one} {other}");
    }

    #[test]
    fn listen_pid_is_the_process() {
        let (text, ..) = run("test $LISTEN_PID = $$ && echo yes", Vec::new(), &["LISTEN_PID=", "PATH=/bin"]);
        assert_eq!(text, "yes\n");
    }

    #[test]
    fn files_as_standard_streams() {
        let path = std::env::temp_dir().join(format!("qos-sys-open-{}", std::process::id()));
        let open = |how, at: usize| {
            let path = c(path.to_str().unwrap());
            Step::Open { path, how, descriptors: std::array::from_fn(|number| number == at) }
        };
        let write = |how| run("echo abc", vec![open(how, 1)], &[]);
        for (how, expect) in
            [(Access::Append, "abc\n"), (Access::Append, "abc\nabc\n"), (Access::Truncate, "abc\n")]
        {
            assert_eq!(write(how), (String::new(), 0, None));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), expect, "{how:?}");
        }
        std::fs::write(&path, "0123456789").unwrap();
        assert_eq!(write(Access::Write).1, 0);
        assert_eq!(run("read -r line; echo $line", vec![open(Access::Read, 0)], &[]).0, "abc\n");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "abc\n456789");
        std::fs::remove_file(&path).unwrap();
        for (at, status) in [(0, 208), (1, 209), (2, 222)] {
            let (_, found, failure) = run("true", vec![open(Access::Read, at)], &[]);
            assert_eq!((found, failure), (status, Some((0, Some(libc::ENOENT)))));
        }
    }

    #[test]
    fn a_step_that_fails() {
        let (text, status, failure) =
            run("echo x", vec![Step::Umask(0), Step::Chdir(c("/no/such/directory"), false)], &[]);
        assert_eq!((text.as_str(), status, failure), ("", 200, Some((1, Some(libc::ENOENT)))));
        let (text, ..) = run("echo x", vec![Step::Chdir(c("/no/such/directory"), true)], &[]);
        assert_eq!(text, "x\n");
    }

    /// Steps after which a process has no privileges, whoever runs the tests.
    fn without_privileges() -> Vec<Step> {
        if crate::process::is_root() { vec![Step::User(65_534, 0)] } else { Vec::new() }
    }

    #[test]
    fn what_a_process_may_not_have_it_gets_as_far_as_it_may() {
        let mut steps = vec![Step::Limit(7, Some(32), Some(64)), Step::Nice(7), Step::OomScore(500)];
        steps.extend(without_privileges());
        // Hard limits, lower nice values and scores take privileges.
        steps.extend([Step::Limit(7, Some(100), None), Step::Nice(1), Step::OomScore(-900)]);
        let script = "ulimit -Sn; ulimit -Hn; nice; cat /proc/self/oom_score_adj";
        let (text, _, failure) = run(script, steps, &["PATH=/usr/bin:/bin"]);
        assert_eq!((text.as_str(), failure), ("64\n64\n7\n500\n", None));
        // A soft limit above the hard one is a mistake, not a lack of privileges.
        let (_, status, failure) = run("true", vec![Step::Limit(7, Some(100), Some(10))], &[]);
        assert_eq!((status, failure), (205, Some((0, Some(libc::EINVAL)))));
        let (_, status, failure) = run("true", vec![Step::OomScore(2000)], &[]);
        assert_eq!((status, failure), (206, Some((0, Some(libc::EINVAL)))));
    }

    #[test]
    fn ambient_capabilities() {
        if !crate::process::is_root() {
            return;
        }
        let sets = |steps: Vec<Step>| {
            let script = "while read -r key value; do case $key in Cap[EA]*) echo $value;; esac; done </proc/self/status";
            let (text, _, failure) = run(script, steps, &[]);
            assert_eq!(failure, None);
            let sets = text.lines().map(|set| u64::from_str_radix(set, 16).unwrap());
            sets.collect::<Vec<_>>()
        };
        let before = sets(Vec::new());
        // CAP_NET_BIND_SERVICE: a user has that one only, root what it had.
        assert_eq!(sets(vec![Step::User(65_534, 1 << 10)]), [1 << 10, 1 << 10]);
        assert_eq!(sets(vec![Step::User(0, 1 << 10)]), [before[0], 1 << 10]);
    }

    #[test]
    fn minus_one_is_no_user_and_no_group() {
        for (step, expect) in [(Step::User(u32::MAX, 0), 217), (Step::Group(u32::MAX), 216)] {
            let (_, status, failure) = run("true", vec![step], &[]);
            assert_eq!((status, failure), (expect, Some((0, Some(libc::EINVAL)))));
        }
    }

    #[test]
    fn a_program_that_is_not_there() {
        let null = File::open("/dev/null").unwrap();
        let mut launched = launch(&Launch {
            programs: vec![c("/no/such/program")],
            arguments: vec![c("x")],
            environment: Vec::new(),
            descriptors: vec![null.as_fd()],
            steps: Vec::new(),
            ignore_sigpipe: true,
        })
        .unwrap();
        let mut status = 0;
        // SAFETY: as above.
        assert_eq!(unsafe { libc::waitpid(launched.pid, &mut status, 0) }, launched.pid);
        let failure = launched.outcome().unwrap().unwrap().unwrap();
        assert_eq!(
            (failure.step, failure.error.raw_os_error(), libc::WEXITSTATUS(status)),
            (0, Some(libc::ENOENT), 203)
        );
    }
}
