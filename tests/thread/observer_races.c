// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The observer with threads of the system: some make, get, put and destroy
 * objects, others ask for graphs and for the length of the record, which is
 * soon full.  The order of events differs from the order of the operations;
 * once no operation is running the ledger must be right.
 */
#include "threads.h"
#include <iommufd_model/observe.h>
#include <stdlib.h>

#define ROUNDS 300
#define NR_IDS 3

static struct iommufd_model_record *record;
static int working;

struct shared {
	int fd;
	struct iommufd_ctx *ictx;
	u32 ids[NR_IDS];
};

static void end_work(void)
{
	__atomic_sub_fetch(&working, 1, __ATOMIC_RELEASE);
}

static void make_and_destroy(struct worker *worker)
{
	struct shared *shared = worker->shared;
	int i, rc;
	u32 id;

	for (i = 0; i < ROUNDS; i++) {
		expect(worker, !worker_alloc(shared->fd, &id));
		do
			rc = ioctl_destroy(shared->fd, id);
		while (rc == -EBUSY);
		expect(worker, !rc);
	}
	end_work();
}

/*
 * Also get and put objects that other threads make and destroy: ids are used
 * again.
 */
static void get_and_put(struct worker *worker)
{
	struct shared *shared = worker->shared;
	struct iommufd_object *obj;
	int i;

	for (i = 0; i < 3 * ROUNDS; i++) {
		obj = iommufd_get_object(shared->ictx, 1 + (u32)i % 6,
					 IOMMUFD_OBJ_IOAS);
		if (!IS_ERR(obj))
			iommufd_put_object(shared->ictx, obj);
		worker->done += !IS_ERR(obj);
	}
	end_work();
}

static void ask(struct worker *worker)
{
	struct shared *shared = worker->shared;
	struct iommufd_model_graph *graph;
	char buf[80];

	do {
		graph = iommufd_model_graph_now();
		expect(worker, graph);
		iommufd_model_graph_free(graph);
		expect(worker, iommufd_model_record_length(record));
		iommufd_model_holders(shared->ictx, NULL, NULL);
		expect(worker, iommufd_model_fate(shared->ictx, buf,
						  sizeof(buf)) ==
			       IOMMUFD_MODEL_RELEASABLE);
		iommufd_model_released(shared);
		expect(worker, iommufd_model_record_start(record) == -EBUSY);
		if (worker->nr)
			iommufd_model_record_start(NULL);
	} while (__atomic_load_n(&working, __ATOMIC_ACQUIRE));
}

static void tell(const struct iommufd_model_event *event, void *data)
{
	*(unsigned long *)data += event->kind != IOMMUFD_MODEL_EVENT_NOTE;
}

START_TEST(the_ledger_is_right_when_no_operation_runs)
{
	unsigned long told = 0;
	struct shared shared;
	int i;

	record = iommufd_model_record_create(1000);
	ck_assert_ptr_nonnull(record);
	ck_assert_int_eq(iommufd_model_observe_start(tell, &told), 0);
	ck_assert_int_eq(iommufd_model_record_start(record), 0);
	shared.fd = iommufd_model_open();
	shared.ictx = iommufd_ctx_from_fd(shared.fd);
	for (i = 0; i < NR_IDS; i++)
		ck_assert_int_eq(worker_alloc(shared.fd, &shared.ids[i]), 0);
	working = 5;
	add_workers(3, get_and_put, &shared);
	add_workers(2, make_and_destroy, &shared);
	add_workers(2, ask, &shared);
	run_workers();
	ck_assert_uint_gt(told, 4 * ROUNDS);
	ck_assert_uint_eq(iommufd_model_unbalanced(), 0);
	ck_assert_int_eq(iommufd_model_holders(shared.ictx, NULL, NULL), 2);
	iommufd_ctx_put(shared.ictx);
	iommufd_model_close(shared.fd);
	ck_assert_uint_eq(iommufd_model_unbalanced(), 0);
	iommufd_model_observe_stop();
	iommufd_model_record_free(record);
}
END_TEST

/* A hook that delays a thread between an operation and its event. */
struct late {
	struct iommufd_model_hook hook;
	const void *counter;
	int held_up, go_on;
};

static void hold_up(struct iommufd_model_hook *hook,
		    const struct iommufd_model_op *op)
{
	struct late *late = container_of(hook, struct late, hook);

	if (flag_is_up(&late->held_up) || op->addr != late->counter ||
	    op->kind != IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST)
		return;
	raise_flag(&late->held_up);
	while (!flag_is_up(&late->go_on))
		sched_yield();
}

