// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The explorer's report, from records of executions that the test writes
 * itself: what it must say for each kind of failure, and that every record
 * gives a well-formed report.
 *
 * With EXPLORE_REPORT_SHOW=1 in the environment the reports are printed too.
 */
#include "suite.h"
#include "../../../src/explore/exploration.h"
#include <stdio.h>
#include <string.h>

#define ROOM 200
#define OP(kind) IOMMUFD_MODEL_OP_##kind
#define FAIL(failure) IOMMUFD_MODEL_FAIL_##failure

static struct iommufd_model_record *record;
static char *report;
static const char *draw;

static void setup(void)
{
	record = iommufd_model_record_create(ROOM);
	ck_assert_ptr_nonnull(record);
	record->explored = true;
	report = NULL;
	draw = NULL;
}

static void teardown(void)
{
	free(report);
	iommufd_model_record_free(record);
}

/* The functions below make a record. */

/* Two objects and their members.  Only their addresses are used. */
static struct probe {
	char users[4], wait_cnt[4], lock[8], wq[16], own[8];
} ioas, ctx, extra[3];

static struct iommufd_model_site sites[128];
static int nr_sites;

/*
 * Returns a call site on line @line of a file with an absolute name.
 */
static const struct iommufd_model_site *at(const char *func, int line,
					   const char *what)
{
	struct iommufd_model_site *site = &sites[nr_sites++ % 128];

	*site = (struct iommufd_model_site){
		func, "/home/me/src/model/src/iommufd/main.c", line, what
	};
	return site;
}

static void threads(int nr, const char *const *names)
{
	int i;

	record->nr_threads = nr + 1;
	for (i = 0; i < nr; i++) {
		struct record_thread *th = &record->threads[i + 1];

		snprintf(th->name, sizeof(th->name), "%s", names[i]);
		th->state = RECORD_ENDED;
	}
}

static void two_threads(void)
{
	threads(2, (const char *const[]){ "getter", "destroyer" });
}

static struct iommufd_model_op op(enum iommufd_model_op_kind kind,
				  const void *addr, long arg,
				  const struct iommufd_model_site *site)
{
	return (struct iommufd_model_op){
		.kind = kind, .addr = addr, .arg = arg, .site = site,
	};
}

/* Thread 0 of the test; memory without a label has no name in a row. */
static struct record_op *step(int thread, struct iommufd_model_op what,
			      const char *object)
{
	struct record_op *s = &record->ops[record->nr++];

	ck_assert_uint_le(record->nr, ROOM);
	record_fill(s, &what);
	s->step = (unsigned int)++record->nr_steps;
	s->thread = (unsigned short)(thread + 1);
	s->done = true;
	s->label = *object && (*object < '0' || *object > '9') ? object : NULL;
	return s;
}

static struct record_op *count(int thread, struct iommufd_model_op what,
			       const char *object, long before, long after)
{
	struct record_op *s = step(thread, what, object);

	s->before = before;
	s->after = after;
	return s;
}

static void fails(enum iommufd_model_failure failure, const char *text)
{
	record->failure = failure;
	snprintf(record->text, sizeof(record->text), "%s", text);
}

/* The functions below make a report. */

static void make_report(void)
{
	size_t size;
	FILE *to = open_memstream(&report, &size);

	ck_assert_ptr_nonnull(to);
	explore_report(record, "get against destroy", "a3b2.1",
		       "IOMMUFD_MODEL_EXPLORE_REPLAY=a3b2.1 ./test_x\n"
		       "iommufd-model replay a3b2.1", draw, to);
	fclose(to);
	if (getenv("EXPLORE_REPORT_SHOW"))
		printf("%s=====\n", report);
}

/* The functions below check a report. */

/* libcheck limits the length of a message. */
#define ck_assert_says(part)						\
	ck_assert_msg(strstr(report, part), "no \"%s\" in:\n%.2500s",	\
		      part, report)
#define ck_assert_silent(part)						\
	ck_assert_msg(!strstr(report, part), "\"%s\" in:\n%.2500s",	\
		      part, report)

/* The report is plain ASCII without trailing blanks, paths and addresses. */
static void check_form(int width)
{
	const char *s, *start = report;

	for (s = report; *s; s++) {
		ck_assert_msg(*s == '\n' || (*s >= ' ' && *s <= '~'),
			      "character %d", *s);
		if (*s != '\n')
			continue;
		ck_assert_msg(s == report || s[-1] != ' ',
			      "a trailing blank:\n%.2500s", report);
		ck_assert_msg(s - start <= width, "%d wide: %.*s",
			      (int)(s - start), (int)(s - start), start);
		start = s + 1;
	}
	/* the last line ends with a newline too */
	ck_assert_ptr_eq(start, s);
	ck_assert_silent("/home");
	ck_assert_silent("0x");
}

/*
 * Returns the column of the line with @part; only a number or blanks precede
 * @part.
 */
