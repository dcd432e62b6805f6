// SPDX-License-Identifier: MIT OR Apache-2.0
//! Comparisons of costs with budgets: the whole messages, for boots given as tables.

use qos_bootlog::budget::{Budget, Mark, exceeded, lowered};
use qos_bootlog::cost::{Cost, PhaseCost, timeline};
use qos_bootlog::initcall::Initcall;
use qos_bootlog::phase::Phase;
use qos_bootlog::reference::Reference;

/// A boot whose phases and initcalls cost so many thousands of instructions.
struct Boot {
    phases: [u64; 7],
    initcalls: &'static [(&'static str, u64)],
}

const BOOT: Boot = Boot {
    phases: [4_000, 32_000, 47_000, 4_000, 5_000, 32_000, 200],
    initcalls: &[
        ("slab_late_init", 9_147),
        ("acpi_init", 8_891),
        ("inet_init", 1_300),
        ("chr_dev_init", 1_752),
        ("inet6_init", 2_840),
        ("net_dev_init", 163),
        ("init_module [qos_exit]", 134),
        ("init_bio", 86),
    ],
};

impl Boot {
    fn cost(&self) -> Cost {
        let mut cost = Cost::default();
        let mut start = 0;
        for (phase, thousands) in Phase::ALL.into_iter().zip(self.phases) {
            cost.phases.push(PhaseCost { phase, start, instructions: thousands * 1000, lines: 1 });
            start += thousands * 1000;
        }
        cost.to_init = cost.phase(Phase::Modules).map(|phase| phase.start);
        cost.to_session = cost.phase(Phase::Session).map(|phase| phase.start);
        cost.to_power_off = Some(start);
        cost
    }

    fn initcalls(&self) -> Vec<Initcall> {
        let call = |(name, thousands): &(&str, u64)| Initcall {
            name: (*name).to_owned(),
            start: None,
            instructions: thousands * 1000,
            reported_us: *thousands,
            status: Some(0),
        };
        self.initcalls.iter().map(call).collect()
    }
}

fn budget(mark: Mark, thousands: u64) -> Budget {
    Budget { mark, instructions: thousands * 1000, place: "m.toml:7".to_owned() }
}

/// The messages of a boot with these budgets, compared with the timeline of [`BOOT`], of which `top` initcalls are listed.
#[track_caller]
fn check(boot: &Boot, budgets: &[(Mark, u64)], top: usize, expect: &str) {
    let budgets: Vec<Budget> = budgets.iter().map(|(mark, thousands)| budget(*mark, *thousands)).collect();
    let reference = Reference::parse(&timeline(&BOOT.cost(), &BOOT.initcalls(), top));
    let over = exceeded(&budgets, &boot.cost(), &boot.initcalls(), Some(&reference));
    let got = over.iter().map(|over| format!("{over}\n")).collect::<Vec<_>>().concat();
    assert_eq!(got, expect);
}

#[test]
fn a_boot_within_its_budgets() {
    check(&BOOT, &[], 8, "");
    check(
        &BOOT,
        &[
            (Mark::Init, 83_000),
            (Mark::Session, 92_000),
            (Mark::PowerOff, 124_200),
            (Mark::PowerOff, u64::MAX / 1000),
        ],
        8,
        "",
    );
}

#[test]
fn a_budget_that_was_always_too_small() {
    check(
        &BOOT,
        &[(Mark::Init, 82_999), (Mark::Session, 92_000), (Mark::PowerOff, 100_000)],
        8,
        "\
to /init: 83.000 M instructions, 0.001 M more than the 82.999 M that m.toml:7 allows
  the most expensive phases: drivers 47.000 M, memory 32.000 M, early 4.000 M
  the most expensive initcalls: slab_late_init 9.147 M, acpi_init 8.891 M, inet6_init 2.840 M, chr_dev_init 1.752 M, inet_init 1.300 M
  nothing grew by 0.100 M or more in comparison with the reviewed timeline
to power-off: 124.200 M instructions, 24.200 M more than the 100.000 M that m.toml:7 allows
  the most expensive phases: drivers 47.000 M, memory 32.000 M, session 32.000 M
  the most expensive initcalls: slab_late_init 9.147 M, acpi_init 8.891 M, inet6_init 2.840 M, chr_dev_init 1.752 M, inet_init 1.300 M
  nothing grew by 0.100 M or more in comparison with the reviewed timeline
",
    );
}

