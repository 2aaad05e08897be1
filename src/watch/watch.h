/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Watched memory: the plain accesses of code that was compiled to report them.
 *
 * Such code calls a function of callbacks.c before each access (see
 * docs/explorer.md).  While the explorer runs a test, the accesses are passed
 * to shadow.c, which knows who accessed each byte and when.  It compares them
 * by the clocks of sync.c: two accesses of which one is a write race if neither
 * happens before the other.
 *
 *	callbacks.c	functions that compilers call, in a library with
 *	malloc.c	malloc() and related functions, and
 *	string.c	strcpy() and related functions, and
 *	wrap.c		memcpy() and others as clang 14 calls them
 *	format.h	which strings a format like that of printf() reads
 *	shadow.c	the last accesses to each byte
 *	sync.c		clocks of threads and locations
 *	undo.c		going back to an earlier point of an execution
 *	symbol.c	the call site that belongs to an address of code
 *	files.c		how many source files are not watched
 *
 * These files do not depend on the explorer.  ../explore/order.c tells them
 * which operations order accesses, and they report what they find to
 * ../explore/watch.c.
 */
#ifndef WATCH_H
#define WATCH_H

#include <iommufd_model/kernel/types.h>
#include <iommufd_model/kernel/gate.h>
#include <iommufd_model/kernel/lockdep.h>
#include <iommufd_model/watch.h>

#define WATCH_THREADS 16
#define WATCH_CONSUMED 8
#define WATCH_TRACKED 8
#define WATCH_CLOCKS (WATCH_THREADS + WATCH_TRACKED)

/* How memory is accessed; an access is a combination of these flags. */
#define WATCH_WRITE IOMMUFD_MODEL_WATCH_WRITE
#define WATCH_MARKED IOMMUFD_MODEL_WATCH_MARKED
#define WATCH_ASSERT IOMMUFD_MODEL_WATCH_ASSERT
/* The call site of the access is a struct iommufd_model_site. */
#define WATCH_SITE 8u
/* The access sets new memory to zero. */
#define WATCH_ALLOC 16u
/* The access is inside of data_race(), so it races only with a free. */
#define WATCH_RACY 32u
#define WATCH_FREE 64u
/*
 * The access is a plain one of a writer of a sequence counter: it counts as
 * marked, but not against that of another writer.
 */
#define WATCH_WRITER 128u
/*
 * The access races with no marked one, but it is no step, so only one order of
 * the two is explored.
 */
#define WATCH_NO_STEP 256u

/*
 * struct watch_clock - for each thread, the last of its epochs that happened
 * before.  A thread begins a new epoch when it publishes its clock.  Behind these:
 * for each tracked location, the number of the last step that happened before and
 * acquired it
 */
struct watch_clock {
	u32 at[WATCH_CLOCKS];
};

/*
 * Memory that a thread found through a marked read of a pointer.  What happened
 * before the pointer was published with release semantics happens before the
 * accesses that depend on the pointer.  Every access to the memory counts as
 * such.
 */
struct watch_consumed {
	uintptr_t start, end;
	struct watch_clock clock;
};

/*
 * struct watch_thread - a thread of the test
 * @clock: what happened before its next access
 * @read: what was released to the locations that it read by relaxed reads; a
 *	barrier, and each release, adds it to @clock
 * @fence: @clock at its last barrier, which its relaxed writes publish
 * @hidden: not 0: inside of data_race()
 * @reader, @writers: inside of sections of sequence counters, where all
 *	accesses count as marked, but those of two writers (WATCH_WRITER)
 */
struct watch_thread {
	struct watch_clock clock, read, fence;
	bool has_read, has_fence;
	int hidden;
	bool reader;
	int writers;
	unsigned int nr_consumed;
	struct watch_consumed consumed[WATCH_CONSUMED];
};

enum watch_mode {
	WATCH_OFF,
	/* one thread runs: check only whether memory is allocated */
	WATCH_BOUNDS,
	WATCH_RACES,
};

/* One access; @where is an address of code or a call site. */
struct watch_access {
	u32 clock;
	u8 thread, mask;
	u16 how;
	uintptr_t where;
};

/*
 * A block of the heap around an address, as the owner of the heap describes it.
 */
