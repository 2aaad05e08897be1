// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The operations of the language.
 *
 * An ioctl is described by its struct: where each argument goes, what is read
 * after the call.  The names of positionals are the grammar's.
 */
#include <iommufd_model/iommufd_test.h>
#include "internal.h"

/* Where a member of a struct is. */
#define FIELD(type, member) \
	.width = sizeof(((struct type *)0)->member), \
	.offset = offsetof(struct type, member)

#define NUMBER(from, to) .kind = PARAM_LITERAL, .min = from, .max = to
#define SLOT NUMBER(0, NR_SLOTS - 1)
#define OPTIONAL .optional = true
#define ARG(n, ...) { .name = n, __VA_ARGS__ }
#define OUT(n, ...) { .name = n, __VA_ARGS__ }
#define PARAMS(...) (const struct param[]){ __VA_ARGS__, { .name = NULL } }
#define DECIMAL .format = OUT_DECIMAL
#define BOUND .bound = true
#define OUTS(...) (const struct out[]){ __VA_ARGS__, { .name = NULL } }

/* Operation @op is the ioctl @cmd_ with a struct @type. */
#define UAPI(op, cmd_, type) \
	.name = op, .run = op_uapi, .uapi = true, .cmd = cmd_, \
	.size = sizeof(struct type)
/* Operation @op is command @nr of the mock. */
#define TEST(op, nr) UAPI(op, IOMMU_TEST_CMD, iommu_test_cmd), .test_op = nr

/* Known by name. */
#define NOT_BUILT(op) { .name = op }

static const struct word option_ops[] = {
	{ "get", IOMMU_OPTION_OP_GET },
	{ "set", IOMMU_OPTION_OP_SET },
	{ NULL, 0 },
};

static const struct word null_word[] = { { "null", 0 }, { NULL, 0 } };

const struct param scenario_common_keys[] = {
	[KEY_SIZE] = ARG("size"),
	[KEY_EDGE] = ARG("edge", NUMBER(0, BUFFER_SIZE)),
	[KEY_PTR] = ARG("ptr", .kind = PARAM_WORD, .words = null_word),
	[KEY_CMD] = ARG("cmd"),
	{ .name = NULL },
};

const struct param scenario_poke = { .name = "poke", .kind = PARAM_POKE };

