# SPDX-License-Identifier: MIT OR Apache-2.0
#
# A derivation that `cargo xtask reproduce` has to find different: its output has the circumstances of the build in it.
#
#   nix build .#irreproducible; cargo xtask reproduce irreproducible
{ run }:
run {
  name = "qos-irreproducible";
  script = ''
    mkdir "$out"
    echo "always the same" >"$out/same"
    echo "self: $out" >"$out/self"
    echo "cpus: $(nproc)" >"$out/cpus"
    date +%Y-%m-%d >"$out/clock"
    uname -n >"$out/host"
    echo "zone: $(date +%z)" >"$out/zone"
    mkdir order
    touch order/{a,b,c,d,e,f,g,h}
    ls -U order >"$out/order"
  '';
}
