// SPDX-License-Identifier: MIT OR Apache-2.0
//! `getty`: opens a line, asks for a name, and becomes login. Its options are a subset of agetty(8)'s.
//!
//! It serves one login: who started it starts it again when the session has ended.

use crate::issue::{self, Values};
use crate::{failed, line};
use lexopt::prelude::*;
use qos_accounts::{Database, Defs, prompt};
use qos_command::Failure;
use qos_sessions::Sessions;
use qos_sys::disposition::{self, Disposition};
use qos_sys::host::Host;
use qos_sys::signal::SIGHUP;
use qos_sys::tty::{self, Mode, Terminal};
use qos_sys::user;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// `O_NONBLOCK`: a serial line is opened without waiting for a modem.
const NONBLOCK: i32 = 0o4000;

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    /// The line under /dev, or `-`: standard input.
    line: String,
    speed: Option<u32>,
    term: Option<String>,
    autologin: Option<String>,
    issue: Option<PathBuf>,
    no_issue: bool,
    no_hostname: bool,
    no_clear: bool,
    no_newline: bool,
    keep_speed: bool,
    local: bool,
    flow_control: bool,
    hang_up: bool,
    skip_login: bool,
    timeout: Option<u64>,
    program: Option<PathBuf>,
    login_options: Option<String>,
}

pub fn main(parser: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let options = options(parser)?;
    let root = Path::new("/");
    let (terminal, path) = open(&options)?;
    let name = line::name(&path);
    prepare(&options, &terminal, &name).map_err(|error| Failure::at(&path, &error))?;
    let term = options.term.clone().or_else(|| std::env::var("TERM").ok().filter(|term| term != "dumb"));
    let default = if line::is_console(&name) { "linux" } else { "vt102" };
    let term = term.unwrap_or_else(|| default.to_owned());
    let user = if options.skip_login || options.autologin.is_some() {
        greet(&options, root, &name, &terminal, "")?;
        options.autologin.clone()
    } else {
        match ask(&options, root, &name, &terminal)? {
            Some(user) => Some(user),
            None => return Ok(()),
        }
    };
    let program = options.program.as_deref().unwrap_or(Path::new("/bin/login"));
    let error = Command::new(program).args(arguments(&options, user.as_deref())).env("TERM", term).exec();
    // Who starts getty again does so at once: the message has time to be read.
    eprintln!("getty: {}: {}", program.display(), qos_sys::error_text(&error));
    std::thread::sleep(Duration::from_secs(5));
    Err(Failure::silent(1))
}

/// Arguments of login: the user after `--`, so that no name is an option.
fn arguments(options: &Options, user: Option<&str>) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(given) = &options.login_options {
        for word in given.split_whitespace() {
            words.push(word.replace("\\u", user.unwrap_or_default()));
        }
        words.retain(|word| !word.is_empty());
        return words;
    }
    if options.autologin.is_some() {
        words.push("-f".to_owned());
    }
    if let Some(user) = user {
        words.extend(["--".to_owned(), user.to_owned()]);
    }
    words
}

