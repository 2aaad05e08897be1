// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * User space maps memory of an object: the registers of a vIOMMU.
 *
 * The example shows that the driver makes an mmap cookie: an offset in
 * /dev/iommu that stands for its memory.  User space maps the file at this
 * offset.  Each mapping holds the object and the file, so a mapped object
 * cannot be destroyed, and the context outlives its descriptor.
 */
#include "account.h"
#include <iommufd_model/iommufd_test.h>
#include <iommufd_model/kernel.h>
#include <iommufd_model/model.h>
#include <sys/mman.h>

static int fd;

/* @cmd points to a struct of the uAPI. */
#define call(request, cmd) iommufd_model_ioctl(fd, request, cmd)

static int destroy(u32 id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return call(IOMMU_DESTROY, &cmd);
}

/* Make a vIOMMU and all that it needs.  Returns its id, or 0 on error. */
static u32 make_viommu(struct iommu_viommu_selftest *data)
{
	struct iommu_ioas_alloc ioas = { .size = sizeof(ioas) };
	struct iommu_test_cmd device = {
		.size = sizeof(device), .op = IOMMU_TEST_OP_MOCK_DOMAIN,
	};
	struct iommu_hwpt_alloc parent = {
		.size = sizeof(parent), .flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
	};
	struct iommu_viommu_alloc viommu = {
		.size = sizeof(viommu),
		.type = IOMMU_VIOMMU_TYPE_SELFTEST,
		.data_len = sizeof(*data),
		.data_uptr = (uintptr_t)data,
	};

	result("make an IOAS", call(IOMMU_IOAS_ALLOC, &ioas), 0);
	device.id = ioas.out_ioas_id;
	result("attach a device", call(IOMMU_TEST_CMD, &device), 0);
	parent.dev_id = device.mock_domain.out_idev_id;
	parent.pt_id = ioas.out_ioas_id;
	result("make a nest parent", call(IOMMU_HWPT_ALLOC, &parent), 0);
	viommu.dev_id = parent.dev_id;
	viommu.hwpt_id = parent.out_hwpt_id;
	result("make a vIOMMU", call(IOMMU_VIOMMU_ALLOC, &viommu), 0);
	return viommu.out_viommu_id;
}

static void use(u32 viommu, size_t length, u64 offset)
{
	void *a, *b;

	number("its cookie is the offset", (long)offset, PAGE_SIZE);
	a = iommufd_model_mmap(fd, length, PROT_READ, MAP_PRIVATE, offset);
	result("map it privately", PTR_ERR_OR_ZERO(a), -EINVAL);
	a = iommufd_model_mmap(fd, length, PROT_READ, MAP_SHARED,
			       offset + length);
	result("map an offset that is no cookie", PTR_ERR_OR_ZERO(a), -ENXIO);
	a = iommufd_model_mmap(fd, length, PROT_READ, MAP_SHARED, offset);
	result("map it", PTR_ERR_OR_ZERO(a), 0);
	if (IS_ERR(a))
		return;
	result("destroy the vIOMMU", destroy(viommu), -EBUSY);
	result("fork: it is mapped twice", iommufd_model_mdup(a, length), 0);
	result("unmap one", iommufd_model_munmap(a, length), 0);
	result("destroy the vIOMMU", destroy(viommu), -EBUSY);
	result("unmap the other", iommufd_model_munmap(a, length), 0);

	b = iommufd_model_mmap(fd, length, PROT_READ, MAP_SHARED, offset);
	result("map it again", PTR_ERR_OR_ZERO(b), 0);
	iommufd_model_close(fd);
	number("close; is the context still there?",
	       iommufd_model_leaks(0, NULL, NULL) > 0, 1);
	if (!IS_ERR(b))
		result("unmap", iommufd_model_munmap(b, length), 0);
}

int main(void)
{
	struct iommu_viommu_selftest data = { .in_data = 0 };
	u32 viommu;

	fd = iommufd_model_open();
	if (fd < 0)
		return EXIT_FAILURE;
	viommu = make_viommu(&data);
	if (viommu)
		use(viommu, data.out_mmap_length, data.out_mmap_offset);
	/*
	 * The program also comes here if the vIOMMU or its mapping could not be
	 * made.
	 */
	iommufd_model_close(fd);
	number("allocations left", iommufd_model_leaks(0, NULL, NULL), 0);
	return account_end();
}
