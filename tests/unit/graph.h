/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The graph of the mock IOMMU, made through the uAPI, one call for each object.
 *
 *	graph_open()	IOAS 1 with memory, SELFTEST 2, DEVICE 3, and the HWPT 4
 *			that the attach to the IOAS made
 *	graph_viommu()	nest parent 5, vIOMMU 6
 *
 * try_...() gives the new id, or the error.  made(try_...()) insists on an id.
 * Physical addresses are the virtual ones, so that memory is contiguous.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include "thing.h"
#include <iommufd_model/iommufd_test.h>

#define GRAPH_PAGES 8
#define GRAPH_IOVA MOCK_APERTURE_START
#define VIRT_ID 0x99

static char graph_mem[GRAPH_PAGES * PAGE_SIZE]
	__attribute__((aligned(4096), unused));

/*
 * struct graph - a context and the ids in it
 * @hwpt: the automatic one; @parent, @viommu: 0 before graph_viommu()
 * @event_fd: of the last queue of events that was made
 */
struct graph {
	struct iommufd_ctx *ictx;
	int fd;
	u32 ioas, stdev, idev, hwpt;
	u32 parent, viommu;
	int event_fd;
};

#define made(call) made_by(call, #call)

static inline u32 made_by(int rc, const char *what)
{
	ck_assert_msg(rc > 0, "%s: error %d", what, -rc);
	return (u32)rc;
}

/* @cmd points to a struct of the uAPI; its size is filled in. */
#define uapi(g, request, cmd)						\
	((cmd)->size = sizeof(*(cmd)),					\
	 iommufd_model_ioctl((g)->fd, request, cmd))

static inline struct iommufd_object *obj_of(struct graph *g, u32 id)
{
	return peek(g->ictx, id);
}

/* Both counters of the object with this id. */
#define ck_assert_held(g, id, users, wait_cnt) do {			\
	struct iommufd_object *__held = obj_of(g, id);			\
	ck_assert_users(__held, users);					\
	ck_assert_shortterm(__held, wait_cnt);				\
} while (0)

static inline int destroy(struct graph *g, u32 id)
{
	return user_destroy(g->ictx, id);
}

#define ck_destroy(g, id) ck_assert_int_eq(destroy(g, id), 0)

/* Is nobody, in this table, behind @id? */
static inline bool is_gone(struct graph *g, u32 id)
{
	return look_up(g->ictx, id, IOMMUFD_OBJ_ANY) == -ENOENT;
}

/* Memory */

static inline int try_map(struct graph *g, u32 ioas, u64 iova, void *va,
			  u64 length)
{
	struct iommu_ioas_map cmd = {
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)va,
		.length = length,
		.iova = iova,
	};

	return uapi(g, IOMMU_IOAS_MAP, &cmd);
}

static inline int try_unmap(struct graph *g, u32 ioas, u64 iova, u64 length)
{
	struct iommu_ioas_unmap cmd = {
		.ioas_id = ioas, .iova = iova, .length = length,
	};

	return uapi(g, IOMMU_IOAS_UNMAP, &cmd);
}

/* The mock's commands */

/* A mock device, attached to @pt_id.  The SELFTEST's id; @cmd has the others */
static inline int try_device(struct graph *g, u32 pt_id,
			     struct iommu_test_cmd *cmd)
{
	int rc;

	*cmd = (struct iommu_test_cmd){
		.op = IOMMU_TEST_OP_MOCK_DOMAIN, .id = pt_id,
	};
	rc = uapi(g, IOMMU_TEST_CMD, cmd);
	return rc ? rc : (int)cmd->mock_domain.out_stdev_id;
}

/* The id of the HWPT that the device uses then. */
static inline int try_replace(struct graph *g, u32 stdev, u32 pt_id)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
		.id = stdev,
		.mock_domain_replace.pt_id = pt_id,
	};
	int rc = uapi(g, IOMMU_TEST_CMD, &cmd);

	return rc ? rc : (int)cmd.mock_domain_replace.pt_id;
}

