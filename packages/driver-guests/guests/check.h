/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * For programs that stop at the first call that fails.
 */
#ifndef CHECK_H
#define CHECK_H

#include "guest.h"

static inline unsigned long length_of(const char *text)
{
	unsigned long length = 0;

	while (text[length])
		length++;
	return length;
}

static inline void say(const char *text)
{
	call(SYS_write, 1, (long)text, length_of(text));
}

static inline void say_number(long number)
{
	char digits[20];
	char *from = digits + sizeof(digits);
	unsigned long rest = number < 0 ? -number : number;

	do {
		*--from = '0' + rest % 10;
		rest /= 10;
	} while (rest);
	if (number < 0)
		*--from = '-';
	call(SYS_write, 1, (long)from, digits + sizeof(digits) - from);
}

/* A line of what was found: "TEXT NUMBER". */
static inline void report(const char *text, long number)
{
	say(text);
	say(" ");
	say_number(number);
	say("\n");
}

/* Ends the program unless the call gave a result (a negative number is an errno). */
static inline long check(const char *what, long result)
{
	if (result < 0) {
		report(what, result);
		call(SYS_exit, 1, 0, 0);
	}
	return result;
}

#endif
