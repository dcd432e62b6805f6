// SPDX-License-Identifier: MIT OR Apache-2.0
//! The descriptions of the programs, for `--help` and the manual.

use qos_command::Help;

pub const IP: Help = Help {
    section: 8,
    purpose: "show or change links, addresses and routes",
    usage: "[OPTION]... addr|link|route [COMMAND] [ARGUMENT]...",
    text: "The names of objects can be shortened. Without a COMMAND, the objects are shown, in the format of iproute2. PREFIX is an address \
           and its length, as 192.0.2.1/24.",
    commands: "\
Of addresses:
addr show [[dev] LINK] [up]      show addresses
addr add PREFIX dev LINK         add an address; further words: peer PREFIX, broadcast ADDRESS, label NAME, scope SCOPE,
                                 metric N, valid_lft SECONDS, preferred_lft SECONDS, nodad, noprefixroute
addr replace PREFIX dev LINK     add an address, or change it; also `change'
addr del PREFIX dev LINK         remove an address
addr flush [dev] LINK            remove all addresses of a link
Of links:
link show [[dev] LINK] [up]      show links
link set [dev] LINK up|down      change a link; further words: mtu BYTES, address MAC, name NAME, netns PID
link add NAME type TYPE          create a link; of a pair: type veth peer name NAME
link del LINK                    remove a link
Of routes:
route show [PREFIX] [dev LINK] [table TABLE|all]
                                 show routes
route add PREFIX|default         add a route: via ADDRESS, dev LINK, src ADDRESS, metric N, scope SCOPE, table TABLE,
                                 proto PROTOCOL, mtu BYTES, onlink
route replace PREFIX|default     add a route, or change it
route append PREFIX|default      add a route behind others to the same network
route del PREFIX|default         remove a route
route flush                      remove routes
",
    options: "\
-4                       IPv4 only
-6                       IPv6 only
-br, -brief, --brief     a short line for each link
-o, -oneline, --oneline  one line for each object
-c=never, -color=never   accepted and ignored: colours are never used
",
    status: "0  success\n1  failure\n2  usage error, or the kernel refused\n",
    see: "networkctl(1) networkd(8) ping(8)",
    ..Help::NONE
};

pub const NETWORKCTL: Help = Help {
    purpose: "show links as networkd configured them, and direct networkd",
    usage: "[OPTION]... [COMMAND] [LINK]...",
    text: "LINK is the name of a link; * and ? are patterns where links are shown.",
    commands: "\
list [LINK]...       show links, and how far their configuration is; the default
status [LINK]...     show a link's file, addresses, routers and DNS servers, or the whole network
reload               read the files again; links with other settings than before are configured again
renew LINK...        ask the DHCP server for more time
reconfigure LINK...  configure links again
wait-online          wait until the network can be used
",
    options: "\
--json short|pretty|off          print JSON
--no-legend                      print no headings
--root DIRECTORY                 the state of the system under DIRECTORY
-a, -l, --all, --full, --no-pager
                                 accepted and ignored: nothing is cut off or paged
Options of wait-online:
--any                            wait for one link only
-i, --interface LINK[:STATE]     wait for this link, until it has STATE
--ignore LINK                    do not wait for this link
-o, --operational-state STATE    the state that links need (default: degraded)
-4, --ipv4                       wait for an address of IPv4
-6, --ipv6                       wait for an address of IPv6
--timeout SPAN                   wait at most this long (default: 120s); 0 is for ever
-q, --quiet                      accepted and ignored
",
    files: "/run/systemd/netif  the state of the network, and the socket of networkd\n",
    see: "networkd(8) ip(8)",
    ..Help::NONE
};

pub const NETWORKD: Help = Help {
    section: 8,
    purpose: "configure links by files",
    usage: "[--root DIRECTORY]",
    text: "Brings links up, sets addresses and routes, and asks DHCP servers, as files in the format of systemd.network(5) tell. The first \
           file, in the order of names, that matches a link is for it.\n\n\
           SIGTERM gives leases back and removes their addresses. SIGUSR2 ends the daemon and leaves all to the next one.",
    options: "--root DIRECTORY  read files and write the state in the system under DIRECTORY\n",
    files: "\
/etc/systemd/network/*.network      files of the administrator
/run/systemd/network/*.network      files until the next boot
/usr/lib/systemd/network/*.network  files of the system
/run/systemd/netif                  the state of the network, and the socket that networkctl writes to
/run/systemd/resolve/resolv.conf    DNS servers and domains
",
    see: "networkctl(1) ip(8) systemd.network(5)",
    ..Help::NONE
};

pub const PING: Help = Help {
    section: 8,
    purpose: "send echo requests to a host",
    usage: "[-46nq] [-c COUNT] [-i SECONDS] [-s BYTES] [-w SECONDS] [-W SECONDS] HOST",
    options: "\
-4          IPv4 only
-6          IPv6 only
-c COUNT    end after this many requests (default: at SIGINT)
-i SECONDS  time between two requests (default: 1; at least 0.002)
-n          accepted and ignored: names of hosts that reply are never looked up
-q          print the summary only
-s BYTES    data in a request (default: 56; at most 65507)
-w SECONDS  end after this time
-W SECONDS  wait this long for a reply
",
    status: "0  a reply came\n1  no reply came\n2  failure, or usage error\n",
    see: "ip(8) networkctl(1)",
    ..Help::NONE
};