#[test]
fn what_grew_is_named() {
    let grown = Boot {
        phases: [4_000, 32_099, 51_000, 6_000, 5_000, 32_000, 200],
        initcalls: &[
            ("acpi_init", 9_891),
            ("init_bio", 1_086),
            ("slow_init", 2_000),
            ("inet6_init", 2_939),
            ("init_module [qos_exit]", 2_134),
        ],
    };
    let expect_init = |initcalls: &str| {
        format!(
            "\
to /init: 87.099 M instructions, 2.099 M more than the 85.000 M that m.toml:7 allows
  the most expensive phases: drivers 51.000 M, memory 32.099 M, early 4.000 M
  the most expensive initcalls: acpi_init 9.891 M, inet6_init 2.939 M, slow_init 2.000 M, init_bio 1.086 M
  grew most in comparison with the reviewed timeline: drivers by 4.000 M (from 47.000 M), {initcalls}
"
        )
    };
    check(
        &grown,
        &[(Mark::Init, 85_000)],
        8,
        &expect_init(
            "initcall slow_init by 2.000 M (new), initcall acpi_init by 1.000 M (from 8.891 M), \
             initcall init_bio by 1.000 M (from 0.086 M)",
        ),
    );
    // What the timeline does not list cost at most as much as the last that it does.
    check(
        &grown,
        &[(Mark::Init, 85_000)],
        5,
        &expect_init(
            "initcall acpi_init by 1.000 M (from 8.891 M), \
             initcall slow_init by at least 0.700 M (from at most 1.300 M)",
        ),
    );
    // A module's initcall counts from /init on.
    check(
        &grown,
        &[(Mark::Session, 98_000)],
        8,
        "\
to the session: 98.099 M instructions, 0.099 M more than the 98.000 M that m.toml:7 allows
  the most expensive phases: drivers 51.000 M, memory 32.099 M, modules 6.000 M
  the most expensive initcalls: acpi_init 9.891 M, inet6_init 2.939 M, init_module [qos_exit] 2.134 M, slow_init 2.000 M, init_bio 1.086 M
  grew most in comparison with the reviewed timeline: drivers by 4.000 M (from 47.000 M), modules by 2.000 M (from 4.000 M), initcall slow_init by 2.000 M (new), initcall init_module [qos_exit] by 2.000 M (from 0.134 M), initcall acpi_init by 1.000 M (from 8.891 M), initcall init_bio by 1.000 M (from 0.086 M)
",
    );
}

#[test]
fn a_boot_that_does_not_get_there() {
    let cost = Cost { to_session: None, to_power_off: None, ..BOOT.cost() };
    let budgets = [budget(Mark::Init, 90_000), budget(Mark::Session, 90_000)];
    let over = exceeded(&budgets, &Cost { phases: Vec::new(), ..cost }, &[], None);
    let texts: Vec<String> = over.iter().map(ToString::to_string).collect();
    let expect = "to the session: the boot did not reach this point, so the budget of 90.000 M at m.toml:7 cannot be checked; see the end of its log";
    assert_eq!(texts, [expect]);
}

#[test]
fn lowering() {
    let check = |budget: u64, actual: u64, expect: Option<u64>| {
        let got = lowered(budget * 1000, actual * 1000);
        assert_eq!(got, expect.map(|thousands| thousands * 1000), "{budget} {actual}");
    };
    check(85_000, 83_439, None);
    // 5 % are not more than 5 %.
    check(100_000, 95_000, None);
    check(100_000, 94_999, Some(97_000));
    check(100_000, 50_000, Some(51_000));
    check(100_000, 50_001, Some(52_000));
    check(100_000, 0, Some(0));
    // Never to the present value, nor above it.
    check(2_000, 1_800, None);
    check(900, 100, None);
    // A boot that is over its budget lowers nothing.
    check(50_000, 60_000, None);
    assert_eq!(lowered(u64::MAX, u64::MAX), None);
    assert_eq!(lowered(u64::MAX, 1_000_000), Some(2_000_000));
}
