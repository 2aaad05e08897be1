/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Static variables that are no part of the state of a test.
 *
 * The explorer compares all others when it asks whether a state was explored
 * before (../explore/memory.c).  So a variable that is marked must not have an
 * effect on what a thread of a test does; one that is not marked and differs
 * has the effect that more is explored than necessary.
 *
 * A checkpoint of an execution (../explore/checkpoint.c) has all static
 * variables, those with NO_STATE() too.  NO_CHECKPOINT() is for variables that
 * are not part of the state and must keep their values when the explorer goes
 * back to a checkpoint, or that are not used between two operations and so are
 * not worth the copy.
 */
#ifndef NO_STATE_H
#define NO_STATE_H

#include <stdbool.h>
#include <stddef.h>

/* Aligned to its size, so that those of all files are an array. */
struct iommufd_model_no_state {
	const void *start;
	size_t size;
	bool no_checkpoint;
} __attribute__((aligned(32)));

#ifdef __ELF__
#define NO_STATE_MARK(variable, no_checkpoint)                                \
	static const struct iommufd_model_no_state __attribute__((            \
		used, section("iommufd_model_no_state"))) no_state_##variable \
		= { &(variable), sizeof(variable), no_checkpoint }
#else
#define NO_STATE_MARK(variable, no_checkpoint) \
	typedef char no_state_##variable[1] __attribute__((unused))
#endif

#define NO_STATE(variable) NO_STATE_MARK(variable, false)
#define NO_CHECKPOINT(variable) NO_STATE_MARK(variable, true)

#endif