static void put_late(struct worker *worker)
{
	refcount_t *counter = worker->shared;

	/* Drops a reference, and does not use the object after that. */
	expect(worker, !refcount_dec_and_test(counter));
}

/*
 * The event of a thread's last operation on an object comes after the object
 * was freed and another object was allocated at the same address.  The event
 * must not be attributed to the new object.
 */
START_TEST(late_event_is_not_of_a_new_object_at_the_address)
{
	struct late late = { .hook = { .event = hold_up } };
	struct iommufd_object *obj, *again;
	struct iommufd_ctx *ictx;
	int fd, i;
	u32 id;

	iommufd_model_hook_add(&late.hook);
	ck_assert_int_eq(iommufd_model_observe_start(NULL, NULL), 0);
	fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(fd);
	ck_assert_int_eq(worker_alloc(fd, &id), 0);
	obj = iommufd_get_object(ictx, id, IOMMUFD_OBJ_IOAS);
	refcount_dec(&obj->users);
	late.counter = &obj->wait_cnt;
	add_workers(1, put_late, &obj->wait_cnt);
	start_workers();
	while (!flag_is_up(&late.held_up))
		sched_yield();
	ck_assert_int_eq(ioctl_destroy(fd, id), 0);
	late.counter = NULL;
	for (again = NULL, i = 0; again != obj && i < 50; i++) {
		if (again)
			iommufd_put_object(ictx, again);
		ck_assert_int_eq(worker_alloc(fd, &id), 0);
		again = iommufd_get_object(ictx, id, IOMMUFD_OBJ_IOAS);
	}
	raise_flag(&late.go_on);
	join_workers();
	if (again != obj)
		printf("left out: the memory was not used again\n");
	ck_assert_uint_eq(iommufd_model_unbalanced(), 0);
	iommufd_put_object(ictx, again);
	iommufd_ctx_put(ictx);
	iommufd_model_close(fd);
	iommufd_model_observe_stop();
	iommufd_model_hook_remove(&late.hook);
}
END_TEST

static void hold_up_add(struct iommufd_model_hook *hook,
			const struct iommufd_model_op *op)
{
	struct late *late = container_of(hook, struct late, hook);

	if (flag_is_up(&late->held_up) || op->addr != late->counter ||
	    op->kind != IOMMUFD_MODEL_OP_REFCOUNT_ADD)
		return;
	raise_flag(&late->held_up);
	while (!flag_is_up(&late->go_on))
		sched_yield();
}

static void take_one(struct worker *worker)
{
	refcount_inc((refcount_t *)worker->shared);
}

/* There are two increments, and the event of the first one comes last. */
START_TEST(counter_is_right_if_events_come_in_reverse)
{
	struct late late = { .hook = { .event = hold_up_add } };
	struct iommufd_object *obj;
	struct iommufd_ctx *ictx;
	u32 id;
	int fd;

	iommufd_model_hook_add(&late.hook);
	ck_assert_int_eq(iommufd_model_observe_start(NULL, NULL), 0);
	fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(fd);
	ck_assert_int_eq(worker_alloc(fd, &id), 0);
	obj = iommufd_get_object(ictx, id, IOMMUFD_OBJ_IOAS);
	late.counter = &obj->users;
	add_workers(1, take_one, &obj->users);
	start_workers();
	while (!flag_is_up(&late.held_up))
		sched_yield();
	refcount_inc(&obj->users);
	raise_flag(&late.go_on);
	join_workers();
	ck_assert_uint_eq(iommufd_model_unbalanced(), 0);
	refcount_dec(&obj->users);
	refcount_dec(&obj->users);
	iommufd_put_object(ictx, obj);
	iommufd_ctx_put(ictx);
	iommufd_model_close(fd);
	iommufd_model_observe_stop();
	iommufd_model_hook_remove(&late.hook);
}
END_TEST

static void add_tests(TCase *tcase)
{
	tcase_add_test(tcase, the_ledger_is_right_when_no_operation_runs);
	tcase_add_test(tcase, counter_is_right_if_events_come_in_reverse);
	tcase_add_test(tcase, late_event_is_not_of_a_new_object_at_the_address);
}

int main(void)
{
	return run_races("observer races", add_tests);
}
