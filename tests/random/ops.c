// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The operations of a random sequence: IOASes, mappings, accesses.
 */
#include "ops.h"
#include "ops_viommu.h"
#include <stdio.h>

static u32 map_flags(struct world *w)
{
	u32 flags = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE |
		    IOMMU_IOAS_MAP_FIXED_IOVA;

	if (one_in(w, 8))
		flags &= ~(1u << below(w, 3));
	if (one_in(w, 60))
		flags = (u32)below(w, 16);
	return flags;
}

static int op_ioas_alloc(struct world *w)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	int rc;

	cmd.flags = one_in(w, 40);
	note_step(w, "ioas_alloc");
	rc = do_ioctl(w, IOMMU_IOAS_ALLOC, &cmd);
	if (!rc)
		add_id(w, cmd.out_ioas_id, IOAS);
	return rc;
}

static int op_destroy(struct world *w)
{
	enum kind kind = (enum kind)(1 + below(w, NR_KINDS - 1));
	struct iommu_destroy cmd = {
		.size = sizeof(cmd), .id = some_id(w, kind),
	};
	int rc;

	note_step(w, "destroy")->arg[0] = cmd.id;
	rc = do_ioctl(w, IOMMU_DESTROY, &cmd);
	if (!rc)
		add_id(w, cmd.id, NOTHING);
	return rc;
}

static int do_map(struct world *w, struct iommu_ioas_map *cmd)
{
	struct step *step = note_step(w, "map");

	step->arg[0] = cmd->ioas_id;
	step->arg[1] = cmd->iova;
	step->arg[2] = cmd->length;
	step->arg[3] = cmd->user_va;
	step->arg[4] = cmd->flags;
	return do_ioctl(w, IOMMU_IOAS_MAP, cmd);
}

static int op_map(struct world *w)
{
	struct iommu_ioas_map cmd = { .size = sizeof(cmd) };

	cmd.flags = map_flags(w);
	cmd.ioas_id = some_id(w, IOAS);
	cmd.iova = some_iova(w);
	cmd.length = some_length(w);
	cmd.user_va = some_va(w);
	return do_map(w, &cmd);
}

/* Map half of the memory that the other operations use. */
static int op_map_much(struct world *w)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE |
			 IOMMU_IOAS_MAP_FIXED_IOVA,
		.iova = MOCK_APERTURE_START,
		.length = 12 * PAGE_SIZE,
		.user_va = (uintptr_t)buf,
	};

	cmd.ioas_id = some_id(w, IOAS);
	return do_map(w, &cmd);
}

static int op_unmap(struct world *w)
{
	struct iommu_ioas_unmap cmd = { .size = sizeof(cmd) };
	struct step *step;

	cmd.ioas_id = some_id(w, IOAS);
	cmd.iova = some_iova(w);
	cmd.length = some_length(w);
	if (one_in(w, 3))
		cmd.length = 8 * PAGE_SIZE;
	if (one_in(w, 10)) {
		cmd.iova = 0;
		cmd.length = U64_MAX;
	}
	step = note_step(w, "unmap");
	step->arg[0] = cmd.ioas_id;
	step->arg[1] = cmd.iova;
	step->arg[2] = cmd.length;
	return do_ioctl(w, IOMMU_IOAS_UNMAP, &cmd);
}

static int op_copy(struct world *w)
{
	struct iommu_ioas_copy cmd = { .size = sizeof(cmd) };
	struct step *step;

	cmd.flags = map_flags(w);
	cmd.src_ioas_id = some_id(w, IOAS);
	cmd.dst_ioas_id = some_id(w, IOAS);
	cmd.src_iova = some_iova(w);
	cmd.dst_iova = some_iova(w) + below(w, 3) * 16 * PAGE_SIZE;
	cmd.length = some_length(w);
	step = note_step(w, "copy");
	step->arg[0] = (u64)cmd.src_ioas_id << 32 | cmd.dst_ioas_id;
	step->arg[1] = cmd.src_iova;
	step->arg[2] = cmd.length;
	step->arg[3] = cmd.dst_iova;
	step->arg[4] = cmd.flags;
	return do_ioctl(w, IOMMU_IOAS_COPY, &cmd);
}

static int op_option(struct world *w)
{
	struct iommu_option cmd = { .size = sizeof(cmd) };
	struct step *step;

	cmd.option_id = !one_in(w, 6);
	cmd.op = (u16)below(w, 2);
	cmd.object_id = cmd.option_id ? some_id(w, IOAS) : 0;
	cmd.val64 = below(w, one_in(w, 20) ? 3 : 2);
	step = note_step(w, "option");
	step->arg[0] = cmd.option_id;
	step->arg[1] = cmd.op;
	step->arg[2] = cmd.object_id;
	step->arg[3] = cmd.val64;
	return do_ioctl(w, IOMMU_OPTION, &cmd);
}

