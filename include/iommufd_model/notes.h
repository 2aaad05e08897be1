/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file notes.h
 * What is announced at the gate beside the operations themselves, by
 * iommufd_model_note(number, addr, param).  In struct iommufd_model_op, which
 * hooks see, op->arg is the number, op->addr and op->before are as said here.
 */
#ifndef IOMMUFD_MODEL_NOTES_H
#define IOMMUFD_MODEL_NOTES_H

/** Numbers of notes, and what goes with each: address; parameter. */
enum iommufd_model_note {
	IOMMUFD_MODEL_NOTE_OPEN = 1,	/**< ctx; its struct file */
	IOMMUFD_MODEL_NOTE_IOCTL,	/**< ctx; request number, begins */
	IOMMUFD_MODEL_NOTE_IOCTL_END,	/**< ctx; result */

	IOMMUFD_MODEL_NOTE_ALLOC,	/**< object, reserved; its ctx */
	IOMMUFD_MODEL_NOTE_FINALIZE,	/**< object, published */
	IOMMUFD_MODEL_NOTE_ABORT,	/**< object; its undo begins */
	IOMMUFD_MODEL_NOTE_ABORTED,	/**< object; about to be freed */
	IOMMUFD_MODEL_NOTE_DESTROY,	/**< object, out of the table; begins */
	IOMMUFD_MODEL_NOTE_DESTROYED,	/**< object; about to be freed */

	/** what follows it does itself: object; or a file, and its name */
	IOMMUFD_MODEL_NOTE_ACT,
	IOMMUFD_MODEL_NOTE_ACT_END,	/**< object or file */

	/** gives back what it got by iommufd_get_object(): object */
	IOMMUFD_MODEL_NOTE_PUT,

	IOMMUFD_MODEL_NOTE_RELEASE,	/**< ctx; begins */
	IOMMUFD_MODEL_NOTE_PASS,	/**< ctx; number of the pass, from 1 */
	IOMMUFD_MODEL_NOTE_STUCK,	/**< object that a last pass left; users */
	IOMMUFD_MODEL_NOTE_RELEASED,	/**< ctx; about to be freed */

	/* of whoever runs threads or steps, not of the model */
	/** name of this thread, or NULL; its number */
	IOMMUFD_MODEL_NOTE_THREAD,
	IOMMUFD_MODEL_NOTE_STEP,	/**< what begins here, in words; a line */
	/** what came of it, in words or NULL; a number */
	IOMMUFD_MODEL_NOTE_STEP_END,
	IOMMUFD_MODEL_NOTE_THREAD_END,	/**< NULL; its number */
};

#endif
