// SPDX-License-Identifier: MIT OR Apache-2.0
//! The description of `grep`, for `--help` and the manual.

use qos_command::Help;

pub const GREP: Help = Help {
    purpose: "print lines that match a pattern",
    usage: "[OPTION]... PATTERN [FILE]...\n[OPTION]... {-e PATTERN | -f FILE}... [FILE]...",
    text: "Without FILE, standard input is read; with -r, the current directory. egrep is grep -E, fgrep is grep -F.",
    options: "\
Patterns:
-e, --regexp PATTERN       lines that match this pattern, or one of several
-f, --file FILE            lines that match a line of FILE
-E, --extended-regexp      patterns are extended regular expressions
-F, --fixed-strings        patterns are text
-G, --basic-regexp         patterns are basic regular expressions
-i, -y, --ignore-case      match upper case and lower case alike
-v, --invert-match         lines that do not match
-w, --word-regexp          match whole words
-x, --line-regexp          match whole lines
Output:
-c, --count                print the number of lines
-l, --files-with-matches   print the names of files with such lines
-L, --files-without-match  print the names of files without
-o, --only-matching        print only what matches
-q, --quiet, --silent      print nothing, and end at the first match
-m, --max-count N          end a file after N lines
-n, --line-number          print numbers of lines
-H, --with-filename        print names of files
-h, --no-filename          print no names of files
-s, --no-messages          print no errors about files
-A, --after-context N      print N lines after each
-B, --before-context N     print N lines before each
-C, -N, --context N        print N lines before and after each
--color, --colour[=WHEN]   accepted and ignored
--line-buffered            accepted and ignored
Files:
-r, -R, --recursive, --dereference-recursive
                           read the files in directories
--include GLOB             with -r, read files with such names only
--exclude GLOB             with -r, skip files with such names
--exclude-dir GLOB         with -r, skip directories with such names
-a, --text                 read binary files as text
-z, --null-data            lines end with a zero byte
",
    status: "0  a line was found\n1  no line was found\n2  failure, or usage error\n",
    see: "sed(1) regex(7)",
    ..Help::NONE
};
