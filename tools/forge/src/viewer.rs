// SPDX-License-Identifier: MIT OR Apache-2.0
//! The user of a token, and whether a comment is theirs.

use crate::Forge;
use crate::http::{Client, Failure};
use serde_json::{Value, json};

/// The author of the comments that `GITHUB_TOKEN` of GitHub Actions creates.
const ACTIONS: &str = "github-actions[bot]";

/// The user whose token it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// The login, of GitHub.
    Login(String),
    /// The user's number, of GitLab and Forgejo.
    Id(u64),
    /// The token may not ask. Forgejo's with the permission for issues only is such a one.
    Unknown,
}

impl Viewer {
    /// Asks the forge. GitHub answers `GET /user` for personal tokens only, but GraphQL's `viewer` for those of an App too, of which
    /// `GITHUB_TOKEN` is one.
    ///
    /// # Errors
    /// The request fails, and not because the token may not ask.
    pub fn ask(client: &Client, forge: Forge) -> Result<Self, Failure> {
        let answer = match forge {
            Forge::GitHub => client.graphql(&json!({ "query": "{viewer{login}}" })),
            Forge::GitLab | Forge::Forgejo => client.request("GET", "/user", None),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) if failure.is_refusal() => Value::Null,
            Err(failure) => return Err(failure),
        };
        Ok(match forge {
            // A token of GitHub can update the comments of everybody, so a guess is better than all of them.
            Forge::GitHub => Viewer::Login(
                answer.pointer("/data/viewer/login").and_then(Value::as_str).unwrap_or(ACTIONS).to_owned(),
            ),
            Forge::GitLab | Forge::Forgejo => {
                answer.get("id").and_then(Value::as_u64).map_or(Viewer::Unknown, Viewer::Id)
            }
        })
    }

    /// Whether the comment is this user's, as far as that is known.
    #[must_use]
    pub fn may_have_written(&self, comment: &Value) -> bool {
        // GitLab's name of the field is `author`.
        let author = comment.get("user").or_else(|| comment.get("author"));
        let field = |name: &str| author.and_then(|author| author.get(name));
        match self {
            Viewer::Unknown => true,
            Viewer::Id(id) => field("id").and_then(Value::as_u64) == Some(*id),
            Viewer::Login(login) => {
                let author = field("login").and_then(Value::as_str).unwrap_or_default();
                // GraphQL may leave out what REST appends to the name of an App.
                let of_app = || {
                    field("type").is_some_and(|kind| kind == "Bot")
                        && author.strip_suffix("[bot]") == Some(login)
                };
                author == login || of_app()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors() {
        let check = |viewer: &Viewer, comment: Value, expect| {
            assert_eq!(viewer.may_have_written(&comment), expect, "{viewer:?}: {comment}");
        };
        let login = |login: &str| Viewer::Login(login.to_owned());
        let user = |login: &str, kind: &str| json!({"user": {"login": login, "type": kind, "id": 7}});
        check(&login("me"), user("me", "User"), true);
        check(&login("me"), user("you", "User"), false);
        check(&login("me"), json!({"user": null}), false);
        check(&login("me"), json!({}), false);
        check(&login(ACTIONS), user(ACTIONS, "Bot"), true);
        check(&login("github-actions"), user(ACTIONS, "Bot"), true);
        check(&login("github-actions"), user("other[bot]", "Bot"), false);
        check(&Viewer::Id(7), user("me", "User"), true);
        check(&Viewer::Id(8), user("me", "User"), false);
        check(&Viewer::Id(8), json!({"author": {"id": 8}}), true);
        check(&Viewer::Id(8), json!({"author": {"id": 9}}), false);
        check(&Viewer::Id(8), json!({}), false);
        check(&Viewer::Unknown, user("me", "User"), true);
    }
}
