// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Kernel memory, which is allocated with the C library's malloc() or from a
 * heap that replaces it.
 *
 * A header precedes each allocation.  The headers of all live allocations are
 * on one list, which a lock word protects.  The lock is held for only a few
 * instructions.  It is not one of the ground's locks, because it must not be
 * visible at the gate.
 */
#include "ground.h"
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAMILY_KMALLOC 0x6b6d616cu
#define FAMILY_KVMALLOC 0x6b766d61u
#define FAMILY_CACHE 0x63616368u /* an object of a kmem_cache */
#define FAMILY_FREED 0x66726565u

struct header {
	struct list_head link;
	size_t size;
	const struct iommufd_model_site *site;
	const struct iommufd_model_label *label;
	unsigned int number;
	unsigned int family;
} __attribute__((aligned(16)));

static LIST_HEAD(live);
NO_STATE(live);
static int live_lock;
static unsigned int nr_allocations;
NO_STATE(nr_allocations);
static unsigned int fail_nth, fail_from;
static unsigned long nr_failed;
static bool fail_armed;
bool (*iommufd_model_fault_source)(void);
static unsigned int marked;
/* cached, because the next lookup often finds the same */
static struct header *found_last;
NO_STATE(found_last);
static const struct iommufd_model_heap *heap;

static void lock_live(void)
{
	int free = 0;

	tsan_hide_explored();
	while (!IOMMUFD_MODEL_REPLACE(&live_lock, &free, 1, __ATOMIC_ACQUIRE)) {
		sched_yield();
		free = 0;
	}
}

static void unlock_live(void)
{
	__atomic_store_n(&live_lock, 0, __ATOMIC_RELEASE);
	tsan_show_explored();
}

/*
 * Returns true if allocation @number must fail; the lock of the list is held.
 */
static bool must_fail(unsigned int number)
{
	if ((!fail_nth || number != fail_nth) &&
	    (!fail_from || number < fail_from) && !iommufd_model_chosen())
		return false;
	nr_failed++;
	return true;
}

/* Decides whether the allocation that was just counted must fail. */
static bool is_faulty(void)
{
	if (__builtin_expect(fail_armed || iommufd_model_scheduler, 0) &&
	    must_fail(nr_allocations))
		return true;
	return __builtin_expect(!!iommufd_model_fault_source, 0) &&
	       iommufd_model_fault_source();
}

static struct header *get_memory(size_t total, bool zero)
{
	if (__builtin_expect(!!heap, 0))
		return heap->get(total, zero);
	return zero ? calloc(1, total) : malloc(total);
}

static void put_memory(struct header *header)
{
	if (__builtin_expect(!!heap, 0) && heap->owns(header + 1))
		heap->put(header + 1, header->size);
	else
		free(header);
}

static void *do_alloc(size_t n, size_t size, gfp_t gfp, bool kv,
		      const struct iommufd_model_site *site)
{
	struct header *header = NULL;
	size_t total;

	/* No allocator of a kernel gives more than INT_MAX bytes at once. */
	if (!__builtin_mul_overflow(n, size, &total) && total <= INT_MAX)
		header = get_memory(total + sizeof(*header), gfp & __GFP_ZERO);
	if (header) {
		header->size = n * size;
		header->label = NULL;
		header->site = site;
	}
	lock_live();
	nr_allocations++;
	if (!(gfp & __GFP_NOFAIL) && is_faulty()) {
		unlock_live();
		if (header)
			put_memory(header);
		return NULL;
	}
	if (!header) {
		unlock_live();
		return NULL;
	}
	header->number = nr_allocations;
	header->family = kv ? FAMILY_KVMALLOC : FAMILY_KMALLOC;
	list_add_tail(&header->link, &live);
	unlock_live();
	return header + 1;
}

bool iommufd_model_fault(void)
{
	bool fault;

	lock_live();
	nr_allocations++;
	fault = is_faulty();
	unlock_live();
	return fault;
}

void *iommufd_model_alloc(size_t n, size_t size, gfp_t gfp, bool kv,
			  const struct iommufd_model_site *site)
{
	struct iommufd_model_op op = {
		.kind = IOMMUFD_MODEL_OP_ALLOC, .site = site,
	};
	void *p;

	iommufd_model_might_alloc(gfp, site->what, site);
	if (!IOMMUFD_MODEL_GATE_OPEN())
		return do_alloc(n, size, gfp, kv, site);
	op.arg = (long)(n * size);
	op.before = !!(gfp & __GFP_NOFAIL);
	iommufd_model_gate_step(&op);
	p = do_alloc(n, size, gfp, kv, site);
	op.addr = p;
	op.after = (long)p;
	iommufd_model_gate_event(&op);
	return p;
}

