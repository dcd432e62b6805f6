# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The modules in `folder` that support the kernels of `series`, by the file `kernels` of each module: the series that it compiles
# for, separated by spaces.
#
#   supported   the names of the modules that support it
#   leftOut     for each other module, one line with the reason
{ folder, path, series }:
let
  entries = builtins.readDir folder;
  isModule = name: entries.${name} == "directory" && builtins.pathExists (folder + "/${name}/Kbuild");
  names = builtins.filter isModule (builtins.attrNames entries);
  words = text: builtins.filter (word: builtins.isString word && word != "") (builtins.split "[ \n]+" text);
  # A series is two numbers. Anything else is an error: otherwise a typing error would silently leave out the module.
  checked = name: found:
    let odd = builtins.filter (word: builtins.match "[0-9]+\\.[0-9]+" word == null) found; in
    if odd == [ ] then found
    else throw "${path}/${name}/kernels: ${builtins.head odd} is not a series of the kernel, such as ${series}";
  stated = name:
    let file = folder + "/${name}/kernels"; in
    if builtins.pathExists file then checked name (words (builtins.readFile file))
    else throw "${path}/${name} does not state which kernels it supports: write their series, such as ${series}, into ${path}/${name}/kernels";
  supports = name: builtins.elem series (stated name);
  reason = name: "${name} does not support Linux ${series}: ${path}/${name}/kernels has ${toString (stated name)}";
in
{
  supported = builtins.filter supports names;
  leftOut = builtins.listToAttrs (map (name: { inherit name; value = reason name; })
    (builtins.filter (name: !(supports name)) names));
}
