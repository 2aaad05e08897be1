/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The gate: the one place where the ground can be watched or steered.
 *
 * Every operation that another thread could observe passes it once: counter
 * operations, locks, wait queues, descriptors, allocation and free,
 * READ_ONCE/WRITE_ONCE, copies from and to user memory.  With no hook installed
 * the operation falls through after one predictable branch.  With hooks each is
 * called twice:
 *
 *	step()	before the operation takes effect: a scheduling point; a
 *		scheduler returns when this thread is the one to go on
 *	event()	after it, with the values it saw and left
 *
 * Notes are announcements of the code above the ground ("object finalized",
 * "release pass 2 starts").  They have an event() and no step().
 *
 * A hook's own operations do not pass the gate again.  Adding and removing
 * hooks is for a time when no other thread is inside the ground.
 */
#ifndef IOMMUFD_MODEL_KERNEL_GATE_H
#define IOMMUFD_MODEL_KERNEL_GATE_H

#include <iommufd_model/kernel/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

enum iommufd_model_op_kind {
	IOMMUFD_MODEL_OP_REFCOUNT_SET,
	IOMMUFD_MODEL_OP_REFCOUNT_READ,
	IOMMUFD_MODEL_OP_REFCOUNT_ADD,
	IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO,
	IOMMUFD_MODEL_OP_REFCOUNT_DEC,
	IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST,
	IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE,

	IOMMUFD_MODEL_OP_MUTEX_LOCK,
	IOMMUFD_MODEL_OP_MUTEX_TRYLOCK,
	IOMMUFD_MODEL_OP_MUTEX_UNLOCK,		/* publishes the lock as free */
	IOMMUFD_MODEL_OP_MUTEX_UNLOCK_TAIL,	/* still reads the lock */
	IOMMUFD_MODEL_OP_RWSEM_DOWN_READ,
	IOMMUFD_MODEL_OP_RWSEM_TRY_READ,
	IOMMUFD_MODEL_OP_RWSEM_UP_READ,
	IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE,
	IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE,
	IOMMUFD_MODEL_OP_RWSEM_UP_WRITE,
	IOMMUFD_MODEL_OP_RWSEM_UP_TAIL,
	IOMMUFD_MODEL_OP_SPIN_LOCK,
	IOMMUFD_MODEL_OP_SPIN_UNLOCK,
	IOMMUFD_MODEL_OP_LOCK_INIT,		/* of any kind of lock */

	IOMMUFD_MODEL_OP_WAIT_PREPARE,
	IOMMUFD_MODEL_OP_WAIT_SLEEP,
	IOMMUFD_MODEL_OP_WAIT_FINISH,
	IOMMUFD_MODEL_OP_WAIT_WAKE,
	IOMMUFD_MODEL_OP_WAIT_ZERO,		/* of a scheduler */

	IOMMUFD_MODEL_OP_ALLOC,
	IOMMUFD_MODEL_OP_FREE,
	IOMMUFD_MODEL_OP_READ_ONCE,
	IOMMUFD_MODEL_OP_WRITE_ONCE,
	IOMMUFD_MODEL_OP_COPY_FROM_USER,
	IOMMUFD_MODEL_OP_COPY_TO_USER,
	IOMMUFD_MODEL_OP_PIN_PAGE,
	IOMMUFD_MODEL_OP_UNPIN_PAGE,

	IOMMUFD_MODEL_OP_FD_READ,
	IOMMUFD_MODEL_OP_FD_WRITE,

	/* of a scheduler */
	IOMMUFD_MODEL_OP_SPAWN,
	IOMMUFD_MODEL_OP_JOIN,
	IOMMUFD_MODEL_OP_AFTER,		/* none: what follows one, to a scheduler */

	IOMMUFD_MODEL_OP_NOTE,
};

/* Where an operation stands in the source, and the expression it names. */
struct iommufd_model_site {
	const char *func;
	const char *file;
	int line;
	const char *what;
};

