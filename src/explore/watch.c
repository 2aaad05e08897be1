// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The plain accesses of watched code in an explored execution: which thread
 * does them, whether the memory is allocated, and what is reported.
 *
 * While setup and after run, only one thread accesses memory, and all that it
 * does is ordered against what the threads do.  So only the threads' accesses
 * can race.
 *
 * An access is not a step, and no other order of it is tried.  If no execution
 * has a race, then all orders of plain accesses that the operations permit give
 * the same values to every read, so no further executions are needed.  If some
 * execution has a race, then it is reported.
 */
#include "internal.h"
#include "../record/describe.h"
#include <stdio.h>
#include <string.h>

#define NAME 192

static struct execution *current(void)
{
	return explore_execution_current();
}

/* The heap */

/*
 * The block around an address on the stack of another thread is the stack: the
 * thread that runs can only have its address through a pointer.
 */
static void stack_at(uintptr_t addr, struct watch_block *block)
{
	const struct execution *exec = current();
	int i;

	for (i = 0; i < exec->nr_threads; i++)
		if (i != iommufd_model_watch.self &&
		    explore_fiber_stack(&exec->threads[i].fiber,
					(const void *)addr, &block->start,
					&block->end))
			return;
}

static void block_at(uintptr_t addr, struct watch_block *block)
{
	const struct chunk *chunk = explore_arena_chunk((const void *)addr);
	struct iommufd_model_allocation a;

	memset(block, 0, sizeof(*block));
	block->by = -1;
	if (!chunk) {
		stack_at(addr, block);
		return;
	}
	block->start = (uintptr_t)chunk->start + iommufd_model_slab_header();
	block->end = (uintptr_t)chunk->start + chunk->size;
	block->freed = chunk->freed_step >= 0;
	block->by = chunk->zeroed_by;
	block->clock = chunk->zeroed_at;
	if (block->by < 0 || block->freed)
		return;
	iommufd_model_slab_allocation((const void *)block->start, &a);
	block->site = a.site;
}

void explore_watch_allocated(struct chunk *chunk, bool zero)
{
	chunk->zeroed_by = -1;
	if (!zero || iommufd_model_watch.mode != WATCH_RACES)
		return;
	chunk->zeroed_by = iommufd_model_watch.self;
	chunk->zeroed_at = iommufd_model_watch.me
				   ->clock.at[iommufd_model_watch.self];
}

/* Call sites */

/*
 * Return the call site of an access.  If the program has no struct for it, it is
 * made in the record, as number @slot, because the record outlives this process.
 */
static const struct iommufd_model_site *
site_of(struct execution *exec, int slot, const struct watch_access *access)
{
	struct iommufd_model_site *site;
	struct watch_symbol symbol;
	const char *what;

	if (access->how & WATCH_SITE)
		return (const struct iommufd_model_site *)access->where;
	if (!exec->record)
		return NULL;
	iommufd_model_watch_symbol(access->where, &symbol);
	site = &exec->record->made[slot];
	what = access->how & WATCH_WRITE ? "write" : "read";
	site->func = record_string(exec->record, symbol.func);
	site->file = record_string(exec->record, symbol.file);
	site->line = symbol.line;
	site->what = what;
	if (!site->func)
		site->func = "?";
	if (!site->file)
		site->file = "?";
	return site;
}

/*
 * Describe an access, for example as "a plain write"; an access by an operation
 * has a name.
 */
static const char *what_is(const struct watch_access *access)
{
	bool write = access->how & WATCH_WRITE;

	if (access->how & WATCH_ALLOC)
		return "the zeroing of new memory";
	if (access->how & WATCH_ASSERT)
		return write ? "ASSERT_EXCLUSIVE_ACCESS" :
			       "ASSERT_EXCLUSIVE_WRITER";
	if (access->how & WATCH_MARKED && !(access->how & WATCH_WRITER))
		return write ? "a marked write" : "a marked read";
	if (access->how & WATCH_FREE)
		return "the free";
	return write ? "a plain write" : "a plain read";
}

static void describe(struct execution *exec, int slot,
		     const struct watch_access *access, char *buf, size_t size)
{
	const struct iommufd_model_site *site = site_of(exec, slot, access);
	char name[RECORD_NAME];
	const char *file = strrchr(site->file, '/');

	snprintf(buf, size, "%s in %.60s (%.80s:%d) by %s", what_is(access),
		 site->func, file ? file + 1 : site->file, site->line,
		 explore_thread_name(exec, access->thread, name, sizeof(name)));
}

