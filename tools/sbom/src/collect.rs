// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads an image and the records of its build.

use crate::bom::{Bom, Crate, Kernel, Linked, Program};
use crate::debian::{Lock, Pin};
use crate::files::{self, File, hex};
use crate::graph::{CrateId, Graph};
use crate::patches::{self, Patch};
use crate::{licence, linked};
use qos_inspect::time::utc;
use qos_manifest::Config;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The tree of the toolchain that compiles everything.
const BUILD: &str = "build";

/// Where the image and the records of its build are.
#[derive(Debug)]
pub struct Inputs {
    /// The manifest of the image: `rootfs/default.toml`.
    pub manifest: PathBuf,
    /// The directory of the image, with `manifest.json`.
    pub image: PathBuf,
    /// Directories of the builds of its programs, each with `tree`, `metadata.json` and `Cargo.lock` ([`Graph::add`]).
    pub graphs: Vec<PathBuf>,
    /// `toolchain.lock`.
    pub toolchain: PathBuf,
    /// The tree of the toolchain with the kernel's source.
    pub kernel_tree: String,
    /// The archive with the kernel's source.
    pub tarball: PathBuf,
    /// A directory with the patches of the repository, at their paths.
    pub repository: PathBuf,
    /// The patches of the kernel in the order in which they are applied, from the root of the repository.
    pub kernel_patches: Vec<String>,
}

/// The versions in `manifest.json`.
#[derive(Deserialize)]
struct Versions {
    kernel: String,
    qos: String,
}

#[derive(Deserialize)]
struct ImageManifest {
    name: String,
    versions: Versions,
}

/// Reads everything.
///
/// # Errors
///
/// One line: a file is missing or damaged, the files do not belong together, or a crate in the image has no licence.
pub fn collect(inputs: &Inputs) -> Result<Bom, String> {
    let config = qos_manifest::load(&inputs.manifest).map_err(|error| error.to_string())?;
    let manifest = inputs.image.join("manifest.json");
    let manifest: ImageManifest = serde_json::from_str(&text(&manifest)?)
        .map_err(|error| format!("{}: {error}", manifest.display()))?;
    if manifest.name != config.name {
        let of = inputs.manifest.display();
        return Err(format!(
            "the image is `{}`, but the manifest {of} is of `{}`",
            manifest.name, config.name
        ));
    }
    let lock = Lock::parse(&text(&inputs.toolchain)?)?;
    let graph = graph(&inputs.graphs)?;
    let mut artefacts = files::of_directory(&inputs.image)?;
    let initramfs = config.compression.file_name().to_owned();
    let packed = inputs.image.join(&initramfs);
    let mut files =
        files::of_initramfs(&bytes(&packed)?).map_err(|why| format!("{}: {why}", packed.display()))?;
    let programs = programs(&config, &graph, &files)?;
    let crates = crates(&programs, &graph, &patches::of_crates(&inputs.repository)?)?;
    let mut contained = Vec::new();
    for tree in &config.trees {
        contained.extend_from_slice(lock.tree(&tree.value)?);
    }
    let mut bom = Bom {
        name: config.name.clone(),
        version: manifest.versions.qos,
        created: utc(config.mtime.into()).replace(' ', "T") + "Z",
        artefacts: Vec::new(),
        initramfs,
        files: Vec::new(),
        programs,
        kernel: kernel(inputs, &lock, manifest.versions.kernel)?,
        crates,
        in_programs: parts(&lock, &linked::IN_PROGRAMS)?,
        in_kernel: parts(&lock, &linked::IN_KERNEL)?,
        contained,
        tools: lock.tree(BUILD)?.to_vec(),
    };
    for program in &bom.programs {
        if let Some(file) = files.iter_mut().find(|file| file.path == program.path) {
            file.licence = Some(bom.licence_of(program));
        }
    }
    if let Some(kernel) = artefacts.iter_mut().find(|file| file.path == "bzImage") {
        kernel.licence = Some(bom.licence_of_kernel());
    }
    bom.artefacts = artefacts;
    bom.files = files;
    Ok(bom)
}

