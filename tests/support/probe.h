/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A probe: an object whose ops log that they were called, as "destroy(3)", the
 * name of the op and the id.
 *
 * Two types: a plain probe has a destroy op only; a full probe has pre_destroy
 * and abort as well.  Both have room for a file.
 *
 * In the tests of probe_tests() the clock stands still and moves only by hand.
 */
#ifndef TESTS_SUPPORT_PROBE_H
#define TESTS_SUPPORT_PROBE_H

#include "hooks.h"
#include "log.h"
#include "suite.h"

/*
 * struct probe - an object of a test
 * @file: released when the creation is undone
 * @below: another probe, of which this one has a users reference until its
 *	destroy op
 * @at_pre_destroy, @at_destroy, @at_abort: what the op does after it has logged
 *	its call; NULL: no more
 */
struct probe {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct file *file;
	struct probe *below;
	void (*at_pre_destroy)(struct probe *probe);
	void (*at_destroy)(struct probe *probe);
	void (*at_abort)(struct probe *probe);
};

extern const struct iommufd_object_ops plain_ops;
enum iommufd_object_type plain_type(void);
enum iommufd_object_type full_type(void);

struct probe *to_probe(struct iommufd_object *obj);

/* reserve() makes a probe that is not finalized yet; publish() finalizes it. */
struct probe *reserve(struct iommufd_ctx *ictx, enum iommufd_object_type type);
struct probe *publish(struct iommufd_ctx *ictx, enum iommufd_object_type type);

/*
 * Make a probe of which the test has a users reference, like the creator of a
 * device.
 */
struct probe *publish_owned(struct iommufd_ctx *ictx,
			    enum iommufd_object_type type);

/* Let @probe take a users reference to @below, until its destroy op. */
void rest_on(struct probe *probe, struct probe *below);

/*
 * Return the entry of @id in the id table: NULL, XA_ZERO_ENTRY (reserved or
 * tombstone), or an object.
 */
void *slot(struct iommufd_ctx *ictx, u32 id);

/* Log the state of the id of @probe, and how many locks this thread holds. */
void say_state(struct probe *probe);

/*
 * Look the object up with iommufd_get_object(), and put it again if there is
 * one; returns 0 or the error of the lookup.
 */
int look_up(struct iommufd_ctx *ictx, u32 id, enum iommufd_object_type type);

void ck_assert_counters(struct probe *probe, unsigned int users,
			unsigned int wait_cnt);

/* Close a context whose release leaves @probe behind, and free @probe. */
void close_leaking(struct iommufd_ctx *ictx, struct probe *probe);

/*
 * A group of tests with the fixture for probes, and the functions of the
 * fixture.
 */
TCase *probe_tests(Suite *suite, const char *name);
void probe_setup(void);
void probe_teardown(void);

#endif
