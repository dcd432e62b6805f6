// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rules for ordinary boots: the lines that vary from boot to boot, and the reason for each.
//!
//! Text that is equal on every boot is not masked. A new rule needs a reason that a reviewer can check, and lines from real
//! logs as examples. `cargo xtask stable` shows the differences between boots, and proposes a pattern.

use crate::mask::Mask;
use crate::optional::Optional;
use crate::phase::Phase;
use crate::unordered::Group;

/// The masks; the first one that matches a message is applied.
pub const MASKS: &[Mask] = &[
    Mask {
        name: "tsc-frequency",
        why: "the kernel measures the frequency of the TSC, which is the host's under TCG and KVM, with a timer that QEMU emulates",
        pattern: r"tsc: Detected [0-9]+\.[0-9]+ MHz processor",
        replacement: "tsc: Detected <MHz> MHz processor",
        examples: &[("tsc: Detected 2445.393 MHz processor", "tsc: Detected <MHz> MHz processor")],
    },
    Mask {
        name: "tsc-early",
        why: "computed from the measured frequency of the TSC",
        pattern: "clocksource: tsc-early: mask: 0xffffffffffffffff max_cycles: 0x[0-9a-f]+, max_idle_ns: [0-9]+ ns",
        replacement: "clocksource: tsc-early: mask: 0xffffffffffffffff max_cycles: <cycles>, max_idle_ns: <time> ns",
        examples: &[(
            "clocksource: tsc-early: mask: 0xffffffffffffffff max_cycles: 0x233fb8c926e, max_idle_ns: 440795311386 ns",
            "clocksource: tsc-early: mask: 0xffffffffffffffff max_cycles: <cycles>, max_idle_ns: <time> ns",
        )],
    },
    Mask {
        name: "delay-loop",
        why: "computed from the measured frequency of the TSC",
        pattern: r"Calibrating delay loop \(skipped\), value calculated using timer frequency\.\. [0-9]+\.[0-9]+ BogoMIPS \(lpj=[0-9]+\)",
        replacement: "Calibrating delay loop (skipped), value calculated using timer frequency.. <BogoMIPS> BogoMIPS (lpj=<loops>)",
        examples: &[(
            "Calibrating delay loop (skipped), value calculated using timer frequency.. 4890.78 BogoMIPS (lpj=2445393)",
            "Calibrating delay loop (skipped), value calculated using timer frequency.. <BogoMIPS> BogoMIPS (lpj=<loops>)",
        )],
    },
    Mask {
        name: "total-bogomips",
        why: "the sum of the values that were measured for each CPU",
        pattern: r"smpboot: Total of ([0-9]+) processors activated \([0-9]+\.[0-9]+ BogoMIPS\)",
        replacement: "smpboot: Total of $1 processors activated (<BogoMIPS> BogoMIPS)",
        examples: &[(
            "smpboot: Total of 4 processors activated (14209.13 BogoMIPS)",
            "smpboot: Total of 4 processors activated (<BogoMIPS> BogoMIPS)",
        )],
    },
    Mask {
        name: "memory-available",
        why: "the number of free pages at this time depends on the progress of the other CPUs",
        pattern: r"Memory: [0-9]+K/([0-9]+K available \(.*\))",
        replacement: "Memory: <size>/$1",
        examples: &[(
            "Memory: 492020K/523768K available (8093K kernel code, 735K rwdata, 1840K rodata, 1052K init, 280K bss, 28548K reserved, 0K cma-reserved)",
            "Memory: <size>/523768K available (8093K kernel code, 735K rwdata, 1840K rodata, 1052K init, 280K bss, 28548K reserved, 0K cma-reserved)",
        )],
    },
    Mask {
        name: "sched-clock",
        why: "contains the time since the start of the boot",
        pattern: r"sched_clock: Marking stable \(-?[0-9]+, -?[0-9]+\)->\(-?[0-9]+, -?[0-9]+\)",
        replacement: "sched_clock: Marking stable (<time>, <offset>)->(<time>, <offset>)",
        examples: &[(
            "sched_clock: Marking stable (1982303271, -29420660)->(3810464181, -1857581570)",
            "sched_clock: Marking stable (<time>, <offset>)->(<time>, <offset>)",
        )],
    },
];

