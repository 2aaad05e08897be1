// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-EVQ-7 to R-EVQ-10: reporting, reading and losing events.
 */
#include "guest.h"
#include "user_memory.h"

#define TYPE IOMMU_VEVENTQ_TYPE_SELFTEST
#define LOST IOMMU_VEVENTQ_FLAG_LOST_EVENTS
#define EVENT 12	/* the size of a header and an event in bytes */

/* The mock device is attached to a nested domain on the vIOMMU. */
struct events {
	struct guest g;
	struct iommufd_veventq *queue;
	u32 id;
};

static void events_open(struct events *e, u32 depth)
{
	struct guest *g = &e->g;
	u32 nested;

	guest_open_viommu(g);
	made(try_vdevice(g, g->viommu, g->idev, VIRT_ID));
	nested = made(try_nested(g, g->viommu, 0));
	ck_assert_int_eq(try_replace(g, g->stdev, nested), (int)nested);
	e->id = made(try_veventq(g, TYPE, depth));
	e->queue = container_of(obj_of(g, e->id), struct iommufd_veventq,
				common.obj);
}

static void events_close(struct events *e)
{
	close_event_fd(&e->g);
	guest_close(&e->g);
}

static void report(struct events *e, int n)
{
	while (n--)
		ck_assert_int_eq(trigger_vevent(&e->g), 0);
}

/*
 * Reads @count bytes and compares the headers with @want, which has each as
 * "sequence" or "lost sequence".
 */
static void ck_assert_reads(struct events *e, size_t count, const char *want)
{
	u32 buf[64] = { 0 };
	ssize_t rc = iommufd_model_read(e->g.event_fd, buf, count);
	char got[256] = "";
	size_t i, len = 0;

	if (rc < 0)
		snprintf(got, sizeof(got), "error %zd", -rc);
	for (i = 0; rc > 0 && i < (size_t)rc / sizeof(*buf); i += 2) {
		len += (size_t)snprintf(got + len, sizeof(got) - len,
					"%s%s%u", len ? " " : "",
					buf[i] & LOST ? "lost " : "",
					buf[i + 1]);
		if (buf[i] & LOST)
			continue;
		ck_assert_uint_eq(buf[i], 0);
		ck_assert_uint_eq(buf[i + 2], VIRT_ID);
		i++;
	}
	ck_assert_str_eq(got, want);
}

/* R-EVQ-9: the example in the rule, which has losses. */
START_TEST(reads_with_losses_give_what_the_worked_example_says)
{
	char buf[40];
	struct events e;

	events_open(&e, 2);
	report(&e, 1);
	ck_assert_reads(&e, EVENT, "0");
	report(&e, 3);
	ck_assert_int_eq(iommufd_model_read(e.g.event_fd, buf, 36), 32);
	report(&e, 1);
	ck_assert_reads(&e, EVENT, "4");
	report(&e, 3);
	ck_assert_reads(&e, 36, "5 6 lost 7");
	events_close(&e);
}
END_TEST

/*
 * R-EVQ-3, R-EVQ-8 steps 1 and 2: an empty queue gives 0 bytes and no EPOLLIN.
 */
START_TEST(read_of_an_empty_queue_is_0_and_poll_sees_no_event)
{
	char buf[16];
	struct events e;
	int fd;

	events_open(&e, 2);
	fd = e.g.event_fd;
	ck_assert_int_eq(iommufd_model_read(fd, buf, 8), 0);
	ck_assert_int_eq(iommufd_model_read(fd, buf, 7), -EINVAL);
	ck_assert_int_eq(iommufd_model_read(fd, buf, 0), -EINVAL);
	ck_assert_int_eq(iommufd_model_pread(fd, buf, 0, 8), -ESPIPE);
	ck_assert_int_eq(iommufd_model_poll(fd), 0);
	ck_assert_int_eq(iommufd_model_write(fd, buf, 8), -EINVAL);
	report(&e, 1);
	ck_assert_int_eq(iommufd_model_poll(fd), EPOLLIN | EPOLLRDNORM);
	ck_assert_reads(&e, EVENT, "0");
	ck_assert_int_eq(iommufd_model_poll(fd), 0);
	events_close(&e);
}
END_TEST

/*
 * R-EVQ-8 step 3: events are not split, and a read that does not fit loses
 * nothing.
 */
