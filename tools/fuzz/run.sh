#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Coverage-guided fuzzing with the stable compiler: libFuzzer, and the compiler's own SanitizerCoverage pass.
#
#   run.sh SECONDS [TARGET]...    run each target (by default all) for that long; print executions
#
# Inputs that are found are kept in target/fuzz/TARGET/inputs. One that fails is target/fuzz/TARGET/crash-* (or timeout-*,
# oom-*); `cargo run -p qos-fuzz TARGET FILE` executes it again. Needs a C++ compiler.
set -eu
seconds=${1:?usage: run.sh SECONDS [TARGET]...}
shift
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
target=${CARGO_TARGET_DIR:-$PWD/target}
mkdir -p "$target/fuzz"
# Our own crates are instrumented. libFuzzer looks at all counters after each execution, so the linker leaves out those of code
# that the target does not call.
cat >"$target/fuzz/rustc" <<'EOF'
#!/bin/sh
exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Clink-arg=-Wl,-z,start-stop-gc
EOF
chmod +x "$target/fuzz/rustc"
[ $# -gt 0 ] || set -- $(ls "$here/seeds")
status=0
for name; do
  corpus=$target/fuzz/$name
  mkdir -p "$corpus/inputs"
  # Optimised, with the checks of a debug build.
  QOS_FUZZ_TARGET=$name RUSTC_WORKSPACE_WRAPPER=$target/fuzz/rustc cargo build --quiet --package qos-fuzz --features libfuzzer \
    --profile fuzz-build --config 'profile.fuzz-build.inherits="dev"' --config profile.fuzz-build.opt-level=2 \
    --config profile.fuzz-build.incremental=false
  cp "$target/fuzz-build/qos-fuzz" "$corpus/program"
  "$corpus/program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=4096 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$corpus/" "$corpus/inputs" "$here/seeds/$name" 2>"$corpus/log" || status=1
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$corpus/log")
  found=$(find "$corpus" -maxdepth 1 -name '*-*' -newer "$corpus/program" | wc -l)
  echo "$name: ${executions:-0} executions in $seconds s, $found failing inputs"
done
exit $status
