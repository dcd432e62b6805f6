/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Ends with status 3: the kernel panics, "Attempted to kill init! exitcode=0x00000300". */
#include "guest.h"

static void guest(void)
{
	SAY("bad guest: ends\n");
	call(SYS_exit, 3, 0, 0);
}
