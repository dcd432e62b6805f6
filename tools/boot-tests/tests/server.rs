// SPDX-License-Identifier: MIT OR Apache-2.0
//! The server image: services, and a login prompt. `QOS_SERVER` names it if it is not `server` itself.

use qos_boot_tests::budget::Budgeted;
use qos_boot_tests::{Boot, Console, Environment, boot, built, golden};
use std::sync::LazyLock;

#[path = "server/defences.rs"]
mod defences;

const SCRIPT: &str = include_str!("../../../rootfs/server.sh");

static NAME: LazyLock<String> =
    LazyLock::new(|| std::env::var("QOS_SERVER").unwrap_or_else(|_| "server".into()));

fn budgeted() -> Budgeted {
    let (manifest, timeline) = (format!("rootfs/{}.toml", *NAME), format!("{}-timeline", *NAME));
    Budgeted::image(&manifest, "QOS_SERVER_BOOT_LOG", &timeline, Environment::server)
}

fn server() -> Boot {
    boot().environment(Environment::server())
}

fn log_in(console: Console, user: &str, password: &str) -> Console {
    console.expect("login: ").send(&format!("{user}\n")).expect("assword: ").send(&format!("{password}\n"))
}

#[test]
fn a_person_logs_in_and_out_and_in_again() {
    let console = log_in(server().password("a password").console(), "root", "a password");
    let console = console.expect("qos# ").send("tty; whoami\n").expect("/dev/ttyS0\r\nroot").send("exit\n");
    let console = log_in(console, "root", "a password").expect("qos# ").send("poweroff\n");
    console.end().expect_status(0).console_has("reboot: Power down");
}

#[test]
fn without_a_password_of_the_host_nobody_gets_in() {
    let console = log_in(server().console(), "root", "").expect("Login incorrect");
    log_in(console, "nobody", "x").expect("Login incorrect").quit().expect_verdict("quit");
}

#[test]
fn a_hash_of_the_host_is_the_password_of_root() {
    // Of the password "a password", by mkpasswd(1).
    let hash = "$5$rounds=1000$saltsaltsaltsalt$NWnVGTGIOPLxT.xzYDUd9kr.gTguQXK5a/Vs.2A4URB";
    let console = log_in(server().password_hash(hash).console(), "root", "a password");
    console.expect("qos# ").quit().expect_verdict("quit");
}

#[test]
fn control_c_ends_a_program_and_not_the_session() {
    let console = log_in(server().password("a password").console(), "root", "a password").expect("qos# ");
    let console = console.send("sh -c 'echo up; sleep 1000'\n").expect("up\r\n").send("\x03").expect("qos# ");
    console.send("echo still $((6 * 7))\n").expect("still 42").quit().expect_verdict("quit");
}

/// As login(1): /etc/nologin lets only root in, and /etc/securetty lets root in only at the terminals that it lists.
#[test]
fn nologin_and_securetty_keep_people_out() {
    let console = log_in(server().password("a password").console(), "root", "a password").expect("qos# ");
    let console = console
        .send("useradd -m ann; echo ann:her word | chpasswd; echo 'Down for repair.' >/etc/nologin; exit\n");
    let console = log_in(console, "ann", "her word").expect("Down for repair.");
    let console = log_in(console, "root", "a password").expect("qos# ");
    let console = console.send("rm /etc/nologin; echo tty1 >/etc/securetty; exit\n");
    let console = log_in(console, "root", "a password").expect("Login incorrect");
    log_in(console, "ann", "her word").expect("qos$ ").quit().expect_verdict("quit");
}

#[test]
fn units_are_shown_edited_and_asked() {
    let script = "cat >/etc/systemd/system/x.service <<'END'
[Service]
ExecStart=/bin/sh -c 'echo begun; exec sleep 1000'
ExecReload=/bin/echo again
END
EDITOR=tee svc edit x <<'END'
[Unit]
Description=Mine
END
svc cat x | grep -c '^# '; svc start x && svc reload x
until test \"$(svc log x)\" = \"$(printf 'begun\\nagain')\"; do :; done
svc critical-chain multi-user.target | head -1 | cut -c1-18; svc verify x
";
    let ended = server().stdin(script).run().expect_status(0);
    ended.stdout_is("[Unit]\nDescription=Mine\n2\nmulti-user.target \n");
}

