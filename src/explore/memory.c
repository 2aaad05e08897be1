// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * All memory that a test can change, to compare it: for tests that list
 * IOMMUFD_MODEL_STATIC_VARIABLES as their memory.
 *
 * What a thread does next is a function of its registers and of memory, and
 * memory is, apart from the arena,
 *
 *	static variables	of the program, and of the library if that is a
 *				shared one
 *	stacks			of each thread the part above its stack
 *				pointer.  When a thread has come to the gate,
 *				its registers are there, too (../kernel/gate.c)
 *	the rest		which the ground has elsewhere.  A hash of all
 *				pins of pages is in a static variable.  If a
 *				test uses device memory or a memfd, this file is
 *				not used (states.c)
 *
 * Variables of the explorer and of the observer, and caches, are not compared:
 * NO_STATE() and NO_CHECKPOINT() mark them.  If a mark is missing, states differ
 * that could be equal, which costs only time.
 *
 * The explorer's functions run on the stack of the thread that came to the gate.
 * What they leave there is cleared, since it would show in uninitialised variables
 * of other functions.
 */
#define _GNU_SOURCE
#include "internal.h"
#include "../kernel/poison.h"
#include <string.h>
#ifdef __linux__
#include <link.h>
#endif

#define MAX_RANGES 256
/* The most that the explorer's functions use of a stack, while none fails. */
#define OWN_FRAMES 1536
/* Most threads use less of their stacks. */
#define STACK_USED (16l << 10)

/*
 * @compared: the static variables that are compared
 * @restored: those that a checkpoint has (checkpoint.c)
 * @constants: the parts of the program that cannot be written
 */
static struct ranges {
	int nr;
	bool too_many;
	struct explore_range at[MAX_RANGES];
} compared, restored, constants;

NO_CHECKPOINT(compared);
NO_CHECKPOINT(restored);
NO_CHECKPOINT(constants);

#if defined(__linux__) && defined(__ELF__)
extern const struct iommufd_model_no_state __start_iommufd_model_no_state[]
	__attribute__((visibility("hidden")));
extern const struct iommufd_model_no_state __stop_iommufd_model_no_state[]
	__attribute__((visibility("hidden")));

static void add_range(struct ranges *ranges, uintptr_t start, uintptr_t end)
{
	if (start >= end)
		return;
	if (ranges->nr == MAX_RANGES) {
		ranges->too_many = true;
		return;
	}
	ranges->at[ranges->nr].start = start;
	ranges->at[ranges->nr++].end = end;
}

/* Leave out what lies between @start and @end. */
static void cut_out(struct ranges *ranges, uintptr_t start, uintptr_t end)
{
	int i, n = ranges->nr;
	struct explore_range *range;
	uintptr_t last;

	for (i = 0; i < n; i++) {
		range = &ranges->at[i];
		if (range->end <= start || range->start >= end)
			continue;
		last = range->end;
		range->end = start > range->start ? start : range->start;
		add_range(ranges, end, last);
	}
}

/* Of a range that was cut out as a whole, an empty one is left. */
static void drop_empty(struct ranges *ranges)
{
	int i, n = 0;

	for (i = 0; i < ranges->nr; i++)
		if (ranges->at[i].start < ranges->at[i].end)
			ranges->at[n++] = ranges->at[i];
	ranges->nr = n;
}

static bool has_code(const struct dl_phdr_info *info, uintptr_t addr)
{
	const ElfW(Phdr) * p;
	int i;

	for (i = 0; i < info->dlpi_phnum; i++) {
		p = &info->dlpi_phdr[i];
		if (p->p_type == PT_LOAD &&
		    addr - info->dlpi_addr - p->p_vaddr < p->p_memsz)
			return true;
	}
	return false;
}

/*
 * Leave out the addresses of functions of other objects.  The loader may find them
 * when a function is called for the first time, which is no difference to a thread.
 */
static void cut_out_functions(const struct dl_phdr_info *info,
			      const ElfW(Phdr) * dynamic)
{
	uintptr_t start = 0, nr = 0, size = sizeof(ElfW(Rela));
	const ElfW(Dyn) * d;

	d = (const void *)(info->dlpi_addr + dynamic->p_vaddr);
	for (; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_PLTGOT)
			start = d->d_un.d_ptr;
		else if (d->d_tag == DT_PLTRELSZ)
			nr = d->d_un.d_val;
		else if (d->d_tag == DT_PLTREL && d->d_un.d_val == DT_REL)
			size = sizeof(ElfW(Rel));
	}
	/* Some loaders write the address there, others leave an offset. */
	if (start < info->dlpi_addr)
		start += info->dlpi_addr;
	/*
	 * The first three entries are the loader's.  An object without a table cuts
	 * out its own header, which is never compared.
	 */
	cut_out(&compared, start, start + (3 + nr / size) * sizeof(void *));
}

