# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The host's tools, static, so that they run inside the sysroot and on any x86-64 host alike.
{ cargo }:
let
  of = name: tools: cargo {
    inherit name;
    packages = map (tool: "qos-${tool}") tools;
    profile = "tool";
    install = ''
      mkdir -p "$out/bin"
      for tool in ${builtins.concatStringsSep " " tools}; do install "$programs/qos-$tool" "$out/bin/"; done
    '';
  };
in
{
  # What images are built and booted by: an input of each.
  tools = of "qos-tools" [ "image" "initramfs" "kconfig" "manifest" "vm" ];
  # What disks are made by, when one is asked for.
  disk-tools = of "qos-disk-tools" [ "disk" ];
  # What writes bills of materials, when one is asked for.
  sbom-tools = of "qos-sbom-tools" [ "sbom" ];
  # What writes the pages of the manual: the one tool that the guest's programs are part of.
  man-tools = of "qos-man-tools" [ "man" ];
  # Verbs of `cargo xtask`, which starts them: an input of nothing.
  dev-tools = of "qos-dev-tools" [ "bench" "bootdiff" "budget" "cache" "debug" "dev" "history" "inspect" "kernel-rust" "new" "reproduce" "review" "revisions" "stable" ];
}
