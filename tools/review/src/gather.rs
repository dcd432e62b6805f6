// SPDX-License-Identifier: MIT OR Apache-2.0
//! Builds and boots what a change affects, and reads what the judgement needs.

use crate::failure;
use crate::input::{Boots, Budget, Built, Compared, ImageInput};
use crate::locate::{Files, Location, SNAPSHOTS, SYSTEM};
use crate::policy::{Kind, Policy};
use crate::reviewed::{self, Reviewed};
use qos_bootdiff::{compare, input};
use qos_budget::memory::{self, Machine};
use qos_host::source::Source;
use qos_host::ui::{Result, Ui};
use qos_host::{nix, root, ui};
use qos_manifest::{Placed, load_with};
use qos_revisions::boots::{self, Tree};
use qos_revisions::revision::{Revision, git_bytes};
use qos_table::{Bootable, Image, Table};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

const SIDES: [&str; 2] = ["base", "head"];

/// With this memory, in MiB, every image boots.
const ENOUGH: u32 = 512;

/// What is built, booted and compared. Of pairs, the base is the first.
pub struct Task<'a> {
    pub revisions: &'a [Revision; 2],
    pub trees: &'a [Tree; 2],
    pub tables: &'a [Table; 2],
    /// The images that are compared if they changed.
    pub selected: &'a [String],
    pub policy: &'a Policy,
    /// Whether to measure the least memory, if a rule needs it.
    pub memory: bool,
    pub source: &'a Source,
    /// The directory for the results of this run, which no other run has.
    pub results: &'a Path,
}

/// An image of one table or of both.
struct Subject<'a> {
    name: &'a str,
    /// Its entries in both tables.
    sides: [Option<&'a Image>; 2],
    /// The derivations of its boot log.
    derivations: [Option<String>; 2],
}

