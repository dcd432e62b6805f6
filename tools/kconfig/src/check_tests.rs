// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cases for [`super::check`]: a fragment, the resulting `.config`, the output of Kconfig, and the message.

use super::check;
use crate::fragment;
use crate::request::Request;
use crate::resolved::Resolved;
use crate::why::Why;

/// Runs a check of one fragment, `virt.config`. `why` is written with `: ` for the tab, for reading.
fn problems(fragment: &str, config: &str, why: &str) -> Vec<String> {
    let settings = fragment::parse("virt.config", fragment).expect("valid fragment");
    let request = Request::join(settings).expect("no conflict");
    let resolved = Resolved::parse(".config", config).expect("valid .config");
    let why = Why::parse("why", &why.replace(": ", "\t")).expect("valid output of kconfig-why");
    check(&request, &resolved, &why)
}

#[track_caller]
fn check_one(fragment: &str, config: &str, why: &str, expect: &str) {
    assert_eq!(problems(fragment, config, why), [expect]);
}

#[track_caller]
fn check_met(fragment: &str, config: &str, why: &str) {
    assert_eq!(problems(fragment, config, why), Vec::<String>::new());
}

#[test]
fn requests_that_are_met() {
    check_met("", "CONFIG_A=y", "");
    check_met("CONFIG_A=y", "CONFIG_A=y", "symbol: A\ntype: bool\nlimit: y");
    check_met("CONFIG_A=n", "", "symbol: A\ntype: bool\nlimit: y");
    check_met("CONFIG_A=m", "CONFIG_A=m", "symbol: A\ntype: tristate\nlimit: y");
    check_met("CONFIG_X=0x10", "CONFIG_X=0x10", "symbol: X\ntype: hex\nlimit: y");
    check_met("CONFIG_S=\"a\"", "CONFIG_S=\"a\"", "symbol: S\ntype: string\nlimit: y");
    // Selected, and requested: both are fine.
    check_met(
        "CONFIG_A=y",
        "CONFIG_A=y",
        "symbol: A\ntype: bool\nlimit: n\ndepends: B [=n]\nselected: C [=y]",
    );
}

#[test]
fn unmet_dependencies_are_named() {
    check_one(
        "# net\nCONFIG_VIRTIO_NET=y",
        "CONFIG_NETDEVICES=y",
        "symbol: VIRTIO_NET\ntype: tristate\nlimit: n\ndepends: NETDEVICES [=y] && NET_CORE [=n]\nunmet: NET_CORE [=n]",
        "virt.config:2: CONFIG_VIRTIO_NET=y did not resolve: it is n. It depends on NETDEVICES [=y] && NET_CORE [=n]; \
         unmet: NET_CORE [=n]; request CONFIG_NET_CORE=y too",
    );
    check_one(
        "CONFIG_A=y",
        "CONFIG_A=m",
        "symbol: A\ntype: tristate\nlimit: m\ndepends: B [=m]\nunmet: B [=m]",
        "virt.config:1: CONFIG_A=y did not resolve: it is m. It depends on B [=m]; unmet: B [=m]; \
         request CONFIG_B=y too",
    );
    check_one(
        "CONFIG_A=y",
        "CONFIG_B=y",
        "symbol: A\ntype: bool\nlimit: n\ndepends: !B [=y] && (C [=n] || D)\nunmet: !B [=y]\nunmet: C [=n] || D",
        "virt.config:1: CONFIG_A=y did not resolve: it is n. It depends on !B [=y] && (C [=n] || D); \
         unmet: !B [=y], C [=n] || D; request CONFIG_B=n too",
    );
}

#[test]
fn a_dependency_that_was_asked_for_is_named_with_its_place() {
    let found = problems(
        "CONFIG_A=y\nCONFIG_B=y",
        "",
        "symbol: A\ntype: bool\nlimit: n\ndepends: B [=n]\nunmet: B [=n]\n\
         symbol: B\ntype: bool\nlimit: n\ndepends: C [=n]\nunmet: C [=n]",
    );
    assert_eq!(
        found,
        [
            "virt.config:1: CONFIG_A=y did not resolve: it is n. It depends on B [=n]; unmet: B [=n]; \
             CONFIG_B=y is requested at virt.config:2",
            "virt.config:2: CONFIG_B=y did not resolve: it is n. It depends on C [=n]; unmet: C [=n]; \
             request CONFIG_C=y too",
        ]
    );
}

#[test]
fn names_that_do_not_exist() {
    let why = "known: VIRTIO_NET\nsymbol: VIRTIO_NTE\nsymbol: ZZZZZZZ";
    check_one(
        "CONFIG_VIRTIO_NTE=y",
        "",
        why,
        "virt.config:1: CONFIG_VIRTIO_NTE: this kernel has no such option; did you mean CONFIG_VIRTIO_NET?",
    );
    check_one(
        "CONFIG_ZZZZZZZ=n",
        "",
        why,
        "virt.config:1: CONFIG_ZZZZZZZ: this kernel has no such option: correct its name or remove the line",
    );
}

