/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Small random programs over the ground.
 *
 * A program is a list of operations for each thread, made from a seed.  Each
 * operation works on one of a few shared locations.  Depending on its result
 * some of the following operations are skipped, so that what a thread does
 * depends on what other threads did.  The results of each thread are hashed.
 *
 * The site of an operation names its location, so that the test can tell from
 * the explorer's record which location a step used.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <iommufd_model/explore.h>
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/completion.h>
#include <iommufd_model/kernel/delay.h>
#include <stdio.h>
#include <string.h>

#define MAX_OPS 24
/* three threads, and the threads that they spawn */
#define MAX_LISTS 6
#define FIRST_CHILD 3

enum location {
	COUNT0, COUNT1, VAR0, VAR1, VAR2,
	MUTEX0, MUTEX1, SPIN, SEM0, SEM1, QUEUE0, QUEUE1,
	OBJ, OBJ_REFS, OBJ_VALUE, OBJ_MUTEX, SLOT, MEMORY, THREAD, ATOM, BITS, SEQ,
	VALUE, DONE,
	NR_PLACES
};

enum verb {
	INC, INC_NOT_ZERO, DEC, DEC_AND_TEST, DEC_IF_ONE, DEC_NOT_ONE,
	COUNT_READ, COUNT_SET,
	VAR_READ, VAR_WRITE, LOCK, TRYLOCK, UNLOCK,
	DOWN_READ, TRY_READ, UP_READ, DOWN_WRITE, TRY_WRITE, UP_WRITE,
	WAIT, WAIT_BADLY, WAIT_TIMED, WAKE, WAIT_ZERO,
	GET_SLOT, CLEAR_SLOT, FREE_OBJ, ALLOC, SPAWN, JOIN, CHECK,
	ATOM_ADD, ATOM_RETURN, ATOM_TEST, ATOM_UNLESS, ATOM_INC_UNLESS,
	ATOM_DEC_UNLESS, ATOM_DEC_IF, ATOM_OR, ATOM_XCHG, ATOM_CMPXCHG,
	ATOM_SET, ATOM_READ,
	BITS_READ, BIT_SET, BIT_CLEAR, BIT_CHANGE, BIT_TEST, BIT_TEST_SET,
	BIT_TEST_CLEAR,
	SEQ_BEGIN, SEQ_RETRY, SEQ_WRITE, SEQ_END, CHOOSE, LOOK, DELAY,
	TAKE, TRY_TAKE, GIVE, GIVE_ALL, IS_DONE, REINIT, IS_LOCKED,
	NR_VERBS
};

/*
 * struct step_of - one operation
 * @arg: the value to write, the limit of a wait in jiffies, the list to spawn,
 *	and so on
 * @skip: the number of following operations to skip if this one returned 0;
 *	@unless: the same if it returned something else
 */
struct step_of {
	enum verb verb;
	enum location loc;
	int arg;
	int skip, unless;
};

struct list_of {
	int nr;
	struct step_of ops[MAX_OPS];
};

/*
 * struct program
 * @same: the number of threads, from the first one on, that are equal
 * @watch: the locations that the invariant reads; @watch_if: the locations that
 *	it reads only if the first of @watch has changed; @never: the value
 *	that it must not see
 */
struct program {
	unsigned long seed;
	int nr_threads, nr_children;
	struct list_of lists[MAX_LISTS];
	int counts[2], refs;
	int same;
	unsigned int ignore;
	unsigned int fail_nth;
	int alloc_failures;
	bool one_class, allocates;
	/* drops references or locks of an object for another thread */
	bool gives_away;
	/* each thread does one more operation at its end */
	bool closes;
	unsigned int watch, watch_if;
	int never;
};

struct object {
	refcount_t refs;
	int value;
	struct mutex mutex;
};

/* The results that a thread saw. */
struct seen {
	u64 hash;
	int thread;		/* the number of the thread */
	/* the number of the thread that SPAWN started */
	int child;
	void *memory;
	bool started;
};

struct world {
	const struct program *program;
	refcount_t counts[2];
	int vars[3];
	struct mutex mutexes[2];
	spinlock_t spin;
	struct rw_semaphore sems[2];
	wait_queue_head_t queues[2];
	atomic_t atom;
	unsigned long bits;
	seqcount_t seq;
	struct completion done;
	struct object *obj, *slot;
	bool obj_gone;
	struct seen seen[MAX_LISTS];
	int list_of[IOMMUFD_MODEL_MAX_THREADS];
};

static struct world world;
/* The CHECKs that failed, by number, in shared memory of the test. */
static u64 *program_checks;

#define SITE(n) [n] = { "program", "program.h", n, #n }
static const struct iommufd_model_site sites[NR_PLACES] = {
	SITE(COUNT0), SITE(COUNT1), SITE(VAR0), SITE(VAR1), SITE(VAR2),
	SITE(MUTEX0), SITE(MUTEX1), SITE(SPIN), SITE(SEM0), SITE(SEM1),
	SITE(QUEUE0), SITE(QUEUE1), SITE(OBJ), SITE(OBJ_REFS), SITE(OBJ_VALUE),
	SITE(OBJ_MUTEX), SITE(SLOT), SITE(MEMORY), SITE(THREAD), SITE(ATOM),
	SITE(BITS), SITE(SEQ), SITE(VALUE), SITE(DONE),
};
#undef SITE

