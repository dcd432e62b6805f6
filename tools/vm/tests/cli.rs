// SPDX-License-Identifier: MIT OR Apache-2.0
//! The program `qos-vm` with invalid files, and with misbehaving programs in place of QEMU. No guest runs.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A directory with a kernel, as far as its first bytes go, and a program in QEMU's place; removed at the end.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new(qemu: &str) -> Self {
        let place = Self { folder: tempfile::tempdir().expect("a temporary directory") };
        let folder = place.folder.path();
        fs::create_dir(folder.join("cache")).expect("a directory in it");
        let mut kernel = vec![0; 0x210];
        kernel[0x202..0x206].copy_from_slice(b"HdrS");
        fs::write(folder.join("kernel"), kernel).expect("a file in it");
        fs::write(folder.join("text"), "hello").expect("a file in it");
        fs::write(folder.join("initramfs"), [b"070701".as_slice(), &[0; 1 << 20]].concat())
            .expect("a file in it");
        let program = folder.join("qemu-system-x86_64");
        fs::write(&program, format!("#!/bin/sh\n{qemu}\n")).expect("a file in it");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("its mode");
        place
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// `qos-vm run` with these words, in which `@` stands for the directory.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qos-vm"));
        let folder = format!("{}/", self.folder.path().display());
        command.arg("run").args(words.iter().map(|word| word.replace('@', &folder)));
        // The programs in QEMU's place need the system's own.
        command.env("PATH", format!("{}:/usr/bin:/bin", self.path("")));
        command.env("XDG_CACHE_HOME", self.path("cache")).env_remove("QOS_QEMU_ROOT");
        command.env("XDG_STATE_HOME", self.path("state"));
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("qos-vm starts")
    }
}

#[track_caller]
fn assert_end(output: &Output, code: i32, stderr: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(stderr), "{text}");
}

#[test]
fn bad_input_is_one_line_and_125() {
    let place = Place::new("exit 0");
    let check = |words: &[&str], message: &str| {
        let output = place.run(words);
        assert_end(&output, 125, message);
        let lines = output.stderr.iter().filter(|&&byte| byte == b'\n').count();
        assert_eq!(lines, 1, "{}", String::from_utf8_lossy(&output.stderr));
    };
    check(&[], "no kernel to boot: give --image DIR or --kernel FILE");
    check(&["--kernel", "@missing"], "cannot read the kernel");
    check(&["--kernel", "@text"], "neither a bzImage");
    check(&["--kernel", "@"], "it is a directory");
    check(&["--kernel", "@kernel", "--initramfs", "@text"], "is not an initramfs");
    check(&["--kernel", "@kernel", "--initramfs", "@kernel"], "a kernel; that is for --kernel");
    check(&["--kernel", "@kernel", "--log", "@missing/log"], "cannot write the log");
    check(&["--kernel", "@kernel", "--script", "@missing"], "cannot read the script");
    check(&["--kernel", "@kernel", "--qemu-root", "@"], "not a QEMU sysroot");
    check(&["--image", "@missing"], "cannot read the kernel");
    let large = ["--kernel", "@kernel", "--initramfs", "@initramfs", "--accel", "tcg", "--memory", "1M"];
    check(&large, "1 MiB of memory do not hold the kernel (1 MiB) and the initramfs (2 MiB)");
    check(&["--kernel", "@kernel", "--disk", "@missing"], "no disk");
    let long = "x".repeat(2040);
    let words = ["--kernel", "@kernel", "--accel", "tcg", "--append", &long];
    check(&words, "the kernel's command line has 2069 bytes, and this kernel takes 2047");
    let many = format!("quiet -- {}", "word ".repeat(40));
    check(
        &["--kernel", "@kernel", "--append", &many],
        "40 words for init behind --, and the kernel takes 32",
    );
    check(&["--kernel", "@kernel", "--disk", "@,ro"], "is a directory");
    let golden = ["--kernel", "@kernel", "--golden", "--disk", "@text"];
    check(&golden, "`truncate -s %2M ");
}

