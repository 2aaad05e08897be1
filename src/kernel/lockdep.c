// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Checks on the use of locks.
 *
 * The locks that a thread holds are in an array of its task, in the order in
 * which they were taken.  A lock can be in the array twice: if a thread takes a
 * lock that it holds already, this is reported, and the thread continues
 * without waiting.  The first unlock then removes only the second entry.
 *
 * A class is a lock_class_key together with a subclass.  A class of subclass 0
 * is found by the number in the key, and one of the few others by a search.
 *
 * Bit b of order[a] is set if any thread has taken a lock of class b while it
 * held one of class a; edges[a][b] has the call sites.  A new pair (a, b)
 * contradicts the known pairs if they lead from b to a.  The bits are read
 * without a lock, and set with classes_mutex held.
 */
#include "ground.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define MAX_CLASSES 64 /* the bits of a u64; class 0 means no class */

struct edge {
	const struct iommufd_model_site *held;
	const struct iommufd_model_site *taken;
};

static pthread_mutex_t classes_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct lock_class {
	struct lock_class_key *key;
	unsigned int subclass;
} classes[MAX_CLASSES];
static int nr_classes = 1;
static u64 order[MAX_CLASSES];
NO_STATE(order);
static struct edge edges[MAX_CLASSES][MAX_CLASSES];
NO_CHECKPOINT(edges);

static noinline int find_subclass(const struct lock_class_key *key,
				  unsigned int subclass)
{
	int i, n = __atomic_load_n(&nr_classes, __ATOMIC_ACQUIRE);

	for (i = 1; i < n; i++)
		if (classes[i].key == key && classes[i].subclass == subclass)
			return i;
	return 0;
}

/* Returns the number of the class, or 0 if the class has no number yet. */
static inline int find_class(const struct lock_class_key *key,
			     unsigned int subclass)
{
	if (__builtin_expect(!key, 0))
		return 0;
	if (__builtin_expect(!subclass, 1))
		return __atomic_load_n(&key->number, __ATOMIC_ACQUIRE);
	return find_subclass(key, subclass);
}

u64 iommufd_model_lock_orders(void)
{
	u64 hash = 0;
	int i;

	for (i = 1; i < nr_classes; i++)
		hash = (hash ^ order[i]) * 0x9e3779b97f4a7c15ull + (hash >> 29);
	return hash;
}

static int number_class(struct lock_class_key *key, unsigned int subclass)
{
	int number;

	pthread_mutex_lock(&classes_mutex);
	number = find_class(key, subclass);
	if (!number && nr_classes < MAX_CLASSES) {
		number = nr_classes;
		classes[number].key = key;
		classes[number].subclass = subclass;
		__atomic_store_n(&nr_classes, number + 1, __ATOMIC_RELEASE);
		if (!subclass)
			__atomic_store_n(&key->number, number,
					 __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&classes_mutex);
	return number;
}

static int class_of(const struct lockdep_map *map, unsigned int subclass)
{
	static int told;
	int number;

	if (!map->key)
		return 0;
	number = find_class(map->key, subclass);
	if (!number)
		number = number_class(map->key, subclass);
	if (!number && !__atomic_exchange_n(&told, 1, __ATOMIC_RELAXED))
		iommufd_model_log(IOMMUFD_MODEL_NOTICE,
				  IOMMUFD_MODEL_SITE("lockdep"),
				  "more than %d lock classes: the orders of "
				  "further ones are not checked",
				  MAX_CLASSES - 1);
	return number;
}

/*
 * Searches for a chain of known orders from class @from to class @to.  For each
 * class on the chain, sets @next to the class after it.
 */
static bool find_chain(int from, int to, u64 *seen, int *next)
{
	int mid;

	*seen |= 1ull << from;
	if (order[from] & (1ull << to)) {
		next[from] = to;
		return true;
	}
	for (mid = 1; mid < nr_classes; mid++) {
		if (!(order[from] & (1ull << mid)) || (*seen & (1ull << mid)))
			continue;
		next[from] = mid;
		if (find_chain(mid, to, seen, next))
			return true;
	}
	return false;
}

/* Writes the name of a class: "&a->lock", or "&a->lock/1" for a subclass. */
static const char *name_class(int number, char *buf, size_t size)
{
	const struct lock_class *class = &classes[number];

	snprintf(buf, size, class->subclass ? "%s/%u" : "%s", class->key->name,
		 class->subclass);
	return buf;
}

static size_t add_link(char *text, size_t size, size_t len, int from, int to,
		       const struct edge *edge)
{
	char a[64], b[64];
	int n;

	n = snprintf(text + len, size - len, "%s(%s:%d) -> %s(%s:%d)",
		     name_class(from, a, sizeof(a)), edge->held->func,
		     edge->held->line, name_class(to, b, sizeof(b)),
		     edge->taken->func, edge->taken->line);
	len += n > 0 ? (size_t)n : 0;
	return len < size ? len : size - 1;
}

/*
 * Records that a thread which holds a lock of class @a, taken at @held, takes
 * one of class @b at @site.  Reports it if this contradicts the known orders.
 */
static void learn_order(int a, int b, const struct iommufd_model_site *held,
			const struct iommufd_model_site *site)
{
	char now[96], before[224];
	bool inversion = false;
	int next[MAX_CLASSES], from;
	size_t len = 0;
	u64 seen = 0;

	pthread_mutex_lock(&classes_mutex);
	if (order[a] & (1ull << b))
		goto out;
	edges[a][b].held = held;
	edges[a][b].taken = site;
	inversion = find_chain(b, a, &seen, next);
	if (inversion) {
		add_link(now, sizeof(now), 0, a, b, &edges[a][b]);
		for (from = b; from != a; from = next[from]) {
			if (len && len + 2 < sizeof(before)) {
				strcpy(before + len, ", ");
				len += 2;
			}
			len = add_link(before, sizeof(before), len, from,
				       next[from], &edges[from][next[from]]);
		}
	}
	__atomic_fetch_or(&order[a], 1ull << b, __ATOMIC_RELAXED);
out:
	pthread_mutex_unlock(&classes_mutex);
	if (inversion)
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK_ORDER, site,
				     NULL,
				     "lock order inversion: now %s; before %s",
				     now, before);
}

