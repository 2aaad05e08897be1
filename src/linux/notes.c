// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * See notes.h.
 *
 * The table here has each open context.  It has each object from the
 * reservation of its id until the object is published, and from the removal of
 * its id until its memory is freed.  The entry of a reserved id in the tree's
 * table does not say which object has reserved it.
 *
 * known_lock guards the table.  No operation that passes the gate is done with
 * it held, so no other thread of an exploration runs then.
 */
#include "notes.h"
#include <iommufd_model/notes.h>
#include <linux/iommufd.h>
#include "iommufd/iommufd_private.h"
#include "../kernel/file_call.h"
#include <sched.h>

#define MAX_KNOWN 512u

enum state { FREE, OPEN, RESERVED, UNDONE, DYING };

struct known {
	enum state state;
	const void *addr;
	const struct iommufd_ctx *ictx;
	unsigned long id;
};

static struct known known[MAX_KNOWN];
static unsigned int nr_known;	/* all entries from here on are free */
static int known_lock;

static void lock_known(void)
{
	while (__atomic_exchange_n(&known_lock, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void unlock_known(void)
{
	__atomic_store_n(&known_lock, 0, __ATOMIC_RELEASE);
}

static struct known *find(const void *addr)
{
	unsigned int i;

	for (i = 0; i < nr_known; i++)
		if (known[i].state != FREE && known[i].addr == addr)
			return &known[i];
	return NULL;
}

static struct known *find_reserved(const struct iommufd_ctx *ictx,
				   unsigned long id)
{
	unsigned int i;

	for (i = 0; i < nr_known; i++)
		if (known[i].state == RESERVED && known[i].ictx == ictx &&
		    known[i].id == id)
			return &known[i];
	return NULL;
}

/*
 * Add an entry.  If the table is full, there are no more notes about the
 * object.
 */
static void add(enum state state, const void *addr,
		const struct iommufd_ctx *ictx, unsigned long id)
{
	struct known *new = find(addr);
	unsigned int i = 0;

	if (!new) {
		while (i < nr_known && known[i].state != FREE)
			i++;
		if (i == MAX_KNOWN)
			return;
		nr_known += i == nr_known;
		new = &known[i];
	}
	*new = (struct known){ state, addr, ictx, id };
}

static void forget(struct known *entry)
{
	entry->state = FREE;
	while (nr_known && known[nr_known - 1].state == FREE)
		nr_known--;
}

/* The context of which @xa is the table of objects, or NULL. */
static const struct iommufd_ctx *ctx_of(const struct xarray *xa)
{
	const struct iommufd_ctx *ictx =
		container_of(xa, struct iommufd_ctx, objects);
	const struct known *entry = find(ictx);

	return entry && entry->state == OPEN ? ictx : NULL;
}

static void label(const struct iommufd_object *obj)
{
	static const struct iommufd_model_label labels[IOMMUFD_OBJ_MAX] = {
#define TREE_TYPE(type, name, number) \
	[type] = { name, offsetof(struct iommufd_object, id) },
#include "object_types.h"
#undef TREE_TYPE
	};

	if ((unsigned int)obj->type < IOMMUFD_OBJ_MAX && labels[obj->type].name)
		iommufd_model_label(obj, &labels[obj->type]);
}

void tree_note_open(struct file *file)
{
	static const struct iommufd_model_label ctx_label = { "ctx", 0 };
	const struct iommufd_ctx *ictx = file->private_data;

	lock_known();
	add(OPEN, ictx, ictx, 0);
	unlock_known();
	iommufd_model_label(ictx, &ctx_label);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_OPEN, ictx, file);
}

int tree_note_alloc(struct xarray *xa, const u32 *id, int rc)
{
	const struct iommufd_object *obj =
		container_of(id, struct iommufd_object, id);
	const struct iommufd_ctx *ictx;

	if (rc)
		return rc;
	lock_known();
	ictx = ctx_of(xa);
	if (ictx)
		add(RESERVED, obj, ictx, *id);
	unlock_known();
	if (ictx) {
		label(obj);
		iommufd_model_note(IOMMUFD_MODEL_NOTE_ALLOC, obj, ictx);
	}
	return rc;
}

/*
 * Return the number of the note for a store to the table of @ictx.  *@about is
 * set to the object, or to NULL if the store needs no note.
 */
static int stored(const struct iommufd_ctx *ictx, unsigned long id,
		  const void *old, const void *entry, const void **about)
{
	struct known *reserved = find_reserved(ictx, id);
	bool gone = !entry || entry == XA_ZERO_ENTRY;

	*about = NULL;
	if (reserved && !gone) {
		*about = entry;
		forget(reserved);
		return IOMMUFD_MODEL_NOTE_FINALIZE;
	}
	if (reserved) {
		*about = reserved->addr;
		reserved->state = UNDONE;
		return IOMMUFD_MODEL_NOTE_ABORT;
	}
	if (gone && old && old != XA_ZERO_ENTRY) {
		*about = old;
		add(DYING, old, ictx, id);
	}
	return IOMMUFD_MODEL_NOTE_DESTROY;
}

void *tree_note_store(struct xarray *xa, unsigned long index, void *old,
		      const void *entry)
{
	const struct iommufd_ctx *ictx;
	const void *obj = NULL;
	int note = 0;

	lock_known();
	ictx = ctx_of(xa);
	if (ictx)
		note = stored(ictx, index, old, entry, &obj);
	unlock_known();
	if (obj)
		iommufd_model_note(note, obj, 0);
	return old;
}

const void *tree_note_free(const void *p)
{
	struct known *entry;
	int note = 0;

	lock_known();
	entry = p ? find(p) : NULL;
	if (entry) {
		note = entry->state == OPEN ? IOMMUFD_MODEL_NOTE_RELEASED :
		       entry->state == DYING ? IOMMUFD_MODEL_NOTE_DESTROYED :
					       IOMMUFD_MODEL_NOTE_ABORTED;
		forget(entry);
	}
	unlock_known();
	if (note)
		iommufd_model_note(note, p, 0);
	return p;
}

static bool is_ctx(const void *p)
{
	const struct known *entry;

	lock_known();
	entry = find(p);
	unlock_known();
	return entry && entry->state == OPEN;
}

/*
 * References belong to a file, unless it is that of a context, from its
 * creation until it has a descriptor, and in its release.
 */
static void file_call(struct file *file, enum iommufd_model_file_event event,
		      long arg)
{
	bool ctx = is_ctx(file->private_data);

	switch (event) {
	case IOMMUFD_MODEL_FILE_IOCTL:
		if (ctx)
			iommufd_model_note(IOMMUFD_MODEL_NOTE_IOCTL,
					   file->private_data, arg & 0xff);
		break;
	case IOMMUFD_MODEL_FILE_IOCTL_END:
		if (ctx)
			iommufd_model_note(IOMMUFD_MODEL_NOTE_IOCTL_END,
					   file->private_data, arg);
		break;
	case IOMMUFD_MODEL_FILE_MADE:
		iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, file, file->f_name);
		break;
	case IOMMUFD_MODEL_FILE_RELEASE:
		iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, file, 0);
		if (ctx)
			iommufd_model_note(IOMMUFD_MODEL_NOTE_RELEASE,
					   file->private_data, 0);
		else
			iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, file,
					   file->f_name);
		break;
	case IOMMUFD_MODEL_FILE_INSTALLED:
	case IOMMUFD_MODEL_FILE_RELEASED:
		iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, file, 0);
		break;
	}
}

__attribute__((constructor)) static void hear_of_files(void)
{
	iommufd_model_file_call = file_call;
}