static int op_allow(struct world *w)
{
	struct iommu_ioas_allow_iovas cmd = { .size = sizeof(cmd) };
	struct iommu_iova_range ranges[3];
	struct step *step;
	u32 i;

	for (i = 0; i < 3; i++) {
		ranges[i].start = MOCK_APERTURE_START +
				  below(w, 64) * PAGE_SIZE;
		ranges[i].last = ranges[i].start + some_length(w) - 1;
	}
	cmd.ioas_id = some_id(w, IOAS);
	cmd.num_iovas = (u32)below(w, 4);
	cmd.allowed_iovas = one_in(w, 40) ? 1 : (uintptr_t)ranges;
	step = note_step(w, "allow");
	step->arg[0] = cmd.ioas_id;
	step->arg[1] = cmd.num_iovas;
	step->arg[2] = ranges[0].start;
	step->arg[3] = ranges[0].last;
	return do_ioctl(w, IOMMU_IOAS_ALLOW_IOVAS, &cmd);
}

static int op_ranges(struct world *w)
{
	struct iommu_iova_range ranges[4];
	struct iommu_ioas_iova_ranges cmd = { .size = sizeof(cmd) };

	cmd.ioas_id = some_id(w, IOAS);
	cmd.num_iovas = (u32)below(w, 5);
	cmd.allowed_iovas = (uintptr_t)ranges;
	note_step(w, "iova_ranges")->arg[0] = cmd.ioas_id;
	return do_ioctl(w, IOMMU_IOAS_IOVA_RANGES, &cmd);
}

static int test_op(struct world *w, struct iommu_test_cmd *cmd, u32 op)
{
	struct step *step = &w->steps[w->nr_steps - 1];

	cmd->size = sizeof(*cmd);
	cmd->op = op;
	step->arg[0] = cmd->id;
	return do_ioctl(w, IOMMU_TEST_CMD, cmd);
}

static int op_reserve(struct world *w)
{
	struct iommu_test_cmd cmd = { .id = some_id(w, IOAS) };
	struct step *step = note_step(w, "reserve");

	cmd.add_reserved.start = some_iova(w) + below(w, 40) * PAGE_SIZE;
	cmd.add_reserved.length = some_length(w);
	step->arg[1] = cmd.add_reserved.start;
	step->arg[2] = cmd.add_reserved.length;
	return test_op(w, &cmd, IOMMU_TEST_OP_ADD_RESERVED);
}

static int op_create_access(struct world *w)
{
	struct iommu_test_cmd cmd = { .id = some_id(w, IOAS) };
	struct step *step = note_step(w, "create_access");
	int rc;

	if (w->nr_fds == MAX_THINGS)
		return step->result = -EMFILE;
	cmd.create_access.flags = !one_in(w, 4);
	step->arg[1] = cmd.create_access.flags;
	rc = test_op(w, &cmd, IOMMU_TEST_OP_CREATE_ACCESS);
	if (!rc)
		add_fd(w, (int)cmd.create_access.out_access_fd, true);
	return rc;
}

static int op_access_pages(struct world *w)
{
	struct iommu_test_cmd cmd = { .id = (u32)some_fd(w, true) };
	struct step *step = note_step(w, "access_pages");
	int rc;

	cmd.access_pages.flags = !one_in(w, 3);
	cmd.access_pages.iova = some_iova(w);
	cmd.access_pages.length = some_length(w);
	cmd.access_pages.uptr = one_in(w, 10) ? some_va(w) : 0;
	step->arg[1] = cmd.access_pages.iova;
	step->arg[2] = cmd.access_pages.length;
	step->arg[3] = cmd.access_pages.flags;
	rc = test_op(w, &cmd, IOMMU_TEST_OP_ACCESS_PAGES);
	if (!rc && cmd.access_pages.out_access_pages_id > w->pins)
		w->pins = cmd.access_pages.out_access_pages_id;
	return rc;
}

static int op_destroy_access_pages(struct world *w)
{
	struct iommu_test_cmd cmd = { .id = (u32)some_fd(w, true) };
	struct step *step = note_step(w, "destroy_access_pages");

	cmd.destroy_access_pages.access_pages_id = (u32)below(w, w->pins + 1);
	step->arg[1] = cmd.destroy_access_pages.access_pages_id;
	return test_op(w, &cmd, IOMMU_TEST_OP_DESTROY_ACCESS_PAGES);
}

static int op_access_rw(struct world *w)
{
	struct iommu_test_cmd cmd = { .id = (u32)some_fd(w, true) };
	struct step *step = note_step(w, "access_rw");

	cmd.access_rw.iova = some_iova(w) + below(w, 100);
	cmd.access_rw.length = some_length(w);
	if (cmd.access_rw.length > sizeof(scratch) && !one_in(w, 4))
		cmd.access_rw.length = below(w, 9000);
	cmd.access_rw.uptr = cmd.access_rw.length > sizeof(scratch) ?
		(uintptr_t)buf + BUF_PAGES * PAGE_SIZE : (uintptr_t)scratch;
	cmd.access_rw.flags = below(w, 2) ? MOCK_ACCESS_RW_WRITE : 0;
	if (one_in(w, 4))
		cmd.access_rw.flags |= MOCK_ACCESS_RW_SLOW_PATH;
	step->arg[1] = cmd.access_rw.iova;
	step->arg[2] = cmd.access_rw.length;
	step->arg[3] = cmd.access_rw.flags;
	return test_op(w, &cmd, IOMMU_TEST_OP_ACCESS_RW);
}

