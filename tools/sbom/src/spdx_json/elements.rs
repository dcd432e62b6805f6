// SPDX-License-Identifier: MIT OR Apache-2.0
//! The elements of an SPDX document, with the fields that are used here, in the order of the specification.

use super::NOT_STATED;
use crate::bom::{Bom, QOS};
use crate::debian::Pin;
use crate::files::{Sums, hex};
use serde::Serialize;
use sha1::{Digest, Sha1};

/// Clause 6.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    spdx_version: &'static str,
    data_license: &'static str,
    #[serde(rename = "SPDXID")]
    id: &'static str,
    name: String,
    document_namespace: String,
    creation_info: CreationInfo,
    packages: Vec<Package>,
    files: Vec<SpdxFile>,
    relationships: Vec<Relationship>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreationInfo {
    creators: Vec<String>,
    created: String,
    license_list_version: String,
}

/// Clause 7.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Package {
    name: String,
    #[serde(rename = "SPDXID")]
    id: String,
    version_info: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    package_file_name: Option<String>,
    supplier: String,
    download_location: &'static str,
    files_analyzed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    package_verification_code: Option<VerificationCode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksums: Vec<Checksum>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_info: Option<String>,
    license_concluded: String,
    license_declared: String,
    copyright_text: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_refs: Vec<ExternalRef>,
    primary_package_purpose: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VerificationCode {
    package_verification_code_value: String,
}

/// Clause 8.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SpdxFile {
    file_name: String,
    #[serde(rename = "SPDXID")]
    id: String,
    checksums: Vec<Checksum>,
    license_concluded: String,
    copyright_text: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checksum {
    algorithm: &'static str,
    checksum_value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExternalRef {
    reference_category: &'static str,
    reference_type: &'static str,
    reference_locator: String,
}

/// Clause 11.
#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
pub(super) struct Relationship {
    spdx_element_id: String,
    relationship_type: &'static str,
    related_spdx_element: String,
}

impl Document {
    /// Without a name space: that is made of the rest.
    pub(super) fn new(
        bom: &Bom,
        packages: Vec<Package>,
        files: Vec<SpdxFile>,
        relationships: Vec<Relationship>,
    ) -> Self {
        // Two numbers: the third is that of the crate that has the list.
        let list: Vec<_> = spdx::license_version().split('.').take(2).collect();
        Document {
            spdx_version: "SPDX-2.3",
            data_license: "CC0-1.0",
            id: super::DOCUMENT,
            name: format!("{}-{}", bom.name, bom.version),
            document_namespace: String::new(),
            creation_info: CreationInfo {
                creators: vec![format!("Tool: qos-sbom-{}", env!("CARGO_PKG_VERSION"))],
                created: bom.created.clone(),
                license_list_version: list.join("."),
            },
            packages,
            files,
            relationships,
        }
    }

    pub(super) fn set_namespace(&mut self, uri: String) {
        self.document_namespace = uri;
    }
}

impl Package {
    /// A package of qos. Its licence is the concluded and the declared one.
    pub(super) fn new(id: String, name: &str, version: &str, licence: &str, purpose: &'static str) -> Self {
        let licence = if licence.is_empty() { NOT_STATED } else { licence };
        Package {
            name: name.to_owned(),
            id,
            version_info: version.to_owned(),
            package_file_name: None,
            supplier: format!("Organization: {QOS}"),
            download_location: NOT_STATED,
            files_analyzed: false,
            package_verification_code: None,
            checksums: Vec::new(),
            source_info: None,
            license_concluded: licence.to_owned(),
            license_declared: licence.to_owned(),
            copyright_text: NOT_STATED,
            external_refs: Vec::new(),
            primary_package_purpose: purpose,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The licence that the package itself declares.
    pub(super) fn declare(&mut self, licence: &str) {
        licence.clone_into(&mut self.license_declared);
    }

    /// The file that the package is distributed as.
    pub(super) fn file_name(&mut self, name: &str, checksums: Vec<Checksum>) {
        self.package_file_name = Some(name.to_owned());
        self.checksums = checksums;
    }

    pub(super) fn supplied_by(&mut self, organization: &str) {
        self.supplier = format!("Organization: {organization}");
    }

    pub(super) fn source(&mut self, pin: &Pin) {
        let source = pin.source().map(|source| format!("Debian source package {source}; {}", pin.path));
        self.source_info = source;
    }

    pub(super) fn refer(&mut self, reference: ExternalRef) {
        self.external_refs.push(reference);
    }

    /// All files of the package are in the document, with these SHA-1 hashes. The verification code is that of clause 7.9.
    pub(super) fn analyse<'a>(&mut self, sha1s: impl Iterator<Item = &'a str>) {
        let mut sha1s: Vec<&str> = sha1s.collect();
        sha1s.sort_unstable();
        let code = hex(&Sha1::digest(sha1s.concat()));
        self.files_analyzed = true;
        self.package_verification_code = Some(VerificationCode { package_verification_code_value: code });
    }
}

impl SpdxFile {
    /// `path` is relative to the package that has the file.
    pub(super) fn new(id: String, path: &str, sums: &Sums, licence: Option<&str>) -> Self {
        SpdxFile {
            file_name: format!("./{path}"),
            id,
            checksums: Checksum::all(sums),
            license_concluded: licence.unwrap_or(NOT_STATED).to_owned(),
            copyright_text: NOT_STATED,
        }
    }
}

impl Checksum {
    pub(super) fn sha256(value: &str) -> Self {
        Checksum { algorithm: "SHA256", checksum_value: value.to_owned() }
    }

    pub(super) fn all(sums: &Sums) -> Vec<Self> {
        vec![
            Checksum { algorithm: "SHA1", checksum_value: sums.sha1.clone() },
            Checksum::sha256(&sums.sha256),
        ]
    }
}

impl ExternalRef {
    pub(super) fn purl(locator: String) -> Self {
        ExternalRef {
            reference_category: "PACKAGE-MANAGER",
            reference_type: "purl",
            reference_locator: locator,
        }
    }

    pub(super) fn cpe(locator: String) -> Self {
        ExternalRef {
            reference_category: "SECURITY",
            reference_type: "cpe23Type",
            reference_locator: locator,
        }
    }
}

impl Relationship {
    pub(super) fn new(element: &str, kind: &'static str, related: &str) -> Self {
        Relationship {
            spdx_element_id: element.to_owned(),
            relationship_type: kind,
            related_spdx_element: related.to_owned(),
        }
    }
}