static inline u64 mix(u64 hash, u64 value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	hash ^= hash >> 29;
	hash *= 0xbf58476d1ce4e5b9ull;
	return hash ^ (hash >> 32);
}

/* The functions below give the address of a location. */

static inline refcount_t *count_at(enum location loc)
{
	return loc == OBJ_REFS ? &world.obj->refs :
				   &world.counts[loc - COUNT0];
}

static inline int *var_at(enum location loc)
{
	return loc == OBJ_VALUE ? &world.obj->value :
				    &world.vars[loc - VAR0];
}

static inline struct mutex *mutex_at(enum location loc)
{
	return loc == OBJ_MUTEX ? &world.obj->mutex :
				    &world.mutexes[loc - MUTEX0];
}

static inline int get_var(enum location loc)
{
	int *p = var_at(loc);

	iommufd_model_access_begin(IOMMUFD_MODEL_OP_READ_ONCE, p, sizeof(*p),
				   &sites[loc]);
	iommufd_model_access_done(IOMMUFD_MODEL_OP_READ_ONCE, p, sizeof(*p),
				  *p, &sites[loc]);
	return *p;
}

static inline void set_var(enum location loc, int value)
{
	int *p = var_at(loc);

	iommufd_model_access_begin(IOMMUFD_MODEL_OP_WRITE_ONCE, p, sizeof(*p),
				   &sites[loc]);
	*p = value;
	iommufd_model_access_done(IOMMUFD_MODEL_OP_WRITE_ONCE, p, sizeof(*p),
				  value, &sites[loc]);
}

/* Waits on queue n for a change of variable n. */
static inline int wait_on(enum location loc, long left, bool badly)
{
	const struct iommufd_model_site *site = &sites[loc];
	wait_queue_head_t *wq = &world.queues[loc - QUEUE0];
	enum location var = loc - QUEUE0 + VAR0;
	struct wait_queue_entry wait;
	int turns = 0;

	if (get_var(var))
		return 1;
	iommufd_model_wait_begin(&wait);
	for (;;) {
		iommufd_model_prepare_to_wait(wq, &wait, TASK_UNINTERRUPTIBLE,
					      site);
		turns++;
		if ((!badly && get_var(var)) || !left)
			break;
		left = iommufd_model_wait_sleep(wq, &wait, left, site);
		if (badly)
			break;
	}
	iommufd_model_finish_wait(wq, &wait, site);
	return left ? 1 + turns : 0;
}

static inline void free_obj(void)
{
	iommufd_model_free(world.obj, false, &sites[OBJ]);
	world.obj_gone = true;
}

static inline struct object *get_slot(void)
{
	iommufd_model_access_begin(IOMMUFD_MODEL_OP_READ_ONCE, &world.slot,
				   sizeof(world.slot), &sites[SLOT]);
	return world.slot;
}

static inline void run_list(int number);

#define CHILD(n) static inline void child_##n(void *data) \
{ (void)data; run_list(FIRST_CHILD + n); }
CHILD(0)
CHILD(1)
CHILD(2)
#undef CHILD

/* Returns the result of an operation on the atomic variable; 0 is no result. */
static inline int do_atom(const struct step_of *op)
{
	const struct iommufd_model_site *site = &sites[ATOM];
	atomic_t *v = &world.atom;
	int arg = op->arg;

	switch (op->verb) {
	case ATOM_ADD:
		iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_ADD, v, 0, arg,
					0, site);
		return 1;
	case ATOM_RETURN:
		return iommufd_model_atomic_add_return(arg, v, 0, site);
	case ATOM_TEST:
		return iommufd_model_atomic_add_and_test(arg, v, site);
	case ATOM_UNLESS:
		return iommufd_model_atomic_add_unless(v, 1, arg, site);
	case ATOM_INC_UNLESS:
		return iommufd_model_atomic_op(
			       IOMMUFD_MODEL_OP_ATOMIC_INC_UNLESS_NEGATIVE, v,
			       0, 1, 0, site) >= 0;
	case ATOM_DEC_UNLESS:
		return iommufd_model_atomic_op(
			       IOMMUFD_MODEL_OP_ATOMIC_DEC_UNLESS_POSITIVE, v,
			       0, -1, 0, site) <= 0;
	case ATOM_DEC_IF:
		return iommufd_model_atomic_op(
			       IOMMUFD_MODEL_OP_ATOMIC_DEC_IF_POSITIVE, v, 0,
			       -1, 0, site);
	case ATOM_OR:
		iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_OR, v, 0, arg,
					0, site);
		return 1;
	case ATOM_XCHG:
		return iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_XCHG, v,
					       0, arg, 0, site);
	case ATOM_CMPXCHG:
		return iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG,
					       v, 0, arg, arg + 1, site) == arg;
	case ATOM_SET:
		iommufd_model_atomic_set(v, arg, 0, site);
		return 1;
	default:
		return iommufd_model_atomic_read(v, 0, site) - arg;
	}
}

