// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The kernel's functions for an IOMMU driver, called by a driver of this test
 * and not by iommufd: what they refuse, and what an allocation that fails
 * leaves behind.
 */
#include "ground_suite.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/iommu.h>
#include <sys/mman.h>

#define NO_PASID 0u

static enum iommu_page_response_code answers[4];
static int nr_answers, attached;

static void page_response(struct device *dev, struct iopf_fault *evt,
			  struct iommu_page_response *msg)
{
	(void)dev;
	(void)evt;
	answers[nr_answers++ % 4] = (enum iommu_page_response_code)msg->code;
}

static int attach(struct iommu_domain *domain, struct device *dev,
		  struct iommu_domain *old)
{
	(void)domain;
	(void)dev;
	(void)old;
	attached++;
	return 0;
}

static void detach(struct iommu_domain *domain, struct device *dev)
{
	(void)domain;
	(void)dev;
	attached--;
}

static int attach_pasid(struct iommu_domain *domain, struct device *dev,
			unsigned int pasid, struct iommu_domain *old)
{
	(void)pasid;
	return attach(domain, dev, old);
}

static void detach_pasid(struct iommu_domain *domain, struct device *dev,
			 unsigned int pasid)
{
	(void)pasid;
	detach(domain, dev);
}

static size_t unmap(struct iommu_domain *domain, unsigned long iova,
		    size_t size)
{
	(void)domain;
	(void)iova;
	return size;
}

static const struct iommu_domain_ops domain_ops = {
	.attach_dev = attach, .detach_dev = detach,
	.set_dev_pasid = attach_pasid, .detach_dev_pasid = detach_pasid,
	.unmap_pages = unmap,
};
static const struct iommu_ops silent_ops, ops = {
	.page_response = page_response,
};
static struct iommu_device iommu, silent_iommu = { &silent_ops };
static struct iommu_group group;
/* The second device has no PASIDs. */
static struct device dev, second;
static struct iommu_domain domain, other;
static struct iommu_attach_handle handle;

static int handler_result;

/* Leaves the group in the list of its device, as a handler may. */
static int keep(struct iopf_group *faults)
{
	(void)faults;
	return handler_result;
}

static void setup(void)
{
	ground_setup();
	iommu.ops = &ops;
	dev = (struct device){ .iommu_dev = &iommu, .max_pasids = 8 };
	second = (struct device){ .iommu_dev = &iommu };
	domain = (struct iommu_domain){
		.ops = &domain_ops, .owner = &ops, .iopf_handler = keep,
		.pgsize_bitmap = PAGE_SIZE,
	};
	other = domain;
	nr_answers = attached = handler_result = 0;
	iommufd_model_group_init(&group, 1);
	iommufd_model_group_add(&group, &dev);
	iommufd_model_group_add(&group, &second);
}

static void teardown(void)
{
	iommufd_model_group_remove(&second);
	iommufd_model_group_remove(&dev);
	ground_teardown();
}

START_TEST(page_faults_are_enabled_once_and_by_a_driver_that_answers)
{
	struct device silent = { .iommu_dev = &silent_iommu };

	ck_assert_int_eq(iommufd_model_iopf_enable(&silent), -ENODEV);
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(iommufd_model_iopf_enable(&dev), -ENOMEM);
	iommufd_model_fail_nth(0);
	ck_assert_int_eq(iommufd_model_iopf_enable(&dev), 0);
	ck_assert_int_eq(iommufd_model_iopf_enable(&dev), -EBUSY);
	iommufd_model_iopf_disable(&dev);
	ck_assert_warns("param", iommufd_model_iopf_disable(&dev));
}
END_TEST

static int fault(u32 flags)
{
	struct iopf_fault event = { .fault.prm.flags = flags };

	return iommu_report_device_fault(&dev, &event);
}

