// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-EVQ-4 to R-EVQ-6 and R-EVQ-11: page faults of devices.  Two mock devices are
 * in one group, so that faults and PASIDs of groups can be tested, which the test
 * commands cannot do.  The scenarios golden/own/faults and golden/own/pasid test
 * the rest.
 */
#include "guest.h"
#include "listener.h"
#include <iommufd_model/kernel/poll.h>
#include "../../../src/iommufd/mock_iommu.h"

#define PASID 7

struct fault_guest {
	struct guest g;
	struct device *devs[2];
	struct iommufd_device *idevs[2];
	u32 ids[2];
	u32 fault, x, y;
};

static u32 hwpt_for_faults(struct fault_guest *f)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = IOMMU_HWPT_FAULT_ID_VALID | IOMMU_HWPT_ALLOC_PASID,
		.dev_id = f->g.idev, .pt_id = f->g.ioas, .fault_id = f->fault,
	};

	return made(try_alloc_hwpt(&f->g, &cmd));
}

/*
 * Makes two bound devices in one group, not attached, and two HWPTs that share
 * one queue of faults.
 */
static void fault_open(struct fault_guest *f)
{
	int i;

	guest_open(&f->g);
	f->fault = made(try_fault(&f->g));
	f->x = hwpt_for_faults(f);
	f->y = hwpt_for_faults(f);
	for (i = 0; i < 2; i++) {
		f->devs[i] = iommufd_mock_dev_create(MOCK_FLAGS_DEVICE_PASID);
		ck_assert(!IS_ERR(f->devs[i]));
		if (i) {
			iommufd_model_group_remove(f->devs[1]);
			iommufd_model_group_add(f->devs[0]->group, f->devs[1]);
		}
		f->idevs[i] = iommufd_device_bind(f->g.ictx, f->devs[i],
						  &f->ids[i]);
		ck_assert(!IS_ERR(f->idevs[i]));
	}
}

static void fault_close(struct fault_guest *f)
{
	int i;

	for (i = 0; i < 2; i++) {
		ck_assert_users(&f->idevs[i]->obj, 2);
		iommufd_device_unbind(f->idevs[i]);
	}
	ck_assert_held(&f->g, f->x, 1, 1);
	ck_assert_held(&f->g, f->y, 1, 1);
	iommufd_mock_dev_destroy(f->devs[1]);
	iommufd_mock_dev_destroy(f->devs[0]);
	ck_assert_int_eq(close_event_fd(&f->g), 0);
	guest_close(&f->g);
}

static void attach(struct fault_guest *f, int dev, ioasid_t pasid, u32 pt_id)
{
	ck_assert_int_eq(iommufd_device_attach(f->idevs[dev], pasid, &pt_id),
			 0);
}

static void report(struct fault_guest *f, int dev, u32 grpid, u64 addr,
		   bool last)
{
	struct iommu_fault_page_request prm = {
		.flags = last ? IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE : 0,
		.grpid = grpid, .addr = addr,
	};

	iommufd_mock_trigger_iopf(f->devs[dev], &prm);
}

static ssize_t read_faults(struct fault_guest *f,
			   struct iommu_hwpt_pgfault *faults, size_t n)
{
	return iommufd_model_read(f->g.event_fd, faults, n * sizeof(*faults));
}

/*
 * R-EVQ-11: the faults of a group cannot be read before its last fault was
 * reported.  They are read together.
 */
START_TEST(partial_faults_are_read_with_the_last_one_of_their_group)
{
	struct iommu_hwpt_pgfault faults[4] = { { 0 } };
	struct fault_guest f;

	fault_open(&f);
	attach(&f, 0, IOMMU_NO_PASID, f.x);
	report(&f, 0, 1, 0x1000, false);
	report(&f, 0, 2, 0x9000, false);
	report(&f, 0, 1, 0x2000, false);
	ck_assert_int_eq(read_faults(&f, faults, 4), 0);
	report(&f, 0, 1, 0x3000, true);
	ck_assert_int_eq(read_faults(&f, faults, 2), -EINVAL);
	ck_assert_int_eq(read_faults(&f, faults, 4), 3 * sizeof(faults[0]));
	ck_assert_int_eq(faults[0].addr, 0x1000);
	ck_assert_int_eq(faults[1].addr, 0x2000);
	ck_assert_int_eq(faults[2].addr, 0x3000);
	ck_assert_int_eq(faults[2].flags, IOMMU_PGFAULT_FLAGS_LAST_PAGE);
	ck_assert_int_eq(faults[0].cookie, faults[2].cookie);
	/*
	 * The fault of group 2 was never read: it is freed when the device
	 * leaves.
	 */
	iommufd_device_detach(f.idevs[0], IOMMU_NO_PASID);
	fault_close(&f);
}
END_TEST

