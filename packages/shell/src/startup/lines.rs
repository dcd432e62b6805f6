// SPDX-License-Identifier: GPL-3.0-or-later
//! Lines of commands from a file descriptor, read in blocks if that has no visible effect.

use crate::System;
use std::io::SeekFrom;
use yash_env::input::{Context, Input, Result};
use yash_env::io::Fd;
use yash_env::system::{Read as _, Seek as _};

/// The size of a block.
const BLOCK: usize = 4096;

/// Who else reads from the descriptor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sharing {
    /// Nobody: what was read ahead stays in the shell.
    Private,
    /// The commands that the shell executes: they find the input after the line that holds them.
    Shared,
}

/// An input that reads lines from `fd`.
#[derive(Debug)]
pub struct Lines {
    fd: Fd,
    system: System,
    sharing: Sharing,
    /// Bytes that were read and not returned.
    ahead: Vec<u8>,
}

impl Lines {
    /// The lines of `fd`.
    pub fn new(fd: Fd, system: System, sharing: Sharing) -> Self {
        Self { fd, system, sharing, ahead: Vec::new() }
    }

    /// The next line with its newline; without one at the end of the input.
    async fn line(&mut self) -> std::result::Result<Vec<u8>, yash_env::system::Errno> {
        // In a file, the offset can be set back to the end of the line. A pipe or a terminal is read by the byte.
        let seekable =
            self.sharing == Sharing::Shared && self.system.lseek(self.fd, SeekFrom::Current(0)).is_ok();
        let block = if seekable || self.sharing == Sharing::Private { BLOCK } else { 1 };
        let mut searched = 0;
        loop {
            if let Some(at) = self.ahead[searched..].iter().position(|&byte| byte == b'\n') {
                let rest = self.ahead.split_off(searched + at + 1);
                let line = std::mem::replace(&mut self.ahead, rest);
                if seekable && !self.ahead.is_empty() {
                    let back = i64::try_from(self.ahead.len()).unwrap_or(0);
                    self.system.lseek(self.fd, SeekFrom::Current(-back))?;
                    self.ahead.clear();
                }
                return Ok(line);
            }
            searched = self.ahead.len();
            self.ahead.resize(searched + block, 0);
            let read = self.system.read(self.fd, &mut self.ahead[searched..]).await;
            self.ahead.truncate(searched + *read.as_ref().unwrap_or(&0));
            if read? == 0 {
                return Ok(std::mem::take(&mut self.ahead));
            }
        }
    }
}

impl Input for Lines {
    async fn next_line(&mut self, _context: &Context) -> Result {
        let line = self.line().await?;
        Ok(String::from_utf8(line)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }
}
