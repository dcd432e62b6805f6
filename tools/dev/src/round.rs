// SPDX-License-Identifier: MIT OR Apache-2.0
//! One round: its steps, and the line with their result.

use super::args::Dev;
use super::build::Places;
use super::plan::Steps;
use super::watch::Burst;
use super::{boot, child, pack};
use qos_host::ui::{Result, Ui, interrupted};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The exit code of a round that came to no boot, as the runner's for a guest that was not started.
const NOT_STARTED: u8 = 125;

/// What rounds are made with.
pub struct Round<'a> {
    /// The user interface for messages.
    pub ui: &'a Ui,
    /// Where things are.
    pub places: &'a Places,
    /// The image's manifest.
    pub manifest: PathBuf,
    /// The arguments.
    pub dev: &'a Dev,
}

impl Round<'_> {
    /// Does the steps of `todo`, and takes out of it what is done: what failed is there in the next round. `saved` is what
    /// was saved, by its name. Gives the exit code.
    ///
    /// # Errors
    ///
    /// What is not the sources' fault; and that the user interrupts.
    pub fn run(&self, todo: &mut Steps, saved: Option<(String, Burst)>) -> Result<u8> {
        if !todo.any() {
            return Ok(0);
        }
        let begin = saved.as_ref().map_or_else(Instant::now, |(_, burst)| burst.begin);
        self.places.update()?;
        let what = saved.map(|(path, burst)| match burst.paths.len() {
            1 => format!("saved {path} -> "),
            more => format!("saved {path} and {} more -> ", more - 1),
        });
        let mut parts = Vec::new();
        let (verdict, code) = self.steps(todo, &mut parts)?;
        let total = begin.elapsed();
        let line = line(&what.unwrap_or_default(), &parts, &verdict, total);
        self.ui.show(&line);
        Ok(code)
    }

    fn steps(&self, todo: &mut Steps, parts: &mut Vec<(&'static str, Duration)>) -> Result<(String, u8)> {
        let builds: [(&mut bool, &str, &str); 3] = [
            (&mut todo.kernel, "kernel", "kernel"),
            (&mut todo.modules, "modules", "modules"),
            (&mut todo.programs, "programs", "programs"),
        ];
        for (due, script, part) in builds {
            if !*due {
                continue;
            }
            let begin = Instant::now();
            let built = child::build(self.ui, script, &mut self.places.script(script)?)?;
            parts.push((part, begin.elapsed()));
            if !built {
                return Ok((format!("the build of the {script} failed"), NOT_STARTED));
            }
            *due = false;
        }
        if todo.pack {
            let begin = Instant::now();
            let packed = match pack::command(self.places, &self.manifest, self.dev.kunit.as_deref()) {
                Ok(mut command) => child::build(self.ui, "pack", &mut command)?,
                Err(error) => {
                    self.ui.show(&error.to_string());
                    false
                }
            };
            parts.push(("packed", begin.elapsed()));
            if !packed {
                return Ok(("cannot pack the image; see the messages above".into(), NOT_STARTED));
            }
            todo.pack = false;
        }
        if self.dev.no_boot {
            todo.boot = false;
            return Ok(("built".into(), 0));
        }
        if todo.boot && !interrupted() {
            let begin = Instant::now();
            let booted = boot::boot(self.ui, self.places, self.dev)?;
            parts.push(("booted", begin.elapsed()));
            // A guest that failed is not booted again before something changes.
            todo.boot = false;
            return Ok((booted.verdict, booted.code));
        }
        Err("interrupted".into())
    }
}

/// `saved x -> programs 1.2 s, packed 0.1 s, booted 1.9 s: passed, after 3.2 s`.
fn line(what: &str, parts: &[(&str, Duration)], verdict: &str, total: Duration) -> String {
    let seconds = |time: &Duration| format!("{:.1} s", time.as_secs_f64());
    let parts: Vec<_> = parts.iter().map(|(name, time)| format!("{name} {}", seconds(time))).collect();
    format!("{what}{}: {verdict}, after {}", parts.join(", "), seconds(&total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let ms = Duration::from_millis;
        let parts = [("programs", ms(1234)), ("packed", ms(80)), ("booted", ms(1900))];
        assert_eq!(
            line("saved x -> ", &parts, "passed", ms(3250)),
            "saved x -> programs 1.2 s, packed 0.1 s, booted 1.9 s: passed, after 3.2 s"
        );
        assert_eq!(
            line("", &parts[..1], "the build of the programs failed", ms(1234)),
            "programs 1.2 s: the build of the programs failed, after 1.2 s"
        );
    }
}
