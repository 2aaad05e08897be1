/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file observe.h
 * The observer: who holds whom, with which counter, taken where.
 *
 * Started before the context is opened, it follows every unit of users and
 * wait_cnt of every object, and every reference to a context's file.  A unit
 * belongs to
 *
 *	the id table, or the descriptor	the first unit of each counter
 *	another object			that was being built or destroyed on
 *					this thread, or was acting for itself
 *	a file				of an event queue, that acts
 *	a thread			else: a running ioctl, a driver
 *
 * Beside the present it can keep a recording: the last events, from which the
 * graph of each moment can be had, and pages and drawings be made:
 *
 *	recording = iommufd_model_recording_create(0);
 *	iommufd_model_observe_start(NULL, NULL);
 *	iommufd_model_record(recording);
 *	...
 *	iommufd_model_observe_stop();
 *	iommufd_model_film_write(recording, IOMMUFD_MODEL_FILM_HTML, &film, to);
 *	iommufd_model_recording_free(recording);
 *
 * One observer at a time.  Start and stop it while no other thread is inside
 * the model.  What else is said of an object, a context or a recording may be
 * asked from any thread, also while others are inside the model and are being
 * recorded, except where it says not; it holds a mutex of the observer while it
 * runs, and nothing here blocks on the model's locks.
 *
 * An operation is heard after it was done.  So with threads of the system
 * events come in an order that may differ a little from that of the operations;
 * a counter may then stand beside its event->before, and is right when all is
 * quiet.  In the explorer, where one thread runs at a time, the order is exact.
 */
#ifndef IOMMUFD_MODEL_OBSERVE_H
#define IOMMUFD_MODEL_OBSERVE_H

#include <iommufd_model/graph.h>
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/notes.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** What a callback of the observer is told about. */
enum iommufd_model_event_kind {
	/**
	 * a unit more; or a new value is set; or more than 1,024 units come at
	 * once, which are not told apart
	 */
	IOMMUFD_MODEL_EVENT_TAKE,
	IOMMUFD_MODEL_EVENT_DROP,	/**< a unit less, or more than 1,024 */
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
	 * Who took or dropped the unit: "the id table", "access 2", "the running
	 * ioctl", "the caller"; of a busy object and in iommufd_model_holders()
	 * whose unit it is: also "a thread, in FUNCTION".
	 */
	const char *holder;
	bool by_thread;		/**< it is a thread */
	const struct iommufd_model_site *site;	/**< where; valid for ever */
};

/**
 * A callback of the observer.  One at a time, with the observer's mutex held:
 * what it calls of the model is not seen, and what it calls of the observer
 * waits for ever.
 * @param event what happened
 * @param data as given with the callback
 */
typedef void (*iommufd_model_event_fn)(const struct iommufd_model_event *event,
				       void *data);

/**
 * What a note says of its object, "is published".
 * @param note enum iommufd_model_note
 * @return static; NULL: of this note nothing is told
 */
IOMMUFD_MODEL_API const char *iommufd_model_note_text(int note);

/**
 * Observe from now on.
 * @param fn called for every event; may be NULL
 * @param data for @p fn
 * @return 0; -EBUSY: an observer is running; -ENOMEM
 */
IOMMUFD_MODEL_API int iommufd_model_observe_start(iommufd_model_event_fn fn,
						  void *data);

/**
 * Stop, and forget all but a recording.  No effect if nobody observes.
 */
IOMMUFD_MODEL_API void iommufd_model_observe_stop(void);

/**
 * Who holds this object?  Calls @p fn for each unit of both counters of an
 * object, or of the references to a context: event->counter, ->holder and
 * ->site say which, by whom and taken where.
 * @param addr of the object or the context
 * @param fn may be NULL
 * @param data for @p fn
 * @return number of units; -ENOENT: @p addr is not known
 */
IOMMUFD_MODEL_API int iommufd_model_holders(const void *addr,
					    iommufd_model_event_fn fn,
					    void *data);

/**
 * Do the known units of every object add up to its counters?  No other thread
 * may be inside the model.
 * @return number of counters for which they do not; 0 if nobody observes
 */
