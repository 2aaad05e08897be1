// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Page faults that several processors report for one device at the same time.
 */
#include "threads.h"
#include "guest.h"
#include "../../src/iommufd/mock_iommu.h"
#include <stdlib.h>

#define FAULTS 4000

static struct guest g;
static struct device *dev;
static struct iommufd_device *idev;

static void report(struct worker *worker, u32 flags)
{
	struct iopf_fault event = {
		.fault = { .type = IOMMU_FAULT_PAGE_REQ,
			   .prm = { .grpid = worker->nr, .flags = flags } },
	};

	expect(worker, !iommu_report_device_fault(dev, &event));
}

/* Each worker reports one group. */
static void reports_a_group(struct worker *worker)
{
	int i;

	for (i = 1; i < FAULTS; i++)
		report(worker, 0);
	report(worker, IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE);
}

static void attach_device(void)
{
	struct iommu_hwpt_alloc cmd = { .flags = IOMMU_HWPT_FAULT_ID_VALID };
	u32 id;

	guest_open(&g);
	cmd.dev_id = g.idev;
	cmd.pt_id = g.ioas;
	cmd.fault_id = made(try_fault(&g));
	id = made(try_alloc_hwpt(&g, &cmd));
	dev = iommufd_mock_dev_create(0);
	ck_assert(!IS_ERR(dev));
	idev = iommufd_device_bind(g.ictx, dev, &(u32){ 0 });
	ck_assert(!IS_ERR(idev));
	ck_assert_int_eq(iommufd_device_attach(idev, IOMMU_NO_PASID, &id), 0);
}

static void detach_device(void)
{
	iommufd_device_detach(idev, IOMMU_NO_PASID);
	iommufd_device_unbind(idev);
	iommufd_mock_dev_destroy(dev);
	ck_assert_int_eq(close_event_fd(&g), 0);
	guest_close(&g);
}

START_TEST(no_fault_is_lost)
{
	const size_t size = FAULTS * sizeof(struct iommu_hwpt_pgfault);
	void *faults = malloc(size);
	int i;

	attach_device();
	add_workers(3, reports_a_group, NULL);
	run_workers();
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(iommufd_model_read(g.event_fd, faults, size),
				 (ssize_t)size);
	ck_assert_int_eq(iommufd_model_read(g.event_fd, faults, size), 0);
	detach_device();
	free(faults);
}
END_TEST

static void add_tests(TCase *tc)
{
	tcase_add_test(tc, no_fault_is_lost);
}

int main(void)
{
	return run_races("fault_races", add_tests);
}
