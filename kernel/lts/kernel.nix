# SPDX-License-Identifier: MIT OR Apache-2.0
#
# An LTS kernel: its own source, patches, fragment, resolved configuration and modules; the fragments of the default kernel
# without the options that it does not have, and the modules that support it.
#
#   kernel    its entry in qos.toml
{ run, sources, trees, seriesOf, patched, modulesFor, configured }:
kernel:
let
  inherit (kernel) name series;
  suffix = "-${name}";
  # Its files, by their path in kernel/.
  place = "lts/${series}";
  own = "kernel/${place}";
  held = seriesOf kernel.tree;

  patchFiles = sources.part {
    name = "kernel-patches${suffix}";
    folders = [ "${own}/patches" ];
    files = map (file: "kernel/patches/${file}") kernel.patches;
  };
  patches = run {
    name = "kernel-patches${suffix}";
    script = ''
      mkdir "$out"
      cp ${builtins.concatStringsSep " " (map (file: "${patchFiles}/kernel/patches/${file}") kernel.patches)} \
        ${patchFiles}/${own}/patches/*.patch "$out/"
    '';
  };
  source = patched {
    inherit suffix;
    tarball = "${trees.${kernel.tree}}/${kernel.tarball}";
    patches = "${patches}";
  };

  files = sources.part {
    name = "kernel-fragments${suffix}";
    folders = [ "kernel" ];
    only = [ "kernel/[^/]*\\.(config|c|sh)" "kernel/lts/[^/]*\\.sh" "${own}/[^/]*\\.config" "${own}/absent" ];
  };
  fragments = run {
    name = "kernel-fragments${suffix}";
    binds."/src/linux" = source;
    script = ''
      cp -r --no-preserve=mode ${files}/kernel kernel
      SRC=/src/linux bash kernel/lts/fragments.sh kernel ${place}
      cp -r kernel "$out"
    '';
  };

  # The shared modules that support this series, with this kernel's own files in place of the shared ones. A module that consists
  # of own files only supports no other kernel.
  shared = modulesFor { folder = "kernel/modules"; at = ../modules; inherit series; };
  laidOver = sources.part {
    name = "kernel-modules${suffix}";
    folders = [ "${own}/modules" ];
  };
  modules = run {
    name = "kernel-modules${suffix}";
    script = ''
      mkdir "$out"
      cp -r --no-preserve=mode ${shared.part}/kernel/modules/. "$out/"
      cp -r --no-preserve=mode ${laidOver}/${own}/modules/. "$out/"
    '';
  };
  leftOut = removeAttrs shared.leftOut (builtins.attrNames (builtins.readDir (./. + "/${series}/modules")));
in
if held != series then throw "qos.toml: kernels: ${name}: series is ${series}, but the tree ${kernel.tree} holds Linux ${held}"
else
  configured {
    inherit suffix source fragments modules leftOut;
    names = "base virt rust ${place}/fragment";
    resolved = "${place}/resolved.config";
  }
