# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What the golden boot of the minimal image runs in place of a shell: golden.sh, without the core utilities.
echo 'golden: the shell runs' >/dev/kmsg
grep . /proc/version
grep . /proc/cmdline
mount
lsmod
ps
echo 'that was the golden boot'
