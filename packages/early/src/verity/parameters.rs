// SPDX-License-Identifier: MIT OR Apache-2.0
//! The parameters of dm-verity on the kernel's command line (systemd-veritysetup-generator(8), kernel-command-line(7)). Pure.

use crate::cmdline::is_on;
use crate::root::Spec;

/// Options of dm-verity that are passed on, by systemd's names. Those of the first group exclude each other.
const FLAGS: [&str; 5] = [
    "ignore-corruption",
    "restart-on-corruption",
    "panic-on-corruption",
    "ignore-zero-blocks",
    "check-at-most-once",
];
const CORRUPTION: &str = "-corruption";
/// Bytes of a root hash: the first and the last 16 name the partitions; the kernel's longest hash has 64.
const HASH: std::ops::RangeInclusive<usize> = 16..=64;

/// A volume to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `roothash=`.
    pub root_hash: Vec<u8>,
    /// The device with the data.
    pub data: Device,
    /// The device with the hash tree.
    pub hash: Device,
    /// `systemd.verity_root_options=`, without those that are not passed on.
    pub flags: Vec<&'static str>,
}

impl Request {
    /// Whether blocks that do not match are read all the same.
    #[must_use]
    pub fn ignores_corruption(&self) -> bool {
        self.flags.contains(&FLAGS[0])
    }
}

/// One of the two devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The device.
    pub spec: Spec,
    /// The root hash names it, not a parameter (UAPI group, Discoverable Partitions Specification).
    pub derived: bool,
}

/// The values of the parameters. A later one overrides an earlier one, and an empty one takes it back.
#[derive(Debug, Default)]
pub struct Parameters {
    root_hash: String,
    data: String,
    hash: String,
    options: String,
    usr: bool,
    off: bool,
}

impl Parameters {
    /// Takes the parameter, if it is one of dm-verity.
    pub fn take(&mut self, name: &str, value: Option<&str>) -> bool {
        let text = value.unwrap_or_default();
        match name {
            "roothash" => text.clone_into(&mut self.root_hash),
            "systemd.verity_root_data" => text.clone_into(&mut self.data),
            "systemd.verity_root_hash" => text.clone_into(&mut self.hash),
            "systemd.verity_root_options" => text.clone_into(&mut self.options),
            "systemd.verity" | "rd.systemd.verity" => self.off = !is_on(text),
            "usrhash" => self.usr = !text.is_empty(),
            _ => return false,
        }
        true
    }

    /// What they ask for; nothing without `roothash=`, or with `systemd.verity=no`. A sentence for each that is ignored goes to
    /// `complaints`.
    ///
    /// # Errors
    /// One sentence: the parameter, and why it cannot be obeyed. A root that is not protected as requested is not mounted.
    pub fn request(self, complaints: &mut Vec<String>) -> Option<Result<Request, String>> {
        if self.off {
            return None;
        }
        if self.usr {
            complaints.push("usrhash=: ignored: dm-verity is supported for the root only".to_owned());
        }
        if self.root_hash.is_empty() {
            for (name, value) in [("data", &self.data), ("hash", &self.hash)] {
                if !value.is_empty() {
                    complaints
                        .push(format!("systemd.verity_root_{name}={value}: ignored: there is no roothash="));
                }
            }
            return None;
        }
        Some(self.parsed(complaints))
    }

    fn parsed(&self, complaints: &mut Vec<String>) -> Result<Request, String> {
        let root_hash = bytes(&self.root_hash)?;
        let device = |name: &str, value: &str, bytes: &[u8]| {
            if value.is_empty() {
                return Ok(Device { spec: Spec::PartUuid(uuid(bytes), 0), derived: true });
            }
            Spec::of(name, value).map(|spec| Device { spec, derived: false })
        };
        let data = device("systemd.verity_root_data", &self.data, &root_hash[..16])?;
        let hash = device("systemd.verity_root_hash", &self.hash, &root_hash[root_hash.len() - 16..])?;
        Ok(Request { data, hash, flags: flags(&self.options, complaints)?, root_hash })
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(format!("roothash={text}: not an even number of hexadecimal digits"));
    }
    let (least, most) = (HASH.start(), HASH.end());
    if !HASH.contains(&(text.len() / 2)) {
        return Err(format!(
            "roothash={text}: {} digits, but a root hash has {} to {}",
            text.len(),
            2 * least,
            2 * most
        ));
    }
    let digits = text.as_bytes().chunks_exact(2);
    let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default() as u8;
    Ok(digits.map(|pair| value(pair[0]) << 4 | value(pair[1])).collect())
}

