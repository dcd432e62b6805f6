# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The trees that `cargo xtask setup` puts into the store: each a fixed-output path whose hash the lock records. Nix
# never builds one: a valid path is taken as it is, and the builder's name is what a person reads when there is none.
{ system }:
let
  lock = builtins.fromTOML (builtins.readFile ../toolchain/toolchain.lock);
  tree = entry: derivation {
    inherit system;
    inherit (entry) name;
    builder = "/the store has no ${entry.name}: run 'cargo xtask setup' first";
    outputHashMode = "recursive";
    outputHash = entry.hash;
  };
in
{
  trees = builtins.mapAttrs (_: tree) lock.trees;
  versions = builtins.mapAttrs
    (_: entry: builtins.listToAttrs (map (p: { inherit (p) name; value = p.version; }) entry.packages))
    lock.trees;
}