/*
 * Append the name of @addr in an operation of the execution: ", which is x".
 */
static void add_name(const struct execution *exec, uintptr_t addr, char *buf,
		     size_t size)
{
	const struct iommufd_model_record *record = exec->record;
	const struct record_op *op = record->ops;
	size_t len = strlen(buf);
	struct text t = { 0 };

	for (; op < record->ops + record_length(record); op++)
		if ((uintptr_t)op->addr == addr && op->site &&
		    (op->kind < IOMMUFD_MODEL_OP_LOCK_READ ||
		     op->kind == IOMMUFD_MODEL_OP_READ_ONCE ||
		     op->kind == IOMMUFD_MODEL_OP_WRITE_ONCE ||
		     op->kind == IOMMUFD_MODEL_OP_LOAD_ACQUIRE ||
		     op->kind == IOMMUFD_MODEL_OP_STORE_RELEASE ||
		     iommufd_model_op_is_atomic(
			     (enum iommufd_model_op_kind)op->kind)))
			break;
	if (op == record->ops + record_length(record))
		return;
	describe_operand(&t, op->site, NULL, 0);
	if (strcmp(buf + len - (t.len < len ? t.len : len), t.s))
		snprintf(buf + len, size - len, ", which is %.60s", t.s);
}

/* Describe the bytes of an access, as "4 bytes at offset 8 of ioas 3". */
static void describe_bytes(const struct execution *exec, uintptr_t addr,
			   unsigned int mask, char *buf, size_t size)
{
	const struct chunk *chunk;
	struct iommufd_model_allocation a;
	char name[RECORD_NAME];
	int bytes = __builtin_popcount(mask), i;

	addr += (unsigned int)__builtin_ctz(mask);
	chunk = explore_arena_chunk((const void *)addr);
	if (chunk && iommufd_model_find_allocation((const void *)addr, &a)) {
		iommufd_model_describe((const void *)addr, name, sizeof(name));
		snprintf(buf, size, "%d bytes at offset %lu of %s", bytes,
			 (unsigned long)(addr - (uintptr_t)a.addr), name);
		add_name(exec, addr, buf, size);
		return;
	}
	if (iommufd_model_watch_variable(addr, name, sizeof(name))) {
		snprintf(buf, size, "%d bytes at %s", bytes, name);
		add_name(exec, addr, buf, size);
		return;
	}
	for (i = 0; i < exec->nr_threads; i++)
		if (explore_fiber_has(&exec->threads[i].fiber,
				      (const void *)addr)) {
			snprintf(buf, size, "%d bytes on the stack of %s",
				 bytes,
				 explore_thread_name(exec, i, name,
						     sizeof(name)));
			return;
		}
	snprintf(buf, size, "%d bytes of memory", bytes);
}

/* Reports */

/* End the execution if it has failed, unless the failure is ignored. */
static void leave(struct execution *exec)
{
	struct iommufd_model_task *task = iommufd_model_task;

	/*
	 * Inside of an operation at the gate, the execution ends at the next
	 * step.
	 */
	if (exec->failure && !(task && task->in_hook))
		explore_execution_leave(exec);
}

static void race(uintptr_t addr, const struct watch_access *first,
		 const struct watch_access *second)
{
	struct execution *exec = current();
	char one[NAME] = "", two[NAME] = "", bytes[NAME] = "";
	struct chunk *chunk = explore_arena_chunk((const void *)addr);

	if (exec->failure)
		return;
	iommufd_model_watch.mode = WATCH_OFF;
	if (exec->record) {
		describe(exec, 0, first, one, sizeof(one));
		describe(exec, 1, second, two, sizeof(two));
		describe_bytes(exec, addr, first->mask & second->mask, bytes,
			       sizeof(bytes));
		exec->record->other = site_of(exec, 0, first);
		exec->record->other_by = first->thread + 1;
		exec->record->other_step = explore_ordered_after(exec, first);
		explore_ordered_if(exec, first, second);
	}
	if (second->how & WATCH_FREE && chunk && exec->record) {
		/*
		 * The free is not complete: its chunk has no description yet.
		 */
		iommufd_model_slab_allocation(
			chunk->start + iommufd_model_slab_header(),
			&chunk->was);
		explore_record_memory(exec, chunk);
	}
	explore_fail(exec,
		     second->how & WATCH_FREE ? IOMMUFD_MODEL_FAIL_USE_AFTER_FREE :
				       IOMMUFD_MODEL_FAIL_DATA_RACE,
		     site_of(exec, 1, second), NULL,
		     "%s, and %s: nothing orders the two (%s)", one, two, bytes);
	iommufd_model_watch.mode = WATCH_RACES;
	leave(exec);
}

