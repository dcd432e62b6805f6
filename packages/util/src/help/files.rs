// SPDX-License-Identifier: MIT OR Apache-2.0
//! Of programs about files.

use qos_command::Help;

pub const STRINGS: Help = Help {
    purpose: "print the text that is in files",
    usage: "[-a] [-n LENGTH] [-t d|o|x] [FILE]...",
    options: "\
-a, --all             accepted and ignored: whole files are read
-n, --bytes LENGTH    print texts of at least this many characters (default: 4)
-t, --radix d|o|x     print the offset of each text, in decimal, octal or hexadecimal
",
    see: "xxd(1)",
    ..Help::NONE
};

pub const WHICH: Help = Help {
    purpose: "print the file that a command is",
    usage: "[-as] NAME...",
    options: "\
-a  print all files with the name in the directories of PATH
-s  print nothing
",
    status: "0  all commands were found\n1  a command was not found\n2  usage error\n",
    ..Help::NONE
};

pub const XXD: Help = Help {
    purpose: "print bytes in hexadecimal or binary, and read them back",
    usage: "[OPTION]... [INPUT [OUTPUT]]\n-r [-p] [-s OFFSET] [INPUT [OUTPUT]]",
    text: "A NUMBER is decimal, octal after 0, or hexadecimal after 0x.",
    options: "\
-b, -bits              print bits
-c, -cols NUMBER       bytes in a line (default: 16)
-d                     print offsets in decimal
-e                     print groups in little-endian order
-g, -groupsize NUMBER  bytes in a group (default: 2)
-i, -include           print an array of C
-l, -len NUMBER        end after this many bytes
-n, -name NAME         name of the array of C
-o, -offset NUMBER     add this to offsets that are printed
-p, -ps, -plain, -postscript
                       print hexadecimal digits only
-r, -revert            read hexadecimal and write bytes; with OUTPUT, at their offsets in it
-s, -seek NUMBER       begin at this offset; with -r, add it to offsets
-u, -uppercase         print upper-case digits
",
    status: "0  success\n2  usage error, or INPUT cannot be read\n3  OUTPUT cannot be written\n5  an offset is not possible\n",
    see: "strings(1) od(1)",
    ..Help::NONE
};
