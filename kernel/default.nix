# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The kernel, in steps with as few inputs as possible: the resolved configuration alone determines what is built, so a
# changed comment in a fragment, a changed checking tool or a changed out-of-tree module rebuilds no kernel.
#
# qos.toml (`table`) lists the kernels. A variant is a file variants/NAME.config (of a system's own repository: NAME.config): a fragment
# in addition to the image's own, with its reviewed resolution beside it. A variant is built on demand only.
#
# An LTS kernel (lts/SERIES) is another source with its own configuration and modules. Even its source is downloaded on demand
# only.
{ run, sources, table, tools, trees, versions, sysroot }:
let
  script = sources.part {
    name = "kernel-build";
    files = [ "kernel/build.sh" ];
  };
  rustdoc = sources.part {
    name = "kernel-rustdoc";
    files = [ "kernel/rustdoc.sh" ];
  };
  # What resolves the configuration of one kernel: its fragments and reviewed files, by their paths in kernel/ without `.config`.
  # Those of other kernels are left out, so that a new one resolves no other again.
  resolver = names: sources.part {
    name = "kernel-fragments";
    files = [ "kernel/build.sh" "kernel/kconfig-why.c" ]
      ++ map (name: "kernel/${name}.config") ([ "base" "virt" "rust" ] ++ names);
  };
  # A variant's place in kernel/, without extension.
  placeOf = name: if builtins.pathExists (./. + "/${name}.config") then name else "variants/${name}";

  # The upstream series of the kernel in a pinned tree: 7.3.
  seriesOf = tree:
    builtins.head (builtins.match "([0-9]+\\.[0-9]+)\\..*" (builtins.head (builtins.attrValues versions.${tree})));

  # A pinned source with the patches of a directory.
  patched = { suffix, tarball, patches }: run {
    name = "linux-source${suffix}";
    script = ''
      export PATCHES=${patches} TARBALL=$(echo ${tarball})
      bash ${script}/kernel/build.sh source
    '';
  };

  # The modules of a directory that support the kernels of a series.
  modulesFor = { folder, at, series }:
    let found = import ./supported.nix { folder = at; path = folder; inherit series; }; in
    found // {
      part = sources.part {
        name = "kernel-modules";
        folders = [ folder ];
        except = [ "${folder}/[^/]*/kernels" ]
          ++ map (name: "${folder}/${name}(/.*)?") (builtins.attrNames found.leftOut);
      };
    };

  # One configuration: `names` are its fragments, `resolved` is the reviewed file, both by their paths in kernel/. `suffix` is the
  # suffix of the names of the build results, `fragments` and `modules` are directories, and `leftOut` has the modules that do not
  # support this kernel, each with a line that gives the reason.
  configured = { suffix, names, resolved, source, fragments, modules, leftOut }:
    let ownModules = modules; in
    let
      reviewed = sources.part {
        name = "kernel-config${suffix}";
        files = [ "kernel/${resolved}" ];
      };
      resolve = { name, expected }: run {
        inherit name;
        binds = { "/src/linux" = source; "/src/kernel" = fragments; };
        env.QOS_KCONFIG = "${tools}/bin/qos-kconfig";
        script = ''
          export SRC=/src/linux FRAGMENTS='${names}' EXPECTED=${expected}
          bash /src/kernel/build.sh config
        '';
      };
    in
    rec {
      # The reviewed file is the resolution of the fragments, and every requested option is set in it.
      config-check = resolve { name = "kernel-config-check${suffix}"; expected = resolved; };

      # The resolution of the fragments, reviewed or not: `cargo xtask bless` compares and accepts it.
      resolved-config = resolve { name = "kernel-resolved-config${suffix}"; expected = ""; };

      inherit leftOut source;

      # `out`: bzImage, vmlinux, config, System.map, Module.symvers, kernel.release, lib/modules. `dev`: the files needed to build
      # a module against this kernel.
      built = run {
        name = "linux${suffix}";
        outputs = [ "out" "dev" ];
        binds = { "/src/linux" = source; };
        # Kept objects serve builds of the same source by the same compilers and script only.
        cache = "kernel";
        script = ''
          export SRC=/src/linux CONFIG=${reviewed}/kernel/${resolved}
          [ ! -d /cache ] || export KEPT=/cache/${builtins.hashString "sha256" "${source} ${sysroot} ${script}"}
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
        binds = moduleBinds;
        script = ''
          export SRC=/src/linux KDEV=/src/kdev MODULES_SRC=/src/modules
          bash /src/modules/build.sh build
        '' + builtins.concatStringsSep "" (map (why: "echo '  SKIP    ${why}'\n") (builtins.attrValues leftOut));
      };

      modules-lint = run {
        name = "check-modules${suffix}";
        binds = moduleBinds;
        script = ''
          export SRC=/src/linux KDEV=/src/kdev MODULES_SRC=/src/modules
          bash /src/modules/build.sh fmt
          bash /src/modules/build.sh clippy
          mkdir "$out"
        '';
      };

      # The files that map an address in this kernel or its modules to a source line, if the configuration has debug information:
      # vmlinux and its `System.map`; `modules/` as linked, for gdb; `linked/`, the same with an address for each section, for
      # llvm-symbolizer; `gdb/`, the kernel's scripts; `source` and `rust`, the compiled sources.
      debug-info = run {
        name = "qos-debug-info${suffix}";
        binds = moduleBinds;
        script = ''
          mkdir -p "$out/modules" "$out/linked" "$out/gdb/scripts/gdb/linux"
          ln -s ${built}/{bzImage,vmlinux,System.map} "$out/"
          ln -s ${source} "$out/source"
          ln -s ${sysroot}/usr/lib/rustlib/src/rust "$out/rust"

          # The linked files in its scratch directory, because its results are stripped.
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

      moduleBinds = {
        "/src/linux" = source;
        "/src/kdev" = built.dev;
        "/src/modules" = ownModules;
      };
    };

  # The part that the image's kernel and its variants share.
  ours = rec {
    patches = sources.part {
      name = "kernel-patches";
      folders = [ "kernel/patches" ];
    };
    source = patched {
      suffix = "";
      tarball = "${trees.${table.default.tree}}/${table.default.tarball}";
      patches = "${patches}/kernel/patches";
    };
    found = modulesFor { folder = "kernel/modules"; at = ./modules; series = seriesOf table.default.tree; };
    settings = {
      inherit source;
      modules = "${found.part}/kernel/modules";
      inherit (found) leftOut;
    };
  };

  resolvedConfig = sources.part {
    name = "kernel-config";
    files = [ "kernel/resolved.config" ];
  };

  image = configured (ours.settings // {
    suffix = "";
    fragments = "${resolver [ "resolved" ]}/kernel";
    names = "base virt rust";
    resolved = "resolved.config";
  });

  # By name, each with the attributes of the image's kernel.
  lts = builtins.mapAttrs
    (_: import ./lts/kernel.nix { inherit run sources trees seriesOf patched modulesFor configured; })
    table.lts;
