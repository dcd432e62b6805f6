// SPDX-License-Identifier: MIT OR Apache-2.0
//! `init` of images with services: see the library.

use qos_service::run::{CHECK, check_state};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Asked by process 1, whose successor this program is to be.
    if std::env::args().nth(1).is_some_and(|argument| argument == CHECK) {
        return match check_state() {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => {
                eprintln!("init: {reason}");
                ExitCode::FAILURE
            }
        };
    }
    qos_init::run(qos_init_services::main)
}
