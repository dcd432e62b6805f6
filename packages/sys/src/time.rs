// SPDX-License-Identifier: MIT OR Apache-2.0
//! Local time: localtime(3).

use std::io;
use std::mem::MaybeUninit;

/// A moment in local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// Year of our era.
    pub year: i32,
    /// Month, from 0.
    pub month: usize,
    /// Day of the month, from 1.
    pub day: u32,
    /// Hour, from 0 to 23.
    pub hour: u32,
    /// Minute.
    pub minute: u32,
    /// Second; 60 is a leap second.
    pub second: u32,
    /// Day of the week, from 0, which is Sunday.
    pub weekday: usize,
    /// Day of the year, from 0.
    pub yearday: u32,
}

/// Three letters for each month.
pub const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Three letters for each day of the week.
pub const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// Local time of the moment `seconds` after 1970-01-01T00:00:00Z, by TZ or /etc/localtime.
///
/// # Errors
/// When the year does not fit (EOVERFLOW).
pub fn local(seconds: i64) -> io::Result<Local> {
    let mut tm = MaybeUninit::<libc::tm>::uninit();
    // SAFETY: both pointers outlive the call.
    if unsafe { libc::localtime_r(&seconds, tm.as_mut_ptr()) }.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has succeeded: every field is written.
    let tm = unsafe { tm.assume_init() };
    Ok(Local {
        year: tm.tm_year + 1900,
        month: usize::try_from(tm.tm_mon).unwrap_or(0) % 12,
        day: tm.tm_mday as u32,
        hour: tm.tm_hour as u32,
        minute: tm.tm_min as u32,
        second: tm.tm_sec as u32,
        weekday: usize::try_from(tm.tm_wday).unwrap_or(0) % 7,
        yearday: tm.tm_yday as u32,
    })
}

/// Local time less UTC at that moment, in seconds.
#[must_use]
pub fn offset(seconds: i64) -> i64 {
    let mut tm = MaybeUninit::<libc::tm>::uninit();
    // SAFETY: both pointers outlive the call.
    if unsafe { libc::localtime_r(&seconds, tm.as_mut_ptr()) }.is_null() {
        return 0;
    }
    // SAFETY: the call has succeeded: every field is written.
    unsafe { tm.assume_init() }.tm_gmtoff
}

/// Time since boot, sleep included (CLOCK_BOOTTIME).
#[must_use]
pub fn since_boot() -> std::time::Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` outlives the call. Every kernel that runs these programs has the clock; else the time stays zero.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &mut time) };
    std::time::Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_the_middle_of_a_month() {
        // Noon of 15 March 2001 in UTC is that day in every time zone from -12 to +11.
        let local = local(984_657_600).unwrap();
        assert_eq!((local.year, local.month, local.day, local.weekday, local.yearday), (2001, 2, 15, 4, 73));
        assert!(super::local(i64::MAX).is_err());
    }
}
