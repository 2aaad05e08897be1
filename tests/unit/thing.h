/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A thing: an object whose ops write down that they were called.
 *
 * There is one log.  An op appends "destroy(3)", its name and the id; a test
 * may append words of its own.  watch() lets every change of an object's
 * counters append a word too:
 *
 *	U2	users became 2		U=0	it was 0 and was left alone
 *	W1	wait_cnt became 1	t, c	the thread had the table lock,
 *					the cookie lock
 *
 * so that "U2t W2t" is a lookup that takes users, then wait_cnt, under the
 * table lock.  The clock stands still and moves only by hand.
 *
 * Two types: a plain thing has a destroy op only; a full thing has pre_destroy
 * and abort as well.  Both have room for a file.
 */
#ifndef THING_H
#define THING_H

#include "suite.h"
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * struct thing - an object of a test
 * @file: released when the creation is undone
 * @below: another thing, of whose users this one has a unit until its destroy
 * @at_pre_destroy, @at_destroy, @at_abort: what the op does besides
 */
struct thing {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct file *file;
	struct thing *below;
	void (*at_pre_destroy)(struct thing *thing);
	void (*at_destroy)(struct thing *thing);
	void (*at_abort)(struct thing *thing);
};

/* The log */

static struct {
	pthread_mutex_t mutex;
	char text[1024];
} thing_log = { .mutex = PTHREAD_MUTEX_INITIALIZER };

__attribute__((format(printf, 1, 2)))
static inline void say(const char *fmt, ...)
{
	va_list args;
	size_t len;

	pthread_mutex_lock(&thing_log.mutex);
	len = strlen(thing_log.text);
	if (len && len + 1 < sizeof(thing_log.text))
		strcpy(thing_log.text + len++, " ");
	va_start(args, fmt);
	vsnprintf(thing_log.text + len, sizeof(thing_log.text) - len, fmt,
		  args);
	va_end(args);
	pthread_mutex_unlock(&thing_log.mutex);
}

/* What was said since the last time is exactly @words. */
static inline void ck_assert_said(const char *words)
{
	char text[sizeof(thing_log.text)];

	pthread_mutex_lock(&thing_log.mutex);
	strcpy(text, thing_log.text);
	thing_log.text[0] = 0;
	pthread_mutex_unlock(&thing_log.mutex);
	ck_assert_str_eq(text, words);
}

/* The types */

static inline struct thing *to_thing(struct iommufd_object *obj)
{
	return container_of(obj, struct thing, obj);
}

static void thing_pre_destroy(struct iommufd_object *obj)
{
	struct thing *thing = to_thing(obj);

	say("pre_destroy(%u)", obj->id);
	if (thing->at_pre_destroy)
		thing->at_pre_destroy(thing);
}

static void thing_destroy(struct iommufd_object *obj)
{
	struct thing *thing = to_thing(obj);

	say("destroy(%u)", obj->id);
	if (thing->at_destroy)
		thing->at_destroy(thing);
	if (thing->below)
		refcount_dec(&thing->below->obj.users);
}

static void thing_abort(struct iommufd_object *obj)
{
	struct thing *thing = to_thing(obj);

	say("abort(%u)", obj->id);
	if (thing->at_abort)
		thing->at_abort(thing);
}

static const struct iommufd_object_ops plain_ops = {
	.file_offset = offsetof(struct thing, file),
	.destroy = thing_destroy,
};

static const struct iommufd_object_ops full_ops = {
	.file_offset = offsetof(struct thing, file),
	.pre_destroy = thing_pre_destroy,
	.destroy = thing_destroy,
	.abort = thing_abort,
};

static inline enum iommufd_object_type plain_type(void)
{
	return (enum iommufd_object_type)iommufd_model_register_type(
		"thing", &plain_ops, IOMMUFD_OBJ_NONE);
}

static inline enum iommufd_object_type full_type(void)
{
	return (enum iommufd_object_type)iommufd_model_register_type(
		"full thing", &full_ops, IOMMUFD_OBJ_NONE);
}

