#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Compares `qos-inspect list` with `cpio -tv` on real images.

    compare.py INSPECT CPIO IMAGE...

INSPECT is the program qos-inspect, CPIO GNU cpio. Each segment is cut out at the offset that qos-inspect states, unpacked by the
compression's own program, and listed by cpio; the two listings have to be the same in mode, links, owner, size or device, time,
name and target, line by line. The status is 1 if a line differs.
"""

import datetime
import json
import os
import re
import subprocess
import sys

UNPACK = {
    "none": ["cat"], "gzip": ["gzip", "-dc"], "xz": ["xz", "-dc"], "lzma": ["xz", "--format=lzma", "-dc"],
    "bzip2": ["bzip2", "-dc"], "lz4": ["lz4", "-dc"], "lz4-frame": ["lz4", "-dc"], "zstd": ["zstd", "-dc"],
    "lzo": ["lzop", "-dc"],
}
LINE = re.compile(
    r"(\S{10})\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+(?:,\s*\d+)?) (\w{3} [ \d]\d [ \d]\d[\d:]\d\d) (.*)", re.S)


def mode(entry):
    bits = int(entry["mode"], 8)
    text = entry["type"]
    for shift, special, letter in ((6, 0o4000, "s"), (3, 0o2000, "s"), (0, 0o1000, "t")):
        three = bits >> shift
        execute = "x" if three & 1 else "-"
        if bits & special:
            execute = letter if three & 1 else letter.upper()
        text += ("r" if three & 4 else "-") + ("w" if three & 2 else "-") + execute
    return text


def ours(entry):
    """An entry of the JSON as the fields of a line of cpio, but for its time."""
    size = ",".join(map(str, entry["device"])) if "device" in entry else str(entry["size"])
    name = entry["name"] + (" -> " + entry["target"] if "target" in entry else "")
    return [mode(entry), str(entry["links"]), str(entry["uid"]), str(entry["gid"]), size, name], entry["mtime"]


def theirs(line):
    """The same fields of a line of cpio, and its time."""
    fields = LINE.fullmatch(line)
    if not fields:
        return [line], ""
    kind, links, uid, gid, size, time, name = fields.groups()
    return [kind, links, uid, gid, size.replace(" ", ""), name], time


def same_time(seconds, text):
    """cpio shows the year or the time of day."""
    time = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return text in (time.strftime("%b %e %H:%M"), time.strftime("%b %e  %Y"))


def main():
    inspect, cpio, *images = sys.argv[1:]
    environment = dict(os.environ, TZ="UTC", LC_ALL="C")
    differences = 0
    for image in images:
        segments = json.loads(subprocess.run([inspect, "list", "--json", image], check=True, capture_output=True).stdout)
        with open(image, "rb") as file:
            whole = file.read()
        lines = 0
        for segment in segments:
            start, size = segment["offset"], segment["size"]
            packed = whole[start:start + size]
            data = subprocess.run(UNPACK[segment["compression"]], input=packed, check=True, capture_output=True).stdout
            assert len(data) == segment["unpacked"], (image, len(data), segment["unpacked"])
            # cpio stops at the first trailer: the archives of a segment are given to it one by one.
            at = 0
            for archive in segment["archives"]:
                listed = subprocess.run([cpio, "-itvn", "--quiet"], input=data[at:at + archive["size"]], env=environment,
                                        capture_output=True).stdout.decode("utf-8", "replace").splitlines()
                at += archive["size"]
                entries = archive["entries"]
                if len(listed) != len(entries):
                    print(f"{image}: {len(entries)} entries, cpio has {len(listed)}")
                    differences += 1
                for entry, line in zip(entries, listed):
                    lines += 1
                    (mine, seconds), (other, time) = ours(entry), theirs(line)
                    if mine != other or not same_time(seconds, time):
                        differences += 1
                        print(f"{image}:\n  inspect {mine} {seconds}\n  cpio    {other} {time}")
        print(f"{image}: {lines} lines compared")
    print(f"{differences} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
