// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel's configuration and command line.

use crate::{lossy, two};
use qos_kconfig::fragment;
use qos_kconfig::request::Request;
use qos_kconfig::resolved::Resolved;
use qos_kconfig::why::Why;

/// The command line.
pub fn cmdline(data: &[u8]) {
    qos_vm::fuzz::command_line(&lossy(data));
}

/// A fragment (or .config), and the output of Kconfig for it. The written request is parsed to the same one, and is satisfied by itself.
pub fn kconfig(data: &[u8]) {
    let (config, why) = two(data);
    let (config, why) = (lossy(config), lossy(why));
    let why = Why::parse("why", &why).unwrap_or_default();
    let _ = Resolved::parse(".config", &config);
    let Ok(settings) = fragment::parse("a.config", &config) else { return };
    let Ok(request) = Request::join(settings) else { return };
    let text = request.config_text();
    let again = fragment::parse("a.config", &text).and_then(Request::join);
    assert_eq!(again.map(|again| again.config_text()), Ok(text.clone()));
    if let Ok(resolved) = Resolved::parse(".config", &text) {
        assert_eq!(
            qos_kconfig::check::check(&request, &resolved, &Why::default()),
            Vec::<String>::new(),
            "{text}"
        );
    }
    let _ = qos_kconfig::check::check(&request, &Resolved::default(), &why);
}
