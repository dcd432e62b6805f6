// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a command of a unit is executed: program, arguments, environment, streams and steps, as data.

pub mod capabilities;
pub mod filters;
pub mod group;
mod mounts;
mod variables;

use crate::accounts::{Accounts, User};
use crate::event::{Pid, Role};
use qos_sys::launch::{Access, Step};
use qos_unit::command::{Command, Privilege, SEARCH};
use qos_unit::{Directory, Exec, Input, Name, Output, Resources};
use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is known when a command is to be executed.
pub struct Request<'a> {
    /// The unit.
    pub name: &'a Name,
    /// The surroundings that it asks for.
    pub exec: &'a Exec,
    /// What it may use.
    pub resources: &'a Resources,
    /// Which command.
    pub role: Role,
    /// The command.
    pub command: &'a Command,
    /// The main process.
    pub main: Option<Pid>,
    /// What the command is told of the unit, as variables.
    pub told: &'a [(&'static str, String)],
    /// The socket of sd_notify(3), if the service is to have it.
    pub notify: Option<&'a Path>,
    /// How often it has to give a sign of life.
    pub watchdog: Duration,
    /// Names of the descriptors from 3 on.
    pub descriptors: &'a [String],
    /// The control group's directory.
    pub group: Option<&'a Path>,
    /// Where files of the manager for units are.
    pub private: &'a Path,
    /// Variables of the manager.
    pub inherited: &'a [(String, String)],
}

/// Where a standard stream leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stream {
    /// Nowhere.
    Null,
    /// The unit's terminal: a step opens it.
    Tty,
    /// The log.
    Log,
    /// The log and the console.
    LogConsole,
    /// The kernel's log.
    Kmsg,
    /// The connection that the service was started for.
    Socket,
    /// Bytes of the unit file.
    Data(Vec<u8>),
    /// A file: a step opens it.
    File(String, Access),
    /// The same as standard output.
    Output,
}

/// A command, ready for [`qos_sys::launch`] but for its descriptors.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Paths to try.
    pub programs: Vec<CString>,
    /// Arguments, the program's name first.
    pub arguments: Vec<CString>,
    /// `NAME=VALUE`.
    pub environment: Vec<CString>,
    /// Streams 0 to 2.
    pub streams: [Stream; 3],
    /// What is done before.
    pub steps: Vec<Step>,
    /// Directories to make before: path, mode, owner.
    pub directories: Vec<(PathBuf, u32, u32, u32)>,
    /// Links to make to them: target, path.
    pub links: Vec<(PathBuf, PathBuf)>,
}

/// Plans how a command is executed.
///
/// # Errors
/// Says what is missing: a user, a group, a file of variables.
pub fn plan(request: &Request<'_>, accounts: &Accounts) -> Result<Plan, String> {
    let exec = request.exec;
    let full = request.command.privilege == Privilege::Full;
    let user = user(request, accounts)?;
    let group = match &exec.group {
        // The group of a dynamic user is as dynamic.
        Some(group) if exec.dynamic_user && accounts.group(group).is_none() => {
            user.as_ref().map(|user| user.gid)
        }
        Some(group) => Some(accounts.group(group).ok_or_else(|| format!("Group={group}: no such group"))?),
        None => user.as_ref().map(|user| user.gid),
    };
    let owner = (user.as_ref().map_or(0, |user| user.uid), group.unwrap_or(0));
    let directories = directories(exec, owner);
    let variables = variables::all(request, user.as_ref())?;
    let arguments = request.command.arguments(&variables);
    let program = &request.command.program;
    let programs = match program.starts_with('/') {
        true => vec![c(program)?],
        false => {
            SEARCH.iter().map(|directory| c(&format!("{directory}/{program}"))).collect::<Result<_, _>>()?
        }
    };
    let mut environment = Vec::new();
    for (name, value) in &variables {
        environment.push(bytes([name.as_slice(), b"=", value].concat())?);
    }
    let mut steps = Vec::new();
    if let Some(group) = request.group {
        steps.push(Step::Write(c(&group.join("cgroup.procs").to_string_lossy())?, b"0".to_vec()));
    }
    steps.push(Step::Session);
    steps.extend(exec.oom_score_adjust.map(Step::OomScore));
    steps.extend(exec.nice.map(Step::Nice));
    steps.extend(exec.limits.iter().map(|(resource, (soft, hard))| Step::Limit(resource.0, *soft, *hard)));
    steps.push(Step::Umask(exec.umask));
    let streams = streams(exec);
    for at in 0..3 {
        let Stream::File(path, how) = &streams[at] else { continue };
        let shared = at == 1 && streams[2] == Stream::Output;
        let descriptors = [at == 0, at == 1, at == 2 || shared];
        steps.push(Step::Open { path: c(path)?, how: *how, descriptors });
    }
    let on_tty = streams.each_ref().map(|stream| *stream == Stream::Tty);
    let on_tty = [on_tty[0], on_tty[1], on_tty[2] || (streams[2] == Stream::Output && on_tty[1])];
    if on_tty.contains(&true) {
        steps.push(Step::Terminal {
            path: c(&exec.tty)?,
            descriptors: on_tty,
            control: on_tty[0],
            force: exec.input == Input::TtyForce,
        });
    }
    if !full {
        steps.extend(mounts::steps(exec, request.name, request.private)?);
        if let Some(root) = &exec.root_directory {
            steps.push(Step::Chroot(c(root)?));
        }
        privileges(request, accounts, user.as_ref(), group, &mut steps)?;
    }
    let home = user.as_ref().map_or("/root", |user| &user.home);
    let directory = match exec.working_directory.as_str() {
        "~" => home,
        "" => "/",
        other => other,
    };
    let last = steps
        .iter()
        .position(|step| matches!(step, Step::NoNewPrivileges | Step::Filter(_)))
        .unwrap_or(steps.len());
    steps.insert(last, Step::Chdir(c(directory)?, exec.working_directory_may_miss));
    let arguments = arguments.into_iter().map(bytes).collect::<Result<_, _>>()?;
    Ok(Plan { programs, arguments, environment, streams, steps, directories, links: links(exec) })
}