#[test]
fn usage_errors_are_125_and_help_is_0() {
    let place = Place::new("exit 0");
    assert_end(&place.run(&["--memory", "lots"]), 125, "expected a size such as 256M");
    assert_end(&place.run(&["--nonsense"]), 125, "--nonsense");
    assert_end(&place.run(&["--timeout", "0"]), 125, "seconds");
    assert_end(&place.run(&["--golden", "--open-network"]), 125, "--open-network");
    let help = place.run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&help.stdout).contains("Exit codes"));
}

#[test]
fn no_qemu_at_all() {
    let place = Place::new("exit 0");
    let output =
        place.command(&["--kernel", "@kernel"]).env("PATH", "/nowhere").output().expect("qos-vm starts");
    assert_end(&output, 125, "qemu-system-x86_64 is not on PATH");
}

const TCG: [&str; 4] = ["--kernel", "@kernel", "--accel", "tcg"];

#[test]
fn qemu_that_fails() {
    let place = Place::new("echo 'qemu-system-x86_64: could not load kernel' >&2; exit 1");
    assert_end(&place.run(&TCG), 122, "QEMU failed: exit status 1: could not load kernel");
}

#[test]
fn qemu_that_ends_without_a_word_is_no_pass() {
    let place = Place::new("exit 0");
    assert_end(&place.run(&TCG), 113, "no verdict");
}

#[test]
fn qemu_that_hangs_is_ended() {
    // It does not listen to its control channel, and neither does its child.
    let place = Place::new("trap '' TERM; echo $$ > PIDFILE; sleep 1000");
    let program = place.folder.path().join("qemu-system-x86_64");
    let script = fs::read_to_string(&program).expect("the script").replace("PIDFILE", &place.path("pid"));
    fs::write(&program, script).expect("the script");
    let start = Instant::now();
    let mut words = TCG.to_vec();
    words.extend(["--timeout", "1"]);
    assert_end(&place.run(&words), 124, "timeout after 1 s");
    assert!(start.elapsed() < Duration::from_secs(30));
    let pid = fs::read_to_string(place.path("pid")).expect("the script's process id");
    assert!(is_gone(pid.trim()), "QEMU was left behind");
}

