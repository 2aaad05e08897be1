/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Reads of page tables: included before the sources of generic_pt.
 *
 * To free a table, or to look for the end of a hole, all of its entries are
 * read, and most are empty.  If each read were a step of the explorer, three of
 * four steps of an execution would be such reads.  So a run of empty entries,
 * read one after the other with no other operation in between, is one step: the
 * first one.  The price is that, if another thread fills one of the other
 * entries, the explorer does not try both orders of the fill and the read.  An
 * entry that is not empty, and each single entry that is looked up, is a step.
 */
#ifndef TREE_TABLE_READS_H
#define TREE_TABLE_READS_H

#include <iommufd_model/kernel/gate.h>
#include <iommufd_model/kernel/types.h>

/* gate.c: how many operations began at the gate, of all threads */
extern unsigned long iommufd_model_gate_steps;

/*
 * The entry that continues a run, if no operation has come after the last read.
 * These are not variables of the tree, of which one thread runs at a time.  They
 * are volatile, so that the accesses do not race if the tree is watched.
 */
static const volatile void *volatile tree_run_next;
static volatile unsigned long tree_run_steps;

/*
 * True if this read continues a run of empty entries.  Freed memory is not
 * mistaken for empty entries, as the explorer fills it with other bytes than 0.
 */
static inline bool tree_in_run(const volatile void *entry, size_t size)
{
	if (!IOMMUFD_MODEL_GATE_OPEN() || size != sizeof(u64) ||
	    tree_run_next != entry ||
	    tree_run_steps != iommufd_model_gate_steps ||
	    *(const volatile u64 *)entry)
		return false;
	tree_run_next = (const volatile u64 *)entry + 1;
	return true;
}

static inline void tree_entry_read(const volatile void *entry, u64 value)
{
	tree_run_next = value ? NULL : (const volatile u64 *)entry + 1;
	tree_run_steps = iommufd_model_gate_steps;
}

#undef READ_ONCE
#define READ_ONCE(x) TREE_READ(x, __COUNTER__)
#define TREE_READ(x, n) TREE_READ_(x, n)
#define TREE_READ_(x, n) __extension__({				\
	/* @x is evaluated once: it may contain an operation. */	\
	__typeof__(&(x)) at##n = &(x);					\
	__typeof__(__atomic_load_n(at##n, __ATOMIC_RELAXED)) value##n = 0; \
	if (!tree_in_run(at##n, sizeof(*at##n))) {			\
		const struct iommufd_model_site *site##n =		\
			__IOMMUFD_MODEL_ONCE(READ_ONCE, at##n, #x);	\
									\
		value##n = __atomic_load_n(at##n, __ATOMIC_RELAXED);	\
		__IOMMUFD_MODEL_DONE(READ_ONCE, at##n, value##n, site##n); \
		tree_entry_read(at##n, (u64)value##n);			\
	}								\
	value##n;							\
})

#endif
