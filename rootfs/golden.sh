# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What the golden boot runs in place of a shell: a look around, so that its log shows what the system is.
uname -a
cat /proc/cmdline
ls -la /
mount
lsmod
ps
echo 'that was the golden boot'
