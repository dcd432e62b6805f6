# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Builds static programs of the workspace in two steps: first the dependencies, from the Cargo.toml files and the relevant part of
# Cargo.lock alone, then the programs from their sources. A changed line therefore recompiles only qos's own crates.
#
#   name       the store path's name
#   packages   crates whose programs are built; their Cargo.toml files determine the source
#   profile    cargo profile
#   guest      for programs of the guest: "guest", or "guest-pie" for position-independent ones
#   install    bash that fills $out; the programs are in $programs
#   flags      additional arguments of cargo for the programs, but not for the dependencies
#   shared     the name of the dependencies, which builds of the same packages share; default: `name`
#   includes   other results whose programs `install` copies
#
# The attribute `graphs` of the result has what cargo records of this build and of those that it includes: directories with `tree` (the
# crates that are compiled for the target, indented by their use), `metadata.json` and `Cargo.lock`, for bills of materials (tools/sbom).
# The attribute `builds` has the arguments of this build and of those that it includes, for the development loop.
{ run, sources, crates }:
{ name, packages, profile, install, guest ? "", flags ? "", shared ? name, includes ? [ ] }:
let
  # A crate of the workspace is named after its directory: qos-NAME is packages/NAME or tools/NAME.
  folderOf = crate:
    let
      name = builtins.substring 4 (-1) crate;
      found = builtins.filter (folder: builtins.pathExists (../.. + "/${folder}/Cargo.toml"))
        [ "packages/${name}" "tools/${name}" ];
    in
    if found == [ ] then throw "${crate} is neither packages/${name} nor tools/${name}" else builtins.head found;
  # The crates of the workspace that a crate's Cargo.toml names, for any target or purpose: cargo requires all of them.
  namedBy = crate:
    let
      manifest = builtins.fromTOML (builtins.readFile (../.. + "/${folderOf crate}/Cargo.toml"));
      tables = [ manifest ] ++ builtins.attrValues (manifest.target or { });
      kinds = [ "dependencies" "dev-dependencies" "build-dependencies" ];
      all = builtins.concatMap (table: map (kind: table.${kind} or { }) kinds) tables;
      byPath = table: builtins.filter (name: table.${name} ? path) (builtins.attrNames table);
    in
    builtins.concatMap byPath all;
  folders = map (found: folderOf found.key) (builtins.genericClosure {
    startSet = map (key: { inherit key; }) packages;
    operator = crate: map (key: { inherit key; }) (namedBy crate.key);
  });
  vendored = crates.for shared (map (folder: "qos-${baseNameOf folder}") folders);
  manifests = sources.part {
    name = "${shared}-manifests";
    inherit folders;
    files = [ "Cargo.toml" ];
    only = [ ".*/Cargo\\.toml" ];
  };
  # Without tests, so that a changed test rebuilds nothing that ships. Tests that a Cargo.toml names get an empty file.
  source = sources.part {
    name = "${shared}-source";
    inherit folders;
    files = [ "Cargo.toml" ];
    except = [ "[^/]*/[^/]*/(tests|examples|patches|bench)(/.*)?" "tools/new/system(/.*)?" ".*/tests(\\.rs|/.*)" ".*_tests\\.rs" ];
  };
  target = "x86_64-unknown-linux-gnu";
  selection = builtins.concatStringsSep " " (map (package: "--package ${package}") packages);
  build = "cargo build --offline --locked --profile ${profile} --target ${target} ${selection}";
  # The globs of the workspace's members would not match directories that are left out.
  prepare = from: ''
    cp -r --no-preserve=mode ${from} source
    cp ${vendored.lock} source/Cargo.lock
    cd source
    members=$(find tools packages -mindepth 2 -maxdepth 2 -name Cargo.toml -printf '"%h", ' 2>/dev/null | sort || true)
    sed -i "s|^members = .*|members = [$members]|; /^exclude = /d" Cargo.toml
    . ${./cargo.sh}
    qos_static_flags ${guest}
  '';
  dependencies = run {
    name = "${shared}-dependencies";
    binds."/crates" = vendored.folder;
    script = ''
      ${prepare manifests}
      qos_stub_targets
      qos_announce ${selection} --target ${target}
      ${build}
      # The stubs' own results must not be taken for those of the sources.
      find target -depth \( -name 'qos*' -o -name 'libqos*' \) -exec rm -rf {} +
      mkdir "$out"
      tar --sort=name -cf - target | zstd -q -1 -T0 -o "$out/target.tar.zst"
    '';
  };
  graph = run {
    name = "${name}-graph";
    binds."/crates" = vendored.folder;
    script = ''
      ${prepare manifests}
      qos_stub_targets
      mkdir "$out"
      # Drops from Cargo.lock what this part of the workspace does not use, as below.
      cargo metadata --offline --format-version 1 >"$out/metadata.json"
      cp Cargo.lock "$out/"
      cargo tree --offline --locked --target ${target} --edges normal,no-proc-macro --prefix depth --format ' {p}' \
        ${selection} ${flags} >"$out/tree"
    '';
  };
in
run {
  inherit name;
  binds."/crates" = vendored.folder;
  script = ''
    ${prepare source}
    tar -xf ${dependencies}/target.tar.zst
    { grep -l '^\[\[test\]\]' */*/Cargo.toml || true; } | while read -r manifest; do
      mkdir -p "''${manifest%/*}/tests"
      awk '/^\[\[/ { kind = $0 } /^name *=/ && kind == "[[test]]" { gsub(/.*= *"|".*/, ""); print }' "$manifest" |
        while read -r test; do : >"''${manifest%/*}/tests/$test.rs"; done
    done
    find . -path ./target -prune -o -type f -exec touch {} +
    # Cargo.lock lists dependencies by the features that the whole workspace asks for: cargo drops those that this part
    # of it does not (as cargo tree has in the first step). Versions cannot change: /crates has no others.
    cargo metadata --offline --format-version 1 >metadata.json
    # A build script that watches it (uucore's, for the utilities beside it) has seen what matters.
    touch -d @1 Cargo.lock
    ${build} ${flags}
    programs=$PWD/target/${target}/${profile}
    ${install}
  '';
} // {
  graphs = [ graph ] ++ builtins.concatMap (result: result.graphs) includes;
  builds = builtins.concatMap (result: result.builds) includes ++ [{ inherit guest selection flags; }];
}