static inline int do_bit(const struct step_of *op)
{
	static const enum iommufd_model_op_kind kinds[] = {
		IOMMUFD_MODEL_OP_BIT_SET, IOMMUFD_MODEL_OP_BIT_CLEAR,
		IOMMUFD_MODEL_OP_BIT_CHANGE, IOMMUFD_MODEL_OP_BIT_TEST,
		IOMMUFD_MODEL_OP_BIT_TEST_AND_SET,
		IOMMUFD_MODEL_OP_BIT_TEST_AND_CLEAR,
	};
	const struct iommufd_model_site *site = &sites[BITS];
	bool was;

	if (op->verb == BITS_READ) {
		iommufd_model_access_begin(IOMMUFD_MODEL_OP_READ_ONCE,
					   &world.bits, sizeof(world.bits),
					   site);
		return (int)world.bits;
	}
	was = iommufd_model_bit(kinds[op->verb - BIT_SET], op->arg, &world.bits,
				0, site);
	return op->verb < BIT_TEST || was;
}

/* A write section may be left open; readers then wait for ever. */
static inline int do_seq(const struct step_of *op)
{
	const struct iommufd_model_site *site = &sites[SEQ];

	switch (op->verb) {
	case SEQ_BEGIN:
		return (int)iommufd_model_seqcount_begin(&world.seq, site);
	case SEQ_RETRY:
		return (int)iommufd_model_seqcount(IOMMUFD_MODEL_OP_SEQ_READ,
						   &world.seq, 0, site) -
		       op->arg;
	case SEQ_WRITE:
		iommufd_model_seqcount_write(IOMMUFD_MODEL_OP_SEQ_WRITE_BEGIN,
					     &world.seq, 1, site);
		return 1;
	default:
		iommufd_model_seqcount_write(IOMMUFD_MODEL_OP_SEQ_WRITE_END,
					     &world.seq, 1, site);
		return 1;
	}
}

static inline int do_completion(const struct step_of *op)
{
	const struct iommufd_model_site *site = &sites[DONE];
	struct completion *x = &world.done;

	switch (op->verb) {
	case TAKE:
		return iommufd_model_wait_for_completion(
			       x, MAX_SCHEDULE_TIMEOUT, site) > 0;
	case TRY_TAKE:
		return iommufd_model_try_wait_for_completion(x, site);
	case GIVE:
	case GIVE_ALL:
		iommufd_model_complete(x, op->verb == GIVE_ALL, site);
		return 1;
	case IS_DONE:
		return iommufd_model_completion_done(x, site);
	default:
		iommufd_model_reinit_completion(x, site);
		return 1;
	}
}

static inline int is_locked(enum location loc)
{
	const struct iommufd_model_site *site = &sites[loc];

	if (loc == SPIN)
		return iommufd_model_spin_is_locked(&world.spin, site);
	if (loc == SEM0 || loc == SEM1)
		return iommufd_model_rwsem_is_locked(&world.sems[loc - SEM0],
						     site);
	return iommufd_model_mutex_is_locked(mutex_at(loc), site);
}