const struct op scenario_ops[] = {
	{
		.name = "open", .run = op_open,
		.args = PARAMS(ARG("SLOT", SLOT, OPTIONAL)),
	}, {
		.name = "close", .run = op_close,
		.args = PARAMS(ARG("SLOT", SLOT, OPTIONAL)),
	}, {
		.name = "use", .run = op_use,
		.args = PARAMS(ARG("SLOT", SLOT)),
	}, {
		.name = "close_fd", .run = op_close_fd,
		.args = PARAMS(ARG("FD")),
	}, {
		.name = "access_close", .run = op_close_fd,
		.args = PARAMS(ARG("FD")),
	}, {
		UAPI("ioas_alloc", IOMMU_IOAS_ALLOC, iommu_ioas_alloc),
		.keys = PARAMS(ARG("flags", FIELD(iommu_ioas_alloc, flags))),
		.outs = OUTS(OUT("id", DECIMAL, BOUND,
				 FIELD(iommu_ioas_alloc, out_ioas_id))),
	}, {
		UAPI("destroy", IOMMU_DESTROY, iommu_destroy),
		.args = PARAMS(ARG("ID", FIELD(iommu_destroy, id))),
	}, {
		UAPI("option", IOMMU_OPTION, iommu_option),
		.args = PARAMS(ARG("get|set|N", .words = option_ops,
				   FIELD(iommu_option, op)),
			       ARG("OPTION", FIELD(iommu_option, option_id)),
			       ARG("OBJ", FIELD(iommu_option, object_id)),
			       ARG("VAL", FIELD(iommu_option, val64),
				   OPTIONAL)),
		.outs = OUTS(OUT("val", DECIMAL, FIELD(iommu_option, val64))),
	}, {
		.name = "raw", .run = op_raw, .uapi = true, .needs_size = true,
		.args = PARAMS(ARG("NR|CMD")),
		.keys = PARAMS(ARG("outw", NUMBER(0, BUFFER_SIZE / 4 - 1))),
		.outs = OUTS(OUT("w", BOUND)),
	}, {
		.name = "objmap", .run = op_objmap,
		.args = PARAMS(ARG("N", NUMBER(1, 4096), OPTIONAL)),
	}, {
		TEST("create_access", IOMMU_TEST_OP_CREATE_ACCESS),
		.args = PARAMS(ARG("IOAS", FIELD(iommu_test_cmd, id)),
			       ARG("FLAGS", OPTIONAL,
				   FIELD(iommu_test_cmd, create_access.flags))),
		.outs = OUTS(OUT("fd", BOUND, .unbound = NO_FD,
				 FIELD(iommu_test_cmd,
				       create_access.out_access_fd))),
	}, {
		TEST("access_replace_ioas", IOMMU_TEST_OP_ACCESS_REPLACE_IOAS),
		.args = PARAMS(ARG("FD", FIELD(iommu_test_cmd, id)),
			       ARG("IOAS",
				   FIELD(iommu_test_cmd,
					 access_replace_ioas.ioas_id))),
	}, {
		TEST("test_op", 0),
		.args = PARAMS(ARG("OP", FIELD(iommu_test_cmd, op)),
			       ARG("ID", FIELD(iommu_test_cmd, id), OPTIONAL)),
	}, {
		.name = "fill", .run = op_fill,
		.args = PARAMS(ARG("ADDR", .kind = PARAM_ADDR), ARG("LEN"),
			       ARG("BYTE")),
	}, {
		.name = "sum", .run = op_sum,
		.args = PARAMS(ARG("ADDR", .kind = PARAM_ADDR), ARG("LEN")),
	},
	NOT_BUILT("ioas_iova_ranges"), NOT_BUILT("ioas_allow_iovas"),
	NOT_BUILT("map"), NOT_BUILT("map_file"), NOT_BUILT("unmap"),
	NOT_BUILT("copy"), NOT_BUILT("vfio_ioas"), NOT_BUILT("change_process"),
	NOT_BUILT("noiommu_get_pa"), NOT_BUILT("fault_alloc"),
	NOT_BUILT("read_fd"), NOT_BUILT("fault_write"), NOT_BUILT("hwpt_alloc"),
	NOT_BUILT("get_hw_info"), NOT_BUILT("set_dirty"),
	NOT_BUILT("get_dirty"), NOT_BUILT("mock_dirty"),
	NOT_BUILT("hwpt_invalidate"), NOT_BUILT("viommu_alloc"),
	NOT_BUILT("vdevice_alloc"), NOT_BUILT("veventq_alloc"),
	NOT_BUILT("hw_queue_alloc"), NOT_BUILT("mmap"), NOT_BUILT("munmap"),
	NOT_BUILT("add_reserved"), NOT_BUILT("mock_domain"),
	NOT_BUILT("mock_domain_replace"), NOT_BUILT("check_map"),
	NOT_BUILT("check_refs"), NOT_BUILT("access_pages"),
	NOT_BUILT("destroy_access_pages"), NOT_BUILT("access_rw"),
	NOT_BUILT("set_memory_limit"), NOT_BUILT("check_iotlb"),
	NOT_BUILT("check_cache"), NOT_BUILT("trigger_iopf"),
	NOT_BUILT("trigger_vevent"), NOT_BUILT("pasid_attach"),
	NOT_BUILT("pasid_replace"), NOT_BUILT("pasid_detach"),
	NOT_BUILT("pasid_check"), NOT_BUILT("dmabuf_get"),
	NOT_BUILT("dmabuf_revoke"),
	{ .name = NULL },
};
