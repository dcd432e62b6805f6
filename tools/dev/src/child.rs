// SPDX-License-Identifier: MIT OR Apache-2.0
//! Child processes that end, with all their descendants, when the user interrupts, whichever process got the signal.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use qos_host::nix_events::{Build, Step};
use qos_host::progress::Unit;
use qos_host::root;
use qos_host::ui::{Result, Ui, interrupted};
use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How often a silent child is looked at.
const TICK: Duration = Duration::from_millis(100);
/// Time limit of a process group after SIGTERM; the whole process ends after 3 s (see [`qos_host::ui`]).
const GRACE: Duration = Duration::from_millis(2000);
/// Time limit for reading the rest of a pipe after the child has ended, even if a daemon continues to write.
const DRAIN: Duration = Duration::from_millis(500);

enum Event {
    Line(String),
    Ended(std::io::Result<ExitStatus>),
}

/// Runs a build; shows its progress, and afterwards its output without the steps. True on success.
///
/// # Errors
///
/// It cannot be started, or the user interrupts.
pub fn build(ui: &Ui, name: &str, command: &mut Command) -> Result<bool> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut progress = Build::default();
    let mut said = Vec::new();
    let shown = ui.task(name, 0, Unit::Items);
    let status = run(command, None, |line| {
        ui.log(&format!("{name}> {line}"));
        let read = |file: &str| std::fs::read_to_string(root::root().join(file)).ok()?.trim().parse().ok();
        match progress.line(&line, read) {
            Step::Total => {
                if let Some((total, noun)) = &progress.total {
                    shown.total(*total, noun);
                }
            }
            Step::Done => shown.done(progress.done, line.trim()),
            Step::None if is_noise(&line) => {}
            Step::None => said.push(line),
        }
        shown.tick();
    })?;
    drop(shown);
    said.iter().for_each(|line| ui.show(line));
    Ok(status.success())
}

/// Runs a program with our own standard output and error.
///
/// # Errors
///
/// It cannot be started, or the user interrupts.
pub fn front(command: &mut Command) -> Result<ExitStatus> {
    run(command, None, |_| {})
}

/// Runs a program whose output goes to the log; returns its exit status and its output.
///
/// # Errors
///
/// It cannot be started, it has not ended within `limit`, or the user interrupts.
pub fn quiet(
    ui: &Ui,
    name: &str,
    command: &mut Command,
    limit: Duration,
) -> Result<(ExitStatus, Vec<String>)> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut said = Vec::new();
    let status = run(command, Some(limit), |line| {
        ui.log(&format!("{name}> {line}"));
        said.push(line);
    })?;
    Ok((status, said))
}

/// Lines without information for a user who waits for a verdict.
fn is_noise(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        // the summary of qos-initramfs
        || line.ends_with(" entries")
        || line.starts_with("qos-total:")
        || line.starts_with("Finished ")
        || line.starts_with("make[")
}

fn run(command: &mut Command, limit: Option<Duration>, mut line: impl FnMut(String)) -> Result<ExitStatus> {
    // A process group, so that it can be ended as a whole, with compilers of compilers.
    command.stdin(Stdio::null()).process_group(0);
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command.spawn().map_err(|error| format!("cannot run {program}: {error}"))?;
    let group = i32::try_from(child.id()).map(Pid::from_raw).map_err(|_| "invalid process ID")?;
    let (sender, events) = channel();
    let ended = Arc::new(AtomicBool::new(false));
    let streams = [
        child.stdout.take().map(|stream| send_lines(stream, &sender, &ended)),
        child.stderr.take().map(|stream| send_lines(stream, &sender, &ended)),
    ];
    let waiter = thread::spawn(move || {
        let status = child.wait();
        ended.store(true, Ordering::SeqCst);
        // First the output, so that no line comes behind the end.
        streams.into_iter().flatten().for_each(|stream| drop(stream.join()));
        // Nobody listens any more when the user has interrupted.
        let _ = sender.send(Event::Ended(status));
    });
    let status = follow(&events, group, limit, &mut line);
    drop(waiter.join());
    match (status?, limit) {
        (Some(status), _) => Ok(status),
        (None, Some(limit)) if !interrupted() => {
            Err(format!("{program} did not exit within {} s; killed", limit.as_secs()).into())
        }
        (None, _) => Err("interrupted".into()),
    }
}

/// Sends the lines of a stream: to its end, or to what is in it when the child has `ended`. A daemon that the child has
/// left behind may keep the stream open for ever.
fn send_lines<S: Read + AsFd + Send + 'static>(
    mut stream: S,
    sender: &Sender<Event>,
    ended: &Arc<AtomicBool>,
) -> thread::JoinHandle<()> {
    let (sender, ended) = (sender.clone(), ended.clone());
    thread::spawn(move || {
        let send = |line: &[u8]| sender.send(Event::Line(String::from_utf8_lossy(line).into_owned()));
        let (mut text, mut buffer) = (Vec::new(), [0; 1 << 13]);
        let mut since: Option<Instant> = None;
        loop {
            if ended.load(Ordering::SeqCst) {
                since.get_or_insert_with(Instant::now);
            }
            let wait = if since.is_some() { Duration::ZERO } else { TICK };
            let wait = PollTimeout::try_from(wait).unwrap_or(PollTimeout::ZERO);
            match poll(&mut [PollFd::new(stream.as_fd(), PollFlags::POLLIN)], wait) {
                Ok(0) if since.is_some() => break,
                Ok(0) | Err(Errno::EINTR) => continue,
                Ok(_) => {}
                Err(_) => break,
            }
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => text.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => break,
            }
            while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
                if send(&text[..end]).is_err() {
                    return;
                }
                text.drain(..=end);
            }
            if since.is_some_and(|since| since.elapsed() > DRAIN) {
                break;
            }
        }
        if !text.is_empty() {
            let _ = send(&text);
        }
    })
}

