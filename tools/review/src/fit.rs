// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fits Markdown into the size that a forge allows for a comment. Pure.

use qos_bootdiff::escape::html;
use qos_bootdiff::units::count;

/// A part of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its title as plain text; the name of what was left out.
    pub title: String,
    /// How it is shown.
    pub fold: Fold,
    /// Its importance: blocks of a lower number get their space first.
    pub rank: u8,
    /// Its contents as Markdown, which may be cut at the end of each line.
    pub body: String,
}

/// How a block is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Without its title.
    Never,
    /// Unfolded at first.
    Open,
    /// Folded at first.
    Closed,
}

/// Space kept for the sentence at the end.
const RESERVE: usize = 1000;

/// Names that the sentence at the end lists at most.
const NAMES: usize = 8;

/// The blocks one after the other in at most `limit` bytes (a character has at least one). The most important blocks get their space
/// first, but one that is too long leaves a share for the others. What does not fit is cut at the end of a line, or left out, and
/// a sentence at the end names it. `more` says where everything is.
#[must_use]
pub fn fit(blocks: &[Block], limit: usize, more: &str) -> String {
    let whole: Vec<String> = blocks.iter().map(|block| block.render(&block.body)).collect();
    if whole.iter().map(String::len).sum::<usize>() <= limit {
        return whole.concat();
    }
    let mut left = limit.saturating_sub(RESERVE);
    let mut texts = vec![String::new(); blocks.len()];
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    order.sort_by_key(|&at| blocks[at].rank);
    let mut cut = Vec::new();
    for (place, &at) in order.iter().enumerate() {
        let later = &order[place + 1..];
        // A long block leaves a share for each later one of its rank, and one for all those of higher ranks, unless they need less.
        let same_rank = later.iter().filter(|&&other| blocks[other].rank == blocks[at].rank).count();
        let shares = 1 + same_rank + usize::from(later.len() > same_rank);
        let rest: usize = later.iter().map(|&other| whole[other].len()).sum();
        let share = (left / shares).max(left.saturating_sub(rest));
        let text = if whole[at].len() <= share { Some(whole[at].clone()) } else { blocks[at].cut(share) };
        if text.as_ref() != Some(&whole[at]) {
            cut.push(at);
        }
        texts[at] = text.unwrap_or_default();
        left -= texts[at].len();
    }
    cut.sort_unstable();
    let (shortened, omitted): (Vec<usize>, Vec<usize>) =
        cut.into_iter().partition(|&at| !texts[at].is_empty());
    let mut out = texts.concat();
    out.push_str("\n**This comment is shortened** to what the forge allows.");
    for (what, which) in [("Shortened", shortened), ("Left out", omitted)] {
        if !which.is_empty() {
            let names: Vec<String> =
                which.iter().take(NAMES).map(|&at| html(&short(&blocks[at].title))).collect();
            let others = match which.len().saturating_sub(NAMES) {
                0 => String::new(),
                number => format!(" and {}", count(number, "other part")),
            };
            out.push_str(&format!(" {what}: {}{others}.", names.join("; ")));
        }
    }
    out.push_str(&format!(" {more}\n"));
    out
}

/// A title of bounded length.
fn short(title: &str) -> String {
    title.chars().take(40).collect()
}

impl Block {
    fn render(&self, body: &str) -> String {
        let open = match self.fold {
            Fold::Never => return format!("\n{}\n", body.trim_end_matches('\n')),
            Fold::Open => " open",
            Fold::Closed => "",
        };
        // The contents need empty lines around them to be parsed as Markdown.
        let title = html(&self.title);
        format!("\n<details{open}><summary>{title}</summary>\n\n{}\n\n</details>\n", body.trim_end())
    }