/// 16 bytes as the text of a UUID.
fn uuid(bytes: &[u8]) -> String {
    let hex = super::hex(bytes);
    let groups = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    let groups: Vec<&str> = groups.iter().filter_map(|(from, to)| hex.get(*from..*to)).collect();
    groups.join("-")
}

fn flags(text: &str, complaints: &mut Vec<String>) -> Result<Vec<&'static str>, String> {
    let mut flags: Vec<&'static str> = Vec::new();
    for word in text.split(',').filter(|word| !word.is_empty()) {
        let name = word.split('=').next().unwrap_or_default();
        match FLAGS.into_iter().find(|flag| *flag == word) {
            Some(flag) if flags.contains(&flag) => {}
            Some(flag) => flags.push(flag),
            // Without it the boot would go on with less proof than was asked for.
            None if name == "root-hash-signature" => {
                return Err(format!(
                    "systemd.verity_root_options={name}: signatures of the root hash are not supported"
                ));
            }
            None => complaints.push(format!("systemd.verity_root_options={word}: ignored: not supported")),
        }
    }
    let modes: Vec<&str> = flags.iter().copied().filter(|flag| flag.ends_with(CORRUPTION)).collect();
    if modes.len() > 1 {
        return Err(format!(
            "systemd.verity_root_options={text}: {} exclude each other",
            modes.join(" and ")
        ));
    }
    Ok(flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "00112233445566778899aabbccddeeff0123456789abcdef0123456789ABCDEF";

    /// The request as text, and the complaints, of a command line.
    fn check(line: &str, expect: &str, complaints: &[&str]) {
        let (mut parameters, mut found) = (Parameters::default(), Vec::new());
        for parameter in crate::cmdline::parse(&line.replace("HASH", HASH)) {
            parameters.take(&parameter.name, parameter.value.as_deref());
        }
        let text = match parameters.request(&mut found) {
            None => "none".to_owned(),
            Some(Err(reason)) => reason,
            Some(Ok(request)) => {
                assert_eq!(crate::verity::hex(&request.root_hash), HASH.to_lowercase());
                let of = |device: &Device| {
                    format!("{}{}", device.spec, if device.derived { "" } else { " (explicit)" })
                };
                format!("{}, {}, {}", of(&request.data), of(&request.hash), request.flags.join("+"))
            }
        };
        assert_eq!(
            (text.as_str(), found),
            (expect, complaints.iter().map(|it| (*it).to_owned()).collect()),
            "{line}"
        );
    }

    #[test]
    fn devices() {
        let data = "PARTUUID=00112233-4455-6677-8899-aabbccddeeff";
        let hash = "PARTUUID=01234567-89ab-cdef-0123-456789abcdef";
        check("quiet", "none", &[]);
        check("roothash=HASH", &format!("{data}, {hash}, "), &[]);
        check("roothash=ff roothash=HASH", &format!("{data}, {hash}, "), &[]);
        check("roothash=HASH roothash=", "none", &[]);
        check(
            "roothash=HASH systemd.verity_root_data=/dev//sda2",
            &format!("/dev/sda2 (explicit), {hash}, "),
            &[],
        );
        check(
            "roothash=HASH systemd.verity_root_hash=LABEL=x",
            &format!("{data}, LABEL=x (explicit), "),
            &[],
        );
        check(
            "systemd.verity_root_data=UUID=1 systemd.verity_root_hash=PARTLABEL=h roothash=HASH",
            "UUID=1 (explicit), PARTLABEL=h (explicit), ",
            &[],
        );
        check(
            "roothash=HASH systemd.verity_root_data=UUID=1 systemd.verity_root_data=",
            &format!("{data}, {hash}, "),
            &[],
        );
        check(
            "systemd.verity_root_data=/dev/sda systemd.verity_root_hash=/dev/sdb",
            "none",
            &[
                "systemd.verity_root_data=/dev/sda: ignored: there is no roothash=",
                "systemd.verity_root_hash=/dev/sdb: ignored: there is no roothash=",
            ],
        );
    }

    #[test]
    fn off_and_on() {
        let on =
            "PARTUUID=00112233-4455-6677-8899-aabbccddeeff, PARTUUID=01234567-89ab-cdef-0123-456789abcdef, ";
        for off in ["systemd.verity=no", "systemd.verity=0", "rd.systemd.verity=off", "systemd.verity=false"]
        {
            check(&format!("roothash=HASH {off}"), "none", &[]);
        }
        for line in ["systemd.verity=yes", "systemd.verity", "systemd.verity=no rd.systemd.verity=1"] {
            check(&format!("roothash=HASH {line}"), on, &[]);
        }
        // What is off is not looked at.
        check("roothash=x systemd.verity=no usrhash=HASH", "none", &[]);
        check("usrhash=HASH", "none", &["usrhash=: ignored: dm-verity is supported for the root only"]);
    }

    #[test]
    fn root_hashes() {
        let short = "roothash=00112233: 8 digits, but a root hash has 32 to 128";
        check("roothash=00112233", short, &[]);
        let long = "0".repeat(130);
        check(
            &format!("roothash={long}"),
            &format!("roothash={long}: 130 digits, but a root hash has 32 to 128"),
            &[],
        );
        for text in ["0", "xx", "0x00112233445566778899aabbccddeeff", "00112233445566778899aabbccddee€"] {
            check(
                &format!("roothash={text}"),
                &format!("roothash={text}: not an even number of hexadecimal digits"),
                &[],
            );
        }
        assert_eq!(bytes(&"Fe".repeat(64)).unwrap(), [0xfe; 64]);
        assert_eq!(bytes(&"01".repeat(16)).unwrap(), [1; 16]);
    }

    #[test]
    fn devices_that_are_none() {
        check(
            "roothash=HASH systemd.verity_root_data=SERIAL=1",
            "systemd.verity_root_data=SERIAL=1: SERIAL= is unknown; use UUID=, LABEL=, PARTUUID=, PARTLABEL=, ID= or a path in /dev",
            &[],
        );
        check(
            "roothash=HASH systemd.verity_root_hash=UUID=",
            "systemd.verity_root_hash=UUID=: there is nothing after UUID=",
            &[],
        );
    }

    #[test]
    fn options() {
        let check = |text: &str, expect: &str, complaints: &[&str]| {
            let line = format!(
                "roothash=HASH systemd.verity_root_data=0801 systemd.verity_root_hash=0802 systemd.verity_root_options={text}"
            );
            check(&line, expect, complaints);
        };
        let devices = "device 8:1 (explicit), device 8:2 (explicit), ";
        for flag in FLAGS {
            check(flag, &format!("{devices}{flag}"), &[]);
        }
        check(
            "panic-on-corruption,,ignore-zero-blocks,panic-on-corruption",
            &format!("{devices}panic-on-corruption+ignore-zero-blocks"),
            &[],
        );
        check(
            "hash-offset=4096,check-at-most-once,fec-device=/dev/sdc,no-such",
            &format!("{devices}check-at-most-once"),
            &[
                "systemd.verity_root_options=hash-offset=4096: ignored: not supported",
                "systemd.verity_root_options=fec-device=/dev/sdc: ignored: not supported",
                "systemd.verity_root_options=no-such: ignored: not supported",
            ],
        );
        check(
            "root-hash-signature=/sig",
            "systemd.verity_root_options=root-hash-signature: signatures of the root hash are not supported",
            &[],
        );
        check(
            "ignore-corruption,panic-on-corruption",
            "systemd.verity_root_options=ignore-corruption,panic-on-corruption: ignore-corruption and panic-on-corruption exclude each other",
            &[],
        );
    }
}
