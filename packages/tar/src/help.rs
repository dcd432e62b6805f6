// SPDX-License-Identifier: MIT OR Apache-2.0
//! The descriptions of the programs, for `--help` and the manual.

use qos_command::Help;

const SEE: &str = "gzip(1) xz(1) zstd(1) tar(1)";

const DECOMPRESS: &str = "The format is found by the contents of a file: gzip, xz or zstd. A file that is decompressed is removed. Without \
                          FILE, standard input is decompressed to standard output.";

/// Of all formats: the first lines of each table.
macro_rules! options {
    ($own:literal) => {
        concat!(
            "\
-c, --stdout, --to-stdout  write to standard output, and keep the file
-d, --decompress, --uncompress
                           decompress
-f, --force                replace files, and write to a terminal
-k, --keep                 keep the file
-q, --quiet                print no warnings
-t, --test                 only check whether the file can be decompressed
-v, --verbose              print names and sizes
-z, --compress             compress: the default, but of programs that decompress
-0 ... -9, --fast, --best  level: from fast to small
--rm                       remove the file when it is done
",
            $own
        )
    };
}

const GZIP_OPTIONS: &str =
    options!("-n, -N, --no-name, --name  accepted and ignored: names and times are not stored\n");
const XZ_OPTIONS: &str = options!(
    "-e, --extreme              accepted and ignored\n-T, --threads COUNT        accepted and ignored: there is one thread\n"
);
const ZSTD_OPTIONS: &str = options!(
    "-o FILE                    write to this file\n-T, --threads COUNT        accepted and ignored: there is one thread\n"
);

pub const GZIP: Help = Help {
    purpose: "compress files in the format gzip, or decompress them",
    usage: "[-cdfknqtvz] [-1 ... -9] [FILE]...",
    text: "A file is replaced by FILE.gz. Without FILE, standard input is compressed to standard output.",
    options: GZIP_OPTIONS,
    see: SEE,
    ..Help::NONE
};

pub const GUNZIP: Help = Help {
    purpose: "decompress files",
    usage: "[-cfkqtv] [FILE]...",
    text: DECOMPRESS,
    options: GZIP_OPTIONS,
    see: SEE,
    ..Help::NONE
};

pub const XZ: Help = Help {
    purpose: "compress files in the format xz, or decompress them",
    usage: "[-cdfkqtvz] [-0 ... -9] [FILE]...",
    text: "A file is replaced by FILE.xz. Without FILE, standard input is compressed to standard output.",
    options: XZ_OPTIONS,
    see: SEE,
    ..Help::NONE
};

pub const UNXZ: Help = Help { options: XZ_OPTIONS, ..GUNZIP };

pub const ZSTD: Help = Help {
    purpose: "compress files in the format zstd, or decompress them",
    usage: "[-cdfkqtvz] [--rm] [-o FILE] [FILE]...",
    text: "Writes FILE.zst, and keeps the file. Without FILE, standard input is compressed to standard output.",
    options: ZSTD_OPTIONS,
    see: SEE,
    ..Help::NONE
};

pub const UNZSTD: Help = Help {
    usage: "[-cfkqtv] [--rm] [-o FILE] [FILE]...",
    text: "The format is found by the contents of a file: gzip, xz or zstd. The file is kept. Without FILE, standard input is decompressed \
           to standard output.",
    options: ZSTD_OPTIONS,
    ..GUNZIP
};

pub const CAT: Help = Help {
    purpose: "print files that are compressed",
    usage: "[FILE]...",
    text: "The format is found by the contents of a file: gzip, xz or zstd. Without FILE, standard input is read.",
    see: SEE,
    ..Help::NONE
};

pub const TAR: Help = Help {
    purpose: "make, list and extract archives",
    usage: "-c [OPTION]... [-f ARCHIVE] FILE...\n-t [OPTION]... [-f ARCHIVE] [MEMBER]...\n-x [OPTION]... [-f ARCHIVE] [MEMBER]...",
    text: "The hyphen of the first options may be absent, as in `tar xzf ARCHIVE'. A compressed archive is recognized when it is read.",
    options: "\
What to do:
-c, --create              make an archive
-t, --list                list the members
-x, --extract, --get      extract the members
Archive:
-f, --file ARCHIVE        the archive (default, or -: standard input or output)
-z, --gzip, --gunzip, --ungzip
                          compress with gzip
-J, --xz                  compress with xz
--zstd                    compress with zstd
-j, --bzip2               not supported
-a, --auto-compress       compress as the name of the archive tells
--sort, --format VALUE    accepted and ignored
Members:
-C, --directory DIRECTORY
                          change to DIRECTORY first
-T, --files-from FILE     take names from the lines of a file
--null                    with -T, names end with a zero byte
--exclude PATTERN         leave out what matches
-X, --exclude-from FILE   leave out what matches a line of a file
-h, --dereference         archive the files that links point to
--strip-components N      remove N directories from the front of names
--owner N, --group N      store this user and group, by number
--mtime TIME              store this time
--numeric-owner           use numbers of users and groups, not names
Extraction:
-k, --keep-old-files      keep files that exist
-m, --touch               do not set times
-O, --to-stdout           write to standard output
-p, --preserve-permissions, --same-permissions
                          set modes as they are stored (default for root)
--no-same-permissions     apply the umask
--same-owner              set owners as they are stored (default for root)
-o, --no-same-owner       do not set owners
-v, --verbose             print the members
",
    status: "0  success\n1  failure, before an archive is read or written\n2  failure, or usage error\n",
    see: SEE,
    ..Help::NONE
};
