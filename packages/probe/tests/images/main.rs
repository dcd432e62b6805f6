// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests on the images of `data/`.

mod blkid;
mod hostile;
mod support;
