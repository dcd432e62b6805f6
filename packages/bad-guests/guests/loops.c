/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Spins without a word: the processor is busy, and nothing comes out. */
#include "guest.h"

static void guest(void)
{
	SAY("bad guest: loops\n");
	for (;;)
		__asm__ volatile("");
}
