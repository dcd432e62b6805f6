// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pull request, the API and the token, from the variables that a forge's CI sets. Pure.
//!
//! Variables: GitHub, "Variables reference" of GitHub Actions; GitLab, "Predefined CI/CD variables reference"; Forgejo, "Forgejo
//! Actions reference", which has GitHub's names too.

use crate::Forge;
use qos_host::url::redact;
use serde_json::Value;
use std::io;
use ureq::http::Uri;

/// Where to post, and with which token.
#[derive(Clone, PartialEq, Eq)]
pub struct Context {
    /// The forge.
    pub forge: Forge,
    /// The URL of the API, without a slash at its end.
    pub api: String,
    /// What is commented on.
    pub place: Place,
    token: String,
}

/// What is commented on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A pull request of GitHub or Forgejo.
    Pull {
        /// `OWNER/NAME`.
        repository: String,
        /// Its number.
        number: u64,
    },
    /// The open pull request of GitHub with this head, for a job that follows the pull request's own (`workflow_run`).
    Head {
        /// `OWNER/NAME` of the base.
        repository: String,
        /// The owner of the head's repository.
        owner: String,
        /// The head's branch.
        branch: String,
        /// The head's commit.
        commit: String,
    },
    /// A merge request of GitLab.
    Merge {
        /// The project's number.
        project: u64,
        /// Its number in the project.
        number: u64,
    },
}

impl Context {
    /// Reads the variables. `read` gives the text of the file with the event.
    ///
    /// # Errors
    /// One line: the variable that is missing or invalid, and what to do.
    pub fn read(
        forge: Forge,
        variable: &dyn Fn(&str) -> Option<String>,
        read: &dyn Fn(&str) -> io::Result<String>,
    ) -> Result<Self, String> {
        let any =
            |names: &[&str]| names.iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
        let (tokens, apis): (&[&str], &[&str]) = match forge {
            Forge::GitHub => (&["GITHUB_TOKEN", "GH_TOKEN"], &["GITHUB_API_URL"]),
            Forge::GitLab => (&["GITLAB_TOKEN"], &["CI_API_V4_URL"]),
            Forge::Forgejo => (&["FORGEJO_TOKEN", "GITHUB_TOKEN"], &["FORGEJO_API_URL", "GITHUB_API_URL"]),
        };
        let need = |names: &[&str], what: &str| {
            any(names).ok_or_else(|| format!("{} is not set; it is {what}", names.join(" or ")))
        };
        let token = need(tokens, "the token that may write comments")?;
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!("{} has characters that a token cannot have", tokens.join(" or ")));
        }
        let api =
            need(apis, "the URL of the API, which the forge's CI sets")?.trim_end_matches('/').to_owned();
        check_api(&api).map_err(|why| format!("{} {why}", apis.join(" or ")))?;
        let place = match forge {
            Forge::GitLab => {
                // The project of the target branch: the other one, of the source, may be a fork.
                let project = number(any(&["CI_MERGE_REQUEST_PROJECT_ID"]), "CI_MERGE_REQUEST_PROJECT_ID")?;
                Place::Merge {
                    project,
                    number: number(any(&["CI_MERGE_REQUEST_IID"]), "CI_MERGE_REQUEST_IID")?,
                }
            }
            Forge::GitHub | Forge::Forgejo => {
                let repository = need(&["GITHUB_REPOSITORY"], "OWNER/NAME of the repository")?;
                if !is_repository(&repository) {
                    return Err(format!("GITHUB_REPOSITORY is {repository:?}, which is not OWNER/NAME"));
                }
                let event = match any(&["GITHUB_EVENT_PATH"]) {
                    Some(path) => {
                        let text =
                            read(&path).map_err(|error| format!("cannot read the event {path}: {error}"))?;
                        serde_json::from_str(&text)
                            .map_err(|error| format!("the event {path} is not JSON: {error}"))?
                    }
                    None => Value::Null,
                };
                pull(repository, &event, any(&["GITHUB_REF"]).as_deref())?
            }
        };
        Ok(Context { forge, api, place, token })
    }

    /// The header with the token.
    #[must_use]
    pub fn authorization(&self) -> (&'static str, String) {
        match self.forge {
            Forge::GitHub => ("authorization", format!("Bearer {}", self.token)),
            Forge::GitLab => ("private-token", self.token.clone()),
            Forge::Forgejo => ("authorization", format!("token {}", self.token)),
        }
    }

    /// A message without the token, should a server have repeated it, and as one line.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        let text = text.replace(&self.token, "***");
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

