// SPDX-License-Identifier: MIT OR Apache-2.0
//! Debian's archive on a mirror: signed indexes and package files.

use crate::apt::Mirrors;
use crate::cache::Cache;
use crate::context::{Context, Unit};
use crate::control::paragraphs;
use crate::error::{Error, Result};
use crate::hash::Sum;
use crate::http::{Client, Wanted};
use crate::index::Index;
use crate::lock::Pin;
use crate::spec::{Source, Spec};
use crate::{release, signature, sources, version};
use liblzma::read::XzDecoder;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

/// Downloads go so many at a time.
const PARALLEL: usize = 4;

/// A client of the archive.
pub struct Archive<'a> {
    spec: &'a Spec,
    mirrors: Mirrors,
    cache: &'a Cache,
    /// `None` when offline.
    client: Option<Client>,
    /// By which the age of indexes is judged.
    now: SystemTime,
}

/// A download that failed because no mirror has the file.
pub struct Gone(pub Vec<Pin>);

impl<'a> Archive<'a> {
    /// An archive on `mirrors`; `offline` uses only files in the cache.
    ///
    /// # Errors
    ///
    /// `SSL_CERT_FILE` names a file that cannot be read.
    pub fn new(spec: &'a Spec, mirrors: Mirrors, cache: &'a Cache, offline: bool) -> Result<Archive<'a>> {
        let client = if offline { None } else { Some(Client::new(Duration::from_millis(500))?) };
        Ok(Archive { spec, mirrors, cache, client, now: SystemTime::now() })
    }

    /// The packages of `suites`, from their signed indexes.
    ///
    /// # Errors
    ///
    /// No mirror; a signature or a sum that does not fit; an index that is old or of another suite.
    pub fn index(&self, context: &Context<'_>, suites: &[String], keys: &Path) -> Result<Index> {
        let mut index = Index::default();
        let component = &self.spec.component;
        let name = format!("{component}/binary-{}/Packages.xz", self.spec.arch);
        self.lists(context, suites, keys, &name, |suite, text| index.add(text, suite, component))?;
        Ok(index)
    }

    /// The file of a source package, of the newest version of its series that `suites` list in their signed indexes.
    ///
    /// # Errors
    ///
    /// As those of [`Archive::index`]; or no suite has that series.
    pub fn source(
        &self,
        context: &Context<'_>,
        suites: &[String],
        keys: &Path,
        wanted: &Source,
    ) -> Result<Pin> {
        let component = &self.spec.component;
        let mut found: Option<Pin> = None;
        self.lists(context, suites, keys, &format!("{component}/source/Sources.xz"), |suite, text| {
            let newest = sources::newest(text, wanted, suite, component)?;
            let newer = |pin: &Pin| {
                found.as_ref().is_none_or(|old| version::compare(&pin.version, &old.version).is_gt())
            };
            if newest.as_ref().is_some_and(newer) {
                found = newest;
            }
            Ok(())
        })?;
        found.ok_or_else(|| {
            Error::new(format!(
                "{} lists no source {} {}.N",
                suites.join(", "),
                wanted.package,
                wanted.series
            ))
        })
    }

    /// Hands the text of the index `name` of each suite to `each`, once its signature and sum have been checked.
    fn lists(
        &self,
        context: &Context<'_>,
        suites: &[String],
        keys: &Path,
        name: &str,
        mut each: impl FnMut(&str, &str) -> Result<()>,
    ) -> Result<()> {
        let client = self.online("the package indexes")?;
        let task = context.progress.task("package indexes", suites.len() as u64, Unit::Items);
        for suite in suites {
            task.detail(suite);
            let bases = self.mirrors.of(self.spec.archive(suite)?);
            if bases.is_empty() {
                return Err(no_mirror());
            }
            let urls = |path: &str| {
                bases.iter().map(|base| format!("{base}/dists/{suite}/{path}")).collect::<Vec<_>>()
            };
            let release = self.release(context, client, suite, &urls("InRelease"), keys)?;
            let (sum, size) = listed(&release, name)
                .ok_or_else(|| Error::new(format!("the Release file of {suite} does not list {name}")))?;
            let path = self.cache.list(&sum.hex());
            if !is_good(&path, size, &sum) {
                // by-hash: the index that this Release file means, even if the mirror is being updated
                let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
                let mut all = urls(&format!("{folder}/by-hash/SHA256/{}", sum.hex()));
                all.extend(urls(name));
                let wanted = Wanted { name: &format!("{suite} {name}"), urls: all, size, sum, path: &path };
                client.fetch(context, &wanted, &|_| {})?;
            }
            let failed = |error: std::io::Error| Error::io("read", &path, &error);
            let mut text = String::new();
            let file = fs::File::open(&path).map_err(failed)?;
            XzDecoder::new(file).read_to_string(&mut text).map_err(failed)?;
            each(suite, &text)?;
            task.advance(1);
        }
        Ok(())
    }

    /// The signed text of a suite's `InRelease` file, from the first of `urls` where it is genuine and current.
    ///
    /// # Errors
    ///
    /// No mirror serves the file; the error is the first mirror's.
    fn release(
        &self,
        context: &Context<'_>,
        client: &Client,
        suite: &str,
        urls: &[String],
        keys: &Path,
    ) -> Result<String> {
        let max_age_days = self.spec.suite(suite)?.max_age_days;
        let mut first = None;
        for url in urls {
            let text = client.text(context, std::slice::from_ref(url)).and_then(|inrelease| {
                let work = self.cache.work("signature");
                fs::create_dir_all(work.path())
                    .map_err(|error| Error::io("create the directory", work.path(), &error))?;
                signature::verify(&inrelease, suite, keys, work.path())
                    .and_then(|text| release::check(&text, suite, max_age_days, self.now).map(|()| text))
                    .map_err(|error| Error::new(format!("{url}: {error}")))
            });
            match text {
                Ok(text) => return Ok(text),
                Err(error) if error.is_interrupted() => return Err(error),
                Err(error) => first.get_or_insert(error),
            };
        }
        Err(first.unwrap_or_else(no_mirror))
    }

    /// Gets package files into the cache, those that are not there in good state already.
    ///
    /// # Errors
    ///
    /// The first failure, which ends the other downloads. That mirrors do not have a package any more is no error but
    /// a result: it has to be pinned anew.
    pub fn download(&self, context: &Context<'_>, pins: &[&Pin]) -> Result<std::result::Result<(), Gone>> {
        let total = pins.iter().map(|pin| pin.size).sum();
        let task = context.progress.task("download", total, Unit::Bytes);
        let mut order = pins.to_vec();
        order.sort_by_key(|pin| std::cmp::Reverse(pin.size));
        let (next, done, failing) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
        let failed = Mutex::new((None, Vec::new()));
        let detail = || task.detail(&format!("{}/{} packages", done.load(Ordering::Relaxed), order.len()));
        detail();
        std::thread::scope(|scope| {
            for _ in 0..PARALLEL.min(order.len()) {
                scope.spawn(|| {
                    while let Some(pin) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let seen = AtomicU64::new(0);
                        let position = |now: u64| {
                            let before = seen.fetch_max(now, Ordering::Relaxed);
                            task.advance(now.saturating_sub(before));
                        };
                        let result = if failing.load(Ordering::Relaxed) {
                            break;
                        } else {
                            self.package(context, pin, &position)
                        };
                        let mut failed = failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                        match result {
                            Ok(()) => position(pin.size),
                            Err(error) if error.is_gone() => failed.1.push((*pin).clone()),
                            Err(error) => {
                                failing.store(true, Ordering::Relaxed);
                                failed.0.get_or_insert(error);
                            }
                        }
                        done.fetch_add(1, Ordering::Relaxed);
                        detail();
                    }
                });
            }
        });
        match failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            (Some(error), _) => Err(error),
            (None, gone) if gone.is_empty() => Ok(Ok(())),
            (None, gone) => Ok(Err(Gone(gone))),
        }
    }

    fn package(&self, context: &Context<'_>, pin: &Pin, position: &dyn Fn(u64)) -> Result<()> {
        context.check()?;
        let (path, sum) = (self.file(pin), pin.sum()?);
        if is_good(&path, pin.size, &sum) {
            return Ok(());
        }
        let client = self.online(&format!("the package {} {}", pin.name, pin.version))?;
        let bases = self.mirrors.of(self.spec.archive(&pin.suite)?);
        if bases.is_empty() {
            return Err(no_mirror());
        }
        let urls = bases.iter().map(|base| format!("{base}/{}", pin.path)).collect();
        let name = format!("the package {} {}", pin.name, pin.version);
        client.fetch(context, &Wanted { name: &name, urls, size: pin.size, sum, path: &path }, position)
    }

    /// Where the cache has a package's file.
    pub fn file(&self, pin: &Pin) -> PathBuf {
        self.cache.deb(pin.file_name())
    }

    fn online(&self, what: &str) -> Result<&Client> {
        self.client.as_ref().ok_or_else(|| {
            Error::new(format!("{what} is not in the cache; run the command again without --offline"))
        })
    }
}

fn no_mirror() -> Error {
    Error::new(
        "apt's sources name no Debian mirror; give one: --mirror URL, or QOS_DEBIAN_MIRROR=URL \
         (the URL that ends in /debian)",
    )
}

/// Whether a file is there with this size and sum.
fn is_good(path: &Path, size: u64, sum: &Sum) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.len() == size)
        && Sum::of_file(path).is_ok_and(|found| found == *sum)
}

/// Sum and size of a file that a `Release` file lists.
fn listed(release: &str, name: &str) -> Option<(Sum, u64)> {
    let release = paragraphs(release).next()?;
    release.get("SHA256")?.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let (sum, size, path) = (words.next()?, words.next()?, words.next()?);
        if path == name { Some((Sum::from_hex(sum)?, size.parse().ok()?)) } else { None }
    })
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
