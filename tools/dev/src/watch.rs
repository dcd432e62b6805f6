// SPDX-License-Identifier: MIT OR Apache-2.0
//! Waits for files to be saved, through inotify(7): no polling, so that a kernel's 90,000 files cost nothing while
//! nobody writes.

use super::plan::Roots;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent, WatchDescriptor};
use qos_host::ui::{Result, interrupted};
use std::collections::HashMap;
use std::fs;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A burst of saves is over when nothing came for this long …
const QUIET: Duration = Duration::from_millis(40);
/// … or when it has lasted this long: an endless burst must not prevent a round.
const LONGEST: Duration = Duration::from_millis(1000);
/// How often a wait looks whether the user has interrupted.
const TICK: Duration = Duration::from_millis(100);

/// Directories that are never sources.
const SKIPPED: [&str; 3] = [".git", "target", "Documentation"];

/// Files that were saved in one go.
pub struct Burst {
    /// Which, each once, in the order in which they were saved. There is one at least.
    pub paths: Vec<PathBuf>,
    /// When the first was.
    pub begin: Instant,
    /// The first was saved before anybody waited for it: while something else was going on.
    pub early: bool,
}

/// Watched directories and files.
pub struct Watch<'a> {
    roots: &'a Roots,
    inotify: Inotify,
    folders: HashMap<WatchDescriptor, (PathBuf, Depth)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// The directory's own entries: it is watched for single files in it.
    Entries,
    /// All that is below.
    All,
}

impl<'a> Watch<'a> {
    /// Watches the paths of `roots` from now on.
    ///
    /// # Errors
    ///
    /// The kernel's limit of watches; a directory that cannot be read.
    pub fn new(roots: &'a Roots) -> Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)
            .map_err(|error| format!("cannot watch files: inotify_init: {error}"))?;
        let mut watch = Watch { roots, inotify, folders: HashMap::new() };
        for path in roots.watched() {
            match path.parent() {
                // An editor that renames a new file over the old one leaves a watch of the file itself with the old one.
                Some(parent) if !path.is_dir() => watch.add(parent, Depth::Entries)?,
                _ => watch.add(&path, Depth::All)?,
            }
        }
        Ok(watch)
    }

    /// Waits until files for which `counts` returns true have been saved, and the burst has ended; `None` when the user interrupts.
    /// Calls `idle` first if it has to wait.
    ///
    /// # Errors
    ///
    /// As [`Watch::new`], for directories that are new.
    pub fn burst(&mut self, counts: impl Fn(&Path) -> bool, idle: impl FnOnce()) -> Result<Option<Burst>> {
        let mut paths = self.read(&counts)?;
        let early = !paths.is_empty();
        if !early {
            idle();
        }
        while paths.is_empty() {
            if interrupted() {
                return Ok(None);
            }
            self.wait(TICK)?;
            paths = self.read(&counts)?;
        }
        let begin = Instant::now();
        let mut last = begin;
        while let Some(rest) = rest(last - begin, last.elapsed()) {
            self.wait(rest)?;
            for path in self.read(&counts)? {
                last = Instant::now();
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
        }
        Ok(Some(Burst { paths, begin, early }))
    }

    fn wait(&self, limit: Duration) -> Result<()> {
        let limit = PollTimeout::try_from(limit).unwrap_or(PollTimeout::ZERO);
        match poll(&mut [PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN)], limit) {
            // A signal: who waits looks whether it was an interruption.
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(format!("cannot watch files: poll: {error}").into()),
        }
    }

