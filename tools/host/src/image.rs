// SPDX-License-Identifier: MIT OR Apache-2.0
//! The images of the repository: each has a manifest, and results of its own in the flake.

use crate::kernel;

/// An image.
pub struct Image {
    /// Its name in the attributes of the flake; none for the one that is meant if nothing is said.
    name: Option<&'static str>,
    /// Its manifest, from the repository's root.
    pub manifest: &'static str,
    /// Whether it is on the kernel with long-term support that has its name.
    long_term: bool,
}

/// The one that is meant if nothing is said.
const DEFAULT: Image = Image { name: None, manifest: "rootfs/default.toml", long_term: false };

/// The init, the shell and our own utilities.
const MINIMAL: Image = Image { name: Some("minimal"), manifest: "rootfs/minimal.toml", long_term: false };

/// The ones on the kernels of [`kernel::LONG_TERM`].
const LTS: Image = Image { name: Some("lts"), manifest: "rootfs/lts.toml", long_term: true };
const LTS_6_12: Image = Image { name: Some("lts-6_12"), manifest: "rootfs/lts-6_12.toml", long_term: true };

/// All of them.
const IMAGES: [Image; 4] = [DEFAULT, MINIMAL, LTS, LTS_6_12];

impl Image {
    /// Those on the kernel that is built anyway.
    pub fn usual() -> impl Iterator<Item = Image> {
        IMAGES.into_iter().filter(|image| !image.long_term)
    }

    /// The image of that name, `default` being the one without.
    ///
    /// # Errors
    ///
    /// There is none: the message has the names of those that there are.
    pub fn by_name(name: &str) -> Result<Image, String> {
        let name_of = |image: &Image| image.name.unwrap_or("default");
        IMAGES.into_iter().find(|image| name_of(image) == name).ok_or_else(|| {
            let names: Vec<_> = IMAGES.iter().map(name_of).collect();
            format!("there is no image {name}; there are {}", names.join(", "))
        })
    }

    /// The flake's attribute for what it has of this kind: `qemu` or `qemu-minimal`.
    pub fn attribute(&self, kind: &str) -> String {
        self.name.map_or(kind.to_owned(), |name| format!("{kind}-{name}"))
    }

    /// The trees of the toolchain that only this image needs.
    pub fn trees(&self) -> Vec<String> {
        self.name.filter(|_| self.long_term).map(kernel::tree).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root;

    #[test]
    fn every_image_has_its_manifest_and_its_attributes() {
        let flake = std::fs::read_to_string(root::root().join("rootfs/default.nix")).unwrap();
        for image in IMAGES {
            assert!(root::root().join(image.manifest).exists(), "{}", image.manifest);
            let file = image.manifest.rsplit('/').next().unwrap_or_default();
            assert!(flake.contains(&format!("manifest = \"{file}\"")), "{file}");
        }
        let names: Vec<String> = IMAGES.iter().map(|image| image.attribute("qemu")).collect();
        assert_eq!(names, ["qemu", "qemu-minimal", "qemu-lts", "qemu-lts-6_12"]);
    }

    #[test]
    fn every_kernel_with_long_term_support_has_an_image() {
        let long_term: Vec<_> = IMAGES.iter().filter(|image| image.long_term).collect();
        let names: Vec<_> = long_term.iter().filter_map(|image| image.name).collect();
        assert_eq!(names, kernel::LONG_TERM);
        let trees: Vec<_> = IMAGES.iter().flat_map(Image::trees).collect();
        assert_eq!(trees, ["linux-lts", "linux-lts-6_12"]);
    }

    #[test]
    fn images_have_names() {
        let manifest = |name| Image::by_name(name).map(|image| image.manifest);
        assert_eq!(manifest("default"), Ok("rootfs/default.toml"));
        assert_eq!(manifest("lts"), Ok("rootfs/lts.toml"));
        assert_eq!(
            manifest("tiny"),
            Err("there is no image tiny; there are default, minimal, lts, lts-6_12".into())
        );
        assert_eq!(
            Image::usual().map(|image| image.attribute("image")).collect::<Vec<_>>(),
            ["image", "image-minimal"]
        );
    }
}
