/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Prints bytes that are no text, escape sequences that are not ended and a line that is not either; then switches
 * the machine off without a verdict. */
#include "guest.h"

static void guest(void)
{
	SAY("bad guest: garbles\n\xff\xfe\x80\x00\x1b[31m\x1b]0;title\x1b[\r\n\x9b\x07\b\b\v\f no newline");
	power_off();
}
