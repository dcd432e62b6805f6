// SPDX-License-Identifier: GPL-3.0-or-later
//! `fc`: lists, edits and executes commands from the history (POSIX.1-2024, `fc`).

mod syntax;

use crate::ShellEnv;
use crate::history::{History, Shared};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::rc::Rc;
use syntax::{Command, Operand};
use yash_builtin::common::output;
use yash_env::builtin::Result;
use yash_env::input::Memory;
use yash_env::io::Fd;
use yash_env::parser::Config;
use yash_env::semantics::{ExitStatus, Field};
use yash_env::source::Source;
use yash_env::system::concurrency::WriteAll as _;
use yash_quote::quoted;
use yash_semantics::RunReadEvalLoop;

/// How many entries `fc -l` lists without operands.
const LISTED: usize = 16;

/// Executes `fc`.
pub async fn main(env: &mut ShellEnv, args: Vec<Field>) -> Result {
    match run(env, args).await {
        Ok(result) => result,
        Err(message) => {
            // A diagnostic that cannot be written changes nothing about the failure.
            let _ = env.system.write_all(Fd::STDERR, format!("fc: {message}\n").as_bytes()).await;
            Result::new(ExitStatus::ERROR)
        }
    }
}

async fn run(env: &mut ShellEnv, args: Vec<Field>) -> std::result::Result<Result, String> {
    let command = syntax::parse(args.into_iter().map(|field| field.value))?;
    let Some(Shared(history)) = Shared::existing(env) else {
        return Err("there is no history: the shell is not interactive".into());
    };
    let (current, draft) = {
        let mut history = history.borrow_mut();
        (history.next().saturating_sub(1), history.take_draft())
    };
    match command {
        Command::List { numbers, reverse, first, last } => {
            let text = {
                let history = history.borrow();
                let oldest = current.saturating_sub(LISTED).max(history.oldest());
                let first = first.map_or(Ok(oldest), |first| number(&history, current, &first))?;
                let last =
                    last.map_or(Ok(current.saturating_sub(1)), |last| number(&history, current, &last))?;
                if current <= history.oldest() && (first, last) != (current, current) {
                    String::new()
                } else {
                    listing(&history, &range(&history, first, last, reverse), numbers)
                }
            };
            history.borrow_mut().commit();
            Ok(output(env, &text).await)
        }
        Command::Again { replacement, first } => {
            let first = first.unwrap_or(Operand::Back(1));
            let entry = {
                let history = history.borrow();
                let number = number(&history, current, &first)?;
                history.get(number).filter(|_| number < current)
            };
            let entry = entry.ok_or_else(|| format!("{first}: no such entry in the history"))?;
            let text = match replacement {
                Some((old, new)) => entry.replacen(&old, &new, 1),
                None => entry.to_string(),
            };
            execute(env, &history, &text).await
        }
        Command::Edit { editor, reverse, first, last } => {
            let text = match draft {
                Some(draft) => draft + "\n",
                None => {
                    let history = history.borrow();
                    let first = number(&history, current, &first.unwrap_or(Operand::Back(1)))?;
                    let last = last.map_or(Ok(first), |last| number(&history, current, &last))?;
                    if current <= history.oldest() {
                        return Err("the history is empty".into());
                    }
                    let numbers = range(&history, first, last, reverse)
                        .into_iter()
                        .map(|number| number.min(current - 1));
                    let entries = numbers.filter_map(|number| history.get(number));
                    entries.fold(String::new(), |text, entry| text + &entry + "\n")
                }
            };
            edit(env, &history, editor, &text).await
        }
    }
}

/// The number of the entry that an operand names. A number or an offset may lie outside of the history.
fn number(history: &History, current: usize, operand: &Operand) -> std::result::Result<usize, String> {
    match operand {
        Operand::Number(number) => Ok(*number),
        Operand::Back(offset) => Ok(current.saturating_sub(*offset)),
        Operand::Prefix(prefix) => (history.oldest()..current)
            .rev()
            .find(|&number| history.get(number).is_some_and(|entry| entry.starts_with(&**prefix)))
            .ok_or_else(|| format!("no history entry begins with {prefix}")),
    }
}

/// The numbers from `first` to `last` as far as they are in the history, downwards if `first` is the newer.
fn range(history: &History, first: usize, last: usize, reverse: bool) -> Vec<usize> {
    let (oldest, newest) = (history.oldest(), history.next().saturating_sub(1));
    let (first, last) = (first.clamp(oldest, newest.max(oldest)), last.clamp(oldest, newest.max(oldest)));
    let mut numbers: Vec<usize> = (first.min(last)..=first.max(last)).collect();
    if (first > last) != reverse {
        numbers.reverse();
    }
    numbers
}

