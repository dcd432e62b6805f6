// SPDX-License-Identifier: MIT OR Apache-2.0
//! A script at work.

use crate::Failure;
use crate::command::{Action, Address, End, Script, Selector};
use crate::input::Input;
use crate::options::Options;
use crate::output::Output;
use crate::replace::{Pattern, Substitution};
use qos_regex::Regex;
use std::fs;
use std::io::{self, BufWriter};
use std::path::PathBuf;
use std::rc::Rc;

/// How far a range is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Range {
    Before,
    Inside,
    /// It ends at this line.
    Until(u64),
    /// It began at a line number, and does not begin again.
    Over,
}

/// What waits for the end of a cycle.
enum Queued {
    Text(usize),
    File(String),
}

/// What goes on after a command.
enum Flow {
    Next,
    Jump(usize),
    /// The cycle ends; the text is written unless `-n` is given.
    End,
    /// The cycle ends without that.
    EndSilently,
    /// The next cycle begins with the text that is left.
    Restart,
    Quit(i32),
    QuitSilently(i32),
}

pub(crate) struct Machine<'a> {
    options: &'a Options,
    script: &'a Script,
    input: Input,
    out: Output,
    outputs: Vec<Output>,
    /// With `-i`, what the output becomes when the file ends: the file made, and its name then.
    replaced: Option<(PathBuf, PathBuf)>,
    line: u64,
    text: Vec<u8>,
    has_end: bool,
    hold: Vec<u8>,
    ranges: Vec<Range>,
    queue: Vec<Queued>,
    substituted: bool,
    last: Option<Rc<Regex>>,
}

impl<'a> Machine<'a> {
    pub fn new(options: &'a Options, script: &'a Script, input: Input) -> Result<Self, Failure> {
        let stdout = |name: &String| name == "/dev/stdout";
        let outputs = script.outputs.iter().filter(|name| !stdout(name)).map(|name| Output::file(name));
        Ok(Machine {
            options,
            script,
            input,
            out: Output::stdout(options.unbuffered),
            outputs: outputs.collect::<Result<_, _>>()?,
            replaced: None,
            line: 0,
            text: Vec::new(),
            has_end: true,
            hold: Vec::new(),
            ranges: vec![Range::Before; script.commands.len()],
            queue: Vec::new(),
            substituted: false,
            last: None,
        })
    }

    /// Runs the script on all the input, and gives the exit status.
    pub fn run(mut self) -> Result<i32, Failure> {
        const UNREADABLE: i32 = 2;
        let mut status = 0;
        let mut kept = false;
        while kept || self.read(false)? {
            kept = false;
            self.substituted = false;
            let flow = self.cycle()?;
            if !self.options.quiet && matches!(flow, Flow::End | Flow::Quit(_)) {
                self.print()?;
            }
            self.empty_queue()?;
            match flow {
                Flow::Quit(code) | Flow::QuitSilently(code) => {
                    status = code;
                    self.copy_rest()?;
                    break;
                }
                Flow::Restart => kept = true,
                _ => {}
            }
        }
        self.finish_file()?;
        self.out.flush()?;
        self.outputs.iter_mut().try_for_each(Output::flush)?;
        Ok(if status == 0 && self.input.has_failed() { UNREADABLE } else { status })
    }

    /// Takes the next line as the text, or appends it; false if there is none.
    fn read(&mut self, append: bool) -> Result<bool, Failure> {
        let Some(line) = self.input.next() else { return Ok(false) };
        if let Some(path) = line.begins {
            self.line = 0;
            self.ranges.fill(Range::Before);
            self.finish_file()?;
            if self.options.in_place.is_some() {
                self.begin_file(path)?;
            }
        }
        self.line += 1;
        self.has_end = line.has_end;
        if append {
            self.text.push(self.options.end());
            self.text.extend_from_slice(&line.text);
        } else {
            self.text = line.text;
        }
        Ok(true)
    }