/*
 * R-EVQ-4: if a group cannot be copied, the next read gives it again, with the
 * same cookie.
 */
START_TEST(read_into_bad_memory_keeps_the_group)
{
	struct iommu_hwpt_pgfault fault = { 0 };
	struct fault_guest f;

	fault_open(&f);
	attach(&f, 0, IOMMU_NO_PASID, f.x);
	report(&f, 0, 1, 0x1000, true);
	ck_assert_int_eq(iommufd_model_read(f.g.event_fd, NULL, sizeof(fault)),
			 -EFAULT);
	ck_assert_int_eq(read_faults(&f, &fault, 1), sizeof(fault));
	ck_assert_int_eq(fault.cookie, 1);
	iommufd_device_detach(f.idevs[0], IOMMU_NO_PASID);
	fault_close(&f);
}
END_TEST

/*
 * R-EVQ-11: if there is no memory for a group, it is answered at once and is
 * never read.
 */
START_TEST(a_fault_without_memory_is_answered)
{
	struct iommu_hwpt_pgfault fault = { 0 };
	struct fault_guest f;

	fault_open(&f);
	attach(&f, 0, IOMMU_NO_PASID, f.x);
	report(&f, 0, 1, 0x1000, false);
	iommufd_model_fail_nth(1);
	report(&f, 0, 1, 0x2000, true);
	iommufd_model_fail_nth(0);
	ck_assert_int_eq(read_faults(&f, &fault, 1), 0);
	report(&f, 0, 1, 0x3000, true);
	ck_assert_int_eq(read_faults(&f, &fault, 1), sizeof(fault));
	ck_assert_int_eq(fault.addr, 0x3000);
	iommufd_device_detach(f.idevs[0], IOMMU_NO_PASID);
	fault_close(&f);
}
END_TEST

/*
 * R-EVQ-6: while one device of the group is attached, faults of the group can
 * still be read.
 */
START_TEST(faults_stay_until_the_last_device_of_the_group_leaves)
{
	struct iommu_hwpt_pgfault fault = { 0 };
	struct fault_guest f;

	fault_open(&f);
	attach(&f, 0, IOMMU_NO_PASID, f.x);
	attach(&f, 1, IOMMU_NO_PASID, f.x);
	report(&f, 0, 1, 0x1000, true);
	iommufd_device_detach(f.idevs[0], IOMMU_NO_PASID);
	ck_assert_int_eq(read_faults(&f, &fault, 1), sizeof(fault));
	/*
	 * The device that reported the fault is detached, so the fault is read
	 * with the id of the device that is left.
	 */
	ck_assert_int_eq(fault.dev_id, f.ids[1]);
	report(&f, 1, 2, 0x2000, true);
	iommufd_device_detach(f.idevs[1], IOMMU_NO_PASID);
	ck_assert_int_eq(read_faults(&f, &fault, 1), 0);
	fault_close(&f);
}
END_TEST

/* The answers that the driver of the devices was given. */
static struct iommu_page_response answers[8];
static unsigned int nr_answers;

static void note_answer(struct device *dev, struct iopf_fault *evt,
			struct iommu_page_response *msg)
{
	(void)dev;
	(void)evt;
	ck_assert_uint_lt(nr_answers, ARRAY_SIZE(answers));
	answers[nr_answers++] = *msg;
}

/* The one answer since the last call was @code, to group @grpid. */
static void ck_assert_answer(u32 grpid, enum iommu_page_response_code code)
{
	ck_assert_uint_eq(nr_answers, 1);
	ck_assert_uint_eq(answers[0].grpid, grpid);
	ck_assert_uint_eq(answers[0].code, code);
	nr_answers = 0;
}

static void respond(struct fault_guest *f, u32 cookie, u32 code)
{
	struct iommu_hwpt_page_response response = {
		.cookie = cookie, .code = code,
	};

	ck_assert_int_eq(iommufd_model_write(f->g.event_fd, &response,
					     sizeof(response)),
			 sizeof(response));
}

