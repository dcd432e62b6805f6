// SPDX-License-Identifier: MIT OR Apache-2.0
//! Supervision of services that unit files of systemd describe.
//!
//! The inner part is pure: [`Manager`](manager::Manager) takes [events](event::Event) and gives [actions](event::Action); it
//! knows units, dependencies, [jobs](job) and [state machines](machine), and asks a [`World`](world::World) for units and facts.
//! The outer part has the system: [`store`] reads unit files, [`conditions`] looks at the facts, [`exec`] plans how programs are
//! executed, and [`run`] is the loop that connects them. README.md has the table of keys.

pub mod accounts;
pub mod builtin;
pub mod conditions;
pub mod event;
pub mod exec;
pub mod job;
pub mod machine;
pub mod manager;
pub mod run;
pub mod saved;
pub mod store;
pub mod world;
