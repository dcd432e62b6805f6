// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pipes that hold more than the kernel's. Brush runs a builtin, a function or a compound command in a pipeline to its
//! end before it starts the next command, and a command substitution before it reads from it: what is more than the 64
//! KiB that a pipe holds would never be taken. Threads take it here, and give it on when it is asked for.
//!
//! In the same step the last command of a pipeline, when it is compound, becomes a subshell: so an error or `exit` in it
//! ends no more than that.

use crate::subshell;
use crate::walk::{alone, brace, item};
use brush_core::{ExecutionParameters, OpenFile, OpenFiles};
use brush_parser::ast::{AndOr, Command, CompoundCommand, CompoundList, CompoundListItem, SubshellCommand};
use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Size of a piece, and how many are kept: 64 MiB. More than that waits, as in any pipe.
const PIECE: usize = 64 * 1024;
const PIECES: usize = 1024;

/// Changes the pipelines that are in `list` itself. `is_internal` tells of a command's name whether brush runs it
/// without starting a program.
pub fn pipelines(list: &mut CompoundList, is_internal: &impl Fn(&str) -> bool) {
    for CompoundListItem(and_or, _) in &mut list.0 {
        let more = and_or.additional.iter_mut().map(|(AndOr::And(pipeline) | AndOr::Or(pipeline))| pipeline);
        for pipeline in std::iter::once(&mut and_or.first).chain(more) {
            let last = pipeline.seq.len().saturating_sub(1);
            for (n, command) in pipeline.seq.iter_mut().enumerate().filter(|_| last > 0) {
                let internal = match &*command {
                    Command::Simple(simple) => {
                        let name = simple.word_or_name.as_ref();
                        name.is_some_and(|name| is_internal(&name.value)) && n < last
                    }
                    Command::Compound(CompoundCommand::Subshell(_), _) => n < last,
                    Command::Compound(..) => true,
                    Command::Function(_) | Command::ExtendedTest(_) => false,
                };
                if internal {
                    contain(command, n < last);
                }
            }
        }
    }
}

/// Makes `( COMMAND )`.
fn subshell(command: Command) -> Command {
    let list = CompoundList(vec![item(alone(command))]);
    Command::Compound(CompoundCommand::Subshell(SubshellCommand(list)), None)
}

fn contain(command: &mut Command, feeds: bool) {
    let nothing = brace(CompoundList(Vec::new()));
    let body = CompoundList(vec![item(alone(std::mem::replace(command, nothing)))]);
    let call = subshell::call(body, feeds);
    // What comes last would still be obeyed when it ends the shell.
    *command = if feeds { call } else { subshell(call) };
}

/// Puts a pipe that holds more before the standard output of `params`.
pub fn put_before(params: &mut ExecutionParameters) -> io::Result<()> {
    let (read, write) = qos_sys::pipe::new()?;
    if let Some(output) = params.open_files.set(OpenFiles::STDOUT_FD, OpenFile::File(write)) {
        let (sender, receiver) = sync_channel(PIECES);
        thread::Builder::new().spawn(move || take(read, &sender))?;
        thread::Builder::new().spawn(move || give(output, &receiver))?;
    }
    Ok(())
}

/// Takes what comes until the input ends, or the other side has.
fn take(mut input: impl Read, pieces: &SyncSender<Vec<u8>>) {
    loop {
        let mut piece = vec![0; PIECE];
        match input.read(&mut piece) {
            Ok(0) => return,
            Ok(length) => {
                piece.truncate(length);
                piece.shrink_to_fit();
                if pieces.send(piece).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// Gives what was taken, until there is no more, or nobody reads it.
fn give(mut output: impl Write, pieces: &Receiver<Vec<u8>>) {
    for piece in pieces {
        if output.write_all(&piece).and_then(|()| output.flush()).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_more_than_a_pipe() {
        let (sender, receiver) = sync_channel(PIECES);
        let text = vec![b'x'; 3 * PIECE + 1];
        take(text.as_slice(), &sender);
        drop(sender);
        let mut got = Vec::new();
        give(&mut got, &receiver);
        assert_eq!(got, text);
    }

    #[test]
    fn an_output_that_is_closed_stops_the_input() {
        let (sender, receiver) = sync_channel(PIECES);
        sender.send(vec![b'x']).unwrap();
        give(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap(), &receiver);
        drop(receiver);
        take(io::repeat(b'x'), &sender);
    }
}