START_TEST(read_gives_what_fits)
{
	struct events e;

	events_open(&e, 3);
	report(&e, 3);
	ck_assert_reads(&e, EVENT - 1, "error 22");
	ck_assert_reads(&e, EVENT + 7, "0");
	ck_assert_reads(&e, 2 * EVENT - 1, "1");
	ck_assert_reads(&e, 100, "2");
	ck_assert_uint_eq(e.queue->num_events, 0);
	events_close(&e);
}
END_TEST

/* R-EVQ-8 step 3c: the event is put back at the head of the queue. */
START_TEST(read_into_bad_memory_keeps_the_event)
{
	char *end = user_memory(PROT_READ | PROT_WRITE, PROT_NONE);
	struct events e;
	int fd;

	events_open(&e, 2);
	fd = e.g.event_fd;
	report(&e, 2);
	ck_assert_int_eq(iommufd_model_read(fd, NULL, 64), -EFAULT);
	ck_assert_int_eq(iommufd_model_read(fd, end - 8, 64), -EFAULT);
	ck_assert_int_eq(iommufd_model_read(fd, end - EVENT - 8, 64), EVENT);
	ck_assert_uint_eq(e.queue->num_events, 1);
	ck_assert_reads(&e, 64, "1");
	events_close(&e);
}
END_TEST

/*
 * R-EVQ-7: the queue has at most one lost header.  It is at the tail, has the
 * newest number, and does not count as an event.
 */
START_TEST(losses_refresh_the_one_lost_header)
{
	struct events e;

	events_open(&e, 1);
	report(&e, 4);
	ck_assert_uint_eq(e.queue->num_events, 1);
	ck_assert_uint_eq(e.queue->sequence, 4);
	ck_assert_reads(&e, 64, "0 lost 3");
	ck_assert_reads(&e, 64, "");
	events_close(&e);
}
END_TEST

/*
 * R-EVQ-7: a new event removes an unread lost header; the gap in the numbers
 * shows the loss.
 */
START_TEST(an_event_after_a_loss_removes_the_lost_header)
{
	struct events e;

	events_open(&e, 1);
	report(&e, 2);
	ck_assert_reads(&e, EVENT, "0");
	report(&e, 1);
	ck_assert_reads(&e, 64, "2");
	events_close(&e);
}
END_TEST

/* R-EVQ-7 step 2: if the allocation fails, the event is lost. */
START_TEST(an_event_without_memory_is_a_loss)
{
	struct events e;

	events_open(&e, 2);
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(trigger_vevent(&e.g), -ENOMEM);
	iommufd_model_fail_nth(0);
	ck_assert_uint_eq(e.queue->num_events, 0);
	ck_assert_reads(&e, 64, "lost 0");
	report(&e, 1);
	ck_assert_reads(&e, 64, "1");
	events_close(&e);
}
END_TEST

/* R-EVQ-7 step 4: the number after INT_MAX is 0. */
START_TEST(sequence_goes_from_int_max_to_0)
{
	struct events e;

	events_open(&e, 3);
	e.queue->sequence = INT_MAX - 1;
	report(&e, 3);
	ck_assert_reads(&e, 64, "2147483646 2147483647 0");
	events_close(&e);
}
END_TEST

/* R-EVQ-8 step 3: the allocation for the copy of the header fails. */
START_TEST(lost_header_that_cannot_be_copied_stays)
{
	u32 buf[16];
	struct events e;

	events_open(&e, 1);
	report(&e, 2);
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(iommufd_model_read(e.g.event_fd, buf, 64), EVENT);
	ck_assert_uint_eq(iommufd_model_failed(), 1);
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(iommufd_model_read(e.g.event_fd, buf, 64), -ENOMEM);
	iommufd_model_fail_nth(0);
	ck_assert_reads(&e, 64, "lost 1");
	events_close(&e);
}
END_TEST

/* A read fails while the list is empty, so the lost header is linked again. */
START_TEST(lost_header_read_into_bad_memory_stays)
{
	struct events e;

	events_open(&e, 1);
	report(&e, 2);
	ck_assert_reads(&e, EVENT, "0");
	ck_assert_int_eq(iommufd_model_read(e.g.event_fd, NULL, 8), -EFAULT);
	ck_assert_reads(&e, 64, "lost 1");
	events_close(&e);
}
END_TEST

