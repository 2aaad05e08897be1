/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file notes.h The notes that the model announces at the gate, besides the
 * operations, by iommufd_model_note(number, addr, param).  A hook gets a note
 * as a struct iommufd_model_op: op->arg is the number, op->addr the address and
 * op->before the parameter.
 */
#ifndef IOMMUFD_MODEL_NOTES_H
#define IOMMUFD_MODEL_NOTES_H

struct iommufd_model_site;

/**
 * The numbers of the notes.  The comments give the address and the parameter.
 */
enum iommufd_model_note {
	/** a ctx was opened; addr: ctx, param: its struct file */
	IOMMUFD_MODEL_NOTE_OPEN = 1,
	/** an ioctl begins; addr: ctx, param: the request number */
	IOMMUFD_MODEL_NOTE_IOCTL,
	/** an ioctl ends; addr: ctx, param: the result */
	IOMMUFD_MODEL_NOTE_IOCTL_END,

	/** an object was allocated; addr: object, param: its ctx */
	IOMMUFD_MODEL_NOTE_ALLOC,
	/** an object was published; addr: object */
	IOMMUFD_MODEL_NOTE_FINALIZE,
	/** the undo of a creation begins; addr: object */
	IOMMUFD_MODEL_NOTE_ABORT,
	/** the undo ends, the memory is about to be freed; addr: object */
	IOMMUFD_MODEL_NOTE_ABORTED,
	/** a destroy begins, the object is out of the table; addr: object */
	IOMMUFD_MODEL_NOTE_DESTROY,
	/** a destroy ends, the memory is about to be freed; addr: object */
	IOMMUFD_MODEL_NOTE_DESTROYED,

	/**
	 * an object or a file acts for itself from now on; addr: object, or
	 * file with its name as param
	 */
	IOMMUFD_MODEL_NOTE_ACT,
	/** an object or a file no longer acts for itself; addr: object or file */
	IOMMUFD_MODEL_NOTE_ACT_END,

	/** the thread drops what iommufd_get_object() returned; addr: object */
	IOMMUFD_MODEL_NOTE_PUT,

	/** the release of a ctx begins; addr: ctx */
	IOMMUFD_MODEL_NOTE_RELEASE,
	/** a pass of the release begins; addr: ctx, param: its number from 1 */
	IOMMUFD_MODEL_NOTE_PASS,
	/**
	 * the last pass could not destroy an object; addr: object, param: users
	 */
	IOMMUFD_MODEL_NOTE_STUCK,
	/** the release ends, the memory is about to be freed; addr: ctx */
	IOMMUFD_MODEL_NOTE_RELEASED,

	/* Code that runs threads or steps announces these, not the model. */
	/** a thread begins; addr: its name or NULL, param: its number */
	IOMMUFD_MODEL_NOTE_THREAD,
	/** a step begins; addr: a text that describes it, param: the line */
	IOMMUFD_MODEL_NOTE_STEP,
	/**
	 * a step ends; addr: a text with its result or NULL, param: a number
	 */
	IOMMUFD_MODEL_NOTE_STEP_END,
	/** a thread ends; addr: NULL, param: its number */
	IOMMUFD_MODEL_NOTE_THREAD_END,

	/*
	 * The functions of an access announce these.  Their call site is that
	 * of the caller.
	 */
	/**
	 * an access has pinned a range; addr: access, param: a struct
	 * iommufd_model_pin
	 */
	IOMMUFD_MODEL_NOTE_PIN,
	/**
	 * an access has unpinned a range; addr: access, param: a struct
	 * iommufd_model_pin
	 */
	IOMMUFD_MODEL_NOTE_UNPIN,
};

/** What an access has pinned. */
struct iommufd_model_pin {
	unsigned long iova;	/**< the first byte */
	unsigned long length;	/**< the length in bytes */
	/**
	 * the name of the access, such as "access 2", which may be destroyed; a
	 * note does not set it
	 */
	const char *access;
	/** the call site that has pinned; a note does not set it */
	const struct iommufd_model_site *site;
};

#endif
