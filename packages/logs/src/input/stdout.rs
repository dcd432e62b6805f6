// SPDX-License-Identifier: MIT OR Apache-2.0
//! Streams of services' output: the protocol of /run/systemd/journal/stdout, which sd_journal_stream_fd(3) and systemd's manager
//! speak. Seven lines come first: identifier, unit, priority, whether lines begin with `<N>`, and three about forwarding.

/// Bytes of a line; a longer one is divided. As LineMax= of journald.conf(5).
const LINE: usize = 48 << 10;

/// Bytes of one of the first lines.
const HEADER_LINE: usize = 4096;

/// What the first lines say.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Header {
    /// Name of the program; empty if not told.
    pub identifier: Vec<u8>,
    /// The unit; empty if not told.
    pub unit: Vec<u8>,
    /// Facility and severity of lines without a prefix.
    pub priority: u16,
    /// Lines may begin with `<N>`.
    pub prefix: bool,
}

/// A line of output.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// Severity, from 0 to 7.
    pub level: u8,
    /// Facility.
    pub facility: u16,
    /// Its text without the newline.
    pub text: Vec<u8>,
}

/// A stream's state.
#[derive(Debug, Default)]
pub struct Stream {
    /// What the first lines say.
    pub header: Header,
    read: usize,
    partial: Vec<u8>,
}

impl Stream {
    /// Takes bytes, and gives the lines that are complete.
    ///
    /// # Errors
    /// When the first lines are not of the protocol, with the reason: the stream is to be closed.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Line>, String> {
        self.partial.extend_from_slice(bytes);
        let mut lines = Vec::new();
        let mut rest = self.partial.as_slice();
        loop {
            let limit = if self.read < 7 { HEADER_LINE } else { LINE };
            let window = &rest[..rest.len().min(limit)];
            let end = window.iter().position(|byte| *byte == b'\n');
            let (line, after) = match end {
                Some(end) => (&rest[..end], &rest[end + 1..]),
                None if window.len() == limit && self.read >= 7 => rest.split_at(limit),
                None if window.len() == limit => {
                    return Err(format!("line {} of the header is too long", self.read + 1));
                }
                None => break,
            };
            if self.read < 7 {
                self.header.set(self.read, line)?;
                self.read += 1;
            } else {
                lines.push(self.header.line(line));
            }
            rest = after;
        }
        self.partial = rest.to_vec();
        Ok(lines)
    }

    /// The last line, if it has no newline.
    pub fn end(&mut self) -> Option<Line> {
        let text = std::mem::take(&mut self.partial);
        (self.read >= 7 && !text.is_empty()).then(|| self.header.line(&text))
    }
}

impl Header {
    /// The lines of this header, as a client sends them.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [&self.identifier, &self.unit] {
            bytes.extend(part.iter().filter(|byte| **byte != b'\n'));
            bytes.push(b'\n');
        }
        bytes.extend(format!("{}\n{}\n0\n0\n0\n", self.priority, u8::from(self.prefix)).bytes());
        bytes
    }

    fn set(&mut self, at: usize, line: &[u8]) -> Result<(), String> {
        let shown = || format!("{:?} in line {} of the header", line.escape_ascii().to_string(), at + 1);
        match (at, line) {
            (0, _) => self.identifier = line.to_vec(),
            (1, _) => self.unit = line.to_vec(),
            (2, _) => {
                let text = std::str::from_utf8(line).ok();
                let number = text.and_then(|text| text.parse().ok()).filter(|number| *number < 1024);
                self.priority = number.ok_or_else(|| format!("no priority: {}", shown()))?;
            }
            (3, b"0" | b"1") => self.prefix = line == b"1",
            // Forwarding is the daemon's decision.
            (_, b"0" | b"1") => {}
            _ => return Err(format!("neither 0 nor 1: {}", shown())),
        }
        Ok(())
    }

    fn line(&self, line: &[u8]) -> Line {
        let prefix = if self.prefix { super::priority(line) } else { None };
        let (priority, text) = prefix.unwrap_or((self.priority, line));
        // A prefix without a facility keeps the header's.
        let facility = if priority < 8 { self.priority >> 3 } else { priority >> 3 };
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        Line { level: (priority & 7) as u8, facility, text: text.to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] = b"prog\na.service\n30\n1\n0\n0\n0\n";

    fn shown(lines: &[Line]) -> String {
        let line = |line: &Line| format!("{}.{} {}", line.facility, line.level, line.text.escape_ascii());
        lines.iter().map(line).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn lines() {
        // However the bytes are divided.
        let data = [HEADER, b"one\n<3>two\r\n<>x\n<12>y\n\nend"].concat();
        for size in 1..data.len() {
            let mut stream = Stream::default();
            let mut lines = Vec::new();
            for part in data.chunks(size) {
                lines.extend(stream.feed(part).unwrap());
            }
            lines.extend(stream.end());
            assert_eq!(shown(&lines), "3.6 one|3.3 two|3.6 <>x|1.4 y|3.6 |3.6 end");
            assert_eq!(stream.header.unit, b"a.service");
            assert_eq!(stream.end(), None);
        }
        let mut stream = Stream::default();
        stream.feed(HEADER).unwrap();
        assert_eq!(stream.header.encode(), HEADER);
    }

    #[test]
    fn without_prefixes() {
        let mut stream = Stream::default();
        let lines = stream.feed(b"p\n\n13\n0\n0\n0\n0\n<3>two\n").unwrap();
        assert_eq!(shown(&lines), "1.5 <3>two");
    }

    #[test]
    fn long_lines_are_divided() {
        let mut stream = Stream::default();
        stream.feed(HEADER).unwrap();
        let lines = stream.feed(&[b'x'; 2 * LINE + 1]).unwrap();
        assert_eq!(lines.iter().map(|line| line.text.len()).collect::<Vec<_>>(), [LINE, LINE]);
        assert_eq!(stream.end().unwrap().text.len(), 1);
    }

    #[test]
    fn bad_headers() {
        for bad in
            [&b"a\nb\nx\n"[..], b"a\nb\n9999\n", b"a\nb\n6\n2\n", b"a\nb\n6\n1\n\n", &[b'x'; HEADER_LINE]]
        {
            assert!(Stream::default().feed(bad).is_err(), "{}", bad.escape_ascii());
        }
        // A stream that ends within the header has no line.
        let mut stream = Stream::default();
        stream.feed(b"a\nb").unwrap();
        assert_eq!(stream.end(), None);
    }
}