static int refuse(struct iopf_group *group)
{
	(void)group;
	return -EINVAL;
}

static void answered_by_user_space(struct fault_guest *f)
{
	struct iommu_hwpt_pgfault fault = { 0 };

	report(f, 0, 2, 0x1000, true);
	ck_assert_int_eq(read_faults(f, &fault, 1), sizeof(fault));
	ck_assert_uint_eq(nr_answers, 0);
	respond(f, fault.cookie, IOMMUFD_PAGE_RESP_SUCCESS);
	ck_assert_answer(2, IOMMU_PAGE_RESP_SUCCESS);
	report(f, 0, 3, 0x1000, false);
	report(f, 0, 3, 0x2000, true);
	ck_assert_int_eq(read_faults(f, (struct iommu_hwpt_pgfault[2]){ 0 }, 2),
			 2 * sizeof(fault));
	respond(f, fault.cookie, IOMMUFD_PAGE_RESP_INVALID);
	ck_assert_answer(3, IOMMU_PAGE_RESP_INVALID);
}

static void answered_by_the_model(struct fault_guest *f)
{
	struct iommu_domain *domain = f->devs[0]->group->domain;
	int (*handler)(struct iopf_group *) = domain->iopf_handler;

	report(f, 0, 4, 0x1000, false);
	iommufd_model_fail_nth(1);
	report(f, 0, 4, 0x2000, true);
	iommufd_model_fail_nth(0);
	ck_assert_answer(4, IOMMU_PAGE_RESP_FAILURE);
	domain->iopf_handler = refuse;
	report(f, 0, 5, 0x1000, false);
	report(f, 0, 5, 0x2000, true);
	ck_assert_answer(5, IOMMU_PAGE_RESP_FAILURE);
	domain->iopf_handler = handler;
}

/*
 * R-EVQ-11: the driver is told the answer to each group, once, whoever gives
 * it.  A fault of a device that is not attached is invalid.
 */
START_TEST(every_group_is_answered_once)
{
	const struct iommu_ops *mock = iommufd_mock_iommu.ops;
	struct iommu_ops ops = *mock;
	struct fault_guest f;

	ops.page_response = note_answer;
	iommufd_mock_iommu.ops = &ops;
	fault_open(&f);
	report(&f, 0, 1, 0x1000, true);
	ck_assert_answer(1, IOMMU_PAGE_RESP_INVALID);
	attach(&f, 0, IOMMU_NO_PASID, f.x);
	answered_by_user_space(&f);
	answered_by_the_model(&f);
	report(&f, 0, 6, 0x1000, true);
	iommufd_device_detach(f.idevs[0], IOMMU_NO_PASID);
	ck_assert_answer(6, IOMMU_PAGE_RESP_INVALID);
	fault_close(&f);
	ck_assert_uint_eq(nr_answers, 0);
	iommufd_mock_iommu.ops = mock;
}
END_TEST

/* R-EVQ-4: who waits for events is woken when a group can be read. */
START_TEST(each_group_wakes_who_polls)
{
	struct listener poller;
	struct fault_guest f;
	struct file *filp;

	fault_open(&f);
	attach(&f, 0, IOMMU_NO_PASID, f.x);
	filp = fget((unsigned int)f.g.event_fd);
	ck_assert_int_eq(listen_to(&poller, filp) & EPOLLIN, 0);
	report(&f, 0, 1, 0x1000, false);
	ck_assert_uint_eq(poller.heard, 0);
	report(&f, 0, 1, 0x2000, true);
	ck_assert_uint_eq(poller.heard, 1);
	report(&f, 0, 2, 0x1000, true);
	ck_assert_uint_eq(poller.heard, 2);
	ck_assert_int_ne(vfs_poll(filp, NULL) & EPOLLIN, 0);
	stop_listening(&poller);
	fput(filp);
	iommufd_device_detach(f.idevs[0], IOMMU_NO_PASID);
	fault_close(&f);
}
END_TEST

/* A group that has a domain is not attached to a second one. */
START_TEST(group_is_attached_once)
{
	struct iommu_domain *domain;
	struct fault_guest f;

	fault_open(&f);
	attach(&f, 0, IOMMU_NO_PASID, f.x);
	domain = f.devs[0]->group->domain;
	ck_assert_int_eq(iommu_attach_group(domain, f.devs[0]->group), -EBUSY);
	iommufd_device_detach(f.idevs[0], IOMMU_NO_PASID);
	fault_close(&f);
}
END_TEST

