/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One transaction through binder: this process becomes the context manager, its child sends it a word, and it answers
 * with the word in capitals. Protocol: include/uapi/linux/android/binder.h.
 */
#include <linux/android/binder.h>

#include "check.h"

enum {
	CODE = 7,
	MAPPED = 128 * 1024,
};

/* A command for the driver with a transaction behind it, as it stands in a buffer of commands. */
struct transaction {
	__u32 command;
	struct binder_transaction_data data;
} __attribute__((packed));

static const char word[] = "transaction";

static long open_binder(void)
{
	long fd = check("open", call(SYS_open, (long)"/dev/binderfs/binder", 02000002 /* O_RDWR | O_CLOEXEC */, 0));
	struct binder_version version;

	check("version", call(SYS_ioctl, fd, BINDER_VERSION, (long)&version));
	if (version.protocol_version != BINDER_CURRENT_PROTOCOL_VERSION)
		check("protocol", -version.protocol_version);
	/* Where the driver puts what others send. */
	check("mmap", syscall6(SYS_mmap, 0, MAPPED, 1 /* PROT_READ */, 2 /* MAP_PRIVATE */, fd, 0));
	return fd;
}

static void write_commands(long fd, const void *commands, unsigned long size)
{
	struct binder_write_read calls = { .write_size = size, .write_buffer = (binder_uintptr_t)commands };

	check("write", call(SYS_ioctl, fd, BINDER_WRITE_READ, (long)&calls));
}

/* Waits until the driver returns `wanted`, whose data is a transaction, and gives it. */
static struct binder_transaction_data wait_for(long fd, __u32 wanted)
{
	static char buffer[4096];

	for (;;) {
		struct binder_write_read calls = {
			.read_size = sizeof(buffer),
			.read_buffer = (binder_uintptr_t)buffer,
		};
		const char *at = buffer;

		check("read", call(SYS_ioctl, fd, BINDER_WRITE_READ, (long)&calls));
		while (at < buffer + calls.read_consumed) {
			__u32 command = *(const __u32 *)at;

			at += sizeof(command);
			if (command == wanted)
				return *(const struct binder_transaction_data *)at;
			if (command == BR_DEAD_REPLY || command == BR_FAILED_REPLY)
				check("reply", -(long)command);
			at += _IOC_SIZE(command);
		}
	}
}

static void send(long fd, __u32 command, const char *text, unsigned long length)
{
	/* Handle 0 is the context manager. */
	struct transaction transaction = {
		.command = command,
		.data = {
			.code = CODE,
			.data_size = length,
			.data.ptr.buffer = (binder_uintptr_t)text,
		},
	};

	write_commands(fd, &transaction, sizeof(transaction));
}

static void client(void)
{
	long fd = open_binder();
	struct binder_transaction_data reply;

	send(fd, BC_TRANSACTION, word, sizeof(word) - 1);
	reply = wait_for(fd, BR_REPLY);
	say("client got ");
	call(SYS_write, 1, reply.data.ptr.buffer, reply.data_size);
	say("\n");
}

static void manager(long fd)
{
	static char answer[sizeof(word)];
	const __u32 enter = BC_ENTER_LOOPER;
	struct binder_transaction_data request;
	const char *text;
	unsigned long at;

	write_commands(fd, &enter, sizeof(enter));
	request = wait_for(fd, BR_TRANSACTION);
	text = (const char *)request.data.ptr.buffer;
	report("manager got code", request.code);
	for (at = 0; at < request.data_size && at < sizeof(answer); at++)
		answer[at] = text[at] - ('a' - 'A');
	send(fd, BC_REPLY, answer, at);
}

static void guest(void)
{
	long fd = open_binder();
	long child;
	int status = -1;

	check("context manager", call(SYS_ioctl, fd, BINDER_SET_CONTEXT_MGR, 0));
	child = check("fork", call(SYS_fork, 0, 0, 0));
	if (child == 0) {
		client();
		return;
	}
	manager(fd);
	check("wait", syscall6(SYS_wait4, child, (long)&status, 0, 0, 0, 0));
	report("client ended with", status);
}