static int column_of(const char *part)
{
	const char *s = strstr(report, part), *start;

	ck_assert_msg(s != NULL, "no \"%s\" in:\n%.2500s", part, report);
	for (start = s; start > report && start[-1] != '\n'; start--)
		;
	return (int)(s - start);
}

/* The tests below are about memory. */

/*
 * The destroyer frees the object between the getter's lookup and its decrement.
 */
static void use_after_free(void)
{
	const char *obj = "ioas 3";

	two_threads();
	step(0, op(OP(SPIN_LOCK), ctx.lock, 0,
		   at("iommufd_get_object", 228, "&ictx->objects")), "ctx");
	count(0, op(OP(REFCOUNT_ADD_NOT_ZERO), ioas.users, 1,
		    at("iommufd_lock_obj", 243, "&obj->users")), obj, 1, 2);
	step(0, op(OP(SPIN_UNLOCK), ctx.lock, 0,
		   at("iommufd_get_object", 233, "&ictx->objects")), "ctx");
	count(0, op(OP(REFCOUNT_DEC), ioas.users, 1,
		    at("iommufd_put_object", 244, "&obj->users")), obj, 2, 1);
	count(1, op(OP(REFCOUNT_DEC_IF_ONE), ioas.users, 1,
		    at("do_remove", 310, "&obj->users")), obj, 1, 0)
		->preempts = true;
	step(1, op(OP(FREE), &ioas, 0, at("destroy_and_free", 292, "obj")),
	     obj);
	step(0, op(OP(REFCOUNT_SUB_AND_TEST), ioas.wait_cnt, 1,
		   at("iommufd_put_object", 245, "&obj->wait_cnt")), obj)
		->done = false;
	record->thread = 1;
	record->threads[1].state = RECORD_READY;
	record->threads[1].next = record->ops[6];
	fails(FAIL(USE_AFTER_FREE),
	      "refcount_dec_and_test of &obj->wait_cnt in freed memory");
	snprintf(record->object, sizeof(record->object), "%s", obj);
	record->allocated = at("iommufd_object_alloc", 120, "kzalloc");
	record->freed = record->ops[5].site;
	record->freed_by = 2;
	record->freed_step = 6;
	record->at = record->ops[6].site;
}

START_TEST(a_use_after_free_names_allocation_free_and_use)
{
	use_after_free();
	make_report();
	ck_assert_int_eq(strncmp(report, "get against destroy: FAILED: "
				 "use after free\n  refcount_dec_and_test of",
				 70), 0);
	ck_assert_says("  object     ioas 3\n");
	ck_assert_says("  allocated  iommufd_object_alloc main.c:120\n"
		       "  freed      destroy_and_free main.c:292, by "
		       "destroyer, step 6\n"
		       "  used       iommufd_put_object main.c:245, by "
		       "getter\n");
	check_form(80);
}
END_TEST

START_TEST(a_row_has_operation_call_site_and_counter)
{
	use_after_free();
	make_report();
	ck_assert_says("7 steps, 1 preemption\n");
	ck_assert_says("  1  spin_lock objects (ctx)\n"
		       "       iommufd_get_object main.c:228\n"
		       "  2  inc_not_zero users (ioas 3) 1 -> 2\n"
		       "       iommufd_lock_obj main.c:243\n");
	ck_assert_says("  4  dec users (ioas 3) 2 -> 1\n");
	ck_assert_says("\n     -- preempted --\n  5   ");
	ck_assert_int_eq(column_of("iommufd_get_object main"), 7);
	ck_assert_int_eq(column_of("dec_if_one users (ioas 3) 1 -> 0\n"), 43);
}
END_TEST

START_TEST(the_step_that_breaks_is_marked)
{
	const char *mark;

	use_after_free();
	make_report();
	mark = strstr(report, "main.c:245\n     !! use after free: "
			      "refcount_dec_and_test of &obj->wait_cnt in");
	ck_assert_ptr_nonnull(mark);
	ck_assert(mark > strstr(report, "  7  dec_and_test wait_cnt (ioas 3)"));
	ck_assert_says("At the end:\n"
		       "  getter     failed\n"
		       "  destroyer  ended\n");
	ck_assert_says("\nThe schedule:\n  a3b2.1\n"
		       "\nTo run it again:\n"
		       "  IOMMUFD_MODEL_EXPLORE_REPLAY=a3b2.1 ./test_x\n"
		       "  iommufd-model replay a3b2.1\n");
}
END_TEST

/*
 * Only the head of the report tells the size of the memory and who allocated
 * it.
 */
