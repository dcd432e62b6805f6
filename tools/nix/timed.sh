# SPDX-License-Identifier: MIT OR Apache-2.0
#
# timed.sh PROGRAM [ARGUMENT…]: runs a test program that prints the time of each test. libtest has an unstable option for
# that. Unstable options are enabled here and not for all of cargo, so compilation does not change.
RUSTC_BOOTSTRAP=1 exec "$@" -Z unstable-options --report-time
