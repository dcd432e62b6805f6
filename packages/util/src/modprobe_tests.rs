// SPDX-License-Identifier: MIT OR Apache-2.0
//! `modprobe` against kmod 34. `tests/data/modprobe` has the files that its depmod made of a few modules, a
//! configuration, a kernel command line, and in `kmod-34` what its modprobe printed for each command line of options.

use super::*;
use std::fs;

/// The data as a root directory, in a directory that removes itself.
struct Root(PathBuf);

impl Root {
    fn new() -> Root {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let n = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let root = Root(std::env::temp_dir().join(format!("qos-modprobe-{}-{n}", std::process::id())));
        let folder = root.0.join("lib/modules/1.0");
        fs::create_dir_all(&folder).unwrap();
        for entry in fs::read_dir(data("modules")).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
        root
    }

    /// What `modprobe` prints for these options, and whether it ends with status 0.
    fn modprobe(&self, arguments: &str) -> (String, Result<(), Failure>) {
        let config = data("modprobe.d");
        let own = ["modprobe", "-d", self.0.to_str().unwrap(), "-S", "1.0", "-C", config.to_str().unwrap()];
        let words = own.into_iter().chain(arguments.split_whitespace());
        let request = Request::parse(lexopt::Parser::from_iter(words)).unwrap();
        let cmdline = fs::read_to_string(data("cmdline")).unwrap();
        let mut out = Vec::new();
        let result = run(&request, &cmdline, &mut out);
        (String::from_utf8(out).unwrap().replace(self.0.to_str().unwrap(), ""), result)
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/modprobe").join(name)
}

#[test]
fn what_kmod_does() {
    let root = Root::new();
    let recorded = fs::read_to_string(data("kmod-34")).unwrap();
    let mut count = 0;
    for case in recorded.strip_prefix("$ ").unwrap().split("\n$ ") {
        let (arguments, expect) = case.split_once('\n').unwrap();
        let (expect, status) = expect.trim_end().rsplit_once("= ").unwrap();
        if arguments == "-c" {
            continue;
        }
        // kmod leaves a blank after the last parameter.
        let expect: String = expect.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        let (out, result) = root.modprobe(arguments);
        assert_eq!(out, expect, "modprobe {arguments}");
        assert_eq!(result.map_err(|failure| failure.status()), if status == "0" { Ok(()) } else { Err(1) });
        count += 1;
    }
    assert!(count > 50, "{count} cases");
}

#[test]
fn the_configuration_that_kmod_reads() {
    let recorded = fs::read_to_string(data("kmod-34")).unwrap();
    let expect = recorded.split_once("$ -c\n").unwrap().1;
    // Two faults of kmod 34: a blank is missing, and a name is kept as it was typed.
    let expect =
        expect.replace("soft-prepost:", "soft-pre post:").replace("blacklist soft-pre", "blacklist soft_pre");
    let head = "\n# End of configuration files. Dumping indexes now:\n\n";
    let (expect, _) = expect.split_once(head).unwrap();
    let (out, result) = Root::new().modprobe("-c");
    result.unwrap();
    let (config, indexes) = out.split_once(head).unwrap();
    assert_eq!(config, expect);
    assert!(indexes.contains("alias char_major_10_[2-4]* rival\n"), "{indexes}");
}

#[test]
fn failures() {
    let root = Root::new();
    let message = |arguments: &str| {
        let message = root.modprobe(arguments).1.unwrap_err().message().map(str::to_owned);
        message.map(|text| text.replace(root.0.to_str().unwrap(), ""))
    };
    assert_eq!(message("nope").as_deref(), Some("module nope not found in /lib/modules/1.0"));
    assert_eq!(message("-q nope"), None);
    assert_eq!(message("-r ext4").as_deref(), Some("ext4: built into the kernel"));
    assert_eq!(message("--first-time ext4").as_deref(), Some("ext4: already in the kernel"));
    // the alias of a module that does not exist, which kmod passes over only in a dry run
    assert_eq!(message("gone").as_deref(), Some("module nowhere, which an alias names, does not exist"));
}

#[test]
fn commands_are_run() {
    let root = Root::new();
    let mark = root.0.join("mark");
    fs::create_dir(root.0.join("config")).unwrap();
    let line =
        format!("install cmd echo $MODPROBE_MODULE $CMDLINE_OPTS >{0}\nremove cmd rm {0}\n", mark.display());
    fs::write(root.0.join("config/a.conf"), line + "install fails exit 3\n").unwrap();
    let modprobe = |words: &[&str]| {
        let own = ["modprobe", "-d", root.0.to_str().unwrap(), "-S", "1.0"];
        let config = ["-C".to_owned(), root.0.join("config").display().to_string()];
        let words =
            own.into_iter().map(str::to_owned).chain(config).chain(words.iter().map(|w| (*w).to_owned()));
        run(&Request::parse(lexopt::Parser::from_iter(words)).unwrap(), "", &mut Vec::new())
    };
    modprobe(&["cmd", "a=1", "b=2"]).unwrap();
    assert_eq!(fs::read_to_string(&mark).unwrap(), "cmd a=1 b=2\n");
    modprobe(&["-r", "cmd"]).unwrap();
    assert!(!mark.exists());
    let failure = modprobe(&["fails"]).unwrap_err();
    assert_eq!(failure.message(), Some("`exit 3` failed: exit status: 3"));
}
