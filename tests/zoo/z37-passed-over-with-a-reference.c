// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-37: an unmap takes a reference to a queue's access, and then skips the
 * access.
 */
#include "queue.h"

/* The address after the area in which the queue is. */
#define OTHER (IOVA + sizeof(memory))

static char other[PAGE_SIZE] __attribute__((aligned(4096)));
static u32 queue, access_fd;

/* A driver pins the other area, and unpins it when it is asked to. */
static void pin_other(void)
{
	struct iommu_test_cmd cmd = { .size = 0 };

	cmd.create_access.flags = MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES;
	iommufd_model_assert(
		!ioctl_test(fd, IOMMU_TEST_OP_CREATE_ACCESS, 1, &cmd));
	access_fd = cmd.create_access.out_access_fd;
	memset(&cmd, 0, sizeof(cmd));
	cmd.access_pages.iova = OTHER;
	cmd.access_pages.length = sizeof(other);
	iommufd_model_assert(!ioctl_test(fd, IOMMU_TEST_OP_ACCESS_PAGES,
					 access_fd, &cmd));
}

static void open_two_areas(void *unused)
{
	open_viommu(unused);
	queue = make_queue(0);
	iommufd_model_assert(!ioctl_map(fd, 1, OTHER, other, sizeof(other)));
	pin_other();
}

static void unmap_other_then_destroy(void *unused)
{
	(void)unused;
	iommufd_model_assert(!ioctl_unmap(fd, 1, OTHER, sizeof(other)));
	iommufd_model_assert(!destroy(queue));
}

static void close_both(void *unused)
{
	iommufd_model_close((int)access_fd);
	close_ctx(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z37-passed-over-with-a-reference",
	.title = "skipped with a reference",
	.when = "up to 7.1",
	.family = "notification",
	.lesson = "test before you take a reference: a path that skips an "
		  "object must hold none",
	.wrong = "An unmap that meets a pin asks the accesses of the IOAS to "
		 "unpin. It takes a reference to each access, and only then "
		 "tests whether the access is a queue's, which cannot be "
		 "asked. It skips such an access and keeps the reference. The "
		 "queue itself uses another area and has nothing to do with "
		 "the unmap. Its destroy waits for the reference for ever.",
	.right = "First test whether the access is internal, then take the "
		 "reference.",
	.rule = "R-ACC-15: internal accesses are skipped",
	.fails = IOMMUFD_MODEL_FAIL_TIMEOUT,
	.says = "wait_cnt",
	.test = {
		.name = "skipped with a reference",
		.setup = open_two_areas,
		.threads = { { "user", unmap_other_then_destroy } },
		.after = close_both,
	},
};
