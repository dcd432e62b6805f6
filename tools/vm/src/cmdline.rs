// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rejects kernel command lines that cannot work: too long, so that the kernel truncates them, or with so many words for init that
//! it panics. Pure.
//!
//! Only a command line that certainly fails is rejected. The set of parameters depends on the kernel's configuration, so a word
//! before `--` counts only if it is NAME=VALUE with a NAME in capitals, which no parameter of Linux has: the kernel passes these to
//! init as its environment. Everything after `--` is an argument of init (Documentation/admin-guide/kernel-parameters.rst).

use std::collections::BTreeSet;

/// COMMAND_LINE_SIZE of x86, without the final NUL (arch/x86/include/asm/setup.h). A bzImage has its own value in its header.
pub(crate) const SIZE: usize = 2047;

/// The most words that init/main.c takes for init: MAX_INIT_ARGS, and MAX_INIT_ENVS with HOME and TERM counted.
const MOST_ARGUMENTS: usize = 32;
const MOST_VARIABLES: usize = 31;

/// Set by the kernel itself, or of the boot loader: not counted (init/main.c).
const NOT_COUNTED: [&str; 3] = ["HOME", "TERM", "BOOT_IMAGE"];

/// What is wrong with `cmdline` for a kernel that takes `size` bytes.
pub(crate) fn check(cmdline: &str, size: usize) -> Result<(), String> {
    if cmdline.len() > size {
        let mut kept = size;
        while !cmdline.is_char_boundary(kept) {
            kept -= 1;
        }
        let lost = &cmdline[cmdline[..kept].rfind(' ').map_or(kept, |at| at + 1)..];
        return Err(format!(
            "the kernel's command line has {} bytes, and this kernel takes {size}: it would lose all from {:?} on; shorten --append",
            cmdline.len(),
            lost.split(' ').next().unwrap_or(lost).chars().take(60).collect::<String>()
        ));
    }
    let words = words(cmdline);
    let (before, behind) = match words.iter().position(|word| *word == "--") {
        Some(at) => (&words[..at], &words[at + 1..]),
        None => (&words[..], &[][..]),
    };
    if behind.len() > MOST_ARGUMENTS {
        return Err(format!(
            "the kernel's command line has {} words for init behind --, and the kernel takes {MOST_ARGUMENTS}: it would panic (\"Too many boot init vars\")",
            behind.len()
        ));
    }
    let variables: BTreeSet<&str> = before.iter().filter_map(|word| variable(word)).collect();
    if variables.len() > MOST_VARIABLES {
        return Err(format!(
            "the kernel's command line sets {} environment variables for init, and the kernel takes {MOST_VARIABLES}: it would panic (\"Too many boot env vars\")",
            variables.len()
        ));
    }
    Ok(())
}

/// The words as the kernel takes them apart: blanks inside of double quotes do not count (lib/cmdline.c, `next_arg`).
fn words(cmdline: &str) -> Vec<&str> {
    let mut quoted = false;
    let at_blank = |c: char| {
        quoted ^= c == '"';
        !quoted && c.is_ascii_whitespace()
    };
    cmdline.split(at_blank).filter(|word| !word.is_empty()).collect()
}

/// The name in a word that is certainly a variable for init.
fn variable(word: &str) -> Option<&str> {
    let (name, _) = word.trim_start_matches('"').split_once('=')?;
    let mut bytes = name.bytes();
    let first = bytes.next().is_some_and(|byte| byte.is_ascii_uppercase());
    let rest = bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    (first && rest && !NOT_COUNTED.contains(&name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(cmdline: &str, expect: &str) {
        let got = check(cmdline, SIZE).err().unwrap_or_default();
        assert!(if expect.is_empty() { got.is_empty() } else { got.contains(expect) }, "{got}");
    }

    fn many(count: usize, word: impl Fn(usize) -> String) -> String {
        (0..count).map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_line_that_the_kernel_would_cut_is_refused() {
        refused(&"x".repeat(SIZE), "");
        refused(&"x".repeat(SIZE + 1), "2048 bytes");
        let long = format!("console=ttyS0 {} tail=1", "y".repeat(2040));
        refused(&long, "2061 bytes, and this kernel takes 2047: it would lose all from \"yyyy");
        let tail = format!("{} tail=1 more", "y".repeat(2040));
        refused(&tail, "from \"tail=1\" on");
        refused(&format!("{}\u{fc}\u{fc}", "x".repeat(SIZE - 1)), "2050 bytes");
        assert!(check("abc", 2).is_err());
    }

    #[test]
    fn more_words_for_init_than_the_kernel_takes_are_refused() {
        let argument = |n| format!("word{n}");
        refused(&format!("quiet -- {}", many(32, argument)), "");
        refused(&format!("quiet -- {}", many(33, argument)), "33 words for init");
        let quoted = format!("quiet -- \"{}\"", many(40, argument));
        refused(&quoted, "");
        let variable = |n| format!("VAR_{n}=x");
        refused(&many(31, variable), "");
        refused(&many(32, variable), "32 environment variables");
        refused(&format!("HOME=/ TERM=x BOOT_IMAGE=/k {} VAR_0=again", many(31, variable)), "");
    }

    /// Each can be a parameter of a kernel.
    #[test]
    fn words_that_a_kernel_may_know_are_not_counted() {
        refused(&many(100, |n| format!("word{n}")), "");
        refused(&many(100, |n| format!("Word{n}=1")), "");
        refused(&many(60, |n| format!("module{n}.parameter=1")), "");
    }
}