START_TEST(memory_without_a_label_is_named_by_the_expression)
{
	const char *object = "40 bytes allocated by make";

	two_threads();
	step(1, op(OP(ALLOC), &ctx, 40, at("make", 10, "kzalloc")), object)
		->after = 1;
	count(1, op(OP(REFCOUNT_ADD), ctx.users, 1, at("use", 20, "&t->users")),
	      object, 1, 2);
	step(1, op(OP(FREE), &ctx, 0, at("drop", 30, "t")), object);
	step(1, op(OP(FREE), &ctx, 0, at("drop", 31, "t")), object)
		->done = false;
	record->thread = 2;
	fails(FAIL(DOUBLE_FREE), "double free of t");
	snprintf(record->object, sizeof(record->object), "%s", object);
	record->allocated = record->ops[0].site;
	record->at = record->ops[3].site;
	record->freed = record->ops[2].site;
	record->freed_by = 2;
	record->freed_step = 3;
	make_report();
	ck_assert_says("  object     40 bytes allocated by make\n"
		       "  allocated  make main.c:10\n"
		       "  freed      drop main.c:30, by destroyer, step 3\n"
		       "  used       drop main.c:31, by destroyer\n");
	ck_assert_int_eq(column_of("kzalloc 40 bytes\n"), 43);
	ck_assert_says("inc t->users 1 -> 2\n");
	ck_assert_says("free t\n");
	check_form(80);
}
END_TEST

START_TEST(a_leak_has_no_step_and_no_thread)
{
	two_threads();
	step(0, op(OP(ALLOC), NULL, 64, at("make", 10, "kzalloc")), "hwpt 4")
		->after = 4096;
	fails(FAIL(LEAK), "1 allocation is left, 64 bytes");
	snprintf(record->object, sizeof(record->object), "hwpt 4");
	record->allocated = record->ops[0].site;
	snprintf(record->detail, sizeof(record->detail),
		 "hwpt 4, users 1  \n  held by ioas 3\t\n");
	make_report();
	ck_assert_says("  allocated  make main.c:10\n");
	ck_assert_silent("  used");
	ck_assert_silent("  freed");
	ck_assert_says("\n\n  !! leak: 1 allocation is left, 64 bytes\n");
	ck_assert_says("\nDetails:\n  hwpt 4, users 1\n    held by ioas 3\n");
	check_form(80);
}
END_TEST

/* The tests below are about locks. */

static void waits_for(int thread, struct iommufd_model_op what,
		      const char *object, int blocker,
		      const struct iommufd_model_site *taken)
{
	struct record_thread *th = &record->threads[thread + 1];

	th->state = RECORD_BLOCKED;
	record_fill(&th->next, &what);
	th->next.label = *object ? object : NULL;
	th->blocker = blocker < 0 ? -1 : blocker + 1;
	th->blocker_site = taken;
}

static void holds(int thread, const struct iommufd_model_site *taken,
		  const char *object)
{
	struct record_thread *th = &record->threads[thread + 1];
	struct record_lock *lock = &th->locks[th->nr_locks++];

	lock->site = taken;
	lock->label = *object ? object : NULL;
}

/* Each thread holds its own lock and waits for that of the next thread. */
static void philosophers(int nr)
{
	static const char *const names[] = { "ann", "bob", "cid" };
	static const char *const forks[] = { "fork 1", "fork 2", "fork 3" };
	const struct iommufd_model_site *taken[3];
	int i, next;

	threads(nr, names);
	for (i = 0; i < nr; i++) {
		taken[i] = at("eat", 10 + i, "&fork->lock");
		step(i, op(OP(MUTEX_LOCK), extra[i].lock, 0, taken[i]),
		     forks[i])->preempts = i > 0;
		holds(i, taken[i], forks[i]);
	}
	for (i = 0; i < nr; i++) {
		next = (i + 1) % nr;
		waits_for(i, op(OP(MUTEX_LOCK), extra[next].lock, 0,
				at("eat", 20 + i, "&right->lock")),
			  forks[next], next, taken[next]);
	}
	fails(FAIL(DEADLOCK), "all threads wait");
}

START_TEST(a_deadlock_says_who_holds_what_and_waits_for_whom)
{
	philosophers(3);
	make_report();
	ck_assert_says("\nAt the end:\n"
		       "  ann  waits for lock (fork 2), in eat "
		       "main.c:20; bob took it in eat main.c:11\n"
		       "       holds lock (fork 1), taken in eat "
		       "main.c:10\n"
		       "  bob  waits for lock (fork 3), in eat "
		       "main.c:21; cid took it in eat main.c:12\n");
	ck_assert_says("  cid  waits for lock (fork 1)");
	ck_assert_int_eq(column_of("mutex_lock lock (fork 3)"), 81);
	check_form(5 + 3 * 38 - 1);
}
END_TEST

START_TEST(a_thread_may_wait_for_itself)
{
	philosophers(1);
	make_report();
	ck_assert_says("  ann  waits for lock (fork 1), in eat "
		       "main.c:20; ann took it in eat main.c:10\n");
}
END_TEST

START_TEST(a_deadlock_names_a_lock_of_an_ended_thread)
{
	philosophers(2);
	record->threads[1].state = RECORD_ENDED;
	make_report();
	ck_assert_says("  ann  ended\n       holds lock (fork 1)");
	ck_assert_says("  bob  waits for lock (fork 1), in eat "
		       "main.c:21; ann took it in eat main.c:10\n");
}
END_TEST

