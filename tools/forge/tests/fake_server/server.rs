// SPDX-License-Identifier: MIT OR Apache-2.0
//! A server that expects certain requests, and a call of `post` to it.

use qos_forge::{Forge, Posted, post};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread;

pub const TOKEN: &str = "s3cret-token";
pub const BODY: &str = "<!-- qos-review -->\n**text** \"ü\"";
pub const JSON_BODY: &str = r#"{"body":"<!-- qos-review -->\n**text** \"ü\""}"#;

pub const VIEWER: &str = r#"{"query":"{viewer{login}}"}"#;

/// A request that has to come, and its answer.
pub struct Step {
    pub request: &'static str,
    pub headers: &'static [&'static str],
    pub body: &'static str,
    pub status: u16,
    pub answer: String,
}

pub fn step(request: &'static str, body: &'static str, status: u16, answer: &str) -> Step {
    Step { request, headers: &[], body, status, answer: answer.to_owned() }
}

/// Answers the steps in their order; returns the URL of the server, and the thread that ends with the last step.
fn serve(forge: Forge, steps: Vec<Step>) -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let own: &[&str] = match forge {
        Forge::GitHub => &[
            "authorization: Bearer s3cret-token",
            "accept: application/vnd.github+json",
            "x-github-api-version: 2022-11-28",
            "user-agent: qos-review",
        ],
        Forge::GitLab => &["private-token: s3cret-token", "user-agent: qos-review"],
        Forge::Forgejo => &["authorization: token s3cret-token"],
    };
    let thread = thread::spawn(move || {
        for step in steps {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let line = line.trim_end().to_owned();
                if line.is_empty() {
                    break;
                }
                head.push(line);
            }
            assert_eq!(head[0], format!("{} HTTP/1.1", step.request));
            for header in own.iter().chain(step.headers) {
                let (name, value) = header.split_once(": ").unwrap();
                let is = |line: &&String| {
                    line.split_once(": ")
                        .is_some_and(|(known, text)| known.eq_ignore_ascii_case(name) && text == value)
                };
                assert_eq!(head.iter().filter(is).count(), 1, "{header} in {head:?}");
            }
            let length = |line: &String| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse().unwrap())
            };
            let mut body = vec![0; head.iter().find_map(length).unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            assert_eq!(String::from_utf8(body).unwrap(), step.body, "{}", step.request);
            let Step { status, answer, .. } = step;
            let location = if status == 302 { "location: http://127.0.0.1:1/\r\n" } else { "" };
            let text = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{location}content-length: {}\r\nconnection: close\r\n\r\n{answer}",
                answer.len()
            );
            reader.get_mut().write_all(text.as_bytes()).unwrap();
        }
    });
    (url, thread)
}

pub const PULL: &str = r#"{"pull_request": {"number": 5}}"#;
pub const RUN: &str = r#"{"workflow_run": {"event": "pull_request", "head_branch": "b/x", "head_sha": "abc",
    "head_repository": {"owner": {"login": "fork"}}}}"#;

/// Posts to `api`.
pub fn call(forge: Forge, api: &str, event: &str) -> Result<Posted, String> {
    call_with(forge, api, event, BODY)
}

pub fn call_with(forge: Forge, api: &str, event: &str, body: &str) -> Result<Posted, String> {
    let variable = |name: &str| {
        let value = match (name, forge) {
            ("GITHUB_TOKEN" | "GITLAB_TOKEN", _) => TOKEN,
            ("GITHUB_API_URL" | "CI_API_V4_URL", _) => api,
            ("GITHUB_REPOSITORY", _) => "o/r",
            ("GITHUB_EVENT_PATH", _) => "event.json",
            ("CI_MERGE_REQUEST_PROJECT_ID", _) => "7",
            ("CI_MERGE_REQUEST_IID", _) => "3",
            _ => return None,
        };
        Some(value.to_owned())
    };
    post(forge, body, &variable, &|_| Ok(event.to_owned()))
}

#[track_caller]
pub fn check(forge: Forge, event: &str, steps: Vec<Step>, expect: Result<Posted, &str>) {
    let (url, server) = serve(forge, steps);
    let got = call(forge, &url, event);
    match (got, expect) {
        (Ok(got), Ok(expect)) => assert_eq!(got, expect),
        (Err(error), Err(part)) => {
            assert!(error.contains(part), "{error}");
            assert!(!error.contains('\n') && !error.contains(TOKEN), "{error}");
        }
        (got, expect) => panic!("{got:?}, not {expect:?}"),
    }
    // A panic of the server is a request that should not have come, or not in this form.
    server.join().unwrap();
}

pub fn list(comments: &[String]) -> String {
    format!("[{}]", comments.join(","))
}

/// A comment with the marker, by the user with this number and login.
pub fn marked(id: u64, user: u64, login: &str) -> String {
    let author = format!(r#"{{"id":{user},"login":"{login}","type":"User"}}"#);
    format!(r#"{{"id":{id},"body":"<!-- qos-review -->\r\nold","user":{author},"author":{author}}}"#)
}

/// A comment of the token's user.
pub fn own(id: u64) -> String {
    marked(id, 7, "me")
}

/// The question for the token's user, and the answer.
pub fn who(forge: Forge) -> Step {
    match forge {
        Forge::GitHub => step("POST /graphql", VIEWER, 200, r#"{"data":{"viewer":{"login":"me"}}}"#),
        Forge::GitLab | Forge::Forgejo => step("GET /user", "", 200, r#"{"id":7,"login":"me"}"#),
    }
}