START_TEST(faults_that_nobody_took_are_answered_at_the_end)
{
	ck_assert_int_eq(fault(0), -EINVAL);	/* no attachment */
	ck_assert_int_eq(answers[0], IOMMU_PAGE_RESP_INVALID);
	ck_assert_int_eq(iommu_attach_group_handle(&domain, &group, &handle),
			 0);
	ck_assert_int_eq(iommufd_model_iopf_enable(&dev), 0);
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(fault(0), -ENOMEM);
	iommufd_model_fail_nth(0);
	ck_assert_int_eq(fault(0), 0);
	ck_assert_int_eq(fault(IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE), 0);
	ck_assert_int_eq(fault(0), 0);
	/* A handler that fails has its group answered for it. */
	handler_result = -EIO;
	ck_assert_int_eq(fault(IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE), 0);
	ck_assert_int_eq(answers[1], IOMMU_PAGE_RESP_FAILURE);
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(fault(IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE), 0);
	iommufd_model_fail_nth(0);
	ck_assert_int_eq(answers[2], IOMMU_PAGE_RESP_FAILURE);
	ck_assert_int_eq(fault(0), 0);
	ck_assert_int_eq(nr_answers, 3);
	iommufd_model_iopf_disable(&dev);
	ck_assert_int_eq(nr_answers, 4);
	ck_assert_int_eq(answers[3], IOMMU_PAGE_RESP_INVALID);
	iommu_detach_group_handle(&domain, &group);
	ck_assert_int_eq(attached, 0);
}
END_TEST

START_TEST(attach_that_is_refused_changes_nothing)
{
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(iommu_attach_group_handle(&domain, &group, &handle),
			 -ENOMEM);
	iommufd_model_fail_nth(0);
	other.owner = &silent_ops;
	ck_assert_int_eq(iommu_attach_group_handle(&other, &group, &handle),
			 -EINVAL);
	other.owner = &ops;
	ck_assert_int_eq(iommu_attach_group_handle(&domain, &group, &handle),
			 0);
	ck_assert_int_eq(iommu_attach_group_handle(&other, &group, &handle),
			 -EBUSY);
	ck_assert_int_eq(iommu_replace_group_handle(&group, &other, &handle),
			 0);
	ck_assert_int_eq(attached, 4);
	other.owner = &silent_ops;
	domain.owner = &silent_ops;
	ck_assert_int_eq(iommu_replace_group_handle(&group, &domain, &handle),
			 -EINVAL);
	attached -= 2;	/* a replace has no detach */
	iommu_detach_group_handle(&other, &group);
	ck_assert_int_eq(attached, 0);
}
END_TEST

/* Only devices that have PASIDs are attached. */
START_TEST(pasid_is_of_the_devices_that_have_some)
{
	ck_assert_int_eq(iommu_attach_device_pasid(&domain, &dev,
						   NO_PASID, &handle),
			 -EINVAL);
	ck_assert_int_eq(iommu_attach_device_pasid(&domain, &dev, 8, &handle),
			 -EINVAL);
	ck_assert_int_eq(iommu_replace_device_pasid(&domain, &dev, 3, &handle),
			 -EINVAL);
	ck_assert_int_eq(iommu_attach_device_pasid(&domain, &dev, 3, &handle),
			 0);
	ck_assert_int_eq(attached, 1);
	iommu_detach_device_pasid(&domain, &dev, 3);
	ck_assert_int_eq(attached, 0);
	domain.owner = &silent_ops;
	ck_assert_int_eq(iommu_attach_device_pasid(&domain, &dev, 3, &handle),
			 -EINVAL);
}
END_TEST

START_TEST(unmap_is_of_whole_pages)
{
	ck_assert_uint_eq(iommu_unmap(&domain, PAGE_SIZE, 1), 0);
	ck_assert_uint_eq(iommu_unmap(&domain, 1, PAGE_SIZE), 0);
	ck_assert_uint_eq(iommu_unmap(&domain, PAGE_SIZE, PAGE_SIZE),
			  PAGE_SIZE);
}
END_TEST

START_TEST(an_answer_that_ends_in_bad_memory_is_a_fault)
{
	char *page = mmap(NULL, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct { u32 a; } answer = { 7 };
	struct iommu_user_data user = {
		.type = 1, .uptr = page + PAGE_SIZE - 4, .len = 8,
	};

	ck_assert_int_eq(mprotect(page + PAGE_SIZE, PAGE_SIZE, PROT_NONE), 0);
	ck_assert_int_eq(iommu_copy_struct_to_user(&user, &answer, 1, a),
			 -EFAULT);
	munmap(page, 2 * PAGE_SIZE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("iommu");
	TCase *tc = case_with(suite, "iommu", setup, teardown);

	tcase_add_test(tc,
		page_faults_are_enabled_once_and_by_a_driver_that_answers);
	tcase_add_test(tc, faults_that_nobody_took_are_answered_at_the_end);
	tcase_add_test(tc, attach_that_is_refused_changes_nothing);
	tcase_add_test(tc, pasid_is_of_the_devices_that_have_some);
	tcase_add_test(tc, unmap_is_of_whole_pages);
	tcase_add_test(tc, an_answer_that_ends_in_bad_memory_is_a_fault);
	return run_suite(suite);
}
