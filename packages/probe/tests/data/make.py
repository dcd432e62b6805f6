# SPDX-License-Identifier: MIT OR Apache-2.0
"""What make.sh has no program for: bcachefs, and members of arrays of big-endian machines; and the packing."""

import os
import struct
import subprocess
import sys


def crc(data, state, polynomial):
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (polynomial if state & 1 else 0)
    return state


def write(name, size, at, data):
    with open(name, "wb") as file:
        file.truncate(size)
        file.seek(at)
        file.write(data)


def big_endian(name, of):
    """The superblock of version 0.90 as a big-endian machine writes it: words in its byte order, and the high halves of the two
    counters of events first."""
    with open(of, "rb") as file:
        data = file.read()
    at = (len(data) & ~0xFFFF) - 0x10000
    words = list(struct.unpack_from("<1024I", data, at))
    for low in 39, 41:
        words[low], words[low + 1] = words[low + 1], words[low]
    write(name, len(data), at, struct.pack(">1024I", *words))


def bcachefs(name, size=4 << 20):
    magic = bytes.fromhex("c68573f666ce90a9d96a60cf803df7ef")
    block = bytearray(752)
    struct.pack_into("<HH", block, 16, 1 << 10 | 25, 1 << 10 | 25)
    block[24:40] = magic
    block[40:56] = bytes(range(16))
    block[56:72] = bytes(range(16, 32))
    block[72:81] = b"bca label"
    struct.pack_into("<QQHBB", block, 104, 8, 1, 8, 0, 1)
    # The kind of checksum, as blkid looks for it: CRC-32C.
    block[144] = 1 << 2
    block[240:256] = magic
    block[257] = 7
    member = bytearray(56)
    member[0:16] = bytes(range(32, 48))
    struct.pack_into("<QHH", member, 16, 16, 1, 512)
    struct.pack_into("<Q", member, 40, 1 << 20)
    members = struct.pack("<II", (8 + len(member)) // 8, 1) + member
    groups = b"fast".ljust(48, b"\0")
    block += members + struct.pack("<II", (8 + len(groups)) // 8, 5) + groups
    struct.pack_into("<I", block, 124, (len(block) - 752) // 8)
    struct.pack_into("<Q", block, 0, crc(block[16:], 0xFFFFFFFF, 0x82F63B78) ^ 0xFFFFFFFF)
    write(name, size, 4096, block)


def members():
    big_endian("md-0.90-big", "md-0.90")
    bcachefs("bcachefs")


def unescape(value):
    """A value of `blkid -o export` as bytes: M- before those above 127, ^ before control characters, backslashes."""
    out, at = bytearray(), 0
    while at < len(value):
        high = value.startswith(b"M-", at)
        at += 2 if high else 0
        if value[at] == 0x5E:
            byte, at = value[at + 1] ^ 0x40, at + 2
        elif value[at] == 0x5C:
            byte, at = value[at + 1], at + 2
        else:
            byte, at = value[at], at + 1
        out.append(byte | 0x80 if high else byte)
    return bytes(out)


def ascii(value):
    """The same as Rust's escape_ascii writes it."""
    special = {0x22: '\\"', 0x27: "\\'", 0x5C: "\\\\"}
    return "".join(special.get(byte, chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in value)


def expectation(name):
    """What blkid says. Releases around 2.41 end with 2 and no word where signatures exclude each other, and the manual
    page's 8 comes from others, such as 2.38: BLKID_AMBIVALENT."""
    ask = lambda blkid, form: subprocess.run([blkid, "-p", "-o", form, name], capture_output=True, check=False)
    result = ask(os.environ.get("BLKID", "blkid"), "export")
    other = os.environ.get("BLKID_AMBIVALENT", "blkid")
    if result.returncode != 0 and ask(other, "export").returncode == 8:
        found = ask(other, "udev").stdout.decode().strip().split("=")[1].split(" ")
        return ["ambivalent result: " + " and ".join(one.split(":")[1] for one in found)]
    pairs = [line.split(b"=", 1) for line in result.stdout.splitlines()[1:]]
    return [f"{tag.decode()}={ascii(unescape(value))}" for tag, value in pairs]


def reduced(name):
    """The size and the sectors that are not zero; of a long run, only the start: data and tables of inodes."""
    size, sectors, run = os.path.getsize(name), {}, 0
    with open(name, "rb") as file:
        for number in range(-(-size // 512)):
            sector = file.read(512)
            run = run + 1 if sector.strip(b"\0") else 0
            if run and (run <= 16 or number < 64):
                sectors[number] = sector
    return size, sectors


def pack():
    for name in sorted(os.listdir(".")):
        expect = expectation(name)
        size, sectors = reduced(name)
        with open(name, "wb") as file:
            file.truncate(size)
            for number, sector in sectors.items():
                file.seek(number * 512)
                file.write(sector)
        if expectation(name) != expect:
            sys.exit(f"{name}: what is left of it is something else: {expect} {expectation(name)}")
        head = f"{name} {size} {len(sectors)} {len(expect)}\n" + " ".join(map(str, sectors)) + "\n"
        sys.stdout.buffer.write((head + "".join(line + "\n" for line in expect)).encode())
        for sector in sectors.values():
            sys.stdout.buffer.write(sector.ljust(512, b"\0"))


def unpack():
    """The images of standard input, which pack wrote, as files."""
    packed = sys.stdin.buffer
    while head := packed.readline():
        name, size, _, lines = head.decode().split()
        numbers = [int(number) for number in packed.readline().split()]
        for _ in range(int(lines)):
            packed.readline()
        with open(name, "wb") as file:
            for number in numbers:
                file.seek(number * 512)
                file.write(packed.read(512))
            file.truncate(int(size))


{"members": members, "pack": pack, "unpack": unpack}[sys.argv[1]]()
