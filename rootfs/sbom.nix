# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The bills of materials of an image: NAME.spdx.json, NAME.cdx.json, and licenses/ with the texts of the copyleft licences.
#
#   suffix      as in the names of the image's other results
#   kernel      the name of its kernel in qos.toml
#   manifest    the path of its manifest
#   userland    its programs: a result of tools/nix/cargo.nix
{ run, sources, table, sbom-tools, trees, suffix, kernel, manifest, image, userland }:
let
  lts = table.lts.${kernel} or null;
  inherit (if lts == null then table.default else lts) tree tarball;
  # As kernel/default.nix and kernel/lts/kernel.nix apply them, from the root of the repository.
  kernelPatches =
    if lts == null then "kernel/patches/*.patch"
    else builtins.concatStringsSep " " (map (file: "kernel/patches/${file}") lts.patches ++ [ "kernel/lts/${lts.series}/patches/*.patch" ]);
  patches = sources.part {
    name = "qos-patches";
    folders = [ "kernel" "packages" ];
    only = [ "kernel/patches/[^/]*\\.patch" "kernel/lts/[^/]*/patches/[^/]*\\.patch" "packages/[^/]*/patches/.*\\.patch" ];
  };
  toolchain = sources.part {
    name = "qos-toolchain-lock";
    files = [ "tools/toolchain/toolchain.lock" ];
  };
  graphs = userland.graphs or (throw "packages: the programs of the image${suffix} are no result of cargo.nix, so their crates are unknown");
in
run {
  name = "qos-sbom${suffix}";
  script = ''
    shopt -s nullglob
    cd ${patches}
    kernel_patches=(${kernelPatches})
    cd "$OLDPWD"
    ${sbom-tools}/bin/qos-sbom --manifest ${manifest} --image ${image} \
      ${builtins.concatStringsSep " " (map (graph: "--graph ${graph}") graphs)} \
      --toolchain ${toolchain}/tools/toolchain/toolchain.lock --kernel-tree ${tree} --kernel-tarball ${trees.${tree}}/${tarball} \
      --repository ${patches} "''${kernel_patches[@]/#/--kernel-patch=}" --out "$out"
  '';
}
