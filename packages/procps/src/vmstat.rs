// SPDX-License-Identifier: MIT OR Apache-2.0
//! `vmstat`: processes, memory, swapping, input and output, interrupts and processor time, once or in intervals
//! (vmstat(8)).

use crate::Failure;
use crate::system::field;
use lexopt::prelude::*;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

const TITLES: &str = "procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st";

/// Counters of the kernel at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Sample {
    running: u64,
    blocked: u64,
    swapped: u64,
    free: u64,
    buffers: u64,
    cache: u64,
    swap: [u64; 2],
    io: [u64; 2],
    interrupts: u64,
    switches: u64,
    /// user with nice, system with interrupts, idle, waiting, stolen.
    cpu: [u64; 5],
}

impl Sample {
    fn read(root: &Path) -> Result<Self, Failure> {
        let text = |name: &str| {
            let path = root.join("proc").join(name);
            fs::read_to_string(path).map_err(|error| Failure::at(format!("/proc/{name}"), &error))
        };
        let (memory, stat, vm) = (text("meminfo")?, text("stat")?, text("vmstat")?);
        let cpu: Vec<u64> = stat
            .lines()
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .skip(1)
            .map(|ticks| ticks.parse().unwrap_or(0))
            .collect();
        let tick = |n: usize| cpu.get(n).copied().unwrap_or(0);
        Ok(Sample {
            running: field(&stat, "procs_running "),
            blocked: field(&stat, "procs_blocked "),
            swapped: field(&memory, "SwapTotal:") - field(&memory, "SwapFree:"),
            free: field(&memory, "MemFree:"),
            buffers: field(&memory, "Buffers:"),
            cache: field(&memory, "Cached:") + field(&memory, "SReclaimable:"),
            swap: [field(&vm, "pswpin ") * 4, field(&vm, "pswpout ") * 4],
            io: [field(&vm, "pgpgin "), field(&vm, "pgpgout ")],
            interrupts: field(&stat, "intr "),
            switches: field(&stat, "ctxt "),
            cpu: [tick(0) + tick(1), tick(2) + tick(5) + tick(6), tick(3), tick(4), tick(7)],
        })
    }

    /// The line of what happened in `seconds` since `before`.
    fn line(&self, before: &Sample, seconds: u64) -> String {
        let rate = |new: u64, old: u64| new.saturating_sub(old) / seconds.max(1);
        let ticks: Vec<u64> =
            self.cpu.iter().zip(before.cpu).map(|(new, old)| new.saturating_sub(old)).collect();
        let sum = ticks.iter().sum::<u64>().max(1);
        let share = |n: usize| (ticks[n] * 100 + sum / 2) / sum;
        format!(
            "{:2} {:2} {:6} {:6} {:6} {:6} {:4} {:4} {:5} {:5} {:4} {:4} {:2} {:2} {:2} {:2} {:2}",
            self.running,
            self.blocked,
            self.swapped,
            self.free,
            self.buffers,
            self.cache,
            rate(self.swap[0], before.swap[0]),
            rate(self.swap[1], before.swap[1]),
            rate(self.io[0], before.io[0]),
            rate(self.io[1], before.io[1]),
            rate(self.interrupts, before.interrupts),
            rate(self.switches, before.switches),
            share(0),
            share(1),
            share(2),
            share(3),
            share(4)
        )
    }
}

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let mut numbers = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            // One title is all that is written in any case.
            Short('n' | 'w') => {}
            Value(word) => {
                let word = word.string()?;
                let number = word.parse::<u64>().ok().filter(|number| *number > 0);
                numbers.push(number.ok_or_else(|| Failure::usage(format!("{word}: not a number above 0")))?);
            }
            _ => return Err(arg.unexpected().into()),
        }
    }
    let (delay, count) = match numbers.as_slice() {
        [] => (1, Some(1)),
        [delay] => (*delay, None),
        [delay, count] => (*delay, Some(*count)),
        _ => return Err(Failure::usage("too many operands: DELAY and COUNT expected")),
    };
    let root = Path::new("/");
    writeln!(out, "{TITLES}")?;
    let uptime = fs::read_to_string("/proc/uptime").unwrap_or_default();
    let uptime = uptime.split('.').next().and_then(|seconds| seconds.parse().ok()).unwrap_or(1);
    // The first line is about the time since the start.
    let (mut before, mut seconds, mut done) = (Sample::default(), uptime, 0);
    loop {
        let sample = Sample::read(root)?;
        writeln!(out, "{}", sample.line(&before, seconds))?;
        out.flush()?;
        done += 1;
        if count.is_some_and(|count| done >= count) {
            return Ok(());
        }
        (before, seconds) = (sample, delay);
        std::thread::sleep(Duration::from_secs(delay));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line() {
        let root = tempfile::tempdir().unwrap();
        let proc = root.path().join("proc");
        fs::create_dir(&proc).unwrap();
        fs::write(proc.join("meminfo"), "MemFree: 100 kB\nBuffers: 5 kB\nCached: 20 kB\nSReclaimable: 3 kB\nSwapTotal: 9 kB\nSwapFree: 2 kB\n").unwrap();
        fs::write(
            proc.join("stat"),
            "cpu  10 0 20 60 10 0 0 0 0 0\nintr 500 1 2\nctxt 900\nprocs_running 1\nprocs_blocked 2\n",
        )
        .unwrap();
        fs::write(proc.join("vmstat"), "pgpgin 1000\npgpgout 50\npswpin 0\npswpout 10\n").unwrap();
        let sample = Sample::read(root.path()).unwrap();
        assert_eq!(
            sample.line(&Sample::default(), 10),
            " 1  2      7    100      5     23    0    4   100     5   50   90 10 20 60 10  0"
        );
    }
}
