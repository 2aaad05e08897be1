// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tests what a report says about two accesses that race: which bytes, the
 * position of the first access in the interleaving, and what would order them.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct object {
	refcount_t refs;
	long value;
};

static struct {
	struct mutex m;
	struct rw_semaphore sem;
	struct completion done;
	struct work_struct work;
	struct object *obj;
	long x, flag;
	int ready;
} s;
/* No operation works on it. */
static long lone;

static void work(struct work_struct *item)
{
	(void)item;
	complete(&s.done);
	s.x++;
}

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	mutex_init(&s.m);
	init_rwsem(&s.sem);
	init_completion(&s.done);
	INIT_WORK(&s.work, work);
	s.obj = kzalloc(sizeof(*s.obj), GFP_KERNEL);
	refcount_set(&s.obj->refs, 2);
}

static void after(void *data)
{
	(void)data;
	kfree(s.obj);
}

static void add(void *data)
{
	(void)data;
	s.x++;
}

static void add_lone(void *data)
{
	(void)data;
	lone++;
}

static void add_locked(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	s.x++;
	mutex_unlock(&s.m);
}

static void add_after_unlock(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	mutex_unlock(&s.m);
	s.x++;
}

static void add_shared(void *data)
{
	(void)data;
	down_read(&s.sem);
	s.x++;
	up_read(&s.sem);
}

static void publish(void *data)
{
	(void)data;
	s.x = 1;
	WRITE_ONCE(s.flag, 1);
}

static void publish_released(void *data)
{
	(void)data;
	s.x = 1;
	smp_store_release(&s.flag, 1);
}

static void publish_early(void *data)
{
	(void)data;
	smp_store_release(&s.flag, 1);
	s.x = 1;
}

static void see(void *data)
{
	(void)data;
	if (READ_ONCE(s.flag))
		s.x++;
}

static void see_acquired(void *data)
{
	(void)data;
	if (smp_load_acquire(&s.flag))
		s.x++;
}

static void acquire_other(void *data)
{
	(void)data;
	(void)smp_load_acquire(&s.ready);
	s.x++;
}

static void complete_early(void *data)
{
	(void)data;
	complete(&s.done);
	s.x = 1;
}

static void wait_done(void *data)
{
	(void)data;
	wait_for_completion(&s.done);
	s.x++;
}

static void put_then_read(void *data)
{
	struct object *obj = s.obj;

	(void)data;
	if (refcount_dec_and_test(&obj->refs))
		kfree(obj);
	else
		iommufd_model_assert(obj->value == 0);
}

static void read_in_section(void *data)
{
	struct object *obj;

	(void)data;
	rcu_read_lock();
	obj = READ_ONCE(s.obj);
	if (obj)
		iommufd_model_assert(obj->value == 0);
	rcu_read_unlock();
}

static void free_at_once(void *data)
{
	struct object *obj = s.obj;

	(void)data;
	WRITE_ONCE(s.obj, NULL);
	kfree(obj);
}

static void queue(void *data)
{
	(void)data;
	schedule_work(&s.work);
	wait_for_completion(&s.done);
	s.x++;
}

static void spawn(void *data)
{
	(void)data;
	iommufd_model_spawn("child", add, NULL);
	s.x++;
}

static void set_marked(void *data)
{
	(void)data;
	WRITE_ONCE(s.ready, 1);
}

static void set_released(void *data)
{
	(void)data;
	smp_store_release(&s.ready, 1);
}

static void set_plain(void *data)
{
	(void)data;
	s.ready = 2;
}

/* @ordered, @bytes: parts of the record of the failure. */
struct row {
	const char *ordered, *bytes;
	struct iommufd_model_test test;
};

#define ROW(name_, ordered_, bytes_, after_, ...)			\
	{ .ordered = ordered_, .bytes = bytes_, .test = {		\
		.name = name_, .setup = setup, .after = after_,		\
		.threads = { __VA_ARGS__ } } }