START_TEST(a_writer_of_another_lock_is_not_in_line)
{
	const struct iommufd_model_site *taken = at("write", 5, "&sem");

	threads(3, (const char *const[]){ "a", "b", "c" });
	step(0, op(OP(RWSEM_DOWN_WRITE), ctx.lock, 0, taken), "");
	holds(0, taken, "");
	waits_for(0, op(OP(JOIN), NULL, 1, at("write", 6, "number")), "", 1,
		  NULL);
	waits_for(1,
		  op(OP(RWSEM_DOWN_READ), ctx.lock, 0, at("late", 8, "&sem")),
		  "", -1, NULL);
	waits_for(2,
		  op(OP(RWSEM_DOWN_WRITE), ctx.wq, 0, at("other", 9, "&other")),
		  "", -1, NULL);
	fails(FAIL(DEADLOCK), "all threads wait");
	make_report();
	ck_assert_says("  b  waits for sem, in late main.c:8\n");
	ck_assert_silent("in line");
}
END_TEST

/* A reader waits for a waiting writer, which waits for another reader. */
START_TEST(a_deadlock_tells_of_a_join_and_of_a_writer_in_line)
{
	const struct iommufd_model_site *taken = at("read", 5, "&sem");

	threads(3, (const char *const[]){ "a", "b", "c" });
	step(0, op(OP(RWSEM_DOWN_READ), ctx.lock, 0, taken), "");
	step(1, op(OP(RWSEM_DOWN_WRITE), ctx.lock, 0, at("write", 6, "&sem")),
	     "")->queued = true;
	holds(0, taken, "");
	record->threads[1].locks[0].read = true;
	waits_for(0, op(OP(JOIN), NULL, 2, at("read", 7, "number")), "", 2,
		  NULL);
	waits_for(1, op(OP(RWSEM_DOWN_WRITE), ctx.lock, 0,
			at("write", 6, "&sem")), "", 0, taken);
	waits_for(2, op(OP(RWSEM_DOWN_READ), ctx.lock, 0,
			at("late", 8, "&sem")), "", -1, NULL);
	fails(FAIL(DEADLOCK), "all threads wait");
	make_report();
	ck_assert_says("down_write sem: must wait\n");
	ck_assert_says("  a  waits for the end of c, in read main.c:7\n"
		       "     holds sem for reading, taken in read main.c:5\n"
		       "  b  waits for sem, in write main.c:6; a took it in "
		       "read main.c:5\n"
		       "  c  waits for sem, in late main.c:8; before it in "
		       "line is b\n");
	check_form(5 + 3 * 38 - 1);
}
END_TEST

/* The tests below are about wake-ups. */

#define COND "refcount_read(&to_destroy->wait_cnt) == 0"

/* Replaces one operation of the record by another one. */
static void put_step(int index, unsigned short thread,
		     struct iommufd_model_op what)
{
	record_fill(&record->ops[index], &what);
	record->ops[index].thread = thread;
	record->ops[index].label = "ctx";
}

static void lost_wakeup(long mode, bool early)
{
	int sleeper = early ? 4 : 3, wake = early ? 3 : 4;
	const struct iommufd_model_site *until = at("dec_wait", 274, COND);

	two_threads();
	record->nr_steps = 0;
	record->nr = 0;
	count(1, op(OP(REFCOUNT_SUB_AND_TEST), ioas.wait_cnt, 1,
		    at("dec_wait", 270, "&to_destroy->wait_cnt")), "ioas 3",
	      2, 1);
	count(1, op(OP(REFCOUNT_READ), ioas.wait_cnt, 0,
		    at("dec_wait", 274, "&to_destroy->wait_cnt")), "ioas 3",
	      1, 1);
	count(0, op(OP(REFCOUNT_SUB_AND_TEST), ioas.wait_cnt, 1,
		    at("iommufd_put_object", 244, "&obj->wait_cnt")), "ioas 3",
	      1, 0)->preempts = true;
	step(0, op(OP(READ_ONCE), NULL, 0, until), "");
	step(0, op(OP(READ_ONCE), NULL, 0, until), "");
	put_step(sleeper, 2, op(OP(WAIT_PREPARE), ctx.wq, TASK_UNINTERRUPTIBLE,
				at("dec_wait", 274, "&ictx->destroy_wait")));
	put_step(wake, 1, op(OP(WAIT_WAKE), ctx.wq, mode,
			     at("iommufd_put_object", 245,
				"&ictx->destroy_wait")));
	waits_for(1, op(OP(WAIT_SLEEP), ctx.wq, MAX_SCHEDULE_TIMEOUT, until),
		  "ctx", -1, NULL);
	record->threads[2].slept_at = sleeper;
	record->threads[2].last_wake = wake;
	fails(FAIL(LOST_WAKEUP), "destroyer sleeps and nobody wakes it");
}

START_TEST(a_lost_wakeup_is_reported_as_too_early)
{
	lost_wakeup(TASK_NORMAL, true);
	make_report();
	ck_assert_says("  destroyer  sleeps on destroy_wait (ctx) until\n"
		       "                 refcount_read(&to_destroy->wait_cnt) "
		       "== 0, in dec_wait\n"
		       "                 main.c:274\n"
		       "             put itself on that queue in step 5\n"
		       "             the last wake-up was step 4, by getter in "
		       "iommufd_put_object\n"
		       "                 main.c:245: too early\n");
	ck_assert_silent("at most");
	check_form(80);
}
END_TEST

