# SPDX-License-Identifier: MIT OR Apache-2.0
#
# A kernel with long-term support: its own source, patches, fragment, resolved configuration and modules; the fragments of the
# image's kernel as far as it has what they ask for, and those modules that support it.
#
#   name      its folder in kernel/, in which the fragment is NAME.config; the end of the names of what is built
#   at        that folder
#   tarball   the archive in its tree of the toolchain, as a pattern
#   alike     files of lts/modules that this kernel takes as they are, into a module of its own of that name: qos_exit/status.rs
{ name, at, tarball, alike ? [ ] }:
{ run, sources, trees, series, patched, modulesFor, configured }:
let
  suffix = "-${name}";
  source = patched {
    inherit suffix;
    tarball = "${trees."linux-${name}"}/${tarball}";
    folder = "kernel/${name}/patches";
  };

  files = sources.part {
    name = "kernel-fragments${suffix}";
    folders = [ "kernel" ];
    only = [ "kernel/[^/]*\\.(config|c|sh)" "kernel/lts/[^/]*\\.sh" "kernel/${name}/[^/]*\\.config" "kernel/${name}/absent" ];
  };
  fragments = run {
    name = "kernel-fragments${suffix}";
    binds."/src/linux" = source;
    script = ''
      cp -r --no-preserve=mode ${files}/kernel kernel
      SRC=/src/linux bash kernel/lts/fragments.sh kernel ${name}
      cp -r kernel "$out"
    '';
  };

  shared = modulesFor { folder = "kernel/modules"; at = ../modules; inherit series; };
  own = modulesFor { folder = "kernel/${name}/modules"; at = at + "/modules"; inherit series; };
  taken = sources.part {
    name = "kernel-modules";
    files = map (file: "kernel/lts/modules/${file}") alike;
  };
  # What the shared folder has for another kernel and this one's for this one is not left out.
  leftOut = removeAttrs shared.leftOut own.supported // own.leftOut;
  modules = run {
    name = "kernel-modules${suffix}";
    script = ''
      mkdir "$out"
      cp -r --no-preserve=mode ${shared.part}/kernel/modules/. "$out/"
      cp -r --no-preserve=mode ${own.part}/kernel/${name}/modules/. "$out/"
    '' + (if alike == [ ] then "" else ''
      cp -r --no-preserve=mode ${taken}/kernel/lts/modules/. "$out/"
    '');
  };
in
configured {
  inherit suffix source fragments modules leftOut;
  names = "base virt rust ${name}/${name}";
  resolved = "${name}/resolved.config";
}
