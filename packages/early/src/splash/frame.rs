// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is on the boot screen: text and escape sequences of a Linux console (`console_codes(4)`).

use std::fmt::Write as _;

/// The name; a `#` is two cells in reverse video, because a kernel without CONFIG_CONSOLE_TRANSLATIONS draws no block characters.
const NAME: [&str; 7] = [
    " ####   ###   ####",
    "#   #  #   #  #   ",
    "#   #  #   #  ####",
    "#   #  #   #     #",
    " ####   ###   ####",
    "    #             ",
    "    #             ",
];
/// Cells of a field for a passphrase.
const FIELD: usize = 32;

/// What the screen says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// What happens now, or went wrong.
    pub note: String,
    /// What is asked, with the number of characters that were typed.
    pub question: Option<(String, usize)>,
}

/// The whole screen of `rows` times `columns` cells, with the cursor hidden.
#[must_use]
pub fn frame(rows: u16, columns: u16, state: &State) -> String {
    let (rows, columns) = (usize::from(rows), usize::from(columns));
    // White on black, everything erased, no cursor.
    let mut screen = String::from("\x1b[0m\x1b[2J\x1b[?25l");
    let middle = rows / 2;
    let top = middle.saturating_sub(NAME.len() + 1);
    let width = 2 * NAME[0].len();
    // Letters are not cut in two.
    for (row, line) in NAME.iter().enumerate().filter(|(row, _)| width <= columns && top + row < rows) {
        let _ = write!(screen, "\x1b[{};{}H", top + row + 1, (columns - width) / 2 + 1);
        for cell in line.chars() {
            screen.push_str(if cell == '#' { "\x1b[7m  " } else { "\x1b[0m  " });
        }
        screen.push_str("\x1b[0m");
    }
    screen.push_str(&centered(rows, columns, middle + 1, &state.note, "0"));
    if let Some((question, typed)) = &state.question {
        screen.push_str(&centered(rows, columns, middle + 3, question, "0"));
        screen.push_str(&field_at(rows, columns, *typed));
    }
    screen.push_str(&centered(rows, columns, rows.saturating_sub(1), "Escape: show the log", "2"));
    screen
}

/// The field of a question alone, drawn anew after a key.
#[must_use]
pub fn field(rows: u16, columns: u16, typed: usize) -> String {
    field_at(rows.into(), columns.into(), typed)
}

fn field_at(rows: usize, columns: usize, typed: usize) -> String {
    let shown = typed.min(FIELD);
    let text = format!("[{}{}]", "*".repeat(shown), " ".repeat(FIELD - shown));
    centered(rows, columns, rows / 2 + 4, &text, "0")
}

/// Text in the middle of a row, as much as fits; nothing if the screen has no such row.
fn centered(rows: usize, columns: usize, row: usize, text: &str, style: &str) -> String {
    let text: String = text.chars().take(columns).collect();
    let column = (columns - text.chars().count()) / 2 + 1;
    if row >= rows || text.is_empty() {
        return String::new();
    }
    format!("\x1b[{};{column}H\x1b[{style}m{text}\x1b[0m", row + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cells of a screen, drawn as a terminal would.
    fn cells(rows: u16, columns: u16, state: &State) -> Vec<String> {
        let mut cells = vec![vec![' '; columns.into()]; rows.into()];
        draw(&mut cells, &frame(rows, columns, state));
        cells.into_iter().map(|row| row.into_iter().collect::<String>().trim_end().to_owned()).collect()
    }

    /// Reverse video is shown as `#`.
    fn draw(cells: &mut [Vec<char>], text: &str) {
        let (mut row, mut column) = (0, 0);
        for part in text.split("\x1b[") {
            if let Some(place) = part.strip_suffix('H') {
                let (one, other) = place.split_once(';').unwrap();
                (row, column) = (one.parse::<usize>().unwrap() - 1, other.parse::<usize>().unwrap() - 1);
            } else if let Some((style, text)) = part.split_once('m') {
                for character in text.chars() {
                    cells[row][column] = if style == "7" { '#' } else { character };
                    column += 1;
                }
            }
        }
    }

    #[test]
    fn a_key_changes_the_field_only() {
        let state = |typed| State { note: "n".into(), question: Some(("q".to_owned(), typed)) };
        let mut now = vec![vec![' '; 80]; 25];
        draw(&mut now, &frame(25, 80, &state(3)));
        draw(&mut now, &field(25, 80, 4));
        let mut expect = vec![vec![' '; 80]; 25];
        draw(&mut expect, &frame(25, 80, &state(4)));
        assert_eq!(now, expect);
    }

    #[test]
    fn the_name_is_a_rectangle() {
        assert!(NAME.iter().all(|line| line.chars().count() == NAME[0].chars().count()));
    }

    #[test]
    fn everything_is_in_the_middle() {
        let question = Some(("Passphrase for /dev/vda3:".to_owned(), 3));
        let rows = cells(25, 80, &State { note: "Wrong passphrase".into(), question });
        assert_eq!(rows.iter().filter(|row| row.contains("##")).count(), 7);
        assert_eq!(rows[13], format!("{}Wrong passphrase", " ".repeat(32)));
        assert_eq!(rows[15], format!("{}Passphrase for /dev/vda3:", " ".repeat(27)));
        assert_eq!(rows[16], format!("{}[***{}]", " ".repeat(23), " ".repeat(29)));
        assert_eq!(rows[24], format!("{}Escape: show the log", " ".repeat(30)));
    }

    #[test]
    fn any_size_and_any_length() {
        for (rows, columns) in [(0, 0), (1, 1), (2, 7), (12, 20), (48, 128)] {
            for typed in [0, 1, 31, 32, 33, 5000] {
                let question = Some(("Passphrase for a device with a long name:".to_owned(), typed));
                let cells = cells(rows, columns, &State { note: "é".repeat(300), question });
                assert_eq!(cells.len(), usize::from(rows));
            }
        }
    }
}