IOMMUFD_MODEL_API unsigned int iommufd_model_unbalanced(void);

/**
 * When was what lived at @p addr destroyed?  Of several that lived there the
 * last one counts.  The last 65,536 are known.
 * @param addr of an object or a context; it may be dangling
 * @return 1 for the first one destroyed since the start, and so on; 0: not
 */
IOMMUFD_MODEL_API unsigned int iommufd_model_released(const void *addr);

/** What can become of a context. */
enum iommufd_model_fate {
	IOMMUFD_MODEL_RELEASED,		/**< it is gone */
	IOMMUFD_MODEL_RELEASABLE,	/**< somebody can still let go */
	IOMMUFD_MODEL_NEVER_RELEASED,	/**< who holds it waits for it */
};

/**
 * Can the context still be released?  Never, if its descriptor is closed and a
 * reference belongs to an object that only the release of this context would
 * destroy.  Rule: R-ACC-18, design A.
 * @param ictx may be dangling
 * @param buf gets "ctx -> queue 2 -> access 3 -> ctx" if never, who holds it if
 *	it can be, else nothing
 * @param size of @p buf in bytes; may be 0
 * @return what becomes of it
 */
IOMMUFD_MODEL_API enum iommufd_model_fate
iommufd_model_fate(const struct iommufd_ctx *ictx, char *buf, size_t size);

/**
 * The ownership graph of the present.
 * @return a graph, the caller's own, to be given back by
 *	iommufd_model_graph_free(); NULL: nobody observes, or there is or was no
 *	memory for it
 */
IOMMUFD_MODEL_API struct iommufd_model_graph *iommufd_model_graph_now(void);

/** @name Recordings
 * @{ */

/** The last events of a run; opaque. */
struct iommufd_model_recording;

/** How many events a recording keeps unless told otherwise: 3.7 MB. */
#define IOMMUFD_MODEL_RECORDING_EVENTS 65536

/**
 * Make an empty recording.  Its memory, 56 bytes an event and 0.3 MB, is shared
 * with processes forked later, so that what a child did can be told when it has
 * died; of all these one at a time may record.  Older events are overwritten,
 * and what they left is kept, in the process that recorded them.
 * @param events that it keeps; 0: IOMMUFD_MODEL_RECORDING_EVENTS
 * @return the caller's own, to be given back by iommufd_model_recording_free();
 *	NULL without memory
 */
IOMMUFD_MODEL_API struct iommufd_model_recording *
iommufd_model_recording_create(unsigned int events);

/**
 * Give a recording back.  Nobody may be recording to it.
 * @param recording may be NULL
 */
IOMMUFD_MODEL_API void
iommufd_model_recording_free(struct iommufd_model_recording *recording);

/**
 * Record from now on.  What was in the recording is forgotten.
 * @param recording stays the caller's, who keeps it until the observer has
 *	stopped, or records elsewhere; NULL: stop recording
 * @return 0; -EINVAL: nobody observes; -ENOMEM: nothing is recorded now
 */
IOMMUFD_MODEL_API int
iommufd_model_record(struct iommufd_model_recording *recording);

/**
 * How far a recording is.
 * @param recording one
 * @param first NULL, or gets the number of the oldest event that is left
 * @return number of events since the recording began; they count from 0
 */
IOMMUFD_MODEL_API unsigned long
iommufd_model_recorded(const struct iommufd_model_recording *recording,
		       unsigned long *first);

/**
 * The ownership graph of a moment that is recorded.
 * @param recording one; this process may be recording to it, another not
 * @param event the moment is before this event; one that is beyond the end
 *	stands for the end, one that is overwritten for the oldest that is left
 * @return as of iommufd_model_graph_now()
 */
IOMMUFD_MODEL_API struct iommufd_model_graph *
iommufd_model_graph_at(struct iommufd_model_recording *recording,
		       unsigned long event);

struct iommufd_model_explore_result;

