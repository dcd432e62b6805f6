// SPDX-License-Identifier: MIT OR Apache-2.0
//! Licence expressions: checked, combined, and the texts that they require.
//!
//! The grammar is annex D of the SPDX specification 2.3.

use spdx::{Expression, LicenseReq};
use std::collections::{BTreeMap, BTreeSet};

/// `text` as an SPDX expression. Cargo also permits `/` for `OR`.
///
/// # Errors
///
/// The text is no expression, or names an unknown licence.
pub fn normal(text: &str) -> Result<String, String> {
    let wrong = |error: spdx::ParseError| format!("`{text}` is no SPDX licence expression: {}", error.reason);
    let normal = Expression::canonicalize(text).map_err(wrong)?.unwrap_or_else(|| text.to_owned());
    Expression::parse(&normal).map_err(wrong)?;
    Ok(normal)
}

/// The expression that requires all of these: sorted, each once.
pub fn all<'a>(expressions: impl IntoIterator<Item = &'a str>) -> String {
    let set: BTreeSet<&str> = expressions.into_iter().collect();
    let alone = set.len() == 1;
    let words = set.into_iter().map(|expression| match expression.contains(" OR ") && !alone {
        true => format!("({expression})"),
        false => expression.to_owned(),
    });
    words.collect::<Vec<_>>().join(" AND ")
}

/// The texts that have to go with a work under these expressions, by the name of the licence or exception: those of copyleft licences,
/// unless the expression offers another licence.
///
/// # Errors
///
/// One of them is no SPDX expression.
pub fn owed<'a>(
    expressions: impl IntoIterator<Item = &'a str>,
) -> Result<BTreeMap<&'static str, &'static str>, String> {
    let mut texts = BTreeMap::new();
    for text in expressions {
        let expression = Expression::parse(text)
            .map_err(|error| format!("`{text}` is no SPDX licence expression: {}", error.reason))?;
        if expression.evaluate(|requirement| !is_copyleft(requirement)) {
            continue;
        }
        for found in expression.requirements().filter(|found| is_copyleft(&found.req)) {
            if let Some(id) = found.req.license.id() {
                texts.insert(id.name, id.text());
            }
            if let Some(id) = found.req.addition.as_ref().and_then(|addition| addition.id()) {
                texts.insert(id.name, id.text());
            }
        }
    }
    Ok(texts)
}

fn is_copyleft(requirement: &LicenseReq) -> bool {
    requirement.license.id().is_some_and(spdx::LicenseId::is_copyleft)
}

/// The licence of a kernel module by its `MODULE_LICENSE` (`Documentation/process/license-rules.rst` of the kernel: "GPL" and "GPL v2"
/// both mean version 2, and do not say whether later versions apply). None for a value that stands for several licences.
#[must_use]
pub fn of_module(module_license: &str) -> Option<&'static str> {
    match module_license {
        "GPL" | "GPL v2" => Some("GPL-2.0-only"),
        "Dual MIT/GPL" => Some("MIT OR GPL-2.0-only"),
        _ => None,
    }
}

/// The expression in the line `SPDX-License-Identifier:` of a text file, if the file has one in its first lines.
#[must_use]
pub fn stated(content: &[u8]) -> Option<String> {
    let head = &content[..content.len().min(1024)];
    let text = String::from_utf8_lossy(head);
    let (_, rest) = text.split_once("SPDX-License-Identifier:")?;
    let line = rest.lines().next()?;
    normal(line.trim().trim_end_matches("-->").trim_end_matches("*/").trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_made_those_of_spdx() {
        for (text, expect) in [
            ("MIT", "MIT"),
            ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
            ("Unlicense/MIT", "Unlicense OR MIT"),
            (
                "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
                "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
            ),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", "(MIT OR Apache-2.0) AND Unicode-3.0"),
            ("GPL-3.0-or-later", "GPL-3.0-or-later"),
            ("GPL-3.0", "GPL-3.0-only"),
            ("GPL-2.0+", "GPL-2.0-or-later"),
        ] {
            assert_eq!(normal(text).as_deref(), Ok(expect), "{text}");
        }
        for text in ["", "Proprietary", "MIT OR", "MIT Apache-2.0", "(MIT", "MIT WITH Apache-2.0"] {
            let error = normal(text).unwrap_err();
            assert!(error.starts_with(&format!("`{text}` is no SPDX licence expression: ")), "{error}");
        }
    }

    #[test]
    fn a_conjunction_is_sorted_and_keeps_its_meaning() {
        for (expressions, expect) in [
            (&["MIT OR Apache-2.0"][..], "MIT OR Apache-2.0"),
            (&["MIT", "MIT"], "MIT"),
            (&["MIT", "GPL-3.0-or-later", "MIT OR Zlib"], "GPL-3.0-or-later AND MIT AND (MIT OR Zlib)"),
            (&["(MIT OR Zlib) AND ISC", "MIT"], "((MIT OR Zlib) AND ISC) AND MIT"),
            (&["MIT AND ISC", "Zlib"], "MIT AND ISC AND Zlib"),
        ] {
            let joined = all(expressions.iter().copied());
            assert_eq!(joined, expect);
            Expression::parse(&joined).unwrap();
        }
    }

    #[test]
    fn texts_of_copyleft_licences_are_owed() {
        for (expression, expect) in [
            ("MIT OR Apache-2.0", &[][..]),
            ("Apache-2.0 OR GPL-2.0-only", &[]),
            ("MIT AND (Apache-2.0 OR GPL-2.0-only)", &[]),
            ("GPL-3.0-or-later", &["GPL-3.0-or-later"]),
            ("MIT AND GPL-3.0-or-later", &["GPL-3.0-or-later"]),
            ("GPL-2.0-only WITH Linux-syscall-note", &["GPL-2.0-only", "Linux-syscall-note"]),
            ("LGPL-2.1-or-later", &["LGPL-2.1-or-later"]),
        ] {
            let texts = owed([expression]).unwrap();
            assert_eq!(texts.keys().copied().collect::<Vec<_>>(), expect, "{expression}");
            assert!(texts.values().all(|text| text.len() > 500), "{expression}");
        }
        assert!(owed(["GPL-3.0-or-later"]).unwrap()["GPL-3.0-or-later"].contains("Version 3, 29 June 2007"));
        assert!(owed(["Nothing"]).is_err());
    }

    #[test]
    fn licences_of_modules() {
        for (value, expect) in [
            ("GPL", Some("GPL-2.0-only")),
            ("GPL v2", Some("GPL-2.0-only")),
            ("Dual MIT/GPL", Some("MIT OR GPL-2.0-only")),
            ("Dual BSD/GPL", None),
            ("Proprietary", None),
        ] {
            assert_eq!(of_module(value), expect, "{value}");
        }
    }

    #[test]
    fn the_licence_that_a_file_states() {
        for (content, expect) in [
            (&b"# SPDX-License-Identifier: MIT OR Apache-2.0\nx"[..], Some("MIT OR Apache-2.0")),
            (b"#!/bin/sh\n# SPDX-License-Identifier: GPL-2.0\n", Some("GPL-2.0-only")),
            (b"<!-- SPDX-License-Identifier: MIT -->\n", Some("MIT")),
            (b"/* SPDX-License-Identifier: ISC */", Some("ISC")),
            (b"# SPDX-License-Identifier: nonsense\n", None),
            (b"root:x:0:0::/root:/bin/sh\n", None),
            (b"\xff\xfe", None),
            (b"", None),
        ] {
            assert_eq!(stated(content).as_deref(), expect, "{}", String::from_utf8_lossy(content));
        }
    }
}
