// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "hooks.h"
#include "log.h"
#include <pthread.h>

static struct {
	struct iommufd_model_hook hook;
	struct iommufd_ctx *ictx;
	struct iommufd_object *obj;
} watcher;

static const char *lock_of(const struct iommufd_ctx *ictx)
{
	uintptr_t me = (uintptr_t)iommufd_model_task;

	if (__atomic_load_n(&ictx->objects.xa_lock.owner, __ATOMIC_RELAXED) ==
	    me)
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

void unwatch(void)
{
	iommufd_model_hook_remove(&watcher.hook);
}

void watch(struct iommufd_ctx *ictx, struct iommufd_object *obj)
{
	unwatch();
	watcher.hook.event = watcher_event;
	watcher.ictx = ictx;
	watcher.obj = obj;
	iommufd_model_hook_add(&watcher.hook);
}

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

/*
 * The address is reset first, so that the operations of @act do not call it
 * again.
 */
static void intrude(struct iommufd_model_hook *hook,
		    const struct iommufd_model_op *op)
{
	pthread_t thread;

	(void)hook;
	if (op->kind != intruder.kind ||
	    op->addr != __atomic_load_n(&intruder.addr, __ATOMIC_RELAXED))
		return;
	__atomic_store_n(&intruder.addr, NULL, __ATOMIC_RELAXED);
	pthread_create(&thread, NULL, intruder_thread, NULL);
	pthread_join(thread, NULL);
}

void no_intruder(void)
{
	iommufd_model_hook_remove(&intruder.hook);
}

static void intrude_at(enum iommufd_model_op_kind kind, const void *addr,
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

void intrude_before(enum iommufd_model_op_kind kind, const void *addr,
		    void (*act)(void *data), void *data)
{
	intrude_at(kind, addr, act, data, true);
}

void intrude_after(enum iommufd_model_op_kind kind, const void *addr,
		   void (*act)(void *data), void *data)
{
	intrude_at(kind, addr, act, data, false);
}
