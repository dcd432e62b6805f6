// SPDX-License-Identifier: MIT OR Apache-2.0
//! Helpers of this crate's tests: packages, and a server on the loopback interface.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A request as the server saw it: path, and the first byte wanted.
pub type Seen = (String, u64);

/// An HTTP server for one test. `answer` gets the path and the first requested byte, and returns the response.
pub struct Server {
    pub url: String,
    pub seen: Arc<Mutex<Vec<Seen>>>,
}

/// What the server sends.
pub enum Answer {
    /// A status without content.
    Status(u16),
    /// The content, from the requested byte.
    Whole(Vec<u8>),
    /// The content, but the connection ends after so many bytes of it.
    Cut(Vec<u8>, usize),
    /// The whole content, whatever was requested: a server without range requests.
    NoRange(Vec<u8>),
}

impl Server {
    pub fn start(answer: impl Fn(&str, u64) -> Answer + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (seen.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (log.clone(), answer.clone());
                std::thread::spawn(move || serve(stream, &log, &*answer));
            }
        });
        Server { url, seen }
    }
}

fn serve(stream: TcpStream, log: &Mutex<Vec<Seen>>, answer: &dyn Fn(&str, u64) -> Answer) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split_whitespace().nth(1)?.to_owned();
    let mut from = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let header = line.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(range) = header.strip_prefix("range: bytes=") {
            from = range.trim_end_matches('-').parse().ok()?;
        }
    }
    log.lock().unwrap().push((path.clone(), from));
    let (status, body, end) = match answer(&path, from) {
        Answer::Status(status) => (status, Vec::new(), 0),
        Answer::Whole(data) => part(data, from, usize::MAX),
        Answer::Cut(data, end) => part(data, from, end),
        Answer::NoRange(data) => part(data, 0, usize::MAX),
    };
    write!(stream, "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())
        .ok()?;
    stream.write_all(&body[..end.min(body.len())]).ok()
}

fn part(data: Vec<u8>, from: u64, end: usize) -> (u16, Vec<u8>, usize) {
    let start = (from as usize).min(data.len());
    (if from == 0 { 200 } else { 206 }, data[start..].to_vec(), end)
}

/// Writes a package file with these files below `usr/share/doc`. Content that starts with `->` is a link; a file whose name ends with
/// `.gz` is compressed.
pub fn write_deb(file: &Path, files: &[(&str, &str)]) {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        let path = format!("./usr/share/doc/{path}");
        if let Some(target) = text.strip_prefix("->") {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_size(0);
            tar.append_link(&mut header, path, target).unwrap();
        } else {
            let mut content = text.as_bytes().to_vec();
            if path.ends_with(".gz") {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(&content).unwrap();
                content = encoder.finish().unwrap();
            }
            header.set_size(content.len() as u64);
            tar.append_data(&mut header, path, content.as_slice()).unwrap();
        }
    }
    let content = tar.into_inner().unwrap();
    let mut archive = ar::Builder::new(fs::File::create(file).unwrap());
    archive.append(&ar::Header::new(b"data.tar".to_vec(), content.len() as u64), &content[..]).unwrap();
}
