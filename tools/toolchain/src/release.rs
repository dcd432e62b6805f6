// SPDX-License-Identifier: MIT OR Apache-2.0
//! Checks that a signed `Release` text is that of the requested suite, and current.
//!
//! A signature proves only who wrote an index. A mirror, or an attacker between it and this host, can serve an index of last
//! year or of another suite with a valid signature, and so bring back packages with known vulnerabilities. The fields
//! `Suite`, `Codename`, `Date` and `Valid-Until` are therefore checked too (wiki.debian.org/DebianRepository/Format).

use crate::control::paragraphs;
use crate::error::{Error, Result};
use std::time::{Duration, SystemTime};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How far the host's clock may be behind an archive's.
const SKEW: Duration = DAY;

/// Checks the text of a `Release` file that a mirror served for `suite`.
///
/// An index without `Valid-Until` (Debian's stable suites, which change with a point release only) may be
/// `max_age_days` old. `now` is the host's time.
///
/// # Errors
///
/// The index is of another suite; it is too old, or from the future; its dates cannot be read.
pub fn check(release: &str, suite: &str, max_age_days: u32, now: SystemTime) -> Result<()> {
    let release = paragraphs(release).next().unwrap_or_default();
    let field = |name: &str| release.get(name);
    let names = [field("Suite"), field("Codename")];
    if !names.contains(&Some(suite)) {
        let [of, codename] = names.map(|name| name.unwrap_or("(none)"));
        return Err(Error::new(format!(
            "the signed index is of another suite: asked for {suite}, got Suite {of}, Codename {codename}; \
             use another mirror (--mirror URL)"
        )));
    }
    let date = |name: &str| {
        let Some(text) = field(name) else { return Ok(None) };
        let time = time(text).ok_or_else(|| {
            Error::new(format!(
                "the signed index of {suite} has a {name} that is not a date: {text}; use another mirror (--mirror URL)"
            ))
        })?;
        Ok(Some((text, time)))
    };
    let Some((written, time)) = date("Date")? else {
        return Err(Error::new(format!(
            "the signed index of {suite} has no Date; use another mirror (--mirror URL)"
        )));
    };
    if time > now + SKEW {
        return Err(Error::new(format!(
            "the signed index of {suite} is from the future ({written}); set this host's clock"
        )));
    }
    let (until, reason) = match date("Valid-Until")? {
        Some((text, until)) => (until, format!("valid until {text}")),
        None => {
            let limit = DAY * max_age_days;
            (time + limit, format!("dated {written}, and max-age-days of [suites] is {max_age_days}"))
        }
    };
    if now > until {
        return Err(Error::new(format!(
            "the signed index of {suite} is out of date ({reason}); use another mirror (--mirror URL), or set this \
             host's clock if it is wrong"
        )));
    }
    Ok(())
}

/// A date of a `Release` file: RFC 1123's form, in UTC.
fn time(text: &str) -> Option<SystemTime> {
    let (date, zone) = text.rsplit_once(' ')?;
    if !matches!(zone, "UTC" | "GMT" | "Z" | "+0000") {
        return None;
    }
    httpdate::parse_http_date(&format!("{date} GMT")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STABLE: &str =
        "Origin: Debian\nSuite: stable\nCodename: trixie\nDate: Sat, 21 Nov 2026 09:15:44 UTC\n";
    const SECURITY: &str = "Suite: stable-security\nCodename: trixie-security\n\
         Date: Wed, 25 Nov 2026 22:33:13 UTC\nValid-Until: Wed, 02 Dec 2026 22:33:13 UTC\n";

    fn refusal(release: &str, suite: &str, now: &str) -> Option<String> {
        check(release, suite, 180, time(now).unwrap()).err().map(|error| error.to_string())
    }

    #[test]
    fn the_suite_that_was_asked_for() {
        let now = "Fri, 27 Nov 2026 12:00:00 UTC";
        for (release, suite) in [(STABLE, "trixie"), (STABLE, "stable"), (SECURITY, "trixie-security")] {
            assert_eq!(refusal(release, suite, now), None, "{suite}");
        }
        let other = "the signed index is of another suite: asked for trixie-security, got Suite stable, \
                     Codename trixie; use another mirror (--mirror URL)";
        assert_eq!(refusal(STABLE, "trixie-security", now).as_deref(), Some(other));
        assert!(refusal("Date: Sat, 21 Nov 2026 09:15:44 UTC\n", "trixie", now).is_some());
        assert!(refusal("", "trixie", now).is_some());
    }

    #[test]
    fn an_index_is_current() {
        for (release, suite, last, after) in [
            (STABLE, "trixie", "Thu, 20 May 2027 09:15:44 UTC", "Thu, 20 May 2027 09:15:45 UTC"),
            (SECURITY, "trixie-security", "Wed, 02 Dec 2026 22:33:13 UTC", "Wed, 02 Dec 2026 22:33:14 UTC"),
        ] {
            assert_eq!(refusal(release, suite, last), None, "{suite}");
            let text = refusal(release, suite, after).unwrap();
            assert!(text.starts_with(&format!("the signed index of {suite} is out of date (")), "{text}");
        }
        let text = refusal(SECURITY, "trixie-security", "Fri, 25 Dec 2026 00:00:00 UTC").unwrap();
        assert!(text.contains("(valid until Wed, 02 Dec 2026 22:33:13 UTC)"), "{text}");
        let text = refusal(STABLE, "trixie", "Sun, 21 Nov 2027 00:00:00 UTC").unwrap();
        assert!(
            text.contains("(dated Sat, 21 Nov 2026 09:15:44 UTC, and max-age-days of [suites] is 180)"),
            "{text}"
        );
        let text = refusal(STABLE, "trixie", "Thu, 19 Nov 2026 00:00:00 UTC").unwrap();
        assert!(text.contains("from the future"), "{text}");
    }

    #[test]
    fn dates() {
        for good in ["UTC", "GMT", "Z", "+0000"] {
            assert_eq!(
                time(&format!("Sat, 21 Nov 2026 09:15:44 {good}")),
                time("Sat, 21 Nov 2026 09:15:44 UTC")
            );
        }
        let now = "Fri, 27 Nov 2026 12:00:00 UTC";
        for bad in ["Sat, 21 Nov 2026 09:15:44 +0100", "yesterday", ""] {
            assert_eq!(time(bad), None, "{bad}");
            for field in ["Date", "Valid-Until"] {
                let text = format!(
                    "{}{field}: {bad}\n",
                    STABLE.replace("Date", if field == "Date" { "X" } else { "Date" })
                );
                let text = refusal(&text, "trixie", now).unwrap();
                assert!(text.contains(&format!("has a {field} that is not a date")), "{text}");
            }
        }
        let text = refusal(&STABLE.replace("Date", "X-Date"), "trixie", now).unwrap();
        assert!(text.contains("has no Date"), "{text}");
    }
}