    fn begin_file(&mut self, path: PathBuf) -> Result<(), Failure> {
        let path = fs::canonicalize(&path).unwrap_or(path);
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".sed-{}", std::process::id()));
        let new = path.with_file_name(name);
        let error = |error: io::Error| Failure::io(&format!("couldn't open file {}", new.display()), &error);
        let file = fs::File::create(&new).map_err(error)?;
        let mode = fs::metadata(&path).map_err(error)?.permissions();
        file.set_permissions(mode).map_err(error)?;
        self.out = Output::to(&new.to_string_lossy(), BufWriter::new(file), false);
        self.replaced = Some((new, path));
        Ok(())
    }

    /// With `-i`, gives the file that was written the name of the one that was read.
    fn finish_file(&mut self) -> Result<(), Failure> {
        let Some((new, path)) = self.replaced.take() else { return Ok(()) };
        self.out.flush()?;
        self.out = Output::stdout(self.options.unbuffered);
        let suffix = self.options.in_place.as_deref().unwrap_or_default();
        let error = |error: io::Error| Failure::io(&format!("cannot rename {}", new.display()), &error);
        if !suffix.is_empty() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let kept =
                if suffix.contains('*') { suffix.replace('*', &name) } else { format!("{name}{suffix}") };
            fs::rename(&path, path.with_file_name(kept)).map_err(error)?;
        }
        fs::rename(&new, &path).map_err(error)
    }

    /// With `-i`, what follows a `q` stays in the file.
    fn copy_rest(&mut self) -> Result<(), Failure> {
        if self.replaced.is_none() {
            return Ok(());
        }
        while !self.input.is_last() && self.read(false)? {
            self.print()?;
        }
        Ok(())
    }

    fn end(&self) -> Option<u8> {
        self.has_end.then(|| self.options.end())
    }

    fn print(&mut self) -> Result<(), Failure> {
        let end = self.end();
        self.out.line(&self.text, end)
    }

    /// Runs the commands once.
    fn cycle(&mut self) -> Result<Flow, Failure> {
        let script = self.script;
        let mut at = 0;
        while let Some(command) = script.commands.get(at) {
            let selected = self.selects(at, &command.selector)? != command.selector.negated;
            at = match (selected, &command.action) {
                (false, Action::Block(end)) => end + 1,
                (false, _) => at + 1,
                (true, action) => match self.act(at, action)? {
                    Flow::Next => at + 1,
                    Flow::Jump(to) => to,
                    flow => return Ok(flow),
                },
            };
        }
        Ok(Flow::End)
    }

    fn act(&mut self, at: usize, action: &Action) -> Result<Flow, Failure> {
        let end = self.options.end();
        match action {
            Action::Block(_) | Action::Nothing => {}
            Action::Append(_) => self.queue.push(Queued::Text(at)),
            Action::Insert(lines) => self.out.text(lines)?,
            Action::Change(lines) => {
                let selector = &self.script.commands[at].selector;
                let goes_on = matches!(self.ranges[at], Range::Inside | Range::Until(_));
                if selector.end.is_none() || selector.negated || !goes_on {
                    self.out.text(lines)?;
                }
                return Ok(Flow::EndSilently);
            }
            Action::Branch(to) => return Ok(Flow::Jump(*to)),
            Action::BranchIf(to) if std::mem::take(&mut self.substituted) => return Ok(Flow::Jump(*to)),
            Action::BranchIf(_) => {}
            Action::BranchUnless(to) if !std::mem::take(&mut self.substituted) => return Ok(Flow::Jump(*to)),
            Action::BranchUnless(_) => {}
            Action::Delete => return Ok(Flow::EndSilently),
            Action::DeleteFirst => match self.text.iter().position(|byte| *byte == end) {
                Some(first) => {
                    self.text.drain(..=first);
                    return Ok(Flow::Restart);
                }
                None => return Ok(Flow::EndSilently),
            },
            Action::Print => self.print()?,
            Action::PrintFirst => match self.text.iter().position(|byte| *byte == end) {
                Some(first) => self.out.line(&self.text[..first], Some(end))?,
                None => self.print()?,
            },
            Action::Number => self.out.text(format!("{}\n", self.line).as_bytes())?,
            Action::FileName => self.out.text(format!("{}\n", self.input.name().display()).as_bytes())?,
            Action::List(length) => self.list(length.unwrap_or(self.options.line_length))?,
            Action::Get => self.text.clone_from(&self.hold),
            Action::GetAppended => {
                self.text.push(end);
                self.text.extend_from_slice(&self.hold);
            }
            Action::Hold => self.hold.clone_from(&self.text),
            Action::HoldAppended => {
                self.hold.push(end);
                self.hold.extend_from_slice(&self.text);
            }
            Action::Exchange => std::mem::swap(&mut self.text, &mut self.hold),
            Action::Next => {
                if self.input.is_last() {
                    return Ok(Flow::End);
                }
                if !self.options.quiet {
                    self.print()?;
                }
                self.empty_queue()?;
                self.read(false)?;
            }
            Action::NextAppended => {
                if self.input.is_last() {
                    return Ok(Flow::End);
                }
                self.empty_queue()?;
                self.read(true)?;
            }
            Action::Quit(status) => return Ok(Flow::Quit(*status)),
            Action::QuitSilently(status) => return Ok(Flow::QuitSilently(*status)),
            Action::Read(name) => self.queue.push(Queued::File(name.clone())),
            Action::Write(output) => self.write(*output)?,
            Action::Substitute(substitution) => self.substitute(substitution)?,
            Action::Translate(pairs) => self.translate(pairs),
            Action::Zap => self.text.clear(),
        }
        Ok(Flow::Next)
    }

    /// Writes the text to an output of the script, by its index.
    fn write(&mut self, output: usize) -> Result<(), Failure> {
        let end = self.end();
        let is_stdout = |name: &&String| *name == "/dev/stdout";
        let before = self.script.outputs[..output].iter().filter(is_stdout).count();
        match self.script.outputs.get(output) {
            Some(name) if is_stdout(&name) => self.out.line(&self.text, end),
            _ => self.outputs[output - before].line(&self.text, end),
        }
    }

    fn substitute(&mut self, substitution: &Substitution) -> Result<(), Failure> {
        let regex = self.regex(&substitution.pattern)?;
        let Some(text) = substitution.apply(&regex, &self.text)? else { return Ok(()) };
        self.text = text;
        self.substituted = true;
        if substitution.print {
            self.print()?;
        }
        substitution.write.map_or(Ok(()), |output| self.write(output))
    }

    fn translate(&mut self, pairs: &[(char, char)]) {
        let mut text = Vec::with_capacity(self.text.len());
        for chunk in self.text.utf8_chunks() {
            for c in chunk.valid().chars() {
                let c = pairs.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
                text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            text.extend_from_slice(chunk.invalid());
        }
        self.text = text;
    }

    /// The text so that no byte of it is in doubt.
    fn list(&mut self, length: usize) -> Result<(), Failure> {
        let mut lines = String::new();
        let mut column = 0;
        for byte in &self.text {
            let shown = match byte {
                b'\\' => r"\\".to_owned(),
                0x07 => r"\a".to_owned(),
                0x08 => r"\b".to_owned(),
                0x0c => r"\f".to_owned(),
                b'\n' => r"\n".to_owned(),
                b'\r' => r"\r".to_owned(),
                b'\t' => r"\t".to_owned(),
                0x0b => r"\v".to_owned(),
                b' '..=b'~' => char::from(*byte).to_string(),
                _ => format!("\\{byte:03o}"),
            };
            if length > 1 && column + shown.len() > length - 1 {
                lines.push_str("\\\n");
                column = 0;
            }
            column += shown.len();
            lines.push_str(&shown);
        }
        lines.push_str("$\n");
        self.out.text(lines.as_bytes())
    }

    fn empty_queue(&mut self) -> Result<(), Failure> {
        for queued in std::mem::take(&mut self.queue) {
            match queued {
                Queued::Text(at) => {
                    if let Action::Append(lines) = &self.script.commands[at].action {
                        self.out.text(lines)?;
                    }
                }
                // A file that cannot be read counts as empty (POSIX).
                Queued::File(name) => {
                    let text =
                        if name == "/dev/stdin" { read_stdin() } else { fs::read(name).unwrap_or_default() };
                    if !text.is_empty() {
                        let end = text.ends_with(b"\n").then_some(b'\n');
                        self.out.line(text.strip_suffix(b"\n").unwrap_or(&text), end)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn regex(&mut self, pattern: &Pattern) -> Result<Rc<Regex>, Failure> {
        if let Some(regex) = pattern {
            self.last = Some(Rc::clone(regex));
        }
        self.last.clone().ok_or_else(|| Failure::usage("no previous regular expression"))
    }

    fn selects(&mut self, at: usize, selector: &Selector) -> Result<bool, Failure> {
        let Some(first) = &selector.first else { return Ok(true) };
        let Some(end) = &selector.end else { return self.is_at(first) };
        match self.ranges[at] {
            Range::Over => return Ok(false),
            Range::Before => {}
            Range::Until(line) => {
                if self.line >= line {
                    self.close(at, first);
                }
                return Ok(self.line <= line);
            }
            Range::Inside => {
                if let End::At(address) = end
                    && self.is_at(address)?
                {
                    self.close(at, first);
                }
                return Ok(true);
            }
        }
        // A range from line 0 may end at the first line.
        if matches!(first, Address::Line(0)) {
            self.ranges[at] = Range::Inside;
            return self.selects(at, selector);
        }
        if !self.is_at(first)? {
            return Ok(false);
        }
        let until = match end {
            End::At(Address::Line(line)) => Some(*line),
            End::Plus(count) => Some(self.line + count),
            End::Multiple(0) => Some(self.line),
            End::Multiple(step) => Some(self.line.next_multiple_of(*step)),
            End::At(_) => None,
        };
        match until {
            Some(line) if line <= self.line => self.close(at, first),
            Some(line) => self.ranges[at] = Range::Until(line),
            None => self.ranges[at] = Range::Inside,
        }
        // A range up to the last line is over there, where it begins there.
        if matches!(end, End::At(Address::Last)) && self.input.is_last() {
            self.close(at, first);
        }
        Ok(true)
    }

    fn close(&mut self, at: usize, first: &Address) {
        self.ranges[at] = if matches!(first, Address::Line(_)) { Range::Over } else { Range::Before };
    }

    fn is_at(&mut self, address: &Address) -> Result<bool, Failure> {
        Ok(match address {
            Address::Line(line) => self.line == *line,
            Address::Step(first, 0) => self.line == *first,
            Address::Step(first, step) => self.line >= *first && (self.line - first).is_multiple_of(*step),
            Address::Last => self.input.is_last(),
            Address::Pattern(pattern) => self.regex(pattern)?.is_match(&self.text)?,
        })
    }
}

fn read_stdin() -> Vec<u8> {
    let mut text = Vec::new();
    // As for a file, what cannot be read counts as empty.
    let _ = io::Read::read_to_end(&mut io::stdin().lock(), &mut text);
    text
}
