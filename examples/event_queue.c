// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A queue of events: an object with a file that user space reads.
 *
 * The example shows that the file holds the object and the context.  Events are
 * numbered.  When the queue was full, the reader finds a header without an
 * event, which says that events were lost.
 */
#include "account.h"
#include <iommufd_model/iommufd_test.h>
#include <iommufd_model/kernel.h>
#include <iommufd_model/model.h>

static int fd;
static u32 idev, queue;
static int queue_fd;

#define call(request, cmd) iommufd_model_ioctl(fd, request, cmd)

static int destroy(u32 id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return call(IOMMU_DESTROY, &cmd);
}

/* Make an IOAS, a mock device, a nest parent, a vIOMMU and a vDEVICE. */
static u32 make_viommu(void)
{
	struct iommu_ioas_alloc ioas = { .size = sizeof(ioas) };
	struct iommu_test_cmd device = {
		.size = sizeof(device), .op = IOMMU_TEST_OP_MOCK_DOMAIN,
	};
	struct iommu_hwpt_alloc parent = {
		.size = sizeof(parent), .flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
	};
	struct iommu_viommu_alloc viommu = {
		.size = sizeof(viommu), .type = IOMMU_VIOMMU_TYPE_SELFTEST,
	};
	struct iommu_hwpt_selftest hwpt_data = { .iotlb = 0 };
	struct iommu_hwpt_alloc nested = {
		.size = sizeof(nested),
		.data_type = IOMMU_HWPT_DATA_SELFTEST,
		.data_len = sizeof(hwpt_data),
		.data_uptr = (uintptr_t)&hwpt_data,
	};
	struct iommu_vdevice_alloc vdevice = {
		.size = sizeof(vdevice), .virt_id = 0x42,
	};
	struct iommu_test_cmd replace = {
		.size = sizeof(replace),
		.op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
	};

	result("make an IOAS", call(IOMMU_IOAS_ALLOC, &ioas), 0);
	device.id = ioas.out_ioas_id;
	result("attach a device", call(IOMMU_TEST_CMD, &device), 0);
	idev = device.mock_domain.out_idev_id;
	parent.dev_id = idev;
	parent.pt_id = ioas.out_ioas_id;
	result("make a nest parent", call(IOMMU_HWPT_ALLOC, &parent), 0);
	viommu.dev_id = idev;
	viommu.hwpt_id = parent.out_hwpt_id;
	result("make a vIOMMU", call(IOMMU_VIOMMU_ALLOC, &viommu), 0);
	vdevice.viommu_id = viommu.out_viommu_id;
	vdevice.dev_id = idev;
	result("make the vDEVICE", call(IOMMU_VDEVICE_ALLOC, &vdevice), 0);
	nested.dev_id = idev;
	nested.pt_id = viommu.out_viommu_id;
	result("make a nested HWPT", call(IOMMU_HWPT_ALLOC, &nested), 0);
	replace.id = device.mock_domain.out_stdev_id;
	replace.mock_domain_replace.pt_id = nested.out_hwpt_id;
	result("let the device use that", call(IOMMU_TEST_CMD, &replace), 0);
	return viommu.out_viommu_id;
}

static int make_queue(u32 viommu)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = viommu,
		.type = IOMMU_VEVENTQ_TYPE_SELFTEST,
		.veventq_depth = 2,
	};
	int rc = call(IOMMU_VEVENTQ_ALLOC, &cmd);

	result("make a queue for two events", rc, 0);
	queue = cmd.out_veventq_id;
	queue_fd = (int)cmd.out_veventq_fd;
	return rc;
}

static int trigger(void)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_TRIGGER_VEVENT,
		.trigger_vevent.dev_id = idev,
	};

	return call(IOMMU_TEST_CMD, &cmd);
}

static void read_queue(void)
{
	struct {
		struct iommufd_vevent_header header;
		struct iommu_viommu_event_selftest data;
	} event;
	ssize_t n;

	while ((n = iommufd_model_read(queue_fd, &event, sizeof(event))) > 0) {
		printf("\tevent %u: ", event.header.sequence);
		if (event.header.flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS)
			printf("lost\n");
		else
			printf("of device 0x%x\n", event.data.virt_id);
	}
	result("read the rest", n, 0);
}

static void use_queue(void)
{
	number("readable", iommufd_model_poll(queue_fd) & EPOLLIN, 0);
	result("an event", trigger(), 0);
	number("readable", iommufd_model_poll(queue_fd) & EPOLLIN, EPOLLIN);
	result("an event", trigger(), 0);
	result("an event", trigger(), 0);
	read_queue();
	result("destroy the queue", destroy(queue), -EBUSY);
	iommufd_model_close(fd);
	number("close /dev/iommu; is the context still there?",
	       iommufd_model_leaks(0, NULL, NULL) > 0, 1);
	iommufd_model_close(queue_fd);
}

int main(void)
{
	u32 viommu;

	fd = iommufd_model_open();
	if (fd < 0)
		return EXIT_FAILURE;
	viommu = make_viommu();
	if (!make_queue(viommu))
		use_queue();
	else
		iommufd_model_close(fd);
	number("close the queue's file; allocations left",
	       iommufd_model_leaks(0, NULL, NULL), 0);
	return account_end();
}
