# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What the golden boot runs in place of a shell: a look around, so that its log shows what the system is.
# Its time stamp is what it cost to get here.
echo 'golden: the shell runs' >/dev/kmsg
uname -a
cat /proc/cmdline
ls -la /
mount
lsmod
ps
echo 'that was the golden boot'
