// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The operations of a random sequence: devices, page tables, vIOMMUs and the
 * objects on them, event queues, mappings of device memory.
 */
#include "ops_viommu.h"
#include <string.h>
#include <sys/mman.h>

static u32 some_pt(struct world *w)
{
	static const enum kind kinds[] = {
		IOAS, IOAS, HWPT, NEST_PARENT, NESTED, NESTED, VIOMMU,
	};

	return some_id(w, kinds[below(w, ARRAY_SIZE(kinds))]);
}

int op_mock_domain(struct world *w)
{
	struct iommu_test_cmd cmd = { .size = sizeof(cmd) };
	struct step *step = note_step(w, "mock_domain");
	int rc;

	cmd.op = IOMMU_TEST_OP_MOCK_DOMAIN;
	cmd.id = one_in(w, 4) ? some_pt(w) : some_id(w, IOAS);
	if (one_in(w, 4)) {
		cmd.op = IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS;
		cmd.mock_domain_flags.dev_flags = (u32)below(w, 6);
	}
	step->arg[0] = cmd.id;
	step->arg[1] = cmd.mock_domain_flags.dev_flags;
	rc = do_ioctl(w, IOMMU_TEST_CMD, &cmd);
	if (rc)
		return rc;
	add_id(w, cmd.mock_domain.out_stdev_id, STDEV);
	add_id(w, cmd.mock_domain.out_idev_id, IDEV);
	if (cmd.mock_domain.out_hwpt_id != cmd.id)
		add_id(w, cmd.mock_domain.out_hwpt_id, HWPT);
	return 0;
}

int op_mock_domain_replace(struct world *w)
{
	struct iommu_test_cmd cmd = { .size = sizeof(cmd) };
	struct step *step = note_step(w, "mock_domain_replace");
	u32 pt = one_in(w, 2) ? some_id(w, NESTED) : some_pt(w);
	int rc;

	cmd.op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE;
	cmd.id = some_id(w, STDEV);
	cmd.mock_domain_replace.pt_id = pt;
	step->arg[0] = cmd.id;
	step->arg[1] = pt;
	rc = do_ioctl(w, IOMMU_TEST_CMD, &cmd);
	if (!rc && cmd.mock_domain_replace.pt_id != pt)
		add_id(w, cmd.mock_domain_replace.pt_id, HWPT);
	return rc;
}

static int alloc_hwpt(struct world *w, const char *name,
		      struct iommu_hwpt_alloc *cmd, enum kind kind)
{
	struct step *step = note_step(w, name);
	int rc;

	cmd->size = sizeof(*cmd);
	cmd->dev_id = some_id(w, IDEV);
	if (one_in(w, 6)) {
		cmd->flags |= IOMMU_HWPT_FAULT_ID_VALID;
		cmd->fault_id = some_id(w, FAULT);
	}
	if (one_in(w, 30))
		cmd->flags ^= 1u << below(w, 5);
	step->arg[0] = cmd->dev_id;
	step->arg[1] = cmd->pt_id;
	step->arg[2] = cmd->flags;
	step->arg[3] = cmd->data_type;
	step->arg[4] = cmd->fault_id;
	rc = do_ioctl(w, IOMMU_HWPT_ALLOC, cmd);
	if (!rc)
		add_id(w, cmd->out_hwpt_id, kind);
	return rc;
}

int op_hwpt_alloc(struct world *w)
{
	struct iommu_hwpt_selftest data = { .pagetable_type = 0 };
	struct iommu_hwpt_alloc cmd = { .pt_id = some_id(w, IOAS) };

	if (one_in(w, 3)) {
		data.pagetable_type = (u32)below(w, 3);
		cmd.data_type = IOMMU_HWPT_DATA_SELFTEST;
		cmd.data_len = sizeof(data);
		cmd.data_uptr = (uintptr_t)&data;
	}
	if (one_in(w, 4))
		cmd.flags = IOMMU_HWPT_ALLOC_DIRTY_TRACKING;
	return alloc_hwpt(w, "hwpt_alloc", &cmd, HWPT);
}