static const struct row rows[] = {
	ROW("one lock", "\"add also held s.m, which add_locked took in add_locked ",
	    "(8 bytes at s + ", after, T(add_locked), T(add)),
	ROW("readers", "\"one of the two held s.sem for writing, which both ",
	    NULL, after, T(add_shared), T(add_shared)),
	ROW("after the unlock",
	    "\"add_locked also held s.m, which add_locked took", NULL, after,
	    { "add_locked", add_after_unlock }, T(add_locked)),
	ROW("relaxed", "\"WRITE_ONCE s.flag, publish watch_report.c:", NULL,
	    after, T(publish), T(see)),
	ROW("relaxed, both named", ", and READ_ONCE s.flag, see watch_report.c:",
	    NULL, after, T(publish), T(see)),
	ROW("no acquire", "\"READ_ONCE s.flag, see watch_report.c:", NULL, after,
	    T(publish_released), T(see)),
	ROW("no release", "released, as smp_store_release does\"", NULL, after,
	    T(publish), T(see_acquired)),
	ROW("released early", "\"publish_early made its access before "
	    "smp_store_release s.flag, publish_early watch_report.c:", NULL,
	    after, T(publish_early), T(see_acquired)),
	ROW("completed early", "\"complete_early made its access before "
	    "complete s.done, ", NULL, after, T(complete_early), T(wait_done)),
	ROW("after the put", " made its access before dec_and_test ",
	    "(8 bytes at offset 8 of 16 bytes", NULL, T(put_then_read),
	    T(put_then_read)),
	ROW("no grace period", "\"free_at_once waited for a grace period before "
	    "the free", "(8 bytes at offset 8 of 16 bytes", NULL,
	    T(read_in_section), T(free_at_once)),
	ROW("no flush", "\"queue first waited for the end of work, as flush_work",
	    NULL, after, T(queue)),
	ROW("no join", "\"spawn first waited for the end of child, as "
	    "iommufd_model_join does", NULL, after, T(spawn)),
	ROW("marked and plain",
	    "; or no race, without an order, if the plain write was a WRITE_ONCE",
	    ", which is s.ready)", after, T(set_marked), T(set_plain)),
	ROW("released and plain",
	    "\"both held one lock, or if set_plain released ",
	    ", which is s.ready)", after,
	    T(set_released), T(set_plain)),
	ROW("nothing known", "\"both held one lock, or if add_lone released ",
	    "(8 bytes at lone)", after, T(add_lone), T(add_lone)),
	ROW("another one is acquired",
	    "\"both held one lock, or if publish_early released ", NULL, after,
	    T(publish_early), T(acquire_other)),
};

/* Return the record of the failure as text, which the caller frees. */
static char *record_of(const struct iommufd_model_explore_result *result)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(to);
	ck_assert_int_eq(iommufd_model_record_write(result->record, to), 0);
	fclose(to);
	return text;
}

START_TEST(a_report_says_what_would_order_the_accesses)
{
	const struct row *row = &rows[_i];
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_explore_result result;
	char *record;

	ck_assert_int_eq(iommufd_model_explore(&row->test, &options, &result),
			 1);
	ck_assert_ptr_nonnull(result.record);
	record = record_of(&result);
	ck_assert_msg(strstr(record, row->ordered), "%s: no %s in %s",
		      row->test.name, row->ordered, result.report);
	ck_assert_msg(!row->bytes || strstr(result.text, row->bytes),
		      "%s: no %s in %s", row->test.name, row->bytes,
		      result.text);
	ck_assert_ptr_nonnull(strstr(result.report, "\n  ordered if "));
	free(record);
	iommufd_model_explore_free(&result);
}
END_TEST

/* Return the position of @part in @report, after @from. */
static const char *find(const char *from, const char *part)
{
	const char *at = from ? strstr(from, part) : NULL;

	ck_assert_msg(at, "no \"%s\" in: %s", part, from);
	return at;
}

START_TEST(both_accesses_are_rows_of_the_interleaving)
{
	static const struct iommufd_model_test test = {
		.name = "rows", .setup = setup, .after = after,
		.threads = { T(publish_early), T(see_acquired) },
	};
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_explore_result result;
	const char *at;

	ck_assert_int_eq(iommufd_model_explore(&test, &options, &result), 1);
	at = find(result.report, "The interleaving");
	at = find(at, "  1  smp_store_release s.flag");
	at = find(at, "     !! the first of the two accesses\n");
	at = find(at, "       publish_early watch_report.c:");
	at = find(at, "  2  ");
	at = find(at, "smp_load_acquire s.flag");
	find(at, "!! data race");
	iommufd_model_explore_free(&result);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("watch_report");
	TCase *tc = tcase_create("watch_report");

	tcase_add_loop_test(tc, a_report_says_what_would_order_the_accesses, 0,
			    ARRAY_SIZE(rows));
	tcase_add_test(tc, both_accesses_are_rows_of_the_interleaving);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