bool iommufd_model_lockdep_held(const struct iommufd_model_task *task,
				const struct lockdep_map *map)
{
	return iommufd_model_lockdep_side(task, map) >= 0;
}

int iommufd_model_lockdep_side(const struct iommufd_model_task *task,
			       const struct lockdep_map *map)
{
	int i;

	for (i = task->nr_held - 1; i >= 0; i--)
		if (held_map(&task->held[i]) == map)
			return !(task->held[i].map & HELD_FOR_READ);
	return -1;
}

/* Returns the subclass as which held lock @i of the thread was taken. */
static unsigned int held_subclass(const struct iommufd_model_task *task, int i)
{
	return task->held[i].map & HELD_NESTED ? task->held_subclass[i] : 0;
}

/* Records the orders between the held locks and @map that are new. */
IOMMUFD_MODEL_COLD static void
check_orders(struct iommufd_model_task *task, const struct lockdep_map *map,
	     unsigned int subclass, const struct iommufd_model_site *site)
{
	int i, a, b = class_of(map, subclass);

	for (i = 0; b && i < task->nr_held; i++) {
		a = class_of(held_map(&task->held[i]), held_subclass(task, i));
		if (a && a != b &&
		    !(__atomic_load_n(&order[a], __ATOMIC_RELAXED) &
		      (1ull << b)))
			learn_order(a, b, task->held[i].site, site);
	}
}

static bool is_recursive(unsigned long how)
{
	return (how & HELD_RECURSIVE) == HELD_RECURSIVE;
}

IOMMUFD_MODEL_COLD static bool
self_deadlock(struct iommufd_model_task *task, const struct lockdep_map *map,
	      const struct iommufd_model_site *site)
{
	task->nr_twice++;
	iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_SELF_DEADLOCK, site, map,
			     "self-deadlock: this thread holds %s already",
			     site->what);
	return false;
}

bool iommufd_model_lockdep_before_nested(struct iommufd_model_task *task,
					 const struct lockdep_map *map,
					 unsigned long how,
					 unsigned int subclass,
					 const struct iommufd_model_site *site)
{
	int i, a, b = find_class(map->key, subclass);
	const struct lockdep_map *held;
	bool known = b;

	lockdep_check_init(map, site);
	for (i = 0; i < task->nr_held; i++) {
		held = held_map(&task->held[i]);
		if (held == map && is_recursive(task->held[i].map & how))
			return true;
		if (held == map)
			return self_deadlock(task, map, site);
		a = find_class(held->key, held_subclass(task, i));
		known = known && a &&
			(a == b || (__atomic_load_n(&order[a],
						    __ATOMIC_RELAXED) >> b &
				    1));
	}
	if (__builtin_expect(!known, 0))
		check_orders(task, map, subclass, site);
	return true;
}

