// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Messages that are sent over a link. */
#include "link.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

bool link_send(int link, const struct link_message *message, int fd)
{
	struct iovec iov = { (void *)(uintptr_t)message, sizeof(*message) };
	union control control = { .room = { 0 } };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (fd >= 0) {
		header.msg_control = &control;
		header.msg_controllen = sizeof(control.room);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	do
		n = sendmsg(link, &header, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == sizeof(*message);
}

bool link_receive(int link, struct link_message *message, int *fd)
{
	struct iovec iov = { message, sizeof(*message) };
	union control control;
	struct msghdr header = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *got;
	ssize_t n;

	*fd = -1;
	do
		n = recvmsg(link, &header, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	got = n > 0 ? CMSG_FIRSTHDR(&header) : NULL;
	if (got && got->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(got), sizeof(*fd));
	return n == sizeof(*message);
}

bool link_make(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return false;
	ends[0] = preload_make_private(ends[0]);
	ends[1] = preload_make_private(ends[1]);
	preload_set_kind(ends[0], KIND_LINK);
	preload_set_kind(ends[1], KIND_LINK);
	return true;
}
