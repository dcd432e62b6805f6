// SPDX-License-Identifier: MIT OR Apache-2.0
//! LUKS2: a binary header, and an area of JSON; both twice.

use super::bytes::{base64, be16, be64, field, text};
use super::kdf::{Hash, Kdf};
use super::slot::Slot;
use super::{Error, MAGIC, Source, Volume};
use serde_json::Value;

/// First bytes of the second header.
const SECOND: &[u8; 6] = b"SKUL\xba\xbe";
/// Where the second header can be: after the first one, in each length that it can have.
const PLACES: [u64; 9] =
    [0x4000, 0x8000, 0x1_0000, 0x2_0000, 0x4_0000, 0x8_0000, 0x10_0000, 0x20_0000, 0x40_0000];

/// Unlocks a container by the newer of its headers that are intact.
pub fn unlock(source: &mut dyn Source, passphrase: &[u8], memory: u64) -> Result<Volume, Error> {
    let header = read(source)?;
    let segment = Segment::new(&header.json)?;
    let mut slots = slots(&header.json);
    if slots.is_empty() {
        return Err(Error::Header("no key slot is in use".to_owned()));
    }
    // Those that are preferred are first, then by their numbers.
    slots.sort_by_key(|(priority, number, _)| (std::cmp::Reverse(*priority), *number));
    let mut failure = None;
    let mut tried = false;
    for (_, number, slot) in slots {
        let opened = slot.and_then(|slot| slot.open(source, passphrase, memory));
        match opened.and_then(|key| Ok(verify(&header.json, number, &segment.id, &key)?.then_some(key))) {
            Ok(Some(key)) => return Ok(segment.volume(&header, key)),
            Ok(None) => tried = true,
            // Another slot may open.
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.filter(|_| !tried).unwrap_or(Error::Passphrase))
}

struct Header {
    uuid: String,
    sequence: u64,
    json: Value,
}

/// The newer of the two headers whose checksum is right.
fn read(source: &mut dyn Source) -> Result<Header, Error> {
    let first = read_one(source, 0, MAGIC);
    let length = first.as_ref().ok().map(|(_, length)| *length);
    let second = match length {
        Some(length) => read_one(source, length, SECOND),
        None => {
            let mut found = PLACES.iter().map(|place| read_one(source, *place, SECOND));
            found.find(Result::is_ok).unwrap_or_else(|| Err(Error::Header("no second header".to_owned())))
        }
    };
    match (first, second) {
        (Ok((first, _)), Ok((second, _))) if second.sequence > first.sequence => Ok(second),
        (Ok((header, _)), _) | (Err(_), Ok((header, _))) => Ok(header),
        (Err(error), Err(_)) => Err(error),
    }
}

/// The header at `offset`, and its length.
fn read_one(source: &mut dyn Source, offset: u64, magic: &[u8; 6]) -> Result<(Header, u64), Error> {
    let bad = |what: &str| Error::Header(format!("the LUKS2 header at byte {offset}: {what}"));
    let binary = source.bytes(offset, 4096)?;
    if &binary[..6] != magic || be16(&binary, 6) != 2 {
        return Err(bad("there is none"));
    }
    let length = be64(&binary, 8);
    if !PLACES.contains(&length) || be64(&binary, 256) != offset {
        return Err(bad("its length or place is wrong"));
    }
    // The places are below 4 MiB.
    let mut all = source.bytes(offset, usize::try_from(length).unwrap_or(4096))?;
    let hash = Hash::new(&text(&all, 72, 32))?;
    let checksum = field(&all, 448, 64).to_vec();
    all[448..512].fill(0);
    let digest = hash.digest(&[&all]);
    if checksum.get(..digest.len()) != Some(&digest[..]) {
        return Err(bad("its checksum is wrong"));
    }
    let area = all[4096..].split(|byte| *byte == 0).next().unwrap_or_default();
    let json = serde_json::from_slice(area).map_err(|error| bad(&error.to_string()))?;
    Ok((Header { uuid: text(&all, 168, 40), sequence: be64(&all, 16), json }, length))
}

/// A number, which LUKS2 writes as a text where it may be large.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn small(value: &Value) -> Option<u32> {
    number(value)?.try_into().ok()
}

fn size(value: &Value) -> Option<usize> {
    number(value)?.try_into().ok()
}

/// Entries of an object of `json`, sorted by their numbers.
fn entries<'a>(json: &'a Value, name: &str) -> Vec<(u32, &'a Value)> {
    let object = json[name].as_object().into_iter().flatten();
    let mut all: Vec<_> = object.filter_map(|(id, value)| Some((id.parse().ok()?, value))).collect();
    all.sort_by_key(|(id, _)| *id);
    all
}

/// Whether the list `value` has the text of `id`.
fn lists(value: &Value, id: u32) -> bool {
    let id = id.to_string();
    value.as_array().is_some_and(|list| list.iter().any(|entry| entry.as_str() == Some(&id)))
}

