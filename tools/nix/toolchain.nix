# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The trees that `cargo xtask setup` puts into the store: each a fixed-output path whose hash the lock records. Nix
# never builds one: a valid path is taken as it is, and the builder's name is what a person reads when there is none.
{ system }:
let
  lock = builtins.fromTOML (builtins.readFile ../toolchain/toolchain.lock);
  spec = builtins.fromTOML (builtins.readFile ../toolchain/toolchain.toml);
  # What `setup` leaves out if it is not named.
  option = name: if spec.trees.${name}.on-demand or false then " --tree ${name}" else "";
  tree = name: entry: derivation {
    inherit system;
    inherit (entry) name;
    builder = "/the store has no ${entry.name}: run 'cargo xtask setup${option name}' first";
    outputHashMode = "recursive";
    outputHash = entry.hash;
  };
in
{
  trees = builtins.mapAttrs tree lock.trees;
  versions = builtins.mapAttrs
    (_: entry: builtins.listToAttrs (map (p: { inherit (p) name; value = p.version; }) entry.packages))
    lock.trees;
}
