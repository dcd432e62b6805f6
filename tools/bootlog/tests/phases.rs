// SPDX-License-Identifier: MIT OR Apache-2.0
//! Phases and cost of a boot without qos's programs.

use qos_bootlog::cost::{Cost, timeline};
use qos_bootlog::diff::diff;
use qos_bootlog::{parse, phase};

/// Debian's cloud kernel 6.12 on QEMU 10.0, with a busybox initramfs that powers off.
const REAL: &[u8] = include_bytes!("../../console/tests/data/debian-6.12.raw");

#[test]
fn a_foreign_boot_has_the_kernels_phases() {
    let lines = parse(REAL);
    let sections = phase::cut(&lines);
    let got: Vec<(&str, usize, &str)> = sections
        .iter()
        .map(|section| (section.phase.name(), section.lines.len(), section.lines[0].message()))
        .collect();
    assert_eq!(got[0].0, "early");
    assert!(got[0].2.starts_with("Linux version 6.12.107"));
    let rest = [
        ("memory", 113, "Zone ranges:"),
        ("drivers", 191, "devtmpfs: initialized"),
        ("modules", 3, "Run /init as init process"),
    ];
    assert_eq!(got[1..], rest);
    assert_eq!(sections.iter().map(|section| section.text()).collect::<String>(), phase::text(&lines));
}

#[test]
fn its_cost_is_told_as_far_as_it_goes() {
    let expect = "\
# instructions, in millions, from the kernel's first line
to /init          7 765.095
to the session            -
to power-off      9 069.874

# phase        starts at        lasts  lines
early             0.000        0.000     39
memory            0.000    1 549.779    113
drivers       1 549.779    6 215.316    191
modules       7 765.095    1 304.779      3
";
    assert_eq!(timeline(&Cost::of(&parse(REAL)), &[], 10), expect);
}

/// Each line of a real log taken out, or doubled, is that one change.
#[test]
fn one_change_of_a_real_log_is_one_change() {
    let lines = parse(REAL);
    for at in (0..lines.len()).step_by(5) {
        let mut fewer = lines.clone();
        let line = fewer.remove(at);
        let texts = |changes: Vec<qos_bootlog::diff::Change>| {
            changes.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(texts(diff(&lines, &fewer)), [format!("- {}", line.message())]);
        assert_eq!(texts(diff(&fewer, &lines)), [format!("+ {}", line.message())]);
    }
    assert!(diff(&lines, &lines).is_empty());
}