/** What a recording can be written as. */
enum iommufd_model_film_format {
	IOMMUFD_MODEL_FILM_HTML,	/**< one page, with all it needs */
	IOMMUFD_MODEL_FILM_TRACE,	/**< Chrome trace JSON, for Perfetto */
	IOMMUFD_MODEL_FILM_JSON,	/**< what the page is given */
	IOMMUFD_MODEL_FILM_TEXT,	/**< a column per thread */
};

/** What to say about a recording. */
struct iommufd_model_film {
	const char *title;	/**< what ran; may be NULL */
	const char *intro;	/**< a sentence or two; may be NULL */
	/** of the exploration or replay that was recorded; NULL: it was a run */
	const struct iommufd_model_explore_result *result;
};

/**
 * Write a recording down.  Objects are placed by Graphviz if it is installed,
 * see iommufd_model_graph_write().
 * @param recording nobody may be recording to it
 * @param format how
 * @param film what to say about it; NULL: nothing
 * @param to where to; on an error it may have got a part
 * @return 0; -ENOMEM; -EIO: @p to has an error
 */
IOMMUFD_MODEL_API int
iommufd_model_film_write(struct iommufd_model_recording *recording,
			 enum iommufd_model_film_format format,
			 const struct iommufd_model_film *film, FILE *to);

/**
 * Write a recording down to a file, as iommufd_model_film_write() does.  A file
 * that is there is replaced when the new one is complete, and only if it is
 * empty or has been written here: what anybody else wrote stays as it is, unless
 * the environment has IOMMUFD_MODEL_OVERWRITE=1.  Devices, pipes and /dev/stdout
 * are written to as they are.
 * @param recording nobody may be recording to it
 * @param format how
 * @param film what to say about it; may be NULL
 * @param path of the file, which is made or replaced
 * @return 0 or a negative errno, with the old file unchanged: -EEXIST: somebody
 *	else's file is there; -EBUSY: standard output or standard error goes
 *	there; that of opening or closing it; as of iommufd_model_film_write()
 */
IOMMUFD_MODEL_API int
iommufd_model_film_save(struct iommufd_model_recording *recording,
			enum iommufd_model_film_format format,
			const struct iommufd_model_film *film,
			const char *path);
/** @} */

/** @name With the explorer
 * @{ */

/**
 * What the explorer's option @p explain wants: observes the execution that will
 * be told.  No observer may run when the exploration begins.
 * @param leaked NULL: an execution begins, observe from now on.  Else: can a
 *	context never be released?
 * @param text gets "ctx -> queue 2 -> access 3 -> ctx" if so
 * @param size of @p text in bytes
 * @return true if it can never be released
 */
IOMMUFD_MODEL_API bool iommufd_model_explain_leak(const void *leaked,
						  char *text, size_t size);

/**
 * Where iommufd_model_explain_leak() records what it observes.
 * @param recording stays the caller's; NULL: nowhere
 */
IOMMUFD_MODEL_API void
iommufd_model_explain_to(struct iommufd_model_recording *recording);

struct iommufd_model_test;
struct iommufd_model_explore_options;

/**
 * Explore a test, with the observer to explain a failure and to draw it: the
 * page of the execution that is handed back goes to the file options->html, its
 * Chrome trace to options->trace, or to those that the environment variables
 * IOMMUFD_MODEL_EXPLORE_HTML and IOMMUFD_MODEL_EXPLORE_TRACE name.  A replay is
 * drawn if it does not fail, too; of an exploration without a failure there is
 * nothing to draw.  A file that cannot be written, or must not (see
 * iommufd_model_film_save()), is complained of on standard error and changes
 * nothing else.  An observer that runs is stopped.
 * @param test as of iommufd_model_explore()
 * @param options may be NULL; @p explain is set here unless it is: one of your
 *	own has to call iommufd_model_explain_leak() for anything to be drawn
 * @param result may be NULL
 * @return as of iommufd_model_explore()
 */
IOMMUFD_MODEL_API int iommufd_model_explore_observed(
	const struct iommufd_model_test *test,
	const struct iommufd_model_explore_options *options,
	struct iommufd_model_explore_result *result);
/** @} */

IOMMUFD_MODEL_END_DECLS

#endif
