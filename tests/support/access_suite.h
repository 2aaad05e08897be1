/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * For tests of accesses: a context with two IOASes and one driver, which
 * remembers how its unmap callback was called; and a queue, an object that owns
 * an access as a hw queue does.
 */
#ifndef TESTS_SUPPORT_ACCESS_SUITE_H
#define TESTS_SUPPORT_ACCESS_SUITE_H

#include "suite.h"

/*
 * struct driver - owner of an external access
 * @calls: how often unmap was called
 * @iova, @length: the arguments of the last call
 * @locks: how many locks its thread held in the last call
 * @act: what unmap does besides; NULL: no more
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

/* For reads and writes; for pins; and without an unmap callback. */
extern const struct iommufd_access_ops byte_ops;
extern const struct iommufd_access_ops page_ops;
extern const struct iommufd_access_ops mute_ops;

void driver_create(struct driver *driver, struct iommufd_ctx *ictx,
		   const struct iommufd_access_ops *ops);
void driver_attach(struct driver *driver, struct iommufd_ioas *ioas);
void driver_destroy(struct driver *driver);

struct iommufd_ioas *new_ioas(struct iommufd_ctx *ictx);

/* The access in slot @index of the list of @ioas. */
struct iommufd_access *listed(struct iommufd_ioas *ioas, unsigned long index);

/* The access is attached to @to, in slot @slot, and not about to move. */
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

/* A context, two IOASes, and a driver unless lab_open() got no ops. */
struct lab {
	struct iommufd_ctx *ictx;
	struct iommufd_ioas *a, *b;
	struct driver driver;
};

void lab_open(struct lab *lab, const struct iommufd_access_ops *ops);

/* Nobody but the table holds the IOASes, and all memory is freed. */
void lab_close(struct lab *lab);

/* struct queue - owns an access from its creation to its destroy op */
struct queue {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct iommufd_access *access;
};

/* A reserved queue without an access. */
struct queue *queue_alloc(struct iommufd_ctx *ictx);

/* A published queue with an internal access on @ioas. */
struct queue *make_queue(struct iommufd_ctx *ictx, struct iommufd_ioas *ioas);

#endif