static inline int do_step(struct seen *seen, const struct step_of *op)
{
	static void (*const children[])(void *) = { child_0, child_1, child_2 };
	const struct iommufd_model_site *site = &sites[op->loc];

	switch (op->verb) {
	case INC:
		iommufd_model_refcount_add(count_at(op->loc), 1, site);
		return 1;
	case INC_NOT_ZERO:
		return iommufd_model_refcount_add_not_zero(count_at(op->loc),
							   1, site) != 0;
	case DEC:
		iommufd_model_refcount_dec(count_at(op->loc), site);
		return 1;
	case DEC_AND_TEST:
		return iommufd_model_refcount_sub_and_test(count_at(op->loc),
							   1, site) == 1;
	case DEC_IF_ONE:
		return iommufd_model_refcount_dec_if_one(count_at(op->loc),
							 site) == 1;
	case DEC_NOT_ONE:
		return iommufd_model_refcount_dec_not_one(count_at(op->loc),
							  site);
	case COUNT_READ:
		return iommufd_model_refcount_read(count_at(op->loc), site) -
		       op->arg;
	case COUNT_SET:
		iommufd_model_refcount_set(count_at(op->loc), op->arg, site);
		return 1;
	case VAR_READ:
		return get_var(op->loc) - op->arg;
	case VAR_WRITE:
		set_var(op->loc, op->arg);
		return 1;
	case LOCK:
		if (op->loc == SPIN)
			iommufd_model_spin_lock(&world.spin, site);
		else
			iommufd_model_mutex_lock(mutex_at(op->loc), site);
		return 1;
	case TRYLOCK:
		return iommufd_model_mutex_trylock(mutex_at(op->loc), site);
	case UNLOCK:
		if (op->loc == SPIN)
			iommufd_model_spin_unlock(&world.spin, site);
		else
			iommufd_model_mutex_unlock(mutex_at(op->loc), site);
		return 1;
	case DOWN_READ:
		iommufd_model_down_read(&world.sems[op->loc - SEM0], site);
		return 1;
	case TRY_READ:
		return iommufd_model_down_read_trylock(
			&world.sems[op->loc - SEM0], site);
	case UP_READ:
		iommufd_model_up_read(&world.sems[op->loc - SEM0], site);
		return 1;
	case DOWN_WRITE:
		iommufd_model_down_write(&world.sems[op->loc - SEM0], site);
		return 1;
	case TRY_WRITE:
		return iommufd_model_down_write_trylock(
			&world.sems[op->loc - SEM0], site);
	case UP_WRITE:
		iommufd_model_up_write(&world.sems[op->loc - SEM0], site);
		return 1;
	case WAIT:
		return wait_on(op->loc, MAX_SCHEDULE_TIMEOUT, false);
	case WAIT_BADLY:
		return wait_on(op->loc, MAX_SCHEDULE_TIMEOUT, true);
	case WAIT_TIMED:
		return wait_on(op->loc, op->arg, false);
	case WAKE:
		iommufd_model_wake(&world.queues[op->loc - QUEUE0],
				   TASK_NORMAL, 1, site);
		return 1;
	case WAIT_ZERO:
		iommufd_model_wait_zero_at(count_at(op->loc), site);
		return 1;
	case GET_SLOT:
		return get_slot() != NULL;
	case CLEAR_SLOT:
		iommufd_model_access_begin(IOMMUFD_MODEL_OP_WRITE_ONCE,
					   &world.slot, sizeof(world.slot),
					   site);
		world.slot = NULL;
		return 1;
	case FREE_OBJ:
		free_obj();
		return 1;
	case ALLOC:
		seen->memory = iommufd_model_alloc(1, 16, __GFP_ZERO, false,
						   site);
		return seen->memory != NULL;
	case SPAWN:
		seen->child = iommufd_model_spawn_thread(
			NULL, children[op->arg], NULL, site);
		return 1;
	case CHOOSE:
		return iommufd_model_choose_at(op->arg, site);
	case LOOK:
		/*
		 * With a step of its own: otherwise the search may have an AFTER
		 * between the operation before and the look.
		 */
		cpu_relax();
		return (int)jiffies;
	case DELAY:
		iommufd_model_delay((unsigned long)op->arg, false, site);
		return 1;
	case JOIN:
		if (seen->child >= 0)
			iommufd_model_join_thread(seen->child, site);
		return 1;
	case IS_LOCKED:
		return is_locked(op->loc);
	default:
		return op->loc == DONE ? do_completion(op) :
		       op->loc == ATOM ? do_atom(op) :
		       op->loc == BITS ? do_bit(op) :
		       op->loc == SEQ  ? do_seq(op) :
					 0;
	}
}

/* Runs all operations of list @number on the current thread. */
static inline void run_list(int number)
{
	const struct list_of *list = &world.program->lists[number];
	struct seen *seen = &world.seen[number];
	const struct step_of *op;
	int i, gave = 1;

	seen->thread = iommufd_model_thread_number();
	seen->child = -1;
	seen->started = true;
	world.list_of[seen->thread] = number;
	for (i = 0; i < list->nr; i++) {
		op = &list->ops[i];
		if (op->verb == CHECK) {
			/*
			 * CHECK number @arg: the preceding operation must not
			 * have returned 0.
			 */
			if (!gave)
				*program_checks |= 1ull << op->arg;
			iommufd_model_assert(gave);
			continue;
		}
		gave = do_step(seen, op);
		seen->hash = mix(seen->hash, (u64)(i * 64 + gave));
		i += gave ? op->unless : op->skip;
	}
	if (seen->memory)
		iommufd_model_free(seen->memory, false, &sites[MEMORY]);
	seen->hash = mix(seen->hash, 1);
	if (world.program->closes)
		cpu_relax();
}

static inline void program_thread(void *data)
{
	(void)data;
	run_list(iommufd_model_thread_number());
}

static inline void program_setup(void *data)
{
	static struct lock_class_key keys[8];
	const struct program *p = data;
	int i;

	memset(&world, 0, sizeof(world));
	world.program = p;
	world.atom.counter = p->counts[0];
	world.bits = 2;
	iommufd_model_init_completion(&world.done, &keys[7], &sites[DONE]);
	world.done.done = (unsigned int)p->counts[1] - 1;
	for (i = 0; i < 2; i++) {
		world.counts[i].refs = p->counts[i];
		iommufd_model_mutex_init(&world.mutexes[i],
					 &keys[p->one_class ? 0 : i]);
		iommufd_model_init_rwsem(&world.sems[i],
					 &keys[p->one_class ? 0 : i + 2]);
		iommufd_model_init_waitqueue_head(&world.queues[i], &keys[4]);
	}
	iommufd_model_spin_lock_init(&world.spin, &keys[5]);
	world.obj = kzalloc(sizeof(*world.obj), GFP_KERNEL);
	world.obj->refs.refs = p->refs;
	iommufd_model_mutex_init(&world.obj->mutex, &keys[6]);
	world.slot = world.obj;
}

/*
 * Returns a hash of the final state, and stores a hash for each thread in
 * @threads.
 */