START_TEST(a_lost_wakeup_tells_for_which_sleepers_it_was)
{
	lost_wakeup(TASK_INTERRUPTIBLE, false);
	make_report();
	ck_assert_says("wake_up_interruptible destroy_wait\n");
	ck_assert_says("main.c:245: for interruptible sleepers\n");
	ck_assert_silent("too early");
}
END_TEST

START_TEST(a_report_says_that_nobody_wakes_the_queue)
{
	lost_wakeup(TASK_NORMAL, true);
	record->nr_steps = 3;
	record->nr = 3;
	record->threads[2].slept_at = -1;
	record->threads[2].last_wake = -1;
	make_report();
	ck_assert_says("destroyer  sleeps on a wait queue until");
	ck_assert_says("nobody ever wakes the queue\n");
	ck_assert_silent("put itself");
}
END_TEST

/*
 * If the failure is ignored, a step follows; otherwise the failure precedes the
 * step.
 */
START_TEST(a_timeout_names_the_missing_wakeup)
{
	lost_wakeup(TASK_NORMAL, true);
	record->threads[2].next.arg = 60000;
	record->threads[2].state = RECORD_READY;
	record->thread = 2;
	step(1, record_gate_op(&record->threads[2].next), "ctx")->timeout = true;
	fails(FAIL(TIMEOUT), "the wait ran into its timeout of 60000 ms");
	make_report();
	ck_assert_int_eq(column_of("wait_event\n"), 43);
	ck_assert_says("timed out\n");
	ck_assert_says("  destroyer  sleeps on destroy_wait (ctx) until");
	ck_assert_says("60000 ms, in dec_wait");
	ck_assert_says("step 4, by getter");
	check_form(80);
}
END_TEST

/*
 * The memory may have been freed; the report then tells of that failure only.
 */
START_TEST(a_sleeper_that_fails_otherwise_lacks_no_wakeup)
{
	lost_wakeup(TASK_NORMAL, true);
	record->threads[2].state = RECORD_READY;
	record->thread = 2;
	fails(FAIL(USE_AFTER_FREE), "the queue has been freed");
	make_report();
	ck_assert_says("  destroyer  failed\n");
	ck_assert_silent("last wake-up");
}
END_TEST

/* The tests below are about other failures. */

START_TEST(a_crash_gives_its_details_in_printable_text)
{
	struct iommufd_model_op lock;

	two_threads();
	count(0, op(OP(REFCOUNT_ADD), ioas.users, 1,
		    at("get", 4, "&obj->users")), "ioas 3", 1, 2);
	record->thread = 1;
	record->threads[1].state = RECORD_READY;
	record->at = at("get", 9, "*p");
	fails(FAIL(CRASH), "killed by signal 11 (Segmentation fault)");
	snprintf(record->detail, sizeof(record->detail),
		 "AddressSanitizer: SEGV and/or so\n"
		 "    #0 in get /home/me/x.c:3\n\n"
		 "  (/home/me/a.out+3)\t\n  \xc3\xa4\x1b[1m");
	record->threads[2].state = RECORD_READY;
	lock = op(OP(MUTEX_LOCK), ctx.lock, 0, at("put", 5, "&obj->lock"));
	record_fill(&record->threads[2].next, &lock);
	make_report();
	ck_assert_says("\nDetails:\n  AddressSanitizer: SEGV and/or so\n"
		       "      #0 in get x.c:3\n\n    (a.out+3)\n"
		       "    ???[1m\n");
	ck_assert_says("  at         get main.c:9, by getter\n");
	ck_assert_says("  getter     failed\n");
	ck_assert_says("main.c:4\n     !! crash");
	ck_assert_says("  destroyer  next: mutex_lock obj->lock, in put "
		       "main.c:5\n");
	check_form(80);
}
END_TEST

