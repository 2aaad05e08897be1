// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tests of vcmdq: what user space sees with one thread, and then concurrent
 * interrupts, destroys and unbinds of a device, in every interleaving.
 *
 * setup_viommu() makes IOAS 1, DEVICE 2, the nest parent 3 and vIOMMU 4.  A
 * queue takes two ids: its own and that of its access.
 */
#include "vcmdq.h"
#include <iommufd_model/check.h>
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/interrupt.h>
#include <stdlib.h>

#define must(cond) iommufd_model_assert(cond)

#define IOVA 0x100000
#define VIRT_ID 0x99
enum { IOAS = 1, DEVICE, PARENT, VIOMMU, FIRST };

static char memory[2 * PAGE_SIZE] __attribute__((aligned(4096)));
static struct vcmdq_hw hw;
static struct iommu_group group;
static struct device dev;
static struct iommufd_device *idev;
static int fd, event_fd, got[2];

/* The calls of user space.  Those that make an object return its id. */

static int call(unsigned int request, void *cmd, u32 *id)
{
	int rc = iommufd_model_ioctl(fd, request, cmd);

	return rc || !id ? rc : (int)*id;
}

static int make_ioas(void)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	return call(IOMMU_IOAS_ALLOC, &cmd, &cmd.out_ioas_id);
}

static int map_memory(void)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = IOAS,
		.user_va = (uintptr_t)memory,
		.length = sizeof(memory),
		.iova = IOVA,
	};

	return call(IOMMU_IOAS_MAP, &cmd, NULL);
}

static int make_parent(void)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd), .flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
		.dev_id = DEVICE, .pt_id = IOAS,
	};

	return call(IOMMU_HWPT_ALLOC, &cmd, &cmd.out_hwpt_id);
}

static int make_viommu(void)
{
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd), .type = IOMMU_VIOMMU_TYPE_VCMDQ,
		.dev_id = DEVICE, .hwpt_id = PARENT,
	};

	return call(IOMMU_VIOMMU_ALLOC, &cmd, &cmd.out_viommu_id);
}

static int make_queue(u32 index)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd), .viommu_id = VIOMMU, .index = index,
		.type = IOMMU_HW_QUEUE_TYPE_VCMDQ,
		.nesting_parent_iova = IOVA, .length = PAGE_SIZE,
	};

	return call(IOMMU_HW_QUEUE_ALLOC, &cmd, &cmd.out_hw_queue_id);
}

static int make_vdevice(u64 virt_id)
{
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd), .viommu_id = VIOMMU, .dev_id = DEVICE,
		.virt_id = virt_id,
	};

	return call(IOMMU_VDEVICE_ALLOC, &cmd, &cmd.out_vdevice_id);
}

static int make_veventq(void)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd), .viommu_id = VIOMMU, .veventq_depth = 4,
		.type = IOMMU_VEVENTQ_TYPE_VCMDQ,
	};
	int rc = call(IOMMU_VEVENTQ_ALLOC, &cmd, &cmd.out_veventq_id);

	event_fd = rc > 0 ? (int)cmd.out_veventq_fd : -1;
	return rc;
}

static int destroy(u32 id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return call(IOMMU_DESTROY, &cmd, NULL);
}

/* The hardware */

static void raise_status(u32 bits)
{
	u32 old = READ_ONCE(hw.status), seen;

	while ((seen = cmpxchg(&hw.status, old, old | bits)) != old)
		old = seen;
	iommufd_model_irq_raise(hw.irq);
}

/* The set-up of each test */

static void setup_device(void *unused)
{
	struct iommufd_ctx *ictx;
	u32 id;

	hw = (struct vcmdq_hw){ .iommu.ops = &vcmdq_iommu_ops, .irq = 30 };
	dev = (struct device){ .name = "nic", .iommu_dev = &hw.iommu };
	iommufd_model_group_init(&group, 1);
	iommufd_model_group_add(&group, &dev);
	event_fd = -1;
	fd = iommufd_model_open();
	must(make_ioas() == IOAS && !map_memory());
	ictx = iommufd_ctx_from_fd(fd);
	idev = iommufd_device_bind(ictx, &dev, &id);
	iommufd_ctx_put(ictx);
	must(!IS_ERR(idev) && id == DEVICE);
	must(make_parent() == PARENT);
}

