/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The one thing that linux/if.h takes from the C library's header of this name. */
struct sockaddr {
	unsigned short sa_family;
	char sa_data[14];
};
