# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The kernel, in steps that each depend on as little as they can: what is built is said by resolved.config alone, so a
# comment in a fragment, a change of the tool that checks them, or of a module of our own rebuilds no kernel.
{ run, sources, tools, tree }:
let
  script = sources.part {
    name = "kernel-build";
    files = [ "kernel/build.sh" ];
  };
  patches = sources.part {
    name = "kernel-patches";
    folders = [ "kernel/patches" ];
  };
  resolved = sources.part {
    name = "kernel-config";
    files = [ "kernel/resolved.config" ];
  };
  fragments = sources.part {
    name = "kernel-fragments";
    folders = [ "kernel" ];
    only = [ "kernel/[^/]*\\.(config|c|sh)" ];
  };
  ownModules = sources.part {
    name = "kernel-modules";
    folders = [ "kernel/modules" ];
  };
in
rec {
  # The pinned source with our patches.
  source = run {
    name = "linux-source";
    script = ''
      export PATCHES=${patches}/kernel/patches TARBALL=$(echo ${tree}/usr/src/linux-source-*.tar.*)
      bash ${script}/kernel/build.sh source
    '';
  };

  # What the fragments ask for is what resolved.config says, and every option they ask for is in it.
  config-check = run {
    name = "kernel-config-check";
    binds = { "/src/linux" = source; "/src/kernel" = "${fragments}/kernel"; };
    env.QOS_KCONFIG = "${tools}/bin/qos-kconfig";
    script = ''
      export SRC=/src/linux
      bash /src/kernel/build.sh config
    '';
  };

  # What the fragments resolve to, whatever was reviewed: `cargo xtask bless` compares and takes it.
  resolved-config = run {
    name = "kernel-resolved-config";
    binds = { "/src/linux" = source; "/src/kernel" = "${fragments}/kernel"; };
    env.QOS_KCONFIG = "${tools}/bin/qos-kconfig";
    script = ''
      export SRC=/src/linux EXPECTED=
      bash /src/kernel/build.sh config
    '';
  };

  # `out`: bzImage, vmlinux, config, System.map, Module.symvers, kernel.release, lib/modules. `dev`: what building a
  # module against this kernel takes.
  built = run {
    name = "linux";
    outputs = [ "out" "dev" ];
    binds = { "/src/linux" = source; };
    script = ''
      export SRC=/src/linux CONFIG=${resolved}/kernel/resolved.config
      bash ${script}/kernel/build.sh build
    '';
  };

  kernel = run {
    name = "qos-kernel";
    env.checked = config-check;
    script = "cp -r ${built} $out";
  };

  # The headers for user space, from which packages/uapi's bindings are made.
  headers = run {
    name = "linux-headers";
    binds."/src/linux" = source;
    script = ''
      export SRC=/src/linux
      bash ${script}/kernel/build.sh headers
    '';
  };

  modules = run {
    name = "qos-modules";
    binds = { "/src/linux" = source; "/src/kdev" = built.dev; "/src/modules" = "${ownModules}/kernel/modules"; };
    script = ''
      export SRC=/src/linux KDEV=/src/kdev MODULES_SRC=/src/modules
      bash /src/modules/build.sh build
    '';
  };

  modules-lint = run {
    name = "check-modules";
    binds = { "/src/linux" = source; "/src/kdev" = built.dev; "/src/modules" = "${ownModules}/kernel/modules"; };
    script = ''
      export SRC=/src/linux KDEV=/src/kdev MODULES_SRC=/src/modules
      bash /src/modules/build.sh fmt
      bash /src/modules/build.sh clippy
      mkdir "$out"
    '';
  };
}
