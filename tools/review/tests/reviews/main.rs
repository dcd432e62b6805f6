// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reviews of the boots in tools/bootdiff/tests/data: their rules, their formats, their files, and the schema of `review.json`.

mod common;
mod formats;
mod output;
mod rules;
mod schema;
