// SPDX-License-Identifier: MIT OR Apache-2.0
//! The images of the repository: each has a manifest, and results of its own in the flake.

/// An image.
pub struct Image {
    /// Its name in the attributes of the flake; none for the one that is meant if nothing is said.
    name: Option<&'static str>,
    /// Its manifest, from the repository's root.
    pub manifest: &'static str,
    /// The trees of the toolchain that only this image needs.
    trees: &'static [&'static str],
}

/// The one that is meant if nothing is said.
const DEFAULT: Image = Image { name: None, manifest: "rootfs/default.toml", trees: &[] };

/// The one on the kernel with long-term support.
pub const LTS: Image = Image { name: Some("lts"), manifest: "rootfs/lts.toml", trees: &["linux-lts"] };

/// All of them.
const IMAGES: [Image; 3] =
    [DEFAULT, Image { name: Some("minimal"), manifest: "rootfs/minimal.toml", trees: &[] }, LTS];

impl Image {
    /// Those on the kernel that is built anyway.
    pub fn usual() -> impl Iterator<Item = Image> {
        IMAGES.into_iter().filter(|image| image.trees.is_empty())
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
        self.trees.iter().map(|&tree| tree.to_owned()).collect()
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
        assert_eq!(names, ["qemu", "qemu-minimal", "qemu-lts"]);
    }

    #[test]
    fn images_have_names() {
        let manifest = |name| Image::by_name(name).map(|image| image.manifest);
        assert_eq!(manifest("default"), Ok("rootfs/default.toml"));
        assert_eq!(manifest("lts"), Ok("rootfs/lts.toml"));
        assert_eq!(manifest("tiny"), Err("there is no image tiny; there are default, minimal, lts".into()));
        assert_eq!(
            Image::usual().map(|image| image.attribute("image")).collect::<Vec<_>>(),
            ["image", "image-minimal"]
        );
    }
}