static int op_access_replace(struct world *w)
{
	struct iommu_test_cmd cmd = { .id = (u32)some_fd(w, true) };
	struct step *step = note_step(w, "access_replace");

	cmd.access_replace_ioas.ioas_id = some_id(w, IOAS);
	step->arg[1] = cmd.access_replace_ioas.ioas_id;
	return test_op(w, &cmd, IOMMU_TEST_OP_ACCESS_REPLACE_IOAS);
}

/*
 * Close one descriptor; it is seldom /dev/iommu, since most operations need it.
 */
static int op_close(struct world *w)
{
	struct step *step = note_step(w, "close");
	unsigned int i;

	if (one_in(w, 50) && w->fd >= 0) {
		step->name = "close of /dev/iommu";
		step->result = iommufd_model_close(w->fd);
		w->fd = -1;
		return step->result;
	}
	if (!w->nr_fds)
		return step->result = -EBADF;
	i = (unsigned int)below(w, w->nr_fds);
	step->arg[0] = (u64)w->fds[i].fd;
	return step->result = close_thing(w, i);
}

struct op {
	const char *name;
	int (*fn)(struct world *w);
	unsigned int weight;
	bool needs_ctx;
};

static const struct op ops[] = {
	{ "ioas_alloc", op_ioas_alloc, 3, true },
	{ "destroy", op_destroy, 14, true },
	{ "map", op_map, 12, true },
	{ "map_much", op_map_much, 4, true },
	{ "unmap", op_unmap, 10, true },
	{ "copy", op_copy, 8, true },
	{ "option", op_option, 3, true },
	{ "allow", op_allow, 2, true },
	{ "iova_ranges", op_ranges, 2, true },
	{ "reserve", op_reserve, 2, true },
	{ "create_access", op_create_access, 4, true },
	{ "access_pages", op_access_pages, 10, true },
	{ "destroy_access_pages", op_destroy_access_pages, 4, true },
	{ "access_rw", op_access_rw, 6, true },
	{ "access_replace", op_access_replace, 3, true },
	{ "close", op_close, 4, false },
	{ "mock_domain", op_mock_domain, 5, true },
	{ "mock_domain_replace", op_mock_domain_replace, 5, true },
	{ "hwpt_alloc", op_hwpt_alloc, 4, true },
	{ "nest_parent", op_nest_parent, 3, true },
	{ "nested", op_nested, 4, true },
	{ "viommu_alloc", op_viommu_alloc, 5, true },
	{ "vdevice_alloc", op_vdevice_alloc, 4, true },
	{ "veventq_alloc", op_veventq_alloc, 4, true },
	{ "fault_alloc", op_fault_alloc, 2, true },
	{ "trigger_vevent", op_trigger_vevent, 3, true },
	{ "hw_queue_alloc", op_hw_queue_alloc, 8, true },
	{ "read", op_read, 3, false },
	{ "mmap", op_mmap, 3, true },
	{ "munmap", op_munmap, 3, false },
};

static unsigned long done[ARRAY_SIZE(ops)], good[ARRAY_SIZE(ops)];

static size_t choose(struct world *w)
{
	static unsigned int total;
	unsigned int n;
	size_t i;

	if (!total)
		for (i = 0; i < ARRAY_SIZE(ops); i++)
			total += ops[i].weight;
	n = (unsigned int)below(w, total);
	for (i = 0; n >= ops[i].weight; i++)
		n -= ops[i].weight;
	return i;
}

static void do_op(struct world *w, size_t i)
{
	done[i]++;
	good[i] += ops[i].fn(w) >= 0;
}

/*
 * Do the first operations of a sequence, or some of them: they make the objects
 * that are deepest in the graph.  Returns false if another operation is to be
 * done.
 */
static bool set_scene(struct world *w, unsigned int nr)
{
	static int (*const scene[])(struct world *w) = {
		op_ioas_alloc, op_map_much, op_mock_domain, op_nest_parent,
		op_viommu_alloc, op_vdevice_alloc, op_nested,
		op_mock_domain_replace, op_veventq_alloc, op_create_access,
		op_hw_queue_alloc, op_mmap,
	};
	size_t i;

	if (!nr)
		w->scene = (unsigned int)below(w, ARRAY_SIZE(scene) + 1);
	if (nr >= w->scene || one_in(w, 12))
		return false;
	for (i = 0; ops[i].fn != scene[nr]; i++)
		;
	if (w->fd >= 0)
		do_op(w, i);
	return w->fd >= 0;
}

void do_random_op(struct world *w, unsigned int nr)
{
	size_t i;

	if (set_scene(w, nr))
		return;
	do
		i = choose(w);
	while (w->fd < 0 && ops[i].needs_ctx);
	do_op(w, i);
}

void print_counts(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		printf("%-22s %9lu, %9lu succeeded\n", ops[i].name, done[i],
		       good[i]);
}
