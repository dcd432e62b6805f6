// SPDX-License-Identifier: MIT OR Apache-2.0
//! `svc` as a program of its own, for trials on a host; in the guest it is a name of the multi-call binary.

fn main() -> std::process::ExitCode {
    qos_svc::run("svc", std::env::args_os().collect()).unwrap_or(1).into()
}
