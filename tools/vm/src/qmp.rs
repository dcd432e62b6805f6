// SPDX-License-Identifier: MIT OR Apache-2.0
//! QEMU's control protocol: messages as values (QEMU's docs/interop/qmp-spec.rst and qemu-qmp-ref(7)).

use serde_json::{Value, json};
use std::path::Path;

/// A message from QEMU that the runner acts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// QEMU is there; it accepts commands after `qmp_capabilities`.
    Greeting {
        /// QEMU's version, such as `10.0.13`.
        version: Option<String>,
    },
    /// All CPUs are stopped.
    Stop,
    /// The guest's kernel reported a panic through the pvpanic device.
    GuestPanicked,
    /// The machine ends: QEMU's `ShutdownCause`, such as `guest-shutdown`, `guest-reset`, `host-qmp-quit`.
    Shutdown(String),
    /// The guest opened or closed the virtio port of that name.
    Port {
        /// Name of the port.
        id: String,
        /// It is open now.
        open: bool,
    },
    /// Answer to [`query_status`]: QEMU's `RunState`, such as `running`, `paused`, `internal-error`.
    Status(String),
    /// Answer to [`query_registers`].
    Registers(Registers),
    /// Answer to [`query_processors`]: every CPU, in order; empty if QEMU's text cannot be parsed.
    Processors(Vec<Registers>),
    /// Answer to [`screendump`]; QEMU's reason if there is no picture.
    Screenshot(Result<(), String>),
    /// Answer to [`monitor`]: what the command printed, usually an error.
    Monitor(String),
    /// Anything else.
    Other,
}

/// The state of a CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// The instruction pointer.
    pub rip: u64,
    /// It waits for an interrupt.
    pub halted: bool,
    /// It takes interrupts.
    pub interrupts: bool,
    /// It executes a program: its privilege level is 3.
    pub user: bool,
}

impl Registers {
    /// The CPU is in a state that is impossible after a panic: it runs a program, or is idle until the next interrupt. The
    /// CPU that panicked stays in a loop in the kernel, and the others wait with their interrupts disabled
    /// (kernel/panic.c, arch/x86/kernel/process.c `stop_this_cpu`).
    #[must_use]
    pub fn shows_life(self) -> bool {
        self.user || (self.halted && self.interrupts)
    }

    /// The CPU is at an address below 1 MiB or in the ROM below 4 GiB: in firmware, not in a kernel.
    #[must_use]
    pub fn in_firmware(self) -> bool {
        self.rip < 0x10_0000 || (0xff00_0000..=0xffff_ffff).contains(&self.rip)
    }
}

/// A message from one line of the channel.
#[must_use]
pub fn parse(line: &str) -> Message {
    let Ok(value) = serde_json::from_str::<Value>(line) else {
        return Message::Other;
    };
    if let Some(greeting) = value.get("QMP") {
        return Message::Greeting { version: parse_version(&greeting["version"]["qemu"]) };
    }
    if let Some(event) = value["event"].as_str() {
        return parse_event(event, &value["data"]);
    }
    match value["id"].as_str() {
        Some("status") => value["return"]["status"]
            .as_str()
            .map_or(Message::Other, |status| Message::Status(status.to_owned())),
        Some("registers") => {
            value["return"].as_str().and_then(parse_registers).map_or(Message::Other, Message::Registers)
        }
        Some("processors") => {
            let text = value["return"].as_str().unwrap_or_default();
            Message::Processors(text.split("CPU#").filter_map(parse_registers).collect())
        }
        Some("monitor") => Message::Monitor(value["return"].as_str().unwrap_or_default().trim().to_owned()),
        Some("screenshot") => Message::Screenshot(match value["error"]["desc"].as_str() {
            Some(why) => Err(why.to_owned()),
            None => Ok(()),
        }),
        _ => Message::Other,
    }
}

/// `{"micro": 13, "minor": 0, "major": 10}`.
fn parse_version(version: &Value) -> Option<String> {
    let [major, minor, micro] = ["major", "minor", "micro"].map(|part| version[part].as_u64());
    Some(format!("{}.{}.{}", major?, minor?, micro?))
}

fn parse_event(event: &str, data: &Value) -> Message {
    match event {
        "STOP" => Message::Stop,
        "GUEST_PANICKED" => Message::GuestPanicked,
        "SHUTDOWN" => Message::Shutdown(data["reason"].as_str().unwrap_or("unknown").to_owned()),
        "VSERPORT_CHANGE" => match (data["id"].as_str(), data["open"].as_bool()) {
            (Some(id), Some(open)) => Message::Port { id: id.to_owned(), open },
            _ => Message::Other,
        },
        _ => Message::Other,
    }
}

/// The flag IF (Intel SDM, volume 1, 3.4.3).
const INTERRUPT_FLAG: u64 = 1 << 9;

/// `EIP=000e9fbc EFL=00000006 … HLT=0` in the text of the monitor's `info registers`.
fn parse_registers(text: &str) -> Option<Registers> {
    let field = |name: &str| {
        text.split_ascii_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    };
    let rip = u64::from_str_radix(field("RIP").or_else(|| field("EIP"))?, 16).ok()?;
    let flags =
        field("RFL").or_else(|| field("EFL")).and_then(|flags| u64::from_str_radix(flags, 16).ok())?;
    Some(Registers {
        rip,
        halted: field("HLT") == Some("1"),
        interrupts: flags & INTERRUPT_FLAG != 0,
        user: field("CPL") == Some("3"),
    })
}