/// The groups; a line belongs to the first group that matches it.
pub const GROUPS: &[Group] = &[
    Group {
        name: "tsc-detected",
        why: "printed by the quick calibration, or, if that fails, by the longer one after the memory is set up (tsc_early_init, tsc_init)",
        from: Phase::Early,
        to: Phase::Memory,
        patterns: &["tsc: Detected <MHz> MHz processor"],
        examples: &["tsc: Detected <MHz> MHz processor"],
    },
    Group {
        name: "initramfs",
        why: "a workqueue unpacks the initramfs while drivers are initialised (initramfs_async in kernel-parameters.txt)",
        from: Phase::Drivers,
        to: Phase::Drivers,
        patterns: &[r"Unpacking initramfs\.\.\.", "Freeing initrd memory: [0-9]+K"],
        examples: &["Unpacking initramfs...", "Freeing initrd memory: 4824K"],
    },
];

/// Lines that only some boots have.
pub const OPTIONAL: &[Optional] = &[
    Optional {
        name: "tsc-refinement",
        why: "a workqueue measures the TSC again for one second; a shorter boot ends before these lines",
        patterns: &[
            r"tsc: Refined TSC clocksource calibration: [0-9]+\.[0-9]+ MHz",
            "clocksource: tsc: mask: 0xffffffffffffffff max_cycles: 0x[0-9a-f]+, max_idle_ns: [0-9]+ ns",
            "clocksource: Switched to clocksource tsc",
        ],
        examples: &[
            "tsc: Refined TSC clocksource calibration: 2445.404 MHz",
            "clocksource: tsc: mask: 0xffffffffffffffff max_cycles: 0x233fc319723, max_idle_ns: 440795258057 ns",
            "clocksource: Switched to clocksource tsc",
        ],
    },
    Optional {
        name: "tsc-calibration",
        why: "the quick calibration fails if the host is slow to emulate the timer (native_calibrate_cpu_early); then a longer one \
              compares the TSC with the PIT and the HPET (pit_hpet_ptimer_calibrate_cpu)",
        patterns: &[
            "tsc: Fast TSC calibration (failed|using PIT)",
            "tsc: Unable to calibrate against PIT",
            "tsc: using (HPET|PMTIMER) reference calibration",
        ],
        examples: &[
            "tsc: Fast TSC calibration failed",
            "tsc: Fast TSC calibration using PIT",
            "tsc: Unable to calibrate against PIT",
            "tsc: using HPET reference calibration",
        ],
    },
    Optional {
        name: "apic-calibration",
        why: "a busy host interrupts the vCPU while the local APIC timer is compared with the PM timer",
        patterns: &[
            "APIC calibration not consistent with PM-Timer: [0-9]+ms instead of 100ms",
            r"APIC delta adjusted to PM-Timer: [0-9]+ \([0-9]+\)",
        ],
        examples: &[
            "APIC calibration not consistent with PM-Timer: 98ms instead of 100ms",
            "APIC delta adjusted to PM-Timer: 6249982 (6142340)",
        ],
    },
    Optional {
        name: "delay-calibration",
        why: "if the host runs the threads of the vCPUs in turns, each CPU measures its delay loop with another error",
        patterns: &[
            r"calibrate_delay_direct\(\) dropping (min|max) bogoMips estimate [0-9]+ = [0-9]+",
            r"calibrate_delay_direct\(\) failed to get a good estimate for loops_per_jiffy\.",
            r#"Probably due to long platform interrupts\. Consider using "lpj=" boot option\."#,
        ],
        examples: &[
            "calibrate_delay_direct() dropping max bogoMips estimate 1 = 24435354",
            "calibrate_delay_direct() failed to get a good estimate for loops_per_jiffy.",
            "Probably due to long platform interrupts. Consider using \"lpj=\" boot option.",
        ],
    },
    Optional {
        name: "clock-watchdog",
        why: "the clocksource watchdog waits too long for another CPU, or for the HPET that QEMU emulates, while the host does not \
              run their threads (watchdog_check_freq, watchdog_check_skew)",
        patterns: &[
            "clocksource: Watchdog remote CPU [0-9]+ read timed out",
            r"clocksource: Watchdog hpet read timed out\. Readout sequence took: [0-9]+ns",
        ],
        examples: &[
            "clocksource: Watchdog remote CPU 3 read timed out",
            "clocksource: Watchdog hpet read timed out. Readout sequence took: 714750ns",
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::{Matcher, whole};
    use crate::normal::Rules;
    use crate::optional::Finder;
    use crate::unordered::Members;
    use std::collections::BTreeSet;

    /// Each example shows the effect of its mask, and no other mask changes the line before or after.
    #[test]
    fn masks_do_what_their_examples_show() {
        let matchers: Vec<Matcher> = MASKS.iter().map(|mask| Matcher::new(*mask).unwrap()).collect();
        for mask in MASKS {
            assert!(!mask.examples.is_empty() && !mask.why.is_empty(), "{} is not explained", mask.name);
            for (before, after) in mask.examples {
                let applied = |message: &str| -> Vec<(&str, String)> {
                    matchers.iter().filter_map(|one| Some((one.mask.name, one.apply(message)?))).collect()
                };
                assert_eq!(applied(before), [(mask.name, (*after).to_owned())], "{before}");
                assert_ne!(before, after, "{} masks nothing", mask.name);
                assert!(applied(after).iter().all(|(_, again)| again == after), "{after} is masked again");
            }
        }
    }

    /// Each example belongs to its group and to no other, each pattern has an example, and no mask changes the examples.
    #[test]
    fn groups_have_their_examples() {
        let matchers: Vec<Matcher> = MASKS.iter().map(|mask| Matcher::new(*mask).unwrap()).collect();
        let all: Vec<Members> = GROUPS.iter().map(|group| Members::new(*group).unwrap()).collect();
        for group in GROUPS {
            assert!(!group.why.is_empty() && group.from <= group.to, "{} is not explained", group.name);
            for example in group.examples {
                let of: Vec<&str> = all
                    .iter()
                    .filter(|members| members.has(group.to, example))
                    .map(|members| members.group.name)
                    .collect();
                assert_eq!(of, [group.name], "{example}");
                let masked = matchers.iter().find_map(|mask| mask.apply(example));
                assert!(masked.is_none_or(|masked| masked == *example), "{example} is masked");
            }
            has_examples(group.name, group.patterns, group.examples);
        }
    }

    /// Each pattern has an example, and no mask or other rule matches it.
    #[test]
    fn optional_lines_have_their_examples() {
        let finders: Vec<Finder> = OPTIONAL.iter().map(|optional| Finder::new(*optional).unwrap()).collect();
        for optional in OPTIONAL {
            assert!(!optional.why.is_empty(), "{} is not explained", optional.name);
            for example in optional.examples {
                let of: Vec<&str> = finders
                    .iter()
                    .filter(|finder| finder.has(example))
                    .map(|finder| finder.optional.name)
                    .collect();
                assert_eq!(of, [optional.name], "{example}");
                let masked = MASKS.iter().any(|mask| Matcher::new(*mask).unwrap().apply(example).is_some());
                assert!(!masked, "{example} is masked as well");
            }
            has_examples(optional.name, optional.patterns, optional.examples);
        }
    }

    #[track_caller]
    fn has_examples(name: &str, patterns: &[&str], examples: &[&str]) {
        for pattern in patterns {
            let pattern = whole(pattern).unwrap();
            assert!(
                examples.iter().any(|example| pattern.is_match(example)),
                "{name}: {pattern} has no example"
            );
        }
    }

    #[test]
    fn names_are_unique_and_of_one_form() {
        let names = Rules::all().unwrap().names();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
        for name in names {
            assert!(name.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase()), "{name}");
        }
    }
}
