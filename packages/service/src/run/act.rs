// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the manager wants done is done here.

use super::directories::{make_directories, make_directory, remove_runtime};
use super::search::PID_FILE_LIMIT;
use super::{Happened, Runner, now};
use crate::accounts::Accounts;
use crate::event::{Action, Event, Level, Pid, Role, Whom};
use crate::exec::{self, Plan, Request, Stream};
use crate::manager::Edge;
use qos_sys::error_text;
use qos_sys::launch::{Launch, Step, launch};
use qos_sys::process::kill;
use qos_unit::command::Command;
use qos_unit::{Exec, Kind, Name, NotifyAccess, Preserve, Resources, Specific};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

impl Runner {
    /// Does what is wanted, until nothing more is.
    pub(super) fn act(&mut self) {
        loop {
            let actions = self.manager.take_actions();
            if actions.is_empty() {
                return;
            }
            for action in actions {
                self.act_one(action);
            }
        }
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.manager.handle(now(), event);
    }

    fn act_one(&mut self, action: Action) {
        match action {
            Action::Spawn { unit, role, command, main, result } => {
                let event = match self.spawn(&unit, role, &command, main, result) {
                    Ok(pid) => Event::Spawned(unit, pid),
                    Err(reason) => Event::SpawnFailed(unit, reason),
                };
                self.tell(event);
            }
            Action::Kill { unit, pids, whom, signal } => self.kill(&unit, &pids, whom, signal),
            Action::CheckGroup(unit) => {
                if self.has_ended(&unit) {
                    self.tell(Event::GroupEmpty(unit));
                }
            }
            Action::FindMain(unit) => {
                self.searched.insert(unit, now().mono + PID_FILE_LIMIT);
                self.search_main();
            }
            Action::CleanUp { unit, restart } => self.clean_up(&unit, restart),
            Action::Listen(unit) => {
                let result = match self.manager.unit(&unit).map(|entry| &entry.unit.specific) {
                    Some(Specific::Socket(socket)) => {
                        self.sockets.open(&unit, socket, &Accounts::new(&self.config.root))
                    }
                    _ => Err("no socket unit".into()),
                };
                self.tell(Event::Listening(unit, result));
            }
            Action::Poll(unit, on) => self.sockets.poll(&unit, on),
            Action::Accept(unit) => {
                let template = self.manager.unit(&unit).and_then(|entry| entry.unit.activates());
                for instance in
                    template.map(|template| self.sockets.accept(&unit, &template)).unwrap_or_default()
                {
                    self.tell(Event::Accepted(unit.clone(), instance));
                }
            }
            Action::Close(unit) => self.sockets.close(&unit),
            Action::Watch(unit, on) => self.watch(&unit, on),
            Action::Stamp(unit, _) => {
                let path = self.manager.world.stamp_file(&unit);
                let made =
                    path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, ""));
                if let Err(error) = made {
                    self.log(Level::Warning, &format!("{}: {}", path.display(), error_text(&error)));
                }
            }
            Action::Log(level, text) => self.log(level, &text),
            Action::JobDone { id, unit, result } => self.control.job_done(id, &unit, result),
            Action::Exit(exit) => self.happened.push(Happened::Exit(exit)),
        }
    }

    pub(super) fn kill(&mut self, unit: &Name, pids: &[Pid], whom: Whom, signal: i32) {
        for pid in pids {
            // It may have ended just now.
            let _ = kill(*pid, signal);
        }
        if whom == Whom::Group {
            match &self.groups {
                Some(groups) if signal == qos_sys::signal::SIGKILL => groups.kill(unit, signal),
                Some(groups) => {
                    for pid in
                        groups.processes(unit).into_iter().filter(|pid| *pid > 0 && !pids.contains(pid))
                    {
                        let _ = kill(pid, signal);
                    }
                }
                None => {
                    for leader in self.leaders.get(unit).into_iter().flatten() {
                        let _ = kill(-leader, signal);
                    }
                }
            }
        }
    }

    fn clean_up(&mut self, unit: &Name, restart: bool) {
        self.searched.remove(unit);
        if let Some(groups) = &self.groups {
            groups.remove(unit);
        }
        self.leaders.remove(unit);
        self.invocations.remove(unit);
        self.sockets.drop_connection(unit);
        let Some(service) = self.manager.unit(unit).and_then(|entry| entry.unit.service()) else { return };
        let keep = match service.exec.preserve {
            Preserve::Yes => true,
            Preserve::Restart => restart,
            Preserve::No => false,
        };
        if !keep {
            remove_runtime(&service.exec.directories[0]);
        }
        if let Some(file) = &service.pid_file {
            // The service removes it itself, or leaves it for others to believe.
            let _ = fs::remove_file(self.config.root.join(file.trim_start_matches('/')));
        }
        if !restart {
            let _ = fs::remove_dir_all(self.config.runtime.join("private").join(unit.as_str()));
            self.stored.remove(unit);
        }
    }

    fn spawn(
        &mut self,
        unit: &Name,
        role: Role,
        command: &Command,
        main: Option<Pid>,
        result: &'static str,
    ) -> Result<Pid, String> {
        self.begin_invocation(unit);
        let entry = self.manager.unit(unit).ok_or("the unit is gone")?;
        if let (Role::Mount, Specific::Mount(mount)) = (role, &entry.unit.specific) {
            // If that fails, mount(8) tells that it is not there.
            let _ = make_directory(Path::new(&mount.target), mount.directory_mode);
        }
        let (none, no_limits) = (Exec::default(), Resources::default());
        let told = self.told(unit, role, result);
        let service = entry.unit.service();
        let exec = service.map_or(&none, |service| &service.exec);
        let resources = service.map_or(&no_limits, |service| &service.resources);
        let private = self.config.runtime.join("private");
        let group = self.groups.as_ref().map(|groups| groups.path(unit));
        if let Some(groups) = &self.groups {
            let refused = groups
                .make(unit, resources)
                .map_err(|error| format!("control group: {}", error_text(&error)))?;
            if role == Role::Start {
                refused.iter().for_each(|text| self.log(Level::Warning, &format!("{unit}: {text}")));
            }
        }
        let passed = if role == Role::Start { self.descriptors_of(unit) } else { Vec::new() };
        if service.is_some_and(|service| service.non_blocking) {
            for (name, descriptor) in &passed {
                make_non_blocking(*descriptor).map_err(|error| format!("{name}: {}", error_text(&error)))?;
            }
        }
        let names: Vec<String> = passed.iter().map(|(name, _)| name.clone()).collect();
        let notify = self.config.runtime.join("notify");
        let wants_notify = service.is_some_and(|service| service.notify_access != NotifyAccess::None);
        let request = Request {
            name: unit,
            exec,
            resources,
            role,
            command,
            main,
            told: &told,
            notify: wants_notify.then_some(notify.as_path()),
            watchdog: service.map_or(std::time::Duration::ZERO, |service| service.watchdog),
            descriptors: &names,
            group: group.as_deref(),
            private: &private,
            inherited: &inherited(),
        };
        let plan = exec::plan(&request, &Accounts::new(&self.config.root))?;
        make_directories(&plan, exec, &private.join(unit.as_str()))?;
        let (streams, pipe) = self.open_streams(&plan, unit)?;
        let null = self.null.as_fd();
        let stream = |at: usize| streams[at].as_ref().map_or(null, AsFd::as_fd);
        let mut descriptors = vec![stream(0), stream(1), stream(2)];
        descriptors.extend(passed.iter().map(|(_, descriptor)| *descriptor));
        let mut plan = plan;
        if !exec.limits.iter().any(|(resource, _)| resource.0 == 7) {
            // The group, if there is one, comes first.
            plan.steps
                .insert(usize::from(group.is_some()), Step::Limit(7, self.open_files.0, self.open_files.1));
        }
        let steps = plan.steps.iter().map(Step::describe).collect();
        let launched = launch(&Launch {
            programs: plan.programs,
            arguments: plan.arguments,
            environment: plan.environment,
            descriptors,
            steps: plan.steps,
            ignore_sigpipe: exec.ignore_sigpipe,
        })
        .map_err(|error| error_text(&error))?;
        let pid = launched.pid;
        self.launched.insert(pid, (launched, steps));
        if self.groups.is_none() {
            self.leaders.entry(unit.clone()).or_default().insert(pid);
        }
        if let Some(pipe) = pipe {
            self.outputs.add(unit, exec.syslog_identifier.as_deref().unwrap_or(&command.program), pipe);
        }
        Ok(pid)
    }

    /// Descriptors for a service: of its sockets, its connection, and those that it gave to keep.
    fn descriptors_of(&self, unit: &Name) -> Vec<(String, BorrowedFd<'_>)> {
        if let Some(connection) = self.sockets.connection(unit) {
            return vec![("connection".into(), connection)];
        }
        let sockets = self.manager.edge(unit, Edge::TriggeredBy).filter(|name| name.kind() == Kind::Socket);
        let mut all: Vec<_> = sockets.flat_map(|name| self.sockets.of(name)).collect();
        let kept = self.stored.get(unit).into_iter().flatten();
        all.extend(kept.map(|(name, descriptor)| (name.clone(), descriptor.as_fd())));
        all
    }

    /// Opens the standard streams; a pipe of which what the service prints is read.
    fn open_streams(&self, plan: &Plan, unit: &Name) -> Result<([Option<OwnedFd>; 3], Option<File>), String> {
        let mut pipe = None;
        let mut open: [Option<OwnedFd>; 3] = [None, None, None];
        for (at, stream) in plan.streams.iter().enumerate() {
            open[at] = match stream {
                // Terminals and files are opened by steps of the child.
                Stream::Null | Stream::Tty | Stream::File(..) => None,
                Stream::Output => open[1]
                    .as_ref()
                    .map(OwnedFd::try_clone)
                    .transpose()
                    .map_err(|error| error_text(&error))?,
                Stream::Log | Stream::LogConsole => {
                    let (read, write) = qos_sys::pipe::new().map_err(|error| error_text(&error))?;
                    pipe = Some(read);
                    Some(write.into())
                }
                Stream::Kmsg => {
                    let opened = OpenOptions::new().write(true).open("/dev/kmsg");
                    Some(opened.map_err(|error| format!("/dev/kmsg: {}", error_text(&error)))?.into())
                }
                Stream::Socket => {
                    let first = self
                        .sockets
                        .connection(unit)
                        .or_else(|| self.descriptors_of(unit).first().map(|(_, fd)| *fd));
                    first
                        .map(|descriptor| descriptor.try_clone_to_owned())
                        .transpose()
                        .map_err(|error| error_text(&error))?
                }
                Stream::Data(bytes) => {
                    let (read, mut write) = qos_sys::pipe::new().map_err(|error| error_text(&error))?;
                    // A pipe holds 64 KiB; more than that cannot be given in a unit file that is read.
                    write.write_all(&bytes[..bytes.len().min(60_000)]).map_err(|error| error_text(&error))?;
                    Some(read.into())
                }
            };
        }
        Ok((open, pipe))
    }
}

/// NonBlocking=: sets O_NONBLOCK. The request to the kernel is the same for descriptors of every kind.
fn make_non_blocking(descriptor: BorrowedFd<'_>) -> io::Result<()> {
    UnixStream::from(descriptor.try_clone_to_owned()?).set_nonblocking(true)
}

/// Variables of the manager that units may ask for.
fn inherited() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
