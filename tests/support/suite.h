/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Functions for all libcheck programs: a main() that runs one suite, groups of
 * tests with a fixture, threads that wait for each other, and a few short
 * operations on a context.
 */
#ifndef TESTS_SUPPORT_SUITE_H
#define TESTS_SUPPORT_SUITE_H

#include <iommufd_model/check.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* For functions in a header that not every program calls. */
#define UNUSED __attribute__((unused))

/* Run all tests of @suite.  Returns the exit code of main(). */
int run_suite(Suite *suite);

/* Add a group of tests with this fixture to @suite. */
TCase *case_with(Suite *suite, const char *name, SFun setup, SFun teardown);

/* Add a group of tests with the fixture of check.h: the observer runs. */
TCase *checked_case(Suite *suite, const char *name);

/* Yield until @cond is true.  If it never is, the time limit ends the test. */
#define until(cond) do {						\
	while (!(cond))							\
		sched_yield();						\
} while (0)

#define raise_flag(flag) __atomic_store_n(flag, 1, __ATOMIC_RELEASE)
#define flag_is_up(flag) __atomic_load_n(flag, __ATOMIC_ACQUIRE)

/* Yield until @n threads sleep in a wait with a timeout. */
void wait_for_sleepers(int n);

/* Make an IOAS as user space does; returns its id. */
u32 make_ioas(struct iommufd_ctx *ictx);

/* Do IOMMU_DESTROY; returns its result. */
int user_destroy(struct iommufd_ctx *ictx, u32 id);

/* Return the published object with this id, without a reference. */
struct iommufd_object *peek(struct iommufd_ctx *ictx, u32 id);

/*
 * Check that every counter is the sum of the references that the observer
 * knows.
 */
#define ck_assert_balanced() \
	ck_assert_uint_eq(iommufd_model_unbalanced(), 0)

/* Expect this warning; the test fails if it is not given. */
void expect_warning(const char *warning);

/* Return how many allocations of the model are not freed. */
unsigned long nr_leaks(void);

/*
 * Close the context, and check that all references add up and all memory is
 * freed.
 */
void close_clean(struct iommufd_ctx *ictx);

/*
 * Run @act in a process of its own.  Returns true if @act returns true, and all
 * expected warnings and no others are given.  The process is needed for a
 * WARN_ONCE, which is given only once in a process.
 */
bool in_a_fresh_process(bool (*act)(void));

#endif
