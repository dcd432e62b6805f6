// SPDX-License-Identifier: MIT OR Apache-2.0
//! Times as `ps` writes them.

use crate::process::Process;
use crate::system::{System, TICKS};
use qos_sys::time::{Local, MONTHS, WEEKDAYS, local};

/// Seconds of processor time.
pub fn cpu_seconds(process: &Process) -> u64 {
    (process.user_ticks + process.system_ticks) / TICKS
}

/// Seconds since the process started.
pub fn age(process: &Process, system: &System) -> u64 {
    system.uptime.saturating_sub(process.start / TICKS)
}

/// `[DD-]hh:mm:ss`.
pub fn long(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
    let days = if days > 0 { format!("{days}-") } else { String::new() };
    format!("{days}{hours:02}:{minutes:02}:{:02}", seconds % 60)
}

/// `[[DD-]hh:]mm:ss`.
pub fn short(seconds: u64) -> String {
    if seconds >= 3600 { long(seconds) } else { format!("{:02}:{:02}", seconds / 60, seconds % 60) }
}

/// `mmm:ss`, as BSD has it.
pub fn bsd(seconds: u64) -> String {
    format!("{:3}:{:02}", seconds / 60, seconds % 60)
}

/// Tenths of percent of a processor's time that the process had since it started.
pub fn permille(process: &Process, system: &System) -> u64 {
    let seconds = age(process, system);
    let ticks = process.user_ticks + process.system_ticks;
    (ticks * 1000 / TICKS).checked_div(seconds).unwrap_or(0)
}

fn start(process: &Process, system: &System) -> (i64, Option<Local>) {
    let start = system.started + (process.start / TICKS) as i64;
    (start, local(start).ok())
}

/// `hh:mm` of today, `MonDD` of this year, or the year.
pub fn start_time(process: &Process, system: &System) -> String {
    let (_, Some(start)) = start(process, system) else { return "?".to_owned() };
    match local(system.now()) {
        Ok(now) if now.year != start.year => start.year.to_string(),
        Ok(now) if now.yearday != start.yearday => format!("{}{:02}", MONTHS[start.month], start.day),
        _ => format!("{:02}:{:02}", start.hour, start.minute),
    }
}

/// `hh:mm` within a day, or `MonDD`.
pub fn bsd_start(process: &Process, system: &System) -> String {
    let (seconds, Some(start)) = start(process, system) else { return "?".to_owned() };
    if system.now() - seconds > 86400 {
        format!("{}{:2}", MONTHS[start.month], start.day)
    } else {
        format!("{:02}:{:02}", start.hour, start.minute)
    }
}

/// `hh:mm:ss` within a day, or `Mon DD`.
pub fn start_second(process: &Process, system: &System) -> String {
    let (seconds, Some(start)) = start(process, system) else { return "?".to_owned() };
    if system.now() - seconds > 86400 {
        format!("{} {:2}", MONTHS[start.month], start.day)
    } else {
        format!("{:02}:{:02}:{:02}", start.hour, start.minute, start.second)
    }
}

/// The date as ctime(3) writes it.
pub fn start_date(process: &Process, system: &System) -> String {
    let (_, Some(start)) = start(process, system) else { return "?".to_owned() };
    format!(
        "{} {} {:2} {:02}:{:02}:{:02} {}",
        WEEKDAYS[start.weekday],
        MONTHS[start.month],
        start.day,
        start.hour,
        start.minute,
        start.second,
        start.year
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (seconds, one, other) in
            [(5, "00:00:05", "00:05"), (3725, "01:02:05", "01:02:05"), (90061, "1-01:01:01", "1-01:01:01")]
        {
            assert_eq!((long(seconds).as_str(), short(seconds).as_str()), (one, other));
        }
        assert_eq!(bsd(61), "  1:01");
    }

    #[test]
    fn shares() {
        let system = System { uptime: 110, ..System::default() };
        let process = Process { user_ticks: 1000, system_ticks: 250, start: 1000, ..Process::default() };
        assert_eq!(permille(&process, &system), 125);
        let new = Process { user_ticks: 5, start: 11000, ..Process::default() };
        assert_eq!(permille(&new, &system), 0);
    }
}
