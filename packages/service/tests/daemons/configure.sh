#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Configuration of the daemons, as an administrator would write it: ports that do not collide, a certificate, what the checks ask for.
# Runs in a writable layer above the Debian root. No unit file of a package is changed.
set -eu
cd "${1:?directory of the root}"

sed -i 's/^server.port .*/server.port = 8081/' etc/lighttpd/lighttpd.conf
sed -i 's/^Listen 80$/Listen 8082/' etc/apache2/ports.conf
sed -i 's/:80>/:8082>/' etc/apache2/sites-available/000-default.conf
echo 'ServerName localhost' >>etc/apache2/apache2.conf
echo 'lighttpd' >var/www/html/index.html
# Neither the host's clock is set, nor is it waited for a network.
echo 'DAEMON_OPTS="-F 1 -x"' >etc/default/chrony
printf 'port=5353\nbind-interfaces\nno-resolv\naddress=/answer.test/127.0.0.9\n' >etc/dnsmasq.d/test.conf
printf 'server:\n  local-data: "answer.test. A 127.0.0.8"\n' >etc/unbound/unbound.conf.d/test.conf
printf 'listener 1883 127.0.0.1\nallow_anonymous true\n' >etc/mosquitto/conf.d/test.conf
sed -i 's/^listen=NO/listen=YES/; s/^listen_ipv6=YES/listen_ipv6=NO/' etc/vsftpd.conf
echo '* * * * * root touch /run/cron-ran' >etc/cron.d/test
chroot . openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost -out /etc/stunnel/test.pem -keyout /etc/stunnel/test.key \
    2>/dev/null
printf 'foreground = yes\ncert = /etc/stunnel/test.pem\nkey = /etc/stunnel/test.key\n[test]\naccept = 9443\nconnect = 127.0.0.1:80\n' \
    >etc/stunnel/test.conf
echo 'localhost' >etc/hostname