/* A reserved thing, which the test finishes. */
static inline struct thing *reserve(struct iommufd_ctx *ictx,
				    enum iommufd_object_type type)
{
	struct thing *thing = iommufd_object_alloc(ictx, thing, type);

	ck_assert_msg(!IS_ERR(thing), "alloc: %ld", PTR_ERR(thing));
	thing->ictx = ictx;
	return thing;
}

static inline struct thing *publish(struct iommufd_ctx *ictx,
				    enum iommufd_object_type type)
{
	struct thing *thing = reserve(ictx, type);

	iommufd_object_finalize(ictx, &thing->obj);
	return thing;
}

/* With a unit of users for the test, as the creator of a device has. */
static inline struct thing *publish_owned(struct iommufd_ctx *ictx,
					  enum iommufd_object_type type)
{
	struct thing *thing = reserve(ictx, type);

	refcount_inc(&thing->obj.users);
	iommufd_object_finalize(ictx, &thing->obj);
	return thing;
}

/* @thing takes a long unit of users of @below, until its destroy op. */
static inline void rest_on(struct thing *thing, struct thing *below)
{
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, &thing->obj, 0);
	refcount_inc(&below->obj.users);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, &thing->obj, 0);
	thing->below = below;
}

/* Looking */

/* The raw slot: NULL, XA_ZERO_ENTRY (reserved or tombstone), or an object. */
static inline void *slot(struct iommufd_ctx *ictx, u32 id)
{
	XA_STATE(xas, &ictx->objects, id);
	void *entry;

	xa_lock(&ictx->objects);
	entry = xas_load(&xas);
	xa_unlock(&ictx->objects);
	return entry;
}

/* Say the state of its slot, and how many locks this thread has. */
static inline void say_state(struct thing *thing)
{
	int locks = iommufd_model_locks_held();
	void *entry = slot(thing->ictx, thing->obj.id);

	say("%s, %d locks",
	    !entry ? "free" : xa_is_zero(entry) ? "zero entry" : "published",
	    locks);
}

/* What iommufd_get_object() gives: 0, after which it was put, or the error. */
static inline int look_up(struct iommufd_ctx *ictx, u32 id,
			  enum iommufd_object_type type)
{
	struct iommufd_object *obj = iommufd_get_object(ictx, id, type);

	if (!IS_ERR(obj))
		iommufd_put_object(ictx, obj);
	return PTR_ERR_OR_ZERO(obj);
}

static inline void ck_assert_counters(struct thing *thing, unsigned int users,
				      unsigned int wait_cnt)
{
	ck_assert_users(&thing->obj, users);
	ck_assert_shortterm(&thing->obj, wait_cnt);
}

static inline void expect(const char *warning)
{
	ck_assert_int_eq(iommufd_model_expect_warning(warning), 0);
}

static inline unsigned long nr_leaks(void)
{
	return iommufd_model_leaks(0, NULL, NULL);
}

/* Close; the books add up, the context goes, and nothing is left of it. */
static inline void close_clean(struct iommufd_ctx *ictx)
{
	ck_assert_uint_eq(iommufd_model_unbalanced(), 0);
	iommufd_model_check_close(ictx);
	ck_assert_no_leaks(ictx);
}

/* Close a context of which release leaves @thing behind; free that. */
static inline void close_leaking(struct iommufd_ctx *ictx, struct thing *thing)
{
	expect("no progress");
	iommufd_model_check_close(ictx);
	ck_assert_uint_eq(nr_leaks(), 1);
	kfree(thing);
	ck_assert_no_leaks(ictx);
}

static struct {
	struct iommufd_model_hook hook;
	struct iommufd_ctx *ictx;
	struct iommufd_object *obj;
} watcher;

static inline const char *lock_of(const struct iommufd_ctx *ictx)
{
	uintptr_t me = (uintptr_t)iommufd_model_task;

	if (__atomic_load_n(&ictx->objects.xa_lock.owner,
			    __ATOMIC_RELAXED) == me)
		return "t";
	if (__atomic_load_n(&ictx->mmap_lock.owner, __ATOMIC_RELAXED) == me)
		return "c";
	return "";
}

