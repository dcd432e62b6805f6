// SPDX-License-Identifier: MIT OR Apache-2.0
//! `uptime`: how long the system has been running, and its load (uptime(1)).

use crate::Failure;
use std::io::Write;

pub fn main(mut options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(arg) = options.next()? {
        return Err(arg.unexpected().into());
    }
    let read = |path: &str| std::fs::read_to_string(path).map_err(|error| Failure::at(path, &error));
    let (uptime, load) = (read("/proc/uptime")?, read("/proc/loadavg")?);
    Ok(writeln!(out, "{}", line(&uptime, &load))?)
}

fn line(uptime: &str, load: &str) -> String {
    let seconds = uptime.split(['.', ' ']).next().and_then(|s| s.parse::<u64>().ok()).unwrap_or(0);
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
    let days = match days {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        n => format!("{n} days, "),
    };
    let load = load.split(' ').take(3).collect::<Vec<_>>().join(", ");
    format!("up {days}{hours}:{minutes:02}:{:02}, load average: {load}", seconds % 60)
}

#[cfg(test)]
mod tests {
    fn check(uptime: &str, expect: &str) {
        assert_eq!(
            super::line(uptime, "0.10 0.20 0.30 1/50 99\n"),
            format!("{expect}, load average: 0.10, 0.20, 0.30")
        );
    }

    #[test]
    fn times() {
        check("5.01 4.00\n", "up 0:00:05");
        check("3725.99 1\n", "up 1:02:05");
        check("90000 1\n", "up 1 day, 1:00:00");
        check("180000 1\n", "up 2 days, 2:00:00");
    }
}