int op_nest_parent(struct world *w)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
		.pt_id = some_id(w, IOAS),
	};

	return alloc_hwpt(w, "nest_parent", &cmd, NEST_PARENT);
}

int op_nested(struct world *w)
{
	struct iommu_hwpt_selftest data = { .iotlb = 7 };
	struct iommu_hwpt_alloc cmd = {
		.data_type = IOMMU_HWPT_DATA_SELFTEST,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)&data,
	};

	cmd.pt_id = some_id(w, one_in(w, 3) ? NEST_PARENT : VIOMMU);
	if (one_in(w, 30))
		cmd.data_len = (u32)below(w, 20);
	if (one_in(w, 30))
		cmd.data_uptr = 1;
	return alloc_hwpt(w, "nested", &cmd, NESTED);
}

int op_viommu_alloc(struct world *w)
{
	struct iommu_viommu_selftest data = { .in_data = 0x1234 };
	struct iommu_viommu_alloc cmd = { .size = sizeof(cmd) };
	struct step *step = note_step(w, "viommu_alloc");
	int rc;

	cmd.type = one_in(w, 40) ? 1 : IOMMU_VIOMMU_TYPE_SELFTEST;
	cmd.dev_id = some_id(w, IDEV);
	cmd.hwpt_id = some_id(w, one_in(w, 20) ? HWPT : NEST_PARENT);
	if (one_in(w, 2)) {
		cmd.data_len = sizeof(data);
		cmd.data_uptr = one_in(w, 20) ? 1 : (uintptr_t)&data;
	}
	step->arg[0] = cmd.dev_id;
	step->arg[1] = cmd.hwpt_id;
	step->arg[2] = cmd.data_len;
	rc = do_ioctl(w, IOMMU_VIOMMU_ALLOC, &cmd);
	if (rc)
		return rc;
	add_id(w, cmd.out_viommu_id, VIOMMU);
	if (cmd.data_len) {
		w->mmap_offset = data.out_mmap_offset;
		w->mmap_length = data.out_mmap_length;
	}
	return 0;
}

int op_vdevice_alloc(struct world *w)
{
	struct iommu_vdevice_alloc cmd = { .size = sizeof(cmd) };
	struct step *step = note_step(w, "vdevice_alloc");
	int rc;

	cmd.viommu_id = some_id(w, VIOMMU);
	cmd.dev_id = some_id(w, IDEV);
	cmd.virt_id = one_in(w, 20) ? below(w, 2) - 1 : 1 + below(w, 3);
	step->arg[0] = cmd.viommu_id;
	step->arg[1] = cmd.dev_id;
	step->arg[2] = cmd.virt_id;
	rc = do_ioctl(w, IOMMU_VDEVICE_ALLOC, &cmd);
	if (!rc)
		add_id(w, cmd.out_vdevice_id, VDEVICE);
	return rc;
}

int op_veventq_alloc(struct world *w)
{
	struct iommu_veventq_alloc cmd = { .size = sizeof(cmd) };
	struct step *step = note_step(w, "veventq_alloc");
	int rc;

	if (w->nr_fds == MAX_THINGS)
		return step->result = -EMFILE;
	cmd.viommu_id = some_id(w, VIOMMU);
	cmd.type = IOMMU_VEVENTQ_TYPE_SELFTEST;
	if (one_in(w, 3))
		cmd.type = (u32)below(w, 3);
	cmd.veventq_depth = (u32)below(w, 5);
	step->arg[0] = cmd.viommu_id;
	step->arg[1] = cmd.type;
	step->arg[2] = cmd.veventq_depth;
	rc = do_ioctl(w, IOMMU_VEVENTQ_ALLOC, &cmd);
	if (rc)
		return rc;
	add_id(w, cmd.out_veventq_id, VEVENTQ);
	add_fd(w, (int)cmd.out_veventq_fd, false);
	return 0;
}

