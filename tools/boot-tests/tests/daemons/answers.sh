# SPDX-License-Identifier: MIT OR Apache-2.0
#
# `answers UNIT` asks the daemon of the unit for something that it has to do itself, and prints its answer. Status 1 if there is none
# within a minute (of cron, two: it runs jobs once a minute).

# Sends $2 to TCP port $1, and prints what comes back.
tcp() {
    exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
    printf "$2" >&3
    # The peer may reset the connection after its answer.
    timeout 5 head -c 400 <&3 || :
    exec 3>&-
}

# Asks the name server at port $1 for the address of answer.test.
address() {
    perl -MIO::Socket::INET -e '
        my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0], Proto => "udp") or exit 1;
        $socket->send(pack("n6", 7, 256, 1, 0, 0, 0) . "\x06answer\x04test\0" . pack("n2", 1, 1));
        vec(my $set = "", fileno($socket), 1) = 1;
        select($set, undef, undef, 5) or exit 1;
        $socket->recv(my $reply, 512);
        print join(".", unpack("C4", substr($reply, -4))), "\n";' "$1"
}

# A file that is to appear after its removal.
appears() {
    rm -f "$1"
    eval "${2:-}"
    for _ in $(seq 1200); do
        if [ -e "$1" ]; then
            echo "made $1"
            return
        fi
        sleep 0.1
    done
    return 1
}

ask() {
    case $1 in
        nginx.service) tcp 80 'GET / HTTP/1.0\r\n\r\n' | grep -aio '^server: nginx' ;;
        lighttpd.service) tcp 8081 'GET / HTTP/1.0\r\n\r\n' | grep -aio '^server: lighttpd' ;;
        apache2.service) tcp 8082 'GET / HTTP/1.0\r\n\r\n' | grep -aio '^server: apache' ;;
        redis-server.service) redis-cli ping | grep -o PONG ;;
        ssh.service) tcp 22 'x\n' | grep -ao '^SSH-2.0-OpenSSH' ;;
        memcached.service) tcp 11211 'stats\r\nquit\r\n' | grep -ao 'STAT version' ;;
        vsftpd.service) tcp 21 'QUIT\r\n' | grep -ao '^220 (vsFTPd' ;;
        # CONNECT of MQTT 3.1.1, client "x"; the answer is CONNACK, accepted.
        mosquitto.service) tcp 1883 '\x10\x0d\x00\x04MQTT\x04\x02\x00\x0a\x00\x01x\xe0\x00' | od -An -tx1 | grep -o '20 02 00 00' ;;
        stunnel@test.service)
            printf 'GET / HTTP/1.0\r\n\r\n' | timeout 20 openssl s_client -quiet -connect 127.0.0.1:9443 2>/dev/null | grep -aio '^server: nginx' ;;
        unbound.service) address 53 | grep 127.0.0.8 ;;
        dnsmasq.service) address 5353 | grep 127.0.0.9 ;;
        chrony.service) chronyc -n tracking | grep -o 'Leap status' ;;
        dbus.service)
            dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames | grep -o 'org.freedesktop.DBus' ;;
        rpcbind.service) rpcinfo -p 127.0.0.1 | grep -o portmapper ;;
        # The socket at which systemd's log daemon passes its lines on.
        rsyslog.service)
            word=$RANDOM$RANDOM
            logger --socket /run/systemd/journal/syslog -t test "$word"
            for _ in $(seq 100); do
                if grep -aq "test: $word" /var/log/syslog; then
                    echo 'the line is there'
                    return
                fi
                sleep 0.1
            done
            return 1 ;;
        cron.service) appears /run/cron-ran ;;
        atd.service) appears /run/at-ran 'echo touch /run/at-ran | at now 2>/dev/null' ;;
        # It only feeds the kernel: that it runs as a process of its own is all there is to see.
        haveged.service) pgrep -x haveged >/dev/null && echo 'runs' ;;
        *)
            echo "answers.sh: no question for $1" >&2
            return 1 ;;
    esac
}

answers() {
    local answer
    for _ in $(seq 60); do
        if answer=$(set -o pipefail; ask "$1" 2>/tmp/answer.error); then
            echo "$answer" | head -n 1 | tr -d '\r'
            return
        fi
        sleep 1
    done
    cat /tmp/answer.error >&2
    return 1
}
