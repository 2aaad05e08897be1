// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Timelines: the threads, steps, passes and objects of a record are drawn as
 * they were, whatever the record contains.
 */
#include "record_suite.h"
#include "timeline.h"
#include "../../../src/observe/attribution.h"
#include <pthread.h>

typedef void format(const struct timeline *timeline, FILE *to);

static void draw(format *as, FILE *to)
{
	struct timeline timeline = { .record = record };

	iommufd_model_record_title(record, "a <title>");
	timeline_make(&timeline);
	as(&timeline, to);
	timeline_free(&timeline);
}

static char *drawn(format *as)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(to);
	draw(as, to);
	fclose(to);
	return text;
}

static void *worker(void *ictx)
{
	iommufd_model_note(IOMMUFD_MODEL_NOTE_THREAD, "worker bee", 0);
	iommufd_put_object(ictx, iommufd_get_object(ictx, 1,
						    IOMMUFD_OBJ_IOAS));
	return NULL;
}

/* Records a thread with a name, a step that is announced, and a release. */
static void make_run(void)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, worker, ictx), 0);
	pthread_join(thread, NULL);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP, "look at it", 7);
	ck_assert_int_eq(refcount_read(&ioas->obj.users), 1);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP_END, "EBUSY", -EBUSY);
	iommufd_model_check_close(ictx);
}

static void must_say(format *as, const char *what)
{
	char *text = drawn(as);

	ck_assert_msg(strstr(text, what), "no \"%s\" in it", what);
	free(text);
}

START_TEST(a_drawing_tells_threads_steps_and_passes)
{
	make_run();
	must_say(render_page_json, "\"threads\":[\"main\",\"worker bee\"]");
	must_say(render_page_json, "\"l\":7,\"x\":\"look at it\","
		 "\"r\":\"ret=-EBUSY\"");
	must_say(render_page_json, "\"x\":\"IOMMU_IOAS_ALLOC\"");
	must_say(render_page_json, "\"x\":\"ioas 1: users 1 -\\u003e 2\","
		 "\"h\":\"inc_not_zero, for worker bee\"");
	must_say(render_page_json, "\"gone\":[\"ioas 1\"],\"when\":[");
	must_say(render_page_json, "],\"left\":[]");
	must_say(render_columns, "[7] look at it");
	must_say(render_columns, "ioas 1 is freed");
	must_say(render_trace, "\"name\":\"ioas 1 users\"");
	must_say(render_page, "\"title\":\"a \\u003ctitle\\u003e\"");
}
END_TEST

static void *nameless(void *r)
{
	refcount_inc(r);
	return NULL;
}

static void *twin(void *ictx)
{
	iommufd_model_note(IOMMUFD_MODEL_NOTE_THREAD, "twin", 0);
	iommufd_get_object(ictx, 1, IOMMUFD_OBJ_IOAS);
	return NULL;
}

START_TEST(threads_of_one_name_get_their_own_nodes)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);
	pthread_t thread;
	char *text, *at;
	int i, n = 0;

	for (i = 0; i < 2; i++) {
		pthread_create(&thread, NULL, twin, ictx);
		pthread_join(thread, NULL);
		iommufd_put_object(ictx, &ioas->obj);
	}
	text = drawn(render_page_json);
	for (at = text; (at = strstr(at, "{\"n\":\"twin\"")); at++)
		n++;
	ck_assert_int_eq(n, 2);
	free(text);
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(there_is_room_for_many_threads)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	refcount_t *r = &new_ioas(ictx)->obj.users;
	pthread_t thread;
	int i;

	for (i = 0; i < 100; i++) {
		pthread_create(&thread, NULL, nameless, r);
		pthread_join(thread, NULL);
	}
	must_say(render_page_json, "\"thread 100\"],");
	must_say(render_page_json, "inc, for thread 100");
	must_say(render_columns, "users 100 -> 101");
	must_say(render_trace, "\"tid\":100,");
	refcount_set(r, 1);
	iommufd_model_check_close(ictx);
}
END_TEST

static void *only_reads(void *r)
{
	ck_assert_int_ge(refcount_read((refcount_t *)r), 1);
	return NULL;
}

