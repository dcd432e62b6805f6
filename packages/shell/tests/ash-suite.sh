#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run the tests of busybox's ash by a shell, and print the names of those that fail and the figures.
#
#   ash-suite.sh SUITE SHELL [TEST...]
#
# SUITE is the directory shell/ash_test of busybox's sources; SHELL is the program to test; each TEST is the path of a test in
# SUITE (all ash-*/*.tests by default). A test passes if its standard output and standard error together are the file *.right.
# A test that fails is named, with a category: "messages" if the output agrees after the removal of diagnostics, "timeout"
# after LIMIT seconds (300 by default), else "output". Actual outputs (*.xx) and differences (*.diff) stay in a directory of
# TMPDIR that the last line names.
# The suite's helper programs are compiled by cc where SUITE does not have them.
set -eu
suite=${1:?directory of the suite} THIS_SH=$(command -v "${2:?shell}")
shift 2
work=$(mktemp -d "${TMPDIR:-/tmp}/ash-suite.XXXXXX")
cp -R "$suite/." "$work"
cd "$work"
for helper in printenv recho zecho; do
    [ -x "$helper" ] || cc -w -o "$helper" "$helper.c"
done
# Some tests call ash by its name.
printf '#!/bin/sh\nexec "$THIS_SH" "$@"\n' >ash
chmod +x ash
[ "$#" -gt 0 ] || set -- ash-*/*.tests

# The environment that the suite's own runner sets.
unset LANG LANGUAGE LC_COLLATE LC_CTYPE LC_MONETARY LC_MESSAGES LC_NUMERIC LC_TIME LC_ALL
export THIS_SH PATH="$work:$PATH" CONFIG_FEATURE_FANCY_ECHO=y

# Standard input without diagnostics: lines that begin with the name of a test or of the shell and a colon, and those of yash-rs,
# an error with its place in the script.
without_messages() {
    grep -av -e '^[^ ]*\.tests: ' -e '^[^ ]*ash: ' -e "^${THIS_SH##*/}: " -e "^$THIS_SH: " \
        -e '^error: ' -e '^ *--> ' -e '^ *::: ' -e '^ *[0-9]* *|' || :
}

passed=0 messages=0 output=0
for test do
    name=${test##*/}
    base=${name%.tests}
    cd "$work/${test%/*}"
    status=0
    timeout -k 1 "${LIMIT:-300}" "$THIS_SH" "./$name" >"$base.xx" 2>&1 </dev/null || status=$?
    if diff -u "$base.right" "$base.xx" >"$base.diff"; then
        passed=$((passed + 1))
        continue
    fi
    without_messages <"$base.right" >"$base.right-output"
    without_messages <"$base.xx" >"$base.xx-output"
    if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
        echo "$test: timeout"
        output=$((output + 1))
    elif cmp -s "$base.right-output" "$base.xx-output"; then
        echo "$test: messages"
        messages=$((messages + 1))
    else
        echo "$test: output"
        output=$((output + 1))
    fi
done
echo "passed $passed, failed in messages only $messages, failed $output; results in $work"
