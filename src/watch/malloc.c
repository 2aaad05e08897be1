// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * malloc() and related functions for watched code, whose flags give them these
 * names.  Memory that such code frees while an explored execution runs is given
 * to the C library only when the execution has ended.  So its address is not
 * used again until then, and an access to it is found.
 *
 * Memory that was allocated under the C library's own names, as by strdup(),
 * may be freed by these functions, and the other way round.
 */
#define _GNU_SOURCE
#include <iommufd_model/watch.h>
#ifdef __APPLE__
#include <malloc/malloc.h>
#define malloc_usable_size malloc_size
#else
#include <malloc.h>
#endif
#include <stdlib.h>
#include <string.h>

void *iommufd_model_watch_malloc(size_t size);
void *iommufd_model_watch_calloc(size_t nr, size_t size);
void *iommufd_model_watch_realloc(void *p, size_t size);
void iommufd_model_watch_free(void *p);

static void release(void *p, const void *pc)
{
	if (p && !iommufd_model_watch_released(p, malloc_usable_size(p), pc))
		free(p);
}

void *iommufd_model_watch_malloc(size_t size)
{
	void *p = malloc(size);

	iommufd_model_watch_allocated(p, size);
	return p;
}

void *iommufd_model_watch_calloc(size_t nr, size_t size)
{
	void *p = calloc(nr, size);

	if (p)
		iommufd_model_watch_allocated(p, nr * size);
	return p;
}

/* While accesses are watched, the memory always moves. */
void *iommufd_model_watch_realloc(void *p, size_t size)
{
	size_t old;
	void *now;

	if (!iommufd_model_watch_active() || !p)
		return p ? realloc(p, size) : iommufd_model_watch_malloc(size);
	now = iommufd_model_watch_malloc(size);
	if (!now)
		return NULL;
	old = malloc_usable_size(p);
	memcpy(now, p, old < size ? old : size);
	release(p, __builtin_return_address(0));
	return now;
}

void iommufd_model_watch_free(void *p)
{
	release(p, __builtin_return_address(0));
}
