// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Graphs and records: the graph of a past moment is the one that the observer
 * gave at that moment, even if the process that recorded it has died.
 */
#include "record_suite.h"
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
	ck_assert_uint_eq(references(graph, "descriptor", "ctx",
				IOMMUFD_MODEL_REFERENCES), 1);
	ck_assert_uint_eq(references(graph, "access 2", "ctx",
				IOMMUFD_MODEL_REFERENCES), 1);
	ck_assert_uint_eq(references(graph, "access 2", "ioas 1",
				IOMMUFD_MODEL_USERS), 1);
	i = find_node(graph, "ioas 1");
	ck_assert_int_ge(i, 0);
	ck_assert_int_eq(graph->nodes[i].value[IOMMUFD_MODEL_USERS], 2);
	ck_assert_int_eq(graph->nodes[i].table[IOMMUFD_MODEL_USERS], 1);
	ck_assert_int_eq(graph->nodes[i].unknown[IOMMUFD_MODEL_USERS], 0);
	ck_assert_int_eq(graph->nodes[i].state, IOMMUFD_MODEL_NODE_PUBLISHED);
	ck_assert_int_eq(graph->nodes[i].ctx, find_node(graph, "ctx"));
	/*
	 * A driver, which is not an object, holds the access, so a thread is
	 * named as holder.
	 */
	ck_assert_uint_eq(references(graph, "main", "access 2",
				IOMMUFD_MODEL_USERS), 1);
	iommufd_model_graph_free(graph);
	iommufd_access_destroy(access);
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(graph_is_empty_without_objects_null_without_observer)
{
	struct iommufd_model_graph *graph = iommufd_model_graph_now();

	ck_assert_ptr_nonnull(graph);
	ck_assert_uint_eq(graph->nr_nodes, 0);
	iommufd_model_graph_free(graph);
	iommufd_model_observe_stop();
	ck_assert_ptr_null(iommufd_model_graph_now());
	ck_assert_int_eq(iommufd_model_record_start(record), -EINVAL);
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
	ck_assert_int_eq(graph->locks[0].node, find_node(graph, "ioas 1"));
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

/* The tests below look at past moments. */

#define MOMENTS 200

struct moments {
	int nr;
	unsigned long event[MOMENTS];
	struct iommufd_model_graph *graph[MOMENTS];
};

static void remember(struct moments *m)
{
	ck_assert_int_lt(m->nr, MOMENTS);
	m->event[m->nr] = iommufd_model_record_length(record);
	m->graph[m->nr++] = iommufd_model_graph_now();
}

/*
 * Checks all moments for which the record has room, and returns their number.
 */
static int check_moments(struct moments *m)
{
	struct iommufd_model_graph *graph;
	int i, n = 0;

	for (i = 0; i < m->nr; i++) {
		if (m->event[i] <= record_length(record)) {
			graph = graph_at(m->event[i]);
			ck_assert_uint_eq(iommufd_model_graph_diff(
				m->graph[i], graph, stdout), 0);
			iommufd_model_graph_free(graph);
			n++;
		}
		iommufd_model_graph_free(m->graph[i]);
	}
	return n;
}

/* Creates and destroys objects that hold each other, with calls that fail. */
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

START_TEST(a_full_record_counts_further_operations)
{
	struct moments m = { .nr = 0 };

	iommufd_model_record_start(NULL);
	iommufd_model_record_free(record);
	record = iommufd_model_record_create(300);
	ck_assert_int_eq(iommufd_model_record_start(record), 0);
	live(&m, 40);
	ck_assert_uint_eq(record_length(record), 300);
	ck_assert_uint_gt(iommufd_model_record_length(record), 1000);
	ck_assert_int_gt(check_moments(&m), 3);
}
END_TEST

START_TEST(a_record_does_not_begin_in_the_middle)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	ck_assert_int_eq(iommufd_model_record_start(record), -EBUSY);
	iommufd_model_check_close(ictx);
	ck_assert_int_eq(iommufd_model_record_start(record), 0);
	ck_assert_uint_eq(iommufd_model_record_length(record), 0);
}
END_TEST

START_TEST(record_of_a_child_can_be_read_after_its_death)
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
	graph = graph_at(-1ul);
	ck_assert_int_ge(find_node(graph, "ioas 1"), 0);
	ck_assert_uint_eq(graph->nr_locks, 1);
	iommufd_model_graph_free(graph);
}
END_TEST

START_TEST(unknown_notes_are_not_recorded)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);
	unsigned long events = iommufd_model_record_length(record);
	int number;

	for (number = 1000; number < 1300; number++)
		iommufd_model_note(number, ioas, 0);
	for (number = -300; number <= 0; number++)
		iommufd_model_note(number, ioas, 0);
	for (number = 1; number < IOMMUFD_MODEL_NOTE_THREAD; number++)
		iommufd_model_note(number, (void *)0, 0);
	ck_assert_uint_eq(iommufd_model_record_length(record), events);
	ck_assert_int_eq(iommufd_model_holders(ioas, NULL, NULL), 2);
	iommufd_model_check_close(ictx);
}
END_TEST

static void count_events(const struct iommufd_model_event *event, void *data)
{
	int *told = data;

	told[event->kind]++;
}

START_TEST(a_thousand_references_are_attributed_and_more_are_not)
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
	ck_assert_int_eq(told[IOMMUFD_MODEL_EVENT_TAKE], 1);
	ck_assert_int_eq(iommufd_model_holders(ioas, NULL, NULL), 1026);
	refcount_add(1000000000, &ioas->obj.users);
	ck_assert_int_eq(told[IOMMUFD_MODEL_EVENT_TAKE], 2);
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
	ck_assert_int_eq(iommufd_model_record_start(record), 0);
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

int main(void)
{
	Suite *suite = suite_create("record");
	TCase *tcase = recorded_case(suite, "record");

	tcase_add_test(tcase, a_graph_says_who_holds_whom);
	tcase_add_test(tcase,
		       graph_is_empty_without_objects_null_without_observer);
	tcase_add_test(tcase, locks_that_are_held_are_in_the_graph);
	tcase_add_test(tcase, each_moment_can_be_had_again);
	tcase_add_test(tcase, a_full_record_counts_further_operations);
	tcase_add_test(tcase, a_record_does_not_begin_in_the_middle);
	tcase_add_test(tcase, record_of_a_child_can_be_read_after_its_death);
	tcase_add_test(tcase, unknown_notes_are_not_recorded);
	tcase_add_test(tcase,
		       a_thousand_references_are_attributed_and_more_are_not);
	tcase_add_test(tcase, what_was_there_before_the_observer_may_go_after);
	return run_suite(suite);
}