static inline u64 program_state(u64 *threads)
{
	const struct program *p = world.program;
	u64 hash = 0, sum = 0, h;
	int i;

	for (i = 0; i < 2; i++) {
		hash = mix(hash, (u64)world.counts[i].refs);
		hash = mix(hash, world.mutexes[i].owner != 0);
		hash = mix(hash, (u64)world.sems[i].count);
	}
	for (i = 0; i < 3; i++)
		hash = mix(hash, (u64)world.vars[i]);
	hash = mix(hash, (u64)world.atom.counter);
	hash = mix(hash, world.bits);
	hash = mix(hash, world.seq.sequence);
	hash = mix(hash, world.done.done);
	hash = mix(hash, world.spin.owner != 0);
	hash = mix(hash, world.slot != NULL);
	hash = mix(hash, world.obj_gone);
	if (!world.obj_gone) {
		hash = mix(hash, (u64)world.obj->refs.refs);
		hash = mix(hash, (u64)world.obj->value);
		hash = mix(hash, world.obj->mutex.owner != 0);
	}
	for (i = 0; i < MAX_LISTS; i++) {
		h = mix(world.seen[i].hash, world.seen[i].started);
		threads[i] = h;
		/* The order of equal threads must not change the hash. */
		if (i < p->same)
			sum += mix(h, 77);
		else
			hash = mix(hash, h);
	}
	return mix(hash, sum);
}

/* The functions below make a program. */

static u64 program_random;

static inline unsigned int pick_one(unsigned int n)
{
	program_random = program_random * 6364136223846793005ull +
			 1442695040888963407ull;
	return (unsigned int)(program_random >> 33) % n;
}

static inline bool chance(unsigned int percent)
{
	return pick_one(100) < percent;
}

static inline struct step_of *add(struct list_of *list, enum verb verb,
				  enum location loc, int arg)
{
	struct step_of *op = &list->ops[list->nr++];

	memset(op, 0, sizeof(*op));
	op->verb = verb;
	op->loc = loc;
	op->arg = arg;
	return op;
}

/* The themes of a program, so that its threads have something in common. */
enum theme {
	COUNTERS = 1, VARIABLES = 2, MUTEXES = 4, SEMAPHORES = 8, WAITING = 16,
	OBJECTS = 32, MEMORY_OF_ONES_OWN = 64, CHILDREN = 128, TRYING = 256,
	IN_ORDER = 512, SPINNING = 1024, TIMED = 2048, ZEROES = 4096,
	ATOMICS = 8192, CHOICES = 16384, COMPLETIONS = 32768, CHECKS = 65536
};
#define NR_THEMES 16

static inline void add_something(struct program *p, struct list_of *list,
				 unsigned int theme, int level, int floor);

/* Adds a branch: some operations are skipped depending on the result of @op. */
static inline void maybe_branch(struct program *p, struct list_of *list,
				unsigned int theme, int level, int floor,
				int at)
{
	int start = list->nr;

	if (level > 1 || !chance(60) || list->nr > MAX_OPS - 10)
		return;
	add_something(p, list, theme & ~(unsigned int)CHILDREN, level + 1,
		      floor);
	if (chance(50))
		list->ops[at].skip = list->nr - start;
	else
		list->ops[at].unless = list->nr - start;
}

static inline void add_counter(struct program *p, struct list_of *list,
			       unsigned int theme, int level, int floor)
{
	static const enum verb verbs[] = { INC, INC_NOT_ZERO, INC_NOT_ZERO, DEC,
					   DEC_AND_TEST, DEC_AND_TEST,
					   DEC_IF_ONE, DEC_NOT_ONE, COUNT_READ,
					   COUNT_SET };
	enum location loc = COUNT0 + pick_one(2);
	enum verb verb = verbs[pick_one(ARRAY_SIZE(verbs) - !chance(30))];
	int at;

	if (theme & OBJECTS && chance(30))
		loc = OBJ_REFS;
	add(list, verb, loc, 1 + (int)pick_one(3));
	at = list->nr - 1;
	if (verb == INC_NOT_ZERO && chance(60)) {
		add(list, chance(50) ? DEC : DEC_AND_TEST, loc, 0);
		list->ops[at].skip = 1;
	} else if (verb != INC && verb != DEC && verb != COUNT_SET) {
		maybe_branch(p, list, theme, level, floor, at);
	}
}

static inline void add_atomic(struct program *p, struct list_of *list,
			      unsigned int theme, int level, int floor)
{
	bool bits = chance(40);
	int at = list->nr;
	enum verb verb = bits ? BITS_READ + pick_one(7) :
				ATOM_ADD + pick_one(12);

	if (chance(25)) {
		if (chance(50)) {
			add(list, SEQ_WRITE, SEQ, 0);
			add(list, VAR_WRITE, VAR0, 1 + (int)pick_one(3));
			if (chance(90))
				add(list, SEQ_END, SEQ, 0);
		} else {
			add(list, SEQ_BEGIN, SEQ, 0);
			add(list, VAR_READ, VAR0, 1);
			add(list, SEQ_RETRY, SEQ, (int)pick_one(2) * 2);
			list->ops[at].skip = (int)pick_one(2);
		}
		return;
	}
	add(list, verb, bits ? BITS : ATOM,
	    bits ? (int)pick_one(3) : (int)pick_one(4) - 1);
	maybe_branch(p, list, theme, level, floor, list->nr - 1);
}