fn user(request: &Request<'_>, accounts: &Accounts) -> Result<Option<User>, String> {
    match &request.exec.user {
        named if request.exec.dynamic_user => {
            Ok(Some(accounts.dynamic_user(named.as_deref().unwrap_or(request.name.prefix()))))
        }
        None => Ok(None),
        Some(user) => accounts.user(user).map(Some).ok_or_else(|| format!("User={user}: no such user")),
    }
}

fn privileges(
    request: &Request<'_>,
    accounts: &Accounts,
    user: Option<&User>,
    group: Option<u32>,
    steps: &mut Vec<Step>,
) -> Result<(), String> {
    let (exec, sandbox) = (request.exec, &request.exec.sandbox);
    let bounding = capabilities::bounding(sandbox);
    let ambient = sandbox.ambient.as_ref().map_or(0, capabilities::mask) & bounding;
    if bounding != capabilities::ALL {
        steps.push(Step::Bounding(bounding));
    }
    if request.command.privilege == Privilege::Unit {
        if user.is_some() || group.is_some() || !exec.supplementary_groups.is_empty() {
            let gid = group.unwrap_or(0);
            let mut groups = user.map_or(Vec::new(), |user| accounts.groups_of(&user.name, gid));
            for name in &exec.supplementary_groups {
                let number = accounts
                    .group(name)
                    .ok_or_else(|| format!("SupplementaryGroups={name}: no such group"))?;
                if !groups.contains(&number) {
                    groups.push(number);
                }
            }
            steps.push(Step::Groups(groups));
            steps.push(Step::Group(gid));
        }
        let uid = user.map_or(0, |user| user.uid);
        if uid != 0 || ambient != 0 {
            steps.push(Step::User(uid, ambient));
        }
    }
    let filters = filters::programs(sandbox)?;
    // Only a process with CAP_SYS_ADMIN may have a filter and set-user-ID programs.
    let implied = !filters.is_empty() && user.is_some_and(|user| user.uid != 0);
    if sandbox.no_new_privileges || implied {
        steps.push(Step::NoNewPrivileges);
    }
    steps.extend(filters.into_iter().map(Step::Filter));
    Ok(())
}

fn streams(exec: &Exec) -> [Stream; 3] {
    let input = match &exec.input {
        Input::Null => Stream::Null,
        Input::Tty | Input::TtyForce | Input::TtyFail => Stream::Tty,
        Input::Socket | Input::Descriptor(_) => Stream::Socket,
        Input::Data => Stream::Data(exec.input_text.clone()),
        Input::File(path) => Stream::File(path.clone(), Access::Read),
    };
    let output = |output: &Output, inherited: Stream| match output {
        Output::Inherit => inherited,
        Output::Null => Stream::Null,
        Output::Tty => Stream::Tty,
        Output::Journal => Stream::Log,
        Output::JournalConsole => Stream::LogConsole,
        Output::Kmsg => Stream::Kmsg,
        Output::Socket | Output::Descriptor(_) => Stream::Socket,
        Output::File(path) => Stream::File(path.clone(), Access::Write),
        Output::Truncate(path) => Stream::File(path.clone(), Access::Truncate),
        Output::Append(path) => Stream::File(path.clone(), Access::Append),
    };
    let inherited = match &input {
        Stream::Tty | Stream::Socket => input.clone(),
        _ => Stream::Log,
    };
    let out = output(&exec.output, inherited);
    let error = output(&exec.error, Stream::Output);
    [input, out, error]
}

fn directories(exec: &Exec, (uid, gid): (u32, u32)) -> Vec<(PathBuf, u32, u32, u32)> {
    let mut all = Vec::new();
    for (at, (kind, _, base, _)) in Directory::ALL.iter().enumerate() {
        let list = &exec.directories[at];
        for name in &list.names {
            // Those of configuration stay root's.
            let (uid, gid) = if *kind == Directory::Configuration { (0, 0) } else { (uid, gid) };
            all.push((Path::new(base).join(name), list.mode, uid, gid));
        }
    }
    all
}

fn links(exec: &Exec) -> Vec<(PathBuf, PathBuf)> {
    let of_kind = |(at, (_, _, base, _)): (usize, &(_, _, &str, _))| {
        let links = exec.directories[at].links.iter();
        let base = Path::new(base).to_owned();
        links.map(move |(name, link)| (link_target(name, link), base.join(link)))
    };
    Directory::ALL.iter().enumerate().flat_map(of_kind).collect()
}

/// The target of a link, below the same directory as what it leads to.
pub(crate) fn link_target(name: &str, link: &str) -> PathBuf {
    let up = "../".repeat(link.matches('/').count());
    Path::new(&up).join(name)
}

pub(crate) fn c(text: &str) -> Result<CString, String> {
    bytes(text.as_bytes().to_vec())
}

fn bytes(bytes: Vec<u8>) -> Result<CString, String> {
    CString::new(bytes).map_err(|_| "NUL in an argument, a variable or a path".to_owned())
}

#[cfg(test)]
mod tests;
