// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why jobs failed, in the words of systemctl(1).

use crate::client::{Refused, ask};
use crate::shown::{Shown, parse};
use crate::{Failure, Request};

/// The failure of a request for jobs: units' results are asked of the manager.
pub fn failure(request: &Request, refused: Vec<Refused>) -> Failure {
    let explained = refused.into_iter().map(|refused| match job(&refused.reason) {
        Some((name, result)) => {
            // The job's result is the message where the manager does not answer any more.
            let reply = ask(request, &format!("show {name}")).unwrap_or_default();
            let units = parse(&reply);
            let reason = text(name, result, units.first().unwrap_or(&Shown::default()));
            Refused { reason, ..refused }
        }
        None => refused,
    });
    crate::client::failure(explained.collect())
}

/// The unit and the result of a job that failed: of `job of a.service: failed`.
fn job(reason: &str) -> Option<(&str, &str)> {
    reason.strip_prefix("job of ")?.split_once(": ")
}

fn text(name: &str, job: &str, unit: &Shown) -> String {
    let see = format!("See \"svc status {name}\" and \"svc log {name}\" for details.");
    match job {
        "canceled" => format!("Job for {name} canceled."),
        "timeout" => format!("Job for {name} timed out."),
        "dependency" => {
            format!("A dependency job for {name} failed. See \"svc list --failed\" for failed units.")
        }
        _ if unit.get("Unmet").starts_with("Assert") => {
            let unmet = unit.get("Unmet").replace('\t', " or ");
            format!("Assertion failed on job for {name}: {unmet} was not met.")
        }
        _ => match explanation(unit.get("Result")) {
            Some(why) => format!("Job for {name} failed because {why}.\n{see}"),
            None => format!("Job for {name} failed.\n{see}"),
        },
    }
}

/// What a service's result means; `None` where it says nothing about the failure of a job.
fn explanation(result: &str) -> Option<&'static str> {
    Some(match result {
        "resources" => "of unavailable resources or another system error",
        "protocol" => "the service did not take the steps required by its unit configuration",
        "timeout" => "a timeout was exceeded",
        "exit-code" => "the control process exited with error code",
        "signal" => "a fatal signal was delivered to the control process",
        "core-dump" => "a fatal signal was delivered causing the control process to dump core",
        "watchdog" => "the service failed to send watchdog ping",
        "start-limit-hit" => "start of the service was attempted too often",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let see = "See \"svc status a.service\" and \"svc log a.service\" for details.";
        for (job, result, expect) in [
            (
                "failed",
                "exit-code",
                format!(
                    "Job for a.service failed because the control process exited with error code.\n{see}"
                ),
            ),
            ("failed", "timeout", format!("Job for a.service failed because a timeout was exceeded.\n{see}")),
            ("failed", "success", format!("Job for a.service failed.\n{see}")),
            ("failed", "", format!("Job for a.service failed.\n{see}")),
            ("canceled", "success", "Job for a.service canceled.".to_owned()),
            ("timeout", "success", "Job for a.service timed out.".to_owned()),
        ] {
            let unit = Shown::of([("Result", result.to_owned())]);
            assert_eq!(text("a.service", job, &unit), expect);
        }
        assert!(
            text("a.service", "dependency", &Shown::default())
                .starts_with("A dependency job for a.service failed.")
        );
        let unmet = Shown::of([("Unmet", "AssertUser=a".to_owned())]);
        assert_eq!(
            text("a.service", "failed", &unmet),
            "Assertion failed on job for a.service: AssertUser=a was not met."
        );
        assert_eq!(job("job of a@b:c.service: failed"), Some(("a@b:c.service", "failed")));
        assert_eq!(job("Unit a.service not found."), None);
    }
}
