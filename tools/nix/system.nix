# SPDX-License-Identifier: MIT OR Apache-2.0
#
# `mkSystem { src }`: the outputs of qos's flake with the files of another repository.
#
#   src    the repository: kernel/, packages/ and rootfs/ are laid over qos's, and qos.toml is added to qos's table. A file
#          replaces the one of qos with the same path.
#
# Sources are compared by content (sources.nix), so that what the system does not change is not built again. The packages and apps are
# qos's with those of the system; `image`, `boot-log` and so on without a name are qos's default image, the apps `qemu` and `default` and the
# package `default` are the system's first image. The checks:
#
#   boot-log-NAME   for each image of the repository's qos.toml: the golden boot is the reviewed one, snapshots/NAME.log, and
#                   within the budgets of its manifest
#   packages        the repository's packages: format, lints, tests
#   modules         its kernel modules, together with those of qos: format, lints
#
# system.toml lists the arguments and the attributes of the result. The names of apps and checks are known without the merged tree: `nix run .#xtask` works before the toolchain is in the store.
{ system, run, crates, dev-tools, apps }:
given:
let
  fail = text: throw "qos.lib.mkSystem: ${text}";
  inherit (builtins.fromTOML (builtins.readFile ./system.toml)) arguments;
  typeOf = value: if builtins.elem (builtins.typeOf value) [ "path" "string" ] || value ? outPath then "path" else builtins.typeOf value;
  argument = name: { type, ... }@stated:
    let value = given.${name} or stated.default or (fail "the argument ${name} is missing; for example: ${name} = ${stated.example};"); in
    if typeOf value == type then value else fail "the argument ${name} is of the type ${typeOf value}, not ${type}; for example: ${name} = ${stated.example};";
  unknown = builtins.attrNames (removeAttrs given (builtins.attrNames arguments));
  inherit (if unknown == [ ] then builtins.mapAttrs argument arguments
    else fail "unknown argument ${builtins.head unknown}; the arguments are ${toString (builtins.attrNames arguments)}") src;

  sources = import ./sources.nix;
  qos = sources.part {
    name = "qos-base";
    folders = [ "kernel" "packages" "rootfs" "tools" ];
    files = [ "Cargo.toml" "Cargo.lock" "qos.toml" ];
    except = [ "tools/new/system(/.*)?" ];
  };
  own = builtins.fromTOML (builtins.readFile (src + "/qos.toml"));
  tree = run {
    name = "qos-system";
    binds."/crates" = crates;
    script = ''
      cp -r ${qos} "$out"
      chmod -R u+w "$out"
      for folder in kernel packages rootfs; do
        if [ -d "${src}/$folder" ]; then
          cp -rT "${src}/$folder" "$out/$folder"
          chmod -R u+w "$out/$folder"
        fi
      done
      cat ${src}/qos.toml >>"$out/qos.toml"
      # Adds the repository's packages to Cargo.lock.
      cd "$out"
      . tools/nix/cargo.sh
      cargo metadata --offline --format-version 1 >/dev/null ||
        { echo "a crate that qos's Cargo.lock does not have can't be used yet: packages of a system have qos's crates only" >&2; exit 1; }
    '';
  };
  outputs = import "${tree}/tools/nix/outputs.nix";
  images = map (image: image.name) (own.images or (throw "qos.toml of the system has no [[images]]: a system has at least one image"));
  first = builtins.head images;

  reviewed = name: run {
    name = "check-boot-log-${name}";
    script = ''
      reviewed=${src}/snapshots/${name}.log
      boot=${outputs.packages.${system}."boot-log-${name}"}
      if ! [ -e "$reviewed" ]; then
        echo "snapshots/${name}.log is missing; to review the boot: nix run .#xtask -- bless" >&2
        exit 1
      fi
      if ! diff -u --label "snapshots/${name}.log" --label "this boot" "$reviewed" "$boot/boot.log"; then
        echo "the boot is not the reviewed one; if it should be: nix run .#xtask -- bless" >&2
        exit 1
      fi
      cd ${tree}
      ${dev-tools}/bin/qos-budget check rootfs/${name}.toml "$boot"
      mkdir "$out"
    '';
  };

  ownPackages =
    let folders = if builtins.pathExists (src + "/packages") then builtins.readDir (src + "/packages") else { }; in
    builtins.filter (name: builtins.pathExists (src + "/packages/${name}/Cargo.toml")) (builtins.attrNames folders);
  packages = run {
    name = "check-packages";
    binds."/crates" = crates;
    script = ''
      cp -r --no-preserve=mode ${tree} source
      cd source
      . tools/nix/cargo.sh
      selection='${builtins.concatStringsSep " " (map (name: "--package qos-${name}") ownPackages)}'
      cargo fmt --check $selection
      cargo clippy --offline --all-targets $selection -- -Dwarnings
      cargo test --offline $selection
      mkdir "$out"
    '';
  };

  named = names: value: builtins.listToAttrs (map (name: { inherit name; value = value name; }) names);
  # Programs that need a work tree of qos.
  otherApps = builtins.attrNames (removeAttrs apps [ "bootdiff" "shell" ]);
in
{
  packages.${system} = outputs.packages.${system} // {
    inherit dev-tools;
    default = outputs.packages.${system}."image-${first}";
  };
  apps.${system} = named (otherApps ++ map (name: "qemu-${name}") images) (name: outputs.apps.${system}.${name}) // rec {
    qemu = outputs.apps.${system}."qemu-${first}";
    default = qemu;
    # Of this qos, with all its files beside it.
    inherit (apps) xtask;
  };
  checks.${system} = builtins.listToAttrs (map (name: { name = "boot-log-${name}"; value = reviewed name; }) images)
    // (if ownPackages == [ ] then { } else { inherit packages; })
    // (if builtins.pathExists (src + "/kernel/modules") then { inherit (outputs.checks.${system}) modules; } else { });
  # For `cargo xtask dev`.
  lib = { inherit (outputs.lib) loop-programs; };
  # The tree of which all of it is built.
  inherit tree;
}