impl Task<'_> {
    /// Every image of the tables, and what was built.
    ///
    /// # Errors
    ///
    /// The setup or the evaluation of a revision fails, a directory cannot be written, or the user interrupts.
    pub fn images(&self, ui: &Ui) -> Result<(Vec<ImageInput>, Vec<Built>)> {
        let all = self.subjects()?;
        let is_compared = |subject: &&Subject| {
            let [base, head] = &subject.derivations;
            let selected = self.selected.iter().any(|name| name == subject.name);
            // Without a derivation, the build gives the reason.
            selected && (base != head || head.is_none()) && subject.sides.iter().all(Option::is_some)
        };
        let compared: Vec<&Subject> = all.iter().filter(is_compared).collect();
        let mut built = Vec::new();
        for side in 0..2 {
            if !compared.is_empty() {
                built.extend(self.build(side, &compared, ui)?);
            }
        }
        let linux = if compared.is_empty() { None } else { Some(nix::build(ui, "linux-source")?) };
        let mut images = Vec::new();
        for subject in &all {
            let [base, head] = &subject.derivations;
            let boots = match subject.sides {
                [_, None] => Boots::Removed,
                [None, Some(_)] => Boots::NotCompared("because the base does not have it".to_owned()),
                _ if is_compared(&subject) => {
                    Boots::Compared(Box::new(self.compare(subject, linux.as_deref(), ui)?))
                }
                _ if head.is_none() => {
                    Boots::NotCompared("because its derivation cannot be evaluated".to_owned())
                }
                _ if base == head => Boots::Unchanged,
                _ => Boots::NotCompared("although changed: `--image NAME` or `--all` compares it".to_owned()),
            };
            let side = usize::from(subject.sides[1].is_some());
            let image = subject.sides[side];
            let kernel = image.and_then(|image| self.tables[side].find_kernel(&image.kernel));
            images.push(ImageInput {
                name: subject.name.to_owned(),
                manifest: image.map(|image| image.manifest.clone()).unwrap_or_default(),
                config: kernel.map(|kernel| kernel.reviewed().display().to_string()).unwrap_or_default(),
                boots,
            });
        }
        Ok((images, built))
    }

    /// The images of the head's table, then those that only the base's has.
    fn subjects(&self) -> Result<Vec<Subject<'_>>> {
        let [base, head] = self.tables;
        let gone = base.images.iter().filter(|image| head.find_image(&image.name).is_none());
        let images: Vec<&Image> = head.images.iter().chain(gone).collect();
        let attributes: Vec<String> = images.iter().map(|image| image.attribute("boot-log")).collect();
        let of = |side: usize| {
            boots::derivations(self.trees[side].root(), &attributes)
                .map_err(|error| format!("{}: {error}", self.revisions[side].name))
        };
        let derivations = of(0)?.into_iter().zip(of(1)?);
        let mut subjects = Vec::new();
        for (image, (base, head)) in images.into_iter().zip(derivations) {
            subjects.push(Subject {
                name: &image.name,
                sides: self.tables.each_ref().map(|table| table.find_image(&image.name)),
                derivations: [base, head],
            });
        }
        Ok(subjects)
    }

    fn folder(&self, side: usize, image: &str) -> PathBuf {
        self.results.join(SIDES[side]).join(image)
    }

    /// Builds and boots the images of one revision. `None` if it is unknown what had to be built, as an attribute cannot be evaluated.
    fn build(&self, side: usize, subjects: &[&Subject], ui: &Ui) -> Result<Option<Built>> {
        let images: Vec<&Image> = subjects.iter().filter_map(|subject| subject.sides[side]).collect();
        let (tree, name) = (self.trees[side].root(), &self.revisions[side].name);
        let mut demanded: Vec<String> =
            images.iter().flat_map(|image| self.tables[side].trees_of_image(image)).collect();
        demanded.sort();
        demanded.dedup();
        if self.trees[side].is_commit() || !demanded.is_empty() {
            self.source.setup_in(tree, &demanded, ui).map_err(|error| format!("{name}: {error}"))?;
        }
        let kinds = ["image", "initramfs", "boot-log", "qemu"];
        let attributes: Vec<String> =
            images.iter().flat_map(|image| kinds.map(|kind| image.attribute(kind))).collect();
        let plan = boots::missing(tree, &attributes);
        ui.say(&match &plan {
            Ok(plan) if plan.is_empty() => format!("{name}: everything is in the store"),
            Ok(plan) => format!("{name}: {} derivations are built, the others are in the store", plan.len()),
            Err(error) => format!("{name}: the plan of the build is unknown: {error}"),
        });
        let begin = Instant::now();
        for image in images {
            boots::result(name, &self.folder(side, &image.name), ui, |folder| {
                let collected = boots::collect(tree, folder, ui, Bootable::Image(image));
                let log = ui.log_path().and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
                collected.map_err(|error| failure::text(&error.to_string(), &log).into())
            })?;
        }
        let Ok(plan) = plan else { return Ok(None) };
        // What is still missing was not built: a build failed.
        let left = if plan.is_empty() { Vec::new() } else { boots::missing(tree, &attributes)? };
        let (missing, derivations) = plan.into_iter().partition(|name| left.contains(name));
        Ok(Some(Built { side: SIDES[side], derivations, missing, seconds: begin.elapsed().as_secs() }))
    }

    fn compare(&self, subject: &Subject, linux: Option<&Path>, ui: &Ui) -> Result<Compared> {
        let read =
            |side: usize| input::read(&self.folder(side, subject.name), self.revisions[side].name.clone());
        let (base, head) = (read(0)?, read(1)?);
        let report = compare::compare(&base, &head, linux)?;
        let mut least = [None, None];
        // Without a boot there is nothing to measure.
        let booted = base.failure.is_none() && head.failure.is_none();
        if self.memory && booted && self.policy.has(subject.name, Kind::Memory) {
            for (side, least) in least.iter_mut().enumerate() {
                *least = self.least_memory(side, subject, ui)?;
            }
        }
        // Each side's own manifest: the image can have another one now.
        let budgets = |side: usize| {
            let manifest = subject.sides[side].map(|image| image.manifest.as_str());
            manifest.map(|manifest| budgets(self.trees[side].root(), manifest)).unwrap_or_default()
        };
        Ok(Compared { report, memory: least, base_budgets: budgets(0), head_budgets: budgets(1) })
    }

    /// The least memory in MiB that the golden machine boots with; remembered by the derivation of the boot log. `None` if it cannot be
    /// measured.
    fn least_memory(&self, side: usize, subject: &Subject, ui: &Ui) -> Result<Option<u64>> {
        let (Some(image), Some(derivation)) = (subject.sides[side], &subject.derivations[side]) else {
            return Ok(None);
        };
        let key = derivation.rsplit('/').next().unwrap_or(derivation);
        let cache = root::scratch(root::root()).join("review/memory").join(key);
        if let Some(known) = fs::read_to_string(&cache).ok().and_then(|text| text.trim().parse().ok()) {
            return Ok(Some(known));
        }
        let tree = self.trees[side].root();
        let measured = || -> Result<u32> {
            let qemu = nix::build_in(tree, ui, &image.attribute("qemu"))?.join("bin/qos-qemu");
            let machine = Machine::golden(&nix::build_in(tree, ui, &image.attribute("image"))?);
            let shown = ui.task(
                &format!("least memory of {}, {}", image.name, SIDES[side]),
                0,
                qos_host::progress::Unit::Items,
            );
            memory::least(ENOUGH, |mib| {
                shown.detail(&format!("{mib} MiB"));
                Ok(memory::boots(&qemu, &machine, mib)?.is_some())
            })
        };
        match measured() {
            // Nothing smaller than this boots: not even the largest did.
            Ok(least) if least < ENOUGH => {
                let folder = cache.parent().unwrap_or(&cache);
                // Another run never sees a part of the number.
                let whole = self.results.join("memory");
                // Without the file, the next review measures it again.
                let _ = fs::create_dir_all(folder)
                    .and_then(|()| fs::write(&whole, least.to_string()))
                    .and_then(|()| fs::rename(&whole, &cache));
                Ok(Some(least.into()))
            }
            Ok(_) => {
                ui.say(&format!("{}: {} does not boot on the golden machine with less than {ENOUGH} MiB; its memory is not compared", self.revisions[side].name, image.name));
                Ok(None)
            }
            Err(error) => {
                ui::check()?;
                ui.say(&format!(
                    "{}: the least memory of {} is unknown: {error}",
                    self.revisions[side].name, image.name
                ));
                Ok(None)
            }
        }
    }
}

