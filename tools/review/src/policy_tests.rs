// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of the policy: rules, limits, files.

use super::*;

#[test]
fn rules() {
    let check = |text: &str, kind, limit| {
        let rule = Rule::parse(text).unwrap();
        assert_eq!((rule.kind, rule.limit, rule.text.as_str()), (kind, limit, text.trim()), "{text}");
    };
    check("verdict", Kind::Verdict, Limit::None);
    check("cost", Kind::Cost, Limit::None);
    check("cost +2 %", Kind::Cost, Limit::Percent(2000));
    check("cost +0.25%", Kind::Cost, Limit::Percent(250));
    check("cost+1.5 M", Kind::Cost, Limit::Amount(1_500_000));
    check(" size +64 KiB ", Kind::Size, Limit::Amount(65_536));
    check("size +0.5 MiB", Kind::Size, Limit::Amount(524_288));
    check("size +100 B", Kind::Size, Limit::Amount(100));
    check("size +5 %", Kind::Size, Limit::Percent(5000));
    check("memory +2 MiB", Kind::Memory, Limit::Amount(2));
    for (name, kind) in Kind::ALL {
        check(name, kind, Limit::None);
        assert_eq!(kind.name(), name);
    }
}

#[test]
fn wrong_rules() {
    let check = |text: &str, part: &str| {
        let error = Rule::parse(text).unwrap_err();
        assert!(error.contains(part) && !error.contains('\n'), "{text}: {error}");
    };
    check("", "unknown rule ``; the rules are verdict, image-removed, budget,");
    check("new-modul", "unknown rule `new-modul`; did you mean `new-module`?");
    check("verdict +2 %", "the rule `verdict` takes no limit; write it without `+2 %`");
    for limit in
        ["", "2", "%", "2 MiB", "-2 %", "2.0000 %", "2. %", ".5 %", "2 % more", "99999999999999999999 %"]
    {
        check(&format!("cost +{limit}"), "with a unit of M, % and at most three decimals");
    }
    check("memory +2 KiB", "with a unit of MiB, %");
    check("size +99999999999999999 MiB", "is not a limit of the rule `size`");
}

#[test]
fn limits() {
    let check = |text: &str, base, most| {
        let limit = Rule::parse(text).unwrap().limit;
        assert!(!limit.is_exceeded(base, most), "{text} {base} {most}");
        assert!(!limit.is_exceeded(base, 0), "{text} {base}");
        assert!(limit.is_exceeded(base, most + 1), "{text} {base} {most}");
    };
    check("cost", 100, 100);
    check("cost +2 %", 64_000_000, 65_280_000);
    check("cost +2 %", 0, 0);
    check("cost +0.001 %", 1_000_000, 1_000_010);
    check("cost +1 M", 64_000_000, 65_000_000);
    check("size +1 KiB", 10, 1034);
    check("size +5 %", u64::MAX / 2, 9_684_540_638_697_514_597);
    check("memory +5 %", 53, 55);
    check("memory +1 MiB", 53, 54);
}

const IMAGES: [&str; 2] = ["default", "minimal"];

#[test]
fn a_list_of_an_image_replaces_the_common_one() {
    let text = "deny = ['verdict', 'snapshot']\nwarn = ['config']\n[image.minimal]\ndeny = ['cost +1 %']\n";
    let policy = Policy::parse(FILE, text, &IMAGES).unwrap();
    let show = |rules: &Rules| {
        let list = |rules: &[Rule]| rules.iter().map(Rule::to_string).collect::<Vec<_>>().join(",");
        format!("{} | {}", list(&rules.deny), list(&rules.warn))
    };
    assert_eq!(show(policy.of("default")), "verdict,snapshot | config,image-removed,policy");
    assert_eq!(show(policy.of("minimal")), "cost +1 % | config,image-removed,policy");
    assert_eq!(show(&Policy::built_in().rules), "verdict,budget | image-removed,policy");
    let text = "deny = ['policy']\nwarn = ['image-removed']\n[image.minimal]\nwarn = []\n";
    let other = Policy::parse(FILE, text, &IMAGES).unwrap();
    assert_eq!(show(other.of("default")), "policy | image-removed");
    assert_eq!(show(other.of("minimal")), "policy | image-removed");
    assert!(policy.has("minimal", Kind::Cost) && !policy.has("default", Kind::Cost));
}

#[test]
fn wrong_policies() {
    let check = |text: &str, expect: &str| {
        let error = Policy::parse(FILE, text, &IMAGES).unwrap_err();
        assert!(error.starts_with(expect) && !error.contains('\n'), "{text}: {error}");
    };
    check(
        "deny = [\n  'verdict',\n  'cots',\n]\n",
        "review.toml:3: unknown rule `cots`; did you mean `cost`?",
    );
    check("deny = []\nallow = []\n", "review.toml:2: unknown field `allow`, expected one of");
    check("deny = 'verdict'\n", "review.toml:1: invalid type: string \"verdict\", expected a sequence");
    check("[image.tiny]\n", "review.toml:1: unknown image tiny; the images are default, minimal");
    check(
        "\n[image.minimal]\ndeny = ['snapshot']\n",
        "review.toml:3: the rule `snapshot` is about the repository",
    );
    check("[image.minimal]\nwarm = []\n", "review.toml:2: unknown field `warm`");
    check("deny = [", "review.toml:1: ");
}