START_TEST(threads_beyond_the_last_number_are_one)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	refcount_t *r = &new_ioas(ictx)->obj.users;
	struct iommufd_model_graph *graph;
	pthread_t thread;
	int i;

	/*
	 * Pretends that so many threads have run, because starting them takes
	 * minutes.
	 */
	observe_nr_threads = 65500;
	for (i = 65500; i <= 65540; i++) {
		pthread_create(&thread, NULL, i < 65540 ? only_reads : nameless,
			       r);
		pthread_join(thread, NULL);
	}
	graph = graph_at(-1ul);
	ck_assert_uint_eq(references(graph, "thread 65535", "ioas 1",
				IOMMUFD_MODEL_USERS), 1);
	iommufd_model_graph_free(graph);
	refcount_dec(r);
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(what_acted_for_an_earlier_observer_acts_no_more)
{
	struct iommufd_model_graph *graph = NULL;
	struct iommufd_ctx *ictx;
	struct iommufd_ioas *ioas;

	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, &graph, "[old]");
	iommufd_model_observe_stop();
	ck_assert_int_eq(iommufd_model_observe_start(NULL, NULL), 0);
	ictx = iommufd_model_check_open();
	ioas = new_ioas(ictx);
	refcount_inc(&ioas->obj.users);
	graph = iommufd_model_graph_now();
	ck_assert_uint_eq(references(graph, "main", "ioas 1",
				     IOMMUFD_MODEL_USERS),
			  1);
	iommufd_model_graph_free(graph);
	refcount_dec(&ioas->obj.users);
	iommufd_model_check_close(ictx);
}
END_TEST

/* A reference is taken inside of more nested actions than can be remembered. */
START_TEST(what_acts_inside_of_too_many_is_forgotten_alone)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);
	struct iommufd_model_graph *graph;
	char at[40];
	int i;

	for (i = 0; i < 40; i++)
		iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, &at[i], "[file]");
	for (i = 39; i >= 0; i--)
		iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, &at[i], 0);
	refcount_inc(&ioas->obj.users);
	graph = iommufd_model_graph_now();
	ck_assert_uint_eq(references(graph, "main", "ioas 1",
				     IOMMUFD_MODEL_USERS),
			  1);
	iommufd_model_graph_free(graph);
	refcount_dec(&ioas->obj.users);
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(what_acts_may_end_out_of_order)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);
	struct iommufd_model_graph *graph;
	char at[2] = "";

	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, &at[0], "[first]");
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, &at[1], "[second]");
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, &at[0], 0);
	refcount_inc(&ioas->obj.users);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, &at[1], 0);
	graph = iommufd_model_graph_now();
	ck_assert_uint_eq(references(graph, "[second]", "ioas 1",
				IOMMUFD_MODEL_USERS), 1);
	iommufd_model_graph_free(graph);
	refcount_dec(&ioas->obj.users);
	iommufd_model_check_close(ictx);
}
END_TEST

/* Memory is reused by something else, each time for a lock. */
START_TEST(memory_that_is_used_again_has_its_new_name)
{
	static const struct iommufd_model_label labels[] = {
		{ .name = "cup" }, { .name = "bowl" },
	};
	struct iommufd_model_graph *graph;
	char name[IOMMUFD_MODEL_NAME_LEN];
	struct mutex *dish;
	int i;

	for (i = 0; i < 6; i++) {
		dish = kzalloc(sizeof(*dish), GFP_KERNEL);
		iommufd_model_label(dish, &labels[i % 2]);
		mutex_init(dish);
		mutex_lock(dish);
		graph = iommufd_model_graph_now();
		snprintf(name, sizeof(name), "dish of %s", labels[i % 2].name);
		ck_assert_str_eq(graph->locks[0].name, name);
		iommufd_model_graph_free(graph);
		mutex_unlock(dish);
		mutex_destroy(dish);
		kfree(dish);
	}
}
END_TEST

/* Two locks with the same name are held at once, one to read, one to write. */
START_TEST(a_slice_of_a_lock_begins_and_ends_once)
{
	struct rw_semaphore sem[2];
	struct rw_semaphore *s;
	char *text, *at;
	int begins = 0, ends = 0;

	init_rwsem(&sem[0]);
	init_rwsem(&sem[1]);
	s = &sem[0];
	down_read(s);
	s = &sem[1];
	down_write(s);
	s = &sem[0];
	up_read(s);
	s = &sem[1];
	up_write(s);
	text = drawn(render_trace);
	for (at = text; (at = strstr(at, "\"ph\":\"b\"")); at++)
		begins++;
	for (at = text; (at = strstr(at, "\"ph\":\"e\"")); at++)
		ends++;
	ck_assert_int_eq(begins, 1);
	ck_assert_int_eq(ends, 1);
	free(text);
}
END_TEST

START_TEST(there_is_room_for_so_much_text_in_each_record)
{
	static char text[1000];
	char *json;
	int i;

	memset(text, 'x', sizeof(text) - 1);
	for (i = 0; i < 300; i++)
		iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP, text, i);
	must_say(render_page_json, "(no more room)");
	ck_assert_int_eq(iommufd_model_record_start(record), 0);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP, text, 1);
	json = drawn(render_page_json);
	ck_assert_ptr_null(strstr(json, "(no more room)"));
	free(json);
}
END_TEST

START_TEST(a_step_ends_where_the_next_begins)
{
	refcount_t r;

	iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP, "one", 1);
	refcount_set(&r, 1);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP, "two", 2);
	refcount_set(&r, 2);
	must_say(render_page_json,
		 "{\"s\":0,\"e\":1,\"t\":0,\"l\":1,\"x\":\"one\"");
	must_say(render_page_json,
		 "{\"s\":1,\"e\":2,\"t\":0,\"l\":2,\"x\":\"two\"");
}
END_TEST

