// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pinned toolchain: Debian packages, each fixed by its SHA-256 in `toolchain.lock`, unpacked into trees that
//! enter the Nix store as fixed-output paths.
