// SPDX-License-Identifier: MIT OR Apache-2.0
//! The signature at the end of a kernel module (`include/linux/module_signature.h`), a PKCS #7 message.

/// The text that ends a signed module.
const MARKER: &[u8] = b"~Module signature appended~\n";
/// `struct module_signature`.
const HEADER: usize = 12;

/// A signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Offset of the PKCS #7 message in the file, which is also the size of the module without it.
    pub offset: usize,
    /// Its length.
    pub len: usize,
    /// Common name of the signer's certificate's issuer.
    pub signer: Option<String>,
    /// Serial number of the certificate, in hexadecimal.
    pub key: Option<String>,
    /// Hash algorithm.
    pub hash: Option<&'static str>,
}

/// The signature of a module, if it has one.
///
/// # Errors
///
/// The header after the module gives a size beyond the file.
pub fn read(module: &[u8]) -> Result<Option<Signature>, String> {
    let Some(rest) = module.strip_suffix(MARKER) else { return Ok(None) };
    let Some(at) = rest.len().checked_sub(HEADER) else {
        return Err(format!(
            "the module's signature is cut off: {} bytes in front of its marker",
            rest.len()
        ));
    };
    let header = &rest[at..];
    let len = u32::from_be_bytes([header[8], header[9], header[10], header[11]]) as usize;
    let Some(offset) = at.checked_sub(len) else {
        return Err(format!(
            "the module's signature of {len} bytes is larger than the {at} bytes in front of it"
        ));
    };
    let mut signature = Signature { offset, len, ..Signature::default() };
    // PKEY_ID_PKCS7
    if header[2] == 2 {
        pkcs7(&rest[offset..at], &mut signature);
    }
    Ok(Some(signature))
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OID: u8 = 0x06;
const CONTEXT_0: u8 = 0xa0;

/// The value with the tag `tag` at the start of `der`, and the rest.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, value, rest) = any(der)?;
    (found == tag).then_some((value, rest))
}

/// Tag and value at the start of `der`, and the rest.
fn any(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&len, rest) = rest.split_first()?;
    let (len, rest) = match len {
        0..=0x7f => (usize::from(len), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(len & 0x7f))?;
            (bytes.iter().fold(0, |value, byte| value << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(len)?;
    Some((tag, value, rest))
}

/// Reads issuer, serial number and hash of the one signer (RFC 5652, section 5).
fn pkcs7(der: &[u8], signature: &mut Signature) -> Option<()> {
    let (content, _) = value(der, SEQUENCE)?;
    let (_, content) = value(content, OID)?;
    let (signed, _) = value(content, CONTEXT_0)?;
    let (signed, _) = value(signed, SEQUENCE)?;
    // version, digestAlgorithms, encapContentInfo, certificates and lists of revoked ones, signerInfos
    let mut rest = signed;
    let mut sets = 0;
    let infos = loop {
        let (tag, value, after) = any(rest)?;
        sets += u8::from(tag == SET);
        if sets == 2 {
            break value;
        }
        rest = after;
    };
    let (info, _) = value(infos, SEQUENCE)?;
    let (_, info) = value(info, INTEGER)?;
    let (name_and_number, info) = value(info, SEQUENCE)?;
    let (name, number) = value(name_and_number, SEQUENCE)?;
    let (number, _) = value(number, INTEGER)?;
    signature.key = Some(number.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":"));
    signature.signer = common_name(name);
    let (hash, _) = value(info, SEQUENCE)?;
    let (oid, _) = value(hash, OID)?;
    signature.hash = match oid {
        [0x2b, 0x0e, 3, 2, 0x1a] => Some("sha1"),
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last] => {
            [None, Some("sha256"), Some("sha384"), Some("sha512"), Some("sha224")]
                .get(usize::from(*last))
                .copied()?
        }
        _ => None,
    };
    Some(())
}

/// The common name (2.5.4.3) in a name: a sequence of sets of pairs.
fn common_name(mut name: &[u8]) -> Option<String> {
    loop {
        let (set, rest) = value(name, SET)?;
        let (pair, _) = value(set, SEQUENCE)?;
        let (oid, text) = value(pair, OID)?;
        if oid == [0x55, 4, 3] {
            let (_, text, _) = any(text)?;
            return Some(String::from_utf8_lossy(text).into_owned());
        }
        name = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        assert_eq!(read(b"\x7fELF"), Ok(None));
        assert!(read(MARKER).is_err());
        let with = |len: u32| [&b"data"[..], &[0, 0, 2, 0, 0, 0, 0, 0], &len.to_be_bytes(), MARKER].concat();
        assert!(read(&with(5)).unwrap_err().contains("5 bytes is larger than the 4"));
        let signature = read(&with(4)).unwrap().unwrap();
        assert_eq!((signature.offset, signature.len, signature.signer), (0, 4, None));
    }

    #[test]
    fn lengths_of_der() {
        assert_eq!(any(&[0x30, 1, 7, 9]), Some((0x30, &[7][..], &[9][..])));
        assert_eq!(any(&[0x30, 0x81, 1, 7]), Some((0x30, &[7][..], &[][..])));
        for bad in [&[0x30][..], &[0x30, 2, 1], &[0x30, 0x80], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(any(bad), None, "{bad:x?}");
        }
    }
}