static inline void add_variable(struct program *p, struct list_of *list,
				unsigned int theme, int level, int floor)
{
	enum location loc = VAR0 + pick_one(3);

	if (theme & OBJECTS && chance(30))
		loc = OBJ_VALUE;
	if (chance(50)) {
		add(list, VAR_WRITE, loc, 1 + (int)pick_one(3));
		return;
	}
	add(list, VAR_READ, loc, (int)pick_one(2));
	if (theme & CHECKS && chance(30))
		add(list, CHECK, loc, (int)pick_one(64));
	else
		maybe_branch(p, list, theme, level, floor, list->nr - 1);
}

/*
 * Adds a critical section.  Locks below @floor in the order must not be taken,
 * unless the program may deadlock.
 */
static inline void add_section(struct program *p, struct list_of *list,
			       unsigned int theme, int level, int floor)
{
	static const enum location order[] = { MUTEX0, SEM0, MUTEX1, SEM1,
					    OBJ_MUTEX, SPIN };
	enum verb take = LOCK, give = UNLOCK;
	int from = theme & IN_ORDER ? floor : 0, n, at;
	enum location loc;
	bool read;

	for (n = 0; n < 20; n++) {
		at = from + (int)pick_one(ARRAY_SIZE(order));
		if (at >= (int)ARRAY_SIZE(order))
			continue;
		loc = order[at];
		if ((loc == SPIN && theme & SPINNING) ||
		    (loc == OBJ_MUTEX && theme & OBJECTS) ||
		    ((loc == MUTEX0 || loc == MUTEX1) && theme & MUTEXES) ||
		    ((loc == SEM0 || loc == SEM1) && theme & SEMAPHORES))
			break;
	}
	if (n == 20)
		return;
	if (chance(10))
		add(list, IS_LOCKED, loc, 0);
	floor = at + 1;
	read = chance(50);
	if (loc == SEM0 || loc == SEM1) {
		take = read ? DOWN_READ : DOWN_WRITE;
		give = read ? UP_READ : UP_WRITE;
	}
	if (theme & TRYING && loc != SPIN && chance(50))
		take = take == LOCK ? TRYLOCK :
		       read ? TRY_READ : TRY_WRITE;
	add(list, take, loc, 0);
	at = list->nr - 1;
	do {
		add_something(p, list,
			      loc == SPIN ? theme & (COUNTERS | VARIABLES |
						     ATOMICS) :
					      theme & ~(unsigned int)CHILDREN,
			      level + 1, floor);
		if (chance(15))
			add(list, IS_LOCKED, loc, 0);
	} while (chance(25) && list->nr < MAX_OPS - 10);
	add(list, give, loc, 0);
	list->ops[at].skip = take == TRYLOCK || take == TRY_READ ||
					     take == TRY_WRITE ?
				     list->nr - 1 - at :
				     0;
}

static inline void add_completion(struct program *p, struct list_of *list,
				  unsigned int theme, int level, int floor)
{
	static const enum verb verbs[] = { TAKE, TAKE, TAKE, GIVE, GIVE, GIVE,
					   TRY_TAKE, GIVE_ALL, IS_DONE, REINIT };
	enum verb verb = verbs[pick_one(ARRAY_SIZE(verbs))];

	add(list, verb, DONE, 0);
	if (verb == TRY_TAKE || verb == IS_DONE)
		maybe_branch(p, list, theme, level, floor, list->nr - 1);
}

static inline void add_wait(struct program *p, struct list_of *list,
			    unsigned int theme)
{
	enum location loc = QUEUE0 + pick_one(chance(70) ? 1 : 2);
	unsigned int how = pick_one(8);

	(void)p;
	if (how < 2)
		add(list, theme & TIMED ? WAIT_TIMED : WAIT, loc,
		    1 + (int)pick_one(2));
	else if (how < 3)
		add(list, chance(50) ? WAIT : WAIT_BADLY, loc, 0);
	else if (how < 4)
		add(list, WAKE, loc, 0);
	else if (how < 6) {
		add(list, VAR_WRITE, loc - QUEUE0 + VAR0, 1);
		add(list, WAKE, loc, 0);
	} else if (how < 7) {
		add(list, VAR_WRITE, loc - QUEUE0 + VAR0, (int)pick_one(2));
	} else if (theme & TIMED) {
		add(list, WAIT_TIMED, loc, 1 + (int)pick_one(2));
	}
}

static inline void add_object(struct program *p, struct list_of *list,
			      unsigned int theme, int level, int floor)
{
	int at = list->nr;

	(void)p;
	(void)theme;
	(void)level;
	(void)floor;
	switch (pick_one(5)) {
	case 0:
		add(list, DEC_AND_TEST, OBJ_REFS, 0)->skip = 1;
		add(list, FREE_OBJ, OBJ, 0);
		break;
	case 1:
		add(list, INC_NOT_ZERO, OBJ_REFS, 0);
		add(list, VAR_READ, OBJ_VALUE, 0);
		add(list, DEC_AND_TEST, OBJ_REFS, 0)->skip = 1;
		add(list, FREE_OBJ, OBJ, 0);
		list->ops[at].skip = 3;
		break;
	case 2:
		add(list, GET_SLOT, SLOT, 0)->skip = 1;
		add(list, chance(50) ? VAR_READ : VAR_WRITE, OBJ_VALUE, 2);
		break;
	case 3:
		add(list, CLEAR_SLOT, SLOT, 0);
		if (chance(30))
			add(list, FREE_OBJ, OBJ, 0);
		break;
	default:
		add(list, VAR_READ, OBJ_VALUE, 0);
		break;
	}
}

