// SPDX-License-Identifier: MIT OR Apache-2.0
//! A socket whose operations take a limited time, and the errors of its end.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Whether the error is what the end of a server looks like on an open connection.
pub fn is_end(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
}

/// A socket whose reads and writes together may take a limited time.
pub struct Timed<'a> {
    socket: &'a TcpStream,
    limit: Duration,
    end: Instant,
    failure: &'a str,
}

impl<'a> Timed<'a> {
    /// Begins the time. `failure` is what has happened when it is over, without the time.
    pub fn new(socket: &'a TcpStream, limit: Duration, failure: &'a str) -> Self {
        Timed { socket, limit, end: Instant::now() + limit, failure }
    }

    fn late(&self) -> io::Error {
        io::Error::new(io::ErrorKind::TimedOut, format!("{} within {:?}", self.failure, self.limit))
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(self.late()) } else { Ok(Some(left)) }
    }

    fn done(&self, result: io::Result<usize>) -> io::Result<usize> {
        result.map_err(|error| if error.kind() == io::ErrorKind::WouldBlock { self.late() } else { error })
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(self.left()?)?;
        let result = self.socket.read(buffer);
        self.done(result)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(self.left()?)?;
        let result = self.socket.write(bytes);
        self.done(result)
    }

    fn write_vectored(&mut self, parts: &[io::IoSlice<'_>]) -> io::Result<usize> {
        self.socket.set_write_timeout(self.left()?)?;
        let result = self.socket.write_vectored(parts);
        self.done(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
