// SPDX-License-Identifier: MIT OR Apache-2.0
//! The objects of a CycloneDX document, with the fields that are used here.

use crate::files::Sums;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    serial_number: String,
    version: u32,
    metadata: Metadata,
    components: Vec<Component>,
    dependencies: Vec<Dependency>,
    compositions: Vec<Composition>,
    formulation: Vec<Formula>,
}

#[derive(Serialize)]
struct Metadata {
    timestamp: String,
    tools: Tools,
    component: Component,
}

#[derive(Serialize)]
struct Tools {
    components: Vec<Component>,
}

#[derive(Serialize)]
pub(super) struct Component {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<Organization>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<Licence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpe: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pedigree: Option<Pedigree>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Component>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Organization {
    name: &'static str,
}

#[derive(Serialize)]
struct Hash {
    alg: &'static str,
    content: String,
}

#[derive(Serialize)]
struct Licence {
    expression: String,
    acknowledgement: &'static str,
}

#[derive(Default, Serialize)]
struct Pedigree {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ancestors: Vec<Component>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patches: Vec<Patch>,
}

#[derive(Serialize)]
struct Patch {
    #[serde(rename = "type")]
    kind: &'static str,
    diff: Diff,
}

#[derive(Serialize)]
struct Diff {
    url: String,
}

#[derive(Serialize)]
struct Property {
    name: String,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    #[serde(rename = "ref")]
    reference: String,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    depends_on: BTreeSet<String>,
}

#[derive(Serialize)]
struct Composition {
    aggregate: &'static str,
    assemblies: Vec<String>,
}

/// How the image was made: the components that are not in it.
#[derive(Serialize)]
pub(super) struct Formula {
    #[serde(rename = "bom-ref")]
    pub(super) bom_ref: String,
    pub(super) components: Vec<Component>,
}

impl Document {
    /// Without a serial number: that is made of the rest. `complete` is the component of which all parts are listed.
    pub(super) fn new(
        created: &str,
        image: Component,
        components: Vec<Component>,
        dependencies: BTreeMap<String, BTreeSet<String>>,
        complete: String,
        formula: Formula,
    ) -> Self {
        let tool =
            Component::new("application", "tool".to_owned(), "qos-sbom").version(env!("CARGO_PKG_VERSION"));
        let dependency = |(reference, depends_on)| Dependency { reference, depends_on };
        Document {
            schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
            bom_format: "CycloneDX",
            spec_version: "1.6",
            serial_number: String::new(),
            version: 1,
            metadata: Metadata {
                timestamp: created.to_owned(),
                tools: Tools { components: vec![tool] },
                component: image,
            },
            components,
            dependencies: dependencies.into_iter().map(dependency).collect(),
            compositions: vec![Composition { aggregate: "complete", assemblies: vec![complete] }],
            formulation: vec![formula],
        }
    }

    pub(super) fn set_serial_number(&mut self, urn: String) {
        self.serial_number = urn;
    }
}

impl Component {
    pub(super) fn new(kind: &'static str, bom_ref: String, name: &str) -> Self {
        Component {
            kind,
            bom_ref,
            supplier: None,
            name: name.to_owned(),
            version: None,
            hashes: Vec::new(),
            licenses: Vec::new(),
            cpe: None,
            purl: None,
            pedigree: None,
            components: Vec::new(),
            properties: Vec::new(),
        }
    }

    pub(super) fn version(mut self, version: &str) -> Self {
        self.version = Some(version.to_owned());
        self
    }

    pub(super) fn supplied_by(mut self, name: &'static str) -> Self {
        self.supplier = Some(Organization { name });
        self
    }

    pub(super) fn sha256(mut self, content: &str) -> Self {
        self.hashes.push(Hash { alg: "SHA-256", content: content.to_owned() });
        self
    }

    pub(super) fn sums(mut self, sums: &Sums) -> Self {
        self.hashes.push(Hash { alg: "SHA-1", content: sums.sha1.clone() });
        self.sha256(&sums.sha256)
    }

    pub(super) fn licence(mut self, expression: &str) -> Self {
        self.licenses = vec![Licence { expression: expression.to_owned(), acknowledgement: "concluded" }];
        self
    }

    pub(super) fn cpe(mut self, cpe: String) -> Self {
        self.cpe = Some(cpe);
        self
    }

    pub(super) fn purl(mut self, purl: String) -> Self {
        self.purl = Some(purl);
        self
    }

    pub(super) fn descends_from(mut self, ancestor: Component) -> Self {
        self.pedigree.get_or_insert_default().ancestors.push(ancestor);
        self
    }

    /// A patch of ours at this path of the repository.
    pub(super) fn patch(mut self, path: &str) -> Self {
        let patch = Patch { kind: "unofficial", diff: Diff { url: path.to_owned() } };
        self.pedigree.get_or_insert_default().patches.push(patch);
        self
    }

    pub(super) fn assembled_of(mut self, components: Vec<Component>) -> Self {
        self.components = components;
        self
    }

    pub(super) fn property(mut self, name: &str, value: &str) -> Self {
        self.properties.push(Property { name: name.to_owned(), value: value.to_owned() });
        self
    }
}