/// As in scripts: what is printed, and the statuses of systemctl(1).
#[test]
fn systemctl_in_scripts() {
    let script = "cd /etc/systemd/system; printf '[Service]\\nExecStart=/bin/sleep 1000\\n' >da.service
printf '[Service]\\nType=oneshot\\nExecStart=/bin/false\\n' >db.service; systemctl daemon-reload; systemctl start da
systemctl show -p ActiveState --value da; systemctl is-active -q da && systemctl list-units --no-legend 'da*'
systemctl start db; echo $?; systemctl --failed --no-legend; systemctl is-active nosuch; echo $?
systemctl stop nosuch; echo $?; systemctl get-default; systemctl stop 'd*'; systemctl is-active da
";
    let ended = server().stdin(script).run().expect_status(3);
    ended
        .stdout_is("active\nda.service loaded active running da.service\n1\ndb.service loaded failed failed db.service\ninactive\n4\n5\nmulti-user.target\ninactive\n")
        .stderr_has("systemctl: Unit nosuch.service not loaded.")
        .stderr_has("Job for db.service failed because the control process exited with error code.");
}

#[test]
fn users_are_made_and_are_not_root() {
    let script =
        "useradd -m ann && echo 'ann:a password' | chpasswd && su - ann -c 'id -un; pwd; cat /etc/shadow'\n";
    let ended = server().stdin(script).run().expect_status(1);
    ended.stdout_is("ann\n/home/ann\n").stderr_has("Permission denied");
}

#[test]
fn services_are_listed() {
    let ended = server().stdin("svc list; systemctl is-system-running\n").run().expect_status(0);
    ended.stdout_has("serial-getty@ttyS0.service").stdout_has("multi-user.target").stdout_has("\nrunning\n");
}

#[test]
fn a_service_that_is_killed_runs_again() {
    let script = "cat >/etc/systemd/system/x.service <<'END'
[Service]
ExecStart=/bin/sleep 1000
Restart=always
RestartSec=0
END
svc daemon-reload && svc start x && one=$(pidof sleep) && kill -9 $one
until two=$(pidof sleep) && test \"$two\" != $one; do :; done
svc is-active x; svc stop x; svc is-active x
";
    server().stdin(script).run().expect_status(3).stdout_is("active\ninactive\n");
}

