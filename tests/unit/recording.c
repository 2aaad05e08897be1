// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Graphs and recordings: any moment of the past is as it was when it was the
 * present, also when the ring has forgotten how it came to be, and when the
 * process that recorded is dead.
 */
#include "access_suite.h"
#include <iommufd_model/explore.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct iommufd_model_recording *recording;

static struct iommufd_access *new_access(struct iommufd_ctx *ictx)
{
	struct driver driver;

	driver_create(&driver, ictx, &mute_ops);
	return driver.access;
}

static void setup(void)
{
	iommufd_model_check_setup();
	recording = iommufd_model_recording_create(0);
	ck_assert_ptr_nonnull(recording);
	ck_assert_int_eq(iommufd_model_record(recording), 0);
}

static void teardown(void)
{
	iommufd_model_check_teardown();
	iommufd_model_recording_free(recording);
}

static int find(const struct iommufd_model_graph *graph, const char *name)
{
	unsigned int i;

	for (i = 0; i < graph->nr_nodes; i++)
		if (!strcmp(graph->nodes[i].name, name))
			return (int)i;
	return -1;
}

/* Units of @counter of @to that @from has in @graph. */
static unsigned int units(const struct iommufd_model_graph *graph,
			  const char *from, const char *to,
			  enum iommufd_model_counter counter)
{
	int f = find(graph, from), t = find(graph, to);
	unsigned int i, n = 0;

	for (i = 0; i < graph->nr_edges; i++)
		if ((int)graph->edges[i].from == f &&
		    (int)graph->edges[i].to == t &&
		    graph->edges[i].counter == counter)
			n += graph->edges[i].count;
	return n;
}

START_TEST(a_graph_says_who_holds_whom)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);
	struct iommufd_access *access = new_access(ictx);
	struct iommufd_model_graph *graph;
	int i;

	ck_assert_int_eq(iommufd_access_attach(access, ioas->obj.id), 0);
	graph = iommufd_model_graph_now();
	ck_assert_ptr_nonnull(graph);
	ck_assert_uint_eq(units(graph, "descriptor", "ctx",
				IOMMUFD_MODEL_REFERENCES), 1);
	ck_assert_uint_eq(units(graph, "access 2", "ctx",
				IOMMUFD_MODEL_REFERENCES), 1);
	ck_assert_uint_eq(units(graph, "access 2", "ioas 1",
				IOMMUFD_MODEL_USERS), 1);
	i = find(graph, "ioas 1");
	ck_assert_int_ge(i, 0);
	ck_assert_int_eq(graph->nodes[i].value[IOMMUFD_MODEL_USERS], 2);
	ck_assert_int_eq(graph->nodes[i].table[IOMMUFD_MODEL_USERS], 1);
	ck_assert_int_eq(graph->nodes[i].unknown[IOMMUFD_MODEL_USERS], 0);
	ck_assert_int_eq(graph->nodes[i].state, IOMMUFD_MODEL_NODE_PUBLISHED);
	ck_assert_int_eq(graph->nodes[i].ctx, find(graph, "ctx"));
	/* A driver has the access: it is no object, so a thread is named. */
	ck_assert_uint_eq(units(graph, "main", "access 2",
				IOMMUFD_MODEL_USERS), 1);
	iommufd_model_graph_free(graph);
	iommufd_access_destroy(access);
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(a_graph_of_nothing_and_of_nobody)
{
	struct iommufd_model_graph *graph = iommufd_model_graph_now();

	ck_assert_ptr_nonnull(graph);
	ck_assert_uint_eq(graph->nr_nodes, 0);
	iommufd_model_graph_free(graph);
	iommufd_model_observe_stop();
	ck_assert_ptr_null(iommufd_model_graph_now());
	ck_assert_int_eq(iommufd_model_record(recording), -EINVAL);
}
END_TEST

