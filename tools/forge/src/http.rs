// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests to the API of a forge.

use crate::Forge;
use crate::context::{Context, is_loopback};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use ureq::http;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// Bytes that an answer may have: a page of comments of GitLab can be long.
const LONGEST: u64 = 256 << 20;

/// Why a request failed, as one line.
#[derive(Debug)]
pub struct Failure {
    status: Option<u16>,
    text: String,
}

impl Failure {
    /// Whether the forge does not let this token do it. A forge that hides what a token may not see answers 404.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self.status, Some(403 | 404))
    }
}

impl From<Failure> for String {
    fn from(failure: Failure) -> String {
        failure.text
    }
}

/// An HTTP client for one API. It honours `https_proxy` and `no_proxy`, and trusts the host's certificates.
pub struct Client {
    agent: ureq::Agent,
    api: String,
    forge: Forge,
    authorization: (&'static str, String),
}

impl Client {
    /// A client.
    ///
    /// # Errors
    /// `SSL_CERT_FILE` names a file that cannot be read.
    pub fn new(context: &Context) -> Result<Self, String> {
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A redirection could lead the token to another host.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .user_agent("qos-review")
            .tls_config(TlsConfig::builder().root_certs(certificates()?).build());
        if is_loopback(&context.api) {
            config = config.proxy(None);
        }
        let agent = config.build().new_agent();
        Ok(Client {
            agent,
            api: context.api.clone(),
            forge: context.forge,
            authorization: context.authorization(),
        })
    }

    /// Sends a request; `path` begins with a slash. Returns the JSON of the answer.
    ///
    /// # Errors
    /// The request, the answer's status and message, and the likely remedy.
    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let what = format!("{method} {}", path.split('?').next().unwrap_or(path));
        self.send(&what, method, &format!("{}{path}", self.api), body)
    }

    /// Sends a query to GitHub's GraphQL.
    ///
    /// # Errors
    /// Those of `request`. Errors of the query are a part of the answer.
    pub fn graphql(&self, query: &Value) -> Result<Value, Failure> {
        self.send("POST /graphql", "POST", &graphql(&self.api), Some(query))
    }

    fn send(&self, what: &str, method: &str, url: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let failure = |text: String| Failure { status: None, text: format!("{what}: {text}") };
        let (name, value) = &self.authorization;
        let mut request = http::Request::builder().method(method).uri(url).header(*name, value);
        request = match self.forge {
            Forge::GitHub => request
                .header("accept", "application/vnd.github+json")
                .header("x-github-api-version", "2022-11-28"),
            Forge::GitLab | Forge::Forgejo => request.header("accept", "application/json"),
        };
        let request = request.header("content-type", "application/json");
        let text = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(text).map_err(|error| failure(error.to_string()))?;
        let answer = match body {
            Some(_) => self.agent.run(request),
            None => self.agent.run(request.map(|_| ())),
        };
        let mut answer =
            answer.map_err(|error| failure(format!("no answer from {}: {}", self.api, reason(&error))))?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(LONGEST).read_to_string();
        if !(200..300).contains(&status) {
            let message = text.ok().and_then(|text| message(&text)).unwrap_or_default();
            let text = format!("HTTP {status}{message}; {}", self.advice(status));
            return Err(Failure { status: Some(status), ..failure(text) });
        }
        let text = text.map_err(|error| failure(format!("the answer breaks off: {error}")))?;
        serde_json::from_str(&text).map_err(|error| {
            failure(format!("the answer is not JSON: {error}; is {} the URL of the API?", self.api))
        })
    }

    fn advice(&self, status: u16) -> &'static str {
        match (status, self.forge) {
            (300..=399, _) => "the API redirects: correct its URL",
            (401, _) => "the token is invalid or has expired",
            (403 | 404, Forge::GitHub) => {
                "the job needs `permissions: pull-requests: write`, and a fork's pull request never has it"
            }
            (403 | 404, Forge::GitLab) => {
                "the token needs the scope `api` and the role Reporter or higher in the project"
            }
            (403 | 404, Forge::Forgejo) => "the token needs the permission to write issues and pull requests",
            (429, _) => "too many requests: run the job again later",
            (500.., _) => "the forge fails: run the job again later",
            _ => "the forge does not accept the request",
        }
    }
}

/// GraphQL's URL, by that of REST: beside `/v3` on a server of GitHub Enterprise, below it on github.com.
fn graphql(api: &str) -> String {
    format!("{}/graphql", api.strip_suffix("/v3").unwrap_or(api))
}

/// The message in an error's JSON, in brackets.
fn message(text: &str) -> Option<String> {
    let json: Value = serde_json::from_str(text).ok()?;
    let message = json.get("message").or_else(|| json.get("error"))?;
    let text = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
    Some(format!(" ({})", text.chars().take(200).collect::<String>()))
}

/// What went wrong, without the name of the library's error variant.
fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::HostNotFound => "cannot resolve the server's name".into(),
        ureq::Error::Io(error) => error.to_string().split(" (os error").next().unwrap_or_default().to_owned(),
        other => other.to_string(),
    }
}

/// The host's certificates: `SSL_CERT_FILE`, else where the distributions keep them, else those built in.
fn certificates() -> Result<RootCerts, String> {
    const PLACES: [&str; 4] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];
    let pem = match std::env::var_os("SSL_CERT_FILE").filter(|file| !file.is_empty()) {
        Some(file) => std::fs::read(&file).map_err(|error| {
            format!("cannot read the certificates of SSL_CERT_FILE, {}: {error}", file.to_string_lossy())
        })?,
        None => match PLACES.iter().find_map(|place| std::fs::read(place).ok()) {
            Some(pem) => pem,
            None => return Ok(RootCerts::WebPki),
        },
    };
    let certificates = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    Ok(RootCerts::Specific(Arc::new(certificates.collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_graphql() {
        for (api, expect) in [
            ("https://api.github.com", "https://api.github.com/graphql"),
            ("https://github.example.org/api/v3", "https://github.example.org/api/graphql"),
        ] {
            assert_eq!(graphql(api), expect);
        }
    }
}
