// SPDX-License-Identifier: MIT OR Apache-2.0
//! `udevadm control`: requests to the daemon.

use super::seconds;
use crate::control::{Request, send};
use crate::database::Database;
use lexopt::prelude::*;
use qos_command::Failure;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

pub fn main(mut parser: lexopt::Parser, root: &Path, _: &mut dyn Write) -> Result<(), Failure> {
    let mut requests = Vec::new();
    let mut limit = Duration::from_secs(60);
    let mut ignored = false;
    while let Some(arg) = parser.next()? {
        requests.push(match arg {
            Short('e') | Long("exit") => Request::Exit,
            Short('R') | Long("reload" | "reload-rules") => Request::Reload,
            Short('s') | Long("stop-exec-queue") => Request::Stop,
            Short('S') | Long("start-exec-queue") => Request::Start,
            Long("ping") => Request::Ping,
            Short('p') | Long("property") => {
                let text = parser.value()?.string()?;
                let (key, value) = text
                    .split_once('=')
                    .filter(|(key, _)| !key.is_empty())
                    .ok_or_else(|| Failure::usage("-p needs KEY=VALUE"))?;
                Request::Property(key.to_owned(), value.to_owned())
            }
            Short('t') | Long("timeout") => {
                limit = seconds(&mut parser)?;
                continue;
            }
            // There is nothing to set: messages have one level, and events need no process each.
            Short('l') | Long("log-level" | "log-priority") => {
                parser.value()?;
                ignored = true;
                continue;
            }
            Short('m') | Long("children-max") => {
                parser.value()?.parse::<u32>()?;
                ignored = true;
                continue;
            }
            _ => return Err(arg.unexpected().into()),
        });
    }
    if requests.is_empty() && !ignored {
        return Err(Failure::usage("a request is missing"));
    }
    let socket = Database::new(root).control();
    for request in &requests {
        send(&socket, request, Some(limit)).map_err(|error| Failure::at(&socket, &error))?;
    }
    Ok(())
}
