/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The ledger: the objects that exist and the holder of each reference, as a
 * function of the operations so far.
 *
 * An operation of a record, with what the observer has added to it, completely
 * describes one change.  Applied one after the other to an empty ledger, the
 * operations give the ledger of any moment.  The observer keeps the ledger of
 * the present; the reader of a record builds that of a moment in the past.
 *
 * Objects and contexts are both called objects here.  Each has a serial, which
 * is never reused.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include "../record/record.h"
#include <iommufd_model/graph.h>
#include <iommufd_model/notes.h>

/* The kinds of changes that an operation makes. */
enum ledger_change {
	LEDGER_NOTHING,
	LEDGER_NOTE,
	LEDGER_TAKE,		/* more references */
	LEDGER_DROP,		/* fewer references */
	LEDGER_SET,		/* all references now belong to the id table */
	/* too many references at once to attribute each */
	LEDGER_LEAP,
	LEDGER_REFUSED,		/* refcount_inc_not_zero() found zero */
	LEDGER_BUSY,		/* refcount_dec_if_one() found more than one */
	LEDGER_LOCK,
	LEDGER_UNLOCK,
};

/* If one operation takes or drops more references, it is a LEDGER_LEAP. */
#define LEDGER_AT_ONCE 1024

/* One reference and its holder, as in struct record_op. */
struct reference {
	struct reference *next;
	unsigned int holder;
	enum record_holder kind;
	const char *file;
	const void *file_addr;
	/* the call site that took the reference */
	const struct iommufd_model_site *site;
};

/* An object or a context; @ctx is the serial of its context. */
struct object {
	struct object *next, *prev;	/* links in the order of allocation */
	struct object *same_serial, *same_addr;
	unsigned int serial, ctx, id;
	const char *type;
	const void *addr;
	enum iommufd_model_node_state state;
	bool is_ctx;
	long value[IOMMUFD_MODEL_NR_COUNTERS];
	struct reference *references[IOMMUFD_MODEL_NR_COUNTERS];
};

/* A lock that a thread holds. */
struct held_lock {
	struct held_lock *next;
	const void *addr;
	const struct iommufd_model_site *site;
	const char *label;
	unsigned int object, id;
	unsigned short thread;
	bool read;
};

#define LEDGER_BUCKETS (1u << 12)

struct ledger {
	struct object *first, *last;
	struct object *by_serial[LEDGER_BUCKETS];
	struct object *by_addr[LEDGER_BUCKETS];
	struct held_lock *locks;
	struct pin *pins;	/* pins.c */
	struct reference *spare;	/* free structs, to be reused */
	bool incomplete;	/* an allocation failed */
};

/* observe_ledger_create(): returns an empty ledger; NULL if memory is short. */
struct ledger *observe_ledger_create(void);
void observe_ledger_free(struct ledger *ledger);

/*
 * observe_ledger_change(op): returns what @op changes.  op->object and
 * op->counter must be set; the holder need not be.
 */
enum ledger_change observe_ledger_change(const struct record_op *op);
void observe_ledger_apply(struct ledger *ledger, const struct record_op *op);

struct object *observe_ledger_find(const struct ledger *ledger,
				   unsigned int serial);
/*
 * observe_ledger_at(): returns the object or the context that begins at @addr.
 */
struct object *observe_ledger_at(const struct ledger *ledger, const void *addr);

/*
 * observe_object_name(): writes "ioas 1" to @buf, which has
 * IOMMUFD_MODEL_NAME_LEN bytes.
 */
const char *observe_object_name(const struct object *object, char *buf);

/*
 * observe_holder_name(): returns the name of the holder of a reference to
 * @counted, which may be NULL: "the id table", "access 2", or the name of a
 * file.  The name is a static string or in @buf, which has
 * IOMMUFD_MODEL_NAME_LEN bytes.  Returns NULL for a thread, because the ledger
 * does not know its name.
 */
const char *observe_holder_name(const struct ledger *ledger,
				const struct object *counted,
				enum record_holder kind, unsigned int holder,
				const char *file, char *buf);

/*
 * observe_lock_name(): writes "mutex of hwpt 3" to @buf, as
 * observe_object_name() does.
 */
const char *observe_lock_name(const struct ledger *ledger,
			      const struct iommufd_model_site *site,
			      unsigned int object, const char *label,
			      unsigned int id, char *buf);

/*
 * observe_counter_name(): returns a name such as "users"; "?" if @counter is
 * out of range.
 */
const char *observe_counter_name(unsigned int counter);

/*
 * observe_snapshot(ledger, record): returns the graph of the current state,
 * which the caller frees with iommufd_model_graph_free().  Returns NULL if an
 * allocation failed, now or earlier.  The names of threads are taken from
 * @record; if it is NULL, threads have no names.
 */
struct iommufd_model_graph *
observe_snapshot(const struct ledger *ledger,
		 const struct iommufd_model_record *record);

#endif
