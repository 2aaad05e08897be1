/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A program outside the project; compiled as C and as C++. */
#include <stdio.h>

#include <iommufd_model/kernel.h>
#include <iommufd_model/model.h>
#include <iommufd_model/uapi.h>

#define EXPECT(cond) do {						\
	if (!(cond)) {							\
		fprintf(stderr, "line %d: not true: %s\n", __LINE__,	\
			#cond);						\
		return 1;						\
	}								\
} while (0)

int main(void)
{
	struct iommu_ioas_alloc alloc = { sizeof(alloc), 0, 0 };
	struct iommu_destroy destroy = { sizeof(destroy), 0 };
	int fd;

	fd = iommufd_model_open();
	EXPECT(fd >= 0);
	EXPECT(iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &alloc) == 0);
	EXPECT(iommufd_model_leaks(0, NULL, NULL) > 0);
	destroy.id = alloc.out_ioas_id;
	EXPECT(iommufd_model_ioctl(fd, IOMMU_DESTROY, &destroy) == 0);
	EXPECT(iommufd_model_ioctl(fd, IOMMU_DESTROY, &destroy) == -ENOENT);
	EXPECT(iommufd_model_close(fd) == 0);
	EXPECT(iommufd_model_leaks(0, NULL, NULL) == 0);
	return 0;
}