/* Returns the header of @p, or NULL after a WARN. */
static struct header *header_of(const void *p, bool kv,
				const struct iommufd_model_site *site)
{
	struct header *header = (struct header *)(uintptr_t)p - 1;

	switch (header->family) {
	case FAMILY_KMALLOC:
	case FAMILY_CACHE:
		return header;
	case FAMILY_KVMALLOC:
		if (!kv)
			iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_ALLOCATOR,
					     site, p,
					     "allocator mismatch: kfree of %s, "
					     "which kvmalloc gave", site->what);
		return header;
	case FAMILY_FREED:
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_DOUBLE_FREE, site,
				     NULL, "double free of %s", site->what);
		return NULL;
	default:
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_ALLOCATOR, site,
				     NULL, "free of %s, not an allocation",
				     site->what);
		return NULL;
	}
}

void iommufd_model_free(const void *p, bool kv,
			const struct iommufd_model_site *site)
{
	struct iommufd_model_op op = {
		.kind = IOMMUFD_MODEL_OP_FREE, .addr = p, .site = site,
	};
	const struct iommufd_model_label *cache = NULL;
	struct header *header;

	if (ZERO_OR_NULL_PTR(p))
		return;
	header = header_of(p, kv, site);
	if (!header)
		return;
	if (header->family == FAMILY_CACHE)
		cache = header->label;
	if (current_task()->nr_held)
		iommufd_model_lockdep_freed(p, header->size, site);
	if (IOMMUFD_MODEL_GATE_OPEN()) {
		/* The event precedes the free, while @p is still valid. */
		op.arg = (long)header->size;
		iommufd_model_gate_step(&op);
		iommufd_model_gate_event(&op);
	}
	lock_live();
	list_del(&header->link);
	if (found_last == header)
		found_last = NULL;
	header->family = FAMILY_FREED;
	unlock_live();
	if (heap || !iommufd_model_freed(header, p, header->size, site))
		put_memory(header);
	if (cache)
		iommufd_model_cache_left(cache, site);
}

void iommufd_model_slab_enter(const void *p,
			      const struct iommufd_model_label *label)
{
	((struct header *)(uintptr_t)p - 1)->family = FAMILY_CACHE;
	iommufd_model_label(p, label);
}

bool iommufd_model_slab_is_other(const void *p,
				 const struct iommufd_model_label *label)
{
	const struct header *header = (const struct header *)p - 1;

	return header->family == FAMILY_KMALLOC ||
	       header->family == FAMILY_KVMALLOC ||
	       (header->family == FAMILY_CACHE && header->label != label);
}

size_t iommufd_model_ksize(const void *p, const struct iommufd_model_site *site)
{
	struct header *header;

	if (ZERO_OR_NULL_PTR(p))
		return 0;
	header = header_of(p, true, site);
	return header ? header->size : 0;
}

void iommufd_model_free_sensitive(const void *p, bool kv,
				  const struct iommufd_model_site *site)
{
	size_t size = iommufd_model_ksize(p, site);

	if (size)
		memset((void *)(uintptr_t)p, 0, size);
	iommufd_model_free(p, kv, site);
}

void *iommufd_model_realloc(const void *p, size_t n, size_t size, gfp_t gfp,
			    bool kv, const struct iommufd_model_site *site)
{
	size_t total, old = iommufd_model_ksize(p, site);
	void *now;

	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	if (!total) {
		iommufd_model_free(p, kv, site);
		return ZERO_SIZE_PTR;
	}
	if (!ZERO_OR_NULL_PTR(p) && total <= old)
		/* an allocation that is large enough is not moved */
		return (void *)(uintptr_t)p;
	now = iommufd_model_alloc(n, size, gfp, kv, site);
	if (!now || ZERO_OR_NULL_PTR(p))
		return now;
	memcpy(now, p, old);
	iommufd_model_free(p, kv, site);
	return now;
}

size_t iommufd_model_slab_header(void)
{
	return sizeof(struct header);
}

void iommufd_model_set_heap(const struct iommufd_model_heap *new_heap)
{
	heap = new_heap;
}

unsigned int iommufd_model_slab_mark(void)
{
	lock_live();
	marked = nr_allocations;
	unlock_live();
	return marked;
}

