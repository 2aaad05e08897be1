/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file observe.h
 * The observer: it records who holds each reference, in which counter it is
 * counted, and at which call site it was taken.
 *
 * It is started before the context is opened.  From then on it follows every
 * reference of users and wait_cnt of every object, and every reference to a
 * context's file.  A reference belongs to
 *
 *	the id table, or the descriptor	the first one of each counter
 *	another object			that was being built or destroyed on
 *					this thread, or was acting for itself
 *	a file				of an event queue, that acts
 *	a thread			else: a running ioctl, a driver
 *
 * It can also write a record of the run, of which the program makes pages and
 * other drawings:
 *
 *	record = iommufd_model_record_create(0);
 *	iommufd_model_observe_start(NULL, NULL);
 *	iommufd_model_record_start(record);
 *	...
 *	iommufd_model_observe_stop();
 *	iommufd_model_record_save(record, "run.record");
 *	iommufd_model_record_free(record);
 *
 * Only one observer can run at a time.  Start and stop it while no other thread
 * calls the model.  Unless its description forbids it, any other function here
 * may be called from any thread, also while other threads call the model and
 * are observed.  These functions hold a mutex of the observer while they run,
 * and do not block on the model's locks.
 *
 * The observer learns of an operation after the operation.  With threads of the
 * system the order of events may therefore differ a little from the order of
 * the operations, and the value of a counter may differ from event->before; the
 * values are right once no operation is running.  In the explorer, where one
 * thread runs at a time, the order is exact.
 */
#ifndef IOMMUFD_MODEL_OBSERVE_H
#define IOMMUFD_MODEL_OBSERVE_H

#include <iommufd_model/explore.h>
#include <iommufd_model/graph.h>
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/notes.h>
#include <iommufd_model/record.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** The kinds of events of which a callback of the observer is told. */
enum iommufd_model_event_kind {
	/** one or more references are taken, or a new value is set */
	IOMMUFD_MODEL_EVENT_TAKE,
	IOMMUFD_MODEL_EVENT_DROP,	/**< one or more are dropped */
	IOMMUFD_MODEL_EVENT_REFUSED,	/**< inc_not_zero found zero */
	IOMMUFD_MODEL_EVENT_BUSY,	/**< dec_if_one found more than one */
	IOMMUFD_MODEL_EVENT_NOTE,	/**< a note of <iommufd_model/notes.h> */
};

/**
 * One change, in words.  Strings are valid during the call only.
 */
struct iommufd_model_event {
	enum iommufd_model_event_kind kind;	/**< what it is */
	/** enum iommufd_model_note, of a note: one of the model's */
	int note;
	long param;		/**< the note's parameter */
	const void *addr;	/**< of the object or the context */
	const char *object;	/**< "ioas 1", "ctx"; "?": not known */
	/** "users", "wait_cnt"; of a context "references" */
	const char *counter;
	/** value of the counter before; not in iommufd_model_holders() */
	long before;
	long after;		/**< and after it */
	/**
	 * Who takes or drops the reference: "the id table", "access 2", "the
	 * running ioctl", "the caller".  For a busy object and in
	 * iommufd_model_holders() it is who holds the reference, which may be "a
	 * thread, in FUNCTION".
	 */
	const char *holder;
	bool by_thread;		/**< it is a thread */
	const struct iommufd_model_site *site;	/**< where; valid for ever */
};

/**
 * A callback of the observer.  It is called with the observer's mutex held, so
 * only one callback runs at a time.  Calls of the model by the callback are not
 * observed, and a call of the observer by the callback deadlocks.
 * @param event what happened
 * @param data as given with the callback
 */
typedef void (*iommufd_model_event_fn)(const struct iommufd_model_event *event,
				       void *data);

/**
 * Starts the observer.
 * @param fn called for every event; may be NULL
 * @param data for @p fn
 * @return 0; -EBUSY: an observer is running; -ENOMEM
 */
IOMMUFD_MODEL_API int iommufd_model_observe_start(iommufd_model_event_fn fn,
						  void *data);

/**
 * Stops the observer, which forgets everything; a record that it has written
 * stays.  The call has no effect if no observer runs.
 */
IOMMUFD_MODEL_API void iommufd_model_observe_stop(void);

/**
 * Calls @p fn for each reference to a context, or to an object in either of its
 * counters.  event->counter, event->holder and event->site are the counter, the
 * holder, and the call site that took the reference.
 * @param addr of the object or the context
 * @param fn may be NULL
 * @param data for @p fn
 * @return number of references; -ENOENT: @p addr is not known
 */
