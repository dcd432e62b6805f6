// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whole JUnit and JSON documents.

use qos_console::{ktap, parse};
use qos_results::{Case, Outcome, Results, Suite};
use std::time::Duration;

fn results() -> Results {
    let mut clippy = Suite::new("clippy");
    clippy.time = Some(Duration::from_millis(1500));
    clippy.cases.push(Case::new("clippy", Outcome::Passed));
    let log = "[    1.000000] KTAP version 1\n[    1.000000] 1..2\n[    1.001000] ok 1 fine\n[    1.001000] # <why>\n\
               [    1.003000] not ok 2 broken\n";
    let report = &ktap::reports(&parse(log.as_bytes()))[0];
    let mut odd = Suite::new("odd <\"&\">");
    odd.output = "a\u{0}b ]]> \u{1b}[31m".into();
    odd.cases.push(Case { output: "x\r\n".into(), ..Case::new("lone", Outcome::Error("no\nQEMU".into())) });
    odd.cases.push(Case::new("another", Outcome::Changed("the log".into())));
    odd.cases.push(Case::new("left out", Outcome::Skipped("no device".into())));
    Results { suites: vec![clippy, Suite::of_ktap("kunit", report), odd] }
}

#[test]
fn junit() {
    let expect = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"qos\" tests=\"6\" failures=\"2\" errors=\"1\" time=\"1.503\">
  <testsuite name=\"clippy\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"1.500\">
    <testcase name=\"clippy\" classname=\"clippy\"/>
  </testsuite>
  <testsuite name=\"kunit\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\" time=\"0.003\">
    <testcase name=\"fine\" classname=\"kunit\" time=\"0.001\"/>
    <testcase name=\"broken\" classname=\"kunit\" time=\"0.002\">
      <failure message=\"not ok\"># &lt;why&gt;</failure>
    </testcase>
  </testsuite>
  <testsuite name=\"odd &lt;&quot;&amp;&quot;&gt;\" tests=\"3\" failures=\"1\" errors=\"1\" skipped=\"1\">
    <testcase name=\"lone\" classname=\"odd &lt;&quot;&amp;&quot;&gt;\">
      <error message=\"no&#10;QEMU\">x&#13;
</error>
    </testcase>
    <testcase name=\"another\" classname=\"odd &lt;&quot;&amp;&quot;&gt;\">
      <failure message=\"the log\" type=\"snapshot-changed\"/>
    </testcase>
    <testcase name=\"left out\" classname=\"odd &lt;&quot;&amp;&quot;&gt;\">
      <skipped message=\"no device\"/>
    </testcase>
    <system-out>a\\x00b ]]&gt; \\x1b[31m</system-out>
  </testsuite>
</testsuites>
";
    assert_eq!(results().junit(), expect);
}

#[test]
fn json() {
    let value: serde_json::Value = serde_json::from_str(&results().json()).expect("JSON");
    let counts = ["tests", "failures", "errors", "skipped"].map(|name| value[name].as_u64());
    assert_eq!(counts, [6, 2, 1, 1].map(Some));
    assert_eq!(
        (&value["verdict"], &value["message"]),
        (&"test-failed".into(), &"test failed: broken, lone".into())
    );
    let broken = &value["suites"][1]["cases"][1];
    assert_eq!(broken["outcome"], "failed");
    assert_eq!((&broken["message"], &broken["output"]), (&"not ok".into(), &"# <why>".into()));
    assert_eq!(broken["seconds"], 0.002);
    assert_eq!(value["suites"][2]["output"], "a\0b ]]> \u{1b}[31m");
    assert!(value["suites"][0]["cases"][0]["seconds"].is_null());
    assert!(results().failed() && !Results::default().failed());
}

/// An inconsistent report is detected, whatever its cases contain.
#[test]
fn ktap_that_is_cut_off() {
    let suite = |log: &str| Suite::of_ktap("k", &ktap::reports(&parse(log.as_bytes()))[0]);
    let outcomes =
        |suite: Suite| suite.cases.into_iter().map(|case| (case.name, case.outcome)).collect::<Vec<_>>();
    let error = |name: &str, why: &str| (name.to_owned(), Outcome::Error(why.to_owned()));
    let passed = |name: &str| (name.to_owned(), Outcome::Passed);
    assert_eq!(
        outcomes(suite("KTAP version 1\n1..2\nok 1 a\n")),
        [passed("a"), error("the report itself", "its plan has 2 tests, and 1 came")]
    );
    assert_eq!(
        outcomes(suite("KTAP version 1\n1..1\n # Subtest: s\n 1..2\n ok 1 a\nKernel panic\n")),
        [passed("s.a"), error("s", "it began and gave no result; its plan has 2 tests, and 1 came"),]
    );
    let expected = suite("KTAP version 1\n1..1\nnot ok 1 a # TODO soon\n");
    assert_eq!(outcomes(expected), [("a".to_owned(), Outcome::Skipped("fails, as is known: soon".into()))]);
}