START_TEST(locks_that_are_held_are_in_the_graph)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);
	struct iommufd_model_graph *graph;

	mutex_lock(&ioas->mutex);
	down_read(&ioas->iopt.iova_rwsem);
	ck_assert(!down_write_trylock(&ioas->iopt.iova_rwsem));
	graph = iommufd_model_graph_now();
	ck_assert_uint_eq(graph->nr_locks, 2);
	ck_assert_str_eq(graph->locks[1].name, "mutex of ioas 1");
	ck_assert(!graph->locks[1].read);
	ck_assert_str_eq(graph->locks[0].name, "iova_rwsem of ioas 1");
	ck_assert(graph->locks[0].read);
	ck_assert_int_eq(graph->locks[0].node, find(graph, "ioas 1"));
	ck_assert_str_eq(graph->nodes[graph->locks[0].thread].name, "main");
	iommufd_model_graph_free(graph);
	up_read(&ioas->iopt.iova_rwsem);
	mutex_unlock(&ioas->mutex);
	graph = iommufd_model_graph_now();
	ck_assert_uint_eq(graph->nr_locks, 0);
	iommufd_model_graph_free(graph);
	iommufd_model_check_close(ictx);
}
END_TEST

/* The past */

#define MOMENTS 200

struct moments {
	int nr;
	unsigned long event[MOMENTS];
	struct iommufd_model_graph *graph[MOMENTS];
};

static void remember(struct moments *m)
{
	ck_assert_int_lt(m->nr, MOMENTS);
	m->event[m->nr] = iommufd_model_recorded(recording, NULL);
	m->graph[m->nr++] = iommufd_model_graph_now();
}

/* All that are left in the ring are as they were.  Number of those. */
static int check_moments(struct moments *m)
{
	struct iommufd_model_graph *graph;
	unsigned long first;
	int i, n = 0;

	iommufd_model_recorded(recording, &first);
	for (i = 0; i < m->nr; i++) {
		if (m->event[i] >= first) {
			graph = iommufd_model_graph_at(recording, m->event[i]);
			ck_assert_ptr_nonnull(graph);
			ck_assert_uint_eq(iommufd_model_graph_diff(
				m->graph[i], graph, stdout), 0);
			iommufd_model_graph_free(graph);
			n++;
		}
		iommufd_model_graph_free(m->graph[i]);
	}
	return n;
}

/* Objects come and go, hold each other, and are refused. */
static void live(struct moments *m, int rounds)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *kept = new_ioas(ictx), *ioas;
	struct iommufd_access *access;
	int i;

	for (i = 0; i < rounds; i++) {
		ioas = new_ioas(ictx);
		remember(m);
		access = new_access(ictx);
		ck_assert_int_eq(iommufd_access_attach(
			access, i & 1 ? kept->obj.id : ioas->obj.id), 0);
		remember(m);
		ck_assert_int_eq(user_destroy(ictx, ioas->obj.id),
				 i & 1 ? 0 : -EBUSY);
		remember(m);
		iommufd_access_destroy(access);
		remember(m);
		if (!(i & 1))
			ck_assert_int_eq(user_destroy(ictx, ioas->obj.id), 0);
	}
	remember(m);
	iommufd_model_check_close(ictx);
	remember(m);
}

START_TEST(each_moment_can_be_had_again)
{
	struct moments m = { .nr = 0 };

	live(&m, 8);
	ck_assert_int_eq(check_moments(&m), m.nr);
	ck_assert_int_gt(m.nr, 30);
}
END_TEST

START_TEST(what_the_ring_forgot_is_in_the_moments_that_are_left)
{
	struct moments m = { .nr = 0 };
	unsigned long first;
	int left;

	iommufd_model_record(NULL);
	iommufd_model_recording_free(recording);
	recording = iommufd_model_recording_create(300);
	ck_assert_int_eq(iommufd_model_record(recording), 0);
	live(&m, 40);
	ck_assert_uint_eq(iommufd_model_recorded(recording, &first) - first,
			  300);
	left = check_moments(&m);
	ck_assert_int_gt(left, 3);
	ck_assert_int_lt(left, m.nr);
}
END_TEST

