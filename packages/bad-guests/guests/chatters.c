/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Prints the same line without end: there is always output, and never an end. */
#include "guest.h"

static void guest(void)
{
	for (;;)
		SAY("bad guest: chatters\n");
}
