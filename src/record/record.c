// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Functions that fill a record.  See record.h. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "record.h"
#include <iommufd_model/kernel/slab.h>
#include <iommufd_model/notes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

/*
 * LeakSanitizer, if the program has it, does not search mappings by itself, and
 * would report the strings of a record as leaks.  All pointers to them are in
 * the members before @explored.
 */
void __lsan_register_root_region(const void *start, size_t size)
	__attribute__((weak));
void __lsan_unregister_root_region(const void *start, size_t size)
	__attribute__((weak));
#define WITH_POINTERS offsetof(struct iommufd_model_record, explored)

struct iommufd_model_record *iommufd_model_record_create(unsigned int operations)
{
	size_t room = operations ? operations : RECORD_OPERATIONS, size;
	struct iommufd_model_record *record;

	if (room > (SIZE_MAX - sizeof(*record)) / sizeof(record->ops[0]))
		return NULL;
	size = sizeof(*record) + room * sizeof(record->ops[0]);
	record = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (record == MAP_FAILED)
		return NULL;
	if (__lsan_register_root_region)
		__lsan_register_root_region(record, WITH_POINTERS);
	record->size = size;
	record->room = room;
	record_reset(record);
	return record;
}

void iommufd_model_record_free(struct iommufd_model_record *record)
{
	if (!record)
		return;
	free(record->schedule);
	free(record->command);
	free(record->report);
	free(record->about);
	if (__lsan_unregister_root_region)
		__lsan_unregister_root_region(record, WITH_POINTERS);
	munmap(record, record->size);
}

void record_reset(struct iommufd_model_record *record)
{
	int i;

	record->kind = RECORD_RUN;
	record->failure = 0;
	record->thread = 0;
	record->text[0] = 0;
	record->object[0] = 0;
	record->at = record->allocated = record->freed = NULL;
	record->freed_by = 0;
	record->other = NULL;
	record->other_by = 0;
	record->other_step = 0;
	record->ordered_if[0] = 0;
	record->freed_step = 0;
	record->detail[0] = 0;
	record->pins[0] = 0;
	record->explored = false;
	record->nr_threads = 1;
	record->nr_steps = 0;
	record->nr_strings = 0;
	record->nr = 0;
	record->last = -1;
	memset(record->threads, 0, sizeof(record->threads));
	for (i = 0; i < RECORD_THREADS; i++) {
		record->threads[i].blocker = -1;
		record->threads[i].last_wake = -1;
		record->threads[i].slept_at = -1;
		record->threads[i].taken = -1;
	}
}

unsigned long record_length(const struct iommufd_model_record *record)
{
	return record->nr < record->room ? record->nr : record->room;
}

unsigned long
iommufd_model_record_length(const struct iommufd_model_record *record)
{
	return __atomic_load_n(&record->nr, __ATOMIC_ACQUIRE);
}

void iommufd_model_record_title(struct iommufd_model_record *record,
				const char *title)
{
	snprintf(record->title, sizeof(record->title), "%s", title);
}

const char *record_string(struct iommufd_model_record *record,
			  const char *string)
{
	size_t len = strlen(string) + 1;
	char *copy = record->strings + record->nr_strings;

	if (len > RECORD_STRINGS - record->nr_strings)
		return NULL;
	record->nr_strings += (unsigned int)len;
	return memcpy(copy, string, len);
}

/* The operations */

void record_fill(struct record_op *op, const struct iommufd_model_op *from)
{
	op->kind = (unsigned char)from->kind;
	op->site = from->site;
	op->addr = from->addr;
	op->arg = from->arg;
	op->before = from->before;
	op->after = from->after;
}

struct iommufd_model_op record_gate_op(const struct record_op *op)
{
	return (struct iommufd_model_op){
		.kind = (enum iommufd_model_op_kind)op->kind,
		.site = op->site,
		.addr = op->addr,
		.arg = op->arg,
		.before = op->before,
		.after = op->after,
	};
}

static void set_label(struct record_op *op)
{
	struct iommufd_model_allocation a;

	if (!op->addr || !iommufd_model_find_allocation(op->addr, &a))
		return;
	op->label = a.label;
	op->id = a.id;
}

static struct record_thread *details(struct iommufd_model_record *record,
				     unsigned int thread)
{
	if (thread >= RECORD_THREADS)
		return NULL;
	if ((int)thread >= record->nr_threads)
		record->nr_threads = (int)thread + 1;
	return &record->threads[thread];
}