static const struct {
	enum iommufd_model_op_kind kind;
	long arg, before, after;
	const char *what, *text;
} cells[] = {
	{ OP(REFCOUNT_SET), 1, 0, 1, "&o->users",
	  "refcount_set users (ioas 3) 0 -> 1" },
	{ OP(REFCOUNT_READ), 0, 3, 3, "&o->users",
	  "refcount_read users (ioas 3): 3" },
	{ OP(REFCOUNT_ADD), 3, 1, 4, "&o.users",
	  "add users (ioas 3) 1 -> 4" },
	{ OP(REFCOUNT_ADD), 1, 1, 2, "&o.users",
	  "inc users (ioas 3) 1 -> 2" },
	{ OP(REFCOUNT_ADD_NOT_ZERO), 1, 0, 0, "&o->users",
	  "inc_not_zero users (ioas 3): 0, failed" },
	{ OP(REFCOUNT_DEC_IF_ONE), 1, 2, 2, "&o->users",
	  "dec_if_one users (ioas 3): 2, failed" },
	{ OP(REFCOUNT_SUB_AND_TEST), 2, 2, 0, "count(o)",
	  "sub_and_test count(o) (ioas 3) 2 -> 0" },
	{ OP(MUTEX_TRYLOCK), 0, 0, 0, "&o->lock",
	  "mutex_trylock lock (ioas 3): failed f" },
	{ OP(MUTEX_TRYLOCK), 0, 0, 1, "&o->lock",
	  "mutex_trylock lock (ioas 3) f" },
	{ OP(WAIT_PREPARE), 2, 0, 0, "&c->wq", "prepare_to_wait wq (ioas 3)" },
	{ OP(WAIT_SLEEP), 9, 0, 0, "done", "wait_event done f" },
	{ OP(WAIT_WAKE), 1, 0, 0, "&wq", "wake_up_interruptible wq" },
	{ OP(WAIT_ZERO), 0, 0, 0, "&o->users",
	  "wait for zero users (ioas 3): 0" },
	{ OP(ALLOC), 24, 0, 0, "kmalloc", "kmalloc 24 bytes (ioas 3): failed" },
	{ OP(COPY_TO_USER), 8, 0, 3, "to",
	  "copy_to_user to (ioas 3): failed" },
	{ OP(PIN_PAGE), 0, 0, 0, "p", "pin_user_page p (ioas 3) f" },
	{ OP(FD_READ), 7, 0, 0, "fds", "fd lookup 7: failed" },
	{ OP(FD_WRITE), -1, 0, 7, "fds", "fd change f" },
	{ OP(JOIN), 1, 0, 0, "n", "join destroyer" },
	{ OP(SPAWN), 1, 0, 0, "run", "spawn run" },
	{ OP(AFTER), 0, 0, 0, "&o->users", "go on f" },
};

/* Makes one line of the report, with single blanks. */
static void squeeze(char *s)
{
	char *to = s;

	for (; *s; s++)
		if ((*s != ' ' && *s != '\n') || (to > report && to[-1] != ' '))
			*to++ = *s == '\n' ? ' ' : *s;
	*to = '\0';
}

START_TEST(each_operation_is_described)
{
	two_threads();
	count(0, op(cells[_i].kind, ioas.users, cells[_i].arg,
		    at("f", 1, cells[_i].what)), "ioas 3", cells[_i].before,
	      cells[_i].after);
	fails(FAIL(ASSERTION), "rc == 0");
	make_report();
	check_form(80);
	squeeze(report);
	ck_assert_says(cells[_i].text);
}
END_TEST

/* The tests below are about long records. */

static void private_work(int thread, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		step(thread, op(OP(COPY_FROM_USER), extra[thread].own, 8,
				at("ioctl", 50 + i, "ucmd")), "");
}

static void shared_work(int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		count(i % 2, op(OP(REFCOUNT_ADD), ioas.users, 1,
				at("get", 60, "&obj->users")), "ioas 3",
		      i + 1, i + 2);
}

START_TEST(a_long_report_leaves_out_what_nobody_else_touches)
{
	two_threads();
	private_work(0, 50);
	shared_work(4);
	private_work(1, 2);
	private_work(0, 9);
	fails(FAIL(ASSERTION), "users == 1");
	make_report();
	ck_assert_says("\n  1  (50 steps of its own)\n"
		       " 51  inc users (ioas 3)");
	ck_assert_says(" 55   ");
	ck_assert_says("\n 57  (8 steps of its own)\n 65  copy_from_user");
	check_form(80);
}
END_TEST

/* Record @nr rounds of a loop of two steps on shared memory. */
static void loop(int nr)
{
	const struct iommufd_model_site *get = at("get", 60, "&obj->users");
	const struct iommufd_model_site *put = at("put", 61, "&obj->users");
	int i;

	for (i = 0; i < nr; i++) {
		count(0, op(OP(REFCOUNT_ADD), ioas.users, 1, get), "ioas 3", 1,
		      2);
		count(0, op(OP(REFCOUNT_DEC), ioas.users, 1, put), "ioas 3", 2,
		      1);
	}
}

START_TEST(a_long_report_shows_one_round_of_a_loop)
{
	two_threads();
	shared_work(1);
	loop(60);
	shared_work(2);
	fails(FAIL(ASSERTION), "users == 1");
	make_report();
	ck_assert_says("\n  3  dec users (ioas 3)");
	ck_assert_says("\n  4  (the 2 steps above 59 times more)\n122 ");
	check_form(80);
}
END_TEST

START_TEST(a_long_report_shows_the_first_of_many_equal_steps)
{
	const struct iommufd_model_site *get = at("get", 60, "&obj->users");
	int i;

	two_threads();
	for (i = 0; i < 70; i++)
		count(0, op(OP(REFCOUNT_ADD), ioas.users, 1, get), "ioas 3", i,
		      i + 1);
	shared_work(2);
	fails(FAIL(ASSERTION), "users == 1");
	make_report();
	ck_assert_says("\n  2  (the step above 69 times more)\n 71 ");
}
END_TEST

