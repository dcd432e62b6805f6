# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The kernel, in steps that each depend on as little as they can: what is built is said by a resolved configuration alone,
# so a comment in a fragment, a change of the tool that checks them, or of a module of our own rebuilds no kernel.
#
# A variant is a file variants/NAME.config: a fragment on top of the image's own, with its reviewed resolution beside it.
# Nothing of a variant is built unless it is asked for.
{ run, sources, tools, tree, sysroot }:
let
  script = sources.part {
    name = "kernel-build";
    files = [ "kernel/build.sh" ];
  };
  rustdoc = sources.part {
    name = "kernel-rustdoc";
    files = [ "kernel/rustdoc.sh" ];
  };
  patches = sources.part {
    name = "kernel-patches";
    folders = [ "kernel/patches" ];
  };
  fragments = sources.part {
    name = "kernel-fragments";
    folders = [ "kernel" ];
    only = [ "kernel/(variants/)?[^/]*\\.(config|c|sh)" ];
  };
  ownModules = sources.part {
    name = "kernel-modules";
    folders = [ "kernel/modules" ];
  };

  # The pinned source with our patches.
  source = run {
    name = "linux-source";
    script = ''
      export PATCHES=${patches}/kernel/patches TARBALL=$(echo ${tree}/usr/src/linux-source-*.tar.*)
      bash ${script}/kernel/build.sh source
    '';
  };

  # One configuration: `names` are its fragments, `resolved` is the reviewed file, both by their paths in kernel/, and
  # `suffix` ends the names of what is built from it.
  configured = { suffix, names, resolved }:
    let
      reviewed = sources.part {
        name = "kernel-config${suffix}";
        files = [ "kernel/${resolved}" ];
      };
      resolve = { name, expected }: run {
        inherit name;
        binds = { "/src/linux" = source; "/src/kernel" = "${fragments}/kernel"; };
        env.QOS_KCONFIG = "${tools}/bin/qos-kconfig";
        script = ''
          export SRC=/src/linux FRAGMENTS='${names}' EXPECTED=${expected}
          bash /src/kernel/build.sh config
        '';
      };
    in
    rec {
      # What the fragments ask for is what the reviewed file says, and every option they ask for is in it.
      config-check = resolve { name = "kernel-config-check${suffix}"; expected = resolved; };

      # What the fragments resolve to, whatever was reviewed: `cargo xtask bless` compares and takes it.
      resolved-config = resolve { name = "kernel-resolved-config${suffix}"; expected = ""; };

      # `out`: bzImage, vmlinux, config, System.map, Module.symvers, kernel.release, lib/modules. `dev`: what building a
      # module against this kernel takes.
      built = run {
        name = "linux${suffix}";
        outputs = [ "out" "dev" ];
        binds = { "/src/linux" = source; };
        script = ''
          export SRC=/src/linux CONFIG=${reviewed}/kernel/${resolved}
          bash ${script}/kernel/build.sh build
        '';
      };

      kernel = run {
        name = "qos-kernel${suffix}";
        env.checked = config-check;
        script = "cp -r ${built} $out";
      };

      modules = run {
        name = "qos-modules${suffix}";
        binds = moduleBinds built.dev;
        script = ''
          export SRC=/src/linux KDEV=/src/kdev MODULES_SRC=/src/modules
          bash /src/modules/build.sh build
        '';
      };

      # What turns an address in this kernel or its modules into a line of source, if it is configured with debug
      # information: the kernel itself and its `System.map`; `modules/` as they were linked, for gdb; `linked/`, the same with an
      # address for each section, for llvm-symbolizer; `gdb/`, the kernel's scripts; `source` and `rust`, what was compiled.
      debug-info = run {
        name = "qos-debug-info${suffix}";
        binds = moduleBinds built.dev;
        script = ''
          mkdir -p "$out/modules" "$out/linked" "$out/gdb/scripts/gdb/linux"
          ln -s ${built}/{bzImage,vmlinux,System.map} "$out/"
          ln -s ${source} "$out/source"
          ln -s ${sysroot}/usr/lib/rustlib/src/rust "$out/rust"

          # Not its results, which are stripped, but what it links in its scratch folder.
          export SRC=/src/linux KDEV=/src/kdev MODULES_SRC=/src/modules
          WORK=$PWD/work out=$PWD/stripped bash /src/modules/build.sh build
          cp work/*/*.ko "$out/modules/"
          find ${built}/lib/modules -name '*.ko' -exec ln -s -t "$out/modules" {} +
          for module in "$out"/modules/*.ko; do
            # What the module takes from the kernel stays undefined; nothing here is run.
            ld.lld --noinhibit-exec --unresolved-symbols=ignore-all --entry=0 -o "$out/linked/$(basename "$module" .ko).elf" \
              "$module"
          done

          cp ${source}/scripts/gdb/vmlinux-gdb.py "$out/gdb/"
          cp ${source}/scripts/gdb/linux/*.py ${built.dev}/scripts/gdb/linux/constants.py "$out/gdb/scripts/gdb/linux/"
        '';
      };
    };

  moduleBinds = dev: {
    "/src/linux" = source;
    "/src/kdev" = dev;
    "/src/modules" = "${ownModules}/kernel/modules";
  };

  resolvedConfig = sources.part {
    name = "kernel-config";
    files = [ "kernel/resolved.config" ];
  };

  image = configured {
    suffix = "";
    names = "base virt rust";
    resolved = "resolved.config";
  };

  # Of the files in variants/, those that end in .config but not in .resolved.config.
  variantNames = builtins.concatMap
    (file:
      let name = builtins.match "([a-z][a-z0-9-]*)\\.config" file; in
      if name == null then [ ] else name)
    (builtins.attrNames (builtins.readDir ./variants));
in
image // {
  inherit source;

  # By name, each with the attributes of the image's kernel.
  variants = builtins.listToAttrs (map
    (name: {
      inherit name;
      value = configured {
        suffix = "-${name}";
        names = "base virt rust variants/${name}";
        resolved = "variants/${name}.resolved.config";
      };
    })
    variantNames);

  # The documentation of the kernel's Rust crates, as the image's configuration has them.
  kernel-doc = run {
    name = "qos-kernel-doc";
    script = ''
      export SRC=${source} CONFIG=${resolvedConfig}/kernel/resolved.config
      bash ${rustdoc}/kernel/rustdoc.sh
    '';
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

  modules-lint = run {
    name = "check-modules";
    binds = moduleBinds image.built.dev;
    script = ''
      export SRC=/src/linux KDEV=/src/kdev MODULES_SRC=/src/modules
      bash /src/modules/build.sh fmt
      bash /src/modules/build.sh clippy
      mkdir "$out"
    '';
  };
}