fn pull(repository: String, event: &Value, reference: Option<&str>) -> Result<Place, String> {
    let of_reference = || reference?.strip_prefix("refs/pull/")?.split('/').next()?.parse().ok();
    if let Some(run) = event.get("workflow_run") {
        let text = |pointer: &str| run.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        if text("/event").as_deref() != Some("pull_request") {
            return Err("the run that this job follows was not for a pull request".into());
        }
        let head = (text("/head_repository/owner/login"), text("/head_branch"), text("/head_sha"));
        let (Some(owner), Some(branch), Some(commit)) = head else {
            return Err("the event has no head_repository, head_branch or head_sha in workflow_run".into());
        };
        return Ok(Place::Head { repository, owner, branch, commit });
    }
    let number = event.pointer("/pull_request/number").and_then(Value::as_u64).or_else(of_reference);
    let number = number.ok_or(
        "this job is not for a pull request: neither the event (GITHUB_EVENT_PATH) nor GITHUB_REF has its number",
    )?;
    Ok(Place::Pull { repository, number })
}

fn number(text: Option<String>, name: &str) -> Result<u64, String> {
    let text = text
        .ok_or_else(|| format!("{name} is not set; the job has to run in a pipeline of a merge request"))?;
    text.parse().map_err(|_| format!("{name} is {text:?}, which is not a number"))
}

fn is_repository(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && !name.bytes().all(|byte| byte == b'.')
    };
    text.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}

/// A token goes over TLS only, except to this host.
fn check_api(api: &str) -> Result<(), String> {
    // What is no URL is not shown: where it has a password is not known.
    let uri = parsed(api).ok_or("is not a URL; it has to begin with https://")?;
    let user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    let why = match uri.scheme_str() {
        // A path is appended to it.
        _ if api.contains(['?', '#']) => "the URL of an API has no ? and no #",
        _ if user => "it has a user's name before the @; remove that: the token has a variable of its own",
        Some("https") => return Ok(()),
        Some("http") if is_loopback(api) => return Ok(()),
        Some("http") => "the token would be sent without encryption; use https://",
        _ => "it has to begin with https://",
    };
    Err(format!("is {}: {why}", redact(api)))
}

/// The URL as the client reads it, which decides where the token goes.
fn parsed(url: &str) -> Option<Uri> {
    url.parse().ok()
}

