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
/* Call n of attach_dev() or set_dev_pasid() is refused if bit n is set. */
static unsigned int refused, nr_calls;

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
	if (refused >> nr_calls++ & 1)
		return -EIO;
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

static int map(struct iommu_domain *domain, unsigned long iova,
	       phys_addr_t paddr, size_t size, int prot)
{
	(void)domain;
	(void)iova;
	(void)paddr;
	(void)size;
	(void)prot;
	return 0;
}

static const struct iommu_domain_ops domain_ops = {
	.attach_dev = attach,
	.detach_dev = detach,
	.set_dev_pasid = attach_pasid,
	.detach_dev_pasid = detach_pasid,
	.map_pages = map,
	.unmap_pages = unmap,
};
/* Of a driver that has nothing to do for a detach. */
static const struct iommu_domain_ops ops_without_detach = {
	.attach_dev = attach,
	.set_dev_pasid = attach_pasid,
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
	refused = nr_calls = 0;
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

/* A driver that has attached such a domain must have enabled page faults. */
START_TEST(fault_of_a_device_without_page_faults_warns)
{
	ck_assert_int_eq(iommu_attach_group_handle(&domain, &group, &handle),
			 0);
	ck_assert_warns("!param", ck_assert_int_eq(fault(0), -EINVAL));
	ck_assert_int_eq(nr_answers, 1);
	ck_assert_int_eq(answers[0], IOMMU_PAGE_RESP_INVALID);
	/* Nobody can be answered. */
	iommu.ops = &silent_ops;
	ck_assert_warns("!param", ck_assert_int_eq(fault(0), -EINVAL));
	ck_assert_int_eq(nr_answers, 1);
	iommu.ops = &ops;
	iommu_detach_group_handle(&domain, &group);
}
END_TEST

/*
 * A PASID without an attachment of its own may be in a table of user space, which
 * only a nested domain has.
 */
START_TEST(fault_of_a_pasid_in_a_table_of_user_space_goes_to_the_nested_domain)
{
	const u32 flags = IOMMU_FAULT_PAGE_REQUEST_PASID_VALID;
	struct iopf_fault event = {
		.fault.prm = { .flags = flags, .pasid = 5 },
	};
	struct iommu_ops tables = ops;

	ck_assert_int_eq(iommu_attach_group_handle(&domain, &group, &handle),
			 0);
	ck_assert_int_eq(iommufd_model_iopf_enable(&dev), 0);
	ck_assert_int_eq(iommu_report_device_fault(&dev, &event), -EINVAL);
	tables.user_pasid_table = true;
	iommu.ops = &tables;
	ck_assert_int_eq(iommu_report_device_fault(&dev, &event), -EINVAL);
	domain.type = IOMMU_DOMAIN_NESTED;
	ck_assert_int_eq(iommu_report_device_fault(&dev, &event), 0);
	iommu.ops = &ops;
	ck_assert_int_eq(iommu_report_device_fault(&dev, &event), -EINVAL);
	iommufd_model_iopf_disable(&dev);
	iommu_detach_group_handle(&domain, &group);
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

/* A domain that a group or a PASID has already is not attached once more. */
START_TEST(replace_by_the_same_domain_does_not_call_the_driver)
{
	struct iommu_attach_handle next;

	ck_assert_int_eq(iommu_attach_group(&domain, &group), 0);
	ck_assert_int_eq(iommu_replace_group(&group, &domain), 0);
	ck_assert_int_eq(attached, 2);
	/* Without a handle, the domain is in the way of one with a handle. */
	ck_assert_int_eq(iommu_attach_group_handle(&other, &group, &handle),
			 -EBUSY);
	ck_assert_ptr_null(xa_load(&group.pasid_array, NO_PASID));
	ck_assert_int_eq(iommu_replace_group_handle(&group, &domain, &next), 0);
	ck_assert_int_eq(attached, 2);
	ck_assert_ptr_eq(iommu_attach_handle_get(&group, NO_PASID, 0), &next);
	iommu_detach_group_handle(&domain, &group);

	ck_assert_int_eq(iommu_attach_device_pasid(&domain, &dev, 3, &handle),
			 0);
	ck_assert_int_eq(iommu_replace_device_pasid(&domain, &dev, 3, &next),
			 0);
	ck_assert_int_eq(attached, 1);
	ck_assert_ptr_eq(iommu_attach_handle_get(&group, 3, 0), &next);
	iommu_detach_device_pasid(&domain, &dev, 3);
	ck_assert_int_eq(attached, 0);
}
END_TEST

/* The second device refuses the new domain, and the first the old one. */
START_TEST(pasid_that_cannot_be_restored_is_detached)
{
	struct iommu_attach_handle next;

	second.max_pasids = 8;
	ck_assert_int_eq(iommu_attach_device_pasid(&domain, &dev, 3, &handle),
			 0);
	ck_assert_int_eq(attached, 2);
	refused = 1u << 3 | 1u << 4;
	ck_assert_warns("set_dev_pasid",
			ck_assert_int_eq(iommu_replace_device_pasid(
						 &other, &dev, 3, &next),
					 -EIO));
	ck_assert_uint_eq(nr_calls, 5);
	/* 2, and 1 of the new domain, which was detached */
	ck_assert_int_eq(attached, 2);
	/* If it takes the old domain again, there is nothing to detach. */
	nr_calls = 0;
	refused = 1u << 1;
	ck_assert_int_eq(iommu_replace_device_pasid(&other, &dev, 3, &next),
			 -EIO);
	ck_assert_uint_eq(nr_calls, 3);
	ck_assert_int_eq(attached, 4);
	iommu_detach_device_pasid(&domain, &dev, 3);
}
END_TEST

START_TEST(driver_need_not_have_a_detach)
{
	domain.ops = &ops_without_detach;
	ck_assert_int_eq(iommu_attach_group(&domain, &group), 0);
	iommu_detach_group(&domain, &group);
	ck_assert_int_eq(iommu_attach_group(&domain, &group), 0);
	iommu_detach_group(&domain, &group);
	ck_assert_int_eq(iommu_attach_device_pasid(&domain, &dev, 3, &handle),
			 0);
	iommu_detach_device_pasid(&domain, &dev, 3);
	ck_assert_int_eq(iommu_attach_device_pasid(&domain, &dev, 3, &handle),
			 0);
	iommu_detach_device_pasid(&domain, &dev, 3);
	ck_assert_int_eq(attached, 6);
}
END_TEST

START_TEST(device_without_an_iommu_is_not_attached)
{
	second.iommu_dev = NULL;
	ck_assert_int_eq(iommu_attach_group(&domain, &group), -EINVAL);
	ck_assert_int_eq(attached, 0);
	ck_assert_ptr_null(group.domain);
}
END_TEST

static int owner;

START_TEST(misuse_of_a_group_warns)
{
	struct device third = { .iommu_dev = &iommu };
	struct iommu_group alone;

	ck_assert_warns("owner", ck_assert_int_eq(iommu_device_claim_dma_owner(
							  &dev, NULL),
						  -EINVAL));
	ck_assert_warns("owner_cnt", iommu_device_release_dma_owner(&dev));
	ck_assert_uint_eq(group.owner_cnt, 0);

	ck_assert_int_eq(iommu_device_claim_dma_owner(&dev, &owner), 0);
	ck_assert_int_eq(iommu_attach_group(&domain, &group), 0);
	ck_assert_warns("domain", iommufd_model_group_add(&group, &third));
	iommufd_model_group_remove(&third);
	ck_assert_warns("domain", iommu_device_release_dma_owner(&dev));
	ck_assert_ptr_null(group.owner);
	iommu_detach_group(&domain, &group);

	iommufd_model_group_init(&alone, 2);
	iommufd_model_group_add(&alone, &third);
	ck_assert_int_eq(iommu_device_claim_dma_owner(&third, &owner), 0);
	ck_assert_warns("owner_cnt", iommufd_model_group_remove(&third));
}
END_TEST

START_TEST(copies_from_or_to_nowhere_warn)
{
	u32 word = 1;
	struct iommu_user_data_array array = { 1, &word, 4, 1 };
	struct iommu_user_data user = { 1, &word, 4 };
	int rc = 0;

	ck_assert_warns("kdst", rc = iommufd_model_copy_user_data(&user, NULL,
								  1, 4, 4));
	ck_assert_int_eq(rc, -EINVAL);
	ck_assert_warns("kdst", rc = iommufd_model_copy_user_entry(&array, NULL,
								   1, 0, 4, 4));
	ck_assert_int_eq(rc, -EINVAL);
	ck_assert_warns("kdst",
			rc = iommufd_model_copy_user_array(&array, NULL, 1, 4));
	ck_assert_int_eq(rc, -EINVAL);
	ck_assert_warns("ksrc", rc = iommufd_model_copy_to_user_data(
					&user, NULL, 1, 4, 4));
	ck_assert_int_eq(rc, -EINVAL);
	ck_assert_uint_eq(word, 1);
}
END_TEST

/* A driver may know more fields of a struct than user space. */
START_TEST(answer_is_no_longer_than_user_space_asked_for)
{
	u32 words[2] = { 1, 2 };
	struct {
		u32 a, b;
	} answer = { 7, 8 };
	struct iommu_user_data user = { 1, words, 4 };

	ck_assert_int_eq(iommu_copy_struct_to_user(&user, &answer, 1, a), 0);
	ck_assert_uint_eq(words[0], 7);
	ck_assert_uint_eq(words[1], 2);
}
END_TEST

START_TEST(map_is_of_whole_pages)
{
	ck_assert_int_eq(iommu_map(&domain, PAGE_SIZE, 0, PAGE_SIZE, 0), 0);
	ck_assert_int_eq(iommu_map(&domain, PAGE_SIZE, 8, PAGE_SIZE, 0),
			 -EINVAL);
	domain.is_iommupt = true;
	ck_assert_int_eq(iommu_map(&domain, PAGE_SIZE, 8, PAGE_SIZE, 0),
			 -ENXIO);
	/* A domain without a size of pages maps nothing. */
	domain.pgsize_bitmap = 0;
	ck_assert_int_eq(iommu_map(&domain, PAGE_SIZE, 0, PAGE_SIZE, 0),
			 -ENXIO);
	ck_assert_int_eq(iommu_map(&domain, 0, 0, 0, 0), -ENXIO);
	ck_assert_uint_eq(iommu_unmap(&domain, PAGE_SIZE, PAGE_SIZE), 0);
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
	tcase_add_test(tc, fault_of_a_device_without_page_faults_warns);
	tcase_add_test(
		tc,
		fault_of_a_pasid_in_a_table_of_user_space_goes_to_the_nested_domain);
	tcase_add_test(tc, attach_that_is_refused_changes_nothing);
	tcase_add_test(tc, pasid_is_of_the_devices_that_have_some);
	tcase_add_test(tc, replace_by_the_same_domain_does_not_call_the_driver);
	tcase_add_test(tc, pasid_that_cannot_be_restored_is_detached);
	tcase_add_test(tc, driver_need_not_have_a_detach);
	tcase_add_test(tc, device_without_an_iommu_is_not_attached);
	tcase_add_test(tc, misuse_of_a_group_warns);
	tcase_add_test(tc, copies_from_or_to_nowhere_warn);
	tcase_add_test(tc, answer_is_no_longer_than_user_space_asked_for);
	tcase_add_test(tc, map_is_of_whole_pages);
	tcase_add_test(tc, unmap_is_of_whole_pages);
	tcase_add_test(tc, an_answer_that_ends_in_bad_memory_is_a_fault);
	return run_suite(suite);
}
