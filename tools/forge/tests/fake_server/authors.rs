// SPDX-License-Identifier: MIT OR Apache-2.0
//! Comments with the marker that others wrote.

use crate::server::{JSON_BODY, PULL, Step, VIEWER, check, list, marked, own, step, who};
use qos_forge::{Forge, Posted};

const GITHUB: &str = "GET /repos/o/r/issues/5/comments?per_page=100&page=1";
const GITLAB: &str = "GET /projects/7/merge_requests/3/notes?per_page=100&page=1";
const FORGEJO: &str = "GET /repos/o/r/issues/5/comments?limit=100&page=1";

/// The comments of one page, a question for the token's user, and the requests that follow.
#[track_caller]
fn after(forge: Forge, comments: &[String], who: Step, then: Vec<Step>, expect: Result<Posted, &str>) {
    let get = match forge {
        Forge::GitHub => GITHUB,
        Forge::GitLab => GITLAB,
        Forge::Forgejo => FORGEJO,
    };
    let event = if forge == Forge::GitLab { "" } else { PULL };
    let mut steps = vec![step(get, "", 200, &list(comments)), who];
    steps.extend(then);
    if forge == Forge::Forgejo && matches!(expect, Ok(Posted::Created(_))) {
        // Only a second page shows that there is none.
        let post = steps.pop().unwrap();
        steps.push(step("GET /repos/o/r/issues/5/comments?limit=100&page=2", "", 200, "[]"));
        steps.push(post);
    }
    check(forge, event, steps, expect);
}

fn github(request: &'static str, status: u16) -> Step {
    step(request, JSON_BODY, status, r#"{"id":9}"#)
}

#[test]
fn a_comment_of_a_stranger_is_left_alone() {
    let stranger = marked(1, 6, "eve");
    let created = || Ok(Posted::Created(9));
    let (comments, notes) = ("POST /repos/o/r/issues/5/comments", "POST /projects/7/merge_requests/3/notes");
    for (forge, post) in [(Forge::GitHub, comments), (Forge::GitLab, notes), (Forge::Forgejo, comments)] {
        after(forge, std::slice::from_ref(&stranger), who(forge), vec![github(post, 201)], created());
    }
    let both = [stranger, own(2)];
    let (comment, note) = ("PATCH /repos/o/r/issues/comments/2", "PUT /projects/7/merge_requests/3/notes/2");
    for (forge, update) in [(Forge::GitHub, comment), (Forge::GitLab, note), (Forge::Forgejo, comment)] {
        after(forge, &both, who(forge), vec![github(update, 200)], Ok(Posted::Updated(2)));
    }
}

/// GITHUB_TOKEN is a token of the App of GitHub Actions.
#[test]
fn the_token_of_a_workflow_updates_the_comment_of_its_app() {
    let app = r#"{"id":2,"body":"<!-- qos-review -->","user":{"id":41898282,"login":"github-actions[bot]","type":"Bot"}}"#;
    let both = [marked(1, 6, "eve"), app.to_owned()];
    for (status, answer) in [
        (200, r#"{"data":{"viewer":{"login":"github-actions[bot]"}}}"#),
        (200, r#"{"data":{"viewer":{"login":"github-actions"}}}"#),
        // If GraphQL does not tell.
        (200, r#"{"data":null,"errors":[{"message":"no"}]}"#),
        (403, r#"{"message":"Resource not accessible by integration"}"#),
    ] {
        let update = github("PATCH /repos/o/r/issues/comments/2", 200);
        let who = step("POST /graphql", VIEWER, status, answer);
        after(Forge::GitHub, &both, who, vec![update], Ok(Posted::Updated(2)));
    }
}

/// A token of Forgejo that may write issues but not read its user.
#[test]
fn a_comment_that_the_forge_does_not_let_update_is_passed_over() {
    let refused = || {
        step(
            "GET /user",
            "",
            403,
            r#"{"message":"token does not have at least one of required scope(s): [read:user]"}"#,
        )
    };
    let update = |request, status| step(request, JSON_BODY, status, r#"{"id":2}"#);
    let first = "PATCH /repos/o/r/issues/comments/1";
    let second = "PATCH /repos/o/r/issues/comments/2";
    let both = [marked(1, 6, "eve"), own(2)];
    for status in [403, 404] {
        let then = vec![update(first, status), update(second, 200)];
        after(Forge::Forgejo, &both, refused(), then, Ok(Posted::Updated(2)));
        let then = vec![update(first, status), github("POST /repos/o/r/issues/5/comments", 201)];
        after(Forge::Forgejo, &both[..1], refused(), then, Ok(Posted::Created(9)));
    }
    // Its own comment, in a discussion that is locked for example: the error is that of creating one.
    let then = vec![
        update("PATCH /repos/o/r/issues/comments/2", 403),
        github("POST /repos/o/r/issues/5/comments", 403),
    ];
    after(
        Forge::GitHub,
        &both[1..],
        who(Forge::GitHub),
        then,
        Err("github: POST /repos/o/r/issues/5/comments: HTTP 403; the job needs"),
    );
    let invalid = step("GET /user", "", 401, "");
    after(Forge::GitLab, &both, invalid, vec![], Err("gitlab: GET /user: HTTP 401; the token is invalid"));
}
