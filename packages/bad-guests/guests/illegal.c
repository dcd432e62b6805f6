/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Executes what is no instruction, as a program for a newer processor does: SIGILL kills it, and the kernel panics. */
#include "guest.h"

static void guest(void)
{
	SAY("bad guest: executes ud2\n");
	__asm__ volatile("ud2");
}
