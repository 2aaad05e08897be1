/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What all libcheck programs share: a main() that runs one suite, groups of
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

/* For functions of a header that not every program calls. */
#define UNUSED __attribute__((unused))

/* Run all tests of @suite; the exit code of main(). */
int run_suite(Suite *suite);

/* A group of tests with this fixture; added to @suite. */
TCase *case_with(Suite *suite, const char *name, SFun setup, SFun teardown);

/* A group of tests with the fixture of check.h: the observer runs. */
TCase *checked_case(Suite *suite, const char *name);

/* Yield until @cond holds.  The time limit of the test ends it otherwise. */
#define until(cond) do {						\
	while (!(cond))							\
		sched_yield();						\
} while (0)

#define raise_flag(flag) __atomic_store_n(flag, 1, __ATOMIC_RELEASE)
#define flag_is_up(flag) __atomic_load_n(flag, __ATOMIC_ACQUIRE)

/* Yield until @n threads sleep until a time of the stopped clock. */
void wait_for_sleepers(int n);

/* Make an IOAS as user space does; returns its id. */
u32 make_ioas(struct iommufd_ctx *ictx);

/* IOMMU_DESTROY; returns its result. */
int user_destroy(struct iommufd_ctx *ictx, u32 id);

/* The published object with this id, without a reference. */
struct iommufd_object *peek(struct iommufd_ctx *ictx, u32 id);

/* Every counter is the sum of the references that the observer knows. */
#define ck_assert_balanced() \
	ck_assert_uint_eq(iommufd_model_unbalanced(), 0)

/* This warning is expected; the test fails if it is not given. */
void expect_warning(const char *warning);

/* How many allocations of the model are not freed? */
unsigned long nr_leaks(void);

/* Close the context; all references add up and all memory is freed. */
void close_clean(struct iommufd_ctx *ictx);

/*
 * True if @act returns true, without an unexpected or missing warning, in a
 * process of its own.  A WARN_ONCE is given once in a process, whichever test
 * meets it first.
 */
bool in_a_fresh_process(bool (*act)(void));

#endif
