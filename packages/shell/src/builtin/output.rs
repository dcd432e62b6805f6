// SPDX-License-Identifier: GPL-3.0-or-later
//! Standard output and diagnostics of a built-in.

use crate::ShellEnv;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, write};
use rustix::stdio::stdout;
use yash_env::builtin::Result;
use yash_env::semantics::ExitStatus;
use yash_env::system::concurrency::WriteAll as _;

/// Writes `bytes` to the standard output, then returns `status`; reports an error of the output as a failure of the
/// built-in `name`.
pub async fn finish(env: &mut ShellEnv, name: &str, bytes: &[u8], status: ExitStatus) -> Result {
    match write_all(bytes) {
        Ok(()) => Result::new(status),
        Err(errno) => {
            let error = std::io::Error::from(errno).to_string();
            let reason = error.split(" (os error").next().unwrap_or_default();
            report(env, name, &format!("write error: {reason}")).await;
            Result::new(ExitStatus::FAILURE)
        }
    }
}

/// Prints a diagnostic of the built-in `name`.
pub async fn report(env: &mut ShellEnv, name: &str, message: &str) {
    let message = format!("{}: {name}: {message}\n", env.arg0);
    env.system.print_error(&message).await;
}

/// Writes all of `bytes`, also to a pipe that another process has made non-blocking.
fn write_all(mut bytes: &[u8]) -> std::result::Result<(), Errno> {
    while !bytes.is_empty() {
        match write(stdout(), bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                // The result of poll does not matter: the next write shows the error.
                let _ = poll(&mut [PollFd::from_borrowed_fd(stdout(), PollFlags::OUT)], None);
            }
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}
