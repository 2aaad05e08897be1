// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memcpy(), memmove() and memset() for code that clang 14 compiled, which calls
 * them to copy a struct or to clear an array, and does not report this in
 * another way.
 *
 * The linker makes every call in the program come here, including those of code
 * that is not watched.  A call of watched code is recognised by its stack
 * frame: each function of watched code reports its frame when it begins and
 * when it ends, and a call from it has the same frame.  A function that is not
 * watched has another frame, even if it was called by watched code.
 *
 * The explorer's threads have stacks of their own, and only one runs at a time,
 * so one table has the frames of all of them.
 */
#include <iommufd_model/watch.h>

/*
 * Identifies the frame of the caller: on x86-64 by its end, which does not
 * depend on a frame pointer.  On other machines clang does not offer that, but
 * the flags of watched code make it keep a frame pointer there.
 */
#ifdef __x86_64__
#define CALLER __builtin_dwarf_cfa()
#else
#define CALLER (*(void **)__builtin_frame_address(0))
#endif

#define TABLE_BITS 14
#define NEAR 8			/* largest distance of a frame from its slot */

static const void *frames[(1u << TABLE_BITS) + NEAR];

void *__real_memcpy(void *to, const void *from, size_t size);
void *__real_memmove(void *to, const void *from, size_t size);
void *__real_memset(void *to, int value, size_t size);
void *__wrap_memcpy(void *to, const void *from, size_t size);
void *__wrap_memmove(void *to, const void *from, size_t size);
void *__wrap_memset(void *to, int value, size_t size);
void iommufd_model_watch_enter(const void *frame);
void iommufd_model_watch_leave(const void *frame);

static const void **first_slot(const void *frame)
{
	return &frames[((uintptr_t)frame >> 3) * 0x9e3779b97f4a7c15ull >>
		       (64 - TABLE_BITS)];
}

/* Find @what in the slots for @frame.  Returns its slot, or NULL. */
static const void **slot_of(const void *frame, const void *what)
{
	const void **slot = first_slot(frame);
	int i;

	for (i = 0; i < NEAR; i++)
		if (slot[i] == what)
			return &slot[i];
	return NULL;
}

void iommufd_model_watch_enter(const void *frame)
{
	const void **slot = slot_of(frame, frame);

	slot = slot ? slot : slot_of(frame, NULL);
	/*
	 * If all are in use, by frames that executions left behind when they
	 * failed, take the first.
	 */
	slot = slot ? slot : first_slot(frame);
	*slot = frame;
}

void iommufd_model_watch_leave(const void *frame)
{
	const void **slot = slot_of(frame, frame);

	if (slot)
		*slot = NULL;
}

static bool is_watched(const void *frame)
{
	return iommufd_model_watch_active() && slot_of(frame, frame);
}

void *__wrap_memcpy(void *to, const void *from, size_t size)
{
	const void *pc = __builtin_return_address(0);

	if (is_watched(CALLER)) {
		iommufd_model_watch_access(from, size, 0, pc);
		iommufd_model_watch_access(to, size, IOMMUFD_MODEL_WATCH_WRITE,
					   pc);
	}
	return __real_memcpy(to, from, size);
}

void *__wrap_memmove(void *to, const void *from, size_t size)
{
	const void *pc = __builtin_return_address(0);

	if (is_watched(CALLER)) {
		iommufd_model_watch_access(from, size, 0, pc);
		iommufd_model_watch_access(to, size, IOMMUFD_MODEL_WATCH_WRITE,
					   pc);
	}
	return __real_memmove(to, from, size);
}

void *__wrap_memset(void *to, int value, size_t size)
{
	if (is_watched(CALLER))
		iommufd_model_watch_access(to, size, IOMMUFD_MODEL_WATCH_WRITE,
					   __builtin_return_address(0));
	return __real_memset(to, value, size);
}
