// SPDX-License-Identifier: MIT OR Apache-2.0
//! Options of `tar`, also in the old manner without a hyphen: `tar xzf FILE`.

use crate::Failure;
use crate::codec::Codec;
use lexopt::prelude::*;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Create,
    Extract,
    List,
}

/// A name on the command line, and the directory that it is in: `-C` counts for the names after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub directory: PathBuf,
    pub name: String,
}

/// What was asked for.
#[derive(Debug)]
pub struct Options {
    pub mode: Mode,
    /// `None` is standard input or output.
    pub file: Option<PathBuf>,
    pub codec: Option<Codec>,
    pub verbose: bool,
    pub directory: PathBuf,
    pub members: Vec<Member>,
    pub excluded: Vec<String>,
    pub strip: usize,
    pub to_stdout: bool,
    pub follow: bool,
    pub keep: bool,
    pub touch: bool,
    pub numeric_owner: bool,
    /// `None`: as root, yes.
    pub same_owner: Option<bool>,
    pub permissions: Option<bool>,
    pub owner: Option<u64>,
    pub group: Option<u64>,
    pub mtime: Option<u64>,
}

impl Options {
    /// Parses the arguments, the program's name first. Names of files are relative to `base`.
    pub fn parse(args: Vec<OsString>, base: &Path) -> Result<Self, Failure> {
        let mut parser = lexopt::Parser::from_iter(old_style(args)?);
        let mut mode = None;
        let mut options = Options {
            mode: Mode::List,
            file: None,
            codec: None,
            verbose: false,
            directory: base.to_owned(),
            members: Vec::new(),
            excluded: Vec::new(),
            strip: 0,
            to_stdout: false,
            follow: false,
            keep: false,
            touch: false,
            numeric_owner: false,
            same_owner: None,
            permissions: None,
            owner: None,
            group: None,
            mtime: None,
        };
        let (mut by_name, mut zero, mut lists) = (false, false, Vec::new());
        while let Some(arg) = parser.next()? {
            let mut set = |new| match mode.replace(new) {
                Some(old) if old != new => Err(Failure::usage("only one of -c, -t, -x can be given")),
                _ => Ok(()),
            };
            match arg {
                Short('c') | Long("create") => set(Mode::Create)?,
                Short('x') | Long("extract" | "get") => set(Mode::Extract)?,
                Short('t') | Long("list") => set(Mode::List)?,
                Short('f') | Long("file") => {
                    let file = PathBuf::from(parser.value()?);
                    options.file = (file != Path::new("-")).then(|| base.join(file));
                }
                Short('C') | Long("directory") => options.directory.push(parser.value()?),
                Short('v') | Long("verbose") => options.verbose = true,
                Short('z') | Long("gzip" | "gunzip" | "ungzip") => options.codec = Some(Codec::Gzip),
                Short('J') | Long("xz") => options.codec = Some(Codec::Xz),
                Long("zstd") => options.codec = Some(Codec::Zstd),
                Short('j') | Long("bzip2") => {
                    return Err(Failure::new("bzip2 is not supported: gzip, xz and zstd are"));
                }
                Short('a') | Long("auto-compress") => by_name = true,
                Short('p') | Long("preserve-permissions" | "same-permissions") => {
                    options.permissions = Some(true)
                }
                Long("no-same-permissions") => options.permissions = Some(false),
                Short('o') | Long("no-same-owner") => options.same_owner = Some(false),
                Long("same-owner") => options.same_owner = Some(true),
                Long("numeric-owner") => options.numeric_owner = true,
                Short('O') | Long("to-stdout") => options.to_stdout = true,
                Short('h') | Long("dereference") => options.follow = true,
                Short('k') | Long("keep-old-files") => options.keep = true,
                Short('m') | Long("touch") => options.touch = true,
                Long("strip-components") => options.strip = number(&parser.value()?.string()?)? as usize,
                Long("exclude") => options.excluded.push(parser.value()?.string()?),
                Short('X') | Long("exclude-from") => {
                    let list = text(&base.join(parser.value()?))?;
                    options.excluded.extend(list.lines().filter(|line| !line.is_empty()).map(str::to_owned));
                }
                Long("null") => zero = true,
                Short('T') | Long("files-from") => lists.push((options.directory.clone(), parser.value()?)),
                Long("owner") => options.owner = Some(number(&parser.value()?.string()?)?),
                Long("group") => options.group = Some(number(&parser.value()?.string()?)?),
                Long("mtime") => {
                    options.mtime = Some(number(parser.value()?.string()?.trim_start_matches('@'))?)
                }
                // Names are sorted in any case; the format is GNU's, which all read.
                Long("sort" | "format") => drop(parser.value()?),
                Value(name) => {
                    let name = name.into_string().map_err(|name| {
                        Failure::usage(format!("{}: a name that is not UTF-8", name.display()))
                    })?;
                    options.members.push(Member { directory: options.directory.clone(), name });
                }
                _ => return Err(arg.unexpected().into()),
            }
        }
        options.mode = mode.ok_or_else(|| Failure::usage("one of -c, -t, -x expected"))?;
        for (directory, list) in lists {
            let list = if list == "-" {
                let mut list = String::new();
                io::stdin()
                    .read_to_string(&mut list)
                    .map_err(|error| Failure::of("standard input", &error))?;
                list
            } else {
                text(&base.join(list))?
            };
            let names = list.split(if zero { '\0' } else { '\n' }).filter(|name| !name.is_empty());
            options
                .members
                .extend(names.map(|name| Member { directory: directory.clone(), name: name.to_owned() }));
        }
        if by_name && options.mode == Mode::Create && options.codec.is_none() {
            let name = options.file.as_ref().map(|file| file.to_string_lossy().into_owned());
            options.codec = name.map(|name| Codec::of_name(&name));
        }
        if options.mode == Mode::Create && options.members.is_empty() {
            return Err(Failure::usage("no names given: an archive of nothing is not made"));
        }
        Ok(options)
    }
}