/// Whether a URL is of this host.
pub(crate) fn is_loopback(url: &str) -> bool {
    let uri = parsed(url);
    matches!(uri.as_ref().and_then(Uri::host), Some("127.0.0.1" | "localhost" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(forge: Forge, variables: &[(&str, &str)], event: &str) -> Result<Context, String> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Context::read(forge, &variable, &|_| Ok(event.to_owned()))
    }

    const GITHUB: [(&str, &str); 4] = [
        ("GITHUB_TOKEN", "t0"),
        ("GITHUB_API_URL", "https://api.example.org/"),
        ("GITHUB_REPOSITORY", "o/r.s"),
        ("GITHUB_EVENT_PATH", "event.json"),
    ];
    const GITLAB: [(&str, &str); 4] = [
        ("GITLAB_TOKEN", "t1"),
        ("CI_API_V4_URL", "https://gitlab.example.org/api/v4"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "7"),
        ("CI_MERGE_REQUEST_IID", "3"),
    ];
    const RUN: &str = r#"{"workflow_run": {"event": "pull_request", "head_branch": "b/x", "head_sha": "abc",
        "head_repository": {"owner": {"login": "fork"}}}}"#;

    #[test]
    fn places() {
        let place =
            |forge, variables: &[(&str, &str)], event: &str| read(forge, variables, event).unwrap().place;
        let pull = |number| Place::Pull { repository: "o/r.s".into(), number };
        assert_eq!(place(Forge::GitHub, &GITHUB, r#"{"pull_request": {"number": 5}}"#), pull(5));
        assert_eq!(place(Forge::Forgejo, &GITHUB, r#"{"pull_request": {"number": 5}}"#), pull(5));
        let reference = [&GITHUB[..3], &[("GITHUB_REF", "refs/pull/12/merge")]].concat();
        assert_eq!(place(Forge::GitHub, &reference, ""), pull(12));
        assert_eq!(place(Forge::GitLab, &GITLAB, ""), Place::Merge { project: 7, number: 3 });
        let head = Place::Head {
            repository: "o/r.s".into(),
            owner: "fork".into(),
            branch: "b/x".into(),
            commit: "abc".into(),
        };
        assert_eq!(place(Forge::GitHub, &GITHUB, RUN), head);
        let context = read(Forge::GitHub, &GITHUB, RUN).unwrap();
        assert_eq!(context.api, "https://api.example.org");
        assert_eq!(context.authorization(), ("authorization", "Bearer t0".into()));
        assert_eq!(context.scrub("bad t0\r\nx"), "bad ***  x");
        assert_eq!(read(Forge::GitLab, &GITLAB, "").unwrap().authorization(), ("private-token", "t1".into()));
    }

    /// The error without the variable `name`, or with another value for it.
    #[track_caller]
    fn check(forge: Forge, name: &str, value: Option<&str>, event: &str, part: &str) {
        let all: &[(&str, &str)] = if forge == Forge::GitLab { &GITLAB } else { &GITHUB };
        let others = all.iter().filter(|(known, _)| *known != name).copied();
        let variables: Vec<_> = others.chain(value.map(|value| (name, value))).collect();
        let Err(error) = read(forge, &variables, event) else { panic!("{name} {value:?}: no error") };
        assert!(
            error.contains(part) && !error.contains('\n') && !error.contains("s3cret"),
            "{name}: {error}"
        );
    }

    #[test]
    fn errors_name_the_variable() {
        use Forge::{GitHub, GitLab};
        check(GitHub, "GITHUB_TOKEN", None, "{}", "GITHUB_TOKEN or GH_TOKEN is not set; it is the token");
        check(GitHub, "GITHUB_TOKEN", Some(""), "{}", "is not set");
        check(GitHub, "GITHUB_TOKEN", Some("s3cret\nx"), "{}", "has characters that a token cannot have");
        check(GitHub, "GITHUB_API_URL", None, "{}", "GITHUB_API_URL is not set");
        check(GitHub, "GITHUB_API_URL", Some("http://forge"), "{}", "without encryption; use https://");
        check(GitHub, "GITHUB_API_URL", Some("ftp://forge"), "{}", "it has to begin with https://");
        check(
            GitHub,
            "GITHUB_API_URL",
            Some("https://me:s3cret@forge"),
            "{}",
            "GITHUB_API_URL is https://me:***@forge: it has a user's name before the @",
        );
        check(GitHub, "GITHUB_REPOSITORY", Some("o/../x"), "{}", "not OWNER/NAME");
        check(GitHub, "GITHUB_REPOSITORY", Some("o/.."), "{}", "not OWNER/NAME");
        check(GitHub, "", None, "{", "the event event.json is not JSON");
        check(GitHub, "", None, "{}", "this job is not for a pull request");
        check(GitHub, "", None, r#"{"workflow_run": {"event": "push"}}"#, "was not for a pull request");
        check(GitHub, "", None, r#"{"workflow_run": {"event": "pull_request"}}"#, "no head_repository");
        check(GitLab, "CI_MERGE_REQUEST_IID", None, "", "has to run in a pipeline of a merge request");
        check(GitLab, "CI_MERGE_REQUEST_IID", Some("x"), "", "is \"x\", which is not a number");
        check(GitLab, "GITLAB_TOKEN", None, "", "GITLAB_TOKEN is not set");
    }

    #[test]
    fn where_a_token_is_sent() {
        let refused = |api: &str, why: &str| match check_api(api) {
            Err(error) => assert!(error.contains(why) && !error.contains("hunter"), "{api}: {error}"),
            Ok(()) => panic!("{api}: no error"),
        };
        for api in [
            "https://api.github.com",
            "https://forge.example.org:8443/api/v1",
            "http://127.0.0.1:80",
            "http://localhost",
            "HTTP://localhost/api",
            "http://[::1]:8/api/v4",
        ] {
            assert_eq!(check_api(api), Ok(()), "{api}");
        }
        for api in
            ["http://127.0.0.1.example.org:80", "http://192.0.2.2", "http://[::2]", "http://localhost.:80"]
        {
            refused(api, "without encryption");
        }
        for api in [
            "http://127.0.0.1:80@192.0.2.2",
            "http://localhost@example.org",
            "http://me:hunter2@127.0.0.1",
            "https://me:hunter2@forge.example.org",
            "https://me@forge.example.org",
        ] {
            refused(api, "a user's name before the @");
        }
        for api in
            ["http://192.0.2.2?@127.0.0.1", "http://192.0.2.2#@127.0.0.1", "https://forge.example.org/api?x="]
        {
            refused(api, "has no ? and no #");
        }
        for api in [
            "http://127.0.0.1\\@192.0.2.2",
            "http://192.0.2.2 @127.0.0.1",
            "forge.example.org",
            "",
            "https://",
        ] {
            refused(api, "begin with https://");
        }
    }
}