/// Waits for the end; of a group that is told to end, because the user interrupts or the limit is over, it has no status.
fn follow(
    events: &Receiver<Event>,
    group: Pid,
    limit: Option<Duration>,
    line: &mut impl FnMut(String),
) -> Result<Option<ExitStatus>> {
    let begin = Instant::now();
    let mut told: Option<Instant> = None;
    loop {
        match events.recv_timeout(TICK) {
            Ok(Event::Line(text)) => line(text),
            Ok(Event::Ended(status)) => {
                if let Some(since) = told {
                    end_rest(group, since);
                    return Ok(None);
                }
                return status.map(Some).map_err(|error| error.to_string().into());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err("lost track of the process".into()),
        }
        // The group may have ended already: then the event of its end follows.
        match told {
            None if interrupted() || limit.is_some_and(|limit| begin.elapsed() > limit) => {
                told = Some(Instant::now());
                let _ = killpg(group, Signal::SIGINT);
            }
            Some(since) if since.elapsed() > GRACE => {
                let _ = killpg(group, Signal::SIGKILL);
            }
            _ => {}
        }
    }
}

/// Ends the rest of a group whose first process has ended, and which was asked to end at `since`.
fn end_rest(group: Pid, since: Instant) {
    // Signal 0 only checks whether a process exists.
    while killpg(group, None).is_ok() {
        if since.elapsed() > GRACE {
            let _ = killpg(group, Signal::SIGKILL);
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise() {
        for (line, expect) in [
            ("", true),
            ("    Finished `guest` profile [optimized] target(s) in 1.0s", true),
            ("make[1]: Entering directory '/src/linux'", true),
            ("/q/initramfs.cpio: 34641196 bytes (none), 34641196 unpacked, 137 entries", true),
            ("error[E0308]: mismatched types", false),
            ("make: *** [Makefile:248: __sub-make] Error 2", false),
            ("warning: unused variable: `x`", false),
        ] {
            assert_eq!(is_noise(line), expect, "{line}");
        }
    }

    #[test]
    fn all_lines_come_before_the_end() {
        let mut lines = Vec::new();
        let mut command = Command::new("sh");
        command
            .args(["-c", "echo a; echo b >&2; echo c; exit 3"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let status = run(&mut command, None, |line| lines.push(line)).unwrap();
        lines.sort();
        assert_eq!(
            (lines.as_slice(), status.code()),
            (["a", "b", "c"].map(String::from).as_slice(), Some(3))
        );
        let error = front(&mut Command::new("/no/such/program")).unwrap_err().to_string();
        assert!(error.starts_with("cannot run /no/such/program: "), "{error}");
    }

    #[test]
    fn a_limit_ends_the_whole_group() {
        let begin = Instant::now();
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 60 & echo $!; sleep 60"]).stdout(Stdio::piped());
        let mut lines = Vec::new();
        let error = run(&mut command, Some(Duration::from_millis(300)), |line| lines.push(line)).unwrap_err();
        assert_eq!(error.to_string(), "sh did not exit within 0 s; killed");
        assert!(begin.elapsed() < Duration::from_secs(30));
        // The one in the background, which ignores SIGINT, has ended too, or is about to.
        let background = Pid::from_raw(lines[0].parse().unwrap());
        assert!(has_ended(background), "{background}");
    }

    /// Whether a process ends within some seconds; a zombie has ended.
    fn has_ended(process: Pid) -> bool {
        let begin = Instant::now();
        loop {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            if stat.rsplit(") ").next().is_none_or(|rest| rest.is_empty() || rest.starts_with(['Z', 'X'])) {
                return true;
            }
            if begin.elapsed() > Duration::from_secs(10) {
                return false;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_daemon_that_keeps_the_pipes_does_not_hold_up_the_end() {
        let begin = Instant::now();
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 60 & echo $!; printf last >&2; exit 4"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut lines = Vec::new();
        let status = run(&mut command, None, |line| lines.push(line)).unwrap();
        assert_eq!(status.code(), Some(4));
        assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
        assert_eq!((lines.len(), lines.contains(&"last".to_owned())), (2, true), "{lines:?}");
        let daemon = lines.iter().find_map(|line| line.parse().ok()).map(Pid::from_raw).unwrap();
        nix::sys::signal::kill(daemon, Signal::SIGKILL).unwrap();
    }

    #[test]
    fn one_that_goes_on_to_write_does_not_either() {
        let begin = Instant::now();
        let mut command = Command::new("sh");
        command.args(["-c", "yes & echo pid $!"]).stdout(Stdio::piped());
        let mut daemon = None;
        run(&mut command, None, |line| {
            daemon = line.strip_prefix("pid ").and_then(|pid| pid.parse().ok()).map(Pid::from_raw).or(daemon);
        })
        .unwrap();
        assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
        // It may have ended by itself, because the pipe has no reader.
        let _ = daemon.map(|daemon| nix::sys::signal::kill(daemon, Signal::SIGKILL));
    }
}
