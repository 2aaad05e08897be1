// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The table of the operations of the language.
 *
 * An ioctl is described by its struct: where each argument is written, and what
 * is read after the call.  The names of positionals are those of the grammar.
 */
#include <iommufd_model/iommufd_test.h>
#include "internal.h"
#include <sys/mman.h>

/* The number of events for which a queue has room without depth=. */
#define DEFAULT_DEPTH 64

/* The width and offset of a member of a struct. */
#define FIELD(type, member) \
	.width = sizeof(((struct type *)0)->member), \
	.offset = offsetof(struct type, member)

/* Gives a width and an offset where the model's struct has no such member. */
#define AT(width_, offset_) .width = width_, .offset = offset_
/* A member of the data to which the struct points. */
#define DATA(type, member) FIELD(type, member), .region = IN_DATA
/* The four bytes after the struct of that data. */
#define DATA_TAIL(type) .region = IN_DATA, AT(4, sizeof(struct type))

#define NUMBER(from, to) .kind = PARAM_LITERAL, .min = from, .max = to
#define SLOT NUMBER(0, NR_SLOTS - 1)
#define SYMBOLS(list) .symbols = list
#define ADDR .kind = PARAM_ADDR
#define OPTIONAL .optional = true
#define OTHERWISE(value) .otherwise = value
#define ARG(n, ...) { .name = n, __VA_ARGS__ }
#define OUT(n, ...) { .name = n, __VA_ARGS__ }
#define PARAMS(...) (const struct param[]){ __VA_ARGS__, { .name = NULL } }
#define DECIMAL .format = OUT_DECIMAL
#define HEX .format = OUT_HEX
#define STORES .stores = true
#define LARGE .large = true
#define BOUND .bound = true
#define BOUND_FD .bound = true, .unbound = NO_FD
#define OUTS(...) (const struct out[]){ __VA_ARGS__, { .name = NULL } }
#define SHOWS(...) .shows = (const struct symbol[]){ __VA_ARGS__, { NULL, 0 } }

/* Describes operation @op as the ioctl @cmd_ with a struct @type. */
#define UAPI(op, cmd_, type) \
	.name = op, .run = op_uapi, .uapi = true, .cmd = cmd_, \
	.size = sizeof(struct type)
/* A member of the struct of the mock's commands. */
#define CMD(member) FIELD(iommu_test_cmd, member)
/* Describes operation @op as command @nr of the mock. */
#define TEST(op, nr) UAPI(op, IOMMU_TEST_CMD, iommu_test_cmd), .test_op = nr

/* An operation of the grammar that the model leaves out. */
#define LEFT_OUT(op) { .name = op }

static const struct symbol option_ops[] = {
	{ "get", IOMMU_OPTION_OP_GET },
	{ "set", IOMMU_OPTION_OP_SET },
	{ NULL, 0 },
};

static const struct symbol vfio_ops[] = {
	{ "get", IOMMU_VFIO_IOAS_GET },
	{ "set", IOMMU_VFIO_IOAS_SET },
	{ "clear", IOMMU_VFIO_IOAS_CLEAR },
	{ NULL, 0 },
};

static const struct symbol map_flags[] = {
	{ "r", IOMMU_IOAS_MAP_READABLE },
	{ "w", IOMMU_IOAS_MAP_WRITEABLE },
	{ "rw", IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE },
	{ "-", 0 },
	{ NULL, 0 },
};

static const struct symbol protections[] = {
	{ "r", PROT_READ },
	{ "w", PROT_WRITE },
	{ "x", PROT_EXEC },
	{ "rw", PROT_READ | PROT_WRITE },
	{ "rx", PROT_READ | PROT_EXEC },
	{ "wx", PROT_WRITE | PROT_EXEC },
	{ "rwx", PROT_READ | PROT_WRITE | PROT_EXEC },
	{ NULL, 0 },
};

static const struct symbol null_symbol[] = { { "null", 0 }, { NULL, 0 } };
static const struct symbol auto_symbol[] = { { "auto", 0 }, { NULL, 0 } };
static const struct symbol all_symbol[] = { { "all", 0 }, { NULL, 0 } };