/*
 * struct iommufd_model_op - one operation at the gate
 * @kind: what is done
 * @addr: the counter, lock, wait queue or memory it is done to; for a
 *	descriptor what stands for its slot, or for the choice of a free one
 * @arg: n of a counter operation, bytes of a copy or an allocation, the mode
 *	of a wake-up or a sleeper, the number of a note, a descriptor (-1: to
 *	be chosen)
 * @before, @after: value of the counter or the lock word; for an allocation
 *	@after is the address (0: it failed), for a descriptor what the change
 *	returns or the file found, for a note @before is its parameter.  Of a
 *	misused counter @after is what the arithmetic gives, not the poison
 *	that is left.  Only event() sees them filled in.
 * @site: where; valid for ever
 */
struct iommufd_model_op {
	enum iommufd_model_op_kind kind;
	const void *addr;
	long arg;
	long before;
	long after;
	const struct iommufd_model_site *site;
};

struct iommufd_model_hook {
	void (*step)(struct iommufd_model_hook *hook,
		     const struct iommufd_model_op *op);
	void (*event)(struct iommufd_model_hook *hook,
		      const struct iommufd_model_op *op);
	struct iommufd_model_hook *next;
};

/*
 * iommufd_model_hook_add(hook): call @hook for every operation from now on,
 * after the hooks added before it.  The caller keeps @hook alive until it has
 * removed it.  Either callback may be NULL.
 */
IOMMUFD_MODEL_API void iommufd_model_hook_add(struct iommufd_model_hook *hook);

/* iommufd_model_hook_remove(hook): undo; no effect if it was not added. */
IOMMUFD_MODEL_API void
iommufd_model_hook_remove(struct iommufd_model_hook *hook);

/*
 * iommufd_model_op_object(op): start of the ground's allocation that contains
 * @op->addr, or NULL (static memory, a stack, already freed).  Walks all live
 * allocations.
 */
IOMMUFD_MODEL_API const void *
iommufd_model_op_object(const struct iommufd_model_op *op);

/* iommufd_model_op_name(kind): "mutex_lock" and so on. */
IOMMUFD_MODEL_API const char *
iommufd_model_op_name(enum iommufd_model_op_kind kind);

/*
 * iommufd_model_note(number, addr, param, site): announce something to the
 * event() callbacks.  Numbers below 1024 are the library's
 * (<iommufd_model/notes.h>).
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_note_slow(int number, const void *addr, long param,
			const struct iommufd_model_site *site);

extern IOMMUFD_MODEL_API struct iommufd_model_hook *iommufd_model_gate;

#ifdef IOMMUFD_MODEL_NO_GATE	/* what the benchmark compares with */
#define IOMMUFD_MODEL_GATE_OPEN() 0
#else
#define IOMMUFD_MODEL_GATE_OPEN() \
	__builtin_expect(!!__atomic_load_n(&iommufd_model_gate, \
					   __ATOMIC_RELAXED), 0)
#endif

#define IOMMUFD_MODEL_SITE(what) __extension__({			\
	static const struct iommufd_model_site __site = {		\
		__func__, __FILE__, __LINE__, what			\
	};								\
	&__site;							\
})

#define iommufd_model_note(number, addr, param) do {			\
	if (IOMMUFD_MODEL_GATE_OPEN())					\
		iommufd_model_note_slow(number, addr, (long)(param),	\
					IOMMUFD_MODEL_SITE(#addr));	\
} while (0)

/* The gate's own inside, called by the ground when a hook is installed. */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_gate_step(const struct iommufd_model_op *op);
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_gate_event(const struct iommufd_model_op *op);

/* A plain variable that several threads use without a lock. */
#define READ_ONCE(x) __extension__({					\
	if (IOMMUFD_MODEL_GATE_OPEN())					\
		iommufd_model_access_slow(IOMMUFD_MODEL_OP_READ_ONCE,	\
					  &(x), sizeof(x),		\
					  IOMMUFD_MODEL_SITE(#x));	\
	__atomic_load_n(&(x), __ATOMIC_RELAXED);			\
})
#define WRITE_ONCE(x, value) do {					\
	if (IOMMUFD_MODEL_GATE_OPEN())					\
		iommufd_model_access_slow(IOMMUFD_MODEL_OP_WRITE_ONCE,	\
					  &(x), sizeof(x),		\
					  IOMMUFD_MODEL_SITE(#x));	\
	__atomic_store_n(&(x), (value), __ATOMIC_RELAXED);		\
} while (0)
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_access_slow(enum iommufd_model_op_kind kind, const void *addr,
			  size_t size, const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
