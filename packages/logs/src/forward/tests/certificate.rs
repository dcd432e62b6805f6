// SPDX-License-Identifier: MIT OR Apache-2.0
//! Certificates for tests: X.509 v3 (RFC 5280) with keys of P-256, encoded here.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// Object identifiers, as their DER has them.
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 17];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

/// From and to, as UTCTime: until 2049.
pub const VALID: (&str, &str) = ("200101000000Z", "491231235959Z");
/// A year that is over.
pub const EXPIRED: (&str, &str) = ("200101000000Z", "210101000000Z");

/// A certificate and its key.
pub struct Issued {
    name: String,
    key: EcdsaKeyPair,
    pkcs8: Vec<u8>,
    der: Vec<u8>,
}

/// An authority that has signed its own certificate.
pub fn authority(name: &str) -> Issued {
    let (key, pkcs8) = generate();
    let constraints = sequence(&[&tlv(6, &[BASIC_CONSTRAINTS]), &tlv(1, &[&[0xff]]), &{
        tlv(4, &[&sequence(&[&tlv(1, &[&[0xff]])])])
    }]);
    let der = certificate(name, &key, (name, &key), VALID, &constraints);
    Issued { name: name.into(), key, pkcs8, der }
}

impl Issued {
    /// A certificate that this authority signs: for a DNS name, or for an address as its bytes.
    pub fn issue(&self, dns: &str, address: &[u8], validity: (&str, &str)) -> Issued {
        let (key, pkcs8) = generate();
        let name = if address.is_empty() { tlv(0x82, &[dns.as_bytes()]) } else { tlv(0x87, &[address]) };
        let names = sequence(&[&tlv(6, &[ALTERNATIVE_NAME]), &tlv(4, &[&sequence(&[&name])])]);
        let der = certificate("subject", &key, (&self.name, &self.key), validity, &names);
        Issued { name: "subject".into(), key, pkcs8, der }
    }

    pub fn der(&self) -> CertificateDer<'static> {
        self.der.clone().into()
    }

    pub fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.pkcs8.clone()).into()
    }

    /// The certificate as a PEM file.
    pub fn pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }

    /// The key as a PEM file.
    pub fn key_pem(&self) -> String {
        pem("PRIVATE KEY", &self.pkcs8)
    }
}

fn generate() -> (EcdsaKeyPair, Vec<u8>) {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap();
    (key, pkcs8.as_ref().to_vec())
}

fn certificate(
    subject: &str,
    key: &EcdsaKeyPair,
    (issuer, signer): (&str, &EcdsaKeyPair),
    (from, to): (&str, &str),
    extension: &[u8],
) -> Vec<u8> {
    let name = |text: &str| {
        let attribute = sequence(&[&tlv(6, &[COMMON_NAME]), &tlv(12, &[text.as_bytes()])]);
        sequence(&[&tlv(0x31, &[&attribute])])
    };
    let algorithm = sequence(&[&tlv(6, &[ECDSA_WITH_SHA256])]);
    let public = sequence(&[
        &sequence(&[&tlv(6, &[EC_PUBLIC_KEY]), &tlv(6, &[P256])]),
        &tlv(3, &[&[0], key.public_key().as_ref()]),
    ]);
    let body = sequence(&[
        &tlv(0xa0, &[&tlv(2, &[&[2]])]),
        &tlv(2, &[&[1]]),
        &algorithm,
        &name(issuer),
        &sequence(&[&tlv(23, &[from.as_bytes()]), &tlv(23, &[to.as_bytes()])]),
        &name(subject),
        &public,
        &tlv(0xa3, &[&sequence(&[extension])]),
    ]);
    let signature = signer.sign(&SystemRandom::new(), &body).unwrap();
    sequence(&[&body, &algorithm, &tlv(3, &[&[0], signature.as_ref()])])
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

/// Tag, length, value.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let [.., high, low] = value.len().to_be_bytes();
    let length = match value.len() {
        0..0x80 => vec![low],
        0x80..0x100 => vec![0x81, low],
        _ => vec![0x82, high, low],
    };
    [vec![tag], length, value].concat()
}

fn pem(label: &str, der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in der.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(*three.get(at).unwrap_or(&0)));
        for digit in 0..4 {
            let value = bits >> (18 - 6 * digit) & 63;
            text.push(if digit > three.len() { '=' } else { char::from(DIGITS[value as usize]) });
        }
        if text.len() % 65 == 64 {
            text.push('\n');
        }
    }
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", text.trim_end())
}
