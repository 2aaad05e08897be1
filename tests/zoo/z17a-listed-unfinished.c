// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-17a: a HWPT that may still fail is in the list of its IOAS, and the IOAS's
 * mutex is not held.
 *
 * The abort warns that the HWPT is in use, and leaks the object, where the
 * kernel frees it.  The domain is freed here as well.  The test ignores the
 * warning, to show the use of the freed domain.
 */
#include "vdevice.h"

enum { REPLACER };

static struct device *other_dev;
static struct iommufd_device *other;

static void open_two(void *unused)
{
	u32 id;

	open_device(unused);
	other_dev = iommufd_mock_dev_create(0);
	iommufd_model_assert(!IS_ERR(other_dev));
	other = iommufd_device_bind(iommufd_device_to_ictx(bound), other_dev,
				    &id);
	iommufd_model_assert(!IS_ERR(other));
}

/* The device is not attached, so the replace fails after it has made a HWPT. */
static void replaces(void *unused)
{
	u32 pt_id = ioas;

	(void)unused;
	iommufd_device_replace(bound, IOMMU_NO_PASID, &pt_id);
}

/* The device stays attached until the other thread has ended. */
static void attaches(void *unused)
{
	u32 pt_id = ioas;

	(void)unused;
	iommufd_model_assert(!iommufd_device_attach(other, IOMMU_NO_PASID,
						    &pt_id));
	iommufd_model_join(REPLACER);
	iommufd_device_detach(other, IOMMU_NO_PASID);
}

static void close_two(void *unused)
{
	iommufd_device_unbind(other);
	unbinds(unused);
	iommufd_mock_dev_destroy(other_dev);
	close_all(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z17a-listed-unfinished",
	.title = "side list before finalize",
	.when = "review",
	.family = "creation",
	.lesson = "a list makes an object visible just as the id table does",
	.wrong = "A HWPT that is made for a replace is added to the list of "
		 "its IOAS, and the IOAS's mutex is released before the HWPT "
		 "is published. Another attach finds it in the list and "
		 "shares it. Then the replace fails and aborts the HWPT, "
		 "which frees the domain that the other device is attached "
		 "to.",
	.right = "Hold the mutex until the HWPT is published or undone.",
	.rule = "R-HWPT-1: the caller holds the IOAS's mutex until finalize "
		 "or abort",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "mock domain",
	.ignore = 1u << IOMMUFD_MODEL_FAIL_WARN,
	.test = {
		.name = "side list before finalize",
		.setup = open_two,
		.threads = { { "replacer", replaces },
			     { "attacher", attaches } },
		.after = close_two,
	},
};
