// SPDX-License-Identifier: MIT OR Apache-2.0
//! The longest common subsequence of two sequences: the elements that stay in place when one becomes the other.

use std::collections::HashMap;
use std::hash::Hash;

/// Pairs of indices of a longest common subsequence, ascending in both. The same input gives the same pairs.
///
/// What only one side has, and what both begin and end with, is put aside first; for the rest it is Hirschberg's
/// algorithm (Communications of the ACM 18/6, 1975): time goes with the product of the lengths, memory with their sum.
pub(crate) fn pairs<T: Eq + Hash>(base: &[T], head: &[T]) -> Vec<(usize, usize)> {
    let mut numbers: HashMap<&T, (u32, [bool; 2])> = HashMap::new();
    for (side, items) in [base, head].into_iter().enumerate() {
        for item in items {
            let next = numbers.len() as u32;
            numbers.entry(item).or_insert((next, [false; 2])).1[side] = true;
        }
    }
    let common = |items: &[T]| -> Vec<(usize, u32)> {
        let number =
            |item| numbers.get(item).filter(|(_, sides)| *sides == [true; 2]).map(|(number, _)| *number);
        items.iter().enumerate().filter_map(|(at, item)| Some((at, number(item)?))).collect()
    };
    let (base, head) = (common(base), common(head));
    let mut out = Vec::with_capacity(base.len().min(head.len()));
    hirschberg(&base, &head, &mut out);
    out
}

/// An element: its place in the whole sequence, and its number, equal for equal ones.
type Item = (usize, u32);

fn hirschberg(mut base: &[Item], mut head: &[Item], out: &mut Vec<(usize, usize)>) {
    while let ([one, base_rest @ ..], [other, head_rest @ ..]) = (base, head) {
        if one.1 != other.1 {
            break;
        }
        out.push((one.0, other.0));
        (base, head) = (base_rest, head_rest);
    }
    let mut end = Vec::new();
    while let ([base_rest @ .., one], [head_rest @ .., other]) = (base, head) {
        if one.1 != other.1 {
            break;
        }
        end.push((one.0, other.0));
        (base, head) = (base_rest, head_rest);
    }
    match base {
        [] => {}
        [one] => out.extend(head.iter().find(|other| other.1 == one.1).map(|other| (one.0, other.0))),
        _ if head.is_empty() => {}
        _ => {
            let (upper, lower) = base.split_at(base.len() / 2);
            let before = lengths(upper.iter(), head.iter());
            let after = lengths(lower.iter().rev(), head.iter().rev());
            let sums = before.iter().zip(after.iter().rev()).map(|(before, after)| before + after);
            let best = sums.enumerate().max_by_key(|(at, sum)| (*sum, std::cmp::Reverse(*at)));
            let (left, right) = head.split_at(best.map_or(0, |(at, _)| at));
            hirschberg(upper, left, out);
            hirschberg(lower, right, out);
        }
    }
    out.extend(end.into_iter().rev());
}

/// For each beginning of `head`, how long its longest common subsequence with `base` is.
fn lengths<'a>(
    base: impl Iterator<Item = &'a Item>,
    head: impl Iterator<Item = &'a Item> + Clone,
) -> Vec<u32> {
    let mut row: Vec<u32> = vec![0; head.clone().count() + 1];
    for one in base {
        let mut diagonal = 0;
        for (at, other) in head.clone().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if one.1 == other.1 { diagonal + 1 } else { above.max(row[at]) };
            diagonal = above;
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `expect`: the length, by another way of counting, and that the pairs are what they claim to be.
    #[track_caller]
    fn check(base: &str, head: &str, expect: usize) {
        let (one, other): (Vec<char>, Vec<char>) = (base.chars().collect(), head.chars().collect());
        let pairs = pairs(&one, &other);
        assert_eq!(pairs.len(), expect, "{base:?} {head:?} {pairs:?}");
        assert!(pairs.iter().all(|&(i, j)| one[i] == other[j]), "{base:?} {head:?} {pairs:?}");
        assert!(pairs.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 < w[1].1), "{base:?} {head:?} {pairs:?}");
    }

    #[test]
    fn known_lengths() {
        check("", "", 0);
        check("", "abc", 0);
        check("abc", "abc", 3);
        check("abc", "xyz", 0);
        check("abc", "axbycz", 3);
        check("abcde", "eabcd", 4);
        check("abcbdab", "bdcaba", 4);
        check("aaaa", "aa", 2);
        check("abab", "baba", 3);
        check("xaxbxc", "abcx", 3);
    }

    /// All pairs of words of up to five letters out of two, against the definition.
    #[test]
    fn every_short_pair() {
        let words: Vec<Vec<u8>> = (0..=5u32)
            .flat_map(|length| {
                (0..1u32 << length).map(move |bits| (0..length).map(|at| ((bits >> at) & 1) as u8).collect())
            })
            .collect();
        for base in &words {
            for head in &words {
                let pairs = pairs(base, head);
                assert_eq!(pairs.len(), by_definition(base, head), "{base:?} {head:?}");
                assert!(pairs.iter().all(|&(i, j)| base[i] == head[j]));
                assert!(pairs.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 < w[1].1));
            }
        }
    }

    fn by_definition(base: &[u8], head: &[u8]) -> usize {
        match (base, head) {
            ([one, base_rest @ ..], [other, head_rest @ ..]) if one == other => {
                1 + by_definition(base_rest, head_rest)
            }
            ([_, base_rest @ ..], [_, head_rest @ ..]) => {
                by_definition(base_rest, head).max(by_definition(base, head_rest))
            }
            _ => 0,
        }
    }
}
