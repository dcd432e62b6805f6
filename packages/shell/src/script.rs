// SPDX-License-Identifier: MIT OR Apache-2.0
//! Commands from a standard input that is no terminal: a file, a pipe, a virtio port.

use brush_interactive::ShellError;
use brush_parser::ParseError;
use std::io::{self, Read};
use std::os::fd::AsFd;

/// Runs the commands of standard input, each as soon as it is complete.
///
/// It is read byte by byte, as nothing may be taken beyond the newline of the command: what follows belongs to a
/// program that the command starts and that reads the same input (POSIX, sh, STDIN).
pub async fn run_stdin(shell: &mut brush_core::Shell) -> Result<(), ShellError> {
    let mut input = std::fs::File::from(io::stdin().as_fd().try_clone_to_owned()?);
    loop {
        let text = next_command(&mut input, |text| is_complete(shell, text))?;
        if text.is_empty() {
            return Ok(());
        }
        let params = shell.default_exec_params();
        if shell.run_string(text, &params).await?.exit_shell {
            return Ok(());
        }
    }
}

fn is_complete(shell: &brush_core::Shell, text: &str) -> bool {
    match shell.parse_string(text.to_owned()) {
        Err(ParseError::Tokenizing { inner, .. }) => !inner.is_incomplete(),
        Err(ParseError::ParsingAtEndOfInput) => false,
        _ => true,
    }
}

/// Lines of `input` until they are `complete` or the input ends; empty at its end.
fn next_command(input: &mut impl Read, complete: impl Fn(&str) -> bool) -> io::Result<String> {
    let mut text = String::new();
    loop {
        let line = read_line(input)?;
        let ended = !line.ends_with('\n');
        text.push_str(&line);
        if ended || complete(&text) {
            return Ok(text);
        }
    }
}

/// The next line, newline included, without a byte beyond it. Bytes that are not UTF-8 are replaced.
fn read_line(input: &mut impl Read) -> io::Result<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    loop {
        match input.read(&mut byte) {
            Ok(0) => break,
            Ok(_) => {
                line.push(byte[0]);
                if byte[0] == b'\n' {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(String::from_utf8(line).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_no_further_than_the_command() {
        let mut input: &[u8] = b"if a\nfi\nrest\nlast";
        let whole = |text: &str| !text.starts_with("if") || text.ends_with("fi\n");
        assert_eq!(next_command(&mut input, whole).unwrap(), "if a\nfi\n");
        assert_eq!(input, b"rest\nlast");
        assert_eq!(next_command(&mut input, whole).unwrap(), "rest\n");
        assert_eq!(next_command(&mut input, whole).unwrap(), "last");
        assert_eq!(next_command(&mut input, whole).unwrap(), "");
    }

    #[test]
    fn other_bytes_are_replaced() {
        assert_eq!(read_line(&mut &b"a\xffb\n"[..]).unwrap(), "a\u{fffd}b\n");
    }
}
