// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why a request, or a part of it, is refused: a line of the reply.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A reason, and the exit status of `svc` for it, as systemctl(1) has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: u8,
    reason: String,
}

/// A unit that is not there (LSB: program is not installed).
const NO_UNIT: u8 = 5;
/// What the unit's file forbids (LSB: insufficient privilege).
const FORBIDDEN: u8 = 4;

impl Refusal {
    /// The unit cannot be started: it has no file.
    pub fn not_found(name: impl fmt::Display) -> Self {
        Refusal { status: NO_UNIT, reason: format!("Unit {name} not found.") }
    }

    /// The unit cannot be stopped: there is none of that name.
    pub fn not_loaded(name: impl fmt::Display) -> Self {
        Refusal { status: NO_UNIT, reason: format!("Unit {name} not loaded.") }
    }

    /// The unit's file forbids it.
    pub fn forbidden(reason: String) -> Self {
        Refusal { status: FORBIDDEN, reason }
    }

    /// The same reason with status 1.
    pub fn with_status_1(self) -> Self {
        Refusal { status: 1, ..self }
    }
}

impl From<String> for Refusal {
    /// Status 1; but that of a missing unit, where one that the unit needs is missing.
    fn from(reason: String) -> Self {
        let Some(names) = reason.strip_suffix(" not found") else { return Refusal { status: 1, reason } };
        // The unit in front needs the other.
        let (front, name) = names
            .rsplit_once(": ")
            .map_or(("", names), |(_, name)| (&names[..names.len() - name.len()], name));
        match name.contains(' ') {
            true => Refusal { status: 1, reason },
            false => Refusal { status: NO_UNIT, reason: format!("{front}Unit {name} not found.") },
        }
    }
}

impl From<&str> for Refusal {
    fn from(reason: &str) -> Self {
        reason.to_owned().into()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.reason.replace('\n', " ");
        match self.status {
            1 => write!(f, "error {reason}"),
            status => write!(f, "error={status} {reason}"),
        }
    }
}

impl FromStr for Refusal {
    type Err = Infallible;

    /// Reads a line; of one without a status, that is 1.
    fn from_str(line: &str) -> Result<Self, Infallible> {
        let (word, reason) = line.split_once(' ').unwrap_or((line, ""));
        let status = word.strip_prefix("error=").and_then(|status| status.parse().ok());
        let reason = if word.starts_with("error") { reason } else { line };
        Ok(Refusal { status: status.unwrap_or(1), reason: reason.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        for (refusal, line) in [
            (Refusal::not_found("a.service"), "error=5 Unit a.service not found."),
            (Refusal::not_loaded("a.service"), "error=5 Unit a.service not loaded."),
            (Refusal::not_loaded("a.service").with_status_1(), "error Unit a.service not loaded."),
            (Refusal::forbidden("no".into()), "error=4 no"),
            ("two\nlines".into(), "error two lines"),
            ("the kernel not found".into(), "error the kernel not found"),
            ("b.service not found".into(), "error=5 Unit b.service not found."),
            ("a.service: b.service not found".into(), "error=5 a.service: Unit b.service not found."),
        ] {
            assert_eq!(refusal.to_string(), line);
            assert_eq!(line.parse::<Refusal>().unwrap().to_string(), line);
        }
        assert_eq!("of another version".parse::<Refusal>().unwrap().to_string(), "error of another version");
    }
}
