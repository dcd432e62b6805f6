// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cost of each initcall, from a boot with `initcall_debug`.
//!
//! The kernel (init/main.c, `initcall_debug_start` and `initcall_debug_finish`) prints two lines for each:
//!
//! ```text
//! [    0.046244] calling  pnpacpi_init+0x0/0x90 @ 1
//! [    0.046322] initcall pnpacpi_init+0x0/0x90 returned 0 after 78 usecs
//! ```
//!
//! They are debug messages. With `ignore_loglevel` or `loglevel=8` a thread prints them on the console in the middle of other
//! initcalls, at about 300 instructions for each byte. With `loglevel=0`, and dmesg(1) at the end, this cost is not counted.

use crate::Line;
use std::collections::HashMap;

/// One call of a function that sets up a part of the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initcall {
    /// The function's name, ` [module]` behind it if it is a module's; ` (2)` for the second of that name, and so on.
    pub name: String,
    /// Instructions from the log's first time stamp to its start; `None` if the log does not have the line.
    pub start: Option<u64>,
    /// Instructions from one line's time stamp to the other's, so with what is printed between them on a console that has
    /// them. If only the second is there: what the kernel says in it, times 1000.
    pub instructions: u64,
    /// The kernel's own figure, in microseconds (thousands of instructions): without printing the first line.
    pub reported_us: u64,
    /// Its return value: 0, or a negative error number. Asynchronous calls print none.
    pub status: Option<i32>,
}

/// The initcalls of a boot, in the order in which they returned. A call that did not return is not among them.
#[must_use]
pub fn of(lines: &[Line]) -> Vec<Initcall> {
    let origin = lines.iter().find_map(|line| line.time_ns).unwrap_or(0);
    // Calls nest when one loads a module; the same function is not called twice at a time.
    let mut started: HashMap<&str, u64> = HashMap::new();
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut calls = Vec::new();
    for line in lines {
        if let Some((function, time)) = calling(line.message()).zip(line.time_ns) {
            started.insert(function, time);
        } else if let Some(returned) = Returned::parse(line.message()) {
            let start = started.remove(returned.function);
            let measured = start.zip(line.time_ns).map(|(start, end)| end.saturating_sub(start));
            let name = name(returned.function);
            let count = seen.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1);
            calls.push(Initcall {
                name: if *count > 1 { format!("{name} ({count})") } else { name },
                start: start.map(|start| start.saturating_sub(origin)),
                instructions: measured.unwrap_or(returned.micros.saturating_mul(1000)),
                reported_us: returned.micros,
                status: returned.status,
            });
        }
    }
    calls
}

/// The `count` most expensive of `calls`; of equal ones the first to return comes first.
#[must_use]
pub fn top(calls: &[Initcall], count: usize) -> Vec<&Initcall> {
    let mut sorted: Vec<&Initcall> = calls.iter().collect();
    sorted.sort_by_key(|call| std::cmp::Reverse(call.instructions));
    sorted.truncate(count);
    sorted
}

/// The function in `calling  NAME+0x0/0x90 @ 1`, with its identifying suffix.
fn calling(message: &str) -> Option<&str> {
    let (function, process) = message.strip_prefix("calling  ")?.rsplit_once(" @ ")?;
    let number = !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit());
    number.then(|| function.trim_end())
}

/// `initcall NAME+0x0/0x90 returned 0 after 78 usecs`.
struct Returned<'a> {
    function: &'a str,
    status: Option<i32>,
    micros: u64,
}

impl<'a> Returned<'a> {
    fn parse(message: &'a str) -> Option<Self> {
        // A status that needs attention follows it: "… after 78 usecs, with preemption imbalance".
        let (function, rest) = message.strip_prefix("initcall ")?.split_once(" returned ")?;
        let (status, rest) = match rest.strip_prefix("after ") {
            Some(rest) => (None, rest),
            None => {
                let (status, rest) = rest.split_once(" after ")?;
                (Some(status.parse().ok()?), rest)
            }
        };
        let (micros, _) = rest.split_once(" usecs")?;
        Some(Self { function: function.trim_end(), status, micros: micros.parse().ok()? })
    }
}