void iommufd_model_lockdep_overflow(struct iommufd_model_task *task,
				    const struct iommufd_model_site *site)
{
	task->nr_untracked++;
	iommufd_model_warn(site, NULL, "one thread holds more than %d locks",
			   IOMMUFD_MODEL_MAX_HELD);
}

bool iommufd_model_lockdep_release_slow(struct iommufd_model_task *task,
					const struct lockdep_map *map,
					const struct iommufd_model_site *site)
{
	bool recursive;
	int i;

	for (i = task->nr_held - 1; i >= 0; i--)
		if (held_map(&task->held[i]) == map)
			break;
	if (i < 0 && task->nr_untracked) {
		task->nr_untracked--;
		return true;
	}
	if (i < 0) {
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, map,
				     "unlock of %s, not held by this thread",
				     site->what);
		return false;
	}
	recursive = is_recursive(task->held[i].map);
	task->nr_held--;
	memmove(&task->held[i], &task->held[i + 1],
		(size_t)(task->nr_held - i) * sizeof(task->held[0]));
	memmove(&task->held_subclass[i], &task->held_subclass[i + 1],
		(size_t)(task->nr_held - i));
	if (recursive || !iommufd_model_lockdep_held(task, map))
		return true;
	task->nr_twice--;
	return false;
}

void iommufd_model_lockdep_init(const struct lockdep_map *map,
				const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	if (task->nr_held && iommufd_model_lockdep_held(task, map))
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, map,
				     "init of held lock %s", site->what);
}

void iommufd_model_lockdep_destroy(const struct lockdep_map *map, bool locked,
				   const struct iommufd_model_site *site)
{
	if (locked)
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, map,
				     "destroy of held lock %s", site->what);
}

void iommufd_model_lockdep_freed(const void *start, size_t size,
				 const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();
	uintptr_t from = (uintptr_t)start, lock;
	int i;

	for (i = 0; i < task->nr_held; i++) {
		lock = (uintptr_t)held_map(&task->held[i]);
		if (lock >= from && lock - from < size)
			iommufd_model_misuse(
				IOMMUFD_MODEL_MISUSE_LOCK, site, start,
				"free of held lock %s, taken by %s",
				task->held[i].site->what,
				task->held[i].site->func);
	}
}

void iommufd_model_assert_held_slow(const struct lockdep_map *map, bool write,
				    const struct iommufd_model_site *site)
{
	int side = iommufd_model_lockdep_side(current_task(), map);

	if (side < 0)
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, map,
				     "%s is not held", site->what);
	else if (write && !side)
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, map,
				     "%s is held for reading only",
				     site->what);
}

void iommufd_model_assert_held_read(const struct lockdep_map *map,
				    const struct iommufd_model_site *site)
{
	if (iommufd_model_lockdep_side(current_task(), map))
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, map,
				     "%s is not held for reading", site->what);
}

int iommufd_model_lock_is_held(const struct lockdep_map *map)
{
	return iommufd_model_lockdep_held(current_task(), map);
}

void iommufd_model_assert_not_held(const struct lockdep_map *map,
				   const struct iommufd_model_site *site)
{
	if (iommufd_model_lockdep_held(current_task(), map))
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, map,
				     "%s is held", site->what);
}

/* The flags of an rwlock that is held for writing are those of a spinlock. */
static const char *lock_kind(unsigned long how)
{
	return is_recursive(how) ? "rwlock" : "spinlock";
}

void iommufd_model_might_sleep(const char *call,
			       const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();
	const struct iommufd_model_site *taken;
	const char *where;
	int i;

	/*
	 * Operations by a hook, or inside of another operation, are not
	 * checked.
	 */
	if (task->in_hook)
		return;
	for (i = 0; i < task->nr_held; i++) {
		if (!(task->held[i].map & HELD_SPIN))
			continue;
		taken = task->held[i].site;
		iommufd_model_misuse(
			IOMMUFD_MODEL_MISUSE_ATOMIC, site, NULL,
			"%s may sleep, and "
			"%s %s is held, taken by %s, %s:%d",
			call, lock_kind(task->held[i].map), taken->what, taken->func, taken->file,
			taken->line);
		return;
	}
	taken = iommufd_model_context_find(task, &where);
	if (taken && !taken->line)
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_ATOMIC, site, NULL,
				     "%s may sleep, and is called %.*s", call,
				     (int)strcspn(where, ","), where);
	else if (taken)
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_ATOMIC, site, NULL,
				     "%s may sleep, and is called %s %s, %s:%d",
				     call, where, taken->func, taken->file,
				     taken->line);
}

