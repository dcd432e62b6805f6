// SPDX-License-Identifier: MIT OR Apache-2.0
//! The whole program, with programs in the place of git, Nix, xtask and the runner.

use qos_host::testing::Folder;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// git: `main` and `topic` are commits; a work tree is a copy of the directory with the commit's name.
const GIT: &str = r#"#!/bin/sh
a=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
b=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
case "$*" in
"rev-parse --verify --quiet --end-of-options main^{commit}") echo $a ;;
"rev-parse --verify --quiet --end-of-options topic^{commit}") echo $b ;;
"rev-parse "*) exit 1 ;;
"worktree add --quiet --detach --force "*) mkdir -p "${6%/*}" && cp -r "$FAKE/$7" "$6" ;;
"worktree remove --force "*) rm -rf "$4" ;;
"worktree prune") ;;
*" diff "*" --raw -z $a $b -- "*) printf ':100644 100644 1 2 M\0x.snap\0' ;;
*" diff "*" --patch --unified=0 $a $b -- :(top,literal)x.snap") cat "$FAKE/diff" ;;
*) echo "unexpected: git $*" >&2; exit 1 ;;
esac
"#;

/// Nix: a tree has its derivations in `derivations`, and its results in `store/ATTRIBUTE`.
const NIX: &str = r##"#!/bin/sh
for word; do case $word in *"#"*) tree=${word%%"#"*} attribute=${word#*"#"} ;; esac; done
case "$*" in
"config show --json") echo '{"substituters": {"value": [], "defaultValue": []}}' ;;
"eval --json "*)
  while [ -n "$WAIT" ] && [ ! -e "$FAKE/go" ]; do touch "$FAKE/waits"; sleep 0.02; done
  cat "$tree/derivations" ;;
"build --no-link --dry-run "*)
  if [ -e "$tree/plan" ]; then cat "$tree/plan" >&2; fi ;;
"build "*)
  if [ -e "$tree/store/$attribute" ]; then
    if [ -e "$tree/plan" ]; then sed -i "/-qos-$attribute.drv/d" "$tree/plan"; fi
    echo "[{\"outputs\": {\"out\": \"$tree/store/$attribute\"}}]"
  else echo '@nix {"action": "msg", "level": 0, "msg": "error: the kernel does not compile"}' >&2; exit 1
  fi ;;
*) echo "unexpected: nix $*" >&2; exit 1 ;;
esac
"##;

const XTASK: &str = r#"#!/bin/sh
echo "$*" >>"$FAKE/xtask.log"
if [ "$1" = setup ] && [ -e "$FAKE/no-setup" ]; then echo "xtask: no mirror has gcc" >&2; exit 1; fi
"#;