/// Main processes of the image's daemons.
const DAEMONS: &str = "daemons='logd systemd-udevd systemd-networkd serial-getty@ttyS0'
pid() { svc show \"$@\" | grep '^MainPID='; }
";

#[test]
fn another_program_becomes_the_manager_and_all_services_go_on() {
    let script =
        "before=$(pid $daemons); svc daemon-reexec && test \"$before\" = \"$(pid $daemons)\" && echo same
svc is-system-running; svc restart logd && svc is-active logd
";
    let ended = server().stdin(format!("{DAEMONS}{script}")).run().expect_status(0);
    ended.stdout_is("same\nrunning\nactive\n").console_has("goes on after daemon-reexec: ");
}

#[test]
fn each_daemon_runs_and_works_again_after_kill_9() {
    let script = "for unit in $daemons; do
  one=$(pid $unit); kill -9 ${one#MainPID=}
  until two=$(pid $unit) && test $two != $one && svc is-active $unit >/dev/null; do :; done
done
logger -t note logged; until logctl -t note -o cat | grep logged; do :; done
udevadm trigger -s mem -w && udevadm info -q name /dev/null
until networkctl list | grep -q configured; do :; done; svc is-system-running
";
    let ended = server().stdin(format!("{DAEMONS}{script}")).run().expect_status(0);
    ended.stdout_is("logged\nnull\nrunning\n");
}

#[test]
fn the_manager_survives_a_lack_of_memory_and_full_file_systems() {
    let script = "cat >/etc/systemd/system/hog.service <<'END'
[Service]
ExecStart=/bin/dd if=/dev/zero of=/dev/null bs=120M count=1
END
svc daemon-reload; svc start hog; until svc is-failed hog >/dev/null; do :; done; svc show hog | grep ^Result=
mount -o remount,size=1m /run; cat /dev/zero >/fill; cat /dev/zero >/run/fill
svc daemon-reload; svc restart logd; svc daemon-reexec && svc is-active logd
";
    let ended = server().memory_mib(160).stdin(script).run().expect_status(0);
    ended.stdout_is("Result=signal\nactive\n").stderr_has("No space left on device");
}

#[test]
fn a_fork_bomb_is_held_by_its_limit_and_stopped() {
    let script = "cat >/etc/systemd/system/bomb.service <<'END'
[Service]
ExecStart=/bin/sh -c 'b() { b & b & wait; }; b'
TasksMax=40
TimeoutStopSec=1
END
svc daemon-reload; svc start bomb
until ! grep -q 'max 0' /sys/fs/cgroup/system.slice/bomb.service/pids.events; do :; done
svc is-active bomb; svc stop bomb; svc is-active bomb >/dev/null || ls /sys/fs/cgroup/system.slice | grep -c bomb
";
    server().stdin(script).run().expect_status(1).stdout_is("active\n0\n");
}

/// The manager gets no signal of the process that ends last, whose parent is a shell.
#[test]
fn a_group_ends_with_its_last_process_whoever_is_the_parent() {
    let script = "printf '[Service]\\nExecStart=/bin/sleep 1000\\n' >/etc/systemd/system/x.service
svc daemon-reload; svc start x; group=/sys/fs/cgroup/system.slice/x.service/cgroup.procs
sh -c \"trap '' TERM; echo \\$\\$ >$group; sleep 2\" & until [ $(wc -l <$group) -gt 1 ]; do :; done
svc stop x; svc show x | grep ^Result=
";
    server().stdin(script).run().expect_status(0).stdout_is("Result=success\n");
}

#[test]
fn the_kernel_holds_services_to_their_memory_and_cpu_time() {
    let script = "for name in free held; do printf '[Service]\\nType=oneshot\\nExecStart=/bin/dd if=/dev/zero of=/dev/null bs=40M count=1\\n' \
  >/etc/systemd/system/$name.service; done
echo MemoryMax=16M >>/etc/systemd/system/held.service
printf '[Service]\\nExecStart=/bin/sh -c \"while :; do :; done\"\\nCPUQuota=10%%\\n' >/etc/systemd/system/slow.service
svc daemon-reload; svc start slow; svc start free && svc start held; svc show free held | grep ^Result=
until grep '^nr_throttled [1-9]' /sys/fs/cgroup/system.slice/slow.service/cpu.stat >/dev/null; do :; done; svc stop slow
";
    server().stdin(script).run().expect_status(0).stdout_is("Result=success\nResult=signal\n");
}

/// On the golden machine, which has no devices beside the console. What is used is what is not available, the files of the root among it.
#[test]
fn the_system_at_rest_uses_less_than_64_mb() {
    let script = "free -b | while read -r name total used rest; do
  test $name != Mem: || test $used -gt 64000000 || echo \"at rest: less than 64 MB\"; done\n";
    server().golden().script(script).run().expect_status(0).console_has("at rest: less than 64 MB");
}

#[test]
fn the_log_has_the_early_boot_services_and_programs() {
    let script = "cat >/etc/systemd/system/x.service <<'END'
[Service]
ExecStart=/bin/echo by a unit
END
svc daemon-reload && svc start x; logger -t prog by a program
until logctl -b -u x | grep 'by a unit' >/dev/null; do :; done
until logctl -t prog -o cat | grep 'by a program'; do :; done
logctl -k | grep 'Linux version' >/dev/null && journalctl --verify >/dev/null && echo good
";
    server().stdin(script).run().expect_status(0).stdout_is("by a program\ngood\n");
}

#[test]
fn a_unit_that_is_wrong_does_not_hold_the_boot_up() {
    let script = "cat >/etc/systemd/system/x.service <<'END'
[Unit]
After=y.service
[Service]
ExecStart=/does/not/exist
Odd=1
END
svc daemon-reload; svc start x; svc is-failed x\n";
    let ended = server().stdin(script).run().expect_status(0).stdout_has("failed");
    ended.console_has("/etc/systemd/system/x.service:5: ");
}

#[test]
fn rescue_mode_is_a_shell() {
    let console = server().append("systemd.unit=rescue.target").console().expect("rescue# ");
    // IFF_UP and IFF_LOOPBACK (netdevice(7)), without networkd.
    let console = console.send("cat /sys/class/net/lo/flags\n").expect("0x9").expect("rescue# ");
    console.send("poweroff\n").end().expect_status(0).console_has("reboot: Power down");
}

#[test]
fn emergency_mode_is_a_shell_without_services() {
    let console = server().append("emergency").console().expect("emergency# ");
    let console =
        console.send("svc list | grep running\n").expect("Shell of emergency mode").expect("emergency# ");
    console.send("poweroff\n").end().expect_status(0).console_has("reboot: Power down");
}

#[test]
fn a_boot_gives_the_reviewed_bytes() {
    let built = built::bytes_of("QOS_SERVER_BOOT_LOG", "boot.log");
    let ended = server().golden().script(SCRIPT).run().expect_status(0).console_has("login: ");
    assert!(ended.outcome.console.raw() == built, "a boot here gives another log than the one in the store");
}

#[test]
fn the_boot_is_the_reviewed_one() {
    let phases = golden::phases("QOS_SERVER_BOOT_LOG");
    // Those before are the kernel's, and on the default kernel the same as in the default image.
    let own = phases.iter().skip_while(|(phase, _)| *NAME == "server" && phase.to_string() != "init");
    check("boot", &own.map(|(phase, text)| format!("# {phase}\n{text}")).collect::<String>());
    check("timeline", &golden::timeline("QOS_SERVER_BOOT_LOG"));
    check("initramfs", &built::text_of("QOS_SERVER_INITRAMFS", "listing"));
}

#[test]
fn the_cost_is_within_its_budget() {
    budgeted().check_cost();
}

#[test]
fn the_memory_is_within_its_budget() {
    budgeted().check_memory();
}

fn check(what: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("{}-{what}", *NAME), text);
    });
}
