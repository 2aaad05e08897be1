// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "objects.h"

struct story_set *story_sets;
bool put_wakes_destroy = true;

void add_stories(struct story_set *set)
{
	struct story_set **p = &story_sets;

	while (*p && strcmp((*p)->name, set->name) < 0)
		p = &(*p)->next;
	set->next = *p;
	*p = set;
}

/* The variables and functions of the world follow. */

char *memory;

/* Before main(), so that it is in the same place in every execution. */
static void __attribute__((constructor)) allocate_memory(void)
{
	memory = aligned_alloc(PAGE_SIZE, MEMORY_SIZE);
	must(memory);
}

struct world w;

int how_many(int first, int last, int value)
{
	int i, n = 0;

	for (i = first; i <= last; i++)
		n += w.got[i] == value;
	return n;
}

u32 made(int rc)
{
	iommufd_model_assert_msg(rc > 0, "not made: error %d", -rc);
	return (u32)rc;
}

int try_ioas(void)
{
	return ioctl_ioas(w.fd);
}

int try_device(u32 pt_id)
{
	struct iommu_test_cmd cmd;
	int rc = ioctl_mock_device(w.fd, pt_id, &cmd);

	if (rc > 0) {
		w.idev = cmd.mock_domain.out_idev_id;
		w.hwpt = cmd.mock_domain.out_hwpt_id;
	}
	return rc;
}

int try_vdevice(u64 virt_id)
{
	return ioctl_vdevice(w.fd, w.viommu, w.idev, virt_id);
}

int try_queue(u32 index)
{
	return ioctl_hw_queue(w.fd, w.viommu, index, IOVA + index * PAGE_SIZE,
			      PAGE_SIZE);
}

int try_veventq(void)
{
	return ioctl_veventq(w.fd, w.viommu, IOMMU_VEVENTQ_TYPE_SELFTEST, 2,
			     &w.event_fd);
}

int try_fault(void)
{
	return ioctl_fault(w.fd, &w.event_fd);
}

int destroy(u32 id)
{
	return ioctl_destroy(w.fd, id);
}

int map(u32 ioas, u64 iova, const void *va, u64 length)
{
	return ioctl_map(w.fd, ioas, iova, va, length);
}

int unmap(u32 ioas, u64 iova, u64 length)
{
	return ioctl_unmap(w.fd, ioas, iova, length);
}

int copy(u32 src, u32 dst, u64 iova, u64 length)
{
	return ioctl_copy(w.fd, src, dst, iova, length);
}

struct iommufd_object *find_object(u32 id)
{
	struct iommufd_object *obj;

	obj = iommufd_get_object(w.ictx, id, IOMMUFD_OBJ_ANY);
	if (IS_ERR(obj))
		return NULL;
	iommufd_put_object(w.ictx, obj);
	return obj;
}

bool is_there(u32 id)
{
	return iommufd_model_object_type(w.fd, id) > 0;
}

bool has_counters(u32 id, unsigned int users, unsigned int wait_cnt)
{
	struct iommufd_object *obj = find_object(id);

	return obj && refcount_read(&obj->users) == users &&
	       refcount_read(&obj->wait_cnt) == wait_cnt;
}

void open_world(void)
{
	int i;

	memset(&w, 0, sizeof(w));
	for (i = 0; i < MAX_GOT; i++)
		w.got[i] = 1;
	w.fd = iommufd_model_open();
	must(w.fd >= 3);
	w.event_fd = -1;
	w.ictx = iommufd_ctx_from_fd(w.fd);
	must(!IS_ERR(w.ictx));
	iommufd_ctx_put(w.ictx);
}

void open_ioas(void *unused)
{
	(void)unused;
	open_world();
	w.ioas = made(try_ioas());
}

void open_mapped(void *unused)
{
	open_ioas(unused);
	must(!map(w.ioas, IOVA, memory, PAGE_SIZE));
}

void open_device(void *unused)
{
	open_ioas(unused);
	must(!map(w.ioas, IOVA, memory, MEMORY_SIZE));
	w.stdev = made(try_device(w.ioas));
}

void open_viommu(void *unused)
{
	open_device(unused);
	w.parent = made(ioctl_hwpt(w.fd, w.idev, w.ioas,
				   IOMMU_HWPT_ALLOC_NEST_PARENT));
	w.viommu = made(ioctl_viommu(w.fd, w.idev, w.parent, NULL));
}

void close_world(void *unused)
{
	(void)unused;
	must(!iommufd_model_close(w.fd));
	must(!iommufd_model_pinned());
}
