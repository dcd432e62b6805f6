// SPDX-License-Identifier: MIT OR Apache-2.0
//! The description of `patch`, for `--help` and the manual.

use qos_command::Help;

pub const PATCH: Help = Help {
    purpose: "apply differences that diff or git has found",
    usage: "[OPTION]... [FILE [PATCH]]",
    text: "Reads PATCH, or standard input, and changes FILE, or the files that the patch names. A part that does not fit is written to \
           FILE.rej.",
    options: "\
-b, --backup             keep the original as FILE.orig
-c, --context            the patch is a context diff
-n, --normal             the patch is a normal diff
-u, --unified            the patch is a unified diff
-d, --directory DIRECTORY
                         change to DIRECTORY first
--dry-run                change nothing, and print what would be done
-E, --remove-empty-files
                         remove files that become empty
-f, --force              ask nothing: apply what fits
-F, --fuzz N             lines of context that need not match (default: 2)
-i, --input PATCH        read the patch from this file
-l, --ignore-whitespace  match any white space
-N, --forward            skip what is applied already
-o, --output FILE        write the result to FILE
-p, --strip N            remove N directories from the front of names
-r, --reject-file FILE   write parts that do not fit to FILE
-R, --reverse            undo the patch
-s, --silent, --quiet    print errors only
-t, --batch              ask nothing: skip what cannot be decided
--binary, --no-backup-if-mismatch, --posix, --verbose
                         accepted and ignored
",
    status: "0  success\n1  a part does not fit\n2  failure, or usage error\n",
    see: "diff(1)",
    ..Help::NONE
};
