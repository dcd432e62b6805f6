/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the bindings are made from: the kernel's headers as `make headers_install` leaves them. A header comes in
 * here, and the names wanted of it in src/bin/uapi-gen.rs.
 */
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/input-event-codes.h>
#include <linux/keyctl.h>
#include <linux/loop.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/reboot.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/sysinfo.h>
#include <linux/virtio_ids.h>
#include <linux/wait.h>
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <asm/termbits.h>
#include <asm/termios.h>
