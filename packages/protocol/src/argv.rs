// SPDX-License-Identifier: MIT OR Apache-2.0
//! An argument list as bytes: each argument followed by a NUL, as in `/proc/PID/cmdline` (proc_pid_cmdline(5)).

use std::fmt;

/// Why bytes are not an argument list, or arguments cannot be encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// There is no argument at all: no program to run.
    Empty,
    /// The name of the program is empty.
    NoProgram,
    /// The last argument has no NUL after it: the list was cut off.
    Unterminated,
    /// Argument number `.0` (from 0) has a NUL in it.
    NulInArgument(usize),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Empty => f.write_str("the command is empty: it has no program to run"),
            Error::NoProgram => f.write_str("the command's program has an empty name"),
            Error::Unterminated => f.write_str("the command is cut off: no NUL after its last argument"),
            Error::NulInArgument(n) => write!(f, "argument {n} of the command has a NUL in it"),
        }
    }
}

impl std::error::Error for Error {}

/// The bytes for `args`.
///
/// # Errors
/// Without arguments, without a program name, or with a NUL inside of an argument.
pub fn encode<A: AsRef<[u8]>>(args: &[A]) -> Result<Vec<u8>, Error> {
    let program = args.first().ok_or(Error::Empty)?;
    if program.as_ref().is_empty() {
        return Err(Error::NoProgram);
    }
    let mut bytes = Vec::new();
    for (n, arg) in args.iter().enumerate() {
        if arg.as_ref().contains(&0) {
            return Err(Error::NulInArgument(n));
        }
        bytes.extend_from_slice(arg.as_ref());
        bytes.push(0);
    }
    Ok(bytes)
}

/// The arguments in `bytes`.
///
/// # Errors
/// When there is none, when the program has no name, or when the last one is not terminated.
pub fn decode(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    if bytes.is_empty() {
        return Err(Error::Empty);
    }
    let list = bytes.strip_suffix(&[0]).ok_or(Error::Unterminated)?;
    let args: Vec<Vec<u8>> = list.split(|&b| b == 0).map(<[u8]>::to_vec).collect();
    match args.first() {
        Some(program) if !program.is_empty() => Ok(args),
        _ => Err(Error::NoProgram),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back() {
        for args in
            [vec!["true"], vec!["sh", "-c", "echo 'a b'"], vec!["x", "", "", "y", ""], vec!["\u{e9}", "\n"]]
        {
            let bytes = encode(&args).unwrap();
            let expect: Vec<Vec<u8>> = args.iter().map(|a| a.as_bytes().to_vec()).collect();
            assert_eq!(decode(&bytes), Ok(expect));
        }
    }

    #[test]
    fn encode_refuses() {
        assert_eq!(encode::<&str>(&[]), Err(Error::Empty));
        assert_eq!(encode(&["", "a"]), Err(Error::NoProgram));
        assert_eq!(encode(&["a", "b\0c"]), Err(Error::NulInArgument(1)));
    }

    #[test]
    fn decode_refuses() {
        assert_eq!(decode(b""), Err(Error::Empty));
        assert_eq!(decode(b"\0"), Err(Error::NoProgram));
        assert_eq!(decode(b"\0a\0"), Err(Error::NoProgram));
        assert_eq!(decode(b"ls"), Err(Error::Unterminated));
        assert_eq!(decode(b"ls\0-l"), Err(Error::Unterminated));
    }
}
