// SPDX-License-Identifier: MIT OR Apache-2.0
//! The loop's initramfs: the contents of the manifest, uncompressed, with larger size limits for programs without optimisation.

use super::build::Places;
use qos_host::ui::Result;
use qos_manifest::{Config, SizeLimit};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The command that packs; all that it reads is written.
///
/// # Errors
///
/// The manifest is wrong, a module has no tests, or a file cannot be written.
pub fn command(places: &Places, manifest: &Path, kunit: Option<&str>) -> Result<Command> {
    let config = qos_manifest::load(manifest)?;
    // The runner takes the command line from an image's directory.
    let image = places.dev.join("image");
    write(&image.join("cmdline"), &format!("{}\n", config.cmdline))?;
    let tests = kunit.map(|module| tests_of(places, module)).transpose()?;
    let own = places.dev.join("manifest.toml");
    let inherited = relative(&real(&places.dev)?, &real(manifest)?);
    write(&own, &layer(&inherited, &config, tests.as_deref()))?;

    let mut command = places.tool("qos-initramfs");
    command.arg("build").arg("--manifest").arg(own);
    command.arg("--programs").arg(places.dev.join("programs"));
    let modules = places.modules();
    command.arg("--modules").arg(if kunit.is_some() { modules } else { modules.join("lib") });
    command.arg("--kernel-modules").arg(places.kernel_modules()?);
    command.arg("--kernel-release").arg(places.release()?);
    command.arg("--out").arg(initramfs(places));
    Ok(command)
}

/// The archive.
pub fn initramfs(places: &Places) -> PathBuf {
    places.dev.join("initramfs.cpio")
}

/// The name of the module with the tests of `module`, with KUnit itself put where both are found.
fn tests_of(places: &Places, module: &str) -> Result<String> {
    let folder = places.modules().join("test");
    let name = format!("{module}_test");
    if !folder.join(format!("{name}.ko")).is_file() {
        let entries: Vec<_> =
            fs::read_dir(&folder).map(|entries| entries.flatten().collect()).unwrap_or_default();
        let names = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> =
            names.filter_map(|name| Some(name.strip_suffix("_test.ko")?.to_owned())).collect();
        names.sort();
        return Err(format!("module {module} has no tests; modules with tests: {}", names.join(", ")).into());
    }
    let link = folder.join("kunit.ko");
    let cannot = |error| format!("cannot make {}: {error}", link.display());
    match fs::remove_file(&link) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(cannot(error).into()),
        _ => std::os::unix::fs::symlink(places.kunit()?, &link).map_err(cannot)?,
    }
    Ok(name)
}

fn real(path: &Path) -> Result<PathBuf> {
    path.canonicalize().map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}

/// The way from the directory `from` to `to`, both without links: what manifests inherit is named so.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| "..".as_ref());
    up.chain(to.iter().skip(common)).collect()
}

/// The manifest of the loop's own, over the user's: sizes are what ships is held to, and are not looked at here.
fn layer(manifest: &Path, config: &Config, tests: Option<&str>) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut text = format!("inherit = [{}]\n", quoted(&manifest.display().to_string()));
    text.push_str("[compression]\nmethod = \"none\"\n");
    if let Some(tests) = tests {
        let _ = write!(text, "[modules]\nkunit = {{}}\n{tests} = {{}}\n");
    }
    let archive = config.budgets.sizes.keys().filter_map(|limit| match limit {
        SizeLimit::Initramfs => Some("initramfs"),
        SizeLimit::Unpacked => Some("unpacked"),
        SizeLimit::BzImage | SizeLimit::Disk => None,
    });
    let programs = config.budgets.file_sizes.keys().filter(|path| config.programs.contains_key(*path));
    text.push_str("[max-sizes]\n");
    for name in archive.map(str::to_owned).chain(programs.cloned()) {
        let _ = writeln!(text, "{} = \"4095 MiB\"", quoted(&name));
    }
    text
}

fn write(path: &Path, text: &str) -> Result<()> {
    let parent = path.parent().unwrap_or(Path::new("/"));
    let done = fs::create_dir_all(parent).and_then(|()| fs::write(path, text));
    done.map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_host::root;
    use qos_host::testing::Folder;

    #[test]
    fn ways() {
        for (from, to, expect) in [
            ("/r/target/qos/dev", "/r/rootfs/default.toml", "../../../rootfs/default.toml"),
            ("/r", "/r/x.toml", "x.toml"),
            ("/a", "/b/x.toml", "../b/x.toml"),
            ("/a/b", "/a/bc/x", "../bc/x"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), Path::new(expect));
        }
    }

    #[test]
    fn the_layer_takes_only_the_sizes_away() {
        let manifest = root::root().join("rootfs/default.toml");
        let config = qos_manifest::load(&manifest).unwrap();
        let folder = Folder::temporary();
        let inherited = relative(&real(&folder.path("")).unwrap(), &real(&manifest).unwrap());
        folder.write("dev.toml", &layer(&inherited, &config, Some("template_test")));
        let own = qos_manifest::load(&folder.path("dev.toml")).unwrap();
        assert_eq!(own.compression.method(), "none");
        assert_eq!(own.cmdline, config.cmdline);
        let paths = |config: &Config| config.entries.keys().cloned().collect::<Vec<_>>();
        assert_eq!(paths(&own), paths(&config));
        let names: Vec<_> = own.modules.keys().filter(|name| !config.modules.contains_key(*name)).collect();
        assert_eq!(names, ["kunit", "template_test"]);
        let large = |limit: &SizeLimit| own.budgets.sizes.get(limit).is_none_or(|size| size.value > 1 << 31);
        assert!(large(&SizeLimit::Initramfs) && large(&SizeLimit::Unpacked));
        assert!(own.budgets.file_sizes["/bin/qos"].value > config.budgets.file_sizes["/bin/qos"].value);
    }
}
