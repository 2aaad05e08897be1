/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * For tests of accesses: a context with two IOASes and a driver, which stores
 * how its unmap callback was called; and a queue, which is an object that owns
 * an access as a hw queue does.
 */
#ifndef TESTS_SUPPORT_ACCESS_SUITE_H
#define TESTS_SUPPORT_ACCESS_SUITE_H

#include "suite.h"

/*
 * struct driver - owner of an external access
 * @calls: number of calls of the unmap callback
 * @iova, @length: the arguments of the last call
 * @locks: number of locks that the thread of the last call held
 * @act: a function that the unmap callback calls; NULL: none
 */
struct driver {
	struct iommufd_access *access;
	u32 id;
	unsigned int calls;
	unsigned long iova, length;
	int locks;
	void (*act)(struct driver *driver);
	void *arg;
};

/*
 * The ops of an access for reads and writes, of one that can pin, and of one
 * without an unmap callback.
 */
extern const struct iommufd_access_ops byte_ops;
extern const struct iommufd_access_ops page_ops;
extern const struct iommufd_access_ops mute_ops;

void driver_create(struct driver *driver, struct iommufd_ctx *ictx,
		   const struct iommufd_access_ops *ops);
void driver_attach(struct driver *driver, struct iommufd_ioas *ioas);
void driver_destroy(struct driver *driver);

struct iommufd_ioas *new_ioas(struct iommufd_ctx *ictx);

/* Return the access in slot @index of the list of @ioas. */
struct iommufd_access *listed(struct iommufd_ioas *ioas, unsigned long index);

/*
 * Check that the access is attached to @to, in slot @slot, and that no change
 * of its IOAS is running.
 */
#define ck_assert_attached(access, to, slot) do {			\
	ck_assert_ptr_eq((access)->ioas, to);				\
	ck_assert_ptr_eq((access)->ioas_unpin, to);			\
	ck_assert_uint_eq((access)->iopt_access_list_id, slot);		\
	ck_assert_ptr_eq(listed(to, slot), access);			\
} while (0)

#define ck_assert_detached(access) do {					\
	ck_assert_ptr_null((access)->ioas);				\
	ck_assert_ptr_null((access)->ioas_unpin);			\
} while (0)

/* A context, two IOASes, and a driver unless the ops of lab_open() are NULL. */
struct lab {
	struct iommufd_ctx *ictx;
	struct iommufd_ioas *a, *b;
	struct driver driver;
};

void lab_open(struct lab *lab, const struct iommufd_access_ops *ops);

/*
 * Check that only the table holds the IOASes; after the close, all memory is
 * freed.
 */
void lab_close(struct lab *lab);

/* struct queue - owns an access from its creation to its destroy op */
struct queue {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct iommufd_access *access;
};

/* Make a reserved queue without an access. */
struct queue *queue_alloc(struct iommufd_ctx *ictx);

/* Make a published queue with an internal access that is attached to @ioas. */
struct queue *make_queue(struct iommufd_ctx *ictx, struct iommufd_ioas *ioas);

#endif
