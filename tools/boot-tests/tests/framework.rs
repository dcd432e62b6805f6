// SPDX-License-Identifier: MIT OR Apache-2.0
//! The framework itself: an unmet expectation fails, and its message shows the actual result.

use qos_boot_tests::{Environment, Initramfs, boot};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The message of the panic that `test` ends in.
fn failure(test: impl FnOnce()) -> String {
    match catch_unwind(AssertUnwindSafe(test)) {
        Ok(()) => panic!("an expectation that is not met passed"),
        Err(cause) => {
            cause.downcast::<String>().map_or_else(|_| "a panic without a message".to_owned(), |text| *text)
        }
    }
}

#[test]
fn what_is_not_so_fails_with_all_that_is_known() {
    let run = || boot().command(["sh", "-c", "echo out; echo err >&2; exit 3"]).run();
    let message = failure(|| drop(run().expect_status(0)));
    for part in ["expected status 0", "verdict: failed", "stdout: out", "stderr: err", "console: "] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
    let ended = run();
    let message = failure(|| drop(ended.stdout_is("other\n")));
    assert!(message.contains("expected standard output"), "{message}");
}

#[test]
fn a_missing_text_fails_with_the_console() {
    let initramfs = Initramfs::new().file("/init", 0o644, "");
    let console = boot().initramfs(initramfs).console();
    let message = failure(|| drop(console.expect("a text that does not come")));
    assert!(message.contains("the guest has ended") && message.contains("Kernel panic"), "{message}");
}

#[test]
fn a_guest_that_cannot_be_started_fails() {
    let nowhere = Environment {
        image: "/nowhere".into(),
        ..Environment::from_process().expect("the tests' environment")
    };
    let message = failure(|| drop(boot().environment(nowhere).run()));
    assert!(
        message.contains("the guest was not started") && message.contains("/nowhere/bzImage"),
        "{message}"
    );
}

#[test]
fn boots_run_side_by_side() {
    std::thread::scope(|scope| {
        for status in 1..=2_u8 {
            scope.spawn(move || {
                let script = format!("exit {status}");
                boot().command(["sh", "-c", &script]).run().expect_status(status)
            });
        }
    });
}
