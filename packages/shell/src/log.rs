// SPDX-License-Identifier: MIT OR Apache-2.0
//! Brush reports its errors as `tracing` events. Here they become lines on standard error, as a shell writes them.

use std::fmt::{self, Write as _};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

/// Sends warnings and errors to standard error from now on.
pub fn to_stderr() {
    // Fails only when there is a subscriber already, which then does this work.
    let _ = tracing::subscriber::set_global_default(Stderr);
}

struct Stderr;

impl Subscriber for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::WARN
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(tracing::level_filters::LevelFilter::WARN)
    }

    fn event(&self, event: &Event<'_>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        eprintln!("sh: {}", shown(&message.0));
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// The message without brush's own `error: ` and without Rust's number of an error of the system.
fn shown(message: &str) -> &str {
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let message = message.strip_prefix("i/o error: ").unwrap_or(message);
    match message.rfind(" (os error ") {
        Some(at) if message.ends_with(')') => &message[..at],
        _ => message,
    }
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // Writing to a string does not fail.
            let _ = write!(self.0, "{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    fn check(message: &str, expect: &str) {
        assert_eq!(super::shown(message), expect);
    }

    #[test]
    fn messages() {
        check("error: i/o error: Permission denied (os error 13)", "Permission denied");
        check("x: syntax error at end of input", "x: syntax error at end of input");
    }
}