/* What makes one step of a long loop different from the others. */
static void time_out(struct record_op *s)
{
	s->timeout = true;
}
static void wake_up_for_nothing(struct record_op *s)
{
	s->spurious = true;
}
static void do_nothing(struct record_op *s)
{
	s->done = false;
}
static void use_other(struct record_op *s)
{
	s->addr = ctx.users;
}

static void (*const different[])(struct record_op *s) = {
	time_out,
	wake_up_for_nothing,
	do_nothing,
	use_other,
};

START_TEST(a_step_that_ends_differently_is_not_part_of_a_loop)
{
	two_threads();
	shared_work(1);
	loop(60);
	shared_work(2);
	different[_i](&record->ops[21]);
	fails(FAIL(ASSERTION), "users == 1");
	make_report();
	ck_assert_says("  4  (the 2 steps above 9 times more)\n");
	ck_assert_says("\n 22  ");
}
END_TEST

START_TEST(a_preempted_step_is_not_part_of_a_loop)
{
	two_threads();
	shared_work(1);
	loop(60);
	shared_work(2);
	record->ops[21].preempts = true;
	fails(FAIL(ASSERTION), "users == 1");
	make_report();
	ck_assert_says("  4  (the 2 steps above 9 times more)\n");
	ck_assert_says("-- preempted --\n 22 ");
	ck_assert_says(" 25  (the 2 steps above 48 times more)\n");
}
END_TEST

START_TEST(a_short_report_leaves_out_nothing)
{
	two_threads();
	private_work(0, 56);
	shared_work(4);
	fails(FAIL(ASSERTION), "users == 1");
	make_report();
	ck_assert_silent("of its own");
	ck_assert_says("\n 56  copy_from_user");
}
END_TEST

START_TEST(what_the_story_needs_is_never_left_out)
{
	two_threads();
	private_work(0, 80);
	fails(FAIL(USE_AFTER_FREE), "x");
	record->ops[20].kind = OP(FREE);
	record->ops[40].preempts = true;
	record->ops[60].kind = OP(WAIT_WAKE);
	make_report();
	ck_assert_says("\n  1  (20 steps of its own)\n 21  free");
	ck_assert_says("\n 22  (19 steps of its own)\n");
	ck_assert_says("\n 41  copy");
	ck_assert_says("\n 42  (19 steps of its own)\n 61  wake_up");
}
END_TEST

START_TEST(steps_without_a_record_are_counted)
{
	two_threads();
	private_work(0, 3);
	record->room = 3;
	record->nr_steps = 1000;
	record->thread = 1;
	fails(FAIL(STEP_LIMIT), "more than 1000 steps");
	make_report();
	ck_assert_says("The interleaving: 1000 steps");
	ck_assert_says("  .  997 more steps, of which there is no record\n");
	ck_assert_says("\n\n  !! step limit: more than 1000 steps\n");
}
END_TEST

/* A copy accesses all the bytes from its address on. */
START_TEST(steps_that_overlap_are_not_a_threads_own)
{
	two_threads();
	private_work(0, 60);
	step(1, op(OP(READ_ONCE), extra[0].own + 7, 0, at("f", 1, "x")), "");
	fails(FAIL(ASSERTION), "x");
	make_report();
	ck_assert_silent("of its own");
}
END_TEST

/* The tests below have unusual numbers of threads. */

START_TEST(sixteen_threads_have_sixteen_columns)
{
	const char *names[16];
	char room[16][12];
	int i;

	for (i = 0; i < 16; i++) {
		snprintf(room[i], sizeof(room[i]), "t%d", i);
		names[i] = i == 7 ? "a rather long name" : room[i];
	}
	threads(16, names);
	for (i = 0; i < 16; i++)
		count(i, op(OP(REFCOUNT_ADD), ioas.users, 1,
			    at("iommufd_lock_obj", 60, "&obj->users")),
		      "ioas 3", i + 1, i + 2)->preempts = i > 0;
	fails(FAIL(INVARIANT), "users < 17");
	make_report();
	ck_assert_says("  a rather long name: inc users");
	ck_assert_int_eq(column_of("t15: inc users (ioas 3) 16 -> 17"),
			 5 + 15 * 7);
	ck_assert_silent("step t");
	ck_assert_says("  a rather long name  ended\n");
	check_form(5 + 15 * 7 + 72);
}
END_TEST

START_TEST(one_thread_has_one_column)
{
	threads(1, (const char *const[]){ "" });
	private_work(0, 3);
	record->thread = 1;
	fails(FAIL(ASSERTION), "rc == 0");
	make_report();
	ck_assert_says("\nstep thread a\n");
	ck_assert_says("\n     !! failed assertion: rc == 0\n");
	check_form(80);
}
END_TEST

START_TEST(an_empty_record_gives_a_report_without_steps)
{
	fails(FAIL(NONDETERMINISM), "");
	make_report();
	ck_assert_says("The interleaving: 0 steps, 0 preemptions\n");
	ck_assert_silent("At the end");
	check_form(80);
}
END_TEST

