/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The observer: who holds whom, with which counter, taken where.
 *
 * Started before the context is opened, it follows every unit of users and
 * wait_cnt of every object, and every reference to a context's file.  A unit
 * belongs to
 *
 *	the id table, or the descriptor	the first unit of each counter
 *	another object			that was being built or destroyed on
 *					this thread, or was acting for itself
 *	a thread			else: a running ioctl, a driver
 *
 * One observer at a time.  Start and stop it while no other thread is inside
 * the model.
 */
#ifndef IOMMUFD_MODEL_OBSERVE_H
#define IOMMUFD_MODEL_OBSERVE_H

#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/notes.h>

IOMMUFD_MODEL_BEGIN_DECLS

enum iommufd_model_event_kind {
	IOMMUFD_MODEL_EVENT_TAKE,	/* a unit more */
	IOMMUFD_MODEL_EVENT_DROP,	/* a unit less */
	IOMMUFD_MODEL_EVENT_REFUSED,	/* inc_not_zero found zero */
	IOMMUFD_MODEL_EVENT_BUSY,	/* dec_if_one found more than one */
	IOMMUFD_MODEL_EVENT_NOTE,	/* @note of <iommufd_model/notes.h> */
};

/*
 * struct iommufd_model_event - one change, in words
 * @object: "ioas 1", "ctx"
 * @counter: "users", "wait_cnt", for a context "references"
 * @holder: who took or dropped the unit: "the id table", "access 2",
 *	"the running ioctl", "the caller"; of a busy object and in
 *	iommufd_model_holders(), whose unit it is: also "a thread, in FUNCTION"
 * @by_thread: @holder is a thread
 * @note, @param: of a note
 *
 * Strings are valid during the call only.
 */
struct iommufd_model_event {
	enum iommufd_model_event_kind kind;
	int note;
	long param;
	const void *addr;
	const char *object;
	const char *counter;
	long before;
	long after;
	const char *holder;
	bool by_thread;
	const struct iommufd_model_site *site;
};

typedef void (*iommufd_model_event_fn)(const struct iommufd_model_event *event,
				       void *data);

/*
 * iommufd_model_observe_start(fn, data): observe; @fn, if not NULL, is called
 * for every event, one at a time, and must not call the model.  -EBUSY: an
 * observer is running.
 */
IOMMUFD_MODEL_API int iommufd_model_observe_start(iommufd_model_event_fn fn,
						  void *data);

/* iommufd_model_observe_stop(): stop and forget. */
IOMMUFD_MODEL_API void iommufd_model_observe_stop(void);

/*
 * iommufd_model_holders(addr, fn, data): call @fn for each unit of both
 * counters of the object at @addr, or of the references to the ctx at @addr:
 * event->counter, ->holder and ->site say which, by whom and taken where.
 * Returns the number of units, -ENOENT if @addr is not known.
 */
IOMMUFD_MODEL_API int iommufd_model_holders(const void *addr,
					    iommufd_model_event_fn fn,
					    void *data);

/*
 * iommufd_model_unbalanced(): do the known units of every object add up to
 * its counters?  Number of counters for which they do not.  No other thread
 * may be inside the model.
 */
IOMMUFD_MODEL_API unsigned int iommufd_model_unbalanced(void);

/*
 * iommufd_model_released(addr): when was what lived at @addr destroyed: 1 for
 * the first one since the start, and so on; 0: not.  @addr, of an object or a
 * ctx, may be dangling; of several that lived there the last one counts.
 */
IOMMUFD_MODEL_API unsigned int iommufd_model_released(const void *addr);

enum iommufd_model_fate {
	IOMMUFD_MODEL_RELEASED,		/* it is gone */
	IOMMUFD_MODEL_RELEASABLE,	/* somebody can still let go */
	IOMMUFD_MODEL_NEVER_RELEASED,	/* who holds it waits for it */
};

/*
 * iommufd_model_fate(ictx, buf, size): can the context still be released?
 * Never, if its descriptor is closed and each reference left belongs to an
 * object that only the release of this context would destroy.  @buf then gets
 * "ctx -> queue 2 -> access 3 -> ctx"; for a releasable one, who holds it; @buf
 * is empty otherwise.
 */
IOMMUFD_MODEL_API enum iommufd_model_fate
iommufd_model_fate(const struct iommufd_ctx *ictx, char *buf, size_t size);

/*
 * iommufd_model_explain_leak(leaked, text, size): what the explorer's option
 * @explain wants.  With NULL: observe from now on.  Else: can a context never be
 * released?  Then true, and @text is as of iommufd_model_fate().
 */
IOMMUFD_MODEL_API bool iommufd_model_explain_leak(const void *leaked,
						  char *text, size_t size);

IOMMUFD_MODEL_END_DECLS

#endif
