// SPDX-License-Identifier: MIT OR Apache-2.0
//! The image that the loop builds, and the kernel that it boots: entries of qos.toml. Pure.

use qos_table::{DEFAULT, Image, Kernel, Table};
use std::path::PathBuf;

/// An image on a kernel.
#[derive(Clone, Debug)]
pub struct Target {
    /// The image.
    pub image: Image,
    /// The kernel: the image's own, or another one of the table.
    pub kernel: Kernel,
}

impl Target {
    /// The image of that name, on the kernel `on` or, without it, on its own.
    ///
    /// # Errors
    ///
    /// A name is unknown; the message lists the names.
    pub fn of(table: &Table, image: &str, on: Option<&str>) -> Result<Self, String> {
        let image = match table.image(image) {
            Err(unknown) if table.find_disk(image).is_some() => {
                return Err(format!("{image} is a disk, and the loop builds only images: {unknown}"));
            }
            found => found?.clone(),
        };
        let kernel = table.kernel(on.unwrap_or(&image.kernel))?.clone();
        Ok(Target { image, kernel })
    }

    /// The directory of the image's results, in that of all loops.
    pub fn folder(&self) -> String {
        if self.kernel.name == self.image.kernel {
            return self.image.attribute("dev");
        }
        format!("dev-{}-on-{}", self.image.name, self.kernel.name)
    }

    /// The directory of the kernel's results, in that of all loops. Images on the same kernel share it. It can be the same as
    /// [`Self::folder`]: no file of one has the name of a file of the other.
    pub fn kernel_folder(&self) -> String {
        self.kernel.attribute("dev")
    }

    /// Fails if the kernel's modules have no KUnit tests.
    ///
    /// # Errors
    ///
    /// That, with what to do.
    pub fn check_kunit(&self) -> Result<(), String> {
        match self.kernel.lts() {
            Some(lts) if !lts.kunit => Err(format!(
                "modules have no KUnit tests on the kernel {} (kunit = false in {}); --on {DEFAULT} runs them on the default kernel",
                self.kernel.name,
                qos_table::FILE
            )),
            _ => Ok(()),
        }
    }

    /// The series that a module has to support: that of an LTS kernel, or of the release of a kernel that Nix built. The kernel of
    /// a source tree of the user's own may be newer than any series that a module states.
    pub fn series<'a>(&'a self, release: Option<&'a str>) -> Option<&'a str> {
        self.kernel.lts().map(|lts| lts.series.as_str()).or_else(|| release.and_then(series))
    }

    /// The kernel's files in the repository.
    pub fn files(&self) -> KernelFiles {
        KernelFiles {
            config: self.kernel.reviewed(),
            fragments: self.kernel.own_fragments(),
            lts: self.kernel.lts().map(qos_table::Lts::directory),
        }
    }
}

/// Files of the repository that belong to one kernel, by their paths from its root.
#[derive(Clone, Debug)]
pub struct KernelFiles {
    /// The reviewed configuration.
    pub config: PathBuf,
    /// What it is resolved of, beside the fragments that all kernels share.
    pub fragments: Vec<PathBuf>,
    /// The directory of an LTS kernel.
    pub lts: Option<PathBuf>,
}

/// The series of a release: `7.3` of `7.3.4`.
fn series(release: &str) -> Option<&str> {
    let second = release.find('.')? + 1;
    let length = release[second..].find(|c: char| !c.is_ascii_digit()).unwrap_or(release.len() - second);
    (length > 0).then(|| &release[..second + length])
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_host::table::table;

    fn target(image: &str, on: Option<&str>) -> Target {
        Target::of(table().unwrap(), image, on).unwrap()
    }

    #[test]
    fn folders() {
        for (image, on, folder, kernel) in [
            ("default", None, "dev", "dev"),
            ("server", None, "dev-server", "dev"),
            ("server-hardened", None, "dev-server-hardened", "dev-hardened"),
            ("lts", None, "dev-lts", "dev-lts"),
            ("lts", Some("lts"), "dev-lts", "dev-lts"),
            ("default", Some("disk"), "dev-default-on-disk", "dev-disk"),
        ] {
            let target = target(image, on);
            assert_eq!((target.folder().as_str(), target.kernel_folder().as_str()), (folder, kernel));
        }
    }

    #[test]
    fn any_image_works_on_any_kernel() {
        let table = table().unwrap();
        let mut folders = std::collections::BTreeSet::new();
        for image in &table.images {
            for kernel in &table.kernels {
                let target = target(&image.name, Some(&kernel.name));
                assert!(folders.insert(target.folder()), "{} is shared", target.folder());
                assert_eq!(target.kernel.name, kernel.name);
            }
        }
    }

    #[test]
    fn unknown_names() {
        for (image, on, expect) in [
            ("lst", None, "unknown image lst; the images are default, minimal, "),
            (
                "disk",
                None,
                "disk is a disk, and the loop builds only images: unknown image disk; the images are ",
            ),
            ("default", Some("lst"), "unknown kernel lst; the kernels are default, debug, "),
        ] {
            let error = Target::of(table().unwrap(), image, on).map(|target| target.folder()).unwrap_err();
            assert!(error.starts_with(expect), "{error}");
        }
    }

    #[test]
    fn tests_of_modules() {
        for (on, expect) in [("default", true), ("debug", true), ("lts", true), ("lts-6_12", false)] {
            assert_eq!(target("default", Some(on)).check_kunit().is_ok(), expect, "{on}");
        }
    }

    #[test]
    fn series_of_kernels() {
        let default = target("default", None);
        assert_eq!(default.series(Some("7.3.4")), Some("7.3"));
        assert_eq!(default.series(None), None);
        assert_eq!(target("lts", None).series(Some("7.3.4")), Some("6.18"));
        assert_eq!(target("lts-6_12", None).series(None), Some("6.12"));
        for (release, expect) in [
            ("7.3", Some("7.3")),
            ("7.10.0-rc1", Some("7.10")),
            ("7.3-rc1", Some("7.3")),
            ("7", None),
            ("7.", None),
            ("", None),
        ] {
            assert_eq!(series(release), expect, "{release}");
        }
    }
}
