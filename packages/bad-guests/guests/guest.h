/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a program without a C library needs: system calls of x86-64 Linux (syscall(2)), a start, a way to speak.
 * The kernel opens /dev/console as descriptors 0, 1 and 2 of its first process.
 */
#ifndef GUEST_H
#define GUEST_H

enum {
	SYS_read = 0,
	SYS_write = 1,
	SYS_open = 2,
	SYS_mmap = 9,
	SYS_ioctl = 16,
	SYS_pause = 34,
	SYS_fork = 57,
	SYS_exit = 60,
	SYS_wait4 = 61,
	SYS_reboot = 169,
};

static inline long syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long call(long number, long a, long b, long c)
{
	return syscall6(number, a, b, c, 0, 0, 0);
}

/* Writes a string constant to the console. */
#define SAY(text) call(SYS_write, 1, (long)(text), sizeof(text) - 1)

/* Switches the machine off at once: reboot(2), LINUX_REBOOT_CMD_POWER_OFF. */
static inline void power_off(void)
{
	call(SYS_reboot, 0xfee1deadL, 672274793L, 0x4321fedcL);
}

/* The program. */
static void guest(void);

__attribute__((noreturn, used)) void _start(void)
{
	/* The kernel leaves the stack aligned as no function's start has it. */
	__asm__ volatile("and $-16, %rsp");
	guest();
	call(SYS_exit, 0, 0, 0);
	__builtin_unreachable();
}

#endif
