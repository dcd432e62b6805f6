// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is on the boot screen: text and escape sequences of a Linux console (`console_codes(4)`).

use std::fmt::Write as _;

/// The name in block letters, each line as wide as the others.
const NAME: [&str; 6] = [
    " ▄███▄█   ▄███▄   ▄████▄",
    "██   ██  ██   ██  ██    ",
    "██   ██  ██   ██   ▀███▄",
    " ▀███▀█   ▀███▀   ▀████▀",
    "      █                 ",
    "      ▀                 ",
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
    let mut put = |row: usize, text: &str, style: &str| {
        let text: String = text.chars().take(columns).collect();
        let column = (columns - text.chars().count()) / 2 + 1;
        if row < rows && !text.is_empty() {
            let _ = write!(screen, "\x1b[{};{column}H\x1b[{style}m{text}\x1b[0m", row + 1);
        }
    };
    let middle = rows / 2;
    let top = middle.saturating_sub(NAME.len() + 1);
    for (row, line) in NAME.iter().enumerate() {
        put(top + row, line, "1");
    }
    put(middle + 1, &state.note, "0");
    if let Some((question, typed)) = &state.question {
        put(middle + 3, question, "0");
        let shown = (*typed).min(FIELD);
        put(middle + 4, &format!("[{}{}]", "*".repeat(shown), " ".repeat(FIELD - shown)), "0");
    }
    put(rows.saturating_sub(1), "Escape: show the log", "2");
    screen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cells of a screen, drawn as a terminal would.
    fn cells(rows: u16, columns: u16, state: &State) -> Vec<String> {
        let mut cells = vec![vec![' '; columns.into()]; rows.into()];
        let (mut row, mut column) = (0, 0);
        for part in frame(rows, columns, state).split("\x1b[") {
            if let Some(place) = part.strip_suffix('H') {
                let (one, other) = place.split_once(';').unwrap();
                (row, column) = (one.parse::<usize>().unwrap() - 1, other.parse::<usize>().unwrap() - 1);
            } else if let Some((_, text)) = part.split_once('m') {
                for character in text.chars() {
                    cells[row][column] = character;
                    column += 1;
                }
            }
        }
        cells.into_iter().map(|row| row.into_iter().collect::<String>().trim_end().to_owned()).collect()
    }

    #[test]
    fn the_name_is_a_rectangle() {
        assert!(NAME.iter().all(|line| line.chars().count() == NAME[0].chars().count()));
    }

    #[test]
    fn everything_is_in_the_middle() {
        let question = Some(("Passphrase for /dev/vda3:".to_owned(), 3));
        let rows = cells(25, 80, &State { note: "Wrong passphrase".into(), question });
        assert_eq!(rows.iter().filter(|row| row.contains('█')).count(), 5);
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