/* A driver that cannot map or unmap pages is a WARN, and nothing is done. */
START_TEST(domain_without_pages_maps_none)
{
	static const struct iommu_domain_ops ops = { .free = NULL };
	struct iommu_domain domain = { .ops = &ops };

	iommufd_model_expect_warning("map_pages");
	ck_assert_int_eq(iommu_map(&domain, 0, 0, PAGE_SIZE, 0), -EINVAL);
	iommufd_model_expect_warning("unmap_pages");
	ck_assert_uint_eq(iommu_unmap(&domain, 0, PAGE_SIZE), 0);
}
END_TEST

/*
 * R-DEVICE-6 with a PASID: all devices of a group are attached to the same HWPT
 * with the same PASID, and each attachment holds a users reference to it.
 */
START_TEST(devices_of_a_group_share_the_hwpt_of_a_pasid)
{
	struct fault_guest f;
	u32 pt_id;

	fault_open(&f);
	attach(&f, 0, PASID, f.x);
	pt_id = f.y;
	ck_assert_int_eq(iommufd_device_attach(f.idevs[1], PASID, &pt_id),
			 -EINVAL);
	pt_id = f.x;
	ck_assert_int_eq(iommufd_device_replace(f.idevs[1], PASID, &pt_id),
			 -EINVAL);
	attach(&f, 1, PASID, f.x);
	ck_assert_held(&f.g, f.x, 3, 1);
	ck_assert_users(&f.idevs[0]->obj, 3);
	pt_id = f.y;
	ck_assert_int_eq(iommufd_device_replace(f.idevs[1], PASID, &pt_id), 0);
	ck_assert_held(&f.g, f.x, 1, 1);
	ck_assert_held(&f.g, f.y, 3, 1);
	iommufd_device_detach(f.idevs[0], PASID);
	ck_assert_held(&f.g, f.y, 2, 1);
	ck_assert_int_eq(iommufd_mock_check_pasid(f.devs[1], PASID, NULL),
			 -EINVAL);
	iommufd_device_detach(f.idevs[1], PASID);
	ck_assert_int_eq(iommufd_mock_check_pasid(f.devs[1], PASID, NULL), 0);
	fault_close(&f);
}
END_TEST

/* R-DEVICE-6: an attachment that failed leaves no reference behind. */
START_TEST(no_memory_for_a_pasid_leaves_no_trace)
{
	struct fault_guest f;
	u32 pt_id, n;
	int rc;

	fault_open(&f);
	for (n = 1, rc = -ENOMEM; rc; n++) {
		iommufd_model_fail_nth(n);
		pt_id = f.x;
		rc = iommufd_device_attach(f.idevs[0], PASID, &pt_id);
		iommufd_model_fail_nth(0);
		ck_assert(!rc || rc == -ENOMEM);
		ck_assert_held(&f.g, f.x, rc ? 1 : 2, 1);
	}
	ck_assert_int_gt(n, 3);
	iommufd_device_detach(f.idevs[0], PASID);
	fault_close(&f);
}
END_TEST

static Suite *fault_suite(void)
{
	Suite *suite = suite_create("fault");
	TCase *tc = guest_tests(suite, "groups");

	tcase_add_test(tc, partial_faults_are_read_with_the_last_one_of_their_group);
	tcase_add_test(tc, read_into_bad_memory_keeps_the_group);
	tcase_add_test(tc, a_fault_without_memory_is_answered);
	tcase_add_test(tc, every_group_is_answered_once);
	tcase_add_test(tc, each_group_wakes_who_polls);
	tcase_add_test(tc, group_is_attached_once);
	tcase_add_test(tc, domain_without_pages_maps_none);
	tcase_add_test(tc, faults_stay_until_the_last_device_of_the_group_leaves);

	tc = guest_tests(suite, "pasid");
	tcase_add_test(tc, devices_of_a_group_share_the_hwpt_of_a_pasid);
	tcase_add_test(tc, no_memory_for_a_pasid_leaves_no_trace);
	return suite;
}

int main(void)
{
	return run_suite(fault_suite());
}
