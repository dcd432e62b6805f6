# SPDX-License-Identifier: MIT OR Apache-2.0
{
  description = "qos: a small Linux distribution whose boot is reviewed as a diff";

  # No inputs: the toolchain comes from tools/toolchain/toolchain.lock, seeded by `cargo xtask setup`.
  outputs = { self }: import ./tools/nix/outputs.nix;
}