#[test]
fn a_signal_ends_the_run() {
    let place = Place::new("echo $$ > PIDFILE; exec sleep 1000");
    let program = place.folder.path().join("qemu-system-x86_64");
    let script = fs::read_to_string(&program).expect("the script").replace("PIDFILE", &place.path("pid"));
    fs::write(&program, script).expect("the script");
    let mut run = place.command(&TCG).stderr(Stdio::piped()).spawn().expect("qos-vm starts");
    // The run is ready for a signal before QEMU is started.
    while fs::read_to_string(place.path("pid")).map_or(true, |pid| !pid.ends_with('\n')) {
        assert!(run.try_wait().expect("its state").is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    kill_process(Pid::from_child(&run), Signal::TERM).expect("the signal");
    assert_end(&run.wait_with_output().expect("its output"), 143, "interrupted by signal 15");
    let pid = fs::read_to_string(place.path("pid")).expect("the script's process id");
    assert!(is_gone(pid.trim()), "QEMU was left behind");
}

/// No such process, or one that only waits to be collected.
fn is_gone(pid: &str) -> bool {
    let status = fs::read_to_string(Path::new("/proc").join(pid).join("status"));
    status.map_or(true, |status| status.contains("State:\tZ"))
}

/// The path of the file descriptor's file that is QEMU's chardev `serial`: a program in QEMU's place writes there what a guest would
/// write to its console.
const WRITES: &str =
    "for word; do case $word in file,id=serial,*path=*) console=${word#*path=};; esac; done\n";

#[test]
fn the_console_of_a_failure_is_kept_in_the_users_own_directory() {
    let place = Place::new(&format!("{WRITES} echo '[    1.000000] hello' >>$console"));
    let output = place.run(&TCG);
    assert_end(&output, 113, "no verdict");
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.split_once("the whole console is in ")).expect("a path");
    let path = Path::new(line.1);
    assert!(path.starts_with(place.folder.path().join("state/qos")), "{}", path.display());
    assert_eq!(fs::read_to_string(path).expect("the console"), "[    1.000000] hello\n");
    assert_eq!(fs::metadata(path).expect("the console").permissions().mode() & 0o777, 0o600);
}

/// `-sandbox` is for a QEMU that was built with libseccomp, whose name is then in the program.
#[test]
fn qemu_is_confined_where_it_can_be() {
    let check = |program: &str, words: &[&str], expect| {
        let place = Place::new(program);
        let words: Vec<&str> = [&TCG, words, &["--dry-run"]].concat();
        let output = String::from_utf8_lossy(&place.run(&words).stdout).into_owned();
        assert_eq!(output.contains("-sandbox on,"), expect, "{output}");
    };
    check("exit 0", &[], false);
    check("# libseccomp.so.2", &[], true);
    check("# libseccomp.so.2", &["--no-sandbox"], false);
}

#[test]
fn the_network_ends_at_qemu_unless_asked() {
    let place = Place::new("exit 0");
    let check = |words: &[&str], has: &str, has_not: &str| {
        let words: Vec<&str> = [&TCG, words, &["--dry-run"]].concat();
        let output = String::from_utf8_lossy(&place.run(&words).stdout).into_owned();
        assert!(output.contains(has) && !output.contains(has_not), "{output}");
    };
    check(&[], "-netdev user,id=network,restrict=on", "user,id=network ");
    check(&["--open-network"], "-netdev user,id=network \\", "restrict");
    check(&["--no-network"], "-device", "-netdev");
    assert_end(&place.run(&["--open-network", "--no-network"]), 125, "cannot be used with");
}

#[test]
fn a_dry_run_prints_and_does_not_run() {
    let place = Place::new("echo run >&2; exit 1");
    let mut words = TCG.to_vec();
    words.extend(["--dry-run", "--append", "a 'quoted' word", "--device", "edu", "--device", "edu,id=b"]);
    words.extend(["--gdb", "/s", "--", "echo", "two words"]);
    let output = place.run(&words);
    assert_end(&output, 0, "");
    let text = String::from_utf8_lossy(&output.stdout);
    for part in [
        "qemu-system-x86_64 \\\n",
        "  -kernel ",
        "-append 'console=ttyS0 a '\\''quoted'\\'' word no_timer_check'",
        "<(printf %b 'echo\\0000two words\\0000')",
        "  -device edu \\\n  -device edu,id=b",
        "  -S \\\n  -gdb unix:/s,server=on,wait=off",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("fd="), "nothing in it is inherited: {text}");
}

#[test]
fn a_report_is_written() {
    let place = Place::new("exit 0");
    let mut words = TCG.to_vec();
    words.extend(["--report", "@report"]);
    assert_end(&place.run(&words), 113, "");
    let report = fs::read_to_string(place.path("report")).expect("the report");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((&report["verdict"], &report["exit_code"]), (&"no-verdict".into(), &113.into()));
}

#[test]
fn junit_tells_a_guest_that_failed_from_a_host_that_did() {
    let check = |qemu: &str, code: i32, words: &[&str], parts: &[&str]| {
        let place = Place::new(qemu);
        let words: Vec<&str> = [words, &["--junit", "@junit", "--", "sh", "-c", "<x>"]].concat();
        assert_end(&place.run(&words), code, "");
        let junit = fs::read_to_string(place.path("junit")).expect("the results");
        for part in parts {
            assert!(junit.contains(part), "{part} is not in {junit}");
        }
    };
    let case = "<testcase name=\"sh -c &lt;x&gt;\" classname=\"boot\"";
    check("exit 0", 113, &TCG, &[case, "failures=\"1\" errors=\"0\"", "<failure message=\"no verdict: "]);
    check("exit 3", 122, &TCG, &[case, "failures=\"0\" errors=\"1\"", "<error message=\"QEMU failed: "]);
    check("exit 0", 125, &["--kernel", "@missing"], &[case, "<error message=\"cannot read the kernel "]);
}
