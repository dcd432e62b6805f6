#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Makes the containers of tests/luks.rs by cryptsetup (2.6.1) in the current directory. Salts and keys are random, so each run
# makes other bytes. A short key keeps the key slots small; the unused ones, which cryptsetup fills with random bytes, become zeros.
set -eu
luks2="--type luks2 --luks2-metadata-size 16k --luks2-keyslots-size 512k --cipher aes-cbc-essiv:sha256 --key-size 128
  --keyslot-cipher aes-xts-plain64 --keyslot-key-size 512 --batch-mode"
truncate -s 2M luks2
printf one | cryptsetup luksFormat $luks2 --uuid 11111111-2222-3333-4444-555555555555 --label laptop --sector-size 4096 \
  --pbkdf argon2id --pbkdf-memory 64 --pbkdf-force-iterations 4 --pbkdf-parallel 2 luks2 -
printf one >key-one
printf two | cryptsetup luksAddKey --key-file key-one --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --hash sha512 \
  --keyslot-cipher aes-xts-plain64 --keyslot-key-size 512 luks2 -
printf three | cryptsetup luksAddKey --key-file key-one --pbkdf argon2i --pbkdf-memory 32 --pbkdf-force-iterations 4 \
  --keyslot-cipher aes-xts-plain64 --keyslot-key-size 512 luks2 -
cryptsetup config --priority prefer --key-slot 1 luks2
truncate -s 2M luks1
printf four | cryptsetup luksFormat --type luks1 --cipher aes-xts-plain64 --key-size 256 --hash sha256 --batch-mode \
  --uuid 99999999-2222-3333-4444-555555555555 --pbkdf-force-iterations 1000 luks1 -
for name in luks2 luks1; do
  key=$([ $name = luks2 ] && echo one || echo four)
  printf %s "$key" | cryptsetup luksDump --dump-volume-key --batch-mode --key-file - $name |
    sed -n '/MK dump:/,$ p; /Volume key dump:/,$ p' | tr -d ' \t\n' | sed 's/.*dump://' >$name.key
  case $name in
    luks2) used=56 ;; # in blocks of 4096 bytes: two headers, three slots
    luks1) used=33 ;;
  esac
  dd if=/dev/zero of=$name bs=4096 seek=$used count=$((512 - used)) conv=notrunc status=none
  zstd -q -19 --rm -f $name
done
rm key-one