static inline void make_list(struct program *p, struct list_of *list,
			     unsigned int theme, int ops);

static inline void add_something(struct program *p, struct list_of *list,
				 unsigned int theme, int level, int floor)
{
	unsigned int tries = 20, kind;
	int child;

	if (list->nr > MAX_OPS - 10)
		return;
	while (tries--) {
		kind = 1u << pick_one(NR_THEMES);
		if (!(kind & theme))
			continue;
		switch (kind) {
		case COUNTERS:
			add_counter(p, list, theme, level, floor);
			return;
		case VARIABLES:
			add_variable(p, list, theme, level, floor);
			return;
		case MUTEXES:
		case SEMAPHORES:
		case SPINNING:
			if (level > 1)
				continue;
			add_section(p, list, theme, level, floor);
			return;
		case WAITING:
			add_wait(p, list, theme);
			return;
		case OBJECTS:
			add_object(p, list, theme, level, floor);
			return;
		case MEMORY_OF_ONES_OWN:
			if (p->allocates && chance(60))
				continue;
			p->allocates = true;
			add(list, ALLOC, MEMORY, 0);
			maybe_branch(p, list,
				     theme &
				     ~(unsigned int)MEMORY_OF_ONES_OWN,
				     level, floor, list->nr - 1);
			return;
		case ATOMICS:
			add_atomic(p, list, theme, level, floor);
			return;
		case COMPLETIONS:
			add_completion(p, list, theme, level, floor);
			return;
		case CHOICES:
			add(list, CHOOSE, VALUE, 2 + (int)pick_one(2));
			maybe_branch(p, list, theme, level, floor,
				     list->nr - 1);
			return;
		case ZEROES:
			add(list, WAIT_ZERO, COUNT0 + pick_one(2), 0);
			return;
		case CHILDREN:
			if (level || p->nr_children ==
				     MAX_LISTS - FIRST_CHILD || p->same)
				continue;
			child = p->nr_children++;
			add(list, SPAWN, THREAD, child);
			make_list(p, &p->lists[FIRST_CHILD + child],
				  theme & ~(unsigned int)CHILDREN,
				  1 + (int)pick_one(2));
			if (chance(50))
				add_something(p, list,
					      theme & ~(unsigned int)CHILDREN,
					      level + 1, floor);
			if (chance(60))
				add(list, JOIN, THREAD, 0);
			return;
		default:
			continue;
		}
	}
}

static inline void make_list(struct program *p, struct list_of *list,
			     unsigned int theme, int ops)
{
	while (ops--)
		add_something(p, list, theme, 0, 0);
}

static inline bool gives_away(const struct step_of *op)
{
	return (op->loc == OBJ_REFS &&
		(op->verb == DEC || op->verb == DEC_AND_TEST)) ||
	       (op->loc == OBJ_MUTEX && op->verb == UNLOCK);
}

/* A thread allocates at most once, and the end of its list frees the memory. */
static inline void one_allocation_each(struct program *p)
{
	int l, i;
	bool any;

	for (l = 0; l < MAX_LISTS; l++)
		for (any = false, i = 0; i < p->lists[l].nr; i++) {
			p->gives_away |= gives_away(&p->lists[l].ops[i]);
			if (p->lists[l].ops[i].verb != ALLOC)
				continue;
			if (any) {
				p->lists[l].ops[i].verb = VAR_READ;
				p->lists[l].ops[i].loc = VAR2;
			}
			any = true;
		}
}

/* The programs have no operations on the clock. */
static bool program_without_clock;

static inline void insert(struct list_of *list, int at, enum verb verb, int arg)
{
	struct step_of *op = list->ops;
	int i;

	for (i = 0; i < at; i++) {
		op[i].skip += op[i].skip && i + op[i].skip >= at;
		op[i].unless += op[i].unless && i + op[i].unless >= at;
	}
	memmove(&op[at + 1], &op[at], sizeof(*op) * (size_t)(list->nr - at));
	list->nr++;
	op[at] = (struct step_of){ .verb = verb, .loc = VALUE, .arg = arg };
}

static inline bool has_timeouts(const struct program *p)
{
	int l, i;

	for (l = 0; l < MAX_LISTS; l++)
		for (i = 0; i < p->lists[l].nr; i++)
			if (p->lists[l].ops[i].verb == WAIT_TIMED)
				return true;
	return false;
}

/* Adds operations that look at the clock, or move it. */
static inline void add_clock(struct program *p)
{
	struct list_of *list;
	int n, l;

	if (program_without_clock || !chance(has_timeouts(p) ? 50 : 10))
		return;
	for (n = 1 + (int)pick_one(3); n; n--) {
		list = &p->lists[pick_one((unsigned int)p->nr_threads)];
		if (list->nr == MAX_OPS)
			continue;
		insert(list, (int)pick_one((unsigned int)list->nr + 1),
		       chance(60) ? LOOK : DELAY, 1 + (int)pick_one(2));
	}
	for (l = 1; l < p->same; l++)
		p->lists[l] = p->lists[0];
}

