/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Waits for ever: the machine is idle, and nothing comes out. */
#include "guest.h"

static void guest(void)
{
	SAY("bad guest: waits\n");
	for (;;)
		call(SYS_pause, 0, 0, 0);
}
