# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The trees that `cargo xtask setup` adds to the store: each is a fixed-output path whose hash is in the lock. Nix never
# builds one: a valid path is used as it is, and for a missing one the name of the builder is the error message.
{ system }:
let
  lock = builtins.fromTOML (builtins.readFile ../toolchain/toolchain.lock);
  spec = builtins.fromTOML (builtins.readFile ../toolchain/toolchain.toml);
  # The option for a tree that `setup` omits by default.
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