static void report_once(void *data)
{
	report(data, 1);
}

/* A read fails while the list has a newer event, so only the copy is freed. */
START_TEST(lost_header_is_not_put_back_before_a_newer_event)
{
	struct events e;

	events_open(&e, 1);
	report(&e, 2);
	ck_assert_reads(&e, EVENT, "0");
	intrude_before(IOMMUFD_MODEL_OP_COPY_TO_USER, (void *)8, report_once,
		       &e);
	ck_assert_int_eq(iommufd_model_read(e.g.event_fd, (void *)8, 64),
			 -EFAULT);
	no_intruder();
	ck_assert_reads(&e, 64, "2");
	events_close(&e);
}
END_TEST

/* R-EVQ-2: the queued events are freed with the queue. */
START_TEST(events_are_queued_after_the_descriptor_is_closed)
{
	unsigned long leaks;
	struct events e;

	events_open(&e, 2);
	ck_assert_int_eq(close_event_fd(&e.g), 0);
	leaks = nr_leaks();
	report(&e, 4);
	ck_assert_uint_eq(e.queue->num_events, 2);
	ck_assert_uint_eq(nr_leaks(), leaks + 2);
	ck_destroy(&e.g, e.id);
	guest_close(&e.g);
}
END_TEST

/* R-EVQ-7 step 1; R-MOCK-8, TRIGGER_VEVENT. */
START_TEST(event_without_a_queue_or_vdevice_is_an_error)
{
	struct events e;
	struct guest *g = &e.g;

	events_open(&e, 2);
	ck_assert_int_eq(close_event_fd(g), 0);
	ck_destroy(g, e.id);
	ck_assert_int_eq(trigger_vevent(g), -EOPNOTSUPP);
	made(try_veventq(g, 7, 1));
	ck_assert_int_eq(trigger_vevent(g), -EOPNOTSUPP);
	made(try_replace(g, g->stdev, g->parent));
	ck_assert_int_eq(trigger_vevent(g), -ENOENT);
	g->idev = g->ioas;
	ck_assert_int_eq(trigger_vevent(g), -ENOENT);
	events_close(&e);
}
END_TEST

static bool event_without_data(void)
{
	struct iommufd_viommu *viommu;
	struct events e;
	int rc, data = 0;

	events_open(&e, 2);
	viommu = e.queue->viommu;
	expect_warning("data");
	rc = iommufd_viommu_report_event(viommu, TYPE, NULL, 4);
	ck_assert_int_eq(iommufd_viommu_report_event(viommu, TYPE, &data, 0),
			 -EINVAL);
	events_close(&e);
	return rc == -EINVAL;
}

/* R-EVQ-7 step 0: an event without data is a WARN. */
START_TEST(event_without_data_warns)
{
	ck_assert(in_a_fresh_process(event_without_data));
}
END_TEST

static Suite *veventq_suite(void)
{
	Suite *suite = suite_create("veventq");
	TCase *tc = guest_tests(suite, "read");

	tcase_add_test(tc, reads_with_losses_give_what_the_worked_example_says);
	tcase_add_test(tc, read_of_an_empty_queue_is_0_and_poll_sees_no_event);
	tcase_add_test(tc, read_gives_what_fits);
	tcase_add_test(tc, read_into_bad_memory_keeps_the_event);

	tc = guest_tests(suite, "lost");
	tcase_add_test(tc, losses_refresh_the_one_lost_header);
	tcase_add_test(tc, an_event_after_a_loss_removes_the_lost_header);
	tcase_add_test(tc, an_event_without_memory_is_a_loss);
	tcase_add_test(tc, sequence_goes_from_int_max_to_0);
	tcase_add_test(tc, lost_header_that_cannot_be_copied_stays);
	tcase_add_test(tc, lost_header_read_into_bad_memory_stays);
	tcase_add_test(tc, lost_header_is_not_put_back_before_a_newer_event);

	tc = guest_tests(suite, "report");
	tcase_add_test(tc, events_are_queued_after_the_descriptor_is_closed);
	tcase_add_test(tc, event_without_a_queue_or_vdevice_is_an_error);
	tcase_add_test(tc, event_without_data_warns);
	return suite;
}

int main(void)
{
	return run_suite(veventq_suite());
}
