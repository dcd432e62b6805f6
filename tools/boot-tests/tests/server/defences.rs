// SPDX-License-Identifier: MIT OR Apache-2.0
//! What users without privileges, and mistakes of root, must not be able to do.

use super::server;

/// Makes a user, and a way to run a command as that user.
const ANN: &str = "useradd -m ann; as() { su ann -s /bin/sh -c \"$1\"; }\n";

/// The PID file is of a service without privileges: process 1 must not wait for the other end of a FIFO, nor read a device to its end.
#[test]
fn a_service_cannot_stop_the_manager_by_its_pid_file() {
    let script = "for how in 'mkfifo' 'ln -s /dev/zero'; do cat >/etc/systemd/system/x.service <<END
[Service]
Type=forking
User=nobody
RuntimeDirectory=x
PIDFile=/run/x/pid
TimeoutStartSec=2
ExecStart=/bin/sh -c '$how /run/x/pid; sleep 1000 & exit 0'
END
svc daemon-reload; svc start x; svc is-system-running >/dev/null; svc is-active logd; svc reset-failed; done
";
    server().stdin(script).run().expect_status(0).stdout_is("active\nactive\n");
}

#[test]
fn a_rule_of_udev_cannot_remove_device_nodes() {
    let script = "cd /etc/udev/rules.d || exit; reload() { udevadm control --reload; udevadm trigger -w /dev/null; }
echo 'KERNEL==\"null\", SYMLINK+=\"zero null log mine\"' >9-x.rules; reload
udevadm info -q symlink /dev/null; readlink /dev/mine
rm 9-x.rules; reload; test -c /dev/null && test -c /dev/zero && readlink /dev/log; test -e /dev/mine || echo gone
";
    let ended = server().stdin(format!("mkdir -p /etc/udev/rules.d\n{script}")).run().expect_status(0);
    ended.stdout_is("mine\nnull\n/run/systemd/journal/dev-log\ngone\n");
}

#[test]
fn numbers_that_mean_no_change_are_nobodys() {
    let script = "useradd -N -u 4294967295 x; echo $?; groupadd -g 4294967295 x; echo $?
echo 'x:x:4294967295:100::/:/bin/sh' >>/etc/passwd; su x -c id; echo $?
";
    let ended = server().stdin(script).run().expect_status(0).stdout_is("3\n3\n1\n");
    ended.stderr_has("invalid user ID '4294967295'").stderr_has("invalid group ID '4294967295'");
}

#[test]
fn a_user_sees_only_what_is_theirs() {
    let script =
        "as 'mkdir -p r/etc; ln -s /etc/shadow r/etc; echo root:x:$(id -u):0::/:/bin/sh >r/etc/passwd
chage -R $PWD/r -l root'; echo $?
as 'udevadm trigger /dev/null'; echo $?; as 'ping -c 1 -q 127.0.0.1' | grep -c ' 0% packet loss'
";
    let ended = server().stdin(format!("{ANN}cd /home/ann\n{script}")).run().expect_status(0);
    ended.stdout_is("1\n1\n1\n").stderr_has("only root").stderr_has("Permission denied");
}

#[test]
fn accounts_in_use_and_service_accounts() {
    let script = "userdel root; echo $?; usermod -l toor root; echo $?; su nobody -s /bin/sh -c 'id -un'
echo ann:abcdef | chpasswd; passwd -le ann; passwd -S ann | cut -d' ' -f1-3
";
    let ended = server().stdin(format!("{ANN}{script}")).run().expect_status(0);
    ended.stdout_is("8\n8\nnobody\nann L 1970-01-01\n").stderr_has("user root is currently used by process");
}

#[test]
fn the_log_of_a_unit_has_what_the_manager_says_of_it() {
    let script = "printf '[Service]\\nExecStart=/no/such\\n' >/etc/systemd/system/x.service; svc daemon-reload; svc start x
until logctl -u x -o cat | grep -m 1 '^x.service: failed'; do :; done
";
    server().stdin(script).run().expect_status(0).stdout_is("x.service: failed: exit-code\n");
}

#[test]
fn mounts_are_followed_whoever_makes_them() {
    let script =
        "printf '[Mount]\\nWhat=tmpfs\\nType=tmpfs\\n' >/etc/systemd/system/mnt-x.mount; svc daemon-reload
svc start mnt-x.mount; umount /mnt/x; while svc is-active mnt-x.mount >/dev/null; do :; done
mount -t tmpfs t /mnt/x; until svc is-active mnt-x.mount >/dev/null; do :; done
svc stop mnt-x.mount; grep -c /mnt/x /proc/mounts
";
    server().stdin(script).run().expect_status(1).stdout_is("0\n");
}