/// The name without offset and size, which change with every build: `pnpacpi_init`, `qos_exit_init [qos_exit]`.
fn name(function: &str) -> String {
    let (symbol, module) = match function.split_once(" [") {
        Some((symbol, module)) => (symbol, Some(module)),
        None => (function, None),
    };
    let symbol = symbol.split_once("+0x").map_or(symbol, |(symbol, _)| symbol);
    module.map_or_else(|| symbol.to_owned(), |module| format!("{symbol} [{module}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    /// `expect`: name, start and cost in thousands of instructions, status.
    #[track_caller]
    fn check(log: &str, expect: &[(&str, Option<u64>, u64, Option<i32>)]) {
        let calls = of(&parse(log.as_bytes()));
        let got: Vec<(&str, Option<u64>, u64, Option<i32>)> = calls
            .iter()
            .map(|call| {
                (
                    call.name.as_str(),
                    call.start.map(|start| start / 1000),
                    call.instructions / 1000,
                    call.status,
                )
            })
            .collect();
        assert_eq!(got, expect, "{log}");
    }

    #[test]
    fn time_stamps_count_before_what_the_kernel_says() {
        check("", &[]);
        check("[    0.000000] Linux version 7.3.4\n", &[]);
        check(
            "[    0.000010] calling  a_init+0x0/0x90 @ 1\n[    0.000088] initcall a_init+0x0/0x90 returned 0 after 70 usecs\n",
            &[("a_init", Some(0), 78, Some(0))],
        );
        check(
            "[    0.000001] x\n[    0.000088] initcall a_init+0x0/0x90 returned -19 after 70 usecs\n",
            &[("a_init", None, 70, Some(-19))],
        );
        check("initcall a_init+0x0/0x90 returned 0 after 7 usecs\n", &[("a_init", None, 7, Some(0))]);
        check("[    0.000000] x\n[    0.000088] calling  a+0x0/0x9 @ 1\n[    0.000090] Kernel panic\n", &[]);
    }

    #[test]
    fn calls_may_nest_and_names_may_repeat() {
        check(
            "\
[    0.000000] x
[    0.000010] calling  outer+0x0/0x90 @ 1
[    0.000020] calling  inner_init+0x0/0x10 [mod] @ 34
[    0.000025] mod: hello
[    0.000030] initcall inner_init+0x0/0x10 [mod] returned 0 after 9 usecs
[    0.000050] initcall outer+0x0/0x90 returned 0 after 39 usecs
[    0.000060] calling  outer+0x0/0x20 @ 1
[    0.000061] initcall outer+0x0/0x20 returned 0 after 0 usecs
",
            &[
                ("inner_init [mod]", Some(20), 10, Some(0)),
                ("outer", Some(10), 40, Some(0)),
                ("outer (2)", Some(60), 1, Some(0)),
            ],
        );
    }

    #[test]
    fn other_forms_that_the_kernel_prints() {
        // kernel/async.c
        check(
            "[    0.000001] calling  1_probe+0x0/0x9 @ 5\n[    0.000004] initcall 1_probe+0x0/0x9 returned after 3 usecs\n",
            &[("1_probe", Some(0), 3, None)],
        );
        // Without CONFIG_KALLSYMS.
        check(
            "[    0.000001] calling  0xffffffff81000000 @ 1\n[    0.000004] initcall 0xffffffff81000000 returned 0 after 3 usecs\n",
            &[("0xffffffff81000000", Some(0), 3, Some(0))],
        );
        for other in [
            "initcall blacklisted",
            "initcall a+0x0/0x9 returned 0",
            "initcall a+0x0/0x9 returned 0 after x usecs",
            "initcall a+0x0/0x9 returned zero after 3 usecs",
            "initcall a+0x0/0x9 returned with disabled interrupts",
            "calling  a+0x0/0x9",
            "my initcall a+0x0/0x9 returned 0 after 3 usecs",
        ] {
            check(&format!("[    0.000001] {other}\n"), &[]);
        }
    }

    #[test]
    fn top_is_sorted_and_stable() {
        let call = |name: &str, instructions| Initcall {
            name: name.to_owned(),
            start: None,
            instructions,
            reported_us: 0,
            status: None,
        };
        let calls = [call("a", 1), call("b", 5), call("c", 5), call("d", 9)];
        let names = |count| top(&calls, count).iter().map(|call| call.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(3), ["d", "b", "c"]);
        assert_eq!(names(0), [""; 0]);
        assert_eq!(names(9).len(), 4);
    }
}