START_TEST(a_recording_may_begin_in_the_middle)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_access *access = new_access(ictx);
	struct iommufd_model_graph *before, *first;

	before = iommufd_model_graph_now();
	ck_assert_int_eq(iommufd_model_record(recording), 0);
	ck_assert_uint_eq(iommufd_model_recorded(recording, NULL), 0);
	iommufd_access_destroy(access);
	iommufd_model_check_close(ictx);
	first = iommufd_model_graph_at(recording, 0);
	ck_assert_uint_eq(iommufd_model_graph_diff(before, first, stdout), 0);
	ck_assert_uint_gt(first->nr_nodes, 2);
	iommufd_model_graph_free(before);
	iommufd_model_graph_free(first);
}
END_TEST

START_TEST(what_a_child_did_can_be_told_when_it_has_died)
{
	struct iommufd_model_graph *graph;
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		struct iommufd_ctx *ictx = iommufd_model_check_open();

		mutex_lock(&new_ioas(ictx)->mutex);
		_exit(3);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 3);
	graph = iommufd_model_graph_at(recording, -1ul);
	ck_assert_ptr_nonnull(graph);
	ck_assert_int_ge(find(graph, "ioas 1"), 0);
	ck_assert_uint_eq(graph->nr_locks, 1);
	iommufd_model_graph_free(graph);
}
END_TEST

START_TEST(notes_of_others_are_theirs)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);
	unsigned long events = iommufd_model_recorded(recording, NULL);
	int number;

	for (number = 1000; number < 1300; number++)
		iommufd_model_note(number, ioas, 0);
	for (number = -300; number <= 0; number++)
		iommufd_model_note(number, ioas, 0);
	for (number = 1; number < IOMMUFD_MODEL_NOTE_THREAD; number++)
		iommufd_model_note(number, (void *)0, 0);
	ck_assert_uint_eq(iommufd_model_recorded(recording, NULL), events);
	ck_assert_int_eq(iommufd_model_holders(ioas, NULL, NULL), 2);
	iommufd_model_check_close(ictx);
}
END_TEST

static void count_events(const struct iommufd_model_event *event, void *data)
{
	int *told = data;

	told[event->kind]++;
}

