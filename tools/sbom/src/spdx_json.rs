// SPDX-License-Identifier: MIT OR Apache-2.0
//! SPDX 2.3 in JSON: <https://spdx.github.io/spdx-spec/v2.3/>.

mod elements;

use crate::bom::{Bom, DEBIAN, KERNEL_LICENCE};
use crate::debian::Pin;
use crate::files::File;
use crate::graph::CrateId;
use crate::identity::{Ids, uuid_of};
use crate::patches::Patch;
use crate::{licence, purl};
use elements::{Checksum, Document, ExternalRef, Package, Relationship, SpdxFile};
use std::collections::BTreeMap;

const DOCUMENT: &str = "SPDXRef-DOCUMENT";

/// The document of an image.
///
/// # Errors
///
/// A name is not valid in a package URL.
pub fn document(bom: &Bom) -> Result<String, String> {
    let mut writer = Writer::default();
    writer.all(bom)?;
    let Writer { packages, files, mut relationships, .. } = writer;
    relationships.sort();
    relationships.dedup();
    let mut document = Document::new(bom, packages, files, relationships);
    let unnamed = serde_json::to_vec(&document).map_err(|error| error.to_string())?;
    document.set_namespace(format!("urn:uuid:{}", uuid_of(&unnamed)));
    let text = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    Ok(text + "\n")
}

/// The elements of a document, as far as they are written.
#[derive(Default)]
struct Writer<'a> {
    ids: Ids,
    packages: Vec<Package>,
    files: Vec<SpdxFile>,
    relationships: Vec<Relationship>,
    debian: BTreeMap<&'a Pin, String>,
}

impl<'a> Writer<'a> {
    fn all(&mut self, bom: &'a Bom) -> Result<(), String> {
        let image = self.image(bom);
        self.relate(DOCUMENT, "DESCRIBES", &image);
        let kernel = self.kernel(bom)?;
        self.relate(&image, "CONTAINS", &kernel);
        let artefacts = self.contents(&image, &bom.artefacts);
        if let Some(compiled) = artefacts.get("bzImage") {
            self.relate(compiled, "GENERATED_FROM", &kernel);
        }
        if let Some(config) = artefacts.get("config") {
            self.relate(config, "DATA_FILE_OF", &kernel);
        }
        let initramfs = self.initramfs(bom);
        self.relate(&image, "CONTAINS", &initramfs);
        let files = self.contents(&initramfs, &bom.files);
        let crates = self.crates(bom)?;
        for program in &bom.programs {
            let (Some(file), Some(from)) = (files.get(program.path.as_str()), crates.get(&program.from))
            else {
                continue;
            };
            self.relate(file, "GENERATED_FROM", from);
            self.relate(&initramfs, "CONTAINS", from);
            for linked in &bom.in_programs {
                let linked = self.debian(&linked.package, linked.licence)?;
                self.relate(file, "STATIC_LINK", &linked);
            }
        }
        for linked in &bom.in_kernel {
            let linked = self.debian(&linked.package, linked.licence)?;
            self.relate(&kernel, "STATIC_LINK", &linked);
        }
        for pin in &bom.contained {
            let package = self.debian(pin, NOT_STATED)?;
            self.relate(&initramfs, "CONTAINS", &package);
        }
        for pin in &bom.tools {
            let package = self.debian(pin, NOT_STATED)?;
            self.relate(&package, "BUILD_TOOL_OF", &image);
        }
        Ok(())
    }

    fn image(&mut self, bom: &Bom) -> String {
        let whole = licence::all(bom.licences());
        let mut package =
            Package::new(self.ids.next("image"), &bom.name, &bom.version, &whole, "OPERATING_SYSTEM");
        package.declare(NOT_STATED);
        package.analyse(bom.artefacts.iter().map(|file| file.sums.sha1.as_str()));
        self.add(package)
    }

    fn initramfs(&mut self, bom: &Bom) -> String {
        let licence = licence::all(bom.licences_of_initramfs());
        let name = format!("{}-initramfs", bom.name);
        let mut package = Package::new(self.ids.next("initramfs"), &name, &bom.version, &licence, "ARCHIVE");
        package.declare(NOT_STATED);
        package.analyse(bom.files.iter().map(|file| file.sums.sha1.as_str()));
        if let Some(file) = bom.artefacts.iter().find(|file| file.path == bom.initramfs) {
            package.file_name(&file.path, Checksum::all(&file.sums));
        }
        self.add(package)
    }