    /// The block with as many lines as fit into `limit` bytes; `None` if not one does.
    fn cut(&self, limit: usize) -> Option<String> {
        let lines: Vec<&str> = self.body.lines().collect();
        // The longest note.
        let note = |number: usize| format!("\n*{} not shown*\n", count(number, "more line"));
        let frame = self.render("").len() + note(lines.len()).len();
        let mut space = limit.checked_sub(frame)?;
        let mut body = String::new();
        let mut fence: Option<&str> = None;
        let mut kept = 0;
        for line in &lines {
            let after = fence_after(fence, line);
            // A code block that is open at the cut is closed.
            let needed = line.len() + 1 + after.map_or(0, |fence| fence.len() + 1);
            if needed > space {
                break;
            }
            space -= line.len() + 1;
            body.push_str(line);
            body.push('\n');
            fence = after;
            kept += 1;
        }
        // The first two lines of a table are not contents.
        if kept < lines.len().min(4) {
            return None;
        }
        if let Some(fence) = fence {
            body.push_str(fence);
            body.push('\n');
        }
        body.push_str(&note(lines.len() - kept));
        Some(self.render(&body))
    }
}

/// The fence of the code block that is open after `line`, if `open` was before it.
fn fence_after<'a>(open: Option<&'a str>, line: &'a str) -> Option<&'a str> {
    let length = line.bytes().take_while(|&byte| byte == b'`').count();
    match open {
        Some(fence) => (line.trim_end() != fence).then_some(fence),
        None => (length >= 3).then(|| &line[..length]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(title: &str, fold: Fold, rank: u8, body: &str) -> Block {
        Block { title: title.to_owned(), fold, rank, body: body.to_owned() }
    }

    #[test]
    fn what_fits_is_whole() {
        let blocks = [
            block("a", Fold::Never, 0, "one\n"),
            block("b <", Fold::Closed, 1, "two\n\n"),
            block("c", Fold::Open, 1, "x"),
        ];
        let expect = "\none\n\n<details><summary>b &lt;</summary>\n\ntwo\n\n</details>\n\n<details open><summary>c</summary>\n\nx\n\n</details>\n";
        assert_eq!(fit(&blocks, expect.len(), "More."), expect);
        assert_ne!(fit(&blocks, expect.len() - 1, "More."), expect);
    }

    /// Lines of code, then a text.
    fn long(lines: usize) -> String {
        let code: String = (0..lines).map(|at| format!("+ line {at} of a log: äöü ```\n")).collect();
        format!("**drivers**\n\n````diff\n{code}````\n\nafter\n")
    }

    /// Nothing that folds and no code block is left open.
    fn check_markdown(text: &str) {
        assert_eq!(text.matches("<details").count(), text.matches("</details>").count(), "{text}");
        let mut fence = None;
        for line in text.lines() {
            fence = fence_after(fence, line);
            assert!(fence.is_none() || line != "</details>", "{text}");
        }
        assert_eq!(fence, None, "{text}");
    }

    #[test]
    fn every_limit_is_kept() {
        let blocks = [
            block("head", Fold::Never, 0, "# Title\n\nA sentence.\n"),
            block("log of default", Fold::Open, 2, &long(200)),
            block("log of minimal", Fold::Open, 2, &long(3)),
            block("files", Fold::Closed, 5, &long(50)),
        ];
        let all: usize = blocks.iter().map(|block| block.render(&block.body).len()).sum();
        for limit in (1100..all + 10).step_by(7) {
            let text = fit(&blocks, limit, "The page report.html has all.");
            assert!(text.len() <= limit, "{} > {limit}", text.len());
            assert!(text.contains("A sentence."), "{limit}");
            assert_eq!(text.contains("This comment is shortened"), limit < all, "{limit}");
            check_markdown(&text);
        }
    }

    #[test]
    fn a_long_block_leaves_space_for_others_of_its_rank() {
        let blocks = [
            block("head", Fold::Never, 0, "# Title"),
            block("log of default", Fold::Open, 2, &long(2000)),
            block("log of minimal", Fold::Open, 2, &long(3)),
            block("log of server", Fold::Open, 2, &long(2000)),
            block("files", Fold::Closed, 5, "| a |\n"),
        ];
        let text = fit(&blocks, 20_000, "See the page.");
        assert!(text.contains("<summary>log of minimal</summary>"), "{text}");
        let of = |title: &str| text.split(title).nth(1).unwrap_or_default().matches("+ line").count();
        assert!(of("<summary>log of server</summary>") > 200, "{text}");
        assert!(
            text.ends_with("Shortened: log of default; log of server. See the page.\n"),
            "{}",
            &text[text.len() - 300..]
        );
        assert!(text.contains("more lines not shown*\n"), "{text}");
    }
}