static inline int trigger_vevent(struct graph *g)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_TRIGGER_VEVENT,
		.trigger_vevent.dev_id = g->idev,
	};

	return uapi(g, IOMMU_TEST_CMD, &cmd);
}

/* Objects */

static struct iommu_hwpt_selftest graph_iotlb __attribute__((unused)) = {
	.iotlb = IOMMU_TEST_IOTLB_DEFAULT,
};

static inline int try_alloc_hwpt(struct graph *g, struct iommu_hwpt_alloc *cmd)
{
	int rc = uapi(g, IOMMU_HWPT_ALLOC, cmd);

	return rc ? rc : (int)cmd->out_hwpt_id;
}

static inline int try_paging(struct graph *g, u32 flags)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = flags, .dev_id = g->idev, .pt_id = g->ioas,
	};

	return try_alloc_hwpt(g, &cmd);
}

/* On a nest parent or a vIOMMU; @fault: 0 or a FAULT's id. */
static inline int try_nested(struct graph *g, u32 pt_id, u32 fault)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = fault ? IOMMU_HWPT_FAULT_ID_VALID : 0,
		.dev_id = g->idev,
		.pt_id = pt_id,
		.data_type = IOMMU_HWPT_DATA_SELFTEST,
		.data_len = sizeof(graph_iotlb),
		.data_uptr = (uintptr_t)&graph_iotlb,
		.fault_id = fault,
	};

	return try_alloc_hwpt(g, &cmd);
}

