// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/etc/modules`: the modules to load when the system starts. One in a line, its parameters after it; `#` begins a
//! comment.

/// One line's module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its parameters, one blank between each two.
    pub parameters: String,
}

/// The modules of `text`, in order.
#[must_use]
pub fn parse(text: &str) -> Vec<Wanted> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split('#').next()?.split_whitespace();
            let name = words.next()?.to_owned();
            Some(Wanted { name, parameters: words.collect::<Vec<_>>().join(" ") })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let got = parse("# none\n\nqos_exit\n  loop  max_loop=4   a=b # why\n");
        let expect = [("qos_exit", ""), ("loop", "max_loop=4 a=b")];
        let expect =
            expect.map(|(name, parameters)| Wanted { name: name.into(), parameters: parameters.into() });
        assert_eq!(got, expect);
    }
}
