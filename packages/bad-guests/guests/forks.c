/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Makes processes without end, each of which does the same. */
#include "guest.h"

static void guest(void)
{
	SAY("bad guest: forks without end\n");
	for (;;)
		call(SYS_fork, 0, 0, 0);
}