IOMMUFD_MODEL_API int iommufd_model_holders(const void *addr,
					    iommufd_model_event_fn fn,
					    void *data);

/**
 * Checks whether the known references to every object add up to its counters.
 * No other thread may call the model meanwhile.
 * @return number of counters for which they do not; 0 if nobody observes
 */
IOMMUFD_MODEL_API unsigned int iommufd_model_unbalanced(void);

/**
 * Gives the position of the object or context at @p addr in the order of
 * destruction.  If several had this address, the last one counts.  The observer
 * remembers the last 65,536 destroys.
 * @param addr of an object or a context; it may be dangling
 * @return 1 for the first one destroyed since the start, and so on; 0: not
 */
IOMMUFD_MODEL_API unsigned int iommufd_model_released(const void *addr);

/** What can become of a context. */
enum iommufd_model_fate {
	IOMMUFD_MODEL_RELEASED,		/**< it is gone */
	IOMMUFD_MODEL_RELEASABLE,	/**< its holders can drop it */
	IOMMUFD_MODEL_NEVER_RELEASED,	/**< its holder waits for it */
};

/**
 * Tells whether a context can still be released.  It never can if its
 * descriptor is closed and one of its references belongs to an object that only
 * the release of this context would destroy.  Rule: R-ACC-18, design A.
 * @param ictx may be dangling
 * @param buf gets "ctx -> queue 2 -> access 3 -> ctx" if never, who holds it if
 *	it can be, else nothing
 * @param size of @p buf in bytes; may be 0
 * @return what becomes of it
 */
IOMMUFD_MODEL_API enum iommufd_model_fate
iommufd_model_fate(const struct iommufd_ctx *ictx, char *buf, size_t size);

/**
 * Returns the ownership graph of the current state.
 * @return a graph, the caller's own, to be given back by
 *	iommufd_model_graph_free(); NULL: nobody observes, or there is or was no
 *	memory for it
 */
IOMMUFD_MODEL_API struct iommufd_model_graph *iommufd_model_graph_now(void);

/**
 * Starts to write a record, whose old contents are deleted.
 * @param record stays the caller's, who keeps it until the observer has stopped
 *	or records elsewhere; NULL: stop recording
 * @return 0; -EINVAL: nobody observes; -EBUSY: a context is open already, of
 *	which the record would not know how it came about
 */
IOMMUFD_MODEL_API int
iommufd_model_record_start(struct iommufd_model_record *record);

/** @name With the explorer
 * @{ */

/**
 * For the option @p observe of the explorer: observes the execution that will be
 * reported, and adds to its record who holds what.  An observer that runs is
 * stopped.
 * @param record of the execution
 */
IOMMUFD_MODEL_API void
iommufd_model_observe_execution(struct iommufd_model_record *record);

/**
 * For the option @p explain of the explorer: can a context never be released?
 * @param leaked is left allocated
 * @param text gets "ctx -> queue 2 -> access 3 -> ctx" if so
 * @param size of @p text in bytes
 * @return true if it can never be released
 */
IOMMUFD_MODEL_API bool iommufd_model_explain_leak(const void *leaked,
						  char *text, size_t size);

/**
 * Explores a test with the observer: what iommufd_model_explore_observed() calls.
 * @param test     the test
 * @param options  its options; NULL: the defaults
 * @param result   what came of it; may be NULL
 * @param size     the size of the struct that the caller was compiled with
 * @return as of iommufd_model_explore()
 */
IOMMUFD_MODEL_API int iommufd_model_explore_observed_sized(
	const struct iommufd_model_test *test,
	const struct iommufd_model_explore_options *options,
	struct iommufd_model_explore_result *result, size_t size);

/**
 * Explores a test, with the observer to explain a failure.  An observer that runs
 * is stopped.
 * @param test     as of iommufd_model_explore()
 * @param options  may be NULL; @p observe and @p explain are set here, unless
 *   they are set already
 * @param result   may be NULL
 * @return as of iommufd_model_explore()
 */
static inline int iommufd_model_explore_observed(
	const struct iommufd_model_test *test,
	const struct iommufd_model_explore_options *options,
	struct iommufd_model_explore_result *result)
{
	return iommufd_model_explore_observed_sized(test, options, result,
						    sizeof(*result));
}
/** @} */

IOMMUFD_MODEL_END_DECLS

#endif