int iommufd_model_locks_held(void)
{
	return current_task()->nr_held;
}

/*
 * Spinning locks and interrupts
 *
 * A handler that spins for a lock which the interrupted thread holds waits for
 * ever.  So a class of locks that is taken in a handler must never be taken
 * with interrupts on.  Readers of an rwlock do not exclude each other.  For
 * each kind of use, the first call site is kept.
 */

enum {
	IN_HANDLER, IN_HANDLER_READ,	/* taken in an interrupt handler */
	OPEN, OPEN_READ,		/* taken with interrupts on */
	IN_SOFTIRQ, IN_SOFTIRQ_READ,	/* taken in a softirq */
	BH_OPEN, BH_OPEN_READ,		/* taken with bottom halves on */
	NR_USES,
};

static const struct iommufd_model_site *uses[MAX_CLASSES][NR_USES];
/* Handlers and softirqs that the rule is about end the use of states. */
NO_STATE(uses);
static bool use_rule;

void iommufd_model_lockdep_use_rule(void)
{
	__atomic_store_n(&use_rule, true, __ATOMIC_RELAXED);
}

/*
 * Records the use @kind of class @c, and reports if the use @other contradicts
 * it.
 */
static void note_use(int c, int kind, int other, bool read,
		     const struct iommufd_model_site *site)
{
	static const char *const where[NR_USES] = {
		[IN_HANDLER] = "in an irq handler",
		[OPEN] = "with interrupts on",
		[IN_SOFTIRQ] = "in a softirq",
		[BH_OPEN] = "with bottom halves on",
	};
	const struct iommufd_model_site **use = uses[c], *before;

	if (__atomic_load_n(&use[kind + read], __ATOMIC_RELAXED))
		return;
	pthread_mutex_lock(&classes_mutex);
	before = use[other];
	if (!before && !read)
		before = use[other + 1];
	if (use[kind + read])
		before = NULL;
	else
		__atomic_store_n(&use[kind + read], site, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&classes_mutex);
	if (before)
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_SELF_DEADLOCK, site,
				     NULL,
				     "%s is taken %s (%s, %s:%d), and %s (%s, "
				     "%s:%d)",
				     site->what, where[kind], site->func,
				     site->file, site->line, where[other],
				     before->func, before->file, before->line);
}

void iommufd_model_lockdep_spins(const struct iommufd_model_task *task,
				 const struct lockdep_map *map,
				 unsigned long how, unsigned int subclass,
				 bool try, const struct iommufd_model_site *site)
{
	unsigned int in = task->contexts;
	bool read = is_recursive(how);
	bool handler = in & 1u << IOMMUFD_MODEL_CONTEXT_HARDIRQ;
	bool softirq = in & 1u << IOMMUFD_MODEL_CONTEXT_SOFTIRQ;
	bool off = in & 1u << IOMMUFD_MODEL_CONTEXT_IRQS;
	int c;

	if (!__atomic_load_n(&use_rule, __ATOMIC_RELAXED) || task->in_hook)
		return;
	/*
	 * An interrupt handler that is a thread of the test needs no rule: the
	 * explorer tries all its orders.
	 */
	if (handler && !task->context_site[IOMMUFD_MODEL_CONTEXT_HARDIRQ]->line)
		return;
	c = class_of(map, subclass);
	if (!c)
		return;
	if (handler && !try)
		note_use(c, IN_HANDLER, OPEN, read, site);
	else if (!handler && !off)
		note_use(c, OPEN, IN_HANDLER, read, site);
	if (softirq && !handler && !try)
		note_use(c, IN_SOFTIRQ, BH_OPEN, read, site);
	else if (!softirq && !handler && !off &&
		 !(in & 1u << IOMMUFD_MODEL_CONTEXT_BH))
		note_use(c, BH_OPEN, IN_SOFTIRQ, read, site);
}

void iommufd_model_forget_lock_orders(void)
{
	pthread_mutex_lock(&classes_mutex);
	memset(order, 0, sizeof(order));
	memset(uses, 0, sizeof(uses));
	use_rule = false;
	pthread_mutex_unlock(&classes_mutex);
}
