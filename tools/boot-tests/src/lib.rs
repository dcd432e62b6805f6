// SPDX-License-Identifier: MIT OR Apache-2.0
//! Framework for tests that boot a guest.
