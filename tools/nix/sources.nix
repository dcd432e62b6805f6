# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Parts of the repository as store paths that change only when their contents change: documents never change them, nor do
# directories that the build does not use.
let
  root = ../..;
  rootLength = builtins.stringLength (toString root) + 1;
  relative = path: builtins.substring rootLength (builtins.stringLength path) path;
  # builtins.match is anchored at both ends.
  matchesAny = patterns: text: builtins.any (pattern: builtins.match pattern text != null) patterns;
  # Whether a directory has a file, at any depth, whose path matches. A directory without one is left out, because an empty
  # directory is a difference too.
  holds = patterns: path: here:
    let entries = builtins.readDir path; in
    builtins.any
      (name:
        if entries.${name} == "directory" then holds patterns "${path}/${name}" "${here}/${name}"
        else matchesAny patterns "${here}/${name}")
      (builtins.attrNames entries);
  neverBuilt = [ ".*\\.md" ".*/target(/.*)?" ".*/result(-[^/]*)?" ".*\\.snap\\.new" ".*\\.pending-snap" ];
in
{
  # The files below `folders` (paths from the repository's root, no slash at the end) and the single `files`, whatever
  # their names, at their paths. `only`, if not empty, are patterns one of which a file's path must match.
  part = { name, folders ? [ ], files ? [ ], only ? [ ], except ? [ ] }:
    builtins.path {
      inherit name;
      path = root;
      filter = path: type:
        let
          here = relative path;
          inside = folder: here == folder || builtins.substring 0 (builtins.stringLength folder + 1) here == "${folder}/";
          above = other: builtins.substring 0 (builtins.stringLength here + 1) other == "${here}/";
        in
        if builtins.elem here files then true
        else if matchesAny (neverBuilt ++ except) here then false
        else if type == "directory" then
          builtins.any above (folders ++ files) || (builtins.any inside folders && (only == [ ] || holds only path here))
        else builtins.any inside folders && (only == [ ] || matchesAny only here);
    };
}