/* @data: NULL or what the driver wants and fills in. */
static inline int try_viommu(struct graph *g,
			     struct iommu_viommu_selftest *data)
{
	struct iommu_viommu_alloc cmd = {
		.type = IOMMU_VIOMMU_TYPE_SELFTEST,
		.dev_id = g->idev,
		.hwpt_id = g->parent,
		.data_len = data ? sizeof(*data) : 0,
		.data_uptr = (uintptr_t)data,
	};
	int rc = uapi(g, IOMMU_VIOMMU_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_viommu_id;
}

static inline int try_vdevice(struct graph *g, u32 viommu, u32 idev,
			      u64 virt_id)
{
	struct iommu_vdevice_alloc cmd = {
		.viommu_id = viommu, .dev_id = idev, .virt_id = virt_id,
	};
	int rc = uapi(g, IOMMU_VDEVICE_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_vdevice_id;
}

static inline int try_veventq(struct graph *g, u32 type, u32 depth)
{
	struct iommu_veventq_alloc cmd = {
		.viommu_id = g->viommu, .type = type, .veventq_depth = depth,
	};
	int rc = uapi(g, IOMMU_VEVENTQ_ALLOC, &cmd);

	if (rc)
		return rc;
	g->event_fd = (int)cmd.out_veventq_fd;
	return (int)cmd.out_veventq_id;
}

static inline int try_fault(struct graph *g)
{
	struct iommu_fault_alloc cmd = { 0 };
	int rc = uapi(g, IOMMU_FAULT_QUEUE_ALLOC, &cmd);

	if (rc)
		return rc;
	g->event_fd = (int)cmd.out_fault_fd;
	return (int)cmd.out_fault_id;
}

static inline int try_queue_at(struct graph *g, u32 index, u64 iova, u64 length)
{
	struct iommu_hw_queue_alloc cmd = {
		.viommu_id = g->viommu,
		.type = IOMMU_HW_QUEUE_TYPE_SELFTEST,
		.index = index,
		.nesting_parent_iova = iova,
		.length = length,
	};
	int rc = uapi(g, IOMMU_HW_QUEUE_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_hw_queue_id;
}

/* One page, the first of the memory for queue 0, the second for queue 1. */
static inline int try_queue(struct graph *g, u32 index)
{
	return try_queue_at(g, index, GRAPH_IOVA + index * PAGE_SIZE,
			    PAGE_SIZE);
}

static inline int close_event_fd(struct graph *g)
{
	return iommufd_model_close(g->event_fd);
}

/* The whole */

static inline u64 identity(u64 pfn, void *unused)
{
	(void)unused;
	return pfn;
}

static inline void graph_open_empty(struct graph *g)
{
	*g = (struct graph){ .ictx = iommufd_model_check_open() };
	g->fd = iommufd_model_check_fd(g->ictx);
	g->ioas = make_ioas(g->ictx);
	ck_assert_int_eq(try_map(g, g->ioas, GRAPH_IOVA, graph_mem,
				 sizeof(graph_mem)), 0);
}

static inline void graph_open(struct graph *g)
{
	struct iommu_test_cmd cmd;

	graph_open_empty(g);
	g->stdev = made(try_device(g, g->ioas, &cmd));
	g->idev = cmd.mock_domain.out_idev_id;
	g->hwpt = cmd.mock_domain.out_hwpt_id;
}

static inline void graph_viommu(struct graph *g)
{
	g->parent = made(try_paging(g, IOMMU_HWPT_ALLOC_NEST_PARENT));
	g->viommu = made(try_viommu(g, NULL));
}

static inline void graph_open_viommu(struct graph *g)
{
	graph_open(g);
	graph_viommu(g);
}

/* The books add up; closing releases everything. */
static inline void graph_close(struct graph *g)
{
	unwatch();
	no_intruder();
	close_clean(g->ictx);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
}

static void graph_setup(void)
{
	thing_setup();
	iommufd_model_set_page_map(identity, NULL);
}

static void graph_teardown(void)
{
	iommufd_model_set_page_map(NULL, NULL);
	iommufd_model_set_first_fd(3);
	thing_teardown();
}

static inline TCase *graph_tests(Suite *suite, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, graph_setup, graph_teardown);
	suite_add_tcase(suite, tc);
	return tc;
}

/* The counters of every object of the context, in words: "1:2/1 3:4/2". */
static inline void graph_counters(struct graph *g, char *buf, size_t size)
{
	struct iommufd_object *obj;
	size_t len = 0;
	u32 id;

	buf[0] = 0;
	for (id = 1; id < 64; id++) {
		obj = slot(g->ictx, id);
		if (obj && !xa_is_zero(obj) && len < size)
			len += (size_t)snprintf(
				buf + len, size - len, "%u:%u/%u ", id,
				refcount_read(&obj->users),
				refcount_read(&obj->wait_cnt));
		else if (obj && len < size)
			len += (size_t)snprintf(buf + len, size - len,
						"%u:- ", id);
	}
}

/*
 * @make(g) fails for each allocation of its own that fails, and leaves memory,
 * counters, ids, pins and the ctx's references as they were; in the end it
 * succeeds, with the id that is returned.
 */
static inline u32 fails_without_trace(struct graph *g,
				      int (*make)(struct graph *g))
{
	unsigned long leaks = nr_leaks(), pins = iommufd_model_pinned();
	unsigned int refs = (unsigned int)file_count(g->ictx->file);
	char before[1024], after[1024];
	unsigned int n;
	int rc;

	graph_counters(g, before, sizeof(before));
	for (n = 1; ; n++) {
		iommufd_model_fail_nth(n);
		rc = make(g);
		if (!iommufd_model_failed())
			break;
		iommufd_model_fail_nth(0);
		ck_assert_msg(rc == -ENOMEM, "allocation %u: %d", n, rc);
		graph_counters(g, after, sizeof(after));
		ck_assert_str_eq(after, before);
		ck_assert_uint_eq(nr_leaks(), leaks);
		ck_assert_uint_eq(iommufd_model_pinned(), pins);
		ck_assert_uint_eq((unsigned int)file_count(g->ictx->file),
				  refs);
		ck_assert_uint_eq(iommufd_model_unbalanced(), 0);
	}
	iommufd_model_fail_nth(0);
	ck_assert_uint_gt(n, 1);
	return made(rc);
}

#endif
