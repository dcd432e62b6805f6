// SPDX-License-Identifier: MIT OR Apache-2.0
use super::civil::Civil;
use super::parse;

/// 2026-11-27 10:20:30 UTC, a Friday.
const BASE: i64 = 1_795_774_830;

fn text(seconds: i64) -> String {
    let c = Civil::of(seconds).unwrap();
    format!("{}-{:02}-{:02} {:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second)
}

/// The next moments, as `systemd-analyze calendar --base-time="2026-11-27 10:20:30 UTC" --iterations=3` prints them.
fn check(expression: &str, expect: &[&str]) {
    let calendar = parse(expression).unwrap();
    let mut at = BASE;
    let mut found = Vec::new();
    while let Some(next) = calendar.next(at, &|_| 0).filter(|_| found.len() < expect.len().max(1)) {
        assert!(next > at);
        at = next;
        found.push(text(next));
    }
    assert_eq!(found, expect, "{expression}");
}

#[test]
fn base() {
    assert_eq!(text(BASE), "2026-11-27 10:20:30");
}

#[test]
fn as_systemd_has_them() {
    check("Mon,Wed *-*-* 2:00", &["2026-11-30 02:00:00", "2026-12-02 02:00:00", "2026-12-07 02:00:00"]);
    check("*-*-1..7 00/6:30", &["2026-12-01 00:30:00", "2026-12-01 06:30:00", "2026-12-01 12:30:00"]);
    check("quarterly", &["2027-01-01 00:00:00", "2027-04-01 00:00:00", "2027-07-01 00:00:00"]);
    check("*:0/15", &["2026-11-27 10:30:00", "2026-11-27 10:45:00", "2026-11-27 11:00:00"]);
    check("*-02~03", &["2027-02-26 00:00:00", "2028-02-27 00:00:00", "2029-02-26 00:00:00"]);
    check("Mon *-05~07/1", &["2027-05-31 00:00:00", "2028-05-29 00:00:00", "2029-05-28 00:00:00"]);
    check("2026-11-28 10:00 UTC", &["2026-11-28 10:00:00"]);
    check("*-*-* 00:00:00.5", &["2026-11-28 00:00:00", "2026-11-29 00:00:00", "2026-11-30 00:00:00"]);
    check("12,14,13,12:20,10,30", &["2026-11-27 12:10:00", "2026-11-27 12:20:00", "2026-11-27 12:30:00"]);
    check("05:40", &["2026-11-28 05:40:00", "2026-11-29 05:40:00", "2026-11-30 05:40:00"]);
    check("03-05", &["2027-03-05 00:00:00", "2028-03-05 00:00:00", "2029-03-05 00:00:00"]);
    check("@1395716396", &[]);
    check("*:2/3", &["2026-11-27 10:23:00", "2026-11-27 10:26:00", "2026-11-27 10:29:00"]);
    check("semi-annually", &["2027-01-01 00:00:00", "2027-07-01 00:00:00", "2028-01-01 00:00:00"]);
    check("Fri", &["2026-12-04 00:00:00", "2026-12-11 00:00:00", "2026-12-18 00:00:00"]);
    check("1993..2003-*-01", &[]);
    check("Thu,Wed..Sun", &["2026-11-28 00:00:00", "2026-11-29 00:00:00", "2026-12-02 00:00:00"]);
    check("hourly", &["2026-11-27 11:00:00", "2026-11-27 12:00:00", "2026-11-27 13:00:00"]);
    check("*-*-* *:*:00/10", &["2026-11-27 10:20:40", "2026-11-27 10:20:50", "2026-11-27 10:21:00"]);
    check("*-02-30", &[]);
    check("*-02-29", &["2028-02-29 00:00:00", "2032-02-29 00:00:00"]);
}

#[test]
fn in_local_time() {
    let calendar = parse("*-*-* 02:30").unwrap();
    assert_eq!(text(calendar.next(BASE, &|_| 3600).unwrap()), "2026-11-28 01:30:00");
    assert_eq!(text(calendar.next(BASE, &|_| -5 * 3600).unwrap()), "2026-11-28 07:30:00");
    // Clocks go back by an hour at 01:00 UTC: 02:30 comes twice, and the timer elapses once a day.
    let change = BASE + 86_400 - BASE.rem_euclid(86_400) + 3600;
    let offset = move |at: i64| if at < change { 7200 } else { 3600 };
    let first = calendar.next(BASE, &offset).unwrap();
    let second = calendar.next(first + 7200, &offset).unwrap();
    assert_eq!((text(first).as_str(), text(second).as_str()), ("2026-11-28 00:30:00", "2026-11-29 01:30:00"));
}

#[test]
fn refused() {
    for text in [
        "",
        " ",
        "x",
        "Mon..",
        "Sat..Mon",
        "Sat..Mon 2026-*-* 12:00:05",
        "25:00",
        "12:60",
        "*-13-01",
        "*-*-32",
        "1-2-3-4",
        "*:*:*:*",
        "12:00 12:00",
        "*:0/0",
        "2026-11-28 10:00 Europe/Nowhere",
        "@x",
        "*-*~*",
        "+1:00",
        "abé",
        "Mon,",
        "1,:00",
    ] {
        if text == "Mon," {
            // A comma at the end of the weekdays is fine with systemd.
            assert!(parse(text).is_ok());
            continue;
        }
        assert!(parse(text).is_err(), "{text}");
    }
}
