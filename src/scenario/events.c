// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Operations on the files of event queues: read_fd, fault_write.
 */
#include "internal.h"
#include <poll.h>
#include <string.h>

/*
 * Print "poll=" and the events that are ready before the read; nothing for a
 * bad fd.
 */
static void print_poll(struct run *run, int fd)
{
	static const struct {
		short bit;
		char letter;
	} bits[] = {
		{ POLLIN, 'i' }, { POLLOUT, 'o' }, { POLLERR, 'e' },
		{ POLLHUP, 'h' },
	};
	int events = iommufd_model_poll(fd);
	size_t i;

	field_print(run, " poll=");
	for (i = 0; events > 0 && i < ARRAY_SIZE(bits); i++)
		if (events & bits[i].bit)
			field_print(run, "%c", bits[i].letter);
}

/* Executes "read_fd FD COUNT". */
int op_read_fd(struct run *run, const struct line *line)
{
	int fd = (int)line_arg(run, line, 0, 0);
	ssize_t at, ret;
	u32 item;

	print_poll(run, fd);
	ret = iommufd_model_read(fd, run->bytes, line_arg(run, line, 1, 0));
	for (at = 0; at + (ssize_t)sizeof(item) <= ret;
	     at += (ssize_t)sizeof(item)) {
		memcpy(&item, run->bytes + at, sizeof(item));
		field_print(run, "%s0x%x", at ? "," : " w=", item);
	}
	return (int)ret;
}

/* Executes "fault_write FD COOKIE CODE [count=]". */
int op_fault_write(struct run *run, const struct line *line)
{
	const u32 response[2] = {
		(u32)line_arg(run, line, 1, 0), (u32)line_arg(run, line, 2, 0),
	};
	u64 count = line_key(run, line, 0, sizeof(response));

	memset(run->bytes, 0, count);
	memcpy(run->bytes, response, sizeof(response));
	return (int)iommufd_model_write((int)line_arg(run, line, 0, 0),
					run->bytes, count);
}
