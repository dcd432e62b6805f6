// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-fuzz`: with the feature `libfuzzer` a fuzzer of the target that QOS_FUZZ_TARGET names when it is compiled; otherwise a
//! program that executes a target on files, or on mutations of its seeds.
#![cfg_attr(feature = "libfuzzer", no_main)]

#[cfg(feature = "libfuzzer")]
mod fuzzer {
    use qos_fuzz::Target;

    // A constant, so that the linker leaves out the other targets: libFuzzer looks at the counters of all code each time.
    const TARGET: Target = match Target::named(env!("QOS_FUZZ_TARGET")) {
        Some(target) => target,
        None => panic!("QOS_FUZZ_TARGET names no target"),
    };

    libfuzzer_sys::fuzz_target!(|data: &[u8]| TARGET.check(data));
}

#[cfg(not(feature = "libfuzzer"))]
fn main() -> std::process::ExitCode {
    use qos_fuzz::{TARGETS, Target};
    let mut args = std::env::args().skip(1);
    let Some(target) = args.next().and_then(|name| Target::named(&name)) else {
        eprintln!("usage: qos-fuzz TARGET [FILE]...");
        TARGETS.iter().for_each(|target| eprintln!("  {:10} {}", target.name, target.reads));
        return std::process::ExitCode::FAILURE;
    };
    let files: Vec<String> = args.collect();
    if files.is_empty() {
        target.check_mutations(target.short);
    }
    for file in files {
        match std::fs::read(&file) {
            Ok(data) => target.check(&data),
            Err(error) => {
                eprintln!("qos-fuzz: cannot read {file}: {error}");
                return std::process::ExitCode::FAILURE;
            }
        }
    }
    std::process::ExitCode::SUCCESS
}
