// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The files of event queues: read_fd, fault_write.
 */
#include "internal.h"
#include <poll.h>
#include <string.h>

/* "poll=i": before reading.  A number that is no descriptor has none. */
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

	/* A file that has nothing to say about it. */
	if (events == -EINVAL)
		events = POLLIN | POLLOUT;
	step_print(run, " poll=");
	for (i = 0; events > 0 && i < ARRAY_SIZE(bits); i++)
		if (events & bits[i].bit)
			step_print(run, "%c", bits[i].letter);
}

/* FD COUNT */
int op_read_fd(struct run *run, const struct step *step)
{
	int fd = (int)step_arg(run, step, 0, 0);
	ssize_t at, ret;
	u32 word;

	print_poll(run, fd);
	ret = iommufd_model_read(fd, run->bytes, step_arg(run, step, 1, 0));
	for (at = 0; at + (ssize_t)sizeof(word) <= ret;
	     at += (ssize_t)sizeof(word)) {
		memcpy(&word, run->bytes + at, sizeof(word));
		step_print(run, "%s0x%x", at ? "," : " w=", word);
	}
	return (int)ret;
}

/* FD COOKIE CODE [count=] */
int op_fault_write(struct run *run, const struct step *step)
{
	const u32 response[2] = {
		(u32)step_arg(run, step, 1, 0), (u32)step_arg(run, step, 2, 0),
	};
	u64 count = step_key(run, step, 0, sizeof(response));

	memset(run->bytes, 0, count);
	memcpy(run->bytes, response, sizeof(response));
	return (int)iommufd_model_write((int)step_arg(run, step, 0, 0),
					run->bytes, count);
}
