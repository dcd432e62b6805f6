// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a script is made of.

use crate::replace::{Pattern, Substitution};

/// Which line.
#[derive(Debug)]
pub(crate) enum Address {
    /// The line of that number. 0 is before the first.
    Line(u64),
    /// `first~step`: that line, and each that is a multiple of `step` further on.
    Step(u64, u64),
    /// `$`.
    Last,
    Pattern(Pattern),
}

/// Where a range ends.
#[derive(Debug)]
pub(crate) enum End {
    At(Address),
    /// `+N`: so many lines on.
    Plus(u64),
    /// `~N`: at the next line whose number is a multiple.
    Multiple(u64),
}

/// The lines that a command is for.
#[derive(Debug, Default)]
pub(crate) struct Selector {
    pub first: Option<Address>,
    pub end: Option<End>,
    /// `!`: all the others.
    pub negated: bool,
}

#[derive(Debug)]
pub(crate) struct Command {
    pub selector: Selector,
    pub action: Action,
}

/// What a command does. An index is that of the command to go on with.
#[derive(Debug)]
pub(crate) enum Action {
    /// `{`: if its lines are others, the command after the `}`.
    Block(usize),
    /// `}`, `:` and `#`.
    Nothing,
    /// `a`
    Append(Vec<u8>),
    /// `i`
    Insert(Vec<u8>),
    /// `c`
    Change(Vec<u8>),
    /// `b`
    Branch(usize),
    /// `t`
    BranchIf(usize),
    /// `T`
    BranchUnless(usize),
    /// `d`
    Delete,
    /// `D`
    DeleteFirst,
    /// `p`
    Print,
    /// `P`
    PrintFirst,
    /// `=`
    Number,
    /// `F`
    FileName,
    /// `l`, with the length of its lines if given.
    List(Option<usize>),
    /// `g`
    Get,
    /// `G`
    GetAppended,
    /// `h`
    Hold,
    /// `H`
    HoldAppended,
    /// `x`
    Exchange,
    /// `n`
    Next,
    /// `N`
    NextAppended,
    /// `q`
    Quit(i32),
    /// `Q`
    QuitSilently(i32),
    /// `r`
    Read(String),
    /// `w`, by index of the output.
    Write(usize),
    /// `s`
    Substitute(Box<Substitution>),
    /// `y`
    Translate(Box<[(char, char)]>),
    /// `z`
    Zap,
}

/// A whole script.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub commands: Vec<Command>,
    /// The files that `w` writes to.
    pub outputs: Vec<String>,
}