/// The command that ends the greeting.
#[must_use]
pub fn capabilities() -> String {
    line(&json!({"execute": "qmp_capabilities"}))
}

/// The command that ends QEMU.
#[must_use]
pub fn quit() -> String {
    line(&json!({"execute": "quit"}))
}

/// The command that queries the machine's state.
#[must_use]
pub fn query_status() -> String {
    line(&json!({"execute": "query-status", "id": "status"}))
}

/// The command that queries the registers of CPU 0.
#[must_use]
pub fn query_registers() -> String {
    monitor_command("registers", "info registers")
}

/// The command that queries the registers of all CPUs.
#[must_use]
pub fn query_processors() -> String {
    monitor_command("processors", "info registers -a")
}

/// A command of the monitor for people.
#[must_use]
pub fn monitor(command: &str) -> String {
    monitor_command("monitor", command)
}

fn monitor_command(id: &str, command: &str) -> String {
    line(&json!({"execute": "human-monitor-command", "id": id, "arguments": {"command-line": command}}))
}

/// The command that writes what the first display shows to a file: as PPM if its name ends so, else as PNG. QEMU answers
/// when it is written, and takes the next command then.
#[must_use]
pub fn screendump(file: &Path) -> String {
    let format = if file.extension().is_some_and(|extension| extension == "ppm") { "ppm" } else { "png" };
    let arguments = json!({"filename": file, "format": format});
    line(&json!({"execute": "screendump", "id": "screenshot", "arguments": arguments}))
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages() {
        let check = |line: &str, message: Message| assert_eq!(parse(line), message, "{line}");
        check(r#"{"QMP": {"version": {}, "capabilities": ["oob"]}}"#, Message::Greeting { version: None });
        check(
            r#"{"QMP": {"version": {"qemu": {"micro": 13, "minor": 0, "major": 10}, "package": "Debian"}, "capabilities": []}}"#,
            Message::Greeting { version: Some("10.0.13".into()) },
        );
        check(r#"{"timestamp": {}, "event": "STOP"}"#, Message::Stop);
        check(r#"{"event": "GUEST_PANICKED", "data": {"action": "shutdown"}}"#, Message::GuestPanicked);
        check(
            r#"{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}"#,
            Message::Shutdown("guest-shutdown".into()),
        );
        check(
            r#"{"event": "VSERPORT_CHANGE", "data": {"open": true, "id": "org.qos.stdout"}}"#,
            Message::Port { id: "org.qos.stdout".into(), open: true },
        );
        check(
            r#"{"return": {"status": "internal-error", "running": false}, "id": "status"}"#,
            Message::Status("internal-error".into()),
        );
        check(
            r#"{"return": "\r\nCPU#0\r\nEAX=0 EBX=0\r\nEIP=000e9fbc EFL=00000006 [-----P-] CPL=0 HLT=0\r\n", "id": "registers"}"#,
            Message::Registers(Registers { rip: 0xe9fbc, halted: false, interrupts: false, user: false }),
        );
        check(
            r#"{"return": "\r\nRIP=ffffffff81d2a1ef RFL=00000246 HLT=1\r\n", "id": "registers"}"#,
            Message::Registers(Registers {
                rip: 0xffff_ffff_81d2_a1ef,
                halted: true,
                interrupts: true,
                user: false,
            }),
        );
        check(
            r#"{"return": "\r\nCPU#0\r\nRIP=401000 RFL=00000202 CPL=3 HLT=0\r\n\r\nCPU#1\r\nEIP=fff0 EFL=00000002 CPL=0 HLT=1\r\n", "id": "processors"}"#,
            Message::Processors(vec![
                Registers { rip: 0x40_1000, halted: false, interrupts: true, user: true },
                Registers { rip: 0xfff0, halted: true, interrupts: false, user: false },
            ]),
        );
        check(r#"{"return": "unknown option", "id": "processors"}"#, Message::Processors(Vec::new()));
        check(r#"{"return": {}, "id": "screenshot"}"#, Message::Screenshot(Ok(())));
        check(
            r#"{"id": "screenshot", "error": {"class": "GenericError", "desc": "no console"}}"#,
            Message::Screenshot(Err("no console".into())),
        );
        check(
            r#"{"return": "Error: Duplicate device ID 'a'\r\n", "id": "monitor"}"#,
            Message::Monitor("Error: Duplicate device ID 'a'".into()),
        );
        check(r#"{"return": {}}"#, Message::Other);
        check("", Message::Other);
        check("not JSON", Message::Other);
        check(r#"{"event": "VSERPORT_CHANGE", "data": {}}"#, Message::Other);
    }

    #[test]
    fn life_is_told_from_a_panic() {
        let check = |halted, interrupts, user, expect| {
            let registers = Registers { rip: 0, halted, interrupts, user };
            assert_eq!(registers.shows_life(), expect, "{registers:?}");
        };
        check(true, true, false, true);
        check(false, true, true, true);
        check(false, true, false, false);
        check(true, false, false, false);
    }

    #[test]
    fn firmware_is_told_from_a_kernel() {
        let at = |rip| Registers { rip, halted: false, interrupts: true, user: false }.in_firmware();
        assert!(at(0xe9fbc) && at(0xffff_fff0) && at(0));
        assert!(!at(0x100_0000) && !at(0xffff_ffff_8100_0000));
    }
}