int op_fault_alloc(struct world *w)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };
	struct step *step = note_step(w, "fault_alloc");
	int rc;

	if (w->nr_fds == MAX_THINGS)
		return step->result = -EMFILE;
	cmd.flags = one_in(w, 40);
	rc = do_ioctl(w, IOMMU_FAULT_QUEUE_ALLOC, &cmd);
	if (rc)
		return rc;
	add_id(w, cmd.out_fault_id, FAULT);
	add_fd(w, (int)cmd.out_fault_fd, false);
	return 0;
}

int op_trigger_vevent(struct world *w)
{
	struct iommu_test_cmd cmd = { .size = sizeof(cmd) };

	cmd.op = IOMMU_TEST_OP_TRIGGER_VEVENT;
	cmd.trigger_vevent.dev_id = some_id(w, IDEV);
	note_step(w, "trigger_vevent")->arg[0] = cmd.trigger_vevent.dev_id;
	return do_ioctl(w, IOMMU_TEST_CMD, &cmd);
}

int op_hw_queue_alloc(struct world *w)
{
	struct iommu_hw_queue_alloc cmd = { .size = sizeof(cmd) };
	struct step *step = note_step(w, "hw_queue_alloc");
	int rc;

	cmd.flags = one_in(w, 60);
	cmd.viommu_id = some_id(w, VIOMMU);
	cmd.type = one_in(w, 40) ? 1 : IOMMU_HW_QUEUE_TYPE_SELFTEST;
	cmd.index = (u32)below(w, one_in(w, 20) ? 4 : 2);
	cmd.nesting_parent_iova = some_iova(w);
	cmd.length = one_in(w, 2) ? PAGE_SIZE : some_length(w);
	step->arg[0] = cmd.viommu_id;
	step->arg[1] = cmd.type;
	step->arg[2] = cmd.index;
	step->arg[3] = cmd.nesting_parent_iova;
	step->arg[4] = cmd.length;
	rc = do_ioctl(w, IOMMU_HW_QUEUE_ALLOC, &cmd);
	if (!rc)
		add_id(w, cmd.out_hw_queue_id, HW_QUEUE);
	return rc;
}

int op_read(struct world *w)
{
	int fd = some_fd(w, one_in(w, 20));
	struct step *step = note_step(w, "read");
	char events[256];

	step->arg[0] = (u64)fd;
	step->arg[1] = below(w, sizeof(events) + 1);
	if (one_in(w, 10)) {
		step->name = "write";
		memset(events, 0, sizeof(events));
		step->result = (int)iommufd_model_write(fd, events,
							step->arg[1]);
	} else if (one_in(w, 10)) {
		step->name = "poll";
		step->result = iommufd_model_poll(fd);
	} else {
		step->result = (int)iommufd_model_read(fd, events,
						       step->arg[1]);
	}
	return step->result;
}

int op_mmap(struct world *w)
{
	struct step *step = note_step(w, "mmap");
	size_t length = (size_t)w->mmap_length;
	u64 offset = w->mmap_offset;
	void *addr;

	if (one_in(w, 20))
		offset += PAGE_SIZE;
	if (one_in(w, 20))
		length = below(w, 4) * PAGE_SIZE;
	if (w->nr_mappings == MAX_THINGS)
		return step->result = -ENOMEM;
	step->arg[0] = offset;
	step->arg[1] = length;
	addr = iommufd_model_mmap(w->fd, length, PROT_READ | PROT_WRITE,
				  MAP_SHARED, offset);
	if (IS_ERR(addr))
		return step->result = (int)PTR_ERR(addr);
	w->mappings[w->nr_mappings++] = (struct mapping){ addr, length };
	return 0;
}

int op_munmap(struct world *w)
{
	struct step *step = note_step(w, "munmap");
	unsigned int i;

	if (!w->nr_mappings)
		return step->result = iommufd_model_munmap(buf, PAGE_SIZE);
	i = (unsigned int)below(w, w->nr_mappings);
	if (one_in(w, 6) && w->nr_mappings < MAX_THINGS) {
		step->name = "mdup";
		step->result = iommufd_model_mdup(w->mappings[i].addr,
						  w->mappings[i].length);
		if (!step->result)
			w->mappings[w->nr_mappings++] = w->mappings[i];
		return step->result;
	}
	return step->result = remove_mapping(w, i);
}