/// The entries as `fc -l` writes them: each line of an entry after a tab, its first one after its number.
fn listing(history: &History, numbers: &[usize], with_number: bool) -> String {
    let mut text = String::new();
    for &number in numbers {
        let Some(entry) = history.get(number) else { continue };
        if with_number {
            let _ = write!(text, "{number}");
        }
        for line in entry.lines() {
            let _ = writeln!(text, "\t{line}");
        }
    }
    text
}

/// Has `text` edited, and executes what comes of it unless the editor fails.
async fn edit(
    env: &mut ShellEnv,
    history: &RefCell<History>,
    editor: Option<String>,
    text: &str,
) -> std::result::Result<Result, String> {
    let variable = |name| env.variables.get_scalar(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let editor =
        editor.or_else(|| variable("FCEDIT")).or_else(|| variable("EDITOR")).unwrap_or_else(|| "ed".into());
    let written = tempfile::Builder::new().prefix("fc-").tempfile().and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        Ok(file.into_temp_path())
    });
    let path =
        written.map_err(|error| format!("cannot write the commands to a file for {editor}: {error}"))?;
    let name = path.to_str().ok_or("the name of the file for the editor is not UTF-8")?.to_owned();

    let result = evaluate(env, &format!("{editor} {}", quoted(&name))).await;
    if !env.exit_status.is_successful() || result.divert().is_break() {
        return Ok(result);
    }
    let edited =
        fs::read(&path).map_err(|error| format!("{name}: cannot read the edited commands: {error}"))?;
    drop(path);
    execute(env, history, &String::from_utf8_lossy(&edited)).await
}

/// Puts commands in the place of the `fc` command in the history, shows and executes them.
async fn execute(
    env: &mut ShellEnv,
    history: &RefCell<History>,
    text: &str,
) -> std::result::Result<Result, String> {
    let text = text.trim_end_matches('\n');
    {
        let mut history = history.borrow_mut();
        history.replace_newest(text);
        history.commit();
    }
    // That the commands cannot be shown does not keep them from being executed.
    let _ = env.system.write_all(Fd::STDERR, format!("{text}\n").as_bytes()).await;
    Ok(evaluate(env, text).await)
}

/// Executes commands as `eval` does.
async fn evaluate(env: &mut ShellEnv, text: &str) -> Result {
    let RunReadEvalLoop(run) = *env.any.get().expect("the start-up inserts `RunReadEvalLoop`");
    let mut config = Config::with_input(Box::new(Memory::new(text)));
    let origin = env.stack.current_builtin().map(|builtin| builtin.name.origin.clone());
    config.source = origin.map(|original| Rc::new(Source::Eval { original }));
    let divert = run(&RefCell::new(env), config).await;
    Result::with_exit_status_and_divert(env.exit_status, divert)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A history of four commands, and the `fc` command as the fifth.
    fn history() -> History {
        let mut history = History::open(None, 100);
        for line in ["echo one", "ls -l", "if a\nthen b\nfi", "echo two", "fc"] {
            history.begin(line);
        }
        history
    }

    #[test]
    fn operands() {
        for (operand, wanted) in [
            (Operand::Number(3), Ok(3)),
            (Operand::Number(99), Ok(99)),
            (Operand::Back(1), Ok(4)),
            (Operand::Back(0), Ok(5)),
            (Operand::Back(99), Ok(0)),
            (Operand::Prefix("echo".into()), Ok(4)),
            (Operand::Prefix("echo o".into()), Ok(1)),
            (Operand::Prefix("fc".into()), Err(())),
            (Operand::Prefix("cho".into()), Err(())),
        ] {
            assert_eq!(number(&history(), 5, &operand).map_err(|_| ()), wanted, "{operand}");
        }
    }

    #[test]
    fn ranges() {
        for (first, last, reverse, wanted) in [
            (1, 3, false, &[1, 2, 3][..]),
            (1, 3, true, &[3, 2, 1]),
            (3, 1, false, &[3, 2, 1]),
            (3, 1, true, &[1, 2, 3]),
            (2, 2, true, &[2]),
            (0, 2, false, &[1, 2]),
            (4, 99, false, &[4, 5]),
            (99, 99, false, &[5]),
        ] {
            assert_eq!(range(&history(), first, last, reverse), wanted, "{first} {last} {reverse}");
        }
    }

    #[test]
    fn listings() {
        let history = history();
        assert_eq!(listing(&history, &[1, 3], true), "1\techo one\n3\tif a\n\tthen b\n\tfi\n");
        assert_eq!(listing(&history, &[3, 1], false), "\tif a\n\tthen b\n\tfi\n\techo one\n");
        assert_eq!(listing(&history, &[], true), "");
    }
}
