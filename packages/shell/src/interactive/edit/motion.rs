// SPDX-License-Identifier: GPL-3.0-or-later
//! vi's motions, for moving and for operators.

use super::buffer::{Buffer, Words};

/// A search for a character in the line (`f`, `F`, `t`, `T`).
#[derive(Clone, Copy, Debug)]
pub struct Find {
    pub wanted: char,
    pub forward: bool,
    /// Stop beside the character.
    pub beside: bool,
}

/// Where a motion goes, and whether an operator takes the character there as well.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub at: usize,
    pub inclusive: bool,
}

/// True for the motions that are one key. `;` and `,` stand for the last search for a character.
pub fn is_motion(c: char) -> bool {
    matches!(c, 'h' | 'l' | ' ' | '0' | '^' | '$' | '|' | 'w' | 'W' | 'b' | 'B' | 'e' | 'E' | ';' | ',')
}

/// Where a motion goes from the cursor. `column` is the count if one was given, for `|`.
pub fn target(
    buffer: &Buffer,
    motion: char,
    count: usize,
    column: Option<usize>,
    find: Option<Find>,
) -> Option<Target> {
    let cursor = buffer.cursor();
    let (start, end) = (buffer.line_start(cursor), buffer.line_end(cursor));
    let repeat = |step: &dyn Fn(usize) -> usize| (0..count).fold(cursor, |at, _| step(at));
    let words = if motion.is_ascii_uppercase() { Words::Big } else { Words::Vi };
    let exclusive = |at| Some(Target { at, inclusive: false });
    match motion {
        'h' => exclusive(buffer.left(cursor, count)),
        'l' | ' ' => exclusive(buffer.right(cursor, count)),
        '0' => exclusive(start),
        '^' => exclusive(buffer.first_nonblank(cursor)),
        '$' => exclusive(end),
        '|' => exclusive(buffer.right(start, column.unwrap_or(1).max(1) - 1)),
        'w' | 'W' => exclusive(repeat(&|at| buffer.next_word(at, words))),
        'b' | 'B' => exclusive(repeat(&|at| buffer.previous_word(at, words))),
        'e' | 'E' => Some(Target { at: repeat(&|at| buffer.last_of_word(at, words)), inclusive: true }),
        ';' | ',' => {
            let Find { wanted, forward, beside } = find?;
            let forward = forward == (motion == ';');
            let found = buffer.find(wanted, forward, count)?;
            let at = match (beside, forward) {
                (false, _) => found,
                (true, true) => buffer.before(found),
                (true, false) => buffer.after(found),
            };
            Some(Target { at, inclusive: forward })
        }
        _ => None,
    }
}
