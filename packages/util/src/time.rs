// SPDX-License-Identifier: MIT OR Apache-2.0
//! `time`: runs a program and prints the time that it took (POSIX time).

use crate::Failure;
use lexopt::prelude::*;
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::{Duration, Instant};

pub fn main(mut options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let mut words = Vec::new();
    while let Some(arg) = options.next()? {
        match arg {
            // The format of POSIX is the only one.
            Short('p') => {}
            Value(word) => {
                words.push(word);
                words.extend(options.raw_args()?);
            }
            _ => return Err(arg.unexpected().into()),
        }
    }
    let (program, args) = words.split_first().ok_or_else(|| Failure::usage("name of a program expected"))?;
    out.flush()?;
    let before = Instant::now();
    let status = Command::new(program).args(args).status().map_err(|error| {
        let status = if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 };
        Failure::of(program.display(), &error).with_status(status)
    })?;
    let real = before.elapsed();
    let (user, system) = qos_sys::usage::of_children()?;
    eprint!("{}", report(real, user, system));
    // A program that a signal ended has the status that a shell gives it.
    match status.code().or_else(|| status.signal().map(|signal| signal + 128)) {
        Some(0) => Ok(()),
        status => Err(Failure::silent(status.and_then(|status| u8::try_from(status).ok()).unwrap_or(1))),
    }
}

fn report(real: Duration, user: Duration, system: Duration) -> String {
    let seconds = |time: Duration| time.as_secs_f64();
    format!("real {:.2}\nuser {:.2}\nsys {:.2}\n", seconds(real), seconds(user), seconds(system))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses() {
        let time = |words: &[&str]| {
            let result = main(lexopt::Parser::from_iter(words), &mut Vec::new());
            result.err().map_or(0, |failure| failure.status())
        };
        assert_eq!(time(&["time", "-p", "sh", "-c", "exit 7"]), 7);
        assert_eq!(time(&["time", "sh", "-c", "kill -9 $$"]), 137);
        assert_eq!(time(&["time", "true", "-p"]), 0);
        assert_eq!(time(&["time", "/no/such"]), 127);
        assert_eq!(time(&["time", "/"]), 126);
        assert_eq!(time(&["time"]), 2);
        let milli = Duration::from_millis;
        assert_eq!(report(milli(61_230), milli(10), milli(0)), "real 61.23\nuser 0.01\nsys 0.00\n");
    }
}
