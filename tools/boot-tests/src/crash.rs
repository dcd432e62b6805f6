// SPDX-License-Identifier: MIT OR Apache-2.0
//! A crash of QEMU itself, which says nothing about the guest.

use qos_vm::Verdict;

/// What `run` makes; a second one if a signal ended QEMU, as it did QEMU 10.0.13 twice with two and four CPUs: an assertion in
/// `iotlb_to_section` failed. Every other failure is kept, because it would come again.
pub(crate) fn unless_crashed<T>(mut run: impl FnMut() -> T, verdict: impl Fn(&T) -> &Verdict) -> T {
    let first = run();
    match verdict(&first) {
        Verdict::VmError { message, signal: Some(_) } => {
            eprintln!("QEMU failed ({message}); the machine is booted once more");
            run()
        }
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_crash_is_booted_again() {
        let failed = |signal| Verdict::VmError { message: "it failed".into(), signal };
        let check = |first: Verdict, runs: usize, expect: Verdict| {
            let mut left = vec![Verdict::Passed, first];
            let last = unless_crashed(|| left.pop().expect("a third boot"), |verdict| verdict);
            assert_eq!((last, 2 - left.len()), (expect, runs));
        };
        check(failed(Some(6)), 2, Verdict::Passed);
        check(failed(None), 1, failed(None));
        check(Verdict::Passed, 1, Verdict::Passed);
        check(Verdict::Interrupted { signal: 15 }, 1, Verdict::Interrupted { signal: 15 });
    }
}