START_TEST(a_record_that_makes_no_sense_still_gives_a_report)
{
	struct iommufd_model_op what;
	int i;

	two_threads();
	memset(record->text, 'x', sizeof(record->text));
	memset(record->object, 'o', sizeof(record->object));
	memset(record->detail, 'd', sizeof(record->detail));
	memset(record->threads[1].name, 'n', sizeof(record->threads[1].name));
	record->failure = FAIL(DEADLOCK);
	for (i = 0; i < 60; i++) {
		struct record_op *s = step(i % 20 - 2, op(
			(enum iommufd_model_op_kind)(i - 5), &ioas, i, NULL),
			"");

		s->label = "ssssssssssssssssssssssssssssssssssssssssssssssssss";
		s->preempts = true;
		s->done = i % 2;
	}
	for (i = 0; i < 2; i++) {
		record->threads[i + 1].state = RECORD_BLOCKED;
		record->threads[i + 1].blocker = i ? 77 : 1;
		record->threads[i + 1].slept_at = 5000;
		record->threads[i + 1].last_wake = 7000;
		record->threads[i + 1].nr_locks = 11;
		what = op(i ? OP(WAIT_SLEEP) : OP(JOIN), &ctx, 0, NULL);
		record_fill(&record->threads[i + 1].next, &what);
	}
	make_report();
	ck_assert_says(" another thread: ");
	ck_assert_says("thread k: ");
	ck_assert_says("nobody ever wakes the queue\n");
	check_form(5000);
}
END_TEST

START_TEST(a_record_that_was_written_can_be_drawn)
{
	use_after_free();
	make_report();
	ck_assert_silent("To see it");
	free(report);
	draw = "iommufd-model page x.record";
	make_report();
	ck_assert_says("replay a3b2.1\n\nTo see it as a page:\n"
		       "  iommufd-model page x.record\n");
}
END_TEST

START_TEST(two_reports_of_one_record_are_the_same)
{
	char *first;

	use_after_free();
	make_report();
	first = report;
	make_report();
	ck_assert_str_eq(first, report);
	free(first);
}
END_TEST

static Suite *explore_report_suite(void)
{
	Suite *suite = suite_create("explore_report");
	TCase *tc = tcase_create("report");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_use_after_free_names_allocation_free_and_use);
	tcase_add_test(tc, a_row_has_operation_call_site_and_counter);
	tcase_add_test(tc, the_step_that_breaks_is_marked);
	tcase_add_test(tc, memory_without_a_label_is_named_by_the_expression);
	tcase_add_test(tc, a_leak_has_no_step_and_no_thread);
	tcase_add_test(tc, a_deadlock_says_who_holds_what_and_waits_for_whom);
	tcase_add_test(tc, a_thread_may_wait_for_itself);
	tcase_add_test(tc, a_deadlock_names_a_lock_of_an_ended_thread);
	tcase_add_test(tc, a_writer_of_another_lock_is_not_in_line);
	tcase_add_test(tc, a_deadlock_tells_of_a_join_and_of_a_writer_in_line);
	tcase_add_test(tc, a_lost_wakeup_is_reported_as_too_early);
	tcase_add_test(tc, a_lost_wakeup_tells_for_which_sleepers_it_was);
	tcase_add_test(tc, a_report_says_that_nobody_wakes_the_queue);
	tcase_add_test(tc, a_timeout_names_the_missing_wakeup);
	tcase_add_test(tc, a_sleeper_that_fails_otherwise_lacks_no_wakeup);
	tcase_add_test(tc, a_crash_gives_its_details_in_printable_text);
	tcase_add_loop_test(tc, each_operation_is_described, 0,
			    ARRAY_SIZE(cells));
	tcase_add_test(tc, a_long_report_leaves_out_what_nobody_else_touches);
	tcase_add_test(tc, a_long_report_shows_one_round_of_a_loop);
	tcase_add_test(tc, a_long_report_shows_the_first_of_many_equal_steps);
	tcase_add_loop_test(
		tc, a_step_that_ends_differently_is_not_part_of_a_loop, 0, 4);
	tcase_add_test(tc, a_preempted_step_is_not_part_of_a_loop);
	tcase_add_test(tc, a_short_report_leaves_out_nothing);
	tcase_add_test(tc, what_the_story_needs_is_never_left_out);
	tcase_add_test(tc, steps_that_overlap_are_not_a_threads_own);
	tcase_add_test(tc, steps_without_a_record_are_counted);
	tcase_add_test(tc, sixteen_threads_have_sixteen_columns);
	tcase_add_test(tc, one_thread_has_one_column);
	tcase_add_test(tc, an_empty_record_gives_a_report_without_steps);
	tcase_add_test(tc, a_record_that_makes_no_sense_still_gives_a_report);
	tcase_add_test(tc, a_record_that_was_written_can_be_drawn);
	tcase_add_test(tc, two_reports_of_one_record_are_the_same);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(explore_report_suite());
}
