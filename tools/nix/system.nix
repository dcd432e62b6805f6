# SPDX-License-Identifier: MIT OR Apache-2.0
#
# `mkSystem { src }`: the outputs of qos's flake with the files of another repository.
#
#   src    the repository: kernel/, packages/ and rootfs/ are laid over qos's, and qos.toml is added to qos's table. A file
#          replaces the one of qos with the same path.
#
# Sources are compared by content (sources.nix), so that what the system does not change is not built again. Beside the packages,
# apps and formatter of qos, there is a check `boot-log-NAME` for each image NAME of the repository's qos.toml: it compares the golden
# boot with the reviewed one, snapshots/NAME.log.
{ system, run, crates }:
{ src }:
let
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
  images = own.images or (throw "qos.toml of the system has no [[images]]: a system has at least one image");
  first = (builtins.head images).name;
  reviewed = name: run {
    name = "check-boot-log-${name}";
    script = ''
      reviewed=${src}/snapshots/${name}.log
      if ! [ -e "$reviewed" ]; then
        echo "snapshots/${name}.log is missing; to review the boot: nix build .#boot-log-${name} && cp result/boot.log snapshots/${name}.log" >&2
        exit 1
      fi
      if ! diff -u --label "snapshots/${name}.log" --label "this boot" "$reviewed" ${outputs.packages.${system}."boot-log-${name}"}/boot.log; then
        echo "the boot is not the reviewed one; if it should be: nix build .#boot-log-${name} && cp -f result/boot.log snapshots/${name}.log" >&2
        exit 1
      fi
      mkdir "$out"
    '';
  };
in
{
  inherit (outputs) formatter;
  # The first image is the default.
  packages.${system} = outputs.packages.${system} // { default = outputs.packages.${system}."image-${first}"; };
  apps.${system} = outputs.apps.${system} // { default = outputs.apps.${system}."qemu-${first}"; };
  checks.${system} = builtins.listToAttrs
    (map (image: { name = "boot-log-${image.name}"; value = reviewed image.name; }) images);
  # The tree of which all of it is built.
  inherit tree;
}