fn options(mut parser: lexopt::Parser) -> Result<Options, Failure> {
    let mut options = Options::default();
    let mut words = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('8') | Long("8bits") | Long("noreset") => {}
            Short('a') | Long("autologin") => options.autologin = Some(parser.value()?.string()?),
            Short('f') | Long("issue-file") => options.issue = Some(parser.value()?.into()),
            Short('h') | Long("flow-control") => options.flow_control = true,
            Short('i') | Long("noissue") => options.no_issue = true,
            Short('J') | Long("noclear") => options.no_clear = true,
            Short('l') | Long("login-program") => options.program = Some(parser.value()?.into()),
            Short('L') | Long("local-line") => {
                options.local = parser.optional_value().is_none_or(|value| value == "always");
            }
            Short('n') | Long("skip-login") => options.skip_login = true,
            Short('N') | Long("nonewline") => options.no_newline = true,
            Short('o') | Long("login-options") => options.login_options = Some(parser.value()?.string()?),
            Short('R') | Long("hangup") => options.hang_up = true,
            Short('t') | Long("timeout") => options.timeout = Some(parser.value()?.parse()?),
            Long("keep-baud") => options.keep_speed = true,
            Long("nohostname") => options.no_hostname = true,
            Value(word) => words.push(word.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    // The speed stands after the line, or as in older inittabs before it. Of several, the first one is taken.
    for word in words {
        let speed = word.split(',').next().and_then(|speed| speed.parse().ok());
        if speed.is_some() && options.speed.is_none() {
            options.speed = speed;
        } else if options.line.is_empty() {
            options.line = word;
        } else if options.term.is_none() {
            options.term = Some(word).filter(|term| !term.is_empty());
        } else {
            return Err(Failure::usage(format!("{word}: one argument too many")));
        }
    }
    if options.line.is_empty() {
        return Err(Failure::usage("the name of a line expected"));
    }
    Ok(options)
}

/// Opens the line as standard input, output and error, in a session that it controls.
fn open(options: &Options) -> Result<(File, PathBuf), Failure> {
    if !tty::leads_session() {
        // Who started it may have done so as the leader of a process group, in a session with a terminal of its own.
        tty::new_session().map_err(|error| Failure::of("begin a session", &error))?;
    }
    let path = if options.line == "-" {
        tty::path(io::stdin()).map_err(|error| Failure::of("standard input is no terminal", &error))?
    } else {
        Path::new("/dev").join(&options.line)
    };
    let at = |error: &io::Error| Failure::at(&path, error);
    let database = Database::read(Path::new("/")).map_err(|error| failed(&error))?;
    line::give(&path, 0, 0, &database, &Defs::default()).map_err(|error| at(&error))?;
    let open = || -> io::Result<File> {
        let waiting = OpenOptions::new().read(true).write(true).custom_flags(NONBLOCK).open(&path)?;
        let mut settings = Terminal::of(&waiting)?;
        if options.local || line::is_console(&line::name(&path)) {
            settings.set(Mode::Clocal, true);
            settings.give(&waiting)?;
        }
        // Now it waits for the modem, if there is one.
        OpenOptions::new().read(true).write(true).open(&path)
    };
    let mut terminal = open().map_err(|error| at(&error))?;
    // Opened by the leader of a session without a terminal, it may have become that one's already.
    let is_free = tty::make_controlling(&terminal).is_ok();
    if options.hang_up || !is_free {
        // A session of somebody whose login was killed would go on at the terminal, and read what is typed.
        disposition::set(SIGHUP, Disposition::Ignored)?;
        user::hang_up_terminal(&terminal).map_err(|error| at(&error))?;
        drop(terminal);
        terminal = open().map_err(|error| at(&error))?;
        disposition::set(SIGHUP, Disposition::Default)?;
        user::take_terminal(&terminal).map_err(|error| at(&error))?;
    }
    tty::make_standard(&terminal).map_err(|error| at(&error))?;
    Ok((terminal, path))
}

/// Sets modes and speed.
fn prepare(options: &Options, terminal: &File, name: &str) -> io::Result<()> {
    let mut settings = Terminal::of(terminal)?;
    settings.make_sane();
    settings.set(Mode::Iutf8, true);
    settings.set(Mode::Crtscts, options.flow_control);
    settings.set(Mode::Hupcl, !line::is_console(name));
    if let Some(speed) = options.speed
        && !(options.keep_speed && settings.speed() != 0)
    {
        settings.set_speed(speed)?;
    }
    settings.give(terminal)
}

/// Writes the issue and the question; the name that is typed, `None` at the end of the input or after the time for it.
fn ask(options: &Options, root: &Path, name: &str, terminal: &File) -> Result<Option<String>, Failure> {
    let until = options.timeout.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let node = Host::of_kernel().node;
    let question = if options.no_hostname { "login: ".to_owned() } else { format!("{node} login: ") };
    let mut is_first = true;
    loop {
        if is_first {
            greet(options, root, name, terminal, &question)?;
        } else {
            write!(io::stdout(), "{question}")?;
            io::stdout().flush()?;
        }
        is_first = false;
        match prompt::line(terminal, io::stdout(), "", until) {
            Ok(Some(name)) if name.trim().is_empty() => {}
            Ok(Some(name)) if name.chars().any(char::is_control) => {
                writeln!(io::stdout(), "Not a name: {}", name.escape_debug())?;
            }
            Ok(Some(name)) => return Ok(Some(name.trim().to_owned())),
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(None),
            Err(error) => return Err(failed(&error)),
        }
    }
}

/// Writes the issue, and `question` after it.
fn greet(options: &Options, root: &Path, name: &str, terminal: &File, question: &str) -> Result<(), Failure> {
    let mut text = Vec::new();
    if line::is_console(name) && !options.no_clear {
        text.extend(b"\x1b[H\x1b[2J");
    }
    if !options.no_newline {
        text.push(b'\n');
    }
    if !options.no_issue {
        let path = options.issue.clone().unwrap_or_else(|| root.join("etc/issue"));
        let issue = std::fs::read(&path).unwrap_or_default();
        text.extend(issue::expand(&issue, &values(root, name, terminal)));
    }
    text.extend(question.bytes());
    let mut out = io::stdout();
    Ok(out.write_all(&text).and_then(|()| out.flush())?)
}

fn values(root: &Path, name: &str, terminal: &File) -> Values {
    let now =
        std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default();
    let release = ["etc/os-release", "usr/lib/os-release"];
    Values {
        host: Some(Host::of_kernel()),
        line: name.to_owned(),
        speed: Terminal::of(terminal.as_fd()).map(|settings| settings.speed()).unwrap_or(0),
        users: Sessions::of(root).list().map(|sessions| sessions.len()).unwrap_or(0),
        now: i64::try_from(now.as_secs()).ok().and_then(|now| qos_sys::time::local(now).ok()),
        os_release: release
            .iter()
            .find_map(|path| std::fs::read_to_string(root.join(path)).ok())
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Result<Options, Failure> {
        options(lexopt::Parser::from_iter([&["getty"], words].concat()))
    }

    #[test]
    fn operands() {
        for (words, line, speed, term) in [
            (&["tty1"][..], "tty1", None, None),
            (&["ttyS0", "115200", "vt220"], "ttyS0", Some(115_200), Some("vt220")),
            (&["-L", "115200,38400,9600", "ttyS0"], "ttyS0", Some(115_200), None),
            (&["--noclear", "--keep-baud", "115200,9600", "-", "linux"], "-", Some(115_200), Some("linux")),
            (&["tty1", ""], "tty1", None, None),
        ] {
            let options = of(words).unwrap();
            assert_eq!(
                (&*options.line, options.speed, options.term.as_deref()),
                (line, speed, term),
                "{words:?}"
            );
        }
        for wrong in [&[][..], &["9600"], &["a", "b", "c"], &["-t", "x", "a"], &["--what", "a"]] {
            assert!(of(wrong).is_err_and(|failure| failure.is_usage()), "{wrong:?}");
        }
        assert!(of(&["-L", "a"]).unwrap().local && !of(&["--local-line=never", "a"]).unwrap().local);
    }

    #[test]
    fn what_login_gets() {
        for (words, user, expect) in [
            (&["tty1"][..], Some("u"), &["--", "u"][..]),
            (&["tty1"], Some("-f"), &["--", "-f"]),
            (&["-n", "tty1"], None, &[]),
            (&["-a", "u", "tty1"], Some("u"), &["-f", "--", "u"]),
            (&["-o", "-p -- \\u", "tty1"], Some("u"), &["-p", "--", "u"]),
        ] {
            assert_eq!(arguments(&of(words).unwrap(), user), expect, "{words:?}");
        }
    }
}
