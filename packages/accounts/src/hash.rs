// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hashes of passwords as in crypt(5): yescrypt, sha512-crypt, sha256-crypt.

use crate::{Defs, Secret};
use sha_crypt::{Algorithm, ShaCrypt};
use std::io;
use yescrypt::{CustomizedPasswordHasher as _, PasswordHasher as _, PasswordVerifier as _, Yescrypt};

/// Memory that a hash may need, in bytes: that of yescrypt's highest cost, 11.
const MEMORY: u64 = 1 << 30;

/// How a new password is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// yescrypt of this cost, from 1 to 11: `$y$`.
    Yescrypt(u32),
    /// sha512-crypt with so many rounds: `$6$`.
    Sha512(u32),
    /// sha256-crypt with so many rounds: `$5$`.
    Sha256(u32),
}

impl Method {
    /// The method that ENCRYPT_METHOD, YESCRYPT_COST_FACTOR and SHA_CRYPT_MAX_ROUNDS of login.defs(5) name; yescrypt of
    /// cost 5 where they name none, or one that is weak.
    #[must_use]
    pub fn of(defs: &Defs) -> Self {
        defs.get("ENCRYPT_METHOD").and_then(|name| Self::named(name, defs)).unwrap_or(Self::yescrypt(defs))
    }

    /// The method of that name (`YESCRYPT`, `SHA512`, `SHA256`), with the cost that `defs` gives.
    #[must_use]
    pub fn named(name: &str, defs: &Defs) -> Option<Self> {
        let least = defs.number("SHA_CRYPT_MIN_ROUNDS", 5000);
        let rounds = defs.number("SHA_CRYPT_MAX_ROUNDS", least).max(least).clamp(1000, 999_999_999);
        let rounds = u32::try_from(rounds).unwrap_or(5000);
        match name {
            "YESCRYPT" => Some(Self::yescrypt(defs)),
            "SHA512" => Some(Method::Sha512(rounds)),
            "SHA256" => Some(Method::Sha256(rounds)),
            _ => None,
        }
    }

    fn yescrypt(defs: &Defs) -> Self {
        let cost = defs.number("YESCRYPT_COST_FACTOR", 5).clamp(1, 11);
        Method::Yescrypt(u32::try_from(cost).unwrap_or(5))
    }

    /// Hashes `password` with a random salt.
    ///
    /// # Errors
    /// When the kernel gives no random bytes, or the password has a NUL in it.
    pub fn hash(self, password: &Secret) -> io::Result<String> {
        let mut salt = [0; 16];
        qos_sys::random::fill(&mut salt)?;
        self.hash_with(password, &salt)
    }

    fn hash_with(self, password: &Secret, salt: &[u8; 16]) -> io::Result<String> {
        if password.bytes().contains(&0) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the password has a NUL in it"));
        }
        let password = password.bytes();
        match self {
            Method::Yescrypt(cost) => {
                let (n, r) = if cost <= 2 { (1 << (cost + 9), 8) } else { (1 << (cost + 7), 32) };
                let params = yescrypt::Params::new(yescrypt::Mode::default(), n, r, 1).map_err(refused)?;
                let hash = Yescrypt::default().hash_password_customized(password, salt, None, None, params);
                Ok(hash.map_err(refused)?.as_str().to_owned())
            }
            Method::Sha512(rounds) => sha(Algorithm::Sha512Crypt, rounds, password, salt),
            Method::Sha256(rounds) => sha(Algorithm::Sha256Crypt, rounds, password, salt),
        }
    }
}

fn sha(algorithm: Algorithm, rounds: u32, password: &[u8], salt: &[u8; 16]) -> io::Result<String> {
    let params = sha_crypt::Params::new(rounds).map_err(refused)?;
    // Twelve bytes are the sixteen characters that the method takes.
    let hash = ShaCrypt::new(algorithm, params).hash_password_with_salt(password, &salt[..12]);
    Ok(hash.map_err(refused)?.as_str().to_owned())
}

fn refused(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("hash the password: {error}"))
}

/// What comparing a password with a hash gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Right,
    /// It is not.
    Wrong,
    /// The hash is none of those known here, is locked (`!`), or is `*`: no password is right.
    Unusable,
}

/// Compares `password` with `hash`. An empty hash is no question: [`Verdict::Unusable`] too.
#[must_use]
pub fn verify(hash: &str, password: &Secret) -> Verdict {
    let Some(kind) = kind(hash) else { return Verdict::Unusable };
    let password = password.bytes();
    let right = match kind {
        Kind::Yescrypt => Yescrypt::default().verify_password(password, hash),
        Kind::Sha => ShaCrypt::default().verify_password(password, hash),
    };
    // Where the password has a NUL, crypt(3) would see its beginning only, and the crates all of it.
    if right.is_ok() && !password.contains(&0) { Verdict::Right } else { Verdict::Wrong }
}

/// Does the work of comparing `password` with a hash of `method`, which is not the user's: for users who do not exist.
pub fn verify_nothing(method: Method, password: &Secret) {
    let _ = std::hint::black_box(method.hash_with(password, &[0; 16]));
}

enum Kind {
    Yescrypt,
    Sha,
}

/// The kind of a hash that is whole and does not ask for more memory than there may be.
///
/// The crates take a hash of any length for one, also the empty one, and what they cannot read of the rounds for a salt.
fn kind(hash: &str) -> Option<Kind> {
    let mut fields = hash.strip_prefix('$')?.split('$');
    let (id, rest) = (fields.next()?, fields.collect::<Vec<_>>());
    let is_text = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./".contains(&byte));
    match (id, &rest[..]) {
        ("y", [params, salt, hash]) => {
            let params: yescrypt::Params = params.parse().ok()?;
            let memory = params.n().checked_mul(u64::from(params.r()))?.checked_mul(128)?;
            let is_whole = hash.len() == 43 && is_text(hash) && is_text(salt);
            (is_whole && memory <= MEMORY && params.p() == 1).then_some(Kind::Yescrypt)
        }
        ("5" | "6", [rounds @ .., salt, hash]) => {
            let rounds_fit = match rounds {
                [] => true,
                [rounds] => rounds.parse::<sha_crypt::Params>().is_ok() && !rounds.is_empty(),
                _ => false,
            };
            let length = if id == "5" { 43 } else { 86 };
            let is_whole = hash.len() == length && is_text(hash) && salt.len() <= 16 && !salt.contains('=');
            (rounds_fit && is_whole).then_some(Kind::Sha)
        }
        _ => None,
    }
}

/// Whether `hash` is one that [`verify`] knows.
#[must_use]
pub fn is_known(hash: &str) -> bool {
    kind(hash).is_some()
}

/// Whether an account with `hash` is locked.
#[must_use]
pub fn is_locked(hash: &str) -> bool {
    hash.starts_with('!')
}

#[cfg(test)]
#[path = "hash_tests.rs"]
mod tests;