/// The budgets of a manifest; none if it is invalid, which the build reports.
fn budgets(tree: &Path, manifest: &str) -> Vec<Budget> {
    let read = |file: &Path| root::read(tree, file);
    let Ok(config) = load_with(Path::new(manifest), &read) else { return Vec::new() };
    fn budget<T: Copy + Into<u64>>(name: &str, placed: &Placed<T>) -> Budget {
        let file = placed.place.file().display().to_string();
        Budget {
            name: name.to_owned(),
            value: placed.value.into(),
            location: Location::new(file, placed.place.line()),
        }
    }
    let costs = config.budgets.costs.iter().map(|(limit, placed)| budget(limit.name(), placed));
    let sizes = config.budgets.sizes.iter().map(|(limit, placed)| budget(limit.name(), placed));
    let files = config.budgets.file_sizes.iter().map(|(path, placed)| budget(path, placed));
    let memory = config.budgets.memory_mib.iter().map(|placed| budget("memory", placed));
    costs.chain(sizes).chain(files).chain(memory).collect()
}

/// The reviewed files that changed.
///
/// # Errors
///
/// git fails.
pub fn reviewed(revisions: &[Revision; 2]) -> Result<Vec<Reviewed>> {
    let commits: Vec<&str> = revisions.iter().filter_map(|revision| revision.commit.as_deref()).collect();
    reviewed::changes(&commits, git_bytes)
}

/// The files of a tree that results point at. A file that cannot be read is none of them.
pub fn files(tree: &Path) -> Files {
    let mut files = Files::default();
    let folders = [SNAPSHOTS, SYSTEM, "kernel", "kernel/variants", "rootfs"].map(PathBuf::from);
    let series = names(&tree.join("kernel/lts")).into_iter().map(|name| Path::new("kernel/lts").join(name));
    for folder in folders.into_iter().chain(series) {
        for name in names(&tree.join(&folder)) {
            if [".snap", ".log", "resolved.config", ".toml"].iter().any(|end| name.ends_with(end)) {
                let path = folder.join(name);
                if let Ok(text) = fs::read_to_string(tree.join(&path)) {
                    files.0.insert(path.display().to_string(), text);
                }
            }
        }
    }
    files
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_budget_of_a_manifest_is_read() {
        let folder = qos_host::testing::Folder::temporary();
        let manifest = "[image]\nname = \"x\"\n[max-sizes]\nbzImage = \"4 MiB\"\n\"/bin/qos\" = \"7 MiB\"\n[max-cost]\nto-init = \"330 M\"\n";
        folder.write("rootfs/x.toml", manifest);
        let budgets = budgets(&folder.path(""), "rootfs/x.toml");
        let found: Vec<_> =
            budgets.iter().map(|one| (one.name.as_str(), one.value, one.location.line)).collect();
        assert_eq!(found, [("to-init", 330_000_000, 7), ("bzImage", 4 << 20, 4), ("/bin/qos", 7 << 20, 5)]);
    }
}