START_TEST(a_thousand_units_are_told_apart_and_more_are_not)
{
	int told[IOMMUFD_MODEL_EVENT_NOTE + 1] = { 0 };
	struct iommufd_ctx *ictx;
	struct iommufd_ioas *ioas;

	iommufd_model_observe_stop();
	ck_assert_int_eq(iommufd_model_observe_start(count_events, told), 0);
	ictx = iommufd_model_check_open();
	ioas = new_ioas(ictx);
	told[IOMMUFD_MODEL_EVENT_TAKE] = 0;
	refcount_add(1024, &ioas->obj.users);
	ck_assert_int_eq(told[IOMMUFD_MODEL_EVENT_TAKE], 1024);
	ck_assert_int_eq(iommufd_model_holders(ioas, NULL, NULL), 1026);
	refcount_add(1000000000, &ioas->obj.users);
	ck_assert_int_eq(told[IOMMUFD_MODEL_EVENT_TAKE], 1025);
	ck_assert_int_eq(iommufd_model_holders(ioas, NULL, NULL), 1026);
	ck_assert_uint_eq(iommufd_model_unbalanced(), 1);
	refcount_set(&ioas->obj.users, 1000000000);
	ck_assert_int_eq(iommufd_model_holders(ioas, NULL, NULL), 1025);
	refcount_set(&ioas->obj.users, 1);
	ck_assert_uint_eq(iommufd_model_unbalanced(), 0);
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(what_was_there_before_the_observer_may_go_after)
{
	struct iommufd_ctx *ictx, *later;
	struct iommufd_ioas *ioas;

	iommufd_model_observe_stop();
	ictx = iommufd_model_check_open();
	ioas = new_ioas(ictx);
	ck_assert_int_eq(iommufd_model_observe_start(NULL, NULL), 0);
	ck_assert_int_eq(iommufd_model_record(recording), 0);
	ck_assert_int_eq(user_destroy(ictx, ioas->obj.id), 0);
	ck_assert_uint_eq(iommufd_model_released(ioas), 1);
	ioas = new_ioas(ictx);
	ck_assert_int_eq(iommufd_model_holders(ioas, NULL, NULL), 2);
	iommufd_model_check_close(ictx);
	later = iommufd_model_check_open();
	new_ioas(later);
	iommufd_model_observe_stop();
	iommufd_model_check_close(later);
}
END_TEST

START_TEST(a_ring_that_a_child_overran_begins_with_nothing)
{
	struct iommufd_ctx *mine = iommufd_model_check_open();
	struct iommufd_model_graph *graph;
	unsigned long first;
	pid_t pid;
	int i;

	iommufd_model_record(NULL);
	iommufd_model_recording_free(recording);
	recording = iommufd_model_recording_create(100);
	ck_assert_int_eq(iommufd_model_record(recording), 0);
	pid = fork();
	if (!pid) {
		for (i = 0; i < 5; i++)
			new_ioas(mine);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	iommufd_model_recorded(recording, &first);
	ck_assert_uint_gt(first, 0);
	graph = iommufd_model_graph_at(recording, -1ul);
	ck_assert_ptr_nonnull(graph);
	ck_assert_int_eq(find(graph, "ctx"), -1);
	ck_assert_int_ge(find(graph, "ioas 5"), 0);
	iommufd_model_graph_free(graph);
	iommufd_model_check_close(mine);
}
END_TEST

/* Films */

static char *film(enum iommufd_model_film_format format)
{
	const struct iommufd_model_film about = { .title = "a <title>" };
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(to);
	ck_assert_int_eq(iommufd_model_film_write(recording, format, &about,
						  to), 0);
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

/* A thread that is called by name, a step that is announced, a release. */
static void make_film(void)
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

static void must_say(enum iommufd_model_film_format format, const char *what)
{
	char *text = film(format);

	ck_assert_msg(strstr(text, what), "no \"%s\" in it", what);
	free(text);
}

START_TEST(films_tell_threads_steps_and_passes)
{
	make_film();
	must_say(IOMMUFD_MODEL_FILM_JSON, "\"threads\":[\"main\",\"worker bee\"]");
	must_say(IOMMUFD_MODEL_FILM_JSON, "\"l\":7,\"x\":\"look at it\","
		 "\"r\":\"ret=-EBUSY\"");
	must_say(IOMMUFD_MODEL_FILM_JSON, "\"x\":\"IOMMU_IOAS_ALLOC\"");
	must_say(IOMMUFD_MODEL_FILM_JSON, "\"x\":\"ioas 1: users 1 -\\u003e 2\","
		 "\"h\":\"inc_not_zero, for worker bee\"");
	must_say(IOMMUFD_MODEL_FILM_JSON, "\"gone\":[\"ioas 1\"],\"left\":[]");
	must_say(IOMMUFD_MODEL_FILM_TEXT, "[7] look at it");
	must_say(IOMMUFD_MODEL_FILM_TEXT, "ioas 1 is freed");
	must_say(IOMMUFD_MODEL_FILM_TRACE, "\"name\":\"ioas 1 users\"");
	must_say(IOMMUFD_MODEL_FILM_HTML, "\"title\":\"a \\u003ctitle\\u003e\"");
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

START_TEST(threads_of_one_name_have_places_of_their_own)
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
	text = film(IOMMUFD_MODEL_FILM_JSON);
	for (at = text; (at = strstr(at, "{\"n\":\"twin\"")); at++)
		n++;
	ck_assert_int_eq(n, 2);
	free(text);
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(a_film_has_room_for_many_threads)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	refcount_t *r = &new_ioas(ictx)->obj.users;
	pthread_t thread;
	int i;

	for (i = 0; i < 100; i++) {
		pthread_create(&thread, NULL, nameless, r);
		pthread_join(thread, NULL);
	}
	must_say(IOMMUFD_MODEL_FILM_JSON, "\"thread 100\"],");
	must_say(IOMMUFD_MODEL_FILM_JSON, "inc, for thread 100");
	must_say(IOMMUFD_MODEL_FILM_TEXT, "users 100 -> 101");
	must_say(IOMMUFD_MODEL_FILM_TRACE, "\"tid\":100,");
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

	for (i = 0; i <= 65540; i++) {
		pthread_create(&thread, NULL, i < 65540 ? only_reads : nameless,
			       r);
		pthread_join(thread, NULL);
	}
	graph = iommufd_model_graph_at(recording, -1ul);
	ck_assert_uint_eq(units(graph, "thread 65535", "ioas 1",
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
	ck_assert_uint_eq(units(graph, "main", "ioas 1", IOMMUFD_MODEL_USERS),
			  1);
	iommufd_model_graph_free(graph);
	refcount_dec(&ioas->obj.users);
	iommufd_model_check_close(ictx);
}
END_TEST

/* A unit is taken inside of more than can be remembered. */
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
	ck_assert_uint_eq(units(graph, "main", "ioas 1", IOMMUFD_MODEL_USERS),
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
	ck_assert_uint_eq(units(graph, "[second]", "ioas 1",
				IOMMUFD_MODEL_USERS), 1);
	iommufd_model_graph_free(graph);
	refcount_dec(&ioas->obj.users);
	iommufd_model_check_close(ictx);
}
END_TEST

/* Memory that is used again, by something else, for a lock each time. */
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

/* One that is held twice by one name, to read and to write. */
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
	text = film(IOMMUFD_MODEL_FILM_TRACE);
	for (at = text; (at = strstr(at, "\"ph\":\"b\"")); at++)
		begins++;
	for (at = text; (at = strstr(at, "\"ph\":\"e\"")); at++)
		ends++;
	ck_assert_int_eq(begins, 1);
	ck_assert_int_eq(ends, 1);
	free(text);
}
END_TEST

START_TEST(there_is_room_for_so_much_text_in_each_recording)
{
	static char text[1000];
	char *json;
	int i;

	memset(text, 'x', sizeof(text) - 1);
	for (i = 0; i < 300; i++)
		iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP, text, i);
	must_say(IOMMUFD_MODEL_FILM_JSON, "(no more room)");
	ck_assert_int_eq(iommufd_model_record(recording), 0);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP, text, 1);
	json = film(IOMMUFD_MODEL_FILM_JSON);
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
	must_say(IOMMUFD_MODEL_FILM_JSON,
		 "{\"s\":0,\"e\":1,\"t\":0,\"l\":1,\"x\":\"one\"");
	must_say(IOMMUFD_MODEL_FILM_JSON,
		 "{\"s\":1,\"e\":2,\"t\":0,\"l\":2,\"x\":\"two\"");
}
END_TEST

START_TEST(a_destroy_that_is_over_is_no_longer_around)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	u32 one = new_ioas(ictx)->obj.id, two = new_ioas(ictx)->obj.id;

	ck_assert_int_eq(user_destroy(ictx, one), 0);
	ck_assert_int_eq(user_destroy(ictx, two), 0);
	must_say(IOMMUFD_MODEL_FILM_JSON, "\"d\":1,\"p\":0,\"x\":\"");
	must_say(IOMMUFD_MODEL_FILM_JSON,
		 "\"d\":0,\"p\":0,\"x\":\"ioas 2 is out of the table");
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(tracks_of_a_second_context_are_its_own)
{
	struct iommufd_ctx *one = iommufd_model_check_open();
	struct iommufd_ctx *two = iommufd_model_check_open();

	new_ioas(one);
	new_ioas(two);
	must_say(IOMMUFD_MODEL_FILM_TRACE, "\"name\":\"ioas 1 users\"");
	must_say(IOMMUFD_MODEL_FILM_TRACE,
		 "\"name\":\"ctx 2 ioas 1 users\"");
	must_say(IOMMUFD_MODEL_FILM_TRACE, "\"name\":\"ctx 2 references\"");
	iommufd_model_check_close(two);
	iommufd_model_check_close(one);
}
END_TEST

START_TEST(an_empty_film_can_be_written)
{
	must_say(IOMMUFD_MODEL_FILM_JSON, "\"steps\":[]");
	must_say(IOMMUFD_MODEL_FILM_TRACE, "\"traceEvents\"");
	must_say(IOMMUFD_MODEL_FILM_TEXT, "a <title>");
	must_say(IOMMUFD_MODEL_FILM_HTML, "\"steps\":[]");
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
	const struct iommufd_model_film about = { .title = "full" };
	FILE *to = fopen("/dev/full", "w");
	int format;

	if (!to)
		return;	/* this system has none */
	setbuf(to, NULL);
	make_film();
	for (format = IOMMUFD_MODEL_FILM_HTML;
	     format <= IOMMUFD_MODEL_FILM_TEXT; format++)
		ck_assert_int_eq(iommufd_model_film_write(recording,
			(enum iommufd_model_film_format)format, &about, to),
			-EIO);
	fclose(to);
}
END_TEST

/* An id that is used again while its first owner is still being destroyed. */

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

START_TEST(who_has_an_id_again_has_a_place_of_its_own)
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
	text = film(IOMMUFD_MODEL_FILM_JSON);
	/* When the first is gone nothing else changes its place. */
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

/* Explored failures */

static int times(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

struct box {
	refcount_t r;
};

static struct box *box;

static void make_box(void *data)
{
	(void)data;
	box = kzalloc(sizeof(*box), GFP_KERNEL);
	refcount_set(&box->r, 2);
}

static void put_box(void *data)
{
	struct box *mine = box;

	(void)data;
	if (refcount_dec_and_test(&mine->r))
		kfree(mine);
}

/* Reads what it has given away. */
static void read_box(void *data)
{
	struct box *mine = box;

	put_box(data);
	iommufd_model_assert(refcount_read(&mine->r) < 3);
}

static const struct iommufd_model_test wrong = {
	.name = "wrong box",
	.setup = make_box,
	.threads = { { "putter", put_box }, { "reader", read_box } },
};
static const struct iommufd_model_test right = {
	.name = "right box",
	.setup = make_box,
	.threads = { { "putter", put_box }, { "another", put_box } },
};

/* Explore @test, drawn to a file; its text, NULL if none was written. */
static char *drawn(const struct iommufd_model_test *test,
		   struct iommufd_model_explore_options *options, int rc)
{
	static char path[] = "recording-XXXXXX", *text;
	int fd = mkstemp(path);
	long len;
	FILE *from;

	ck_assert_int_ge(fd, 0);
	options->html = path;
	options->quiet = true;
	ck_assert_int_eq(iommufd_model_explore_observed(test, options, NULL),
			 rc);
	from = fdopen(fd, "r");
	fseek(from, 0, SEEK_END);
	len = ftell(from);
	rewind(from);
	text = calloc(1, (size_t)len + 1);
	ck_assert_int_eq(fread(text, 1, (size_t)len, from), len);
	fclose(from);
	unlink(path);
	strcpy(path, "recording-XXXXXX");
	if (*text)
		return text;
	free(text);
	return NULL;
}

START_TEST(the_order_that_breaks_is_drawn)
{
	struct iommufd_model_explore_options options = { .mode = 0 };
	char *page;

	iommufd_model_observe_stop();
	page = drawn(&wrong, &options, 1);
	ck_assert_ptr_nonnull(page);
	ck_assert_ptr_nonnull(strstr(page, "\"kind\":\"failure\""));
	ck_assert_ptr_nonnull(strstr(page, "\"threads\":[\"main\","));
	ck_assert_ptr_nonnull(strstr(page, "\"putter\""));
	ck_assert_ptr_nonnull(strstr(page, "\"next\":\"refcount_read"));
	free(page);
}
END_TEST

START_TEST(in_a_directory_each_test_has_its_own_page)
{
	char dir[] = "recording-XXXXXX", path[64];
	struct iommufd_model_explore_options options = {
		.html = dir, .trace = dir, .quiet = true, .title = "a title",
	};

	iommufd_model_observe_stop();
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(iommufd_model_explore_observed(&wrong, &options, NULL),
			 1);
	snprintf(path, sizeof(path), "%s/wrong-box.html", dir);
	ck_assert_int_eq(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/wrong-box.json", dir);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(what_does_not_break_is_drawn_only_when_it_is_replayed)
{
	struct iommufd_model_explore_options options = { .mode = 0 };
	char *page;

	iommufd_model_observe_stop();
	ck_assert_ptr_null(drawn(&right, &options, 0));
	options.mode = IOMMUFD_MODEL_REPLAY;
	options.schedule = "b1a";
	page = drawn(&right, &options, 0);
	ck_assert_ptr_nonnull(page);
	ck_assert_ptr_nonnull(strstr(page, "\"kind\":\"replay\""));
	/* Each has one operation, behind which it has ended. */
	ck_assert_int_eq(times(page, "\"p\":1,\"x\""), 0);
	free(page);
}
END_TEST

static struct ends {
	struct mutex a, b;
	struct rw_semaphore sem;
} *ends;

static void make_ends(void *data)
{
	(void)data;
	ends = kzalloc(sizeof(*ends), GFP_KERNEL);
	mutex_init(&ends->a);
	mutex_init(&ends->b);
	init_rwsem(&ends->sem);
}

static void free_ends(void *data)
{
	(void)data;
	kfree(ends);
}

static void a_then_b(void *data)
{
	(void)data;
	mutex_lock(&ends->a);
	mutex_lock(&ends->b);
	mutex_unlock(&ends->b);
	mutex_unlock(&ends->a);
}

static void b_then_a(void *data)
{
	(void)data;
	mutex_lock(&ends->b);
	mutex_lock(&ends->a);
	mutex_unlock(&ends->a);
	mutex_unlock(&ends->b);
}

static void do_nothing(void *data)
{
	(void)data;
}

static void spin(void *data)
{
	(void)data;
	mutex_lock(&ends->a);
	for (;;)
		__asm__ volatile("");
}

static void read_a(void *data)
{
	(void)data;
	down_read(&ends->sem);
	mutex_lock(&ends->a);
	mutex_unlock(&ends->a);
	up_read(&ends->sem);
}

static void fail_reading(void *data)
{
	(void)data;
	down_read(&ends->sem);
	mutex_lock(&ends->b);
	iommufd_model_assert(0);
}

static void take_b(void *data)
{
	(void)data;
	mutex_lock(&ends->b);
	mutex_unlock(&ends->b);
}

static void b_is_free(void *data)
{
	(void)data;
	iommufd_model_assert(!READ_ONCE(ends->b.owner));
}

static const char *states(const char *page)
{
	return strstr(page, "\"states\":");
}

START_TEST(a_page_says_where_threads_stand)
{
	struct iommufd_model_explore_options options = {
		.ignore = 1u << IOMMUFD_MODEL_FAIL_LOCK_ORDER, .hang = 1,
	};
	const struct iommufd_model_test deadlock = {
		.name = "deadlock", .setup = make_ends, .after = free_ends,
		.threads = { { "ab", a_then_b }, { "ba", b_then_a },
			     { "idle", do_nothing } },
	};
	const struct iommufd_model_test hang = {
		.name = "hang", .setup = make_ends, .after = free_ends,
		.threads = { { "spinner", spin } },
	};
	const struct iommufd_model_test readers = {
		.name = "readers", .setup = make_ends, .after = free_ends,
		.threads = { { "bad", fail_reading }, { "good", read_a } },
	};
	const struct iommufd_model_test invariant = {
		.name = "invariant", .setup = make_ends, .after = free_ends,
		.invariant = b_is_free,
		.threads = { { "x", take_b }, { "y", take_b } },
	};
	int stacks;
	char *page;

	iommufd_model_observe_stop();
	for (stacks = 0; stacks < 2; stacks++) {
		options.own_stacks = stacks;
		page = drawn(&deadlock, &options, 1);
		ck_assert_ptr_nonnull(strstr(states(page),
			"waits for b, held by ba"));
		ck_assert_ptr_nonnull(strstr(states(page),
			"waits for a, held by ab"));
		ck_assert_ptr_nonnull(strstr(states(page), "\"ended\"]"));
		free(page);
	}
	options.own_stacks = false;
	page = drawn(&invariant, &options, 1);
	ck_assert_ptr_nonnull(strstr(page,
				     "\"threads\":[\"main\",\"x\",\"y\"]"));
	ck_assert_int_eq(times(page, "\"p\":1,\"x\""), 0);
	free(page);
	page = drawn(&hang, &options, 1);
	ck_assert_ptr_nonnull(strstr(states(page), "[\"\",\"between two op"));
	free(page);
	page = drawn(&readers, &options, 1);
	ck_assert_ptr_nonnull(strstr(states(page),
		"[\"\",\"failed\",\"next: down_read ends-\\u003esem\"]"));
	free(page);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("recording");
	Suite *suite = suite_create("recording");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_graph_says_who_holds_whom);
	tcase_add_test(tcase, a_graph_of_nothing_and_of_nobody);
	tcase_add_test(tcase, locks_that_are_held_are_in_the_graph);
	tcase_add_test(tcase, each_moment_can_be_had_again);
	tcase_add_test(tcase,
		       what_the_ring_forgot_is_in_the_moments_that_are_left);
	tcase_add_test(tcase, a_recording_may_begin_in_the_middle);
	tcase_add_test(tcase, what_a_child_did_can_be_told_when_it_has_died);
	tcase_add_test(tcase, films_tell_threads_steps_and_passes);
	tcase_add_test(tcase, an_empty_film_can_be_written);
	tcase_add_test(tcase, a_full_disk_is_an_error);
	tcase_add_test(tcase, who_has_an_id_again_has_a_place_of_its_own);
	tcase_add_test(tcase, the_order_that_breaks_is_drawn);
	tcase_add_test(tcase, in_a_directory_each_test_has_its_own_page);
	tcase_add_test(tcase,
		       what_does_not_break_is_drawn_only_when_it_is_replayed);
	tcase_add_test(tcase, notes_of_others_are_theirs);
	tcase_add_test(tcase,
		       a_thousand_units_are_told_apart_and_more_are_not);
	tcase_add_test(tcase, what_was_there_before_the_observer_may_go_after);
	tcase_add_test(tcase, a_ring_that_a_child_overran_begins_with_nothing);
	tcase_add_test(tcase, threads_of_one_name_have_places_of_their_own);
	tcase_add_test(tcase, a_film_has_room_for_many_threads);
	tcase_add_test(tcase, threads_beyond_the_last_number_are_one);
	tcase_add_test(tcase, what_acted_for_an_earlier_observer_acts_no_more);
	tcase_add_test(tcase, what_acts_inside_of_too_many_is_forgotten_alone);
	tcase_add_test(tcase, what_acts_may_end_out_of_order);
	tcase_add_test(tcase, memory_that_is_used_again_has_its_new_name);
	tcase_add_test(tcase, a_slice_of_a_lock_begins_and_ends_once);
	tcase_add_test(tcase,
		       there_is_room_for_so_much_text_in_each_recording);
	tcase_add_test(tcase, a_step_ends_where_the_next_begins);
	tcase_add_test(tcase, a_destroy_that_is_over_is_no_longer_around);
	tcase_add_test(tcase, tracks_of_a_second_context_are_its_own);
	tcase_add_test(tcase, a_page_says_where_threads_stand);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
