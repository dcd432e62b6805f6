// SPDX-License-Identifier: MIT OR Apache-2.0
//! The events of `nix build --log-format internal-json` (Nix, `src/libutil/logging.hh`), and the progress of a
//! build according to its own lines. Pure: text in, facts out.

use console::strip_ansi_codes;
use serde_json::Value;
use std::collections::VecDeque;

/// So many last lines are kept of each build.
const TAIL: usize = 40;
/// Nix's number of the activity "a derivation is built", and of the results "a line of its log".
const ACTIVITY_BUILD: u64 = 105;
/// "A path is copied from another store".
const ACTIVITY_COPY: u64 = 100;
const RESULT_LINES: [u64; 2] = [101, 107];

/// One line of Nix's log.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// A derivation begins to be built.
    Begin {
        /// Nix's number for this activity.
        id: u64,
        /// The derivation's name, without hash and `.drv`.
        name: String,
    },
    /// A path begins to be copied from a cache.
    Copy {
        /// The activity.
        id: u64,
        /// The path's name, without the hash.
        name: String,
    },
    /// A line of a builder's output.
    Line {
        /// The activity.
        id: u64,
        /// The text.
        text: String,
    },
    /// An activity ends, well or not.
    End {
        /// The activity.
        id: u64,
    },
    /// An error (level 0), without colours.
    Error(String),
    /// Something for the log only.
    Message(String),
}

/// Parses one line of Nix's standard error; `None` for unused events.
pub fn parse(line: &str) -> Option<Event> {
    let Some(json) = line.strip_prefix("@nix ") else {
        return Some(Event::Message(line.to_owned()));
    };
    let event: Value = serde_json::from_str(json).ok()?;
    let id = || event.get("id").and_then(Value::as_u64);
    let kind = || event.get("type").and_then(Value::as_u64);
    let field = || event.get("fields").and_then(|fields| fields.get(0)).and_then(Value::as_str);
    match event.get("action").and_then(Value::as_str)? {
        "start" if kind()? == ACTIVITY_BUILD => {
            Some(Event::Begin { id: id()?, name: derivation_name(field()?) })
        }
        "start" if kind()? == ACTIVITY_COPY => {
            Some(Event::Copy { id: id()?, name: derivation_name(field()?) })
        }
        "result" if RESULT_LINES.contains(&kind()?) => Some(Event::Line { id: id()?, text: plain(field()?) }),
        "stop" => Some(Event::End { id: id()? }),
        "msg" => {
            let text = plain(event.get("msg").and_then(Value::as_str)?);
            // 0 is an error; 1 a warning, which is no reason of a failure
            let is_error = event.get("level").and_then(Value::as_u64) == Some(0);
            Some(if is_error { Event::Error(text) } else { Event::Message(text) })
        }
        _ => None,
    }
}

/// `/nix/store/HASH-NAME.drv` → `NAME`.
fn derivation_name(path: &str) -> String {
    let base = path.rsplit('/').next().unwrap_or(path);
    let name = base.get(33..).unwrap_or(base);
    name.strip_suffix(".drv").unwrap_or(name).to_owned()
}

/// The message about a binary cache that is not used, if `text` is one, and what it means for the user.
pub fn cache_warning(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches("warning:").trim();
    if text.contains("is not signed by any of the keys") {
        return Some(format!(
            "refused, and built here: {text}; check the key with: cargo xtask setup --cache URL --key KEY"
        ));
    }
    let url = text.strip_prefix("unable to download '")?.split_once("/nix-cache-info'")?.0;
    let reason = text.split_once("': ").map_or("no answer", |(_, reason)| reason);
    Some(format!("the cache {url} is not used: {reason}"))
}

/// Text without the escape sequences of colours and without carriage returns.
fn plain(text: &str) -> String {
    strip_ansi_codes(text).replace('\r', "")
}

/// The line of Nix's error, which may be a page, that names the cause: the last one that begins with `error:`.
pub fn reason(error: &str) -> String {
    let of = |line: &str| line.trim().strip_prefix("error:").map(|text| text.trim().to_owned());
    let found = error.lines().filter_map(of).rfind(|text| !text.is_empty());
    found.unwrap_or_else(|| {
        error.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
    })
}

/// How far one build is.
#[derive(Debug, Default)]
pub struct Build {
    /// The number of steps and their name, if the builder has printed them (`qos-total: 977 objects`, or
    /// `qos-total: kernel/objects objects`, with the number in that file).
    pub total: Option<(u64, String)>,
    /// Steps done.
    pub done: u64,
    /// The last lines of its output.
    pub tail: VecDeque<String>,
}

/// What a line of output means for progress.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// The number of steps is known now.
    Total,
    /// One more is done.
    Done,
    /// Nothing.
    None,
}

impl Build {
    /// Takes a line of the builder's output. `read` gives the number in a file of the repository: what a builder may not
    /// read itself, lest a new number build everything again.
    pub fn line(&mut self, text: &str, read: impl FnOnce(&str) -> Option<u64>) -> Step {
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(text.to_owned());
        if let Some((count, noun)) = text.strip_prefix("qos-total: ").and_then(|rest| rest.split_once(' ')) {
            if let Some(count) = count.parse().ok().or_else(|| read(count)) {
                self.total = Some((count, noun.to_owned()));
                self.done = 0;
                return Step::Total;
            }
        }
        if is_step(text) {
            self.done += 1;
            return Step::Done;
        }
        Step::None
    }
}

