// SPDX-License-Identifier: MIT OR Apache-2.0
//! Specifiers: `%i`, `%n` and so on (systemd.unit(5), "Specifiers").

use crate::name::{Name, unescape, unescape_path};
use std::collections::BTreeMap;

/// Values of the specifiers that do not come from the unit's name: of the system (`%H`, `%m`, `%v` …) and of the user
/// whom the manager runs as (`%u`, `%h` …).
pub type Facts = BTreeMap<char, String>;

/// Directories of the system manager: the values of `%t`, `%S`, `%C`, `%L`, `%E`, `%D`, `%T`, `%V`.
pub const DIRECTORIES: [(char, &str); 8] = [
    ('t', "/run"),
    ('S', "/var/lib"),
    ('C', "/var/cache"),
    ('L', "/var/log"),
    ('E', "/etc"),
    ('D', "/usr/share"),
    ('T', "/tmp"),
    ('V', "/var/tmp"),
];

/// Replaces the specifiers in `text`. One that is not known stays as it is, as systemd has it.
#[must_use]
pub fn expand(text: &[u8], name: &Name, facts: &Facts) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            None => out.push(b'%'),
            Some(b'%') => out.push(b'%'),
            Some(letter) => match value(letter.into(), name, facts) {
                Some(value) => out.extend_from_slice(value.as_bytes()),
                None => out.extend([b'%', letter]),
            },
        }
    }
    out
}

/// As [`expand`], for text.
#[must_use]
pub fn expand_text(text: &str, name: &Name, facts: &Facts) -> String {
    // What is put in is text, and a specifier is ASCII: the result is text too.
    String::from_utf8_lossy(&expand(text.as_bytes(), name, facts)).into_owned()
}

fn value(letter: char, name: &Name, facts: &Facts) -> Option<String> {
    let plain = |escaped: &str| unescape(escaped).unwrap_or_else(|| escaped.to_owned());
    Some(match letter {
        'n' => name.as_str().to_owned(),
        'N' => plain(name.stem()),
        'p' => name.prefix().to_owned(),
        'P' => plain(name.prefix()),
        'i' => name.instance().unwrap_or("").to_owned(),
        'I' => plain(name.instance().unwrap_or("")),
        'j' => last_part(name).to_owned(),
        'J' => plain(last_part(name)),
        // The directory of credentials, $CREDENTIALS_DIRECTORY.
        'd' => format!("/run/credentials/{name}"),
        'f' => {
            let escaped = name.instance().filter(|instance| !instance.is_empty()).unwrap_or(name.prefix());
            unescape_path(escaped).unwrap_or_else(|| format!("/{escaped}"))
        }
        _ => {
            let directory = DIRECTORIES.iter().find(|(known, _)| *known == letter);
            return facts.get(&letter).cloned().or_else(|| directory.map(|(_, path)| (*path).to_owned()));
        }
    })
}

/// What is behind the last dash of the prefix.
fn last_part(name: &Name) -> &str {
    name.prefix().rsplit_once('-').map_or(name.prefix(), |(_, last)| last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers() {
        let facts = Facts::from([('H', "host".to_owned()), ('u', "root".to_owned())]);
        let check = |name: &str, text: &str, expect: &str| {
            assert_eq!(expand_text(text, &Name::new(name).unwrap(), &facts), expect, "{text}");
        };
        check("a.service", "%n %N %p %i|", "a.service a a |");
        check("a@b-c.service", "%n %N %p %P %i %I %f", "a@b-c.service a@b/c a a b-c b/c /b/c");
        check("x-y\\x2dz.service", "%j %J %P %f", "y\\x2dz y-z x/y-z /x/y-z");
        check(
            "a.service",
            "%% %H%u %t %S %T %D %d",
            "% hostroot /run /var/lib /tmp /usr/share /run/credentials/a.service",
        );
        // Not known, or cut off.
        check("a.service", "%k 100%", "%k 100%");
        check("a.service", "é%né", "éa.serviceé");
    }
}
