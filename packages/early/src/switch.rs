// SPDX-License-Identifier: MIT OR Apache-2.0
//! The change to the new root, and its init (`Documentation/filesystems/ramfs-rootfs-initramfs.rst`).

use crate::kmsg::{debug, info, warn};
use crate::mounts;
use qos_sys::error_text;
use qos_sys::mount::move_to;
use qos_sys::tree;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Makes the tree at `new_root` the root, frees the initramfs, and becomes `init` with `arguments`: those that the kernel
/// gave this program, which are what it would have given to init. The environment is the kernel's too. Comes back only
/// with an error.
///
/// # Errors
/// The step that failed, and why.
pub fn switch(new_root: &Path, init: &str, arguments: Vec<OsString>) -> (String, io::Error) {
    match change(new_root) {
        Ok(()) => {}
        Err(failure) => return failure,
    }
    (init.to_owned(), Command::new(init).args(arguments).exec())
}

fn change(new_root: &Path) -> Result<(), (String, io::Error)> {
    let step = |name: &str| {
        let name = name.to_owned();
        move |error| (name, error)
    };
    let old = File::open("/").map_err(step("open /"))?;
    std::env::set_current_dir(new_root).map_err(step(&format!("chdir {}", new_root.display())))?;
    mounts::move_all(new_root);
    move_to(Path::new("."), Path::new("/")).map_err(step("move the new root to /"))?;
    std::os::unix::fs::chroot(".").map_err(step("chroot"))?;
    std::env::set_current_dir("/").map_err(step("chdir /"))?;
    free(&old);
    Ok(())
}

/// Deletes the initramfs, whose files take memory.
fn free(old: &File) {
    match tree::is_in_memory(old) {
        Ok(true) => match tree::remove_contents(old) {
            Ok(files) => debug(|| format!("{files} files of the initramfs are freed")),
            Err(error) => warn(&format!("the initramfs is not freed: {}", error_text(&error))),
        },
        Ok(false) => info("the old root is not in memory: its files stay"),
        Err(error) => warn(&format!("the initramfs is not freed: {}", error_text(&error))),
    }
}
