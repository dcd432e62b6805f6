// SPDX-License-Identifier: MIT OR Apache-2.0
//! `free`: memory in use, from `/proc/meminfo` (free(1) of procps).

use crate::Failure;
use lexopt::prelude::*;
use std::io::Write;

const INFO: &str = "/proc/meminfo";

#[derive(Clone, Copy)]
enum Unit {
    Bytes,
    Kibi,
    Mebi,
    Gibi,
    Human,
}

pub fn main(mut options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let mut unit = Unit::Kibi;
    while let Some(arg) = options.next()? {
        unit = match arg {
            Short('b') | Long("bytes") => Unit::Bytes,
            Short('k') | Long("kibi") => Unit::Kibi,
            Short('m') | Long("mebi") => Unit::Mebi,
            Short('g') | Long("gibi") => Unit::Gibi,
            Short('h') | Long("human") => Unit::Human,
            _ => return Err(arg.unexpected().into()),
        };
    }
    let info = std::fs::read_to_string(INFO).map_err(|error| Failure::at(INFO, &error))?;
    Ok(out.write_all(table(&info, unit).as_bytes())?)
}

fn table(info: &str, unit: Unit) -> String {
    let value = |name: &str| -> u64 {
        let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    };
    let row = |name: &str, kibi: &[u64]| {
        let cells =
            kibi.iter().map(|&kibi| format!("{:>12}", shown(kibi, unit))).collect::<Vec<_>>().concat();
        format!("{name:<8}{cells}\n")
    };
    let titles = ["total", "used", "free", "shared", "buff/cache", "available"];
    let head = titles.map(|title| format!("{title:>12}")).concat();
    let (total, available) = (value("MemTotal"), value("MemAvailable"));
    let cache = value("Buffers") + value("Cached") + value("SReclaimable");
    let memory = [total, total.saturating_sub(available), value("MemFree"), value("Shmem"), cache, available];
    let (swap, swap_free) = (value("SwapTotal"), value("SwapFree"));
    format!(
        "{:8}{head}\n{}{}",
        "",
        row("Mem:", &memory),
        row("Swap:", &[swap, swap.saturating_sub(swap_free), swap_free])
    )
}

fn shown(kibi: u64, unit: Unit) -> String {
    match unit {
        Unit::Bytes => (kibi * 1024).to_string(),
        Unit::Kibi => kibi.to_string(),
        Unit::Mebi => (kibi / 1024).to_string(),
        Unit::Gibi => (kibi / 1024 / 1024).to_string(),
        Unit::Human => {
            let (mut value, mut units) = (kibi as f64, ["Ki", "Mi", "Gi"].iter());
            let mut name = units.next().unwrap_or(&"Ti");
            while value >= 1024.0 {
                value /= 1024.0;
                name = units.next().unwrap_or(&"Ti");
            }
            if value < 10.0 && kibi > 0 { format!("{value:.1}{name}") } else { format!("{value:.0}{name}") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "\
MemTotal:        2048000 kB
MemFree:         1000000 kB
MemAvailable:    1500000 kB
Buffers:             100 kB
Cached:           200000 kB
SReclaimable:        900 kB
Shmem:              4096 kB
SwapTotal:             0 kB
SwapFree:              0 kB
";

    #[test]
    fn kibibytes() {
        let expect = [
            "               total        used        free      shared  buff/cache   available\n",
            "Mem:         2048000      548000     1000000        4096      201000     1500000\n",
            "Swap:              0           0           0\n",
        ];
        assert_eq!(table(INFO, Unit::Kibi), expect.concat());
    }

    #[test]
    fn units() {
        for (kibi, unit, expect) in [
            (2, Unit::Bytes, "2048"),
            (4096, Unit::Mebi, "4"),
            (3 << 20, Unit::Gibi, "3"),
            (0, Unit::Human, "0Ki"),
            (5000, Unit::Human, "4.9Mi"),
            (50_000, Unit::Human, "49Mi"),
            (3 << 30, Unit::Human, "3.0Ti"),
        ] {
            assert_eq!(shown(kibi, unit), expect);
        }
    }
}
