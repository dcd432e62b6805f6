// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of packages that need root, several users, and control of the system, in guests of the server image. They are those of the
//! packages' feature `root`; `QOS_ROOT_TESTS` has the paths of their programs, one a line.

use qos_boot_tests::{Environment, Initramfs, boot};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the programs need that the image does not have: the loader and libraries, and unshare(1).
const OF_TOOLCHAIN: [&str; 5] = [
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib/x86_64-linux-gnu/libgcc_s.so.1",
    "/lib/x86_64-linux-gnu/libm.so.6",
    "/bin/unshare",
];

/// The path of a test program.
#[track_caller]
fn program(name: &str) -> PathBuf {
    let all = std::env::var("QOS_ROOT_TESTS")
        .expect("QOS_ROOT_TESTS is not set: `cargo xtask test as-root` sets it");
    let is_wanted = |path: &&str| {
        let file = Path::new(path).file_name().and_then(|file| file.to_str());
        file.and_then(|file| file.rsplit_once('-')).is_some_and(|(stem, _)| stem == name)
    };
    all.lines().find(is_wanted).unwrap_or_else(|| panic!("{name} is not in QOS_ROOT_TESTS: {all}")).into()
}

/// Runs the tests of a program in a guest. `tested` is the program of the package, which the tests look for where it was
/// compiled; they make their files in `directory`.
#[track_caller]
fn run(name: &str, tested: &str, directory: &str) {
    let program = program(name);
    let tested = program.ancestors().nth(2).expect("target/debug/deps/NAME").join(tested);
    let own = [program.as_path(), &tested];
    let all = own.into_iter().chain(OF_TOOLCHAIN.iter().map(Path::new));
    let files = all.fold(Initramfs::new(), |made, path| made.program(&path.to_string_lossy(), path));
    let boot = boot().environment(Environment::server()).overlay(files);
    // Each is a process of its own: where one fails, the others have ended.
    let path = program.to_string_lossy();
    let boot = boot.timeout(Duration::from_secs(1800));
    let directory = format!("TMPDIR={directory}");
    let boot = boot.command(["env", &directory, &path, "--test-threads=1"]);
    // The status is 0 without any test too.
    boot.run().expect_status(0).stdout_has(" ... ok\n").stdout_has(" passed; 0 failed; 0 ignored");
}

#[test]
fn accounts() {
    // Systems with set-user-ID programs: /tmp is mounted with nosuid.
    run("accounts", "login", "/root");
}

#[test]
fn services() {
    run("confined", "manager", "/tmp");
}
