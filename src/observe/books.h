/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The books: what there is and who holds it, as a function of events.
 *
 * An event says all that is to be known of one change, by value, with pointers
 * to what never goes away (sites, names).  Applied one after the other, from
 * none, events make the books of a moment.  The observer keeps one set for the
 * present; a recording can make those of any moment it remembers.
 *
 *	the gate --> observer.c: whose unit is it? --> event --> books
 *						         \--> recording
 *
 * Things, objects and contexts, are known by a serial that is never used again.
 */
#ifndef BOOKS_H
#define BOOKS_H

#include <iommufd_model/graph.h>
#include <iommufd_model/kernel/refcount.h>
#include <iommufd_model/notes.h>

enum event_kind {
	EVENT_NONE,		/* an operation that changes no books */
	EVENT_NOTE,
	EVENT_TAKE,		/* a unit more */
	EVENT_DROP,		/* a unit less */
	EVENT_SET,		/* units are replaced by as many of the table */
	EVENT_LEAP,		/* units that nobody can tell apart */
	EVENT_REFUSED,		/* inc_not_zero found zero */
	EVENT_BUSY,		/* dec_if_one found more than one */
	EVENT_LOCK,
	EVENT_UNLOCK,
};

enum holder_kind { BY_TABLE, BY_THING, BY_FILE, BY_THREAD };

/*
 * struct event
 * @addr: what the operation is done to
 * @name: the name of what @addr lies in if that is no thing, with @id if it is
 *	not 0; of a unit, its file's; of a note, its text
 * @thing: what @addr is or lies in; 0: none
 * @before, @after: of a counter; @before of a note: its parameter, for a new
 *	object the serial of its ctx; of another operation: its @arg
 * @unit: which one is taken or dropped
 * @holder: whose: a serial, or the number of a thread; of a new object its id
 * @op: of an operation; of a note its number
 * @counter: of the thing; IOMMUFD_MODEL_NR_COUNTERS: of something else
 */
struct event {
	const struct iommufd_model_site *site;
	const void *addr;
	const char *name;
	unsigned int thing;
	unsigned int id;
	int before, after;
	unsigned int unit;
	unsigned int holder;
	unsigned short thread;
	unsigned char kind;
	unsigned char op;
	unsigned char counter;
	unsigned char holder_kind;
};

/* More units that come or go at once are not told apart. */
#define MAX_UNITS_AT_ONCE 1024

struct unit {
	struct unit *next;
	unsigned int serial;
	unsigned int holder;
	enum holder_kind kind;
	const char *file;
	const void *file_addr;
	const struct iommufd_model_site *site;
};

struct thing {
	struct thing *next, *prev;	/* in the order they came to be */
	struct thing *same_serial, *same_addr;
	unsigned int serial, ctx, id;
	const char *type;
	const void *addr;
	enum iommufd_model_node_state state;
	bool is_ctx;
	long value[IOMMUFD_MODEL_NR_COUNTERS];
	struct unit *units[IOMMUFD_MODEL_NR_COUNTERS];
};

struct held {
	struct held *next;
	const void *addr;
	const struct iommufd_model_site *site;
	const char *name;
	unsigned int thing, id;
	unsigned short thread;
	bool read;
};

#define BOOKS_BUCKETS (1u << 12)

struct books {
	struct thing *first, *last;
	struct thing *by_serial[BOOKS_BUCKETS];
	struct thing *by_addr[BOOKS_BUCKETS];
	struct held *held;
	struct unit *spare;	/* units to be used again */
	bool cut;		/* there was no memory: they are wrong */
};

/* observe_books_create(): empty ones; NULL without memory. */
struct books *observe_books_create(void);
/* observe_books_copy(): the same once more; NULL without memory. */
struct books *observe_books_copy(const struct books *books);
void observe_books_free(struct books *books);

void observe_books_apply(struct books *books, const struct event *event);

struct thing *observe_books_find(const struct books *books,
				 unsigned int serial);
/* observe_books_at(): the thing that begins at @addr, or the ctx. */
struct thing *observe_books_at(const struct books *books, const void *addr);

/* observe_books_name(): "ioas 1"; returns @buf, of IOMMUFD_MODEL_NAME_LEN. */
const char *observe_books_name(const struct thing *thing, char *buf);

/*
 * observe_books_holder(): who has a unit of @counted, which may be NULL: "the id
 * table", "access 2", a file's name; NULL for a thread, whose name the books do
 * not know.  Returns @buf, of IOMMUFD_MODEL_NAME_LEN, or what is static.
 */
const char *observe_books_holder(const struct books *books,
				 const struct thing *counted,
				 enum holder_kind kind, unsigned int holder,
				 const char *file, char *buf);

/*
 * observe_books_graph(books, thread_name, data): the graph of this moment, to
 * be given back by iommufd_model_graph_free(); NULL without memory, also if
 * there was none when the books were made.
 * @thread_name puts a thread's name in @buf, of IOMMUFD_MODEL_NAME_LEN.
 */
struct iommufd_model_graph *observe_books_graph(
	const struct books *books,
	void (*thread_name)(unsigned int thread, char *buf, void *data),
	void *data);

/* What a lock is called: "mutex of hwpt 3". */
void observe_books_lock_name(const struct books *books, const struct held *held,
			     char *buf);

#endif
