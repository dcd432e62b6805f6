// SPDX-License-Identifier: MIT OR Apache-2.0
//! Posts to a server on loopback that checks every request.

#[path = "fake_server/authors.rs"]
mod authors;
#[path = "fake_server/server.rs"]
mod server;

use qos_forge::{Forge, Posted};
use server::{JSON_BODY, PULL, RUN, Step, TOKEN, call, call_with, check, list, own, step, who};
use std::net::TcpListener;
use std::thread;

/// So many comments of others, with numbers from `first`.
fn others(first: u64, number: u64) -> Vec<String> {
    (first..first + number).map(|id| format!(r#"{{"id":{id},"body":"a word"}}"#)).collect()
}

#[test]
fn a_first_comment_is_created() {
    check(
        Forge::GitHub,
        PULL,
        vec![
            step("GET /repos/o/r/issues/5/comments?per_page=100&page=1", "", 200, &list(&others(1, 2))),
            Step {
                headers: &["content-type: application/json"],
                ..step("POST /repos/o/r/issues/5/comments", JSON_BODY, 201, r#"{"id":9}"#)
            },
        ],
        Ok(Posted::Created(9)),
    );
    check(
        Forge::GitLab,
        "",
        vec![
            step("GET /projects/7/merge_requests/3/notes?per_page=100&page=1", "", 200, "[]"),
            step("POST /projects/7/merge_requests/3/notes", JSON_BODY, 201, r#"{"id":8}"#),
        ],
        Ok(Posted::Created(8)),
    );
    check(
        Forge::Forgejo,
        PULL,
        vec![
            step("GET /repos/o/r/issues/5/comments?limit=100&page=1", "", 200, "[]"),
            step("POST /repos/o/r/issues/5/comments", JSON_BODY, 201, r#"{"id":7}"#),
        ],
        Ok(Posted::Created(7)),
    );
}

#[test]
fn a_later_call_updates_the_same_comment() {
    let mut comments = others(1, 2);
    comments.push(own(42));
    check(
        Forge::GitHub,
        PULL,
        vec![
            step("GET /repos/o/r/issues/5/comments?per_page=100&page=1", "", 200, &list(&comments)),
            who(Forge::GitHub),
            step("PATCH /repos/o/r/issues/comments/42", JSON_BODY, 200, r#"{"id":42}"#),
        ],
        Ok(Posted::Updated(42)),
    );
    check(
        Forge::GitLab,
        "",
        vec![
            step("GET /projects/7/merge_requests/3/notes?per_page=100&page=1", "", 200, &list(&comments)),
            who(Forge::GitLab),
            step("PUT /projects/7/merge_requests/3/notes/42", JSON_BODY, 200, r#"{"id":42}"#),
        ],
        Ok(Posted::Updated(42)),
    );
    check(
        Forge::Forgejo,
        PULL,
        vec![
            step("GET /repos/o/r/issues/5/comments?limit=100&page=1", "", 200, &list(&comments)),
            who(Forge::Forgejo),
            step("PATCH /repos/o/r/issues/comments/42", JSON_BODY, 200, r#"{"id":42}"#),
        ],
        Ok(Posted::Updated(42)),
    );
}

#[test]
fn every_page_is_searched() {
    check(
        Forge::GitHub,
        PULL,
        vec![
            step("GET /repos/o/r/issues/5/comments?per_page=100&page=1", "", 200, &list(&others(1, 100))),
            step("GET /repos/o/r/issues/5/comments?per_page=100&page=2", "", 200, &list(&others(101, 100))),
            step("GET /repos/o/r/issues/5/comments?per_page=100&page=3", "", 200, &list(&[own(201)])),
            who(Forge::GitHub),
            step("PATCH /repos/o/r/issues/comments/201", JSON_BODY, 200, r#"{"id":201}"#),
        ],
        Ok(Posted::Updated(201)),
    );
    // A server with a smaller limit than the requested one.
    check(
        Forge::Forgejo,
        PULL,
        vec![
            step("GET /repos/o/r/issues/5/comments?limit=100&page=1", "", 200, &list(&others(1, 50))),
            step("GET /repos/o/r/issues/5/comments?limit=100&page=2", "", 200, &list(&[own(60)])),
            who(Forge::Forgejo),
            step("PATCH /repos/o/r/issues/comments/60", JSON_BODY, 200, r#"{"id":60}"#),
        ],
        Ok(Posted::Updated(60)),
    );
    // A server without pages gives the same list again.
    check(
        Forge::Forgejo,
        PULL,
        vec![
            step("GET /repos/o/r/issues/5/comments?limit=100&page=1", "", 200, &list(&others(1, 50))),
            step("GET /repos/o/r/issues/5/comments?limit=100&page=2", "", 200, &list(&others(1, 50))),
            step("POST /repos/o/r/issues/5/comments", JSON_BODY, 201, r#"{"id":70}"#),
        ],
        Ok(Posted::Created(70)),
    );
}

#[test]
fn the_pull_request_of_a_run_is_found_by_its_head() {
    let pulls = "GET /repos/o/r/pulls?state=open&per_page=100&head=fork:b%2Fx";
    check(
        Forge::GitHub,
        RUN,
        vec![
            step(
                pulls,
                "",
                200,
                r#"[{"number":4,"head":{"sha":"other"}},{"number":5,"head":{"sha":"abc"}}]"#,
            ),
            step("GET /repos/o/r/issues/5/comments?per_page=100&page=1", "", 200, "[]"),
            step("POST /repos/o/r/issues/5/comments", JSON_BODY, 201, r#"{"id":9}"#),
        ],
        Ok(Posted::Created(9)),
    );
    for answer in ["[]", r#"[{"number":5,"head":{"sha":"newer"}}]"#] {
        let nothing = Posted::Nothing("the pull request is closed, or has newer commits".into());
        check(Forge::GitHub, RUN, vec![step(pulls, "", 200, answer)], Ok(nothing));
    }
}

#[test]
fn a_refusal_is_one_line() {
    let get = "GET /repos/o/r/issues/5/comments?per_page=100&page=1";
    let refused = |status, answer: &str, part| {
        check(Forge::GitHub, PULL, vec![step(get, "", status, answer)], Err(part))
    };
    refused(
        401,
        r#"{"message": "Bad credentials"}"#,
        "github: GET /repos/o/r/issues/5/comments: HTTP 401 (Bad credentials); the token is invalid or has expired",
    );
    refused(
        403,
        r#"{"message": "Resource not accessible by integration"}"#,
        "the job needs `permissions: pull-requests: write`",
    );
    refused(404, "", "HTTP 404; the job needs");
    refused(429, "", "HTTP 429; too many requests");
    refused(500, "<html>\n", "HTTP 500; the forge fails: run the job again later");
    refused(502, r#"{"message": "token s3cret-token\r\nseen"}"#, "HTTP 502 (token ***  seen)");
    refused(302, "", "HTTP 302; the API redirects");
    refused(200, "<html>", "the answer is not JSON");
    refused(200, "{}", "the answer is not a list");
    let notes = "GET /projects/7/merge_requests/3/notes?per_page=100&page=1";
    let gitlab = |status, answer: &str, part| {
        check(Forge::GitLab, "", vec![step(notes, "", status, answer)], Err(part))
    };
    gitlab(
        403,
        r#"{"error": "insufficient_scope"}"#,
        "HTTP 403 (insufficient_scope); the token needs the scope `api`",
    );
    gitlab(401, r#"{"message": {"base": ["x"]}}"#, r#"HTTP 401 ({"base":["x"]}); the token is invalid"#);
    check(
        Forge::GitHub,
        PULL,
        vec![
            step(get, "", 200, &list(&[own(3)])),
            who(Forge::GitHub),
            step("PATCH /repos/o/r/issues/comments/3", JSON_BODY, 500, r#"{"message": "no"}"#),
        ],
        Err("github: PATCH /repos/o/r/issues/comments/3: HTTP 500 (no); the forge fails"),
    );
    check(
        Forge::GitHub,
        PULL,
        vec![step(get, "", 200, "[]"), step("POST /repos/o/r/issues/5/comments", JSON_BODY, 201, "{}")],
        Err("the answer has no id"),
    );
}

#[test]
fn no_connection_is_one_line() {
    // A port that was just free.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = call(Forge::GitHub, &format!("http://{address}"), PULL).unwrap_err();
    assert!(
        error.starts_with("github: GET /repos/o/r/issues/5/comments: no answer from http://127.0.0.1:"),
        "{error}"
    );
    assert!(error.contains("refused") && !error.contains('\n') && !error.contains(TOKEN), "{error}");
    // A server that closes the connection.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || drop(listener.accept()));
    let error = call(Forge::GitHub, &url, PULL).unwrap_err();
    assert!(error.contains("no answer from") && !error.contains('\n'), "{error}");
    server.join().unwrap();
}

/// What stands before the @ is a user's name and password, and no host.
#[test]
fn a_token_is_not_sent_to_the_host_behind_an_at_sign() {
    let error = call(Forge::GitHub, "http://127.0.0.1:80@192.0.2.2", PULL).unwrap_err();
    assert!(
        error.starts_with("github: GITHUB_API_URL is http://127.0.0.1:***@192.0.2.2: it has a user's name"),
        "{error}"
    );
}

/// The text comes from a job that ran the code of a fork's pull request.
#[test]
fn a_text_cannot_choose_the_comment_that_it_overwrites() {
    // A request would fail by itself: nothing listens.
    let error = call_with(Forge::GitHub, "http://127.0.0.1:1", PULL, "<!-- codecov -->\nmine").unwrap_err();
    assert_eq!(
        error,
        r#"github: the first line of the comment is "<!-- codecov -->", not <!-- qos-review -->; is this the comment.md of `cargo xtask review`?"#
    );
}
