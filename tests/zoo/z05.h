/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A FAULT whose creation may fail after its file was made: there is no memory
 * for one more descriptor.
 */
#ifndef TESTS_ZOO_Z05_H
#define TESTS_ZOO_Z05_H

#include "ioctls.h"
#include "zoo.h"
#include <iommufd_model/model.h>
#include <iommufd_model/uapi.h>

static int fd, first_fd, event_fd;

/*
 * The ctx gets the last descriptor for which there is room; the next one needs
 * memory.
 */
static void open_ctx(void *unused)
{
	(void)unused;
	first_fd = iommufd_model_set_first_fd(63);
	event_fd = -1;
	fd = iommufd_model_open();
	iommufd_model_assert(fd == 63);
}

static void make_queue(void *unused)
{
	(void)unused;
	ioctl_fault(fd, &event_fd);
}

static void close_all(void *unused)
{
	(void)unused;
	if (event_fd >= 0)
		iommufd_model_close(event_fd);
	iommufd_model_close(fd);
	iommufd_model_set_first_fd(first_fd);
}

#endif
