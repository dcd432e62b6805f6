# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The kernel with long-term support: its own source, patches, fragment, resolved configuration and modules; the fragments of the
# image's kernel as far as it has what they ask for, and those modules that support it.
{ run, sources, trees, series, patched, modulesFor, configured }:
let
  source = patched {
    suffix = "-lts";
    tarball = "${trees.linux-lts}/usr/src/linux_*.orig.tar.*";
    folder = "kernel/lts/patches";
  };

  files = sources.part {
    name = "kernel-fragments-lts";
    folders = [ "kernel" ];
    only = [ "kernel/[^/]*\\.(config|c|sh)" "kernel/lts/[^/]*\\.(config|sh)" "kernel/lts/absent" ];
  };
  fragments = run {
    name = "kernel-fragments-lts";
    binds."/src/linux" = source;
    script = ''
      cp -r --no-preserve=mode ${files}/kernel kernel
      SRC=/src/linux bash kernel/lts/fragments.sh kernel
      cp -r kernel "$out"
    '';
  };

  shared = modulesFor { folder = "kernel/modules"; at = ../modules; inherit series; };
  own = modulesFor { folder = "kernel/lts/modules"; at = ./modules; inherit series; };
  # What the shared folder has for another kernel and this one's for this one is not left out.
  leftOut = removeAttrs shared.leftOut own.supported // own.leftOut;
  modules = run {
    name = "kernel-modules-lts";
    script = ''
      mkdir "$out"
      cp -r --no-preserve=mode ${shared.part}/kernel/modules/. "$out/"
      cp -r --no-preserve=mode ${own.part}/kernel/lts/modules/. "$out/"
    '';
  };
in
configured
  {
    suffix = "-lts";
    names = "base virt rust lts/lts";
    resolved = "lts/resolved.config";
    inherit source fragments modules leftOut;
  }
