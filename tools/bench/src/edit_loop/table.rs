// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table of results. Pure: times in, lines out.

use std::time::Duration;

/// One measured thing: the times of each side, in the order in which they were taken.
pub struct Row<'a> {
    /// What was measured.
    pub what: &'a str,
    /// Of qos.
    pub qos: &'a [Duration],
    /// What qos is meant to take at most, if there is an aim.
    pub aim: Option<Duration>,
    /// Of virtme-ng; empty if it was not measured.
    pub virtme: &'a [Duration],
}

/// The line above the rows.
pub fn header(with_virtme: bool) -> String {
    let virtme = if with_virtme { columns(["virtme-ng", "(range)"]) + "   ratio" } else { String::new() };
    line(
        "median from the save to the verdict",
        &format!("{:>6}{}{virtme}", "aim", columns(["qos", "(range)"])),
    )
}

impl Row<'_> {
    /// The row as a line. The ratio is virtme-ng's median through qos's: above 1, qos is faster.
    pub fn line(&self) -> String {
        let aim = self.aim.map(|aim| format!("{} s", aim.as_secs())).unwrap_or_default();
        let mut rest = format!("{aim:>6}{}", side(self.qos));
        if !self.virtme.is_empty() {
            rest += &side(self.virtme);
            rest += &ratio(self.virtme, self.qos).map_or(String::new(), |ratio| format!("{ratio:>8.1}"));
        }
        line(self.what, &rest)
    }
}

fn line(what: &str, rest: &str) -> String {
    format!("{what:44}{rest}").trim_end().to_owned()
}

fn columns([first, second]: [&str; 2]) -> String {
    format!("{first:>11} {second:13}")
}

fn side(times: &[Duration]) -> String {
    let Some(median) = median(times) else { return columns(["-", ""]) };
    let seconds = |time: &Duration| format!("{:.2}", time.as_secs_f64());
    let range = match (times.iter().min(), times.iter().max()) {
        (Some(least), Some(most)) if times.len() > 1 => format!("({}-{})", seconds(least), seconds(most)),
        _ => String::new(),
    };
    columns([&format!("{} s", seconds(&median)), &range])
}

/// The one in the middle; of an even number the later of the two.
fn median(times: &[Duration]) -> Option<Duration> {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).copied()
}

fn ratio(of: &[Duration], to: &[Duration]) -> Option<f64> {
    let to = median(to)?;
    (!to.is_zero()).then_some(median(of)?.as_secs_f64() / to.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(ms: &[u64]) -> Vec<Duration> {
        ms.iter().copied().map(Duration::from_millis).collect()
    }

    #[test]
    fn medians() {
        let check = |ms: &[u64], expect: Option<u64>| {
            assert_eq!(median(&times(ms)), expect.map(Duration::from_millis), "{ms:?}");
        };
        check(&[], None);
        check(&[7], Some(7));
        check(&[9, 1], Some(9));
        check(&[9, 1, 5], Some(5));
        check(&[4, 1, 3, 2], Some(3));
    }

    #[test]
    fn ratios() {
        let check = |of: &[u64], to: &[u64], expect: Option<f64>| {
            assert_eq!(ratio(&times(of), &times(to)), expect, "{of:?} {to:?}");
        };
        check(&[3000], &[1500], Some(2.0));
        check(&[1000, 9000, 3000], &[6000], Some(0.5));
        check(&[1000], &[], None);
        check(&[], &[1000], None);
        check(&[1000], &[0], None);
    }

    fn check(what: &str, qos: &[u64], aim: Option<u64>, virtme: &[u64], expect: &str) {
        let (qos, virtme) = (times(qos), times(virtme));
        let row = Row { what, qos: &qos, aim: aim.map(Duration::from_secs), virtme: &virtme };
        assert_eq!(row.line(), expect);
    }

    #[test]
    fn rows_stand_under_their_header() {
        assert_eq!(
            header(true),
            "median from the save to the verdict            aim        qos (range)        virtme-ng (range)         ratio"
        );
        check(
            "one C file of the kernel",
            &[21000, 20500, 22000],
            Some(30),
            &[60100, 60000, 60200],
            "one C file of the kernel                      30 s    21.00 s (20.50-22.00)    60.10 s (60.00-60.20)     2.9",
        );
        check(
            "boot",
            &[1500],
            None,
            &[3000],
            "boot                                                   1.50 s                   3.00 s                   2.0",
        );
    }

    #[test]
    fn rows_of_qos_alone() {
        assert_eq!(header(false), "median from the save to the verdict            aim        qos (range)");
        check(
            "a file",
            &[1500, 1600],
            Some(2),
            &[],
            "a file                                         2 s     1.60 s (1.50-1.60)",
        );
        check("nothing", &[], None, &[], "nothing                                                     -");
    }
}
