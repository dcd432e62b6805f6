// SPDX-License-Identifier: MIT OR Apache-2.0
//! The parser of patches, for tools/fuzz.

use crate::apply::{self, Outcome, Search};
use crate::hunk::Line;
use crate::{names, parse, rejects};
use std::path::Path;

/// Applies all of `patch` to `text`, whatever file each part is for: the new text, and whether each hunk found its place
/// exactly. `None` when the patch is malformed.
///
/// # Panics
/// When a name leads out of the directory.
#[must_use]
pub fn apply(patch: &[u8], text: &[u8]) -> Option<(Vec<u8>, bool)> {
    let patches = parse::parse(patch, None).ok()?;
    let mut lines: Vec<Line> = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let mut exact = true;
    for patch in &patches {
        if let Some(name) = names::choose(patch, Some(1), Path::new("/nowhere")) {
            assert!(names::is_safe(&name), "{}", name.display());
        }
        assert_eq!(patch.reversed().reversed().hunks.len(), patch.hunks.len());
        let _ = rejects::text(patch, &patch.hunks.iter().collect::<Vec<_>>());
        for loose in [true, false] {
            let (new, outcomes) = apply::apply(&lines, &patch.hunks, Search { fuzz: 2, loose });
            exact &=
                outcomes.iter().all(|found| matches!(found, Outcome::Applied { offset: 0, fuzz: 0, .. }));
            if !loose {
                lines = new;
            }
        }
    }
    Some((lines.concat(), exact))
}
