# SPDX-License-Identifier: MIT OR Apache-2.0
#
# `run { name; script; … }` is qos's mkDerivation: a derivation whose script runs in bash inside the build sysroot
# (see enter.sh), in the empty directory /build, with `$out` to be made.
#
#   name     the store path's name
#   script   bash; runs under `set -euo pipefail`
#   binds    attribute set { "/path/inside" = source; }: read-only directories or files at fixed paths, so that what is
#            built does not see a store path that changes with its inputs
#   env      attribute set of further environment variables
#   outputs  as in derivation
#   cache    the name of a directory of the host that is at /cache inside, if the user made it (enter.sh). The result must be the
#            same bytes with and without it
{ system, sysroot }:
{ name, script, binds ? { }, env ? { }, outputs ? [ "out" ], cache ? null }:
let
  arguments = map (to: "ro:${binds.${to}}:${to}") (builtins.attrNames binds)
    ++ (if cache == null then [ ] else [ "cache:${cache}" ]);
in
derivation (env // {
  inherit system name outputs;
  builder = "${sysroot}/usr/lib64/ld-linux-x86-64.so.2";
  args = [
    "--library-path"
    "${sysroot}/usr/lib/x86_64-linux-gnu"
    "${sysroot}/usr/bin/bash"
    ./enter.sh
    sysroot
  ] ++ arguments ++ [
    "--"
    "/usr/bin/bash"
    "-euo"
    "pipefail"
    "-c"
    "umask 022\n${script}"
  ];
})
