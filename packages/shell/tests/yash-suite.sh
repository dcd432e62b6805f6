#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run yash's POSIX test suite by a shell, and print figures of each file, the cases that fail, and three figures of all.
#
#   yash-suite.sh SUITE SHELL [FILE...]
#
# SUITE is the directory tests/ of yash's sources; SHELL is the program to test; each FILE is the name of a test file (all
# *-p.tst by default). The runner is the shell yash, version 2.52 or later, found by PATH. The results (*.trs) stay in a
# directory of TMPDIR that the last line names. JOBS files run at a time (2 by default), and each is given LIMIT seconds
# (600 by default). The suite's helper programs are compiled by cc where SUITE does not have them.
set -eu
suite=${1:?directory of the suite} shell=$(command -v "${2:?shell}")
shift 2
work=$(mktemp -d "${TMPDIR:-/tmp}/yash-suite.XXXXXX")
cp -R "$suite/." "$work"
cd "$work"
for helper in checkfg ptwrap; do
    [ -x "$helper" ] || cc -o "$helper" "$helper.c"
done
[ "$#" -gt 0 ] || set -- *-p.tst

# The number of results of the kind $1 in the files $2 and on.
count() {
    kind=$1
    shift
    cat "$@" | grep -ac "^%%% $kind" || :
}

# A test file that needs a terminal gets one of its own.
run_file() {
    wrap=
    if grep -q %REQUIRETTY% "$1"; then wrap=./ptwrap; fi
    LANG=C.UTF-8 timeout "${LIMIT:-600}" $wrap env --default-signal yash ./run-test.sh "$shell" "$1" \
        </dev/null >/dev/null 2>&1 || echo "NOT COMPLETED: $1 (status $?)"
    result=${1%.tst}.trs
    echo "$1: passed $(count PASSED "$result"), failed $(count FAILED "$result")"
}

# Runs every file whose number is $1 modulo JOBS.
run_files() {
    number=0
    turn=$1
    shift
    for file do
        if [ "$((number % jobs))" -eq "$turn" ]; then run_file "$file"; fi
        number=$((number + 1))
    done
}

jobs=${JOBS:-2}
turn=0
while [ "$turn" -lt "$jobs" ]; do
    run_files "$turn" "$@" &
    turn=$((turn + 1))
done
wait

cat ./*-p.trs | grep -a '^%%% FAILED' | sed 's/^%%% //' || :
echo "passed $(count PASSED ./*-p.trs), failed $(count FAILED ./*-p.trs), skipped $(count SKIPPED ./*-p.trs);" \
    "results in $work"
