/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Prints what a verdict looks like, and a panic's text, on the console; then switches the machine off. None of it
 * is a verdict: that comes through the verdict channel alone. */
#include "guest.h"

static void guest(void)
{
	SAY("qos-exit: 0\n");
	SAY("[    1.000000] qos-init: status 0\n");
	power_off();
}
