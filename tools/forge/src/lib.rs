// SPDX-License-Identifier: MIT OR Apache-2.0
//! Creates or updates one comment of a pull request by the API of a forge: GitHub, GitLab, Forgejo.
//!
//! The first line of the comment is [`MARKER`], by which a later call finds the comment and updates it, if the token's user wrote it ([`viewer`]).
//! [`context`] reads the variables that the forge's CI sets, [`comments`] knows the three APIs; [`http`] is the only module that uses the network. The token comes from
//! the environment. It is never an argument, and no message contains it.

pub mod comments;
pub mod context;
pub mod http;
pub mod viewer;

use context::Context;
use std::fmt;
use std::io;

/// The first line of the comment that `cargo xtask review` writes (tools/review/src/comment.rs). The job of a fork's pull request makes
/// the text, so no other marker is accepted: it could be that of another program's comment, which would be overwritten.
pub const MARKER: &str = "<!-- qos-review -->";

/// A forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forge {
    /// GitHub and GitHub Enterprise: REST API, version 2022-11-28.
    GitHub,
    /// GitLab: REST API v4.
    GitLab,
    /// Forgejo and Gitea: REST API v1.
    Forgejo,
}

impl Forge {
    /// All forges with their names.
    pub const ALL: [(&'static str, Forge); 3] =
        [("github", Forge::GitHub), ("gitlab", Forge::GitLab), ("forgejo", Forge::Forgejo)];

    /// The forge of that name.
    ///
    /// # Errors
    /// The name is unknown; the message lists the names.
    pub fn parse(name: &str) -> Result<Self, String> {
        let names = Self::ALL.map(|(name, _)| name).join(", ");
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, forge)| *forge).ok_or_else(|| format!("unknown forge {name}; the forges are {names}"))
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, forge)| *forge == self).map_or("", |(name, _)| name)
    }

    /// Characters that a comment may have. Forgejo has no fixed limit, and gets GitHub's.
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Forge::GitHub | Forge::Forgejo => 65_536,
            Forge::GitLab => 1_000_000,
        }
    }
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posted {
    /// The comment is new; its number.
    Created(u64),
    /// The comment of an earlier call has the new text; its number.
    Updated(u64),
    /// There was nothing to comment on; why.
    Nothing(String),
}

impl fmt::Display for Posted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Posted::Created(id) => write!(f, "created comment {id}"),
            Posted::Updated(id) => write!(f, "updated comment {id}"),
            Posted::Nothing(why) => write!(f, "nothing to comment on: {why}"),
        }
    }
}

/// Posts `body`. `variable` gives variables of the environment, `read` the text of a file.
///
/// # Errors
/// One line with the forge: a variable is missing, the body is unusable, the server refuses or cannot be reached.
pub fn post(
    forge: Forge,
    body: &str,
    variable: &dyn Fn(&str) -> Option<String>,
    read: &dyn Fn(&str) -> io::Result<String>,
) -> Result<Posted, String> {
    let posted = || {
        check_body(forge, body)?;
        let context = Context::read(forge, variable, read)?;
        let client = http::Client::new(&context)?;
        comments::post(&client, &context, body).map_err(|error| context.scrub(&error))
    };
    posted().map_err(|error| format!("{}: {error}", forge.name()))
}

/// Whether the text can be posted.
fn check_body(forge: Forge, body: &str) -> Result<(), String> {
    let first = body.lines().next().unwrap_or_default();
    if first != MARKER {
        let shown: String = first.chars().take(60).collect();
        return Err(format!(
            "the first line of the comment is {shown:?}, not {MARKER}; is this the comment.md of `cargo xtask review`?"
        ));
    }
    let length = body.chars().count();
    if length > forge.limit() {
        let limit = forge.limit();
        return Err(format!(
            "the comment has {length} characters, but the limit is {limit}; make it with --forge {}",
            forge.name()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_posted() {
        let check = |body: &str, part: Option<&str>| match (check_body(Forge::GitHub, body), part) {
            (Ok(()), None) => {}
            (Err(error), Some(part)) => assert!(error.contains(part) && !error.contains('\n'), "{error}"),
            (other, _) => panic!("{body}: {other:?}"),
        };
        check("<!-- qos-review -->\ntext", None);
        check("<!-- qos-review -->\r\ntext", None);
        check(&format!("{MARKER}\n{}", "ä".repeat(65_516)), None);
        check(&format!("{MARKER}\n{}", "ä".repeat(65_517)), Some("65537 characters, but the limit is 65536"));
        check("<!-- codecov -->\ntext", Some(r#"is "<!-- codecov -->", not <!-- qos-review -->; is this"#));
        check("", Some(r#"is "", not <!-- qos-review -->"#));
        for body in
            ["text\n<!-- qos-review -->", " <!-- qos-review -->", "<!-- qos-review --> x", "<!-- qos-review"]
        {
            check(body, Some(", not <!-- qos-review -->"));
        }
    }

    #[test]
    fn the_marker_is_that_of_the_review() {
        let review = include_str!("../../review/src/comment.rs");
        assert!(review.contains(&format!("pub const MARKER: &str = {MARKER:?};")));
    }

    #[test]
    fn names() {
        assert_eq!(Forge::parse("gitlab"), Ok(Forge::GitLab));
        assert_eq!(
            Forge::parse("git"),
            Err("unknown forge git; the forges are github, gitlab, forgejo".into())
        );
    }
}