static inline void make_program(struct program *p, unsigned long seed)
{
	unsigned int theme = 0, i, n;

	memset(p, 0, sizeof(*p));
	p->seed = seed;
	program_random = mix(seed, 1);
	n = 1 + pick_one(3);
	while (n--)
		theme |= 1u << pick_one(NR_THEMES);
	if (!(theme & (COUNTERS | VARIABLES | WAITING | OBJECTS | ATOMICS |
		       COMPLETIONS)))
		theme |= chance(50) ? COUNTERS : VARIABLES;
	if (theme & TIMED)
		theme |= WAITING;
	if (theme & TRYING)
		theme |= chance(50) ? MUTEXES : SEMAPHORES;
	if (theme & ZEROES)
		theme |= COUNTERS;
	if (chance(60))
		theme |= IN_ORDER;
	if (chance(20))
		theme |= CHECKS;
	if (chance(15))
		theme |= CHOICES;
	p->one_class = chance(50);
	for (i = 0; i < 2; i++)
		p->counts[i] = 1 + (int)pick_one(3);
	p->refs = 1 + (int)pick_one(2);
	p->nr_threads = chance(55) ? 2 : 3;
	if (chance(25))
		p->same = chance(30) ? 2 : p->nr_threads;
	for (i = 0; i < (unsigned int)p->nr_threads; i++) {
		if (i && i < (unsigned int)p->same)
			p->lists[i] = p->lists[0];
		else
			make_list(p, &p->lists[i], theme,
				  p->nr_threads == 2 ? 2 + (int)pick_one(4) :
						       1 + (int)pick_one(3));
	}
	one_allocation_each(p);
	if (chance(90))
		p->ignore |= 1u << IOMMUFD_MODEL_FAIL_TIMEOUT;
	if (chance(30))
		p->ignore |= 1u << IOMMUFD_MODEL_FAIL_LOCK_ORDER;
	if (chance(25))
		p->ignore |= 1u << IOMMUFD_MODEL_FAIL_DEADLOCK |
			     1u << IOMMUFD_MODEL_FAIL_LOST_WAKEUP |
			     1u << IOMMUFD_MODEL_FAIL_LOCK_ORDER |
			     1u << IOMMUFD_MODEL_FAIL_LEAK;
	if (chance(15))
		p->ignore |= 1u << IOMMUFD_MODEL_FAIL_REFCOUNT |
			     1u << IOMMUFD_MODEL_FAIL_LEAK;
	if (p->allocates && chance(50))
		p->fail_nth = 1 + pick_one(2);
	else if (p->allocates)
		p->alloc_failures = (int)pick_one(3);
	if (chance(12)) {
		p->watch = 1u << (COUNT0 + pick_one(5)) |
			   1u << (COUNT0 + pick_one(5));
		if (chance(40))
			p->watch_if = 1u << (COUNT0 + pick_one(5));
		p->never = chance(30) ? (int)pick_one(64) : -1;
	}
	add_clock(p);
}

static inline void print_program(const struct program *p, FILE *to)
{
	static const char *const verbs[] = {
		"inc", "inc_not_zero", "dec", "dec_and_test", "dec_if_one",
		"dec_not_one", "count_read", "count_set", "read", "write", "lock", "trylock",
		"unlock", "down_read", "try_read", "up_read", "down_write",
		"try_write", "up_write", "wait", "wait_badly", "wait_timed",
		"wake", "wait_zero", "get_slot", "clear_slot", "free_obj",
		"alloc", "spawn", "join", "check",
		"atom_add", "atom_return", "atom_test", "atom_unless",
		"atom_inc_unless", "atom_dec_unless", "atom_dec_if", "atom_or",
		"atom_xchg", "atom_cmpxchg", "atom_set", "atom_read",
		"bits_read", "bit_set", "bit_clear", "bit_change", "bit_test",
		"bit_test_set", "bit_test_clear", "seq_begin", "seq_retry",
		"seq_write", "seq_end", "choose", "look", "delay",
		"take", "try_take", "give", "give_all", "is_done", "reinit",
		"is_locked",
	};
	const struct step_of *op;
	int l, i;

	fprintf(to, "program %lu: %d threads, %d same, counts %d %d, refs %d, "
		"ignore %x, fail_nth %u, alloc_failures %d, one_class %d, "
		"watch %x if %x never %d\n", p->seed, p->nr_threads, p->same,
		p->counts[0], p->counts[1], p->refs, p->ignore, p->fail_nth,
		p->alloc_failures, p->one_class, p->watch, p->watch_if,
		p->never);
	for (l = 0; l < MAX_LISTS; l++) {
		if (!p->lists[l].nr)
			continue;
		fprintf(to, "  %s %d:", l < FIRST_CHILD ? "thread" : "child",
			l < FIRST_CHILD ? l : l - FIRST_CHILD);
		for (i = 0; i < p->lists[l].nr; i++) {
			op = &p->lists[l].ops[i];
			fprintf(to, " %s(%s,%d)", verbs[op->verb],
				sites[op->loc].what, op->arg);
			if (op->skip)
				fprintf(to, "?%d", op->skip);
			if (op->unless)
				fprintf(to, "!%d", op->unless);
		}
		fprintf(to, "\n");
	}
}

#endif
