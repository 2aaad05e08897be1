/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file observe.h The observer: it records who holds each reference, which
 * counter counts it, and at which call site it was taken.
 *
 * Start the observer before the context is opened.  From then on it follows
 * every reference in users and wait_cnt of every object, and every reference to
 * a context's file.  A reference is attributed to one of these holders:
 *
 *	the id table, or the descriptor	the first reference of each counter
 *	another object			if it was being built or destroyed on
 *					this thread, or was acting for itself
 *	a file				of an event queue, that acts
 *	a thread			otherwise: a running ioctl, a driver
 *
 * The observer can also write a record of the run.  The program iommufd-model
 * makes pages and other drawings from a record:
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
 * The observer is told of an operation after it has happened.  With real
 * threads the order of events may therefore differ a little from the order of
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

/** The kinds of events that the observer reports to a callback. */
enum iommufd_model_event_kind {
	/** one or more references are taken, or a new value is set */
	IOMMUFD_MODEL_EVENT_TAKE,
	/** one or more references are dropped */
	IOMMUFD_MODEL_EVENT_DROP,
	/** refcount_inc_not_zero() found zero */
	IOMMUFD_MODEL_EVENT_REFUSED,
	/** refcount_dec_if_one() found more than one reference */
	IOMMUFD_MODEL_EVENT_BUSY,
	IOMMUFD_MODEL_EVENT_NOTE,	/**< a note of <iommufd_model/notes.h> */
};

/** One event.  Its strings are valid only during the call. */
struct iommufd_model_event {
	enum iommufd_model_event_kind kind;	/**< the kind of event */
	/** the note of a NOTE event, an enum iommufd_model_note */
	int note;
	long param;		/**< the parameter of the note */
	const void *addr;	/**< the address of the object or the context */
	/**
	 * the name of the object, such as "ioas 1" or "ctx"; "?" if it is not
	 * known
	 */
	const char *object;
	/**
	 * the name of the counter: "users", "wait_cnt", or "references" of a
	 * context
	 */
	const char *counter;
	/** the old value of the counter; not set by iommufd_model_holders() */
	long before;
	long after;		/**< the new value of the counter */
	/**
	 * The holder that takes or drops the reference: "the id table", "access
	 * 2", "the running ioctl", "the caller".  In a BUSY event and in
	 * iommufd_model_holders() it is the holder that has the reference,
	 * which may also be "a thread, in FUNCTION".
	 */
	const char *holder;
	bool by_thread;		/**< true if the holder is a thread */
	/** the call site; it stays valid for ever */
	const struct iommufd_model_site *site;
};

/**
 * The type of a callback of the observer.  It is called with the observer's
 * mutex held, so that only one callback runs at a time.  If the callback calls
 * the model, that is not observed; if it calls the observer, it deadlocks.
 * @param event the event
 * @param data the argument that was registered with the callback
 */
typedef void (*iommufd_model_event_fn)(const struct iommufd_model_event *event,
				       void *data);

/**
 * Starts the observer.
 * @param fn called for every event; may be NULL
 * @param data the argument of @p fn
 * @return 0; -EBUSY if an observer is running already; -ENOMEM
 */
IOMMUFD_MODEL_API int iommufd_model_observe_start(iommufd_model_event_fn fn,
						  void *data);

/**
 * Stops the observer, which forgets everything; a record that it has written
 * stays.  The call has no effect if no observer runs.
 */
IOMMUFD_MODEL_API void iommufd_model_observe_stop(void);

/**
 * Calls @p fn for each reference to a context, or for each reference to an
 * object in either of its counters.  event->counter, event->holder and
 * event->site are the counter, the holder, and the call site that took the
 * reference.
 * @param addr the address of the object or the context
 * @param fn the function; may be NULL
 * @param data the argument of @p fn
 * @return the number of references; -ENOENT if @p addr is not known
 */
IOMMUFD_MODEL_API int iommufd_model_holders(const void *addr,
					    iommufd_model_event_fn fn,
					    void *data);

/**
 * Checks whether the known references to every object add up to its counters.
 * No other thread may call the model at the same time.
 * @return the number of counters that differ; 0 if no observer runs
 */
IOMMUFD_MODEL_API unsigned int iommufd_model_unbalanced(void);

/**
 * Tells when the object or context at @p addr was destroyed, as a position in
 * the order of destruction.  If several have had this address, the last one
 * counts.  The observer remembers the last 65,536 destroys.
 * @param addr the address of an object or a context; it may be dangling
 * @return 1 for the first object destroyed since the start, and so on; 0 if it
 *   was not destroyed
 */
