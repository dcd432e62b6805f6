# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The table of what is built, booted and checked (qos.toml), read and checked as tools/table does for the tools in Rust.
let
  file = ../../qos.toml;
  table = builtins.fromTOML (builtins.readFile file);
  fail = text: throw "qos.toml: ${text}";
  names = builtins.attrNames;

  # Each key of an entry with the type of its value, and those that every entry has.
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
      types = { name = "string"; kernel = "string"; programs = "string"; initramfs = "string"; };
      always = [ "name" "kernel" "programs" ];
    };
    checks = {
      types = {
        name = "string"; usual = "bool"; run = "string"; derivation = "string"; needs = "list"; kernel = "string"; image = "string";
        tree = "string";
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
      list = map (checkEntry kind) (table.${kind} or (fail "no ${kind}"));
      twice = builtins.filter (name: builtins.length (builtins.filter (entry: entry.name == name) list) > 1)
        (map (entry: entry.name) list);
    in
    if twice != [ ] then fail "${kind}: ${builtins.head twice} stands twice"
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
    if known ? ${name} then result else fail "${from}: ${key} = \"${name}\": there is no such ${kind}";
  reference = kind: known: key: label: entry: result:
    if entry ? ${key} then refers { from = "${label}: ${entry.name}"; inherit key known kind; name = entry.${key}; } result else result;
  all = check: entries: result: builtins.foldl' (rest: entry: check entry rest) result entries;

  kindOf = kernel:
    if kernel ? variant-of then
      if kernel ? series || kernel ? tree || kernel ? tarball || kernel ? patches || kernel ? kunit
      then fail "kernels: ${kernel.name}: a variant has the source of its kernel: no key but variant-of"
      else if kernel.variant-of != "default" then fail "kernels: ${kernel.name}: only default has variants"
      else "variant"
    else if !(kernel ? tree && kernel ? tarball) then fail "kernels: ${kernel.name}: tree and tarball say where its source is"
    else if kernel ? series then "lts"
    else if kernel.name != "default" || kernel ? patches || kernel ? kunit
    then fail "kernels: ${kernel.name}: only default is neither a variant nor has a series"
    else "default";
  ofKind = kind: builtins.filter (kernel: kindOf kernel == kind) kernels.list;

  # A disk is named beside the images: `cargo xtask qemu --image NAME` boots either.
  checkName = disk: result:
    if images.named ? ${disk.name} then fail "disks: ${disk.name}: there is an image of this name" else result;

  needs = [ "images" "headers" "loop" "disks" ];
  checkNeeds = check: result:
    let odd = builtins.filter (need: !(builtins.elem need needs)) (check.needs or [ ]); in
    if odd == [ ] then result else fail "checks: ${check.name}: needs has ${builtins.head odd}; it can have ${toString needs}";

  checked = result:
    if unknownKinds != [ ] then fail "unknown table ${builtins.head unknownKinds}"
    else if !(kernels.named ? default && images.named ? default) then fail "there is no default kernel or image"
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
  longTerm = byName (ofKind "lts");
  # Those that Nix runs, each with all its keys.
  checks = map (check: { run = check.name; derivation = check.name; needs = [ ]; } // check)
    (builtins.filter (check: !(builtins.elem "loop" (check.needs or [ ]))) checks.list);
}