void iommufd_model_slab_rewind(void)
{
	struct header *header;
	struct list_head *pos;

	lock_live();
	/*
	 * New allocations are at the end.  Their numbers wrap around, so
	 * compare differences.
	 */
	for (pos = live.prev; pos != &live;) {
		header = list_entry(pos, struct header, link);
		if ((int)(header->number - marked) <= 0)
			break;
		pos = pos->prev;
		if (heap && heap->owns(header + 1))
			list_del(&header->link);
	}
	found_last = NULL;
	nr_allocations = marked;
	unlock_live();
}

void iommufd_model_slab_restored(void)
{
	live.prev->next = &live;
}

void iommufd_model_label(const void *p, const struct iommufd_model_label *label)
{
	struct header *header = (struct header *)(uintptr_t)p - 1;

	/* The owner sets it, and others only read it: no lock is needed. */
	__atomic_store_n(&header->label, label, __ATOMIC_RELAXED);
}

static void fill_in(struct iommufd_model_allocation *out,
		    const struct header *header)
{
	const struct iommufd_model_label *label =
		__atomic_load_n(&header->label, __ATOMIC_RELAXED);

	out->addr = header + 1;
	out->size = header->size;
	out->number = header->number;
	out->label = label ? label->name : NULL;
	out->id = 0;
	if (label && label->id_offset)
		out->id = *(const unsigned int *)(const void *)
			((const char *)out->addr + label->id_offset);
	out->site = header->site;
}

void iommufd_model_slab_allocation(const void *p,
				   struct iommufd_model_allocation *out)
{
	fill_in(out, (const struct header *)p - 1);
}

static bool contains(const struct header *header, const void *addr)
{
	return (uintptr_t)addr - (uintptr_t)(header + 1) < header->size;
}

static bool find_allocation(const void *addr,
			    struct iommufd_model_allocation *out)
{
	struct list_head *pos;
	bool found;

	lock_live();
	/*
	 * Search the newest first, because callers mostly ask about a new
	 * allocation.
	 */
	for (pos = live.prev;
	     (!found_last || !contains(found_last, addr)) && pos != &live;
	     pos = pos->prev)
		found_last = list_entry(pos, struct header, link);
	found = found_last && contains(found_last, addr);
	if (found)
		fill_in(out, found_last);
	unlock_live();
	return found;
}

bool iommufd_model_find_allocation_sized(const void *addr,
					 struct iommufd_model_allocation *out,
					 size_t size)
{
	struct iommufd_model_allocation found;

	if (!find_allocation(addr, &found))
		return false;
	memset(out, 0, size);
	memcpy(out, &found, size < sizeof(found) ? size : sizeof(found));
	return true;
}

const char *iommufd_model_describe(const void *addr, char *buf, size_t size)
{
	struct iommufd_model_allocation a;

	buf[0] = 0;
	if (!find_allocation(addr, &a))
		return buf;
	if (a.label && a.id)
		snprintf(buf, size, "%s %u", a.label, a.id);
	else if (a.label)
		snprintf(buf, size, "%s", a.label);
	else
		snprintf(buf, size, "%zu bytes allocated by %s", a.size,
			 a.site->func);
	return buf;
}

unsigned long iommufd_model_allocations(void)
{
	unsigned long n;

	lock_live();
	n = nr_allocations;
	unlock_live();
	return n;
}

unsigned long
iommufd_model_leaks(unsigned long after,
		    void (*fn)(const struct iommufd_model_allocation *, void *),
		    void *data)
{
	struct iommufd_model_allocation allocation;
	struct header *header;
	unsigned long n = 0;

	lock_live();
	list_for_each_entry(header, &live, link) {
		if (header->number <= after)
			continue;
		n++;
		if (fn) {
			fill_in(&allocation, header);
			fn(&allocation, data);
		}
	}
	unlock_live();
	return n;
}

static void arm(unsigned int *which, unsigned long n)
{
	lock_live();
	if (n)
		*which = nr_allocations + (unsigned int)n;
	else
		fail_nth = fail_from = 0;
	nr_failed = 0;
	fail_armed = fail_nth || fail_from;
	unlock_live();
}

void iommufd_model_fail_nth(unsigned long n)
{
	arm(&fail_nth, n);
}

void iommufd_model_fail_from(unsigned long n)
{
	arm(&fail_from, n);
}

unsigned long iommufd_model_failed(void)
{
	unsigned long n;

	lock_live();
	n = nr_failed;
	unlock_live();
	return n;
}
