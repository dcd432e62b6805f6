//! `hello NAME`: greets NAME.

use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(name) = std::env::args().nth(1) else {
        eprintln!("usage: hello NAME");
        return ExitCode::from(2);
    };
    match writeln!(io::stdout(), "hello, {name}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hello: cannot write: {error}");
            ExitCode::FAILURE
        }
    }
}