/// The slots that may be tried: priority, number, and the slot or the reason why it cannot be used.
fn slots(json: &Value) -> Vec<(u64, u32, Result<Slot, Error>)> {
    let all = entries(json, "keyslots").into_iter().filter(|(_, value)| value["type"] == "luks2");
    let all = all.map(|(id, value)| (number(&value["priority"]).unwrap_or(1), id, slot(id, value)));
    all.filter(|(priority, ..)| *priority != 0).collect()
}

fn slot(id: u32, value: &Value) -> Result<Slot, Error> {
    let read = || {
        let (af, area) = (&value["af"], &value["area"]);
        Some(Slot {
            number: id,
            kdf: kdf(&value["kdf"])?,
            cipher: area["encryption"].as_str()?.to_owned(),
            own_key: size(&area["key_size"])?,
            key: size(&value["key_size"])?,
            stripes: size(&af["stripes"])?,
            hash: Hash::new(af["hash"].as_str()?).ok()?,
            offset: number(&area["offset"])?,
        })
    };
    read().ok_or_else(|| Error::Header(format!("key slot {id} is of a form that is not supported")))
}

fn kdf(value: &Value) -> Option<Kdf> {
    let salt = base64(value["salt"].as_str()?)?;
    match value["type"].as_str()? {
        "pbkdf2" => {
            let hash = Hash::new(value["hash"].as_str()?).ok()?;
            Some(Kdf::Pbkdf2 { hash, iterations: small(&value["iterations"])?, salt })
        }
        kind @ ("argon2i" | "argon2id") => Some(Kdf::Argon2 {
            id: kind == "argon2id",
            time: small(&value["time"])?,
            memory: small(&value["memory"])?,
            lanes: small(&value["cpus"])?,
            salt,
        }),
        _ => None,
    }
}

/// Whether `key`, of slot `slot`, is that of segment `segment`.
fn verify(json: &Value, slot: u32, segment: &str, key: &[u8]) -> Result<bool, Error> {
    let segment = segment.parse().unwrap_or_default();
    let digests = entries(json, "digests");
    let digest =
        digests.iter().find(|(_, it)| lists(&it["keyslots"], slot) && lists(&it["segments"], segment));
    let Some((_, digest)) = digest.filter(|(_, it)| it["type"] == "pbkdf2") else { return Ok(false) };
    let hash = Hash::new(digest["hash"].as_str().unwrap_or_default())?;
    let bytes = |name: &str| digest[name].as_str().and_then(base64);
    let (Some(salt), Some(expect), Some(iterations)) =
        (bytes("salt"), bytes("digest"), small(&digest["iterations"]))
    else {
        return Err(Error::Header(format!("the digest of key slot {slot} cannot be read")));
    };
    Ok((1..=64).contains(&expect.len()) && hash.pbkdf2(key, &salt, iterations, expect.len()) == expect)
}

/// The data.
struct Segment {
    id: String,
    cipher: String,
    offset: u64,
    size: Option<u64>,
    sector: u32,
    iv_tweak: u64,
}

impl Segment {
    /// The one segment, of a container in which no change is under way.
    fn new(json: &Value) -> Result<Segment, Error> {
        let unsupported = |what: &str| Err(Error::Header(format!("{what}: this is not supported")));
        let mandatory = json["config"]["requirements"]["mandatory"].as_array();
        if let Some(requirement) = mandatory.and_then(|list| list.first()) {
            return unsupported(&format!("the container requires {}", requirement.as_str().unwrap_or("?")));
        }
        let (id, value) = match entries(json, "segments").as_slice() {
            [one] => *one,
            segments => return unsupported(&format!("the container has {} segments", segments.len())),
        };
        if value["type"] != "crypt" || !value["integrity"].is_null() {
            return unsupported("the container's segment is not of type crypt, or has integrity");
        }
        let read = || {
            Some(Segment {
                id: id.to_string(),
                cipher: value["encryption"].as_str()?.to_owned(),
                offset: number(&value["offset"])?,
                size: if value["size"] == "dynamic" { None } else { Some(number(&value["size"])?) },
                sector: small(&value["sector_size"])?,
                iv_tweak: number(&value["iv_tweak"])?,
            })
        };
        let sector = |it: &Segment| matches!(it.sector, 512 | 1024 | 2048 | 4096);
        read()
            .filter(sector)
            .ok_or_else(|| Error::Header("the container's segment cannot be read".to_owned()))
    }

    fn volume(self, header: &Header, key: Vec<u8>) -> Volume {
        let flags = header.json["config"]["flags"].as_array();
        let flags = flags.into_iter().flatten().filter_map(|flag| flag.as_str().map(str::to_owned));
        Volume {
            version: 2,
            uuid: header.uuid.clone(),
            cipher: self.cipher,
            key,
            offset: self.offset,
            size: self.size,
            sector: self.sector,
            iv_tweak: self.iv_tweak,
            flags: flags.collect(),
        }
    }
}
