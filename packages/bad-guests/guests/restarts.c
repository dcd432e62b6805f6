/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Starts the machine again: reboot(2), LINUX_REBOOT_CMD_RESTART. */
#include "guest.h"

static void guest(void)
{
	call(SYS_reboot, 0xfee1deadL, 672274793L, 0x01234567L);
}
