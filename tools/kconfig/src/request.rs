// SPDX-License-Identifier: MIT OR Apache-2.0
//! Several fragments joined into one request.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::fragment::{OVERRIDE, Setting};

/// The requests of all fragments together: at most one setting for each symbol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    settings: BTreeMap<String, Setting>,
}

impl Request {
    /// Joins settings in the order of their fragments.
    ///
    /// Asking twice is an error even for the same value: of two lines, one is edited later and the other is not. A
    /// setting that says it overrides replaces an earlier one, which has to be there and to be another.
    ///
    /// # Errors
    /// One message for each setting that repeats or contradicts an earlier one, or overrides nothing.
    pub fn join(settings: impl IntoIterator<Item = Setting>) -> Result<Self, Vec<String>> {
        let mut request = Self::default();
        let mut errors = Vec::new();
        for setting in settings {
            match request.settings.get(&setting.symbol) {
                Some(first) if !setting.overrides || first.value == setting.value => {
                    errors.push(conflict(first, &setting));
                }
                None if setting.overrides => errors.push(nothing_to_override(&setting)),
                _ => {
                    request.settings.insert(setting.symbol.clone(), setting);
                }
            }
        }
        if errors.is_empty() { Ok(request) } else { Err(errors) }
    }

    /// The settings, sorted by symbol.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.settings.values()
    }

    /// The setting of a symbol (without `CONFIG_`), if it is requested.
    pub fn get(&self, symbol: &str) -> Option<&Setting> {
        self.settings.get(symbol)
    }

    /// The text for `KCONFIG_ALLCONFIG`: one line for each setting, in the form that Kconfig itself writes.
    pub fn config_text(&self) -> String {
        self.settings().fold(String::new(), |mut text, setting| {
            let _ = writeln!(text, "{}", setting.value.line(&setting.symbol));
            text
        })
    }

    /// The names of all symbols, one a line, without `CONFIG_`: the input of `kconfig-why`.
    pub fn names_text(&self) -> String {
        self.settings.keys().fold(String::new(), |mut text, name| {
            let _ = writeln!(text, "{name}");
            text
        })
    }
}

fn conflict(first: &Setting, second: &Setting) -> String {
    let Setting { symbol, value, place, .. } = second;
    if first.value == *value {
        format!(
            "{place}: CONFIG_{symbol}={value} is requested twice (first at {}): keep one line",
            first.place
        )
    } else {
        format!(
            "{place}: CONFIG_{symbol}={value} contradicts CONFIG_{symbol}={} at {}: keep one of them, or \
             write `{OVERRIDE}` above this one",
            first.value, first.place
        )
    }
}

fn nothing_to_override(setting: &Setting) -> String {
    let Setting { symbol, value, place, .. } = setting;
    format!(
        "{place}: CONFIG_{symbol}={value} overrides nothing, because no earlier fragment requests it; remove `{OVERRIDE}`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fragment;

    fn join(fragments: &[(&str, &str)]) -> Result<Request, Vec<String>> {
        Request::join(
            fragments.iter().flat_map(|(file, text)| fragment::parse(file, text).expect("valid fragment")),
        )
    }

    #[test]
    fn joined_text_is_sorted() {
        let request = join(&[("b", "CONFIG_Z=y\nCONFIG_B=n\n"), ("v", "CONFIG_A=m\n")]).expect("no conflict");
        assert_eq!(request.config_text(), "CONFIG_A=m\n# CONFIG_B is not set\nCONFIG_Z=y\n");
        assert_eq!(request.names_text(), "A\nB\nZ\n");
    }

    #[test]
    fn a_later_fragment_overrides_where_it_says_so() {
        let request = join(&[("base", "CONFIG_A=m\nCONFIG_B=y\n"), ("v", "# why\n# override\nCONFIG_A=y\n")]);
        let request = request.expect("no conflict");
        assert_eq!(request.config_text(), "CONFIG_A=y\nCONFIG_B=y\n");
        let place = request.get("A").map(|setting| setting.place.to_string());
        assert_eq!(place.as_deref(), Some("v:3"));
    }

    #[test]
    fn conflicts_name_both_places() {
        for (fragments, expect) in [
            (
                [("base", "CONFIG_A=y"), ("virt", "\nCONFIG_A=m")],
                "virt:2: CONFIG_A=m contradicts CONFIG_A=y at base:1: keep one of them, or write `# override` above \
                 this one",
            ),
            (
                [("base", "CONFIG_A=y\nCONFIG_A=y"), ("virt", "")],
                "base:2: CONFIG_A=y is requested twice (first at base:1): keep one line",
            ),
            (
                [("base", "CONFIG_N=1"), ("virt", "# CONFIG_N is not set")],
                "virt:1: CONFIG_N=n contradicts CONFIG_N=1 at base:1: keep one of them, or write `# override` \
                 above this one",
            ),
            (
                [("base", "CONFIG_A=y"), ("v", "# override\nCONFIG_A=y")],
                "v:2: CONFIG_A=y is requested twice (first at base:1): keep one line",
            ),
            (
                [("base", "CONFIG_A=y"), ("v", "# override\nCONFIG_B=y")],
                "v:2: CONFIG_B=y overrides nothing, because no earlier fragment requests it; remove `# override`",
            ),
            (
                [("base", "CONFIG_A=y"), ("v", "# override\n# why\nCONFIG_A=m")],
                "v:3: CONFIG_A=m contradicts CONFIG_A=y at base:1: keep one of them, or write `# override` above \
                 this one",
            ),
        ] {
            assert_eq!(join(&fragments), Err(vec![expect.to_owned()]));
        }
    }
}
