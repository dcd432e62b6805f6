// SPDX-License-Identifier: MIT OR Apache-2.0
//! The images of the repository: each has a manifest, and results of its own in the flake.

/// An image.
pub struct Image {
    /// Its name in the attributes of the flake; none for the one that is meant if nothing is said.
    name: Option<&'static str>,
    /// Its manifest, from the repository's root.
    pub manifest: &'static str,
}

/// All of them.
pub const IMAGES: [Image; 2] = [
    Image { name: None, manifest: "rootfs/default.toml" },
    Image { name: Some("minimal"), manifest: "rootfs/minimal.toml" },
];

impl Image {
    /// The flake's attribute for what it has of this kind: `qemu` or `qemu-minimal`.
    pub fn attribute(&self, kind: &str) -> String {
        self.name.map_or(kind.to_owned(), |name| format!("{kind}-{name}"))
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
        assert_eq!(names, ["qemu", "qemu-minimal"]);
    }
}
