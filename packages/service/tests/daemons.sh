#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Runs Debian's daemons by their packages' own unit files, with init-services as process 1, and prints a table.
#
#   daemons.sh ROOT INIT SVC [UNIT...]
#
# ROOT is a directory with an installed Debian system that has the packages of daemons/packages; where it does not exist, mmdebstrap(1)
# makes it, of Debian 13 and the mirror that the host's apt has.
#
# INIT and SVC are the programs init-services and svc. The units are those of daemons/units by default. Run as root, on a kernel with
# overlayfs and cgroup v2. ROOT is not written to: a layer in memory is above it. Process 1 has namespaces of its own for
# processes, mounts, network, host name, IPC and control groups; /proc/sys and /sys are read-only.
#
# For each unit: its state; how the daemon was asked (daemons/units) and what it answered (daemons/answers.sh), at first, and again after
# `reload`, if it has one, after `kill -9` of its main process, and after `stop` (no process may be left) and `start`. The status is 1 if a unit does otherwise than its
# file says. The log of process 1 and the directory of the run are named at the end; they stay if KEEP is set.
set -eu
here=$(dirname "$(realpath "$0")")

if [ "${1:-}" != --inside ]; then
    if ! [ -e "${1:?directory of a Debian system}" ]; then
        mmdebstrap --variant=minbase --aptopt='APT::Install-Recommends "false"' \
            --include="$(grep -v '^#' "$here/daemons/packages" | tr '\n' ',')" trixie "$1"
    fi
    root=$(realpath "$1") init=$(realpath "${2:?program init-services}") svc=$(realpath "${3:?program svc}")
    shift 3
    if [ "$#" -eq 0 ]; then
        # shellcheck disable=SC2046 # One unit is one word.
        set -- $(grep -v '^#' "$here/daemons/units" | cut -d ' ' -f 1)
    fi
    group=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/qos-daemons-$$
    work=$(mktemp -d)
    mkdir "$group"
    status=0
    (
        echo "$BASHPID" >"$group/cgroup.procs"
        exec unshare --mount --uts --ipc --net --cgroup --propagation private "$0" --inside "$root" "$init" "$svc" "$work" "$@"
    ) || status=$?
    # The namespaces end with process 1; its groups are empty then.
    find "$group" -depth -type d -exec rmdir {} + || :
    if [ -n "${KEEP:-}" ]; then echo "kept: $work"; else rm -rf "$work"; fi
    exit "$status"
fi

shift
root=$1 init=$2 svc=$3 work=$4
shift 4

# The file system of the guest.
mkdir "$work/layers" "$work/root"
mount -t tmpfs -o mode=0755 layers "$work/layers"
mkdir "$work/layers/upper" "$work/layers/work"
mount -t overlay -o "lowerdir=$root,upperdir=$work/layers/upper,workdir=$work/layers/work" root "$work/root"
guest=$work/root
mount -t tmpfs -o mode=0755 dev "$guest/dev"
for device in null zero full random urandom tty; do
    : >"$guest/dev/$device"
    mount --bind "/dev/$device" "$guest/dev/$device"
done
# Without /dev/kmsg, process 1 writes its log to standard error.
ln -s pts/ptmx "$guest/dev/ptmx"
mount -t sysfs -o ro sys "$guest/sys"
mkdir -p "$guest/opt/test"
cp "$init" "$guest/sbin/qos-init"
cp "$svc" "$guest/usr/local/bin/svc"
ln -sf svc "$guest/usr/local/bin/systemctl"
cp "$here/daemons/answers.sh" "$guest/opt/test/"
"$here/daemons/configure.sh" "$guest"
{
    printf '[Unit]\nWants=timers.target\nAfter=timers.target\n'
    for unit; do printf 'Wants=%s\nAfter=%s\n' "$unit" "$unit"; done
} >"$guest/etc/systemd/system/daemons.target"
ln -sf daemons.target "$guest/etc/systemd/system/default.target"
ip link set lo up

# Process 1. Its /proc is mounted by the first process of its namespace; what concerns the host's kernel is read-only there.
# shellcheck disable=SC2016 # Variables of the other shell.
unshare --pid --fork --kill-child sh -c '
    mount -t proc proc "$1/proc"
    for path in sys sysrq-trigger; do
        # A kernel need not have the latter.
        [ -e "$1/proc/$path" ] || continue
        mount --bind "$1/proc/$path" "$1/proc/$path"
        mount -o remount,bind,ro "$1/proc/$path"
    done
    exec chroot "$1" /sbin/qos-init' sh "$guest" </dev/null >"$work/console" 2>&1 &
unshared=$!

# Waits until a command succeeds; status 1 if it has not after $1 tenths of a second.
until_true() {
    for _ in $(seq "$1"); do
        if "${@:2}"; then return; fi
        sleep 0.1
    done
    return 1
}
child() { first=$(cat "/proc/$unshared/task/$unshared/children" 2>/dev/null) && [ -n "$first" ]; }
until_true 100 child
first=${first%% *}
inside() { nsenter --target "$first" --mount --pid --root --wd -- env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin LC_ALL=C.UTF-8 HOME=/root "$@"; }
ctl() { inside svc "$@" </dev/null; }
value() { ctl show "$1" | sed -n "s/^$2=//p"; }
is_up() { case $(value "$1" ActiveState) in active | reloading) ;; *) return 1 ;; esac }
settled() { [ -z "$(value "$1" Job)" ]; }
answers() { inside /opt/test/answers.sh "$1" </dev/null; }
listening() { inside test -S /run/qos/init.sock; }
until_true 100 listening || { cat "$work/console"; exit 1; }
until_true 1200 settled daemons.target || { echo "daemons.target: not reached within 2 minutes"; ctl jobs; }

