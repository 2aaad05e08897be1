// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "guest.h"

char guest_mem[GUEST_PAGES * PAGE_SIZE] __attribute__((aligned(4096)));

u32 made_by(int rc, const char *what)
{
	ck_assert_msg(rc > 0, "%s: error %d", what, -rc);
	return (u32)rc;
}

struct iommufd_object *obj_of(struct guest *g, u32 id)
{
	return peek(g->ictx, id);
}

int destroy(struct guest *g, u32 id)
{
	return user_destroy(g->ictx, id);
}

bool is_gone(struct guest *g, u32 id)
{
	return look_up(g->ictx, id, IOMMUFD_OBJ_ANY) == -ENOENT;
}

int try_map(struct guest *g, u32 ioas, u64 iova, void *va, u64 length)
{
	return ioctl_map(g->fd, ioas, iova, va, length);
}

int try_unmap(struct guest *g, u32 ioas, u64 iova, u64 length)
{
	return ioctl_unmap(g->fd, ioas, iova, length);
}

int try_device(struct guest *g, u32 pt_id, struct iommu_test_cmd *cmd)
{
	return ioctl_mock_device(g->fd, pt_id, cmd);
}

int try_replace(struct guest *g, u32 stdev, u32 pt_id)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
		.id = stdev,
		.mock_domain_replace.pt_id = pt_id,
	};
	int rc = uapi(g, IOMMU_TEST_CMD, &cmd);

	return rc ? rc : (int)cmd.mock_domain_replace.pt_id;
}

int trigger_vevent(struct guest *g)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_TRIGGER_VEVENT,
		.trigger_vevent.dev_id = g->idev,
	};

	return uapi(g, IOMMU_TEST_CMD, &cmd);
}

struct iommu_hwpt_selftest guest_iotlb = {
	.iotlb = IOMMU_TEST_IOTLB_DEFAULT,
};

int try_alloc_hwpt(struct guest *g, struct iommu_hwpt_alloc *cmd)
{
	int rc = uapi(g, IOMMU_HWPT_ALLOC, cmd);

	return rc ? rc : (int)cmd->out_hwpt_id;
}

int try_paging(struct guest *g, u32 flags)
{
	return ioctl_hwpt(g->fd, g->idev, g->ioas, flags);
}

int try_nested(struct guest *g, u32 pt_id, u32 fault)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = fault ? IOMMU_HWPT_FAULT_ID_VALID : 0,
		.dev_id = g->idev,
		.pt_id = pt_id,
		.data_type = IOMMU_HWPT_DATA_SELFTEST,
		.data_len = sizeof(guest_iotlb),
		.data_uptr = (uintptr_t)&guest_iotlb,
		.fault_id = fault,
	};

	return try_alloc_hwpt(g, &cmd);
}

int try_viommu(struct guest *g, struct iommu_viommu_selftest *data)
{
	return ioctl_viommu(g->fd, g->idev, g->parent, data);
}

int try_vdevice(struct guest *g, u32 viommu, u32 idev, u64 virt_id)
{
	return ioctl_vdevice(g->fd, viommu, idev, virt_id);
}

int try_veventq(struct guest *g, u32 type, u32 depth)
{
	return ioctl_veventq(g->fd, g->viommu, type, depth, &g->event_fd);
}

int try_fault(struct guest *g)
{
	return ioctl_fault(g->fd, &g->event_fd);
}

int try_queue_at(struct guest *g, u32 index, u64 iova, u64 length)
{
	return ioctl_hw_queue(g->fd, g->viommu, index, iova, length);
}

int try_queue(struct guest *g, u32 index)
{
	return try_queue_at(g, index, GUEST_IOVA + index * PAGE_SIZE,
			    PAGE_SIZE);
}

int close_event_fd(struct guest *g)
{
	return iommufd_model_close(g->event_fd);
}

void guest_open_empty(struct guest *g)
{
	*g = (struct guest){ .ictx = iommufd_model_check_open() };
	g->fd = iommufd_model_check_fd(g->ictx);
	g->ioas = make_ioas(g->ictx);
	ck_assert_int_eq(try_map(g, g->ioas, GUEST_IOVA, guest_mem,
				 sizeof(guest_mem)),
			 0);
}

void guest_open(struct guest *g)
{
	struct iommu_test_cmd cmd;

	guest_open_empty(g);
	g->stdev = made(try_device(g, g->ioas, &cmd));
	g->idev = cmd.mock_domain.out_idev_id;
	g->hwpt = cmd.mock_domain.out_hwpt_id;
}

void guest_viommu(struct guest *g)
{
	g->parent = made(try_paging(g, IOMMU_HWPT_ALLOC_NEST_PARENT));
	g->viommu = made(try_viommu(g, NULL));
}

void guest_open_viommu(struct guest *g)
{
	guest_open(g);
	guest_viommu(g);
}

void guest_close(struct guest *g)
{
	unwatch();
	no_intruder();
	close_clean(g->ictx);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
}

static void guest_setup(void)
{
	probe_setup();
	iommufd_model_set_page_map(identity, NULL);
}

static void guest_teardown(void)
{
	iommufd_model_set_page_map(NULL, NULL);
	iommufd_model_set_first_fd(3);
	probe_teardown();
}

TCase *guest_tests(Suite *suite, const char *name)
{
	return case_with(suite, name, guest_setup, guest_teardown);
}

void guest_counters(struct guest *g, char *buf, size_t size)
{
	struct iommufd_object *obj;
	size_t len = 0;
	u32 id;

	buf[0] = 0;
	for (id = 1; id < 64; id++) {
		obj = slot(g->ictx, id);
		if (obj && !xa_is_zero(obj) && len < size)
			len += (size_t)snprintf(buf + len, size - len,
						"%u:%u/%u ", id,
						refcount_read(&obj->users),
						refcount_read(&obj->wait_cnt));
		else if (obj && len < size)
			len += (size_t)snprintf(buf + len, size - len, "%u:- ",
						id);
	}
}

u32 fails_without_trace(struct guest *g, int (*make)(struct guest *g))
{
	unsigned long leaks = nr_leaks(), pins = iommufd_model_pinned();
	unsigned int refs = (unsigned int)file_count(g->ictx->file);
	char before[1024], after[1024];
	unsigned int n;
	int rc;

	guest_counters(g, before, sizeof(before));
	for (n = 1;; n++) {
		iommufd_model_fail_nth(n);
		rc = make(g);
		if (!iommufd_model_failed())
			break;
		iommufd_model_fail_nth(0);
		ck_assert_msg(rc == -ENOMEM, "allocation %u: %d", n, rc);
		guest_counters(g, after, sizeof(after));
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
