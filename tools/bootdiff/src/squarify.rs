// SPDX-License-Identifier: MIT OR Apache-2.0
//! The layout of treemaps: Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000). Pure.

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Divides an area by weights, which are above 0 and do not rise, into rectangles that are as square as their order allows.
pub(crate) fn squarified(weights: &[u64], mut area: Area) -> Vec<Area> {
    let mut areas = Vec::new();
    let mut rest = weights;
    while !rest.is_empty() {
        // Sums of real sizes are exact in an f64.
        let total: u64 = rest.iter().sum();
        let scale = area.width * area.height / total as f64;
        let side = area.width.min(area.height);
        // The most oblong rectangle of a strip with the first `number`, as its ratio of sides.
        let worst = |number: usize| {
            let strip: f64 = rest[..number].iter().sum::<u64>() as f64 * scale / side;
            let ratio = |weight: u64| {
                let length = weight as f64 * scale / strip;
                (length / strip).max(strip / length)
            };
            ratio(rest[0]).max(ratio(rest[number - 1]))
        };
        let mut number = 1;
        while number < rest.len() && worst(number + 1) <= worst(number) {
            number += 1;
        }
        let strip = rest[..number].iter().sum::<u64>() as f64 * scale / side;
        let mut at = 0.0;
        for weight in &rest[..number] {
            let length = *weight as f64 * scale / strip;
            areas.push(match area.width >= area.height {
                true => Area { x: area.x, y: area.y + at, width: strip, height: length },
                false => Area { x: area.x + at, y: area.y, width: length, height: strip },
            });
            at += length;
        }
        match area.width >= area.height {
            true => (area.x, area.width) = (area.x + strip, area.width - strip),
            false => (area.y, area.height) = (area.y + strip, area.height - strip),
        }
        rest = &rest[number..];
    }
    areas
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells cover the area by their weights, and no two of them overlap.
    #[test]
    fn areas_are_as_the_weights() {
        let whole = Area { x: 10.0, y: 20.0, width: 600.0, height: 400.0 };
        // The example of the paper.
        for weights in [&[6, 6, 4, 3, 2, 2, 1][..], &[1], &[1_000_000_000_000, 1], &[5; 40]] {
            let areas = squarified(weights, whole);
            let total: u64 = weights.iter().sum();
            assert_eq!(areas.len(), weights.len());
            for (at, (area, weight)) in areas.iter().zip(weights).enumerate() {
                let expect = *weight as f64 * 240_000.0 / total as f64;
                assert!((area.width * area.height - expect).abs() < 1e-3, "{weights:?}: {area:?}");
                for other in &areas[..at] {
                    let apart = |a: f64, width: f64, b: f64, other: f64| {
                        a + width <= b + 1e-6 || b + other <= a + 1e-6
                    };
                    assert!(
                        apart(area.x, area.width, other.x, other.width)
                            || apart(area.y, area.height, other.y, other.height),
                        "{weights:?}: {area:?} {other:?}"
                    );
                }
                let inside = area.x >= 10.0 - 1e-6 && area.x + area.width <= 610.0 + 1e-6;
                assert!(inside && area.y >= 20.0 - 1e-6 && area.y + area.height <= 420.0 + 1e-6, "{area:?}");
            }
        }
        let oblong = |area: &Area| (area.width / area.height).max(area.height / area.width);
        let areas = squarified(&[6, 6, 4, 3, 2, 2, 1], whole);
        assert!(areas.iter().all(|area| oblong(area) < 2.8), "{areas:?}");
    }
}