fn number(text: &str) -> Result<u64, Failure> {
    text.parse().map_err(|_| Failure::usage(format!("{text}: not a number")))
}

fn text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::at(path, &error))
}

/// Gives a first argument of letters alone its hyphens: the arguments of its letters follow it in their order.
fn old_style(mut args: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    let Some(letters) = args.get(1).and_then(|first| first.to_str()) else { return Ok(args) };
    if letters.starts_with('-') || letters.is_empty() {
        return Ok(args);
    }
    let letters = letters.to_owned();
    let mut rest = args.split_off(2).into_iter();
    args.truncate(1);
    for letter in letters.chars() {
        args.push(format!("-{letter}").into());
        if "fCTX".contains(letter) {
            let value = rest.next();
            args.push(value.ok_or_else(|| Failure::usage(format!("missing argument for '{letter}'")))?);
        }
    }
    args.extend(rest);
    Ok(args)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, Failure> {
        Options::parse(line.split(' ').map(OsString::from).collect(), Path::new("/base"))
    }

    #[test]
    fn manners() {
        for line in [
            "tar xzf a.tgz -C d m",
            "tar -xzf a.tgz -C d m",
            "tar -x -z -f a.tgz --directory=d m",
            "tar xfzC a.tgz d m",
        ] {
            let options = parse(line).unwrap();
            assert_eq!((options.mode, options.codec), (Mode::Extract, Some(Codec::Gzip)), "{line}");
            assert_eq!(options.file, Some("/base/a.tgz".into()), "{line}");
            let member = Member { directory: "/base/d".into(), name: "m".to_owned() };
            assert_eq!(options.members, [member], "{line}");
        }
        assert_eq!(parse("tar caf a.tar.xz x").unwrap().codec, Some(Codec::Xz));
        assert_eq!(parse("tar c x").unwrap().file, None);
    }

    #[test]
    fn failures() {
        for line in [
            "tar",
            "tar -f a",
            "tar xc",
            "tar xf",
            "tar cf a",
            "tar xjf a",
            "tar x --nope",
            "tar x --strip-components=a",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
