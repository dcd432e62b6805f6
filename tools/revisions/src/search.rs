// SPDX-License-Identifier: MIT OR Apache-2.0
//! Search for the first changed element of a list in which some elements cannot be tested. Pure.

use std::collections::BTreeSet;

/// The result of one test: as at the beginning of the list, as at its end, or unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As at the beginning.
    Old,
    /// As at the end.
    New,
    /// Unknown, for example because it does not build.
    Unknown,
}

/// Where it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The last place that is as at the beginning.
    pub old: usize,
    /// The first position after it whose state is that of the end. The positions in between could not be tested.
    pub new: usize,
}

/// Finds a place between `0`, which is old, and `last`, which is new; neither is looked at. With a thing that changes
/// once, it is that place; otherwise one of them. Looks at about log2(`last`) places, and at more where nothing can be
/// said: then at the nearest to the middle.
///
/// # Errors
///
/// Those of `look`.
pub fn search<E>(last: usize, mut look: impl FnMut(usize) -> Result<Look, E>) -> Result<Found, E> {
    let (mut old, mut new) = (0, last);
    let mut unknown: BTreeSet<usize> = BTreeSet::new();
    loop {
        let middle = old + (new - old) / 2;
        let nearest = (old + 1..new).filter(|at| !unknown.contains(at)).min_by_key(|at| at.abs_diff(middle));
        let Some(at) = nearest else { return Ok(Found { old, new }) };
        match look(at)? {
            Look::Old => old = at,
            Look::New => new = at,
            Look::Unknown => {
                unknown.insert(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `places`: `o` old, `n` new, `?` unknown; the first and the last are known.
    fn check(places: &str, old: usize, new: usize, most_looks: usize) {
        let places: Vec<char> = places.chars().collect();
        let mut looks = 0;
        let found = search(places.len() - 1, |at| {
            looks += 1;
            Ok::<_, ()>(match places[at] {
                'o' => Look::Old,
                'n' => Look::New,
                _ => Look::Unknown,
            })
        });
        assert_eq!(found, Ok(Found { old, new }), "{places:?}");
        assert!(looks <= most_looks, "{looks} looks at {places:?}");
    }

    #[test]
    fn the_place_is_found() {
        check("on", 0, 1, 0);
        check("oon", 1, 2, 1);
        check("onn", 0, 1, 1);
        check("ooooooon", 6, 7, 3);
        check("onnnnnnn", 0, 1, 3);
        check("oooonnnn", 3, 4, 3);
        check(&format!("{}{}", "o".repeat(700), "n".repeat(324)), 699, 700, 10);
    }

    #[test]
    fn what_cannot_be_looked_at_is_gone_around() {
        check("o?n", 0, 2, 1);
        check("o???n", 0, 4, 3);
        check("oo?nn", 1, 3, 3);
        check("oo??nnnn", 1, 4, 4);
        check("o?o?n?nn", 2, 4, 5);
    }

    #[test]
    fn an_error_ends_it() {
        assert_eq!(search(5, |_| Err("no")), Err("no"));
    }
}
