// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "deviations.h"
#include <string.h>

const struct deviation deviations[NR_DEVIATIONS] = {
	{
		.id = "DEV-1",
		.what = "a put does not wake the destroy that waits for it",
		.failure = IOMMUFD_MODEL_FAIL_TIMEOUT,
		.in = "destroy_wait",
		.harmless = true,
	}, {
		.id = "DEV-2",
		.what = "a depend increments users of a queue whose destroy "
			"has begun",
		.failure = IOMMUFD_MODEL_FAIL_REFCOUNT,
		.in = "_iommufd_object_depend",
	}, {
		.id = "DEV-3",
		.what = "mmap finds the cookie of an object that is not "
			"published",
		.failure = IOMMUFD_MODEL_FAIL_WARN,
		.in = "iommufd_object_abort",
		.also = "iommufd_fops_mmap",
	}, {
		.id = "DEV-4",
		.what = "the notification of an unmap makes the destroy of an "
			"access fail",
		.failure = IOMMUFD_MODEL_FAIL_WARN,
		.in = "iommufd_object_destroy_user",
		.also = "iommufd_access_notify_unmap",
	}, {
		.id = "DEV-5",
		.what = "a destroy that times out increments wait_cnt from 0",
		.failure = IOMMUFD_MODEL_FAIL_REFCOUNT,
		.in = "iommufd_object_dec_wait",
		.also = "from 0",
	}, {
		.id = "DEV-10",
		.what = "VDEVICE_ALLOC unlocks the mutex of a group that has "
			"been freed",
		.failure = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
		.in = "iommufd_vdevice_alloc_ioctl",
		.also = "mutex_unlock tail of &idev->igroup->lock",
	}, {
		.id = "DEV-11",
		.what = "the destroy of a VEVENTQ unlocks the rwsem of a "
			"vIOMMU that has been freed",
		.failure = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
		.in = "iommufd_veventq_destroy",
		.also = "rwsem up tail of",
	},
};

const struct deviation *
find_deviation(const struct iommufd_model_explore_result *result)
{
	const struct deviation *d = deviations;
	size_t i;

	if (!result->report)
		return NULL;
	for (i = 0; i < NR_DEVIATIONS; i++, d++)
		if (result->failure == d->failure &&
		    strstr(result->report, d->in) &&
		    (!d->also || strstr(result->report, d->also)))
			return d;
	return NULL;
}