in
image // {
  inherit (ours) source;
  inherit lts;

  # By name, each with the attributes of the image's kernel.
  variants = builtins.listToAttrs (map
    (name: {
      inherit name;
      value = configured (ours.settings // {
        suffix = "-${name}";
        fragments = "${resolver [ (placeOf name) "${placeOf name}.resolved" ]}/kernel";
        names = "base virt rust ${placeOf name}";
        resolved = "${placeOf name}.resolved.config";
      });
    })
    table.variants);

  # A build from kept objects gives the same bytes: the image's kernel, built from the objects of the variant `disk`, which has
  # hundreds of options more, is compared with the one that was built from nothing.
  kept-objects = run {
    name = "check-kept-objects";
    binds = { "/src/linux" = ours.source; "/src/kernel" = "${resolver [ "resolved" "variants/disk.resolved" ]}/kernel"; };
    script = ''
      export SRC=/src/linux KEPT=/build/kept
      out=/build/disk CONFIG=/src/kernel/variants/disk.resolved.config bash ${script}/kernel/build.sh build
      out=/build/out dev=/build/dev CONFIG=/src/kernel/resolved.config bash ${script}/kernel/build.sh build
      diff -r ${image.built} /build/out
      diff -r ${image.built.dev} /build/dev
      mkdir "$out"
    '';
  };

  # The documentation of the kernel's Rust crates, for the image's configuration.
  kernel-doc = run {
    name = "qos-kernel-doc";
    script = ''
      export SRC=${ours.source} CONFIG=${resolvedConfig}/kernel/resolved.config
      bash ${rustdoc}/kernel/rustdoc.sh
    '';
  };

  # The UAPI headers, from which the bindings of packages/uapi are generated.
  headers = run {
    name = "linux-headers";
    binds."/src/linux" = ours.source;
    script = ''
      export SRC=/src/linux
      bash ${script}/kernel/build.sh headers
    '';
  };
}
