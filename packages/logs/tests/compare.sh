#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# compare.sh LOGD LOGCTL: sends 100,000 messages to journald and to LOGD, in turns, and prints the time of sending, CPU time, memory and
# bytes on the disk. Needs root and systemd-journald. It changes nothing: each run is in a mount namespace of its own, with /run and
# /var/log on tmpfs.
set -euo pipefail
if [ "${INSIDE:-}" = "" ]; then
  for daemon in journald logd journald logd; do
    INSIDE=$daemon unshare --mount bash "$0" "$(realpath -s "$1")" "$(realpath -s "$2")"
  done
  exit
fi
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/log
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /var/log/journal
case $INSIDE in
journald)
  printf '[Journal]\n%s\n' Storage=persistent RateLimitIntervalSec=0 RateLimitBurst=0 ReadKMsg=no Audit=no ForwardToSyslog=no \
    SystemMaxUse=1G >/run/systemd/journald.conf.d/compare.conf
  # What PID 1 of systemd has done when /var can be written.
  touch /run/systemd/journal/flushed
  /usr/lib/systemd/systemd-journald &
  ready=/run/systemd/journal/dev-log socket=$ready
  ;;
logd)
  "$1" --directory /var/log/qos --runtime /run/logd --dev-log /run/log --kmsg none --rate-burst 0 &
  ready=/run/logd/stdout socket=/run/log
  ;;
esac
pid=$!
trap 'kill "$pid"' EXIT
until [ -S "$ready" ]; do sleep 0.1; done
sent=$(python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(sys.argv[1]); t = time.time()
for n in range(100000):
    s.send(b"<30>Nov 28 12:00:00 sshd[%d]: Accepted publickey for root from 10.0.0.%d port %d ssh2" % (n % 9000, n % 250, n))
print("%.1f s" % (time.time() - t))' "$socket")
# All is written when the daemon uses no CPU time any more.
before=
until ticks=$(cut -d' ' -f14,15 "/proc/$pid/stat") && [ "$ticks" = "$before" ]; do
  before=$ticks
  sleep 1.5
done
read -r user system <<<"$ticks"
memory=$(sed -n 's/^VmHWM:[[:space:]]*//p' "/proc/$pid/status")
case $INSIDE in
journald) entries=$(journalctl -D /var/log/journal -q -o cat | grep -c Accepted) ;;
logd) entries=$("$2" --directory /var/log/qos -o cat | grep -c Accepted) ;;
esac
echo "$INSIDE: $entries entries, sent in $sent, CPU $(((user + system) * 1000 / $(getconf CLK_TCK))) ms, at most $memory of memory, files:"
[ "$INSIDE" = journald ] || { kill -USR2 "$pid" && sleep 2; }
find /var/log -name '*.journal*' -printf '  %s bytes  %f\n' -o -name '*.log*' -printf '  %s bytes  %f\n' | sort -k3
[ "$INSIDE" = journald ] || echo "  $(zcat /var/log/qos/*.gz | wc -c) bytes before compression"
