// SPDX-License-Identifier: MIT OR Apache-2.0
//! CycloneDX 1.6 in JSON: <https://cyclonedx.org/docs/1.6/json/>.

mod elements;

use crate::bom::{Bom, DEBIAN, KERNEL_LICENCE, QOS};
use crate::debian::Pin;
use crate::files::File;
use crate::graph::CrateId;
use crate::identity::uuid_of;
use crate::patches::Patch;
use crate::{licence, purl};
use elements::{Component, Document, Formula};
use std::collections::{BTreeMap, BTreeSet};

/// The component that the document is about.
const IMAGE: &str = "image";
const KERNEL: &str = "linux";

/// The document of an image.
///
/// # Errors
///
/// A name is not valid in a package URL.
pub fn document(bom: &Bom) -> Result<String, String> {
    let image = Component::new("operating-system", IMAGE.to_owned(), &bom.name)
        .version(&bom.version)
        .supplied_by(QOS)
        .licence(&licence::all(bom.licences()));
    let mut components: Vec<_> = bom.artefacts.iter().map(|file| artefact(bom, file)).collect();
    components.push(kernel(bom)?);
    for (id, found) in &bom.crates {
        let mut component = Component::new("library", crate_ref(id), &id.name)
            .version(&id.version)
            .supplied_by(found.supplier())
            .licence(&found.concluded);
        if let Some(checksum) = &found.checksum {
            component = component.sha256(checksum).purl(purl::of_crate(id)?);
        }
        components.push(with_patches(component, &found.patches));
    }
    let linked = bom.in_programs.iter().chain(&bom.in_kernel);
    let mut written = BTreeSet::new();
    for linked in linked.filter(|linked| written.insert(&linked.package)) {
        components.push(debian(&linked.package)?.licence(linked.licence));
    }
    for pin in bom.contained.iter().filter(|pin| written.insert(pin)) {
        components.push(debian(pin)?);
    }
    let tools: BTreeSet<_> = bom.tools.iter().filter(|pin| !written.contains(pin)).collect();
    let tools = tools.into_iter().map(debian).collect::<Result<_, _>>()?;
    let mut document = Document::new(
        &bom.created,
        image,
        components,
        dependencies(bom),
        artefact_ref(&bom.initramfs),
        Formula { bom_ref: "build".to_owned(), components: tools },
    );
    let unnamed = serde_json::to_vec(&document).map_err(|error| error.to_string())?;
    document.set_serial_number(format!("urn:uuid:{}", uuid_of(&unnamed)));
    let text = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    Ok(text + "\n")
}

fn artefact(bom: &Bom, file: &File) -> Component {
    let component = file_component(artefact_ref(&file.path), file);
    if file.path != bom.initramfs {
        return component;
    }
    component.assembled_of(bom.files.iter().map(|file| file_component(file_ref(&file.path), file)).collect())
}

fn file_component(reference: String, file: &File) -> Component {
    let component = Component::new("file", reference, &file.path).sums(&file.sums);
    match &file.licence {
        Some(licence) => component.licence(licence),
        None => component,
    }
}

fn kernel(bom: &Bom) -> Result<Component, String> {
    let kernel = &bom.kernel;
    let component = Component::new("operating-system", KERNEL.to_owned(), "linux")
        .version(&kernel.release)
        .supplied_by(QOS)
        .licence(KERNEL_LICENCE)
        .sha256(&kernel.tarball.1)
        .property("qos:source", &kernel.tarball.0)
        .cpe(purl::cpe_of_kernel(&kernel.release))
        .purl(purl::of_kernel(&kernel.release)?)
        .descends_from(debian(&kernel.package)?);
    Ok(with_patches(component, &kernel.patches))
}

fn debian(pin: &Pin) -> Result<Component, String> {
    Ok(Component::new("library", debian_ref(pin), &pin.name)
        .version(&pin.version)
        .supplied_by(DEBIAN)
        .sha256(&pin.sha256)
        .property("qos:path", &pin.path)
        .purl(purl::of_debian(pin)?))
}

fn with_patches(mut component: Component, patches: &[Patch]) -> Component {
    for patch in patches {
        component =
            component.patch(&patch.path).property(&format!("qos:sha256:{}", patch.path), &patch.sums.sha256);
    }
    component
}

/// What each component contains or uses, by reference.
fn dependencies(bom: &Bom) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    all.insert(IMAGE.to_owned(), bom.artefacts.iter().map(|file| artefact_ref(&file.path)).collect());
    all.insert(artefact_ref("bzImage"), BTreeSet::from([KERNEL.to_owned()]));
    all.insert(KERNEL.to_owned(), bom.in_kernel.iter().map(|linked| debian_ref(&linked.package)).collect());
    let contained = bom.contained.iter().map(debian_ref);
    let programs = bom.programs.iter().map(|program| file_ref(&program.path));
    all.insert(artefact_ref(&bom.initramfs), programs.chain(contained).collect());
    for program in &bom.programs {
        let linked = bom.in_programs.iter().map(|linked| debian_ref(&linked.package));
        all.insert(file_ref(&program.path), linked.chain([crate_ref(&program.from)]).collect());
    }
    for (id, found) in &bom.crates {
        all.insert(crate_ref(id), found.uses.iter().map(crate_ref).collect());
    }
    all
}

fn artefact_ref(name: &str) -> String {
    format!("artefact:{name}")
}

fn file_ref(path: &str) -> String {
    format!("file:{path}")
}

fn crate_ref(id: &CrateId) -> String {
    format!("crate:{}@{}", id.name, id.version)
}

fn debian_ref(pin: &Pin) -> String {
    format!("debian:{}@{}", pin.name, pin.version)
}
