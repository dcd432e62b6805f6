// SPDX-License-Identifier: MIT OR Apache-2.0
//! Time limits of inactivity and of runs.
//!
//! The limit of inactivity is that of a reference host, multiplied by a factor for the present speed of this host. The time of
//! a short computation gives the factor, which covers slow CPUs and busy machines. A guest under TCG is ten times slower than
//! under KVM, so its limit is longer.

use crate::accel::Accel;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Silence under KVM on the reference host.
const KVM: Duration = Duration::from_secs(20);
/// Silence under TCG on the reference host.
const TCG: Duration = Duration::from_secs(60);
/// Silence before the very first byte under KVM on the reference host, after which KVM is suspected.
const KVM_FIRST: Duration = Duration::from_secs(5);
/// Interval of samples of the CPUs on the reference host.
const LOOK: Duration = Duration::from_millis(200);
/// What [`work`] takes on the reference host (a server of 2022 with nothing else to do).
const REFERENCE: Duration = Duration::from_millis(2);

/// Limits of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The whole run.
    pub timeout: Option<Duration>,
    /// Nothing comes while the guest boots.
    pub inactivity: Duration,
    /// Silence counts in a console session as well, because no user is at the console who could be thinking.
    pub console_inactivity: bool,
    /// Nothing at all has come from a guest under KVM.
    pub kvm_silence: Duration,
    /// Interval of samples of the CPUs of a guest that may have panicked.
    pub look: Duration,
}

impl Limits {
    /// Limits on this host at this moment.
    #[must_use]
    pub fn on_this_host(accel: Accel) -> Self {
        Self::scaled(accel, slowness(measure()))
    }

    /// Limits on a host that is `slowness` times slower than the reference.
    #[must_use]
    pub fn scaled(accel: Accel, slowness: u32) -> Self {
        let base = if accel == Accel::Kvm { KVM } else { TCG };
        Self {
            timeout: None,
            inactivity: base * slowness,
            console_inactivity: false,
            kvm_silence: KVM_FIRST * slowness,
            look: LOOK * slowness,
        }
    }
}

/// How many times slower than the reference a host is that took `time`: 1 to 10, in whole steps upwards.
fn slowness(time: Duration) -> u32 {
    let ratio = time.as_micros().div_ceil(REFERENCE.as_micros());
    u32::try_from(ratio.clamp(1, 10)).unwrap_or(10)
}

fn measure() -> Duration {
    let start = Instant::now();
    black_box(work(black_box(1)));
    start.elapsed()
}

/// A chain of dependent operations (xorshift), so that its time depends on the CPU alone.
fn work(seed: u64) -> u64 {
    (0..500_000).fold(seed, |mut x, _| {
        x ^= x << 13;
        x ^= x >> 7;
        black_box(x ^ (x << 17))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slower_hosts_get_more_time() {
        let check =
            |millis, expect| assert_eq!(slowness(Duration::from_millis(millis)), expect, "{millis} ms");
        check(0, 1);
        check(2, 1);
        check(3, 2);
        check(10, 5);
        check(1000, 10);
    }

    #[test]
    fn limits_scale() {
        let limits = Limits::scaled(Accel::Tcg, 3);
        assert_eq!(limits.inactivity, TCG * 3);
        assert!(Limits::scaled(Accel::Kvm, 1).kvm_silence < Limits::scaled(Accel::Kvm, 1).inactivity);
    }
}
