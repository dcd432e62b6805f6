# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The crates of Cargo.lock as one folder that cargo takes as a directory source. Each `.crate` file is a fixed-output
# path whose hash is the `checksum` that Cargo.lock has anyway; `cargo xtask setup` fetches them with the host's cargo.
{ system, run }:
let
  lock = builtins.fromTOML (builtins.readFile ../../Cargo.lock);
  registry = builtins.filter (package: package ? checksum) lock.package;
  crate = package: derivation {
    inherit system;
    name = "${package.name}-${package.version}.crate";
    builder = "/the store has no ${package.name}-${package.version}.crate: run 'cargo xtask setup' first";
    outputHashAlgo = "sha256";
    outputHashMode = "flat";
    outputHash = package.checksum;
  };
  line = package: "${package.name}-${package.version} ${package.checksum} ${crate package}\n";
in
run {
  name = "qos-crates";
  env.list = builtins.concatStringsSep "" (map line registry);
  env.passAsFile = [ "list" ];
  # cargo asks of a directory source only the package's hash when its file list is empty:
  # https://doc.rust-lang.org/cargo/reference/source-replacement.html#directory-sources
  script = ''
    mkdir -p "$out"
    cd "$out"
    while read -r name checksum file; do
      tar -xzf "$file" --no-same-owner
      printf '{"files":{},"package":"%s"}' "$checksum" >"$name/.cargo-checksum.json"
    done <"/build/''${listPath##*/}"
  '';
}
