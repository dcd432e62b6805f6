// SPDX-License-Identifier: MIT OR Apache-2.0
//! The second build: what it gets of the derivation, and the circumstances that are other than in the first.

use crate::derivation::Derivation;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The build directory; Nix's is /build, or below /tmp.
const BUILD: &str = "/second build directory/with spaces and a name that is longer than the first";
/// Neither root nor a user that Nix builds as.
const USER: u32 = 4711;
/// Files of the builder's own are for nobody else.
const UMASK: u32 = 0o077;
const HOST_NAME: &str = "another-host";
/// 14 hours before UTC, without a database of time zones.
const TIME_ZONE: &str = "<+14>-14";
/// The one besides C that every glibc has.
const LOCALE: &str = "C.UTF-8";
/// Into the next year but one, in the format of libfaketime.
const CLOCK: &str = "+400d";

/// All that the process in the namespaces needs to know.
#[derive(Debug, Serialize, Deserialize)]
pub struct Plan {
    /// An empty directory of ours, which becomes the root of the builder's file system.
    pub scratch: PathBuf,
    /// The store paths that the builder may see, as in Nix's sandbox.
    pub inputs: Vec<PathBuf>,
    /// The build directory.
    pub build: PathBuf,
    /// The builder, its arguments and its environment.
    pub builder: String,
    /// See [`Plan::builder`].
    pub arguments: Vec<String>,
    /// See [`Plan::builder`].
    pub environment: BTreeMap<String, String>,
    /// The user and group that the builder has.
    pub user: u32,
    /// Its umask.
    pub umask: u32,
    /// The name of its host.
    pub host_name: String,
    /// The CPUs that it may use.
    pub cpus: Vec<usize>,
    /// The library libfaketime, and by how much it shifts the clock.
    pub clock: Option<(PathBuf, String)>,
    /// The program disorderfs, which lists directories in reverse.
    pub disorderfs: Option<PathBuf>,
}

/// What can be varied on this host.
pub struct Means {
    /// The library libfaketime.
    pub faketime: Option<PathBuf>,
    /// The program disorderfs.
    pub disorderfs: Option<PathBuf>,
    /// The CPUs of this process, of which the second build gets the first.
    pub cpus: Vec<usize>,
    /// How many of them.
    pub use_cpus: usize,
}

