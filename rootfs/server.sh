# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What the golden boot of the server image runs beside the login prompt: its services.
echo 'golden: the shell runs' >/dev/kmsg
uname -a
cat /proc/cmdline
svc list
systemctl status serial-getty@ttyS0.service
svc blame
who -b
mount
lsmod
ps -e
free
echo 'that was the golden boot'
