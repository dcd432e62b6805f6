// SPDX-License-Identifier: MIT OR Apache-2.0
//! The comments of a pull request in the APIs of the forges.
//!
//! - GitHub: "REST API endpoints for issue comments"; a pull request is an issue.
//! - GitLab: "Notes API", merge requests.
//! - Forgejo: `issue` in the Swagger of `/api/v1`.

use crate::context::{Context, Place};
use crate::http::Client;
use crate::viewer::Viewer;
use crate::{Forge, MARKER, Posted};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Comments on a page.
const PAGE: usize = 100;

/// Pages at most: a server that never ends its list is no reason to wait forever.
const PAGES: usize = 1000;

/// Updates the comment of the token's user whose first line is [`MARKER`], or creates it.
///
/// # Errors
/// One line: the request that failed, and why.
pub fn post(client: &Client, context: &Context, body: &str) -> Result<Posted, String> {
    let Some(paths) = Paths::of(client, &context.place)? else {
        return Ok(Posted::Nothing("the pull request is closed, or has newer commits".into()));
    };
    let text = json!({ "body": body });
    if let Some(id) = update(client, context.forge, &paths, &text)? {
        return Ok(Posted::Updated(id));
    }
    let created = client.request("POST", &paths.all, Some(&text))?;
    let id = created.get("id").and_then(Value::as_u64);
    id.map(Posted::Created).ok_or_else(|| format!("POST {}: the answer has no id", paths.all))
}

/// The paths of an API.
struct Paths {
    /// All comments of the pull request.
    all: String,
    /// What the number of one comment follows.
    one: String,
}

impl Paths {
    /// The paths for a place; `None` if the pull request does not exist any more.
    fn of(client: &Client, place: &Place) -> Result<Option<Self>, String> {
        let of_issue = |repository: &str, number: u64| Paths {
            all: format!("/repos/{repository}/issues/{number}/comments"),
            one: format!("/repos/{repository}/issues/comments"),
        };
        Ok(match place {
            Place::Pull { repository, number } => Some(of_issue(repository, *number)),
            Place::Merge { project, number } => {
                let notes = format!("/projects/{project}/merge_requests/{number}/notes");
                Some(Paths { all: notes.clone(), one: notes })
            }
            Place::Head { repository, owner, branch, commit } => {
                let head = format!("{}:{}", encode(owner), encode(branch));
                let path = format!("/repos/{repository}/pulls?state=open&per_page={PAGE}&head={head}");
                let pulls = client.request("GET", &path, None)?;
                // The branch may have moved on: its next run comments then.
                let is = |pull: &&Value| pull.pointer("/head/sha").and_then(Value::as_str) == Some(commit);
                let found = pulls.as_array().into_iter().flatten().find(is);
                let number = found.and_then(|pull| pull.get("number")?.as_u64());
                number.map(|number| of_issue(repository, number))
            }
        })
    }
}

/// Updates the first comment that has the marker, is not another's, and can be updated; returns its number.
///
/// Anybody can write the marker. A comment of another is left alone, because its author could change the text afterwards; one that the
/// forge does not let the token update is passed over.
fn update(client: &Client, forge: Forge, paths: &Paths, text: &Value) -> Result<Option<u64>, String> {
    let size = if forge == Forge::Forgejo { "limit" } else { "per_page" };
    let method = if forge == Forge::GitLab { "PUT" } else { "PATCH" };
    let mut viewer = None;
    let mut seen = BTreeSet::new();
    for page in 1..=PAGES {
        let path = format!("{}?{size}={PAGE}&page={page}", paths.all);
        let comments = client.request("GET", &path, None)?;
        let comments =
            comments.as_array().ok_or_else(|| format!("GET {}: the answer is not a list", paths.all))?;
        let before = seen.len();
        for comment in comments {
            let Some(id) = comment.get("id").and_then(Value::as_u64) else { continue };
            if !seen.insert(id) || !is_marked(comment) {
                continue;
            }
            let viewer = match &viewer {
                Some(known) => known,
                None => viewer.insert(Viewer::ask(client, forge)?),
            };
            if !viewer.may_have_written(comment) {
                continue;
            }
            match client.request(method, &format!("{}/{id}", paths.one), Some(text)) {
                Ok(_) => return Ok(Some(id)),
                Err(failure) if failure.is_refusal() => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        // Forgejo may have a smaller limit than requested, and releases without pages repeat the whole list.
        let last = forge != Forge::Forgejo && comments.len() < PAGE;
        if last || seen.len() == before {
            return Ok(None);
        }
    }
    Ok(None)
}

/// Whether a comment begins with the marker. A quotation of it begins with `> `.
fn is_marked(comment: &Value) -> bool {
    comment.get("body").and_then(Value::as_str).and_then(|body| body.lines().next()) == Some(MARKER)
}

/// For the query of a URL (RFC 3986).
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marker_is_the_first_line() {
        let check = |body: &str, expect| assert_eq!(is_marked(&json!({"body": body})), expect, "{body}");
        check("<!-- qos-review -->\ntext", true);
        check("<!-- qos-review -->\r\ntext", true);
        check("> <!-- qos-review -->\ntext", false);
        check("text\n<!-- qos-review -->", false);
        check("", false);
        assert!(!is_marked(&json!({"id": 3})));
        assert_eq!(encode("a/b:ü &"), "a%2Fb%3A%C3%BC%20%26");
    }
}