struct watch_block {
	uintptr_t start, end;	/* 0, 0: there is no block */
	bool freed;
	int by;			/* the thread that zeroed it; -1: none */
	u32 clock;		/* the epoch of @by at that time */
	const struct iommufd_model_site *site;
};

/*
 * struct watch - the only instance is iommufd_model_watch
 * @execution: the number of the execution; cells with another number are empty
 * @self, @me: the thread that runs
 * @heap, @heap_size: the heap, if there is one
 * @block: a function that fills in the block at an address of the heap, or of
 *	the stack of another thread
 * @accessed: called for each access to eight bytes, and for each free of more,
 *	before it is looked at; may be NULL
 * @step: called before a volatile access and one in data_race(); returns false if
 *	it is no step
 * @tracked: the keys of the tracked locations, the first ones that are acquired; 0:
 *	none yet.  Processes may share them.  NULL: no location is tracked
 * @depth: the number of steps so far
 * @untried: called for two accesses that nothing orders and that do not race, if
 *	one of them is no step
 * @race: called for two accesses that race; the first one is the earlier one
 * @bad: called for an access to memory of the heap that is not allocated
 * @full: called when there is no room for an access or a free, so that a race with
 *	it would be missed, or for what orders accesses, so that a race could be
 *	found that is none; @what says of what there are too many
 */
struct watch {
	enum watch_mode mode;
	u32 execution;
	int self;
	struct watch_thread *me;
	uintptr_t heap;
	size_t heap_size;
	void (*block)(uintptr_t addr, struct watch_block *block);
	void (*accessed)(uintptr_t addr, size_t size,
			 const struct watch_access *access);
	bool (*step)(uintptr_t addr, size_t size, unsigned int how,
		     uintptr_t where);
	u64 *tracked;
	const int *depth;
	void (*untried)(void);
	void (*race)(uintptr_t addr, const struct watch_access *first,
		     const struct watch_access *second);
	void (*bad)(uintptr_t addr, const struct watch_access *access);
	void (*full)(const char *what);
	struct watch_thread threads[WATCH_THREADS];
};

extern struct watch iommufd_model_watch;
/* How many watched source files the program has. */
extern unsigned int iommufd_model_watched_files;

/*
 * files.c: how many source files of the code under test are not watched, in all
 * of the process.
 */
unsigned int iommufd_model_unwatched_files(void);

/* shadow.c: the last accesses to each byte */

/* Called for an access of the thread that runs. */
void iommufd_model_watch_note(uintptr_t addr, size_t size, unsigned int how,
			      uintptr_t where);
/*
 * Called when the thread that runs frees this memory.  The free is a write of
 * all of it; afterwards the memory is not allocated.
 */
void iommufd_model_watch_freed(uintptr_t addr, size_t size,
			       const struct iommufd_model_site *site);
/*
 * Called when a function of src/kernel, which is not watched, accesses memory
 * of its caller, which called it at @site.
 */
void iommufd_model_watch_for(const void *addr, size_t size, bool write,
			     const struct iommufd_model_site *site);
/* Forget all accesses. */
void iommufd_model_watch_forget(void);
/*
 * Find the block of the heap or of malloc(), or the stack of another thread,
 * that contains @addr.  Returns false if there is none, or if malloc() returned
 * it before the execution.
 */
bool iommufd_model_watch_block(uintptr_t addr, struct watch_block *block);
/*
 * True if @access, to the eight bytes at @addr, would race with one of the accesses
 * so far.  What happens before it is @clock.
 */
bool iommufd_model_watch_may_race(uintptr_t addr,
				  const struct watch_access *access,
				  const struct watch_clock *clock);

/* undo.c: going back to an earlier point of an execution */

/*
 * struct watch_point - a point of an execution, of which shadow.c and sync.c know
 * what they need to go back to it
 * @nr: how many changes were logged before it
 */
struct watch_point {
	size_t nr;
	u32 pool_used;
	unsigned int nr_locations, nr_marks, nr_blocks;
};

/* The number of the part of the execution since the last point; 0: no log. */
extern u32 iommufd_model_watch_part;

/* Forget all points.  Changes are logged from now on if @log is set. */
void iommufd_model_watch_log(bool log);
void iommufd_model_watch_save(struct watch_point *point);
/* False if there was no room for all changes. */
bool iommufd_model_watch_can_go_back(void);
void iommufd_model_watch_go_back(const struct watch_point *point);
/* Log the @size bytes at @at, at most WATCH_KEPT, which are about to be changed. */
#define WATCH_KEPT 128
void iommufd_model_watch_keep(void *at, size_t size);