    fn kernel(&mut self, bom: &'a Bom) -> Result<String, String> {
        let kernel = &bom.kernel;
        let id = self.ids.next("linux");
        let mut package = Package::new(id, "linux", &kernel.release, KERNEL_LICENCE, "OPERATING_SYSTEM");
        package.file_name(&kernel.tarball.0, vec![Checksum::sha256(&kernel.tarball.1)]);
        package.refer(ExternalRef::purl(purl::of_kernel(&kernel.release)?));
        package.refer(ExternalRef::cpe(purl::cpe_of_kernel(&kernel.release)));
        let id = self.add(package);
        let source = self.debian(&kernel.package, KERNEL_LICENCE)?;
        self.relate(&id, "GENERATED_FROM", &source);
        self.patches(&kernel.patches, &id);
        Ok(id)
    }

    fn crates(&mut self, bom: &'a Bom) -> Result<BTreeMap<&'a CrateId, String>, String> {
        let mut ids = BTreeMap::new();
        for (id, found) in &bom.crates {
            let element = self.ids.next(&format!("crate-{}-{}", id.name, id.version));
            let mut package = Package::new(element, &id.name, &id.version, &found.concluded, "LIBRARY");
            package.declare(&found.declared);
            package.supplied_by(found.supplier());
            if let Some(checksum) = &found.checksum {
                package.file_name(
                    &format!("{}-{}.crate", id.name, id.version),
                    vec![Checksum::sha256(checksum)],
                );
                package.refer(ExternalRef::purl(purl::of_crate(id)?));
            }
            let element = self.add(package);
            self.patches(&found.patches, &element);
            ids.insert(id, element);
        }
        for (id, found) in &bom.crates {
            for used in &found.uses {
                if let (Some(user), Some(used)) = (ids.get(id), ids.get(used)) {
                    self.relate(user, "DEPENDS_ON", used);
                }
            }
        }
        Ok(ids)
    }

    /// A Debian package, which is written once.
    fn debian(&mut self, pin: &'a Pin, licence: &str) -> Result<String, String> {
        if let Some(id) = self.debian.get(pin) {
            return Ok(id.clone());
        }
        let id = self.ids.next(&format!("debian-{}-{}", pin.name, pin.version));
        let mut package = Package::new(id, &pin.name, &pin.version, licence, "INSTALL");
        package.file_name(pin.file_name(), vec![Checksum::sha256(&pin.sha256)]);
        package.supplied_by(DEBIAN);
        package.source(pin);
        package.refer(ExternalRef::purl(purl::of_debian(pin)?));
        let id = self.add(package);
        self.debian.insert(pin, id.clone());
        Ok(id)
    }

    fn patches(&mut self, patches: &[Patch], of: &str) {
        for patch in patches {
            let id = self.ids.next(&format!("patch-{}", patch.path));
            self.relate(&id, "PATCH_APPLIED", of);
            self.files.push(SpdxFile::new(id, &patch.path, &patch.sums, None));
        }
    }

    /// Adds the files of a package; their identifiers by path.
    fn contents<'f>(&mut self, package: &str, files: &'f [File]) -> BTreeMap<&'f str, String> {
        let mut ids = BTreeMap::new();
        for file in files {
            let id = self.ids.next(&format!("file-{}", file.path.trim_start_matches('/')));
            self.relate(package, "CONTAINS", &id);
            let path = file.path.trim_start_matches('/');
            self.files.push(SpdxFile::new(id.clone(), path, &file.sums, file.licence.as_deref()));
            ids.insert(file.path.as_str(), id);
        }
        ids
    }

    fn add(&mut self, package: Package) -> String {
        let id = package.id().to_owned();
        self.packages.push(package);
        id
    }

    fn relate(&mut self, element: &str, kind: &'static str, related: &str) {
        self.relationships.push(Relationship::new(element, kind, related));
    }
}

/// What SPDX has for a field of which nothing is stated.
const NOT_STATED: &str = "NOASSERTION";