static void setup_viommu(void *unused)
{
	setup_device(unused);
	must(make_viommu() == VIOMMU);
}

static void setup_queue(void *unused)
{
	setup_viommu(unused);
	must(make_queue(0) == FIRST);
}

static void setup_vdevice(void *unused)
{
	setup_viommu(unused);
	must(make_vdevice(VIRT_ID) == FIRST);
}

static void unbind(void *unused)
{
	iommufd_device_unbind(idev);
	idev = NULL;
}

static void close_all(void *unused)
{
	if (event_fd >= 0)
		must(!iommufd_model_close(event_fd));
	if (idev)
		unbind(unused);
	if (fd >= 0)
		must(!iommufd_model_close(fd));
	must(!iommufd_model_pinned());
	must(!hw.enabled);
	iommufd_model_group_remove(&dev);
}

/* One thread */

START_TEST(queues_are_made_in_order_and_destroyed_in_reverse)
{
	setup_viommu(NULL);
	ck_assert_int_eq(make_queue(1), -EIO);
	ck_assert_int_eq(make_queue(VCMDQ_NR_QUEUES), -EINVAL);
	ck_assert_int_eq(make_queue(0), FIRST);
	ck_assert_int_eq(make_queue(0), -EEXIST);
	ck_assert_int_eq(make_queue(1), FIRST + 2);
	ck_assert_uint_eq(hw.enabled, BIT(0) | BIT(1));
	ck_assert_int_eq(destroy(FIRST), -EBUSY);
	ck_assert_int_eq(destroy(VIOMMU), -EBUSY);
	ck_assert_int_eq(destroy(FIRST + 2), 0);
	ck_assert_int_eq(destroy(FIRST), 0);
	ck_assert_uint_eq(hw.enabled, 0);
	ck_assert_int_eq(make_queue(0), FIRST);
	close_all(NULL);
}
END_TEST

START_TEST(queues_are_given_to_one_vm_only)
{
	setup_viommu(NULL);
	ck_assert_int_eq(make_viommu(), -EBUSY);
	ck_assert_int_eq(destroy(VIOMMU), 0);
	ck_assert_int_eq(make_viommu(), VIOMMU);
	close_all(NULL);
}
END_TEST

static struct iommu_vevent_vcmdq read_event(void)
{
	struct {
		struct iommufd_vevent_header header;
		struct iommu_vevent_vcmdq event;
	} entry;

	ck_assert_int_eq(iommufd_model_read(event_fd, &entry, sizeof(entry)),
			 sizeof(entry));
	return entry.event;
}

START_TEST(an_error_stops_the_queue_and_user_space_is_told)
{
	struct iommu_vevent_vcmdq event;

	setup_queue(NULL);
	ck_assert_int_gt(make_vdevice(VIRT_ID), 0);
	ck_assert_int_gt(make_veventq(), 0);
	raise_status(VCMDQ_QUEUE_ERROR(0) | VCMDQ_SLOT_FAULT(0) |
		     VCMDQ_QUEUE_ERROR(1) | VCMDQ_SLOT_FAULT(1));
	synchronize_irq(hw.irq);
	flush_scheduled_work();
	ck_assert_uint_eq(hw.enabled, 0);
	event = read_event();
	ck_assert_uint_eq(event.queues, BIT(0));
	ck_assert_uint_eq(event.faults, 1);
	ck_assert_uint_eq(event.virt_id, VIRT_ID);
	close_all(NULL);
}
END_TEST

/* Threads */

static void raises_error(void *unused)
{
	raise_status(VCMDQ_QUEUE_ERROR(0));
}