    /// What has been saved by now.
    fn read(&mut self, counts: &impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        loop {
            let events = match self.inotify.read_events() {
                Ok(events) => events,
                Err(Errno::EAGAIN) => return Ok(paths),
                Err(error) => return Err(format!("cannot watch files: inotify: {error}").into()),
            };
            if events.iter().any(|event| event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW)) {
                paths.extend(self.start_over()?.into_iter().filter(|path| counts(path)));
                continue;
            }
            for event in events {
                for path in self.event(&event)? {
                    if counts(&path) && !paths.contains(&path) {
                        paths.push(path);
                    }
                }
            }
        }
    }

    /// Watches anew after events were lost: directories made or moved meanwhile are not known. Whatever is watched may have
    /// changed, and is returned.
    fn start_over(&mut self) -> Result<Vec<PathBuf>> {
        *self = Watch::new(self.roots)?;
        Ok(self.roots.watched())
    }

    /// The paths that an event is about.
    fn event(&mut self, event: &InotifyEvent) -> Result<Vec<PathBuf>> {
        let is = |flag| event.mask.contains(flag);
        if is(AddWatchFlags::IN_IGNORED) {
            self.folders.remove(&event.wd);
            return Ok(Vec::new());
        }
        let (Some((folder, depth)), Some(name)) = (self.folders.get(&event.wd), &event.name) else {
            return Ok(Vec::new());
        };
        let (path, depth) = (folder.join(name), *depth);
        if is(AddWatchFlags::IN_ISDIR) && depth == Depth::All && !SKIPPED.iter().any(|skip| name == skip) {
            if is(AddWatchFlags::IN_MOVED_FROM) {
                self.forget(&path);
            }
            if is(AddWatchFlags::IN_CREATE) || is(AddWatchFlags::IN_MOVED_TO) {
                self.add(&path, Depth::All)?;
            }
        }
        // A new file is worth nothing before it is written; a link is complete as it is made.
        let is_begun = is(AddWatchFlags::IN_CREATE) && !is(AddWatchFlags::IN_ISDIR) && !path.is_symlink();
        Ok(if is_begun { Vec::new() } else { vec![path] })
    }

    fn add(&mut self, folder: &Path, depth: Depth) -> Result<()> {
        let mut mask = AddWatchFlags::IN_CLOSE_WRITE
            | AddWatchFlags::IN_MOVE
            | AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_ONLYDIR;
        if self.roots.modes_count(folder) {
            mask |= AddWatchFlags::IN_ATTRIB;
        }
        let watch = match self.inotify.add_watch(folder, mask) {
            Ok(watch) => watch,
            // It has been removed again, or replaced by something else; another event follows.
            Err(Errno::ENOENT | Errno::ENOTDIR) => return Ok(()),
            Err(Errno::ENOSPC) => {
                let count = self.folders.len();
                return Err(format!(
                    "cannot watch more than {count} directories: raise the limit with `sysctl fs.inotify.max_user_watches=65536`"
                )
                .into());
            }
            Err(error) => return Err(format!("cannot watch {}: {error}", folder.display()).into()),
        };
        let known = self.folders.entry(watch).or_insert_with(|| (folder.to_owned(), depth));
        if depth == Depth::Entries {
            return Ok(());
        }
        *known = (folder.to_owned(), depth);
        // After the watch, so that a directory made meanwhile is seen by one or the other.
        let entries =
            fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
        for entry in entries.flatten() {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && !SKIPPED.iter().any(|skip| entry.file_name() == *skip) {
                self.add(&entry.path(), Depth::All)?;
            }
        }
        Ok(())
    }

    /// Ends the watches below a directory that was moved away: they would go on under its old name.
    fn forget(&mut self, folder: &Path) {
        let inotify = &self.inotify;
        self.folders.retain(|watch, (path, _)| {
            let goes = path.starts_with(folder);
            if goes {
                // The kernel may have removed it already.
                let _ = inotify.rm_watch(*watch);
            }
            !goes
        });
    }
}

/// How much longer a burst may go on: `length` is from its first save to its last, `silence` what has passed since then.
fn rest(length: Duration, silence: Duration) -> Option<Duration> {
    let by_silence = QUIET.checked_sub(silence)?;
    let by_length = LONGEST.checked_sub(length + silence)?;
    // poll(2) counts whole milliseconds.
    let rest = by_silence.min(by_length);
    (!rest.is_zero()).then(|| rest.max(Duration::from_millis(1)))
}

#[cfg(test)]
mod tests {
    use super::super::plan::{Change, plan};
    use super::super::target::Target;
    use super::*;
    use qos_host::table::table;
    use qos_host::testing::Folder;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_burst_ends() {
        let ms = Duration::from_millis;
        for (length, silence, expect) in [
            (0, 0, Some(40)),
            (0, 30, Some(10)),
            (0, 40, None),
            (500, 0, Some(40)),
            (990, 0, Some(10)),
            (990, 20, None),
            (5000, 0, None),
        ] {
            assert_eq!(rest(ms(length), ms(silence)), expect.map(ms), "{length} {silence}");
        }
    }

    fn roots(folder: &Folder) -> Roots {
        for path in ["packages/a/src/lib.rs", "kernel/modules/m/Kbuild", "rootfs/overlay/etc/x", "Cargo.toml"]
        {
            folder.write(path, "");
        }
        folder.write(".cargo/config.toml", "");
        folder.write("elsewhere/s.sh", "");
        Roots {
            repository: folder.path(""),
            files: Target::of(table().unwrap(), "default", None).unwrap().files(),
            kernel: None,
            script: Some(folder.path("elsewhere/s.sh")),
        }
    }

