# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The table of what is built, booted and checked (qos.toml). tools/table reads and checks it in the same way for the tools in Rust.
let
  file = ../../qos.toml;
  table = builtins.fromTOML (builtins.readFile file);
  fail = text: throw "qos.toml: ${text}";
  names = builtins.attrNames;

  # The keys of each kind of entry with the types of their values, and the required keys.
  keys = {
    kernels = {
      types = { name = "string"; variant-of = "string"; series = "string"; tree = "string"; tarball = "string"; patches = "list"; kunit = "bool"; };
      always = [ "name" ];
    };
    images = {
      types = { name = "string"; kernel = "string"; programs = "string"; script = "string"; login = "bool"; };
      always = [ "name" "kernel" "programs" "script" ];
    };
    disks = {
      types = { name = "string"; kernel = "string"; programs = "string"; initramfs = "string"; tree = "string"; script = "string"; login = "bool"; };
      always = [ "name" "kernel" "programs" ];
    };
    checks = {
      types = {
        name = "string"; usual = "bool"; run = "string"; derivation = "string"; needs = "list"; kernel = "string"; image = "string";
        tree = "string"; snapshots = "bool"; script = "string";
      };
      always = [ "name" ];
    };
  };

  checkEntry = kind: entry:
    let
      label = "${kind}: ${entry.name or "an entry without a name"}";
      unknown = builtins.filter (key: !(keys.${kind}.types ? ${key})) (names entry);
      missing = builtins.filter (key: !(entry ? ${key})) keys.${kind}.always;
      wrong = builtins.filter (key: builtins.typeOf entry.${key} != keys.${kind}.types.${key}) (names entry);
    in
    if unknown != [ ] then fail "${label}: unknown key ${builtins.head unknown}"
    else if missing != [ ] then fail "${label}: the key ${builtins.head missing} is missing"
    else if wrong != [ ] then fail "${label}: ${builtins.head wrong} is not a ${keys.${kind}.types.${builtins.head wrong}}"
    else entry;

  # The entries of a kind by name, in the order of their names, and as a list in the order of the table.
  read = kind:
    let
      list = map (checkEntry kind) (table.${kind} or (fail "the table has no [[${kind}]]"));
      twice = builtins.filter (name: builtins.length (builtins.filter (entry: entry.name == name) list) > 1)
        (map (entry: entry.name) list);
    in
    if twice != [ ] then fail "${kind}: duplicate name ${builtins.head twice}"
    else {
      inherit list;
      named = builtins.listToAttrs (map (entry: { inherit (entry) name; value = entry; }) list);
    };

  unknownKinds = names (removeAttrs table (names keys));
  kernels = read "kernels";
  images = read "images";
  disks = read "disks";
  checks = read "checks";

  # `result`, if `name` is one of `known`.
  refers = { from, key, name, known, kind }: result:
    if known ? ${name} then result else fail "${from}: ${key} = \"${name}\": unknown ${kind}";
  reference = kind: known: key: label: entry: result:
    if entry ? ${key} then refers { from = "${label}: ${entry.name}"; inherit key known kind; name = entry.${key}; } result else result;
  all = check: entries: result: builtins.foldl' (rest: entry: check entry rest) result entries;

  kindOf = kernel:
    if kernel ? variant-of then
      if kernel ? series || kernel ? tree || kernel ? tarball || kernel ? patches || kernel ? kunit
      then fail "kernels: ${kernel.name}: a variant uses the source of its kernel; the only key besides name is variant-of"
      else if kernel.variant-of != "default" then fail "kernels: ${kernel.name}: only the kernel default has variants; variant-of must be \"default\""
      else "variant"
    else if !(kernel ? tree && kernel ? tarball) then fail "kernels: ${kernel.name}: the keys tree and tarball are missing; they locate the source"
    else if kernel ? series then "lts"
    else if kernel.name != "default" || kernel ? patches || kernel ? kunit
    then fail "kernels: ${kernel.name}: every kernel except default needs variant-of or series"
    else "default";
  ofKind = kind: builtins.filter (kernel: kindOf kernel == kind) kernels.list;

  # Disks and images share one name space: `cargo xtask qemu --image NAME` boots either.
  checkName = disk: result:
    if images.named ? ${disk.name} then fail "disks: ${disk.name}: an image has the same name" else result;

  needs = [ "images" "headers" "loop" "disks" "debian-boot" ];
  checkNeeds = check: result:
    let odd = builtins.filter (need: !(builtins.elem need needs)) (check.needs or [ ]); in
    if odd == [ ] then result else fail "checks: ${check.name}: unknown value ${builtins.head odd} in needs; the values are ${toString needs}";

  checked = result:
    if unknownKinds != [ ] then fail "unknown table ${builtins.head unknownKinds}"
    else if !(kernels.named ? default && images.named ? default) then fail "the kernel default or the image default is missing"
    else
      all (reference "kernel" kernels.named "variant-of" "kernels") kernels.list
        (all (reference "kernel" kernels.named "kernel" "images") images.list
          (all (reference "kernel" kernels.named "kernel" "disks") disks.list
          (all checkName disks.list
          (all (reference "kernel" kernels.named "kernel" "checks") checks.list
            (all (reference "image" images.named "image" "checks") checks.list
              (all checkNeeds checks.list result))))));
  byName = entries: builtins.listToAttrs (map (entry: { inherit (entry) name; value = entry; }) entries);
in
checked {
  # By name.
  images = images.named;
  disks = disks.named;
  default = builtins.head (ofKind "default");
  variants = map (kernel: kernel.name) (ofKind "variant");
  lts = byName (ofKind "lts");
  # The checks that Nix runs, each with all its keys.
  checks = map (check: { run = check.name; derivation = check.name; needs = [ ]; } // check)
    (builtins.filter (check: !(check ? script || builtins.elem "loop" (check.needs or [ ]))) checks.list);
}
