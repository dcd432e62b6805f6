/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every call that samples/rust/rust_misc_device.rs answers, and one that it refuses. */
#include <linux/ioctl.h>

#include "check.h"

#define HELLO _IO('|', 0x80)
#define GET_VALUE _IOR('|', 0x81, int)
#define SET_VALUE _IOW('|', 0x82, int)
#define UNKNOWN _IO('|', 0)

static void guest(void)
{
	static const char written[] = "through the driver\n";
	char read[64];
	int value = -1;
	long fd = check("open", call(SYS_open, (long)"/dev/rust-misc-device", 2 /* O_RDWR */, 0));

	check("hello", call(SYS_ioctl, fd, HELLO, 0));
	check("get", call(SYS_ioctl, fd, GET_VALUE, (long)&value));
	report("value at first", value);
	value = 42;
	check("set", call(SYS_ioctl, fd, SET_VALUE, (long)&value));
	value = -1;
	check("get", call(SYS_ioctl, fd, GET_VALUE, (long)&value));
	report("value after 42 was set", value);
	report("set from a bad address", call(SYS_ioctl, fd, SET_VALUE, 8));
	report("unknown ioctl", call(SYS_ioctl, fd, UNKNOWN, 0));
	/* The driver puts the position back to the start. */
	report("written", call(SYS_write, fd, (long)written, sizeof(written) - 1));
	check("write", call(SYS_write, 1, (long)read, check("read", call(SYS_read, fd, (long)read, sizeof(read)))));
}