/// Whether a line reports a compiled object: Kbuild's `  CC [M]  fs/ext4/super.o`, cargo's `   Compiling tar v0.4`.
fn is_step(text: &str) -> bool {
    if !text.starts_with("  ") {
        return false;
    }
    let mut words = text.split_whitespace();
    let (Some(verb), Some(_)) = (words.next(), words.next()) else { return false };
    // Archives and compared files take no time, and the kernel has as many of them as directories.
    let is_quick = matches!(verb, "AR" | "UPD" | "CHK");
    matches!(verb, "Compiling" | "Checking")
        || !is_quick
            && verb.len() > 1
            && verb.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: Option<Event>) {
        assert_eq!(parse(line), expect, "{line}");
    }

    #[test]
    fn recorded_lines() {
        check(
            r#"@nix {"action":"start","fields":["/nix/store/h0r5rz7z0lrcqz0n4z38g3ad6ph3nn3r-a-dep.drv","",1,1],"id":20418274525188,"level":3,"text":"building '/nix/store/h0r5rz7z0lrcqz0n4z38g3ad6ph3nn3r-a-dep.drv'","type":105}"#,
            Some(Event::Begin { id: 20418274525188, name: "a-dep".into() }),
        );
        check(
            r#"@nix {"action":"result","fields":["  CC      foo.o"],"id":20418274525188,"type":101}"#,
            Some(Event::Line { id: 20418274525188, text: "  CC      foo.o".into() }),
        );
        check(r#"@nix {"action":"result","fields":[0,2,1,0],"id":20418274525185,"type":105}"#, None);
        check(r#"@nix {"action":"start","id":20418274525184,"level":0,"text":"","type":102}"#, None);
        check(r#"@nix {"action":"stop","id":20418274525188}"#, Some(Event::End { id: 20418274525188 }));
        check(
            r#"@nix {"action":"msg","level":4,"msg":"evaluating file '/x'"}"#,
            Some(Event::Message("evaluating file '/x'".into())),
        );
        check(
            "@nix {\"action\":\"msg\",\"level\":0,\"msg\":\"\\u001b[31;1merror:\\u001b[0m builder for '\\u001b[35;1mx.drv\\u001b[0m' failed with exit code 3\"}",
            Some(Event::Error("error: builder for 'x.drv' failed with exit code 3".into())),
        );
        check("warning: Git tree is dirty", Some(Event::Message("warning: Git tree is dirty".into())));
        check("@nix {broken", None);
        check(
            r#"@nix {"action":"start","fields":["/nix/store/c4cb09yypc31c07chi22wwf3pydkql9a-qos-image","http://127.0.0.1/c","local"],"id":7,"level":3,"text":"copying path","type":100}"#,
            Some(Event::Copy { id: 7, name: "qos-image".into() }),
        );
    }

    #[test]
    fn warnings_about_caches() {
        for (text, expect) in [
            (
                "warning: the substitute for '/nix/store/x-qemu' from 'http://c' is not signed by any of the keys in 'trusted-public-keys'",
                Some("refused, and built here: the substitute for '/nix/store/x-qemu'"),
            ),
            (
                "warning: unable to download 'http://c:1/run/nix-cache-info': Couldn't connect to server (7)",
                Some("the cache http://c:1/run is not used: Couldn't connect to server (7)"),
            ),
            ("warning: unable to download 'http://c/x.narinfo': HTTP error 500", None),
            ("warning: Git tree is dirty", None),
        ] {
            let warning = cache_warning(text);
            assert_eq!(warning.is_some(), expect.is_some(), "{text}");
            assert!(warning.unwrap_or_default().starts_with(expect.unwrap_or_default()), "{text}");
        }
    }

    #[test]
    fn reasons() {
        for (error, expect) in [
            (
                "error: builder for 'x' failed with exit code 3;\n  last lines:",
                "builder for 'x' failed with exit code 3;",
            ),
            (
                "error:\n  … while evaluating\n\n  error: undefined variable 'x'\n  at /f:1",
                "undefined variable 'x'",
            ),
            ("odd\nthing", "odd"),
            ("", ""),
        ] {
            assert_eq!(reason(error), expect);
        }
    }

    #[test]
    fn steps_of_builds() {
        for (line, expect) in [
            ("  CC      kernel/fork.o", true),
            ("  CC [M]  fs/ext4/super.o", true),
            ("  RUSTC L rust/kernel.o", true),
            ("   Compiling tar v0.4.46", true),
            ("    Finished `release` profile", false),
            ("CC x.o", false),
            ("  AR      fs/built-in.a", false),
            ("  A x", false),
            ("", false),
        ] {
            assert_eq!(is_step(line), expect, "{line}");
        }
        let mut build = Build::default();
        let read = |file: &str| (file == "kernel/objects").then_some(7);
        assert_eq!(build.line("qos-total: 12 objects", read), Step::Total);
        assert_eq!(build.line("  CC  a.o", read), Step::Done);
        assert_eq!(build.line("qos-total: what", read), Step::None);
        assert_eq!(build.line("qos-total: no/such objects", read), Step::None);
        assert_eq!((build.total.take(), build.done), (Some((12, "objects".into())), 1));
        assert_eq!(build.line("qos-total: kernel/objects objects", read), Step::Total);
        assert_eq!(build.total, Some((7, "objects".into())));
    }

    #[test]
    fn the_tail_is_short() {
        let mut build = Build::default();
        for n in 0..100 {
            build.line(&n.to_string(), |_| None);
        }
        assert_eq!((build.tail.len(), build.tail[0].as_str()), (TAIL, "60"));
    }
}
