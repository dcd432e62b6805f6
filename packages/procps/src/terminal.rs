// SPDX-License-Identifier: MIT OR Apache-2.0
//! Control sequences to draw on the whole screen of a terminal (ECMA-48; the alternate screen is xterm's).

/// Switches to the alternate screen.
pub const ALTERNATE: &str = "\x1b[?1049h";
/// Turns attributes off, and switches back to the main screen.
pub const NORMAL: &str = "\x1b[m\x1b[?1049l";
/// To the upper left corner.
pub const HOME: &str = "\x1b[H";
/// Clears from there to the end of the screen.
pub const CLEAR: &str = "\x1b[J";
/// Clears to the end of the line.
pub const CLEAR_LINE: &str = "\x1b[K";

/// `text` in at most `columns` cells: tabs become blanks, and what the terminal would obey is left out.
pub fn clip(text: &str, columns: usize) -> String {
    let (mut clipped, mut at) = (String::new(), 0);
    for c in text.chars() {
        let width = if c == '\t' { 8 - at % 8 } else { 1 };
        if at + width > columns {
            break;
        }
        match c {
            '\t' => clipped.extend(std::iter::repeat_n(' ', width)),
            c if c.is_control() => continue,
            c => clipped.push(c),
        }
        at += width;
    }
    clipped
}

#[cfg(test)]
mod tests {
    #[test]
    fn clips() {
        for (text, columns, expect) in
            [("abc", 2, "ab"), ("a\tb", 10, "a       b"), ("a\x1bb", 5, "ab"), ("\t", 3, "")]
        {
            assert_eq!(super::clip(text, columns), expect);
        }
    }
}