impl Plan {
    /// The second build of a derivation, in the empty directory `scratch`.
    pub fn new(derivation: &Derivation, inputs: Vec<PathBuf>, scratch: &Path, means: &Means) -> Plan {
        let cpus: Vec<usize> = means.cpus.iter().copied().take(means.use_cpus.max(1)).collect();
        // What Nix sets beside the derivation's own (src/libstore/build/local-derivation-goal.cc, initEnv), with other values.
        let mut environment: BTreeMap<String, String> = [
            ("PATH", "/second-path-not-set"),
            ("HOME", "/second-home"),
            ("NIX_STORE", "/nix/store"),
            ("NIX_BUILD_TOP", BUILD),
            ("TMPDIR", BUILD),
            ("TEMPDIR", BUILD),
            ("TMP", BUILD),
            ("TEMP", BUILD),
            ("PWD", BUILD),
            ("NIX_LOG_FD", "2"),
            ("TERM", "dumb"),
            ("USER", "second"),
            ("LOGNAME", "second"),
            ("TZ", TIME_ZONE),
            ("LANG", LOCALE),
            ("LC_ALL", LOCALE),
            ("LANGUAGE", "tr:fr"),
            ("QOS_SECOND_BUILD", "a variable that the first build did not have"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        environment.insert("NIX_BUILD_CORES".to_owned(), cpus.len().to_string());
        if means.faketime.is_some() {
            // Timeouts are real; processes do not share their start through /dev/shm.
            for name in ["FAKETIME_DONT_FAKE_MONOTONIC", "DONT_FAKE_MONOTONIC", "FAKETIME_DISABLE_SHM"] {
                environment.insert(name.to_owned(), "1".to_owned());
            }
        }
        environment.extend(derivation.environment.clone());
        Plan {
            scratch: scratch.to_owned(),
            inputs,
            build: BUILD.into(),
            builder: derivation.builder.clone(),
            arguments: derivation.arguments.clone(),
            environment,
            user: USER,
            umask: UMASK,
            host_name: HOST_NAME.to_owned(),
            cpus,
            clock: means.faketime.clone().map(|library| (library, CLOCK.to_owned())),
            disorderfs: means.disorderfs.clone(),
        }
    }

    /// Where the outputs are afterwards.
    pub fn output(&self, path: &Path) -> PathBuf {
        self.scratch.join("lower/store").join(path.file_name().unwrap_or_default())
    }
}

/// The circumstances, one a line: what is varied, and how, or why not.
pub fn circumstances(means: &Means) -> Vec<(&'static str, String)> {
    let used = means.use_cpus.max(1).min(means.cpus.len());
    vec![
        ("build path", BUILD.to_owned()),
        (
            "clock",
            match means.faketime {
                Some(_) => format!("{CLOCK}, for programs that are not static"),
                None => {
                    "later than the first build, but not shifted: libfaketime is not installed".to_owned()
                }
            },
        ),
        ("umask", format!("{UMASK:03o}")),
        ("user, group", USER.to_string()),
        ("host name", HOST_NAME.to_owned()),
        (
            "CPUs",
            match used < means.cpus.len() {
                true => format!("{used} of {}", means.cpus.len()),
                false => format!("{used}, as many as the first build may have had"),
            },
        ),
        ("locale, time zone", format!("{LOCALE}, {TIME_ZONE}")),
        ("environment", "HOME, USER, PATH, TERM differ, and a variable more".to_owned()),
        (
            "order of files",
            match means.disorderfs {
                Some(_) => "reversed, by disorderfs".to_owned(),
                None => "that of the file system: disorderfs is not used".to_owned(),
            },
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(faketime: bool, cpus: usize, use_cpus: usize) -> Means {
        Means {
            faketime: faketime.then(|| "/lib/libfaketime.so.1".into()),
            disorderfs: None,
            cpus: (4..4 + cpus).collect(),
            use_cpus,
        }
    }

    #[test]
    fn the_derivation_has_the_last_word_on_its_environment() {
        let own = [("TZ", "UTC"), ("out", "/nix/store/a-x")].map(|(name, value)| (name.into(), value.into()));
        let derivation = Derivation { environment: own.into(), ..Derivation::default() };
        let plan = Plan::new(&derivation, Vec::new(), Path::new("/s"), &means(false, 4, 2));
        let value = |name: &str| plan.environment.get(name).map(String::as_str);
        assert_eq!((value("TZ"), value("out")), (Some("UTC"), Some("/nix/store/a-x")));
        assert_eq!((value("NIX_BUILD_TOP"), value("NIX_BUILD_CORES")), (Some(BUILD), Some("2")));
        assert_eq!(value("FAKETIME_DISABLE_SHM"), None);
        assert_eq!(plan.cpus, [4, 5]);
        assert_eq!(plan.output(Path::new("/nix/store/a-x")), Path::new("/s/lower/store/a-x"));
    }

    #[test]
    fn what_is_not_varied_is_said() {
        let text = |means: &Means, name: &str| {
            let all = circumstances(means);
            all.into_iter().find(|(what, _)| *what == name).map(|(_, how)| how).unwrap()
        };
        assert_eq!(text(&means(true, 4, 1), "CPUs"), "1 of 4");
        assert_eq!(text(&means(true, 1, 1), "CPUs"), "1, as many as the first build may have had");
        assert_eq!(text(&means(true, 2, 0), "CPUs"), "1 of 2");
        assert!(text(&means(true, 1, 1), "clock").starts_with("+400d"));
        assert!(text(&means(false, 1, 1), "clock").contains("not shifted"));
        assert!(text(&means(false, 1, 1), "order of files").contains("not used"));
    }
}
