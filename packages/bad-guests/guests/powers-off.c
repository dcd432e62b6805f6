/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Switches the machine off without a word and without a verdict. */
#include "guest.h"

static void guest(void)
{
	power_off();
}
