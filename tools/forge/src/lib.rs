// SPDX-License-Identifier: MIT OR Apache-2.0
//! Creates or updates one comment of a pull request by the API of a forge: GitHub, GitLab, Forgejo.
//!
//! The first line of the comment, an HTML comment such as `<!-- qos-review -->`, is the marker by which a later call finds the comment
//! and updates it. [`context`] reads the variables that the forge's CI sets, [`comments`] knows the three APIs; [`http`] is the only
//! module that uses the network. The token comes from the environment. It is never an argument, and no message contains it.

pub mod comments;
pub mod context;
pub mod http;

use context::Context;
use std::fmt;
use std::io;

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
        let marker = marker(forge, body)?;
        let context = Context::read(forge, variable, read)?;
        let client = http::Client::new(&context)?;
        comments::post(&client, &context, marker, body).map_err(|error| context.scrub(&error))
    };
    posted().map_err(|error| format!("{}: {error}", forge.name()))
}

/// The marker, which is the first line, of a text that can be posted.
fn marker(forge: Forge, body: &str) -> Result<&str, String> {
    let marker = body.lines().next().unwrap_or_default();
    if !(marker.starts_with("<!-- ") && marker.ends_with(" -->") && marker.len() > 9) {
        return Err("the first line of the comment is not a marker such as `<!-- qos-review -->`".into());
    }
    let length = body.chars().count();
    if length > forge.limit() {
        let limit = forge.limit();
        return Err(format!(
            "the comment has {length} characters, but the limit is {limit}; make it with --forge {}",
            forge.name()
        ));
    }
    Ok(marker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_posted() {
        let check = |body: &str, part: Option<&str>| match (marker(Forge::GitHub, body), part) {
            (Ok(marker), None) => assert_eq!(marker, "<!-- a -->"),
            (Err(error), Some(part)) => assert!(error.contains(part), "{error}"),
            (other, _) => panic!("{body}: {other:?}"),
        };
        check("<!-- a -->\ntext", None);
        check(&format!("<!-- a -->\n{}", "ä".repeat(65_525)), None);
        check(
            &format!("<!-- a -->\n{}", "ä".repeat(65_526)),
            Some("65537 characters, but the limit is 65536"),
        );
        for body in ["", "text\n<!-- a -->", "<!--  -->", "<!-- a"] {
            check(body, Some("not a marker"));
        }
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
