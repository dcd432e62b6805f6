// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where lines are written to.

use crate::Failure;
use std::fs::File;
use std::io::{self, BufWriter, Write};

/// A file, or a standard stream.
pub(crate) struct Output {
    name: String,
    writer: Box<dyn Write>,
    /// Whether the last line came from an input that ends without a newline: it gets one if another line follows.
    is_open: bool,
    unbuffered: bool,
}

impl Output {
    pub fn stdout(unbuffered: bool) -> Self {
        Output::to("couldn't write to standard output", BufWriter::new(io::stdout()), unbuffered)
    }

    /// The file of a `w` command. It is made, or emptied.
    pub fn file(name: &str) -> Result<Self, Failure> {
        if name == "/dev/stderr" {
            return Ok(Output::to(name, io::stderr(), true));
        }
        let file =
            File::create(name).map_err(|error| Failure::io(&format!("couldn't open file {name}"), &error))?;
        Ok(Output::to(name, BufWriter::new(file), true))
    }

    pub fn to(name: &str, writer: impl Write + 'static, unbuffered: bool) -> Self {
        Output { name: name.to_owned(), writer: Box::new(writer), is_open: false, unbuffered }
    }

    /// Writes a line, with its `end` if the input had one.
    pub fn line(&mut self, text: &[u8], end: Option<u8>) -> Result<(), Failure> {
        self.close()?;
        let written = self.writer.write_all(text).and_then(|()| self.writer.write_all(end.as_slice()));
        self.is_open = end.is_none();
        self.check(written)?;
        if self.unbuffered { self.flush() } else { Ok(()) }
    }

    /// Writes text as it is.
    pub fn text(&mut self, text: &[u8]) -> Result<(), Failure> {
        self.close()?;
        let written = self.writer.write_all(text);
        self.check(written)?;
        if self.unbuffered { self.flush() } else { Ok(()) }
    }

    pub fn flush(&mut self) -> Result<(), Failure> {
        let flushed = self.writer.flush();
        self.check(flushed)
    }

    fn close(&mut self) -> Result<(), Failure> {
        if std::mem::take(&mut self.is_open) {
            let written = self.writer.write_all(b"\n");
            self.check(written)?;
        }
        Ok(())
    }

    fn check(&self, result: io::Result<()>) -> Result<(), Failure> {
        result.map_err(|error| Failure::io(&self.name, &error))
    }
}