/* The first object is the program; another one may be the library. */
static int add_object(struct dl_phdr_info *info, size_t size, void *data)
{
	const ElfW(Phdr) * p;
	uintptr_t start;
	int i, *nr = data;

	(void)size;
	if ((*nr)++ && !has_code(info, (uintptr_t)add_object))
		return 0;
	for (i = 0; i < info->dlpi_phnum; i++) {
		p = &info->dlpi_phdr[i];
		start = info->dlpi_addr + p->p_vaddr;
		if (p->p_type == PT_LOAD && p->p_flags & PF_W)
			add_range(&compared, start, start + p->p_memsz);
		else if (p->p_type == PT_LOAD)
			add_range(&constants, start, start + p->p_memsz);
	}
	for (i = 0; i < info->dlpi_phnum; i++) {
		p = &info->dlpi_phdr[i];
		start = info->dlpi_addr + p->p_vaddr;
		if (p->p_type == PT_DYNAMIC)
			cut_out_functions(info, p);
		if (p->p_type != PT_GNU_RELRO)
			continue;
		cut_out(&compared, start, start + p->p_memsz);
		add_range(&constants, start, start + p->p_memsz);
	}
	return 0;
}

static void find_statics(void)
{
	const struct iommufd_model_no_state *no;
	uintptr_t start;
	int nr = 0;

	dl_iterate_phdr(add_object, &nr);
	/* The list itself never changes. */
	cut_out(&compared, (uintptr_t)__start_iommufd_model_no_state,
		(uintptr_t)__stop_iommufd_model_no_state);
	restored = compared;
	for (no = __start_iommufd_model_no_state;
	     no < __stop_iommufd_model_no_state; no++) {
		start = (uintptr_t)no->start;
		cut_out(&compared, start, start + no->size);
		if (no->no_checkpoint)
			cut_out(&restored, start, start + no->size);
	}
	drop_empty(&compared);
	drop_empty(&restored);
}
#else
static void find_statics(void)
{
}
#endif

/*
 * Not with ASan or valgrind: ASan has memory of its own for variables of functions,
 * and reports a read of what lies between these.
 */
bool explore_memory_start(void)
{
	if (!compared.nr && !IS_SHUT && explore_fiber_own_stacks())
		find_statics();
	return compared.nr && !compared.too_many && !restored.too_many;
}

const struct explore_range *explore_memory_restored(int *nr)
{
	*nr = restored.nr;
	return restored.at;
}

static bool is_in(const struct ranges *ranges, uintptr_t at)
{
	const struct explore_range *range = ranges->at;
	int i;

	for (i = 0; i < ranges->nr; i++)
		if (at - range[i].start < range[i].end - range[i].start)
			return true;
	return false;
}

bool explore_memory_is_constant(const void *addr)
{
	return is_in(&constants, (uintptr_t)addr);
}

bool explore_memory_has(const struct execution *exec, const void *addr)
{
	uintptr_t at = (uintptr_t)addr;
	int i;

	if (at - exec->arena < EXPLORE_ARENA_SIZE)
		return true;
	for (i = 0; i < exec->nr_threads; i++)
		if (explore_fiber_has(&exec->threads[i].fiber, addr))
			return true;
	return is_in(&compared, at) || explore_memory_is_constant(addr);
}

/* Hashes */

static inline u64 fold(u64 a, u64 b)
{
	__uint128_t product = (__uint128_t)a * b;

	return (u64)product ^ (u64)(product >> 64);
}

static inline u64 load(const char *p)
{
	u64 word;

	memcpy(&word, p, sizeof(word));
	return word;
}

#define K0 0x9e3779b97f4a7c15ull
#define K1 0xbf58476d1ce4e5b9ull
#define K2 0x94d049bb133111ebull
#define K3 0xd6e8feb86659fd93ull

