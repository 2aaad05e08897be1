/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The objects that user space makes for one guest with a mock device, one ioctl
 * for each object.
 *
 *	guest_open()	IOAS 1 with memory, SELFTEST 2, DEVICE 3, and HWPT 4,
 *			which the attach to the IOAS made
 *	guest_viommu()	nest parent 5, vIOMMU 6
 *
 * try_...() returns the new id, or the error.  made(try_...()) fails the test
 * if there is no id.  Physical addresses are the virtual ones, so that memory
 * is contiguous.
 */
#ifndef TESTS_SUPPORT_GUEST_H
#define TESTS_SUPPORT_GUEST_H

#include "ioctls.h"
#include "probe.h"

#define GUEST_PAGES 8
#define GUEST_IOVA MOCK_APERTURE_START
#define VIRT_ID 0x99

extern char guest_mem[GUEST_PAGES * PAGE_SIZE];

/*
 * struct guest - a context and the ids in it
 * @hwpt: the HWPT that the attach made; @parent, @viommu: 0 before
 *	guest_viommu()
 * @event_fd: the descriptor of the queue of events that was made last
 */
struct guest {
	struct iommufd_ctx *ictx;
	int fd;
	u32 ioas, stdev, idev, hwpt;
	u32 parent, viommu;
	int event_fd;
};

#define made(call) made_by(call, #call)
u32 made_by(int rc, const char *what);

/* @cmd points to a struct of the uAPI; its size is filled in. */
#define uapi(g, request, cmd) ioctl_sized((g)->fd, request, cmd)

struct iommufd_object *obj_of(struct guest *g, u32 id);

/* Check both counters of the object with this id. */
#define ck_assert_held(g, id, users, wait_cnt) do {			\
	struct iommufd_object *__held = obj_of(g, id);			\
	ck_assert_users(__held, users);					\
	ck_assert_shortterm(__held, wait_cnt);				\
} while (0)

int destroy(struct guest *g, u32 id);
#define ck_destroy(g, id) ck_assert_int_eq(destroy(g, id), 0)

/* True if the table has no published object with this id. */
bool is_gone(struct guest *g, u32 id);

/* Memory */

int try_map(struct guest *g, u32 ioas, u64 iova, void *va, u64 length);
int try_unmap(struct guest *g, u32 ioas, u64 iova, u64 length);

/* The mock's commands */

/*
 * Make a mock device that is attached to @pt_id.  Returns the id of its
 * SELFTEST object; @cmd gets the other ids.
 */
int try_device(struct guest *g, u32 pt_id, struct iommu_test_cmd *cmd);

/*
 * Replace the HWPT of a mock device.  Returns the id of the HWPT that it then
 * uses.
 */
int try_replace(struct guest *g, u32 stdev, u32 pt_id);
int trigger_vevent(struct guest *g);

/* Objects */

extern struct iommu_hwpt_selftest guest_iotlb;

int try_alloc_hwpt(struct guest *g, struct iommu_hwpt_alloc *cmd);
int try_paging(struct guest *g, u32 flags);

/*
 * Make a nested HWPT on a nest parent or a vIOMMU.  @fault is 0 or the id of a
 * FAULT.
 */
int try_nested(struct guest *g, u32 pt_id, u32 fault);

/*
 * Make a vIOMMU.  @data is NULL, or what the mock's driver reads and fills in.
 */
int try_viommu(struct guest *g, struct iommu_viommu_selftest *data);
int try_vdevice(struct guest *g, u32 viommu, u32 idev, u64 virt_id);
int try_veventq(struct guest *g, u32 type, u32 depth);
int try_fault(struct guest *g);
int try_queue_at(struct guest *g, u32 index, u64 iova, u64 length);

/*
 * Make a hw queue of one page: the first page of the queues' memory for index
 * 0, the second one for index 1.
 */
int try_queue(struct guest *g, u32 index);
int close_event_fd(struct guest *g);

/* The whole guest */

void guest_open_empty(struct guest *g);
void guest_open(struct guest *g);
void guest_viommu(struct guest *g);
void guest_open_viommu(struct guest *g);

/*
 * Check that the holder of every reference is known, close the context, and
 * check that this frees all objects.
 */
void guest_close(struct guest *g);

TCase *guest_tests(Suite *suite, const char *name);

/*
 * Write the counters of every object to @buf as "ID:USERS/WAIT_CNT ", and "ID:-
 * " for an id that is reserved.
 */
void guest_counters(struct guest *g, char *buf, size_t size);

/*
 * Let each allocation of @make(g) fail in turn.  Each time it must return
 * -ENOMEM and leave memory, counters, ids, pins and the references of the
 * context as they were.  Then let it succeed; returns the id that it made.
 */
u32 fails_without_trace(struct guest *g, int (*make)(struct guest *g));

#endif