IOMMUFD_MODEL_API unsigned int iommufd_model_released(const void *addr);

/**
 * The type of a function that is told of a pin.  The strings of the pin are
 * valid only during the call.
 * @param pin  what an access has pinned
 * @param data the argument that was passed with the function
 */
typedef void (*iommufd_model_pin_fn)(const struct iommufd_model_pin *pin,
				     void *data);

/**
 * Calls @p fn for each range that accesses have pinned and not unpinned, the
 * newest first.  Pins that were left when their access was destroyed are among
 * them.
 * @param addr an access, for its pins; another object, for those of the
 *   accesses that hold a reference to it; NULL for all pins
 * @param fn the function; may be NULL
 * @param data the argument of @p fn
 * @return the number of pins; -ENOENT if @p addr is not known, or if no observer
 *   runs
 * @rule R-ACC-5
 */
IOMMUFD_MODEL_API int iommufd_model_pins(const void *addr,
					 iommufd_model_pin_fn fn, void *data);

/** What can still happen to a context. */
enum iommufd_model_fate {
	IOMMUFD_MODEL_RELEASED,		/**< the context has been released */
	/**
	 * the context will be released when its holders drop their references
	 */
	IOMMUFD_MODEL_RELEASABLE,
	/** a holder waits for the release, which therefore never comes */
	IOMMUFD_MODEL_NEVER_RELEASED,
};

/**
 * Tells whether a context can still be released.  It never can if its
 * descriptor is closed and one of its references belongs to an object that only
 * the release of this context would destroy.  Rule: R-ACC-18, design A.
 * @param ictx the context; it may be dangling
 * @param buf gets the cycle, such as "ctx -> queue 2 -> access 3 -> ctx", if
 *   the context can never be released; the holders, if it can be; "" if it has
 *   been released
 * @param size the size of @p buf in bytes; may be 0
 * @return what can still happen to the context
 */
IOMMUFD_MODEL_API enum iommufd_model_fate
iommufd_model_fate(const struct iommufd_ctx *ictx, char *buf, size_t size);

/**
 * Returns the ownership graph of the current state.
 * @return the graph, which the caller must free with
 *   iommufd_model_graph_free(); NULL if no observer runs, or if memory is or
 *   was short
 */
IOMMUFD_MODEL_API struct iommufd_model_graph *iommufd_model_graph_now(void);

/**
 * Starts to write a record and deletes its old contents.
 * @param record the record, which the caller must keep until the observer has
 *   stopped or records elsewhere; NULL stops recording
 * @return 0; -EINVAL if no observer runs; -EBUSY if a context is open already,
 *   because the record would lack its history
 */
IOMMUFD_MODEL_API int
iommufd_model_record_start(struct iommufd_model_record *record);

/** @name With the explorer
 * @{ */

/**
 * Observes the execution that the explorer will report, and adds the holders of
 * references to its record.  It is made for the explorer's option @p observe.
 * If an observer is running, it is stopped.
 * @param record the record of the execution
 */
IOMMUFD_MODEL_API void
iommufd_model_observe_execution(struct iommufd_model_record *record);

/**
 * Tells whether a context can never be released.  It is made for the explorer's
 * option @p explain.
 * @param leaked memory that is still allocated at the end
 * @param text gets the cycle, such as "ctx -> queue 2 -> access 3 -> ctx", if
 *   so
 * @param size the size of @p text in bytes
 * @return true if it can never be released
 */
IOMMUFD_MODEL_API bool iommufd_model_explain_leak(const void *leaked,
						  char *text, size_t size);

/**
 * Explores a test with the observer.  iommufd_model_explore_observed() calls
 * it.
 * @param test     the test
 * @param options  the options; NULL for the defaults
 * @param result   the result; may be NULL
 * @param size     the size of the struct that the caller was compiled with
 * @return the same as iommufd_model_explore()
 */
IOMMUFD_MODEL_API int iommufd_model_explore_observed_sized(
	const struct iommufd_model_test *test,
	const struct iommufd_model_explore_options *options,
	struct iommufd_model_explore_result *result, size_t size);

/**
 * Explores a test, and uses the observer to explain a failure.  If an observer
 * is running, it is stopped.
 * @param test     the test
 * @param options  the options, or NULL; @p observe and @p explain are set here,
 *   unless they are set already
 * @param result   the result; may be NULL
 * @return the same as iommufd_model_explore()
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
