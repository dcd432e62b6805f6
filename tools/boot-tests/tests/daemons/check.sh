# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Runs in the guest, after answers.sh, with units as its arguments, when daemons.target is reached. Prints a row of a table for each
# unit: its state; the daemon's answer; that it answers again after `reload`, if it has one, after `kill -9` of its main process, and
# after `stop` (no process may be left) and `start`. What does otherwise than its file says is a FAULT, with the reason on standard error.
set -eu

value() { svc show "$1" | sed -n "s/^$2=//p"; }
is_up() { case $(value "$1" ActiveState) in active | reloading) ;; *) return 1 ;; esac }

# Waits until a command succeeds; status 1 if it has not after a minute.
until_true() {
    for _ in $(seq 600); do
        if "$@"; then return; fi
        sleep 0.1
    done
    return 1
}

# The reason of a fault of the unit $1, and what is known.
fault() {
    {
        echo "$1: $2"
        svc status -n 30 "$1" || :
    } >&2
    echo FAULT
}

# The unit file is that of a package, and nothing is added to it.
files() {
    local file
    for file in $(value "$1" FragmentPath) $(value "$1" DropInPaths); do
        # An alias is a link.
        case $(realpath "$file") in
            /usr/lib/systemd/system/*) ;;
            *)
                fault "$1" "has the file $file"
                return 1 ;;
        esac
    done
}

again() { local now; now=$(value "$1" MainPID); [ "$now" != 0 ] && [ "$now" != "$2" ] && is_up "$1"; }
failed() { [ "$(value "$1" ActiveState)" = failed ]; }

# Kills the main process, and prints what became of the unit.
kill_main() {
    local pid restart
    pid=$(value "$1" MainPID)
    restart=$(svc cat "$1" | sed -n 's/^Restart=//p' | tail -n 1)
    if [ "$pid" = 0 ]; then
        fault "$1" 'has no main process'
        return
    fi
    svc kill --signal=SIGKILL --kill-whom=main "$1"
    case ${restart:-no} in
        always | on-failure | on-abnormal | on-abort)
            if until_true again "$1" "$pid" && answers "$1" >/dev/null; then
                echo "runs again (Restart=$restart)"
            else
                fault "$1" 'does not run again after kill -9'
            fi ;;
        *)
            if until_true failed "$1"; then
                echo "failed: $(value "$1" Result) (no Restart=)"
            else
                fault "$1" 'is not failed after kill -9'
            fi ;;
    esac
}

reload() {
    if ! svc cat "$1" | grep -Eq '^ExecReload=|^Type=notify-reload'; then
        echo none
    elif svc reload "$1" && answers "$1" >/dev/null; then
        echo done
    else
        fault "$1" 'does not reload'
    fi
}

stop_and_start() {
    # Its sockets would start it again with the next message.
    # shellcheck disable=SC2046 # One unit is one word.
    if ! svc stop "$1" $(value "$1" TriggeredBy) || [ -n "$(value "$1" PIDs)" ]; then
        fault "$1" 'does not stop'
        return
    fi
    if svc start "$1" && answers "$1" >/dev/null; then
        echo done
    else
        fault "$1" 'does not start again'
    fi
}

check() {
    local state
    files "$1" || return 0
    state="$(value "$1" ActiveState) ($(value "$1" SubState))"
    is_up "$1" || { fault "$1" "is $state"; return; }
    printf '%s | %s' "$state" "$(answers "$1" || fault "$1" 'does not answer')"
    printf ' | %s' "$(reload "$1")" "$(kill_main "$1")" "$(stop_and_start "$1")"
}

for unit; do
    echo "| $unit | $(check "$unit") |"
    # What failed by kill -9 has to be forgotten, for the end.
    svc reset-failed "$unit"
done

# Process 1 goes on as a copy of its program, and each daemon as the process that it is.
main_processes() { for unit; do echo "$unit $(value "$unit" MainPID)"; done; }
before=$(main_processes "$@")
cp /usr/sbin/init /usr/sbin/init.new
mv /usr/sbin/init.new /usr/sbin/init
svc daemon-reexec
if [ "$(stat -L -c %i /proc/1/exe)" != "$(stat -c %i /usr/sbin/init)" ]; then
    echo "process 1 is not the new program: $(readlink /proc/1/exe)"
elif [ "$(main_processes "$@")" != "$before" ]; then
    echo 'main processes are other ones after daemon-reexec:'
    main_processes "$@" | diff <(echo "$before") - || :
else
    echo "$(grep -c ' [1-9]' <<<"$before") main processes go on"
fi