static void fill_next(struct record_op *next, unsigned int thread,
		      const struct iommufd_model_op *op)
{
	memset(next, 0, sizeof(*next));
	record_fill(next, op);
	next->thread = (unsigned short)thread;
	set_label(next);
}

void record_next(struct iommufd_model_record *record, unsigned int thread,
		 const struct iommufd_model_op *op)
{
	struct record_thread *t = details(record, thread);

	if (t)
		fill_next(&t->next, thread, op);
}

static struct record_op *append(struct iommufd_model_record *record,
				const struct record_op *op)
{
	struct record_op *added = NULL;

	if (record->nr < record->room) {
		added = &record->ops[record->nr];
		*added = *op;
	}
	/*
	 * If the process is killed here, all operations that nr counts are
	 * complete.
	 */
	__atomic_store_n(&record->nr, record->nr + 1, __ATOMIC_RELEASE);
	return added;
}

struct record_op *record_take(struct iommufd_model_record *record,
			      unsigned int thread)
{
	struct record_thread *t = details(record, thread);
	struct record_op *op = t ? append(record, &t->next) : NULL;

	record->nr_steps++;
	if (!op)
		return NULL;
	op->step = (unsigned int)record->nr_steps;
	t->taken = (int)(op - record->ops);
	return op;
}

/* Handle the notes that a thread gets its name, or ends. */
static void thread_note(struct iommufd_model_record *record,
			unsigned int thread, const struct iommufd_model_op *op)
{
	struct record_thread *t = details(record, thread);

	if (!t)
		return;
	if (op->arg == IOMMUFD_MODEL_NOTE_THREAD_END)
		t->state = RECORD_ENDED;
	else if (op->addr)
		snprintf(t->name, sizeof(t->name), "%s",
			 (const char *)op->addr);
	else
		snprintf(t->name, sizeof(t->name), "thread %c",
			 'a' + (int)((unsigned long)op->before % 26));
}

static struct record_op *note(struct iommufd_model_record *record,
			      unsigned int thread,
			      const struct iommufd_model_op *op)
{
	struct record_op note = { .thread = (unsigned short)thread,
				  .done = true };

	/* A program may pass notes of its own, with other numbers. */
	if (op->arg <= 0 || op->arg > IOMMUFD_MODEL_NOTE_THREAD_END ||
	    (op->arg < IOMMUFD_MODEL_NOTE_THREAD && !op->addr))
		return NULL;
	if (op->arg == IOMMUFD_MODEL_NOTE_THREAD ||
	    op->arg == IOMMUFD_MODEL_NOTE_THREAD_END) {
		thread_note(record, thread, op);
		return NULL;
	}
	record_fill(&note, op);
	if (op->arg >= IOMMUFD_MODEL_NOTE_THREAD) {
		note.label = op->addr ? record_string(record, op->addr) : NULL;
		note.addr = NULL;
	}
	return append(record, &note);
}

static struct record_op *done(struct iommufd_model_record *record,
			      unsigned int thread,
			      const struct iommufd_model_op *op)
{
	struct record_thread *t = details(record, thread);
	struct record_op *to, other;

	if (op->kind == IOMMUFD_MODEL_OP_NOTE)
		return note(record, thread, op);
	if (t && t->taken >= 0) {
		to = &record->ops[t->taken];
	} else if (t && t->next.site) {
		to = append(record, &t->next);
	} else {
		fill_next(&other, thread, op);
		to = append(record, &other);
	}
	if (t) {
		t->next.site = NULL;
		t->taken = -1;
	}
	if (!to)
		return NULL;
	record_fill(to, op);
	to->done = true;
	return to;
}

struct record_op *record_done(struct iommufd_model_record *record,
			      unsigned int thread,
			      const struct iommufd_model_op *op)
{
	struct record_op *to = done(record, thread, op);

	record->last = to ? to - record->ops : -1;
	return to;
}

struct record_op *record_last(struct iommufd_model_record *record)
{
	return record->last < 0 ? NULL : &record->ops[record->last];
}

const char *record_thread_name(const struct iommufd_model_record *record,
			       unsigned int thread, char buf[RECORD_NAME])
{
	if (record && thread < RECORD_THREADS &&
	    record->threads[thread].name[0])
		snprintf(buf, RECORD_NAME, "%.47s",
			 record->threads[thread].name);
	else if (!thread)
		strcpy(buf, "main");
	else
		snprintf(buf, RECORD_NAME, "thread %u", thread);
	return buf;
}
