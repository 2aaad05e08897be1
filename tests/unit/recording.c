// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Graphs and recordings: any moment of the past is as it was when it was the
 * present, also when the ring has forgotten how it came to be, and when the
 * process that recorded is dead.
 */
#include "recording_suite.h"
#include <sys/wait.h>
#include <unistd.h>

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

int main(void)
{
	Suite *suite = suite_create("recording");
	TCase *tcase = recorded_case(suite, "recording");

	tcase_add_test(tcase, a_graph_says_who_holds_whom);
	tcase_add_test(tcase, a_graph_of_nothing_and_of_nobody);
	tcase_add_test(tcase, locks_that_are_held_are_in_the_graph);
	tcase_add_test(tcase, each_moment_can_be_had_again);
	tcase_add_test(tcase,
		       what_the_ring_forgot_is_in_the_moments_that_are_left);
	tcase_add_test(tcase, a_recording_may_begin_in_the_middle);
	tcase_add_test(tcase, what_a_child_did_can_be_told_when_it_has_died);
	tcase_add_test(tcase, notes_of_others_are_theirs);
	tcase_add_test(tcase, a_thousand_units_are_told_apart_and_more_are_not);
	tcase_add_test(tcase, what_was_there_before_the_observer_may_go_after);
	tcase_add_test(tcase, a_ring_that_a_child_overran_begins_with_nothing);
	return run_suite(suite);
}
