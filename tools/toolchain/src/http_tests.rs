// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of the downloader with a server on the loopback interface that fails in each way in which a mirror can fail.

use super::*;
use crate::context::Silent;
use crate::testing::{Answer, Server};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const DATA: &[u8] = b"the content of a package, long enough to be cut";

/// Fetches DATA, with `part` there already, from servers that answer so; expects the outcome, and what is left in the
/// directory.
fn check(part: &[u8], servers: &[&Server], expect: std::result::Result<(), &str>, left: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.deb");
    if !part.is_empty() {
        fs::write(folder.path().join("a.deb.part"), part).unwrap();
    }
    let stop = AtomicBool::new(false);
    let context = Context { progress: &Silent, stop: &stop };
    let urls = servers.iter().map(|server| format!("{}/a.deb", server.url)).collect();
    let wanted =
        Wanted { name: "the package a 1-1", urls, size: DATA.len() as u64, sum: Sum::of(DATA), path: &path };
    let last = Mutex::new(0);
    let result =
        Client::new(Duration::ZERO).unwrap().fetch(&context, &wanted, &|now| *last.lock().unwrap() = now);
    let text = result.map_err(|error| {
        servers.iter().fold(error.to_string(), |text, server| text.replace(&server.url, "URL"))
    });
    assert_eq!(text, expect.map_err(str::to_owned));
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, left);
    if expect.is_ok() {
        assert_eq!(fs::read(&path).unwrap(), DATA);
        assert_eq!(*last.lock().unwrap(), DATA.len() as u64);
    }
}

fn good() -> Server {
    Server::start(|_, _| Answer::Whole(DATA.to_vec()))
}

fn seen(server: &Server) -> Vec<u64> {
    server.seen.lock().unwrap().iter().map(|(_, from)| *from).collect()
}

#[test]
fn a_file_is_fetched() {
    check(b"", &[&good()], Ok(()), &["a.deb"]);
}

#[test]
fn a_former_try_is_resumed() {
    let server = good();
    check(&DATA[..10], &[&server], Ok(()), &["a.deb"]);
    assert_eq!(seen(&server), [10]);
}

#[test]
fn a_complete_part_needs_no_server() {
    let server = good();
    check(DATA, &[&server], Ok(()), &["a.deb"]);
    assert!(seen(&server).is_empty());
}

#[test]
fn a_server_without_ranges_sends_all_again() {
    let server = Server::start(|_, _| Answer::NoRange(DATA.to_vec()));
    check(&DATA[..10], &[&server], Ok(()), &["a.deb"]);
}

#[test]
fn a_connection_that_breaks_is_resumed() {
    let server = Server::start(|_, from| match from {
        0..30 => Answer::Cut(DATA.to_vec(), 15),
        _ => Answer::Whole(DATA.to_vec()),
    });
    check(b"", &[&server], Ok(()), &["a.deb"]);
    assert_eq!(seen(&server), [0, 15, 30]);
}

#[test]
fn a_damaged_part_is_fetched_anew() {
    let server = good();
    check(b"something else", &[&server], Ok(()), &["a.deb"]);
    assert_eq!(seen(&server), [14, 0]);
}

#[test]
fn a_truncated_file_is_an_error_that_keeps_the_part() {
    let server = Server::start(|_, from| Answer::NoRange(DATA[from as usize..DATA.len() - 7].to_vec()));
    let message =
        "cannot download the package a 1-1: the file ends after 40 of 47 bytes, 3 times (URL/a.deb)";
    check(b"", &[&server], Err(message), &["a.deb.part"]);
}

#[test]
fn an_altered_file_is_an_error_and_is_removed() {
    let altered = DATA.to_ascii_uppercase();
    let message = format!(
        "cannot download the package a 1-1: the SHA-256 of the file is {}, not {} as expected (URL/a.deb)",
        Sum::of(&altered).hex(),
        Sum::of(DATA).hex()
    );
    let server = Server::start(move |_, _| Answer::NoRange(altered.clone()));
    check(b"", &[&server], Err(&message), &[]);
}

#[test]
fn a_longer_file_is_an_error_and_is_removed() {
    let server = Server::start(|_, _| Answer::NoRange([DATA, DATA].concat()));
    check(
        b"",
        &[&server],
        Err("cannot download the package a 1-1: the file is longer than 47 bytes (URL/a.deb)"),
        &[],
    );
}

#[test]
fn the_next_mirror_is_asked() {
    let absent = Server::start(|_, _| Answer::Status(404));
    check(b"", &[&absent, &good()], Ok(()), &["a.deb"]);
    let altered = Server::start(|_, _| Answer::Whole(DATA.to_ascii_uppercase()));
    check(b"", &[&altered, &good()], Ok(()), &["a.deb"]);
}

#[test]
fn what_no_mirror_has_is_gone() {
    let absent = Server::start(|_, _| Answer::Status(404));
    check(b"", &[&absent, &absent], Err("no mirror has the package a 1-1"), &[]);
}

#[test]
fn a_busy_server_is_asked_again() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |_, _| match count.fetch_add(1, Ordering::Relaxed) {
        0 | 1 => Answer::Status(503),
        _ => Answer::Whole(DATA.to_vec()),
    });
    check(b"", &[&server], Ok(()), &["a.deb"]);
    let forbidden = Server::start(|_, _| Answer::Status(403));
    let message = "cannot download the package a 1-1: the server answered 403 (URL/a.deb)";
    check(b"", &[&forbidden], Err(message), &["a.deb.part"]);
}

#[test]
fn an_interruption_keeps_the_part() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.deb");
    fs::write(folder.path().join("a.deb.part"), &DATA[..5]).unwrap();
    let stop = AtomicBool::new(true);
    let context = Context { progress: &Silent, stop: &stop };
    let urls = vec![format!("{}/a.deb", good().url)];
    let wanted = Wanted { name: "a", urls, size: DATA.len() as u64, sum: Sum::of(DATA), path: &path };
    let error = Client::new(Duration::ZERO).unwrap().fetch(&context, &wanted, &|_| {}).unwrap_err();
    assert!(error.is_interrupted());
    assert_eq!(fs::read(folder.path().join("a.deb.part")).unwrap(), &DATA[..5]);
}
