// SPDX-License-Identifier: MIT OR Apache-2.0
//! The conditions of a run, for logs that are compared.

use crate::accel::Accel;
use crate::console::Console;
use crate::machine::{Config, Machine, Session};
use qos_bootlog::conditions::Conditions;

/// The conditions of a run: what QEMU, machine and kernel were. Nothing in them is of the host, except that it has KVM.
pub(crate) fn of(config: &Config, accel: Accel, qemu_version: Option<&str>, console: &Console) -> Conditions {
    let golden = config.session == Session::Golden;
    let machine = match config.machine {
        Machine::Pc => "pc",
        Machine::Q35 => "q35",
        Machine::Microvm => "microvm",
    };
    let session = match config.session {
        Session::Console => "console",
        Session::Streams => "streams",
        Session::Golden => "golden",
    };
    let unknown = "unknown";
    Conditions::new([
        ("qemu", qemu_version.unwrap_or(unknown).to_owned()),
        ("accelerator", format!("{}{}", accel.name(), if golden { " with icount" } else { "" })),
        ("machine", machine.to_owned()),
        ("cpu", config.cpu_under(accel).to_owned()),
        ("cpus", config.cpus.to_string()),
        ("memory", format!("{} MiB", config.memory_mib)),
        ("devices", devices(&config.device_names())),
        ("session", session.to_owned()),
        ("cmdline", config.cmdline_under(accel)),
        ("kernel", console.kernel_release().unwrap_or(unknown).to_owned()),
    ])
}

/// The names, each with how often it is there.
fn devices(names: &[String]) -> String {
    let runs = names.chunk_by(|one, next| one == next);
    let text = |run: &[String]| match run {
        [one] => one.clone(),
        run => format!("{} x {}", run.len(), run[0]),
    };
    runs.map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Network;

    fn config(session: Session) -> Config {
        Config {
            machine: Machine::Q35,
            cpu_model: None,
            memory_mib: 512,
            cpus: 4,
            firmware: None,
            kernel: "/k".into(),
            initramfs: Vec::new(),
            cmdline: "console=ttyS0 quiet".into(),
            network: Network::Restricted,
            sandbox: false,
            disks: Vec::new(),
            memory_disks: Vec::new(),
            session,
            fw_cfg: Vec::new(),
            devices: vec!["edu,dma_mask=0xffffffff".into()],
            gdb: None,
        }
    }

    #[test]
    fn everything_that_a_log_depends_on() {
        let mut console = Console::default();
        console.push(b"[    0.000000] Linux version 7.3.4 (qos@qos) #1\r\n");
        let streams = of(&config(Session::Streams), Accel::Tcg, Some("10.0.13"), &console);
        let expect = "qemu: 10.0.13\naccelerator: tcg\nmachine: q35\ncpu: max\ncpus: 4\nmemory: 512 MiB\n\
            devices: isa-debugcon, virtio-serial-pci, 3 x virtserialport, pvpanic, virtio-rng-pci, virtio-net-pci, edu\n\
            session: streams\ncmdline: console=ttyS0 quiet no_timer_check\nkernel: 7.3.4\n";
        assert_eq!(streams.to_string(), expect);
        let check = |config: &Config, accel, key, expect: &str| {
            assert_eq!(of(config, accel, None, &Console::default()).get(key), Some(expect), "{key}");
        };
        let golden = config(Session::Golden);
        check(&golden, Accel::Tcg, "accelerator", "tcg with icount");
        check(&golden, Accel::Tcg, "cpu", "qemu64");
        let random = Config { cpu_model: Some("qemu64,+rdrand".into()), ..golden.clone() };
        check(&random, Accel::Tcg, "cpu", "qemu64,+rdrand");
        check(&golden, Accel::Tcg, "devices", "isa-debugcon, edu");
        check(&golden, Accel::Tcg, "qemu", "unknown");
        check(&golden, Accel::Tcg, "kernel", "unknown");
        check(&config(Session::Console), Accel::Kvm, "cpu", "host");
        let model = Config { cpu_model: Some("Skylake-Server".into()), ..config(Session::Streams) };
        check(&model, Accel::Kvm, "cpu", "Skylake-Server");
    }
}
