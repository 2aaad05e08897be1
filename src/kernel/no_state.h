/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Static variables that are no part of the state of a test.
 *
 * The explorer compares all others when it asks whether a state was explored
 * before (../explore/memory.c).  So a variable that is marked must not have an
 * effect on what a thread of a test does; one that is not marked and differs
 * has the effect that more is explored than necessary.
 */
#ifndef NO_STATE_H
#define NO_STATE_H

#include <stddef.h>

struct iommufd_model_no_state {
	const void *start;
	size_t size;
};

#ifdef __ELF__
#define NO_STATE(variable)                                                    \
	static const struct iommufd_model_no_state __attribute__((            \
		used, section("iommufd_model_no_state"))) no_state_##variable \
		= { &(variable), sizeof(variable) }
#else
#define NO_STATE(variable) \
	typedef char no_state_##variable[1] __attribute__((unused))
#endif

#endif