/*
 * Log a variable with a member @part, unless it was logged since the last point.
 */
#define WATCH_CHANGES(p)                                               \
	do {                                                           \
		IOMMUFD_MODEL_STATIC_ASSERT(sizeof(*(p)) <= WATCH_KEPT, \
					    "room for it in the log"); \
		if (iommufd_model_watch_part &&                        \
		    (p)->part != iommufd_model_watch_part) {           \
			iommufd_model_watch_keep(p, sizeof(*(p)));     \
			(p)->part = iommufd_model_watch_part;          \
		}                                                      \
	} while (0)

void iommufd_model_watch_shadow_save(struct watch_point *point);
void iommufd_model_watch_shadow_go_back(const struct watch_point *point);
void iommufd_model_watch_sync_save(struct watch_point *point);
void iommufd_model_watch_sync_go_back(const struct watch_point *point);

/* sync.c: clocks of threads and locations */

/*
 * Return the key of a location.  An address can have several uses, each with a
 * clock of its own.
 */
static inline u64 watch_place(const void *addr, unsigned int use)
{
	return (u64)(uintptr_t)addr << 8 | (use & 255);
}

/* Map zeroes, which take memory only where they are used; or NULL. */
void *iommufd_model_watch_map(size_t size);
/* Called before anything is released; false: there is no memory. */
bool iommufd_model_watch_sync_prepare(void);
void iommufd_model_watch_sync_reset(void);
/* Forget all threads from number @first on. */
void iommufd_model_watch_reset_threads(int first);
/* Add the clock of the thread that runs to what is published at @key. */
void iommufd_model_watch_release(u64 key);
/* Replace what is published at @key by the clock of the thread that runs. */
void iommufd_model_watch_publish(u64 key);
/* Called for a relaxed write, and for a relaxed change, of @key. */
void iommufd_model_watch_store(u64 key);
void iommufd_model_watch_change(u64 key);
/* Order all that was published at @key before what the thread does next. */
void iommufd_model_watch_acquire(u64 key);
/* The same, but it is not noted that the location was acquired. */
void iommufd_model_watch_acquire_now(u64 key);
/*
 * Return what is published at tracked location @i, or NULL.  *@since is the number
 * of the last step that has replaced what was published there; 0: none has.
 */
const struct watch_clock *iommufd_model_watch_published(int i, u32 *since);
/* Called for a relaxed read that found @value. */
void iommufd_model_watch_read(u64 key, uintptr_t value);
void iommufd_model_watch_fence(void);
/* Write the clock that the thread that runs publishes to @to. */
void iommufd_model_watch_give(struct watch_clock *to);
void iommufd_model_watch_take(const struct watch_clock *from);
/*
 * iommufd_model_watch_mark() stores event @number at @key.
 * iommufd_model_watch_reach() orders what the thread does next after the events
 * at @key with numbers below @limit.
 */
void iommufd_model_watch_mark(u64 key, int number);
void iommufd_model_watch_reach(u64 key, int limit);
/*
 * True if the access @first happens before an access to @addr of the thread
 * that runs, because the address depends on a pointer that this thread has
 * read.
 */
bool iommufd_model_watch_depends(const struct watch_access *first,
				 uintptr_t addr, size_t size);

static inline void watch_join(struct watch_clock *to,
			      const struct watch_clock *from)
{
	int i;

	for (i = 0; i < WATCH_CLOCKS; i++)
		to->at[i] = to->at[i] > from->at[i] ? to->at[i] : from->at[i];
}

/* symbol.c: the call site that belongs to an address of code */

/*
 * What is known about an address of code.  @inlined: the function of the ground's
 * headers that @func has called there, or "".
 */
struct watch_symbol {
	char func[128], file[256], inlined[64];
	int line;
};
/*
 * Find the function, file and line of the code before the return address @pc.
 * What is not known is empty.
 */
void iommufd_model_watch_symbol(uintptr_t pc, struct watch_symbol *symbol);
/*
 * Write the variable that contains @addr to @buf, as "name" or "name + 8
 * bytes".  Returns false if there is none.
 */
bool iommufd_model_watch_variable(uintptr_t addr, char *buf, size_t size);

#endif