START_TEST(a_step_after_a_destroy_is_not_inside_of_it)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	u32 one = new_ioas(ictx)->obj.id, two = new_ioas(ictx)->obj.id;

	ck_assert_int_eq(user_destroy(ictx, one), 0);
	ck_assert_int_eq(user_destroy(ictx, two), 0);
	must_say(render_page_json, "\"d\":1,\"p\":0,\"x\":\"");
	must_say(render_page_json,
		 "\"d\":0,\"p\":0,\"x\":\"ioas 2 is out of the table");
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(tracks_of_a_second_context_have_its_name)
{
	struct iommufd_ctx *one = iommufd_model_check_open();
	struct iommufd_ctx *two = iommufd_model_check_open();

	new_ioas(one);
	new_ioas(two);
	must_say(render_trace, "\"name\":\"ioas 1 users\"");
	must_say(render_trace,
		 "\"name\":\"ctx 2 ioas 1 users\"");
	must_say(render_trace, "\"name\":\"ctx 2 references\"");
	iommufd_model_check_close(two);
	iommufd_model_check_close(one);
}
END_TEST

START_TEST(an_empty_record_can_be_drawn)
{
	must_say(render_page_json, "\"steps\":[]");
	must_say(render_trace, "\"traceEvents\"");
	must_say(render_columns, "a <title>");
	must_say(render_page, "\"steps\":[]");
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
	FILE *to = fopen("/dev/full", "w");

	if (!to)
		return;	/* this system has no such file */
	make_run();
	ck_assert_int_eq(iommufd_model_record_write(record, to),
			 -ENOSPC);
	fclose(to);
	ck_assert_int_eq(iommufd_model_record_save(record, "/no/such/file"),
			 -ENOENT);
}
END_TEST

/* An id is reused while its first object is still being destroyed. */

static struct iommufd_ctx *phoenix_ctx;
static bool reborn;

static void phoenix_destroy(struct iommufd_object *obj)
{
	struct iommufd_object *again;

	if (reborn)
		return;
	reborn = true;
	again = _iommufd_object_alloc(phoenix_ctx, sizeof(*obj), obj->type);
	iommufd_object_finalize(phoenix_ctx, again);
}

static const struct iommufd_object_ops phoenix_ops = {
	.destroy = phoenix_destroy,
};

START_TEST(a_reused_id_gets_its_own_node)
{
	enum iommufd_object_type type = (enum iommufd_object_type)
		iommufd_model_register_type("phoenix", &phoenix_ops,
					    IOMMUFD_OBJ_NONE);
	struct iommufd_object *obj;
	char *text, *step, *end;
	int changes = 0;

	reborn = false;
	phoenix_ctx = iommufd_model_check_open();
	obj = _iommufd_object_alloc(phoenix_ctx, sizeof(*obj), type);
	ck_assert(!IS_ERR(obj));
	iommufd_object_finalize(phoenix_ctx, obj);
	ck_assert_int_eq(user_destroy(phoenix_ctx, 1), 0);
	ck_assert(reborn);
	text = drawn(render_page_json);
	/*
	 * When the first object is freed, no other object changes its position.
	 */
	step = strstr(text, "phoenix 1 is freed");
	ck_assert_ptr_nonnull(step);
	end = strchr(step, '}');
	while ((step = strstr(step, "[\"n\",")) && step++ < end)
		changes++;
	ck_assert_int_eq(changes, 1);
	free(text);
	iommufd_model_check_close(phoenix_ctx);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("timeline");
	TCase *tcase = recorded_case(suite, "timeline");

	tcase_add_test(tcase, a_drawing_tells_threads_steps_and_passes);
	tcase_add_test(tcase, an_empty_record_can_be_drawn);
	tcase_add_test(tcase, a_full_disk_is_an_error);
	tcase_add_test(tcase, a_reused_id_gets_its_own_node);
	tcase_add_test(tcase, threads_of_one_name_get_their_own_nodes);
	tcase_add_test(tcase, there_is_room_for_many_threads);
	tcase_add_test(tcase, threads_beyond_the_last_number_are_one);
	tcase_add_test(tcase, what_acted_for_an_earlier_observer_acts_no_more);
	tcase_add_test(tcase, what_acts_inside_of_too_many_is_forgotten_alone);
	tcase_add_test(tcase, what_acts_may_end_out_of_order);
	tcase_add_test(tcase, memory_that_is_used_again_has_its_new_name);
	tcase_add_test(tcase, a_slice_of_a_lock_begins_and_ends_once);
	tcase_add_test(tcase, there_is_room_for_so_much_text_in_each_record);
	tcase_add_test(tcase, a_step_ends_where_the_next_begins);
	tcase_add_test(tcase, a_step_after_a_destroy_is_not_inside_of_it);
	tcase_add_test(tcase, tracks_of_a_second_context_have_its_name);
	return run_suite(suite);
}