#[test]
fn values_of_the_wrong_kind() {
    for (value, kind, wanted) in [
        ("m", "bool", "y or n"),
        ("1", "bool", "y or n"),
        ("\"y\"", "tristate", "y, m or n"),
        ("y", "integer", "a number"),
        ("64", "hex", "a number with 0x"),
        ("64", "string", "text in double quotes"),
    ] {
        check_one(
            &format!("CONFIG_A={value}"),
            "CONFIG_A=y",
            &format!("symbol: A\ntype: {kind}\nlimit: y"),
            &format!("virt.config:1: CONFIG_A={value} is invalid: the option takes {wanted} ({kind})"),
        );
    }
}

#[test]
fn numbers_out_of_range() {
    check_one(
        "CONFIG_NR_CPUS=4096",
        "CONFIG_NR_CPUS=64",
        "symbol: NR_CPUS\ntype: integer\nlimit: y\nrange: 2 512",
        "virt.config:1: CONFIG_NR_CPUS=4096 did not resolve: it is 64. Its range is 2 to 512",
    );
    check_one(
        "CONFIG_X=0xff",
        "CONFIG_X=0x1",
        "symbol: X\ntype: hex\nlimit: y\nrange: 0x0 0x10",
        "virt.config:1: CONFIG_X=0xff did not resolve: it is 0x1. Its range is 0x0 to 0x10",
    );
}

#[test]
fn symbols_without_a_prompt() {
    check_one(
        "CONFIG_CRC16=y",
        "",
        "symbol: CRC16\ntype: tristate\nselect: EXT4_FS [=n] && BLOCK [=y]\nselect: B [=n]",
        "virt.config:1: CONFIG_CRC16=y did not resolve: it is n. It has no prompt, so it cannot be requested: \
         it is on when selected by EXT4_FS [=n] && BLOCK [=y]; B [=n]",
    );
    check_one(
        "CONFIG_CRC16=m",
        "CONFIG_CRC16=y",
        "symbol: CRC16\ntype: tristate\nselected: EXT4_FS [=y]\nselect: B [=n]",
        "virt.config:1: CONFIG_CRC16=m did not resolve: it is y. It has no prompt, so it cannot be requested: \
         it is selected by EXT4_FS [=y]",
    );
    check_one(
        "CONFIG_64BIT_X=y",
        "",
        "symbol: 64BIT_X\ntype: bool",
        "virt.config:1: CONFIG_64BIT_X=y did not resolve: it is n. It has no prompt, so it cannot be requested: \
         its value is computed; remove the line",
    );
}

#[test]
fn long_lists_of_selects_are_cut() {
    let selects = (0..9).map(|n| format!("select: S{n} [=n]")).collect::<Vec<_>>().join("\n");
    let found = problems("CONFIG_A=y", "", &format!("symbol: A\ntype: bool\n{selects}"));
    assert!(found[0].ends_with("selected by S0 [=n]; S1 [=n]; S2 [=n]; S3 [=n]; and 5 more"), "{found:?}");
}

#[test]
fn what_should_be_off_and_is_on() {
    check_one(
        "CONFIG_CRC32=n",
        "CONFIG_CRC32=y",
        "symbol: CRC32\ntype: tristate\nselected: ACPI [=y] && ARCH_SUPPORTS_ACPI [=y]",
        "virt.config:1: CONFIG_CRC32=n did not resolve: it is y. It is selected by ACPI [=y] && ARCH_SUPPORTS_ACPI [=y]: \
         turn that off, or remove the request",
    );
    check_one(
        "CONFIG_A=n",
        "CONFIG_A=y",
        "symbol: A\ntype: bool\nlimit: n\ndepends: EXPERT [=n]\nunmet: EXPERT [=n]",
        "virt.config:1: CONFIG_A=n did not resolve: it is y. Its default applies, because it can be turned off only if \
         EXPERT [=n]; unmet: EXPERT [=n]",
    );
    check_one(
        "CONFIG_A=n",
        "CONFIG_A=y",
        "symbol: A\ntype: bool",
        "virt.config:1: CONFIG_A=n did not resolve: it is y. It has no prompt: its default cannot be overridden",
    );
    check_one(
        "CONFIG_A=n",
        "CONFIG_A=y",
        "symbol: A\ntype: bool\nlimit: y\nchoice: A",
        "virt.config:1: CONFIG_A=n did not resolve: it is y. It is the selected member of a choice: \
         request another member with =y instead",
    );
}

#[test]
fn choices_name_the_chosen_member() {
    let found = problems(
        "CONFIG_HZ_250=y\nCONFIG_HZ_1000=y",
        "CONFIG_HZ_1000=y",
        "symbol: HZ_250\ntype: bool\nlimit: y\nchoice: HZ_1000\nsymbol: HZ_1000\ntype: bool\nlimit: y\nchoice: HZ_1000",
    );
    assert_eq!(
        found,
        [
            "virt.config:1: CONFIG_HZ_250=y did not resolve: it is n. It is a member of a choice, and the selected \
             member is CONFIG_HZ_1000, requested at virt.config:2"
        ]
    );
}

#[test]
fn no_explanation_is_no_excuse() {
    check_one(
        "CONFIG_A=y",
        "",
        "",
        "virt.config:1: CONFIG_A=y did not resolve: it is n; kconfig-why gave no reason",
    );
    check_one(
        "CONFIG_A=y",
        "",
        "symbol: A\ntype: bool\nlimit: y\nplace: init/Kconfig:7",
        "virt.config:1: CONFIG_A=y did not resolve: it is n. See its definition at init/Kconfig:7",
    );
}
