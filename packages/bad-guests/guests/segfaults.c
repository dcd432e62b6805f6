/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reads where nothing is: SIGSEGV kills it, and the kernel panics, "Attempted to kill init! exitcode=0x0000000b". */
#include "guest.h"

static void guest(void)
{
	SAY("bad guest: reads address 8\n");
	(void)*(volatile char *)8;
}
