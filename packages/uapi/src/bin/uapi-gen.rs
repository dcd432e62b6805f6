// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes `src/bindings.rs` from the kernel's headers, or checks that it is what they give.
//!
//! `uapi-gen HEADERS` writes the file, `uapi-gen --check HEADERS` compares. HEADERS is the `include` directory that
//! `make headers_install` made.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Names taken from the headers; all else in them is left out.
const VARIABLES: &[&str] = &[
    // mount(2), umount2(2), statmount(2), mount attributes
    "MS_.*",
    "MNT_.*",
    "MOUNT_ATTR_.*",
    "STATMOUNT_.*",
    // reboot(2)
    "LINUX_REBOOT_.*",
    // finit_module(2)
    "MODULE_INIT_.*",
    // waitid(2)
    "W(NOHANG|UNTRACED|STOPPED|EXITED|CONTINUED|NOWAIT)",
    // ioctl_tty(2)
    "TIOC(SCTTY|NOTTY|SWINSZ|GWINSZ|SPGRP|GPGRP|CONS)",
    "TC(GETS|SETS|SETSW|SETSF)",
    // Loop devices
    "LOOP_.*",
    "LO_FLAGS_.*",
    // Device-mapper
    "DM_VERSION_M.*",
    "DM_.*_CMD",
    "DM_(READONLY|SUSPEND|SECURE_DATA)_FLAG",
    "DM_IOCTL",
    // Keys: add_key(2)
    "KEY_SPEC_.*",
    // Network interfaces, addresses, routes
    "SIOC[SG]IF(FLAGS|ADDR|NETMASK|MTU|HWADDR)",
    "IFF_.*",
    "IFLA_(UNSPEC|ADDRESS|BROADCAST|IFNAME|MTU|LINK|OPERSTATE)",
    "IFA_.*",
    "RTA_.*",
    "RTM_.*",
    "RTN_.*",
    "RTPROT_.*",
    "RT_SCOPE_.*",
    "RT_TABLE_.*",
    "NLM_F_.*",
    "NLMSG_.*",
    "NETLINK_(ROUTE|KOBJECT_UEVENT)",
    // Signals that init uses
    "SIG(HUP|INT|KILL|USR1|USR2|TERM|CHLD|CONT|STOP|PWR|WINCH)",
    // Devices of virtio
    "VIRTIO_ID_.*",
    // Keys and buttons
    "EV_(SYN|KEY|REL|ABS|SW)",
    "KEY_(POWER|SLEEP|RESTART)",
];
const TYPES: &[&str] = &[
    "statmount",
    "mnt_id_req",
    "mount_attr",
    "sysinfo",
    "winsize",
    "loop_info64",
    "loop_config",
    "dm_ioctl",
    "dm_target_spec",
    "ifinfomsg",
    "ifaddrmsg",
    "rtmsg",
    "rtattr",
    "nlmsghdr",
    "nlmsgerr",
    "net_device_flags",
    "rtattr_type_t",
];

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let (check, headers) = match args.as_slice() {
        [headers] if headers != "--check" => (false, PathBuf::from(headers)),
        [flag, headers] if flag == "--check" => (true, PathBuf::from(headers)),
        _ => {
            eprintln!("usage: uapi-gen [--check] HEADERS");
            return ExitCode::from(2);
        }
    };
    match run(check, &headers) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("uapi-gen: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(check: bool, headers: &Path) -> Result<String, String> {
    let version = headers.join("linux/version.h");
    if !version.is_file() {
        return Err(format!(
            "{}: no such file: give the `include` folder of `make headers_install`",
            version.display()
        ));
    }
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = package.join("src/bindings.rs");
    let made = generate(&package.join("src"), headers)?;
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    if !check {
        std::fs::write(&file, made).map_err(failed)?;
        return Ok(format!("{}: written", file.display()));
    }
    let there = std::fs::read_to_string(&file).map_err(failed)?;
    match first_difference(&there, &made) {
        None => Ok(format!("{}: as the headers say", file.display())),
        Some((line, there, made)) => Err(format!(
            "{} has drifted from the kernel's headers, first in line {line}:\n  there:  {there}\n  kernel: {made}\n\
             Make it anew: cargo run -p qos-uapi --features generate --bin uapi-gen -- {}",
            file.display(),
            headers.display()
        )),
    }
}

/// The bindings, from `source/wrapper.h` and `headers`.
fn generate(source: &Path, headers: &Path) -> Result<String, String> {
    let mut builder = bindgen::Builder::default()
        .header(source.join("wrapper.h").display().to_string())
        // Only these headers: not those of the C library that happens to be installed.
        .clang_args(["-nostdinc", "--target=x86_64-unknown-linux-gnu"])
        .clang_args(["-isystem", &headers.display().to_string()])
        .clang_args(["-isystem", &source.join("stubs").display().to_string()])
        .raw_line("// SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note")
        .raw_line("// Made from the kernel's user-space headers by src/bin/uapi-gen.rs: do not edit.")
        .disable_header_comment()
        .use_core()
        .derive_default(true)
        .derive_debug(true)
        .layout_tests(false)
        .generate_comments(false)
        .prepend_enum_name(false)
        .rust_target(bindgen::RustTarget::stable(85, 0).map_err(|error| error.to_string())?)
        .rust_edition(bindgen::RustEdition::Edition2024)
        .formatter(bindgen::Formatter::Prettyplease);
    for name in VARIABLES {
        builder = builder.allowlist_var(name);
    }
    for name in TYPES {
        builder = builder.allowlist_type(name);
    }
    Ok(builder.generate().map_err(|error| error.to_string())?.to_string())
}

/// Number (from 1) and text of the first line in which `a` and `b` differ.
fn first_difference<'a>(a: &'a str, b: &'a str) -> Option<(usize, &'a str, &'a str)> {
    let (mut a, mut b) = (a.lines(), b.lines());
    for number in 1.. {
        match (a.next(), b.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => return Some((number, a.unwrap_or("(end)"), b.unwrap_or("(end)"))),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn differences() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some((2, "b", "c")));
        assert_eq!(first_difference("a\n", "a\nc\n"), Some((2, "(end)", "c")));
    }
}
