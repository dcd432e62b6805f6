// SPDX-License-Identifier: MIT OR Apache-2.0
//! shadow(5): hashes of passwords, and how long they may be used.

use crate::table::{Entry, number, text};

/// The part of a user that only root reads. Days are counted from 1970-01-01.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shadow {
    /// Login name.
    pub name: String,
    /// Hash of the password. With `!` before it, it is locked; `*` is no password; empty means that none is needed.
    pub password: String,
    /// Day of the last change; 0: it must be changed at the next login.
    pub changed: Option<i64>,
    /// Days until it may be changed again.
    pub min: Option<i64>,
    /// Days until it must be changed.
    pub max: Option<i64>,
    /// Days before that, from which on the user is warned.
    pub warn: Option<i64>,
    /// Days after it, during which the password is still taken, to change it.
    pub inactive: Option<i64>,
    /// Day from which on the account cannot be used.
    pub expires: Option<i64>,
    /// A field without a use.
    pub reserved: Vec<u8>,
}

/// What the days of an account mean for a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aging {
    /// Nothing.
    Valid,
    /// The password must be changed in so many days.
    Warn(i64),
    /// The password must be changed before anything else.
    MustChange,
    /// The password is too old even to be changed by its user.
    Inactive,
    /// The account has expired.
    Expired,
}

impl Shadow {
    /// An account without a password, whose days do not matter.
    #[must_use]
    pub fn locked(name: &str) -> Self {
        Shadow {
            name: name.to_owned(),
            password: "!".to_owned(),
            changed: None,
            min: None,
            max: None,
            warn: None,
            inactive: None,
            expires: None,
            reserved: Vec::new(),
        }
    }

    /// What its days mean on day `today`. Negative numbers mean nothing, as in pam_unix(8).
    #[must_use]
    pub fn aging(&self, today: i64) -> Aging {
        let set = |days: Option<i64>| days.filter(|days| *days >= 0);
        if set(self.expires).is_some_and(|day| today >= day) {
            return Aging::Expired;
        }
        let Some(changed) = set(self.changed) else { return Aging::Valid };
        if changed == 0 {
            return Aging::MustChange;
        }
        // A change in the future is a clock that was wrong.
        let Some(max) = set(self.max).filter(|_| changed <= today) else { return Aging::Valid };
        let age = today - changed;
        if age > max {
            let over = set(self.inactive).is_some_and(|days| age > max.saturating_add(days));
            return if over { Aging::Inactive } else { Aging::MustChange };
        }
        match set(self.warn) {
            Some(warn) if age > max - warn => Aging::Warn(max - age),
            _ => Aging::Valid,
        }
    }

    /// Whether the user may not change the password yet.
    #[must_use]
    pub fn is_too_young(&self, today: i64) -> bool {
        let (changed, min) = (self.changed.unwrap_or(0), self.min.unwrap_or(0));
        changed > 0 && min > 0 && today < changed.saturating_add(min)
    }
}

impl Entry for Shadow {
    fn parse(fields: &[&[u8]]) -> Option<Self> {
        let [name, password, days @ .., reserved] = fields else { return None };
        let day = |field: &&[u8]| if field.is_empty() { Some(None) } else { number(field).map(Some) };
        let days = days.iter().map(day).collect::<Option<Vec<Option<i64>>>>()?;
        let [changed, min, max, warn, inactive, expires] = days[..] else { return None };
        Some(Shadow {
            name: text(name)?,
            password: text(password)?,
            changed,
            min,
            max,
            warn,
            inactive,
            expires,
            reserved: reserved.to_vec(),
        })
    }

    fn fields(&self) -> Vec<Vec<u8>> {
        let day = |day: Option<i64>| day.map(|day| day.to_string()).unwrap_or_default().into_bytes();
        vec![
            self.name.clone().into(),
            self.password.clone().into(),
            day(self.changed),
            day(self.min),
            day(self.max),
            day(self.warn),
            day(self.inactive),
            day(self.expires),
            self.reserved.clone(),
        ]
    }

    fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Table;

    #[test]
    fn days() {
        for (days, today, expect) in [
            ("::::::", 20_000, Aging::Valid),
            ("0::::::", 20_000, Aging::MustChange),
            ("100:0:99999:7:::", 20_000, Aging::Valid),
            ("100:0:10:7:::", 103, Aging::Valid),
            ("100:0:10:7:::", 104, Aging::Warn(6)),
            ("100:0:10:7:::", 110, Aging::Warn(0)),
            ("100:0:10:7:::", 111, Aging::MustChange),
            ("100:0:10:7:5::", 115, Aging::MustChange),
            ("100:0:10:7:5::", 116, Aging::Inactive),
            ("100:0:10:7:0::", 111, Aging::Inactive),
            ("100:0:-1:7:0:-1:", 9_999, Aging::Valid),
            ("100:0:10:7::105:", 105, Aging::Expired),
            ("100:0:10:7::105:", 104, Aging::Warn(6)),
            ("100:0:10:7:::", 50, Aging::Valid),
            ("100:0:9223372036854775807:7:9223372036854775807::", 101, Aging::Valid),
        ] {
            let table = Table::<Shadow>::parse(format!("u:*:{days}\n").as_bytes());
            assert_eq!(table.get("u").map(|shadow| shadow.aging(today)), Some(expect), "{days} on {today}");
        }
    }

    #[test]
    fn changes_that_come_too_soon() {
        for (changed, min, today, expect) in [(100, 5, 104, true), (100, 5, 105, false), (0, 5, 1, false)] {
            let shadow = Shadow { changed: Some(changed), min: Some(min), ..Shadow::locked("u") };
            assert_eq!(shadow.is_too_young(today), expect);
        }
    }
}