bad=0
row() { printf '| %s | %s | %s | %s | %s | %s | %s | %s |\n' "$@"; }
fault() {
    bad=1
    echo "$1: $2"
    ctl status -n 20 "$1" || :
} >&2

# Kills the main process, and says what became of the unit.
kill_main() {
    local unit=$1 pid restart
    pid=$(value "$unit" MainPID)
    restart=$(ctl cat "$unit" | sed -n 's/^Restart=//p' | tail -n 1)
    if [ -z "$pid" ]; then
        echo "no main process"
        return
    fi
    ctl kill --signal=SIGKILL --kill-whom=main "$unit"
    case ${restart:-no} in
        always | on-failure | on-abnormal | on-abort)
            again() { local now; now=$(value "$unit" MainPID); [ -n "$now" ] && [ "$now" != "$pid" ] && is_up "$unit"; }
            if until_true 300 again && answers "$unit" >/dev/null; then
                echo "runs again (Restart=$restart)"
            else
                fault "$unit" "does not run again after kill -9, Restart=$restart"
                echo "FAULT"
            fi ;;
        *)
            # Where ExecStart= has a "-", what ExecStop= makes of it is the result, as with systemd.
            failed() { [ "$(value "$unit" ActiveState)" = failed ]; }
            if until_true 300 failed; then echo "failed: $(value "$unit" Result) (no Restart=)"; else
                fault "$unit" "is not failed after kill -9"
                echo "FAULT"
            fi ;;
    esac
}

row package unit state asked answer reload 'kill -9' 'stop, start'
row --- --- --- --- --- --- --- ---
for unit; do
    file=$(value "$unit" Files | cut -d ' ' -f 1)
    package=$(inside dpkg -S "$(inside realpath "$file")" 2>/dev/null | cut -d : -f 1)
    version=$(inside dpkg-query -f '${Version}' -W "$package")
    state="$(value "$unit" ActiveState) ($(value "$unit" SubState))"
    asked=$(sed -n "s/^$unit //p" "$here/daemons/units")
    if ! is_up "$unit"; then
        fault "$unit" "is not active"
        row "$package $version" "$unit" "FAULT: $state" "$asked" - - - -
        continue
    fi
    if ! answer=$(answers "$unit"); then
        fault "$unit" "does not answer"
        answer=FAULT
    fi
    reload=none
    if ctl cat "$unit" | grep -Eq '^ExecReload=|^Type=notify-reload'; then
        reload=done
        if ! ctl reload "$unit" || ! answers "$unit" >/dev/null; then
            fault "$unit" "does not reload"
            reload=FAULT
        fi
    fi
    killed=$(kill_main "$unit")
    again=done
    # Its sockets would start it again with the next message.
    # shellcheck disable=SC2046 # One unit is one word.
    if ! ctl stop "$unit" $(value "$unit" TriggeredBy) || [ -n "$(value "$unit" PIDs)" ]; then
        fault "$unit" "does not stop"
        again=FAULT
    fi
    # What a service leaves behind by KillMode=process is its own business.
    ctl reset-failed "$unit"
    if ! ctl start "$unit" || ! answers "$unit" >/dev/null; then
        fault "$unit" "does not start again"
        again=FAULT
    fi
    row "$package $version" "$unit" "$state" "$asked" "$answer" "$reload" "$killed" "$again"
done

# Process 1 goes on as a copy of its program, and each daemon as the process that it is.
main_processes() { for unit; do echo "$unit $(value "$unit" MainPID)"; done; }
before=$(main_processes "$@")
cp "$guest/sbin/qos-init" "$guest/sbin/qos-init.new"
mv "$guest/sbin/qos-init.new" "$guest/sbin/qos-init"
ctl daemon-reexec || bad=1
echo
if [ "$(inside stat -L -c %i /proc/1/exe)" = "$(inside stat -c %i /sbin/qos-init)" ] && [ "$(main_processes "$@")" = "$before" ]; then
    echo "daemon-reexec: process 1 is the new program; $(grep -c ' [0-9]' <<<"$before") main processes are what they were"
else
    bad=1
    echo 'daemon-reexec: process 1 is not the new program, or a main process is another one'
fi

echo
echo 'Timers, and when they elapse next (seconds after boot):'
for timer in $(inside sh -c 'ls /etc/systemd/system/timers.target.wants'); do
    next=$(value "$timer" NextElapseUSec)
    echo "$timer $(value "$timer" ActiveState) $(value "$timer" SubState) ${next:+$((next / 1000000))}"
done

ctl poweroff
gone() { ! kill -0 "$unshared" 2>/dev/null; }
if ! until_true 300 gone; then
    bad=1
    echo 'poweroff: process 1 does not end within 30 s' >&2
fi
exit "$bad"