static void watcher_event(struct iommufd_model_hook *hook,
			  const struct iommufd_model_op *op)
{
	(void)hook;
	if (op->kind > IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE ||
	    op->kind == IOMMUFD_MODEL_OP_REFCOUNT_READ)
		return;
	if (op->addr != &watcher.obj->users &&
	    op->addr != &watcher.obj->wait_cnt)
		return;
	say("%c%s%ld%s", op->addr == &watcher.obj->users ? 'U' : 'W',
	    op->before == op->after ? "=" : "", op->after,
	    lock_of(watcher.ictx));
}

static inline void unwatch(void)
{
	iommufd_model_hook_remove(&watcher.hook);
}

/* Say every change of the counters of @obj from now on. */
static inline void watch(struct iommufd_ctx *ictx, struct iommufd_object *obj)
{
	unwatch();
	watcher.hook.event = watcher_event;
	watcher.ictx = ictx;
	watcher.obj = obj;
	iommufd_model_hook_add(&watcher.hook);
}

/* Acting in between */

static struct {
	struct iommufd_model_hook hook;
	enum iommufd_model_op_kind kind;
	const void *addr;
	void (*act)(void *data);
	void *data;
} intruder;

static void *intruder_thread(void *unused)
{
	(void)unused;
	intruder.act(intruder.data);
	return NULL;
}

static void intrude(struct iommufd_model_hook *hook,
		    const struct iommufd_model_op *op)
{
	pthread_t thread;

	(void)hook;
	if (op->kind != intruder.kind ||
	    op->addr != __atomic_load_n(&intruder.addr, __ATOMIC_RELAXED))
		return;
	/* Once. */
	__atomic_store_n(&intruder.addr, NULL, __ATOMIC_RELAXED);
	pthread_create(&thread, NULL, intruder_thread, NULL);
	pthread_join(thread, NULL);
}

static inline void no_intruder(void)
{
	iommufd_model_hook_remove(&intruder.hook);
}

static inline void intrude_at(enum iommufd_model_op_kind kind, const void *addr,
			      void (*act)(void *data), void *data, bool before)
{
	no_intruder();
	intruder.hook.step = before ? intrude : NULL;
	intruder.hook.event = before ? NULL : intrude;
	intruder.kind = kind;
	intruder.addr = addr;
	intruder.act = act;
	intruder.data = data;
	iommufd_model_hook_add(&intruder.hook);
}

/*
 * intrude_before(kind, addr, act, data), intrude_after(): another thread does
 * @act before or after the next operation of this kind on @addr, while the one
 * that operates stands still.
 */
static inline void intrude_before(enum iommufd_model_op_kind kind,
				  const void *addr, void (*act)(void *data),
				  void *data)
{
	intrude_at(kind, addr, act, data, true);
}

static inline void intrude_after(enum iommufd_model_op_kind kind,
				 const void *addr, void (*act)(void *data),
				 void *data)
{
	intrude_at(kind, addr, act, data, false);
}

/*
 * Is @act content, and were its warnings the expected ones, in a process where
 * none has fired yet?  A WARN_ONCE fires once in a process, whatever test meets
 * it first.
 */
static inline bool in_a_fresh_process(bool (*act)(void))
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (!pid)
		_exit(!act() || iommufd_model_warnings() ||
		      iommufd_model_missing_warnings());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

/* The programs */

static void thing_setup(void)
{
	iommufd_model_check_setup();
	ck_assert_int_ge(plain_type(), IOMMUFD_OBJ_MAX);
	ck_assert_int_ge(full_type(), IOMMUFD_OBJ_MAX);
	thing_log.text[0] = 0;
	iommufd_model_clock_stop();
}

static void thing_teardown(void)
{
	unwatch();
	no_intruder();
	iommufd_model_fail_nth(0);
	iommufd_model_set_destroy_timeout(60000);
	iommufd_model_set_capable(true);
	iommufd_model_set_sink(NULL, NULL);
	iommufd_model_clock_run();
	iommufd_model_check_teardown();
}

/* A group of tests with the fixtures above. */
static inline TCase *thing_tests(Suite *suite, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, thing_setup, thing_teardown);
	suite_add_tcase(suite, tc);
	return tc;
}

#endif