static void raises_fault(void *unused)
{
	raise_status(VCMDQ_SLOT_FAULT(0));
}

static void closes_fd(void *unused)
{
	must(!iommufd_model_close(fd));
	fd = -1;
}

/* If a sync was requested, the hardware reports that all commands are done. */
static void does_sync(void *unused)
{
	if (READ_ONCE(hw.sync))
		raise_status(VCMDQ_SYNC_DONE);
}

static void destroys_viommu(void *unused)
{
	got[0] = destroy(VIOMMU);
}

static void destroys_queue(void *unused)
{
	got[0] = destroy(FIRST);
}

static void makes_next_queue(void *unused)
{
	got[1] = make_queue(1);
}

static void makes_viommu(void *unused)
{
	got[1] = make_viommu();
}

static void destroyed(void *unused)
{
	must(!got[0]);
	close_all(unused);
}

static void next_queue_or_none(void *unused)
{
	if (got[1] > 0)
		must(got[0] == -EBUSY);
	else
		must(got[1] == -EIO || got[1] == -ENOENT);
	close_all(unused);
}

static void one_vm_at_a_time(void *unused)
{
	must(!got[0]);
	must(got[1] > 0 || got[1] == -EBUSY);
	close_all(unused);
}

static const struct iommufd_model_test tests[] = {
	{
		.name = "error against destroy of the vIOMMU",
		.setup = setup_viommu,
		.threads = { { "hardware", raises_error },
			     { "destroy", destroys_viommu } },
		.after = destroyed,
	}, {
		.name = "error against destroy of the queue",
		.setup = setup_queue,
		.threads = { { "hardware", raises_error },
			     { "destroy", destroys_queue } },
		.after = destroyed,
	}, {
		.name = "sync against destroy of the queue",
		.setup = setup_queue,
		.threads = { { "hardware", does_sync },
			     { "destroy", destroys_queue } },
		.after = destroyed,
	}, {
		.name = "fault against unbind",
		.setup = setup_vdevice,
		.threads = { { "hardware", raises_fault },
			     { "unbind", unbind } },
		.after = close_all,
	}, {
		.name = "fault, unbind and close",
		.setup = setup_vdevice,
		.threads = { { "hardware", raises_fault },
			     { "unbind", unbind }, { "user", closes_fd } },
		.after = close_all,
	}, {
		.name = "next queue against destroy of the queue",
		.setup = setup_queue,
		.threads = { { "make", makes_next_queue },
			     { "destroy", destroys_queue } },
		.after = next_queue_or_none,
	}, {
		.name = "another VM",
		.setup = setup_viommu,
		.threads = { { "make", makes_viommu },
			     { "destroy", destroys_viommu } },
		.after = one_vm_at_a_time,
	},
};

/* The driver expects a sync to run into its timeout: that is no failure. */
START_TEST(every_interleaving)
{
	const struct iommufd_model_explore_options options = {
		.ignore = BIT(IOMMUFD_MODEL_FAIL_TIMEOUT),
	};

	ck_assert_explored_with(&tests[_i], &options);
}
END_TEST

/* The test program */

static void add(Suite *suite, const char *name, const TTest *test, int i)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, iommufd_model_check_setup,
				  iommufd_model_check_teardown);
	/* No time limit: the explorer itself reports a hang. */
	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, test, i, i + 1);
	suite_add_tcase(suite, tc);
}

/* CK_RUN_CASE=NAME runs one of the tests. */
int main(void)
{
	Suite *suite = suite_create("vcmdq");
	SRunner *runner = srunner_create(suite);
	int i, failed;

	add(suite, "queues", queues_are_made_in_order_and_destroyed_in_reverse,
	    0);
	add(suite, "VM", queues_are_given_to_one_vm_only, 0);
	add(suite, "error", an_error_stops_the_queue_and_user_space_is_told, 0);
	for (i = 0; i < (int)ARRAY_SIZE(tests); i++)
		add(suite, tests[i].name, every_interleaving, i);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
