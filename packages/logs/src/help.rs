// SPDX-License-Identifier: MIT OR Apache-2.0
//! The descriptions of the programs, for `--help` and the manual.

use qos_command::Help;

pub const LOGCTL: Help = Help {
    purpose: "show the log of the system",
    usage: "[OPTION]... [FIELD=VALUE]...",
    text: "Prints the entries of the log, the oldest first. With FIELD=VALUE, only entries with this field are shown; of two values for \
           the same field, one has to match.",
    options: "\
Which entries:
-b, --boot[=ID|OFFSET]  of this boot; of a boot by its ID, of the boot before (-1), of the first one (1)
-u, --unit UNIT         of this unit; * and ? are patterns
-t, --identifier NAME   by this program
-p, --priority LEVEL    of this severity or a worse one, or of LEVEL..LEVEL
-k, --dmesg             of the kernel in this boot
-S, --since TIME        not before TIME: \"2026-11-28 12:00:00\", 12:00, today, yesterday, now, -1h, \"1h ago\", @SECONDS or
                        2026-11-28T12:00:00+01:00
-U, --until TIME        not after TIME
-g, --grep REGEX        whose message matches; case matters if REGEX has an upper-case letter
-n, --lines[=N]         the last N (default: 10), or all; +N: the first N
-e, --pager-end         the last 1000
Output:
-r, --reverse           the newest entry first
-f, --follow            the last 10 entries, and then new ones as they come
-o, --output FORMAT     short, short-iso, short-precise, short-monotonic, short-unix, verbose, export, json, json-pretty or cat
-a, --all               control characters as they are
--utc                   times in UTC
--no-hostname           without the host's name
-D, --directory DIR     another log than that of the system
Instead of entries:
-F, --field FIELD       print the values of a field
-N, --fields            print the names of all fields
--list-boots            print the boots
--disk-usage            print the size of the log
--vacuum-size SIZE      remove the oldest complete segments, until the others take at most SIZE
--verify                check all segments
Accepted and ignored:
-q, -l, -m, --quiet, --full, --no-full, --no-pager, --system
                        the output is never paged or shortened, and there is one log
",
    status: "0  success\n1  failure, nothing found by --grep, or a damaged segment found by --verify\n2  usage error\n",
    files: "/var/log/qos  the log\n/run/log/qos  the log, as long as /var/log/qos cannot be written\n",
    see: "logd(8) logger(1) svc(1)",
    ..Help::NONE
};

pub const LOGD: Help = Help {
    section: 8,
    purpose: "store the messages of the system",
    usage: "[OPTION]...",
    text: "Takes the messages of the kernel, of services and of programs, and stores them. logctl(1) shows them.\n\n\
           SIGUSR1 and SIGHUP write all to the disk, SIGUSR2 begins another segment, SIGTERM ends the program.",
    options: "\
--directory DIR            keep the log here (default: /var/log/qos, or /run/log/qos if that cannot be written)
--max-use SIZE             size of the log (default: a tenth of the file system, at most 64M)
--rate-burst N             messages of a unit in an interval (default: 10000); more are dropped and counted; 0 is no limit
--rate-interval T          the interval (default: 30s)
--max-level LEVEL          do not store messages that are less severe (default: debug)
--forward HOST:PORT        also send each message to a syslog server by TCP: RFC 5424, octet counting
--forward-tls HOST[:PORT]  the same by TLS 1.2 or 1.3, RFC 5425 (default port: 6514); an IPv6 address is written in brackets
--forward-ca FILE          certificates that may sign the TLS server's, as PEM (default: /etc/ssl/certs/ca-certificates.crt)
--forward-cert FILE        certificate of this client for the TLS server, as PEM; intermediate certificates follow it
--forward-key FILE         private key of that certificate, as PEM
--runtime DIR              directory of the sockets (default: /run/systemd/journal)
--dev-log PATH             socket of syslog(3), a link to RUNTIME/dev-log (default: /dev/log)
--kmsg PATH                messages of the kernel (default: /dev/kmsg); none: they are not read
",
    files: "\
/var/log/qos          the log
/run/log/qos          the log, as long as /var/log/qos cannot be written
/run/systemd/journal  sockets that services write to
/dev/log              the socket that syslog(3) writes to
",
    see: "logctl(1) logger(1)",
    ..Help::NONE
};
