# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The crates of Cargo.lock that some members of the workspace need: a lock file with only these, and a directory for cargo's
# directory source. A new dependency of a tool therefore does not rebuild the guest's programs.
#
# Each `.crate` file is a fixed-output path whose hash is the `checksum` that Cargo.lock has anyway; `cargo xtask setup`
# fetches them with the host's cargo. A crate is patched by the files of packages/PACKAGE/patches/NAME-VERSION/, which
# belong to the package that needs them.
{ system, run }:
let
  lock = builtins.fromTOML (builtins.readFile ../../Cargo.lock);
  key = package: "${package.name} ${package.version}";
  byKey = builtins.listToAttrs (map (package: { name = key package; value = package; }) lock.package);
  byName = builtins.groupBy (package: package.name) lock.package;
  # A dependency is "NAME" where one version is locked, else "NAME VERSION".
  resolve = dependency:
    byKey.${dependency} or (builtins.head (byName.${dependency} or (throw "Cargo.lock has no ${dependency}")));
  node = package: { key = key package; inherit package; };

  closure = members: map (found: found.package) (builtins.genericClosure {
    startSet = map (member: node (resolve member)) members;
    operator = item: map (dependency: node (resolve dependency)) (item.package.dependencies or [ ]);
  });

  quoted = text: "\"${text}\"";
  # https://doc.rust-lang.org/cargo/reference/resolver.html: the format is TOML, with one table for each package.
  entry = package: builtins.concatStringsSep "\n" ([ "[[package]]" ]
    ++ map (field: "${field} = ${quoted package.${field}}")
    (builtins.filter (field: package ? ${field}) [ "name" "version" "source" "checksum" ])
    ++ [ "dependencies = [${builtins.concatStringsSep ", " (map quoted (package.dependencies or [ ]))}]" "" ]);

  crate = package: derivation {
    inherit system;
    name = "${package.name}-${package.version}.crate";
    builder = "/the store has no ${package.name}-${package.version}.crate: run 'cargo xtask setup' first";
    outputHashAlgo = "sha256";
    outputHashMode = "flat";
    outputHash = package.checksum;
  };
  # { "NAME-VERSION" = a directory of patches; } of all packages.
  patches = builtins.foldl' (all: found: all // found) { } (map patchesOf (builtins.attrNames (builtins.readDir packages)));
  packages = ../../packages;
  patchesOf = package:
    let folder = packages + "/${package}/patches"; in
    if !builtins.pathExists folder then { }
    else
      builtins.mapAttrs
        (name: _:
          if builtins.any (locked: "${locked.name}-${locked.version}" == name) lock.package
          then builtins.path { path = folder + "/${name}"; name = "${name}-patches"; }
          else throw "packages/${package}/patches/${name} is for a crate that Cargo.lock does not have")
        (builtins.readDir folder);

  line = package:
    let name = "${package.name}-${package.version}"; in
    "${name} ${package.checksum} ${crate package} ${patches.${name} or ""}\n";
  ordered = packages: map (name: byKey.${name}) (builtins.sort builtins.lessThan (map key packages));

  of = name: unordered:
    let packages = ordered unordered; in
    {
      lock = builtins.toFile "Cargo.lock" ("version = ${toString lock.version}\n\n"
        + builtins.concatStringsSep "\n" (map entry packages));
      folder = run {
        inherit name;
        env.list = builtins.concatStringsSep "" (map line (builtins.filter (package: package ? checksum) packages));
        env.passAsFile = [ "list" ];
        # cargo asks of a directory source only the package's hash when its file list is empty:
        # https://doc.rust-lang.org/cargo/reference/source-replacement.html#directory-sources
        script = ''
          mkdir -p "$out"
          cd "$out"
          while read -r name checksum file patches; do
            tar -xzf "$file" --no-same-owner
            for patch in ''${patches:+"$patches"/*.patch}; do
              patch -d "$name" -p1 --no-backup-if-mismatch --fuzz=0 --silent -i "$patch" ||
                { echo "''${patch##*/} does not apply to $name: rebase it on this version" >&2; exit 1; }
            done
            printf '{"files":{},"package":"%s"}' "$checksum" >"$name/.cargo-checksum.json"
          done <"/build/''${listPath##*/}"
        '';
      };
    };
in
{
  # The crates that the members need, by the names of their packages.
  for = name: members: of "${name}-crates" (closure members);
  # The crates that the whole workspace needs.
  all = of "qos-crates" lock.package;
}