/* Describe how far the bytes are from the nearest allocation. */
static void describe_outside(uintptr_t addr, char *buf, size_t size)
{
	const struct chunk *chunk = explore_arena_below((const void *)addr);
	char name[RECORD_NAME];
	uintptr_t start, end;

	if (!chunk) {
		snprintf(buf, size, "memory that was never allocated");
		return;
	}
	start = (uintptr_t)chunk->start + iommufd_model_slab_header();
	end = (uintptr_t)chunk->start + chunk->size;
	iommufd_model_describe((const void *)start, name, sizeof(name));
	if (addr < start)
		snprintf(buf, size, "memory %lu bytes in front of %s",
			 (unsigned long)(start - addr), name);
	else
		snprintf(buf, size, "memory %lu bytes behind the end of %s",
			 (unsigned long)(addr - end), name);
}

static void bad(uintptr_t addr, const struct watch_access *access)
{
	struct execution *exec = current();
	const struct iommufd_model_site *site;
	enum watch_mode mode = iommufd_model_watch.mode;
	struct chunk *chunk;
	struct watch_block block;
	unsigned int mask = access->mask;
	char where[NAME];

	if (exec->failure)
		return;
	iommufd_model_watch.mode = WATCH_OFF;
	/* If only a part of the bytes is outside, describe that part. */
	block_at(addr + (unsigned int)__builtin_ctz(mask), &block);
	if (block.end && addr >= block.start && !block.freed)
		mask &= ~(255u >> (addr + 8 > block.end ?
					   addr + 8 - block.end : 0));
	addr += (unsigned int)__builtin_ctz(mask ? mask : access->mask);
	chunk = explore_arena_chunk((const void *)addr);
	site = site_of(exec, 0, access);
	if (addr - exec->arena >= EXPLORE_ARENA_SIZE) {
		explore_fail(exec,
			     access->how & WATCH_FREE ?
				     IOMMUFD_MODEL_FAIL_DOUBLE_FREE :
				     IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
			     site, NULL,
			     "%s memory of malloc(), which has been freed",
			     access->how & WATCH_FREE  ? "freed" :
			     access->how & WATCH_WRITE ? "wrote to" :
							 "read");
	} else if (chunk && chunk->freed_step >= 0) {
		explore_fail_freed(exec, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
				   site, chunk,
				   access->how & WATCH_WRITE ? "wrote to" :
							       "read");
	} else {
		describe_outside(addr, where, sizeof(where));
		explore_fail(exec, IOMMUFD_MODEL_FAIL_OUT_OF_BOUNDS, site, NULL,
			     "%s %s",
			     access->how & WATCH_WRITE ? "wrote to" : "read",
			     where);
	}
	iommufd_model_watch.mode = mode;
	leave(exec);
}

/* Without what there is no room for, the rest of the execution proves nothing. */
static void full(const char *what)
{
	explore_fail(current(), IOMMUFD_MODEL_FAIL_STEP_LIMIT, NULL, NULL,
		     "more %s in one execution than there is room for", what);
}

/* Beginning and ending */

void explore_watch_reset(struct execution *exec)
{
	if (!iommufd_model_watched_files)
		return;
	iommufd_model_watch.heap = exec->arena;
	iommufd_model_watch.heap_size = EXPLORE_ARENA_SIZE;
	iommufd_model_watch.block = block_at;
	iommufd_model_watch.accessed = explore_plain_accessed;
	iommufd_model_watch.race = race;
	iommufd_model_watch.bad = bad;
	iommufd_model_watch.full = full;
	iommufd_model_watch.depth = &exec->search->depth;
	iommufd_model_watch.tracked =
		explore_states_wanted(exec->search) ?
			explore_known_tracked(
				explore_states_known_of(exec->search)) :
			NULL;
	explore_marked_reset();
	iommufd_model_watch.self = 0;
	iommufd_model_watch.me = &iommufd_model_watch.threads[0];
	iommufd_model_watch_forget();
	if (exec->record)
		explore_ordered_reset();
}

void explore_watch_phase(const struct execution *exec)
{
	enum watch_mode mode = WATCH_OFF;

	if (iommufd_model_watched_files && exec->phase == PHASE_THREADS)
		mode = WATCH_RACES;
	else if (iommufd_model_watched_files &&
		 (exec->phase == PHASE_SETUP || exec->phase == PHASE_AFTER))
		mode = WATCH_BOUNDS;
	iommufd_model_watch.mode = mode;
}
