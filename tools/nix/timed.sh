# SPDX-License-Identifier: MIT OR Apache-2.0
#
# timed.sh PROGRAM [ARGUMENT…]: a test program that says of each test how long it took. libtest prints that on request, but
# takes the option for unstable; told so here and not for all of cargo, it changes nothing of what is compiled.
RUSTC_BOOTSTRAP=1 exec "$@" -Z unstable-options --report-time
