// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Ranges of IOVAs: reserved ranges, ranges that the user has allowed for
 * mappings, and the choice of a free range for a mapping.
 *
 * A reserved range has an owner, who gives all of its ranges back at once;
 * there are only a few for each owner, so they are kept in a list.  Reserved
 * ranges overlap neither allowed ranges nor areas.  Everything here is guarded
 * by iova_rwsem.
 */
#include "io_pagetable.h"

/* The largest alignment of automatic placement: a transparent huge page. */
#define MAX_AUTO_ALIGNMENT (2ul << 20)

struct iopt_allowed {
	unsigned long start, last;
};

struct iopt_reserved {
	struct hlist_node link;		/* ascending by @start */
	unsigned long start, last;
	void *owner;
};

/* The choice of a range */

/* The conditions for a range that is chosen for the user */
struct placement {
	unsigned long length;
	unsigned long alignment;
	unsigned long page_offset;
	unsigned long iova;		/* the result */
};

static bool fits(unsigned long first, unsigned long last, void *data)
{
	struct placement *p = data;
	unsigned long iova = first + (p->alignment - 1);

	if (iova < first)
		return false;
	iova = (iova & ~(p->alignment - 1)) | p->page_offset;
	if (iova >= last || last - iova < p->length - 1)
		return false;
	p->iova = iova;
	return true;
}

static struct iopt_reserved *first_reserved(struct io_pagetable *iopt,
					    unsigned long start,
					    unsigned long last)
{
	struct iopt_reserved *reserved;

	hlist_for_each_entry(reserved, &iopt->reserved, link)
		if (reserved->start <= last && reserved->last >= start)
			return reserved;
	return NULL;
}

/*
 * Find the lowest hole between the areas in [@start, @last] that is not
 * reserved.
 */
static bool place_in(struct io_pagetable *iopt, unsigned long start,
		     unsigned long last, struct placement *p)
{
	struct iopt_reserved *reserved;
	unsigned long end;

	for (;;) {
		reserved = first_reserved(iopt, start, last);
		end = reserved ? reserved->start : 0;
		if (!reserved)
			return range_find_hole(&iopt->areas, start, last,
					       p->length, fits, p);
		if (end > start &&
		    range_find_hole(&iopt->areas, start, end - 1, p->length,
				    fits, p))
			return true;
		if (reserved->last >= last)
			return false;
		start = iopt_max(start, reserved->last + 1);
	}
}

/*
 * Search one window of allowed ranges.  The first and the last page of the
 * address space are never chosen.
 */
static bool place_in_window(struct io_pagetable *iopt, unsigned long start,
			    unsigned long last, struct placement *p)
{
	start = iopt_max(start, PAGE_SIZE);
	last = iopt_min(last, ULONG_MAX - PAGE_SIZE);
	if (start > last || !fits(start, last, p))
		return false;
	return place_in(iopt, p->iova, last, p);
}

static bool place_anywhere(struct io_pagetable *iopt, struct placement *p)
{
	struct iopt_allowed *allowed, *next;
	unsigned long last;

	if (range_empty(&iopt->allowed))
		return place_in_window(iopt, 0, ULONG_MAX, p);
	allowed = range_first(&iopt->allowed, 0, ULONG_MAX);
	while (allowed) {
		/* Allowed ranges that touch each other are one window. */
		last = allowed->last;
		while (last != ULONG_MAX &&
		       (next = range_first(&iopt->allowed, last + 1, last + 1)))
			last = next->last;
		if (place_in_window(iopt, allowed->start, last, p))
			return true;
		if (last == ULONG_MAX)
			break;
		allowed = range_first(&iopt->allowed, last + 1, ULONG_MAX);
	}
	return false;
}

static unsigned long round_up_pow2(unsigned long x)
{
	return x <= 1 ? 1 : 1ul << (64 - __builtin_clzl(x - 1));
}

int iopt_choose_iova(struct io_pagetable *iopt, unsigned long addr,
		     unsigned long length, unsigned long *iova)
{
	struct placement p = {
		.length = length, .page_offset = addr & ~PAGE_MASK,
	};

	if (!length || length >= ULONG_MAX / 2)
		return -EOVERFLOW;
	p.alignment = round_up_pow2(length);
	if (addr)
		p.alignment = iopt_min(p.alignment, addr & -addr);
	p.alignment = iopt_min(p.alignment, MAX_AUTO_ALIGNMENT);
	if (p.alignment < iopt->iova_alignment)
		return -EINVAL;
	if (!place_anywhere(iopt, &p))
		return -ENOSPC;
	*iova = p.iova;
	return 0;
}