    /// What a change is seen as; the watch is there before it.
    fn check(act: impl FnOnce(&Folder), expect: &[&str]) {
        let folder = Folder::temporary();
        let roots = roots(&folder);
        let mut watch = Watch::new(&roots).unwrap();
        act(&folder);
        let counts = |path: &Path| plan(&roots, path) != Change::Nothing;
        let mut seen = watch.read(&counts).unwrap();
        seen.sort();
        let expect: Vec<PathBuf> = expect.iter().map(|path| folder.path(path)).collect();
        assert_eq!(seen, expect);
    }

    #[test]
    fn saves_are_seen() {
        check(|_| {}, &[]);
        check(|folder| folder.write("packages/a/src/lib.rs", "x"), &["packages/a/src/lib.rs"]);
        check(|folder| folder.write("Cargo.toml", "x"), &["Cargo.toml"]);
        check(|folder| folder.write("README.md", "x"), &[]);
        check(|folder| folder.write("elsewhere/s.sh", "x"), &["elsewhere/s.sh"]);
        check(|folder| folder.write("elsewhere/t.sh", "x"), &[]);
        // As most editors save.
        check(
            |folder| {
                folder.write("packages/a/src/.lib.rs.swp", "x");
                fs::rename(folder.path("packages/a/src/.lib.rs.swp"), folder.path("packages/a/src/lib.rs"))
                    .unwrap();
            },
            &["packages/a/src/lib.rs"],
        );
        check(
            |folder| fs::remove_file(folder.path("rootfs/overlay/etc/x")).unwrap(),
            &["rootfs/overlay/etc/x"],
        );
        check(|folder| symlink("x", folder.path("rootfs/overlay/etc/y")).unwrap(), &["rootfs/overlay/etc/y"]);
    }

    #[test]
    fn modes_count_in_the_rootfs_alone() {
        let chmod = |path: &'static str| {
            move |folder: &Folder| {
                fs::set_permissions(folder.path(path), fs::Permissions::from_mode(0o755)).unwrap()
            }
        };
        check(chmod("rootfs/overlay/etc/x"), &["rootfs/overlay/etc/x"]);
        check(chmod("packages/a/src/lib.rs"), &[]);
    }

    #[test]
    fn new_folders_are_watched() {
        let folder = Folder::temporary();
        let roots = roots(&folder);
        let mut watch = Watch::new(&roots).unwrap();
        let all = |_: &Path| true;
        folder.write("packages/.new-b/src/lib.rs", "x");
        watch.read(&all).unwrap();
        fs::rename(folder.path("packages/.new-b"), folder.path("packages/b")).unwrap();
        watch.read(&all).unwrap();
        folder.write("packages/b/src/lib.rs", "y");
        assert_eq!(watch.read(&all).unwrap(), [folder.path("packages/b/src/lib.rs")]);
        fs::rename(folder.path("packages/b"), folder.path("elsewhere/b")).unwrap();
        watch.read(&all).unwrap();
        folder.write("elsewhere/b/src/lib.rs", "z");
        assert_eq!(watch.read(&all).unwrap(), [] as [PathBuf; 0]);
    }

    #[test]
    fn folders_made_during_an_overflow_are_watched() {
        let folder = Folder::temporary();
        let roots = roots(&folder);
        let mut watch = Watch::new(&roots).unwrap();
        // Equal events in a row count as one, so two files take turns in being closed.
        let limit = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
        let files = ["packages/a/src/lib.rs", "Cargo.toml"].map(|file| folder.path(file));
        for n in 0..=limit.trim().parse::<usize>().unwrap() {
            drop(fs::OpenOptions::new().append(true).open(&files[n % 2]).unwrap());
        }
        folder.write("packages/b/src/lib.rs", "x");
        folder.write("kernel/modules/n/src/lib.rs", "x");
        let all = |path: &Path| plan(&roots, path) != Change::Nothing;
        let seen = watch.read(&all).unwrap();
        for lost in ["packages", "kernel", "rootfs", "Cargo.toml"] {
            assert!(seen.contains(&folder.path(lost)), "{lost}: {seen:?}");
        }
        for path in ["packages/b/src/lib.rs", "kernel/modules/n/src/lib.rs"] {
            folder.write(path, "y");
            assert_eq!(watch.read(&all).unwrap(), [folder.path(path)]);
        }
    }

    #[test]
    fn a_burst_is_one() {
        let folder = Folder::temporary();
        let roots = roots(&folder);
        let mut watch = Watch::new(&roots).unwrap();
        folder.write("packages/a/src/lib.rs", "x");
        folder.write("packages/a/src/lib.rs", "y");
        folder.write("packages/a/src/b.rs", "y");
        let burst = watch.burst(|_| true, || panic!("there is no need to wait")).unwrap().unwrap();
        assert!(burst.early);
        assert_eq!(burst.paths, [folder.path("packages/a/src/lib.rs"), folder.path("packages/a/src/b.rs")]);
    }
}