/// A runner whose guest needs so many MiB.
fn runner(least: u32) -> String {
    format!(
        "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = --memory ] && memory=${{2%M}}; shift; done\n[ \"$memory\" -ge {least} ]\n"
    )
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

struct Fake(Folder);

impl Fake {
    /// `main` and `topic`, whose image `default` differs; `minimal` does not, and all LTS images do.
    fn new(policy: &str) -> Self {
        let fake = Fake(Folder::temporary());
        for (name, text) in [("git", GIT), ("nix", NIX), ("xtask", XTASK)] {
            fake.program(&format!("bin/{name}"), text);
        }
        for (commit, data, least) in [("a".repeat(40), "base", 53), ("b".repeat(40), "head", 56)] {
            fake.tree(&commit, data, least);
        }
        fake.0.write(&format!("{}/review.toml", "a".repeat(40)), policy);
        fake.0.write(&format!("{}/review.toml", "b".repeat(40)), "");
        fake.0.write("diff", "--- a/x.snap\n+++ b/x.snap\n@@ -7 +7 @@\n-a\n+b\n");
        fake.0.write("work/store/linux-source/Kconfig", "");
        fake.0.write("xtask.log", "");
        fake
    }

    fn program(&self, path: &str, text: &str) {
        self.0.write(path, text);
        fs::set_permissions(self.0.path(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn tree(&self, commit: &str, data: &str, least: u32) {
        let copy = |from: PathBuf, to: String| {
            self.0.write(
                &to,
                &fs::read_to_string(&from).unwrap_or_else(|error| panic!("{}: {error}", from.display())),
            );
        };
        copy(repository().join("qos.toml"), format!("{commit}/qos.toml"));
        for manifest in ["base", "default"] {
            copy(
                repository().join(format!("rootfs/{manifest}.toml")),
                format!("{commit}/rootfs/{manifest}.toml"),
            );
        }
        let data = repository().join("tools/bootdiff/tests/data").join(data);
        for (attribute, files) in [
            ("image", &["config", "manifest.json"][..]),
            ("initramfs", &["listing"]),
            ("boot-log", &["boot.log", "initcalls.log"]),
        ] {
            for file in files {
                copy(data.join(file), format!("{commit}/store/{attribute}/{file}"));
            }
        }
        self.program(&format!("{commit}/store/qemu/bin/qos-qemu"), &runner(least));
        // In the order of qos.toml: default, minimal, server, server-hardened, lts, lts-6_12. The last one cannot be evaluated.
        let letter = &commit[..1];
        self.0.write(
            &format!("{commit}/derivations"),
            &format!(r#"["/nix/store/{letter}-log.drv", "/nix/store/same.drv", "/nix/store/same.drv", "/nix/store/same.drv", "/nix/store/{letter}.drv", null]"#),
        );
        if letter == "b" {
            let hash = "0123456789abcdfghijklmnpqrsvwxyz";
            self.0.write(
                &format!("{commit}/plan"),
                &format!("this derivation will be built:\n  /nix/store/{hash}-qos-image.drv\n  /nix/store/{hash}-qos-boot-log.drv\n"),
            );
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments, "out").output().unwrap()
    }

    /// The program, whose files go to `out`.
    fn command(&self, arguments: &[&str], out: &str) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        // A compiler that a shell script starts does not get the variable, because a shell has no variable of such a name.
        let program = option_env!("CARGO_BIN_EXE_qos-review").map(str::to_owned);
        let program = program.or_else(|| std::env::var("CARGO_BIN_EXE_qos-review").ok());
        let mut command = Command::new(program.expect("cargo runs the test"));
        command
            .args(arguments)
            .args(["--quiet", "--out"])
            .arg(self.0.path(out))
            .env("PATH", format!("{}:{path}", self.0.path("bin").display()))
            .env("FAKE", self.0.path(""))
            .env("QOS_ROOT", self.0.path("work"))
            .env("QOS_XTASK", self.0.path("bin/xtask"));
        command
    }

    /// Runs it; the exit status, and parts of standard output, or of standard error for status 2.
    #[track_caller]
    fn check(&self, arguments: &[&str], status: i32, parts: &[&str]) {
        let output = self.run(arguments);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "{out}\n{err}");
        let text = if status == 2 { &err } else { &out };
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in:\n{text}");
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_violated_policy() {
    let fake = Fake::new("deny = ['cost +0.5 %', 'memory +5 %']\nwarn = ['snapshot']\n");
    fake.check(
        &["main..topic", "--post", "gitlab"],
        1,
        &[
            "deny: default: instructions to the session: +1.750 M (+0.52 %); rule \"cost +0.5 %\" at rootfs/default.toml:",
            "deny: default: least memory: 53 MiB → 56 MiB; rule \"memory +5 %\" at rootfs/default.toml:",
            "warn: x.snap: 1 line added, 1 line removed; rule \"snapshot\" at x.snap:7\n",
            "base: everything was in the store\nhead: built qos-image, qos-boot-log; the others were in the store\n",
            "minimal: unchanged\n",
            "lts: not compared, although changed: `--image NAME` or `--all` compares it\n",
            "lts-6_12: not compared, because its derivation cannot be evaluated\n",
            "The change violates the policy: 2 violations, with 1 warning.",
        ],
    );
    assert_eq!(fake.0.read("out/comment.md").lines().next(), Some("<!-- qos-review -->"));
    assert_eq!(
        names(&fake.0.path("out")),
        ["comment.md", "junit.xml", "report.html", "review.json", "review.sarif", "summary.md"]
    );
    let log = fake.0.read("xtask.log");
    assert!(log.contains(&format!("post gitlab {}\n", fake.0.path("out").display())), "{log}");
    assert_eq!(log.matches("setup --work-tree").count(), 2, "{log}");
    let page = fake.0.read("out/report.html");
    assert!(
        page.contains("<h1>Boot of <code>main (aaaaaaaaaa)</code> → <code>topic (bbbbbbbbbb)</code></h1>"),
        "{page}"
    );
    // The work trees of the commits are gone.
    assert_eq!(names(&fake.0.path("work/target/qos/bootdiff")), [""; 0]);
}

#[test]
fn a_policy_that_is_kept() {
    let fake = Fake::new("deny = ['verdict', 'cost +2 %']\n");
    fake.check(&["main..topic"], 0, &["The change passes the policy."]);
    let json: serde_json::Value = serde_json::from_str(&fake.0.read("out/review.json")).unwrap();
    assert_eq!((&json["passed"], &json["images"][0]["memory"]), (&true.into(), &serde_json::Value::Null));
    fs::remove_file(fake.0.path(&format!("{}/review.toml", "a".repeat(40)))).unwrap();
    fake.check(&["main..topic", "--image", "minimal"], 0, &["default: not compared", "minimal: unchanged"]);
    assert!(fake.0.read("out/report.html").contains("No image was compared."));
}

/// A review of the same commits begins and ends while another one is at work.
#[test]
fn two_reviews_at_the_same_time() {
    let fake = Fake::new("deny = ['cost +0.5 %']\n");
    let first =
        fake.command(&["main..topic"], "first").env("WAIT", "1").stdout(Stdio::piped()).spawn().unwrap();
    while !fake.0.path("waits").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(names(&fake.0.path("work/target/qos/bootdiff")), ["tree-1", "tree-2"]);
    fake.check(&["main..topic", "--policy", "/dev/null"], 0, &["The change passes the policy."]);
    assert_eq!(names(&fake.0.path("work/target/qos/bootdiff")), ["tree-1", "tree-2"]);
    fake.0.write("go", "");
    let first = first.wait_with_output().unwrap();
    let out = String::from_utf8_lossy(&first.stdout);
    assert!(out.contains("deny: default: instructions to the session: +1.750 M (+0.52 %)"), "{out}");
    assert_eq!(first.status.code(), Some(1), "{out}");
    assert_eq!(names(&fake.0.path("work/target/qos/bootdiff")), [""; 0]);
    assert_eq!(names(&fake.0.path("work/target/qos/review")), ["run-1", "run-2"]);
}

#[test]
fn a_head_that_does_not_build() {
    let fake = Fake::new("deny = ['verdict', 'memory']\n");
    fs::remove_dir_all(fake.0.path(&format!("{}/store/boot-log", "b".repeat(40)))).unwrap();
    fake.check(
        &["main..topic"],
        1,
        &[
            "deny: default: the head does not build or boot: boot-log: the kernel does not compile; rule \"verdict\" at",
            "head: built qos-image; not built: qos-boot-log\n",
        ],
    );
    let results = fake.0.read("out/junit.xml");
    let skipped = results.split("name=\"memory\"").nth(1).unwrap_or_default();
    assert!(skipped.trim_start_matches(|c| c != '<').starts_with("<skipped"), "{results}");
}

/// The image `minimal` without its entry, the image `default` on another kernel.
#[test]
fn an_image_that_leaves_the_table_or_the_default_kernel() {
    let fake = Fake::new("deny = ['cost +0.5 %']\n[image.minimal]\ndeny = ['image-removed']\n");
    let head = "b".repeat(40);
    let table = fake.0.read(&format!("{head}/qos.toml"));
    let minimal = "[[images]]\nname = \"minimal\"\nkernel = \"default\"\nprograms = \"minimal\"\nscript = \"minimal.sh\"\n";
    let default = "[[images]]\nname = \"default\"\nkernel = \"default\"\n";
    assert!(table.contains(minimal) && table.contains(default), "{table}");
    let table = table
        .replace(minimal, "")
        .replace(default, &default.replace("kernel = \"default\"", "kernel = \"hardened\""));
    fake.0.write(&format!("{head}/qos.toml"), &table);
    for (commit, minimal) in [("a".repeat(40), "\"/nix/store/same.drv\""), (head.clone(), "null")] {
        // default, server, server-hardened, lts, lts-6_12, minimal
        let derivations = format!(
            r#"["/nix/store/{}-log.drv", "/nix/store/same.drv", "/nix/store/same.drv", "/nix/store/same.drv", null, {minimal}]"#,
            &commit[..1]
        );
        fake.0.write(&format!("{commit}/derivations"), &derivations);
    }
    fake.check(
        &["main..topic"],
        1,
        &[
            "deny: minimal: the image: removed from qos.toml; rule \"image-removed\" at qos.toml:1\n",
            "deny: default: instructions to the session: +1.750 M (+0.52 %); rule \"cost +0.5 %\" at",
            "minimal: removed, only the base has it\n",
        ],
    );
    assert!(fake.0.read("out/comment.md").contains("\nRemoved (only the base has them): `minimal`\n"));
    // Without an entry in the policy it is a warning.
    fake.0.write(&format!("{}/review.toml", "a".repeat(40)), "");
    fake.check(
        &["main..topic"],
        0,
        &["warn: minimal: the image: removed from qos.toml; rule \"image-removed\" at"],
    );
    fs::remove_file(fake.0.path(&format!("{}/qos.toml", "a".repeat(40)))).unwrap();
    fake.check(&["main..topic"], 2, &["review: main (aaaaaaaaaa): cannot read "]);
}

#[test]
fn the_directory_is_checked_before_anything_is_built() {
    let fake = Fake::new("");
    fake.0.write("out", "a file");
    fake.check(&["main..topic"], 2, &["review: cannot create ", "/out: "]);
    assert_eq!(fake.0.read("xtask.log"), "");
    fs::remove_file(fake.0.path("out")).unwrap();
    fake.0.write("out/review.json", "{}");
    fake.check(&["main..nowhere"], 2, &["review: nowhere is not a commit"]);
    assert_eq!(names(&fake.0.path("out")), [""; 0]);
}

#[test]
fn errors() {
    let fake = Fake::new("deny = ['cots']\n");
    fake.check(
        &["main..topic"],
        2,
        &["review: the policy of the base: review.toml:1: unknown rule `cots`; did you mean `cost`?; the rules are ", "; --policy FILE takes another one"],
    );
    fake.0.write(&format!("{}/review.toml", "a".repeat(40)), "");
    fake.0.write(&format!("{}/review.toml", "b".repeat(40)), "deny = ['cots']\n");
    fake.check(&["main..topic"], 2, &["review: review.toml:1: unknown rule `cots`; did you mean `cost`?"]);
    fake.check(&["main..main"], 2, &["review: there is nothing to review"]);
    fake.check(&["main..nowhere"], 2, &["review: nowhere is not a commit of this repository"]);
    fake.check(
        &["main..topic", "--image", "tiny", "--policy", "/dev/null"],
        2,
        &["review: unknown image tiny"],
    );
    fake.0.write("no-setup", "");
    fake.check(
        &["main..topic", "--policy", "/dev/null"],
        2,
        &["review: main (aaaaaaaaaa): no mirror has gcc"],
    );
}
