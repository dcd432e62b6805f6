// SPDX-License-Identifier: MIT OR Apache-2.0
//! The descriptions of the programs, for `--help` and the manual.

use qos_command::Help;

pub const LESS: Help = Help {
    purpose: "show text, a screen at a time",
    usage: "[OPTION]... [+COMMAND] [FILE]...",
    text: "The key h shows the keys, and q ends the program. If standard output is not a terminal, the files are copied to it. The variable \
           LESS has further options.",
    options: "\
+LINE, +/PATTERN, +G           begin at this line, at the first match, or at the end
-e, -E, --quit-at-eof, --QUIT-AT-EOF
                               end at the end of the text
-F, --quit-if-one-screen       end if the text fits on the screen
-i, --ignore-case              searches ignore case, unless a pattern has upper case
-I, --IGNORE-CASE              searches ignore case
-N, --LINE-NUMBERS             show numbers of lines
-n, --line-numbers             show no numbers of lines
-R, -r, --RAW-CONTROL-CHARS, --raw-control-chars
                               show colours
-S, --chop-long-lines          cut long lines
-X, --no-init                  leave the text on the screen
-a, -A, -c, -C, -f, -g, -G, -K, -L, -m, -M, -q, -Q, -s, -u, -w
                               accepted and ignored
-b, -j, -P, -x, -z VALUE       accepted and ignored
",
    see: "cat(1)",
    ..Help::NONE
};

pub const MORE: Help = Help {
    purpose: "show text, a screen at a time, up to its end",
    text: "The same as less -EXF: see less(1).",
    see: "less(1) cat(1)",
    ..LESS
};
