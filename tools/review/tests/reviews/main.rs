// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reviews of the boots in tools/bootdiff/tests/data: their rules, their formats, and the schema of `review.json`.

mod common;
mod formats;
mod rules;
mod schema;
