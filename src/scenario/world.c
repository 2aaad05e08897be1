// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The state of a running scenario: the memory that it names and, for itself and
 * for each of its threads, the names, slots and mappings.
 *
 * A thread works on copies of what the scenario has when the threads start.  So
 * threads share only the model, and the value of a name does not depend on
 * their order.  At the join the scenario takes over, thread after thread, what
 * differs from the values at the start.
 *
 * The state of the model is not touched here.  A world is created once and
 * reset before each execution of an exploration, even if the last execution was
 * abandoned half-way and the world not closed.
 */
#include "internal.h"
#include <fcntl.h>
#include <iommufd_model/kernel/page.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static size_t names_size(const struct scenario *s)
{
	return s->nr_names * sizeof(u64);
}

/* Return memory for the values of all names: @few, if that is enough. */
static u64 *values_alloc(const struct scenario *s, u64 few[FEW_NAMES])
{
	return s->nr_names > FEW_NAMES ? malloc(names_size(s)) : few;
}

static void values_free(const struct scenario *s, u64 *values)
{
	if (s->nr_names > FEW_NAMES)
		free(values);
}

static bool run_init(struct run *run, const struct scenario *s)
{
	run->scenario = s;
	run->names = values_alloc(s, run->few_names);
	run->fields = run->own_fields = calloc(1, sizeof(*run->fields));
	return run->names && run->fields && uapi_init(run);
}

static void run_exit(struct run *run)
{
	if (!run->scenario)
		return;
	uapi_exit(run);
	if (run->own_fields)
		text_free(run->own_fields);
	free(run->own_fields);
	free(run->mappings);
	values_free(run->scenario, run->names);
}

/*
 * Makes the file of "$memfd".  Its number is as high as possible, so that it is
 * not a number that the scenario gets when it opens descriptors of the library;
 * these are looked up first.  If there is no file, "$memfd" is a bad
 * descriptor.
 */
static int memfd_open(void)
{
	int low = memfd_create("scenario", MFD_CLOEXEC), high;
	struct rlimit limit;

	if (low < 0 || getrlimit(RLIMIT_NOFILE, &limit))
		return low;
	high = fcntl(low, F_DUPFD_CLOEXEC, (int)(limit.rlim_cur - 16));
	if (high < 0)
		return low;
	close(low);
	return high;
}

/* Sets the contents of the file to zero. */
static void memfd_reset(int fd)
{
	if (fd < 0 || ftruncate(fd, 0) || ftruncate(fd, MEMFD_SIZE))
		return;
}

/* Forgets the values of all names, the open slots and the mappings. */
static void run_reset(struct run *run, int memfd)
{
	unsigned int i;

	memset(run->names, 0, names_size(run->scenario));
	run->names[MEMFD_NAME] = (u32)memfd;
	for (i = 0; i < NR_SLOTS; i++)
		run->slots[i] = -1;
	run->slot = 0;
	run->nr_mappings = 0;
}

static const char *map_areas(struct world *world)
{
	/* The caller reads it when the world is gone. */
	static char why[80];
	const char *area;
	u64 base;

	area = areas_map(world->scenario->areas, &base);
	if (area) {
		snprintf(why, sizeof(why),
			 "cannot map %s at 0x%llx: the address is in use", area,
			 base);
		return why;
	}
	iommufd_model_set_page_map(area_pfn, NULL);
	world->old_first_fd = iommufd_model_set_first_fd(FIRST_FD);
	world->mapped = true;
	return NULL;
}

const char *world_init(struct world *world, const struct scenario *s)
{
	unsigned int i;

	memset(world, 0, sizeof(*world));
	world->scenario = s;
	world->memfd = memfd_open();
	memfd_reset(world->memfd);
	world->names = values_alloc(s, world->few_names);
	if (!world->names || !run_init(&world->main, s))
		return "out of memory";
	run_reset(&world->main, world->memfd);
	for (i = 0; i < s->nr_threads; i++)
		if (!run_init(&world->threads[i], s))
			return "out of memory";
	return map_areas(world);
}

void world_exit(struct world *world)
{
	unsigned int i;

	if (world->mapped) {
		iommufd_model_set_first_fd(world->old_first_fd);
		iommufd_model_set_page_map(NULL, NULL);
		areas_unmap(world->scenario->areas);
	}
	for (i = 0; i < world->scenario->nr_threads; i++)
		run_exit(&world->threads[i]);
	run_exit(&world->main);
	if (world->memfd >= 0)
		close(world->memfd);
	values_free(world->scenario, world->names);
}

void world_reset(struct world *world)
{
	const struct scenario *s = world->scenario;
	unsigned int i;

	run_reset(&world->main, world->memfd);
	if (!s->stores)
		return;
	memfd_reset(world->memfd);
	areas_reset(s->areas);
	uapi_reset(&world->main);
	for (i = 0; i < s->nr_threads; i++)
		uapi_reset(&world->threads[i]);
}

bool world_fork(struct world *world)
{
	const struct run *from = &world->main;
	size_t size = names_size(world->scenario);
	struct run *run = world->threads;
	unsigned int i;

	memcpy(world->names, from->names, size);
	memcpy(world->slots, from->slots, sizeof(world->slots));
	world->nr_mappings = from->nr_mappings;
	for (i = 0; i < world->scenario->nr_threads; i++, run++) {
		memcpy(run->names, from->names, size);
		memcpy(run->slots, from->slots, sizeof(run->slots));
		run->slot = from->slot;
		run->nr_mappings = 0;
		if (!mappings_merge(run, from, 0))
			return false;
	}
	return true;
}

static bool join_one(struct world *world, const struct run *run)
{
	struct run *to = &world->main;
	unsigned int i;

	for (i = 0; i < world->scenario->nr_names; i++)
		if (run->names[i] != world->names[i])
			to->names[i] = run->names[i];
	for (i = 0; i < NR_SLOTS; i++)
		if (run->slots[i] != world->slots[i])
			to->slots[i] = run->slots[i];
	return mappings_merge(to, run, world->nr_mappings);
}

bool world_join(struct world *world)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < world->scenario->nr_threads; i++)
		good = join_one(world, &world->threads[i]) && good;
	return good;
}

void world_close(struct world *world)
{
	munmap_all(&world->main);
	close_all(world->scenario);
}
