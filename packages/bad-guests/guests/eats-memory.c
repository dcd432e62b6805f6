/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Takes memory until there is none: nothing can be killed but process 1, so that the kernel panics. */
#include "guest.h"

static void guest(void)
{
	const long size = 1 << 20, page = 4096;

	SAY("bad guest: takes all memory\n");
	for (;;) {
		/* PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS. */
		char *memory = (char *)syscall6(SYS_mmap, 0, size, 3, 0x22, -1, 0);

		if ((long)memory < 0 && (long)memory > -page) {
			SAY("bad guest: mmap refused\n");
			call(SYS_exit, 4, 0, 0);
		}
		for (long at = 0; at < size; at += page)
			((volatile char *)memory)[at] = 1;
	}
}