u64 explore_memory_hash_bytes(u64 hash, const void *start, size_t size)
{
	const char *p = start;
	u64 a = hash ^ K0, b = hash ^ K2, c, d, last[2] = { 0, 0 };

	if (size >= 64) {
		c = hash ^ K1;
		d = hash ^ K3;
		for (; size >= 64; size -= 64, p += 64) {
			a = fold(load(p) ^ K1, load(p + 8) ^ a);
			b = fold(load(p + 16) ^ K3, load(p + 24) ^ b);
			c = fold(load(p + 32) ^ K0, load(p + 40) ^ c);
			d = fold(load(p + 48) ^ K2, load(p + 56) ^ d);
		}
		a = fold(a ^ K1, c);
		b = fold(b ^ K3, d);
	}
	for (; size >= 16; size -= 16, p += 16)
		a = fold(load(p) ^ K1, load(p + 8) ^ a);
	memcpy(last, p, size);
	b = fold(last[0] ^ K3, last[1] ^ b ^ size);
	return fold(a ^ K1, b ^ K0);
}

static u64 hash_ranges(u64 hash, const struct ranges *ranges)
{
	const struct explore_range *range = ranges->at;
	int i;

	for (i = 0; i < ranges->nr; i++, range++)
		hash = explore_memory_hash_bytes(
			hash, (const void *)range->start,
			range->end - range->start);
	return hash;
}

u64 explore_memory_constants(void)
{
	return hash_ranges(constants.nr, &constants);
}

/* The header that the ground puts before an allocation is only for reports. */
static u64 hash_arena(u64 hash)
{
	const size_t header = iommufd_model_slab_header();
	const struct chunk *chunk = NULL;

	while ((chunk = explore_arena_next(chunk))) {
		hash = fold(hash ^ (u64)(uintptr_t)chunk->start,
			    K0 ^ (chunk->freed_step >= 0));
		hash = explore_memory_hash_bytes(hash, chunk->start + header,
						 chunk->size - header);
	}
	return hash;
}

static u64 hash_task(u64 hash, const struct iommufd_model_task *task)
{
	struct iommufd_model_task rest;
	const size_t from = offsetof(struct iommufd_model_task, in_hook);

	hash = fold(hash ^ (u64)task->nr_held,
		    K1 ^ ((u64)task->nr_untracked << 40 |
			  (u64)task->nr_twice << 32 | task->contexts));
	hash = explore_memory_hash_bytes(
		hash, task->held, (size_t)task->nr_held * sizeof(*task->held));
	hash = fold(hash ^ (u64)task->nr_sections,
		    K2 ^ (u64)task->nr_more_sections);
	hash = explore_memory_hash_bytes(hash, task->sections,
					 (size_t)task->nr_sections *
						 sizeof(*task->sections));
	memcpy((char *)&rest + from, (const char *)task + from,
	       sizeof(rest) - from);
	/* A depth in the search. */
	rest.woken_by = 0;
	return explore_memory_hash_bytes(hash, (char *)&rest + from,
					 sizeof(rest) - from);
}

static u64 hash_thread(u64 hash, const struct thread *t)
{
	const char *top = (const char *)t->fiber.stack + t->fiber.size;

	hash = hash_task(hash, &t->task);
	hash = fold(hash ^ (u64)(uintptr_t)t->op->site,
		    K2 ^ (u64)(uintptr_t)t->op->addr);
	hash = fold(hash ^ (u64)t->op->kind, K3 ^ (u64)t->op->arg);
	return explore_memory_hash_bytes(
		hash, t->task.stack,
		(size_t)(top - (const char *)t->task.stack));
}

u64 explore_memory_hash(const struct execution *exec)
{
	u64 hash = hash_ranges(1, &compared);
	int i;

	hash = hash_arena(hash);
	for (i = 0; i < exec->nr_threads; i++)
		if (!exec->threads[i].ended)
			hash = hash_thread(hash, &exec->threads[i]);
	return hash;
}

/*
 * Not inline, so that its variable lies where other functions had theirs.  The
 * assembly keeps the compiler from leaving it out.
 */
noinline void explore_memory_clean(void)
{
	char frames[OWN_FRAMES];

	memset(frames, 0, sizeof(frames));
	__asm__ volatile("" : : "r"(frames) : "memory");
}

void explore_memory_clean_stack(const struct fiber *fiber)
{
	char *sp = fiber->sp, *from = fiber->stack;

	if (sp - from > STACK_USED)
		from = sp - STACK_USED;
	memset(from, 0, (size_t)(sp - from));
}