const struct param scenario_common_keys[] = {
	[KEY_SIZE] = ARG("size", LARGE),
	[KEY_EDGE] = ARG("edge", NUMBER(0, BUFFER_SIZE), LARGE),
	[KEY_PTR] = ARG("ptr", .kind = PARAM_SYMBOL, SYMBOLS(null_symbol)),
	[KEY_CMD] = ARG("cmd", STORES),
	{ .name = NULL },
};

const struct param scenario_poke = {
	.name = "poke", .kind = PARAM_POKE, STORES
};

const struct op scenario_ops[] = {
	/* Operations on descriptors. */
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
	},
	/* Operations of the uAPI. */
	{
		UAPI("ioas_alloc", IOMMU_IOAS_ALLOC, iommu_ioas_alloc),
		.keys = PARAMS(ARG("flags", FIELD(iommu_ioas_alloc, flags))),
		.outs = OUTS(OUT("id", DECIMAL, BOUND,
				 FIELD(iommu_ioas_alloc, out_ioas_id))),
	}, {
		UAPI("ioas_iova_ranges", IOMMU_IOAS_IOVA_RANGES,
		     iommu_ioas_iova_ranges),
		.fill = fill_iova_ranges, .show = show_iova_ranges, LARGE,
		SHOWS({ "num", SHOWN_NUMBER }, { "align", SHOWN_NUMBER },
		      { "ranges", SHOWN_TEXT }),
		.args = PARAMS(ARG("IOAS",
				   FIELD(iommu_ioas_iova_ranges, ioas_id))),
		.keys = PARAMS(ARG("max", OTHERWISE(DEFAULT_RANGES),
				   FIELD(iommu_ioas_iova_ranges, num_iovas)),
			       ARG("uptr", STORES,
				   FIELD(iommu_ioas_iova_ranges, allowed_iovas))),
	}, {
		UAPI("ioas_allow_iovas", IOMMU_IOAS_ALLOW_IOVAS,
		     iommu_ioas_allow_iovas),
		.fill = fill_allow_iovas, LARGE,
		.args = PARAMS(ARG("IOAS",
				   FIELD(iommu_ioas_allow_iovas, ioas_id)),
			       ARG("A-B", .kind = PARAM_RANGE, OPTIONAL, STORES,
				   .many = true, .region = IN_RANGES, AT(8, 0))),
		.keys = PARAMS(ARG("num", STORES,
				   FIELD(iommu_ioas_allow_iovas, num_iovas)),
			       ARG("uptr", STORES,
				   FIELD(iommu_ioas_allow_iovas, allowed_iovas))),
	}, {
		UAPI("map", IOMMU_IOAS_MAP, iommu_ioas_map), .fill = fill_map,
		.args = PARAMS(ARG("IOAS", FIELD(iommu_ioas_map, ioas_id)),
			       ARG("IOVA|auto", SYMBOLS(auto_symbol),
				   FIELD(iommu_ioas_map, iova)),
			       ARG("ADDR", ADDR,
				   FIELD(iommu_ioas_map, user_va)),
			       ARG("LEN", FIELD(iommu_ioas_map, length)),
			       ARG("FLAGS", SYMBOLS(map_flags),
				   FIELD(iommu_ioas_map, flags))),
		.keys = PARAMS(ARG("hint", FIELD(iommu_ioas_map, iova))),
		.outs = OUTS(OUT("iova", HEX, BOUND,
				 FIELD(iommu_ioas_map, iova))),
	}, {
		UAPI("map_file", IOMMU_IOAS_MAP_FILE, iommu_ioas_map_file),
		.fill = fill_map_file, STORES,
		.args = PARAMS(ARG("IOAS", FIELD(iommu_ioas_map_file, ioas_id)),
			       ARG("IOVA|auto", SYMBOLS(auto_symbol),
				   FIELD(iommu_ioas_map_file, iova)),
			       ARG("START", FIELD(iommu_ioas_map_file, start)),
			       ARG("LEN", FIELD(iommu_ioas_map_file, length)),
			       ARG("FLAGS", SYMBOLS(map_flags),
				   FIELD(iommu_ioas_map_file, flags))),
		.keys = PARAMS(ARG("fd", FIELD(iommu_ioas_map_file, fd))),
		.outs = OUTS(OUT("iova", HEX, BOUND,
				 FIELD(iommu_ioas_map_file, iova))),
	}, {
		UAPI("unmap", IOMMU_IOAS_UNMAP, iommu_ioas_unmap),
		.fill = fill_unmap,
		.args = PARAMS(ARG("IOAS", FIELD(iommu_ioas_unmap, ioas_id)),
			       ARG("IOVA|all", SYMBOLS(all_symbol),
				   FIELD(iommu_ioas_unmap, iova)),
			       ARG("LEN", .unless_symbol = true,
				   FIELD(iommu_ioas_unmap, length))),
		.outs = OUTS(OUT("len", HEX, FIELD(iommu_ioas_unmap, length))),
	}, {
		UAPI("copy", IOMMU_IOAS_COPY, iommu_ioas_copy),
		.fill = fill_copy,
		.args = PARAMS(ARG("SRC", FIELD(iommu_ioas_copy, src_ioas_id)),
			       ARG("SRC_IOVA",
				   FIELD(iommu_ioas_copy, src_iova)),
			       ARG("LEN", FIELD(iommu_ioas_copy, length)),
			       ARG("DST", FIELD(iommu_ioas_copy, dst_ioas_id)),
			       ARG("DST_IOVA|auto", SYMBOLS(auto_symbol),
				   FIELD(iommu_ioas_copy, dst_iova)),
			       ARG("FLAGS", SYMBOLS(map_flags),
				   FIELD(iommu_ioas_copy, flags))),
		.outs = OUTS(OUT("iova", HEX, BOUND,
				 FIELD(iommu_ioas_copy, dst_iova))),
	}, {
		UAPI("destroy", IOMMU_DESTROY, iommu_destroy),
		.args = PARAMS(ARG("ID", FIELD(iommu_destroy, id))),
	}, {
		UAPI("option", IOMMU_OPTION, iommu_option),
		.args = PARAMS(ARG("get|set|N", SYMBOLS(option_ops),
				   FIELD(iommu_option, op)),
			       ARG("OPTION", FIELD(iommu_option, option_id)),
			       ARG("OBJ", FIELD(iommu_option, object_id)),
			       ARG("VAL", FIELD(iommu_option, val64),
				   OPTIONAL)),
		.outs = OUTS(OUT("val", DECIMAL, FIELD(iommu_option, val64))),
	}, {
		UAPI("vfio_ioas", IOMMU_VFIO_IOAS, iommu_vfio_ioas),
		.args = PARAMS(ARG("get|set|clear|N", SYMBOLS(vfio_ops),
				   FIELD(iommu_vfio_ioas, op)),
			       ARG("IOAS", OPTIONAL,
				   FIELD(iommu_vfio_ioas, ioas_id))),
	}, {
		UAPI("change_process", IOMMU_IOAS_CHANGE_PROCESS,
		     iommu_ioas_change_process),
	}, {
		UAPI("noiommu_get_pa", IOMMU_IOAS_NOIOMMU_GET_PA,
		     iommu_ioas_noiommu_get_pa),
		.args = PARAMS(ARG("IOAS",
				   FIELD(iommu_ioas_noiommu_get_pa, ioas_id)),
			       ARG("IOVA",
				   FIELD(iommu_ioas_noiommu_get_pa, iova)),
			       ARG("LEN",
				   FIELD(iommu_ioas_noiommu_get_pa, length))),
	}, {
		UAPI("fault_alloc", IOMMU_FAULT_QUEUE_ALLOC, iommu_fault_alloc),
		.keys = PARAMS(ARG("flags", FIELD(iommu_fault_alloc, flags))),
		.outs = OUTS(OUT("id", DECIMAL, BOUND,
				 FIELD(iommu_fault_alloc, out_fault_id)),
			     OUT("fd", BOUND_FD,
				 FIELD(iommu_fault_alloc, out_fault_fd))),
	}, {
		.name = "read_fd", .run = op_read_fd, LARGE,
		SHOWS({ "poll", SHOWN_TEXT }, { "w", SHOWN_TEXT }),
		.args = PARAMS(ARG("FD"), ARG("COUNT", NUMBER(0, BYTES_SIZE))),
	}, {
		.name = "fault_write", .run = op_fault_write, LARGE,
		.args = PARAMS(ARG("FD"), ARG("COOKIE"), ARG("CODE")),
		.keys = PARAMS(ARG("count", NUMBER(0, BYTES_SIZE))),
	}, {
		UAPI("hwpt_alloc", IOMMU_HWPT_ALLOC, iommu_hwpt_alloc),
		.fill = fill_hwpt_alloc,
		.args = PARAMS(ARG("DEV", FIELD(iommu_hwpt_alloc, dev_id)),
			       ARG("PT", FIELD(iommu_hwpt_alloc, pt_id))),
		.keys = PARAMS(ARG("type", FIELD(iommu_hwpt_alloc, data_type)),
			       ARG("len", LARGE,
				   FIELD(iommu_hwpt_alloc, data_len)),
			       ARG("uptr", STORES,
				   FIELD(iommu_hwpt_alloc, data_uptr)),
			       ARG("flags", FIELD(iommu_hwpt_alloc, flags)),
			       ARG("fault", FIELD(iommu_hwpt_alloc, fault_id)),
			       ARG("iotlb", OTHERWISE(IOMMU_TEST_IOTLB_DEFAULT),
				   DATA(iommu_hwpt_selftest, iotlb)),
			       ARG("pgt",
				   DATA(iommu_hwpt_selftest, pagetable_type)),
			       ARG("dtail", DATA_TAIL(iommu_hwpt_selftest))),
		.outs = OUTS(OUT("id", DECIMAL, BOUND,
				 FIELD(iommu_hwpt_alloc, out_hwpt_id))),
	}, {
		UAPI("get_hw_info", IOMMU_GET_HW_INFO, iommu_hw_info),
		.fill = fill_hw_info, LARGE,
		.args = PARAMS(ARG("DEV", FIELD(iommu_hw_info, dev_id))),
		.keys = PARAMS(ARG("flags", FIELD(iommu_hw_info, flags)),
			       ARG("type", FIELD(iommu_hw_info, in_data_type)),
			       ARG("len", FIELD(iommu_hw_info, data_len)),
			       ARG("uptr", STORES,
				   FIELD(iommu_hw_info, data_uptr))),
	}, {
		UAPI("set_dirty", IOMMU_HWPT_SET_DIRTY_TRACKING,
		     iommu_hwpt_set_dirty_tracking),
		.args = PARAMS(ARG("HWPT", FIELD(iommu_hwpt_set_dirty_tracking,
						 hwpt_id)),
			       ARG("FLAGS", FIELD(iommu_hwpt_set_dirty_tracking,
						  flags))),
	}, {
		UAPI("get_dirty", IOMMU_HWPT_GET_DIRTY_BITMAP,
		     iommu_hwpt_get_dirty_bitmap),
		.args = PARAMS(ARG("HWPT", FIELD(iommu_hwpt_get_dirty_bitmap,
						 hwpt_id)),
			       ARG("IOVA", FIELD(iommu_hwpt_get_dirty_bitmap,
						 iova)),
			       ARG("LEN", FIELD(iommu_hwpt_get_dirty_bitmap,
						length)),
			       ARG("PGSZ", FIELD(iommu_hwpt_get_dirty_bitmap,
						 page_size))),
		.keys = PARAMS(ARG("flags", FIELD(iommu_hwpt_get_dirty_bitmap,
						  flags))),
	},
	{
		UAPI("hwpt_invalidate", IOMMU_HWPT_INVALIDATE,
		     iommu_hwpt_invalidate),
		.fill = fill_invalidate, .show = show_invalidate, STORES,
		SHOWS({ "done", SHOWN_NUMBER }),
		.args = PARAMS(ARG("ID", FIELD(iommu_hwpt_invalidate, hwpt_id)),
			       ARG("W/W[/W...]", .kind = PARAM_WORDS, OPTIONAL,
				   .many = true)),
		.keys = PARAMS(ARG("elen",
				   FIELD(iommu_hwpt_invalidate, entry_len)),
			       ARG("num",
				   FIELD(iommu_hwpt_invalidate, entry_num)),
			       ARG("uptr",
				   FIELD(iommu_hwpt_invalidate, data_uptr)),
			       ARG("type", OTHERWISE(
					   IOMMU_HWPT_INVALIDATE_DATA_SELFTEST),
				   FIELD(iommu_hwpt_invalidate, data_type))),
	}, {
		UAPI("viommu_alloc", IOMMU_VIOMMU_ALLOC, iommu_viommu_alloc),
		.fill = fill_viommu_alloc,
		.args = PARAMS(ARG("DEV", FIELD(iommu_viommu_alloc, dev_id)),
			       ARG("HWPT", FIELD(iommu_viommu_alloc, hwpt_id))),
		.keys = PARAMS(ARG("data",
				   DATA(iommu_viommu_selftest, in_data)),
			       ARG("len", LARGE,
				   FIELD(iommu_viommu_alloc, data_len)),
			       ARG("uptr", STORES,
				   FIELD(iommu_viommu_alloc, data_uptr)),
			       ARG("type",
				   OTHERWISE(IOMMU_VIOMMU_TYPE_SELFTEST),
				   FIELD(iommu_viommu_alloc, type)),
			       ARG("flags", FIELD(iommu_viommu_alloc, flags)),
			       ARG("dtail", DATA_TAIL(iommu_viommu_selftest))),
		.outs = OUTS(OUT("id", DECIMAL, BOUND,
				 FIELD(iommu_viommu_alloc, out_viommu_id)),
			     OUT("out_data", HEX,
				 DATA(iommu_viommu_selftest, out_data)),
			     OUT("mmap_off", HEX, BOUND,
				 DATA(iommu_viommu_selftest, out_mmap_offset)),
			     OUT("mmap_len", HEX,
				 DATA(iommu_viommu_selftest, out_mmap_length))),
	}, {
		UAPI("vdevice_alloc", IOMMU_VDEVICE_ALLOC, iommu_vdevice_alloc),
		.args = PARAMS(ARG("VIOMMU",
				   FIELD(iommu_vdevice_alloc, viommu_id)),
			       ARG("DEV", FIELD(iommu_vdevice_alloc, dev_id)),
			       ARG("VIRT_ID",
				   FIELD(iommu_vdevice_alloc, virt_id))),
		.outs = OUTS(OUT("id", DECIMAL, BOUND,
				 FIELD(iommu_vdevice_alloc, out_vdevice_id))),
	}, {
		UAPI("veventq_alloc", IOMMU_VEVENTQ_ALLOC, iommu_veventq_alloc),
		.args = PARAMS(ARG("VIOMMU",
				   FIELD(iommu_veventq_alloc, viommu_id))),
		.keys = PARAMS(ARG("type",
				   OTHERWISE(IOMMU_VEVENTQ_TYPE_SELFTEST),
				   FIELD(iommu_veventq_alloc, type)),
			       ARG("depth", OTHERWISE(DEFAULT_DEPTH),
				   FIELD(iommu_veventq_alloc, veventq_depth)),
			       ARG("flags", FIELD(iommu_veventq_alloc, flags))),
		.outs = OUTS(OUT("id", DECIMAL, BOUND,
				 FIELD(iommu_veventq_alloc, out_veventq_id)),
			     OUT("fd", BOUND_FD,
				 FIELD(iommu_veventq_alloc, out_veventq_fd))),
	}, {
		UAPI("hw_queue_alloc", IOMMU_HW_QUEUE_ALLOC,
		     iommu_hw_queue_alloc),
		.args = PARAMS(ARG("VIOMMU",
				   FIELD(iommu_hw_queue_alloc, viommu_id)),
			       ARG("INDEX",
				   FIELD(iommu_hw_queue_alloc, index)),
			       ARG("IOVA", FIELD(iommu_hw_queue_alloc,
						 nesting_parent_iova)),
			       ARG("LEN",
				   FIELD(iommu_hw_queue_alloc, length))),
		.keys = PARAMS(ARG("type",
				   OTHERWISE(IOMMU_HW_QUEUE_TYPE_SELFTEST),
				   FIELD(iommu_hw_queue_alloc, type)),
			       ARG("flags",
				   FIELD(iommu_hw_queue_alloc, flags))),
		.outs = OUTS(OUT("id", DECIMAL, BOUND,
				 FIELD(iommu_hw_queue_alloc,
				       out_hw_queue_id))),
	}, {
		.name = "mmap", .run = op_mmap, STORES,
		SHOWS({ "val", SHOWN_NUMBER }),
		.args = PARAMS(ARG("OFF"), ARG("LEN")),
		.keys = PARAMS(ARG("prot", .kind = PARAM_SYMBOL,
				   SYMBOLS(protections)),
			       ARG("share", NUMBER(0, 1))),
		.outs = OUTS(OUT("m", BOUND)),
	}, {
		.name = "munmap", .run = op_munmap,
		.args = PARAMS(ARG("$m"), ARG("LEN")),
	},
	/* Commands of the mock. */
	{
		TEST("add_reserved", IOMMU_TEST_OP_ADD_RESERVED),
		.args = PARAMS(ARG("IOAS", CMD(id)),
			       ARG("START", CMD(add_reserved.start)),
			       ARG("LEN", CMD(add_reserved.length))),
	}, {
		TEST("mock_domain", IOMMU_TEST_OP_MOCK_DOMAIN),
		.fill = fill_mock_domain,
		.args = PARAMS(ARG("PT", CMD(id))),
		.keys = PARAMS(ARG("dev_flags",
				   CMD(mock_domain_flags.dev_flags))),
		.outs = OUTS(OUT("stdev", DECIMAL, BOUND,
				 CMD(mock_domain.out_stdev_id)),
			     OUT("hwpt", DECIMAL, BOUND,
				 CMD(mock_domain.out_hwpt_id)),
			     OUT("idev", DECIMAL, BOUND,
				 CMD(mock_domain.out_idev_id))),
	}, {
		TEST("mock_domain_replace", IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE),
		.args = PARAMS(ARG("STDEV", CMD(id)),
			       ARG("PT", CMD(mock_domain_replace.pt_id))),
		.outs = OUTS(OUT("pt", DECIMAL, BOUND,
				 CMD(mock_domain_replace.pt_id))),
	}, {
		TEST("check_map", IOMMU_TEST_OP_MD_CHECK_MAP),
		.args = PARAMS(ARG("HWPT", CMD(id)),
			       ARG("IOVA", CMD(check_map.iova)),
			       ARG("LEN", CMD(check_map.length)),
			       ARG("ADDR", ADDR, CMD(check_map.uptr))),
	}, {
		TEST("check_refs", IOMMU_TEST_OP_MD_CHECK_REFS),
		.args = PARAMS(ARG("ADDR", ADDR, CMD(check_refs.uptr)),
			       ARG("LEN", CMD(check_refs.length)),
			       ARG("REFS", CMD(check_refs.refs))),
	}, {
		TEST("create_access", IOMMU_TEST_OP_CREATE_ACCESS),
		.args = PARAMS(ARG("IOAS", CMD(id)),
			       ARG("FLAGS", OPTIONAL,
				   CMD(create_access.flags))),
		.outs = OUTS(OUT("fd", BOUND_FD,
				 CMD(create_access.out_access_fd))),
	}, {
		TEST("access_pages", IOMMU_TEST_OP_ACCESS_PAGES),
		.args = PARAMS(ARG("FD", CMD(id)),
			       ARG("IOVA", CMD(access_pages.iova)),
			       ARG("LEN", CMD(access_pages.length)),
			       ARG("FLAGS", OPTIONAL, CMD(access_pages.flags)),
			       ARG("ADDR", ADDR, OPTIONAL,
				   CMD(access_pages.uptr))),
		.outs = OUTS(OUT("item", DECIMAL, BOUND_FD,
				 CMD(access_pages.out_access_pages_id))),
	}, {
		TEST("destroy_access_pages",
		     IOMMU_TEST_OP_DESTROY_ACCESS_PAGES),
		.args = PARAMS(ARG("FD", CMD(id)),
			       ARG("ITEM",
				   CMD(destroy_access_pages.access_pages_id))),
	}, {
		TEST("access_rw", IOMMU_TEST_OP_ACCESS_RW),
		.fill = fill_access_rw, .show = show_access_rw, STORES,
		SHOWS({ "sum", SHOWN_NUMBER }),
		.args = PARAMS(ARG("FD", CMD(id)),
			       ARG("IOVA", CMD(access_rw.iova)),
			       ARG("LEN", CMD(access_rw.length)),
			       ARG("FLAGS", OPTIONAL, CMD(access_rw.flags))),
		.keys = PARAMS(ARG("fill"),
			       ARG("uptr", STORES, CMD(access_rw.uptr))),
	}, {
		TEST("access_replace_ioas", IOMMU_TEST_OP_ACCESS_REPLACE_IOAS),
		.args = PARAMS(ARG("FD", CMD(id)),
			       ARG("IOAS", CMD(access_replace_ioas.ioas_id))),
	}, {
		TEST("set_memory_limit", IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT),
		.args = PARAMS(ARG("N", CMD(memory_limit.limit))),
	}, {
		TEST("check_iotlb", IOMMU_TEST_OP_MD_CHECK_IOTLB),
		.args = PARAMS(ARG("HWPT", CMD(id)),
			       ARG("IDX", CMD(check_iotlb.id)),
			       ARG("VAL", CMD(check_iotlb.iotlb))),
	}, {
		TEST("check_cache", IOMMU_TEST_OP_DEV_CHECK_CACHE),
		.args = PARAMS(ARG("DEV", CMD(id)), ARG("IDX", AT(4, 16)),
			       ARG("VAL", AT(4, 20))),
	}, {
		TEST("trigger_iopf", IOMMU_TEST_OP_TRIGGER_IOPF),
		.args = PARAMS(ARG("DEV", AT(4, 16))),
		.keys = PARAMS(ARG("pasid", AT(4, 20)), ARG("grpid", AT(4, 24)),
			       ARG("perm", AT(4, 28)), ARG("addr", AT(8, 32))),
	}, {
		TEST("trigger_vevent", IOMMU_TEST_OP_TRIGGER_VEVENT),
		.args = PARAMS(ARG("DEV", CMD(trigger_vevent.dev_id))),
	}, {
		TEST("pasid_attach", IOMMU_TEST_OP_PASID_ATTACH),
		.args = PARAMS(ARG("STDEV", CMD(id)), ARG("PASID", AT(4, 16)),
			       ARG("PT", AT(4, 20))),
		.outs = OUTS(OUT("pt", DECIMAL, BOUND, AT(4, 20))),
	}, {
		TEST("pasid_replace", IOMMU_TEST_OP_PASID_REPLACE),
		.args = PARAMS(ARG("STDEV", CMD(id)), ARG("PASID", AT(4, 16)),
			       ARG("PT", AT(4, 20))),
		.outs = OUTS(OUT("pt", DECIMAL, BOUND, AT(4, 20))),
	}, {
		TEST("pasid_detach", IOMMU_TEST_OP_PASID_DETACH),
		.args = PARAMS(ARG("STDEV", CMD(id)), ARG("PASID", AT(4, 16))),
	}, {
		TEST("pasid_check", IOMMU_TEST_OP_PASID_CHECK_HWPT),
		.args = PARAMS(ARG("STDEV", CMD(id)), ARG("PASID", AT(4, 16)),
			       ARG("HWPT", AT(4, 20))),
	},
	LEFT_OUT("mock_dirty"), LEFT_OUT("dmabuf_get"),
	LEFT_OUT("dmabuf_revoke"),
	{
		TEST("test_op", 0),
		.args = PARAMS(ARG("OP", CMD(op)),
			       ARG("ID", CMD(id), OPTIONAL)),
	},
	/* Operations outside of the interface. */
	{
		.name = "raw", .run = op_raw, .uapi = true, .needs_size = true,
		STORES,
		SHOWS({ "wN", SHOWN_NUMBER }),
		.args = PARAMS(ARG("NR|CMD")),
		.keys = PARAMS(ARG("outw", NUMBER(0, BUFFER_SIZE / 4 - 1))),
		.outs = OUTS(OUT("w", BOUND)),
	}, {
		.name = "fill", .run = op_fill, STORES,
		.args = PARAMS(ARG("ADDR", ADDR), ARG("LEN"), ARG("BYTE")),
	}, {
		.name = "sum", .run = op_sum, SHOWS({ "sum", SHOWN_NUMBER }),
		.args = PARAMS(ARG("ADDR", ADDR), ARG("LEN")),
	}, {
		.name = "objmap", .run = op_objmap, LARGE,
		SHOWS({ "map", SHOWN_TEXT }),
		.args = PARAMS(ARG("N", NUMBER(1, 4096), OPTIONAL)),
	},
	{ .name = NULL },
};