int iopt_check_iova(struct io_pagetable *iopt, unsigned long iova,
		    unsigned long length)
{
	unsigned long last;

	if (iova % iopt->iova_alignment)
		return -EINVAL;
	if (__builtin_add_overflow(iova, length - 1, &last))
		return -EOVERFLOW;
	if (first_reserved(iopt, iova, last))
		return -EINVAL;
	if (range_first(&iopt->areas, iova, last))
		return -EEXIST;
	return 0;
}

/* Reserved ranges */

int iopt_reserve_locked(struct io_pagetable *iopt, unsigned long start,
			unsigned long last, void *owner)
{
	struct iopt_reserved *reserved, *pos, *before = NULL;

	lockdep_assert_held_write(&iopt->iova_rwsem);
	if (range_first(&iopt->areas, start, last) ||
	    range_first(&iopt->allowed, start, last))
		return -EADDRINUSE;
	reserved = kzalloc(sizeof(*reserved), GFP_KERNEL_ACCOUNT);
	if (!reserved)
		return -ENOMEM;
	reserved->start = start;
	reserved->last = last;
	reserved->owner = owner;
	hlist_for_each_entry(pos, &iopt->reserved, link)
		if (pos->start <= start)
			before = pos;
	if (before)
		hlist_add_behind(&reserved->link, &before->link);
	else
		hlist_add_head(&reserved->link, &iopt->reserved);
	return 0;
}

int iopt_reserve_iova(struct io_pagetable *iopt, unsigned long start,
		      unsigned long last, void *owner)
{
	int rc;

	down_write(&iopt->iova_rwsem);
	rc = iopt_reserve_locked(iopt, start, last, owner);
	up_write(&iopt->iova_rwsem);
	return rc;
}

void iopt_unreserve_locked(struct io_pagetable *iopt, void *owner)
{
	struct iopt_reserved *reserved;
	struct hlist_node *next;

	hlist_for_each_entry_safe(reserved, next, &iopt->reserved, link) {
		if (reserved->owner != owner)
			continue;
		hlist_del(&reserved->link);
		kfree(reserved);
	}
}

void iopt_remove_reserved_iova(struct io_pagetable *iopt, void *owner)
{
	down_write(&iopt->iova_rwsem);
	iopt_unreserve_locked(iopt, owner);
	up_write(&iopt->iova_rwsem);
}

bool iopt_next_usable(struct io_pagetable *iopt, unsigned long from,
		      unsigned long *start, unsigned long *last)
{
	struct iopt_reserved *reserved;

	lockdep_assert_held(&iopt->iova_rwsem);
	while ((reserved = first_reserved(iopt, from, from))) {
		if (reserved->last == ULONG_MAX)
			return false;
		from = reserved->last + 1;
	}
	*start = from;
	reserved = first_reserved(iopt, from, ULONG_MAX);
	*last = reserved ? reserved->start - 1 : ULONG_MAX;
	return true;
}

/* Allowed ranges */

void iopt_clear_allowed(struct range_tree *allowed)
{
	struct iopt_allowed *entry;

	while ((entry = range_first(allowed, 0, ULONG_MAX))) {
		range_erase(allowed, entry->start);
		kfree(entry);
	}
}

int iopt_add_allowed(struct range_tree *allowed, unsigned long start,
		     unsigned long last)
{
	struct iopt_allowed *entry;
	int rc;

	if (start >= last)
		return -EINVAL;
	if (range_first(allowed, start, last))
		return -EINVAL;
	entry = kzalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT);
	if (!entry)
		return -ENOMEM;
	entry->start = start;
	entry->last = last;
	rc = range_insert(allowed, start, last, entry);
	if (rc)
		kfree(entry);
	return rc;
}

int iopt_set_allow_iova(struct io_pagetable *iopt, struct range_tree *allowed)
{
	struct iopt_reserved *reserved;
	struct range_tree old;
	int rc = 0;

	down_write(&iopt->iova_rwsem);
	hlist_for_each_entry(reserved, &iopt->reserved, link)
		if (range_first(allowed, reserved->start, reserved->last))
			rc = -EADDRINUSE;
	if (!rc) {
		old = iopt->allowed;
		iopt->allowed = *allowed;
		*allowed = old;
	}
	up_write(&iopt->iova_rwsem);
	iopt_clear_allowed(allowed);
	return rc;
}
