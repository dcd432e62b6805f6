// SPDX-License-Identifier: MIT OR Apache-2.0
//! The guest agent: the part of the guest that depends on QEMU and reads the host's requests.
//!
//! It is a name of the multi-call binary: a program of its own would add a megabyte of libraries to each image. Init starts
//! it in three ways.
//!
//! - `qos-agent` finds the main program ([`plan`] says which), opens its standard streams and becomes it: there is one
//!   process, init's child, and its end is the main program's. If the agent fails before that, it says why in the
//!   kernel's log, and its exit status is that of the guest.
//! - `qos-agent asked` tells by its exit status whether the host asks for a main program: where init manages services, a login
//!   prompt is theirs, and the shell that the agent falls back to would be in its way.
//! - `qos-agent verdict STATUS` sends the verdict by the I/O port, at the end of all, on a kernel without the module
//!   `qos_exit`. Where there is the module, init itself holds its device, which no other program can open then: the agent
//!   could be killed.

mod console;
pub mod environment;
mod inputs;
pub mod plan;
mod ports;
mod start;
pub mod terminal;
mod verdict;

use plan::{Plan, Streams};
use qos_kmsg::Log;
use qos_protocol::mark;
use std::ffi::OsString;
use terminal::Terminal;

static LOG: Log = Log::new(mark::AGENT);

/// Exit status after a mistake in the arguments.
const USAGE: u8 = 2;

/// The program's name, as the multi-call binary lists it.
pub const NAME: &str = "qos-agent";

/// Executes the request of `arguments` (without the program's name). Returns an exit status; does not return if it becomes
/// the main program.
#[must_use]
pub fn run(arguments: impl Iterator<Item = OsString>) -> u8 {
    let arguments: Vec<_> = arguments.collect();
    let words: Vec<_> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    match words[..] {
        [] if arguments.is_empty() => main_program(),
        ["asked"] if arguments.len() == 1 => u8::from(!plan::is_asked(&inputs::find())),
        ["verdict", status] if arguments.len() == 2 => match status.parse() {
            Ok(status) => u8::from(!verdict::send(status)),
            Err(_) => usage(),
        },
        _ => usage(),
    }
}

fn usage() -> u8 {
    eprintln!(
        "usage: qos-agent [asked | verdict STATUS]\nFor init: becomes the program that the host asks for, or sends it a status."
    );
    USAGE
}

fn main_program() -> u8 {
    let plan = plan::decide(inputs::find());
    let environment = environment::environment(&terminal_of(&plan), std::env::vars_os());
    LOG.info(&format!("{}{}", mark::RUN, plan.describe()));
    let (status, reason) = start::start(&plan, &environment);
    LOG.error(&reason);
    status
}

fn terminal_of(plan: &Plan) -> Terminal {
    match plan.streams {
        Streams::Console => Terminal::of_console(&plan.console, plan.winsize),
        Streams::Ports(_) => Terminal::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        for wrong in [&["x"][..], &["verdict"], &["verdict", "256"], &["verdict", "1", "2"]] {
            assert_eq!(run(wrong.iter().map(OsString::from)), USAGE, "{wrong:?}");
        }
    }
}