fn graph(directories: &[PathBuf]) -> Result<Graph, String> {
    let mut graph = Graph::default();
    for directory in directories {
        let read = |name| text(&directory.join(name));
        graph
            .add(&read("tree")?, &read("metadata.json")?, &read("Cargo.lock")?)
            .map_err(|why| format!("{}: {why}", directory.display()))?;
    }
    Ok(graph)
}

fn programs(config: &Config, graph: &Graph, files: &[File]) -> Result<Vec<Program>, String> {
    let mut programs = Vec::new();
    for (path, placed) in &config.programs {
        if !files.iter().any(|file| file.path == *path) {
            return Err(format!("{}: the initramfs does not have the program {path}", placed.place));
        }
        let name = placed.value.source.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let from = graph.program(name).map_err(|why| format!("{}: {why}", placed.place))?;
        programs.push(Program { path: path.clone(), from: from.clone(), crates: graph.closure(from) });
    }
    Ok(programs)
}

fn crates(
    programs: &[Program],
    graph: &Graph,
    patches: &BTreeMap<String, Vec<Patch>>,
) -> Result<BTreeMap<CrateId, Crate>, String> {
    let mut crates = BTreeMap::new();
    for id in programs.iter().flat_map(|program| &program.crates) {
        let declared = declared(id, graph)?;
        let concluded = match linked::c_library(&id.name) {
            Some(other) => licence::all([declared.as_str(), other]),
            None => declared.clone(),
        };
        let found = Crate {
            checksum: graph.checksum(id)?.map(str::to_owned),
            declared,
            concluded,
            uses: graph.uses(id).cloned().collect(),
            patches: patches.get(&patches::directory_of(id)).cloned().unwrap_or_default(),
        };
        crates.insert(id.clone(), found);
    }
    Ok(crates)
}

/// The licence expression in a crate's Cargo.toml.
///
/// # Errors
///
/// It has none, or one that SPDX does not know.
pub fn declared(id: &CrateId, graph: &Graph) -> Result<String, String> {
    let package = graph.package(id)?;
    let Some(text) = &package.license else {
        let file = package.license_file.as_ref().map(|file| format!(", only `license-file = \"{file}\"`"));
        return Err(format!(
            "crate {id}: its Cargo.toml has no `license`{}; a crate in an image needs an SPDX licence expression",
            file.unwrap_or_default()
        ));
    };
    licence::normal(text).map_err(|why| format!("crate {id}: {why}"))
}

fn kernel(inputs: &Inputs, lock: &Lock, release: String) -> Result<Kernel, String> {
    let [package] = lock.tree(&inputs.kernel_tree)? else {
        return Err(format!(
            "tree `{}` of toolchain.lock is not one package with a kernel",
            inputs.kernel_tree
        ));
    };
    let name = inputs.tarball.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let cannot = |error| format!("cannot read {}: {error}", inputs.tarball.display());
    let sha256 = fs::File::open(&inputs.tarball).and_then(hash).map_err(cannot)?;
    let read = |path: &String| patches::read(&inputs.repository, path);
    Ok(Kernel {
        release,
        package: package.clone(),
        tarball: (name.to_owned(), sha256),
        patches: inputs.kernel_patches.iter().map(read).collect::<Result<_, _>>()?,
    })
}

fn parts(lock: &Lock, parts: &[linked::Part]) -> Result<Vec<Linked>, String> {
    let find = |(name, licence): &linked::Part| {
        let package: &Pin = lock.package(BUILD, name)?;
        Ok(Linked { package: package.clone(), licence })
    };
    parts.iter().map(find).collect()
}

/// SHA-256 of a large file.
fn hash(mut file: impl Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 20];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hex(&hasher.finalize())),
            count => hasher.update(&block[..count]),
        }
    }
}

fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}
