// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The narrator keeps the events of one step and then prints a line for each.
 *
 * Every system call holds a reference to its file while it runs.  Those are not
 * told, and the references that are told do not count them.
 *
 * Lines are indented by what they are part of: the destroy of an object, a pass
 * of a release.
 */
#include "narrate.h"
#include <stdlib.h>
#include <string.h>

#define WORD 40

struct heard {
	enum iommufd_model_event_kind kind;
	int note;
	long param, before, after;
	char object[WORD], counter[WORD], holder[WORD];
	bool by_thread;
	bool hidden;		/* a system call's reference to its file */
	const struct iommufd_model_site *site;
};

struct narrator {
	FILE *out;
	struct heard *heard;
	size_t len, room;
	bool cut;
	int depth;		/* of the destroys and passes we are in */
	bool releasing;
};

struct narrator *narrator_create(FILE *out)
{
	struct narrator *narrator = calloc(1, sizeof(*narrator));

	if (narrator)
		narrator->out = out;
	return narrator;
}

void narrator_free(struct narrator *narrator)
{
	if (!narrator)
		return;
	free(narrator->heard);
	free(narrator);
}

static void set_word(char *word, const char *text)
{
	snprintf(word, WORD, "%s", text ? text : "");
}

void narrator_hear(const struct iommufd_model_event *event, void *data)
{
	struct narrator *narrator = data;
	struct heard *heard;

	if (narrator->len == narrator->room) {
		size_t room = narrator->room * 2 + 64;

		heard = realloc(narrator->heard, room * sizeof(*heard));
		if (!heard) {
			narrator->cut = true;
			return;
		}
		narrator->heard = heard;
		narrator->room = room;
	}
	heard = &narrator->heard[narrator->len++];
	memset(heard, 0, sizeof(*heard));
	heard->kind = event->kind;
	heard->note = event->note;
	heard->param = event->param;
	heard->before = event->before;
	heard->after = event->after;
	set_word(heard->object, event->object);
	set_word(heard->counter, event->counter);
	set_word(heard->holder, event->holder);
	heard->by_thread = event->by_thread;
	heard->site = event->site;
}

/* Find the references that a thread takes and drops within the step. */
static void hide_pairs(struct narrator *narrator)
{
	struct heard *take, *drop, *end = narrator->heard + narrator->len;

	for (take = narrator->heard; take < end; take++) {
		if (take->kind != IOMMUFD_MODEL_EVENT_TAKE ||
		    !take->by_thread || strcmp(take->counter, "references"))
			continue;
		for (drop = take + 1; drop < end; drop++) {
			if (drop->kind != IOMMUFD_MODEL_EVENT_DROP ||
			    drop->hidden || !drop->by_thread ||
			    strcmp(drop->object, take->object) ||
			    strcmp(drop->counter, take->counter))
				continue;
			take->hidden = true;
			drop->hidden = true;
			break;
		}
	}
}

/* How many hidden references to the same context there are at @heard. */
static long hidden_now(const struct narrator *narrator,
		       const struct heard *heard)
{
	const struct heard *h;
	long n = 0;

	for (h = narrator->heard; h < heard; h++)
		if (h->hidden && !strcmp(h->object, heard->object))
			n += h->kind == IOMMUFD_MODEL_EVENT_TAKE ? 1 : -1;
	return n;
}

static void indent(struct narrator *narrator)
{
	fprintf(narrator->out, "%*s", 6 + 2 * narrator->depth, "");
}

static void tell_counter(struct narrator *narrator, const struct heard *heard)
{
	bool take = heard->kind == IOMMUFD_MODEL_EVENT_TAKE;
	long hidden = 0;

	if (heard->hidden)
		return;
	if (!strcmp(heard->counter, "references"))
		hidden = hidden_now(narrator, heard);
	indent(narrator);
	fprintf(narrator->out, "%s: %s %ld -> %ld, %s by %s  [%s, %s:%d]\n",
		heard->object, heard->counter, heard->before - hidden,
		heard->after - hidden, take ? "taken" : "dropped",
		heard->holder, heard->site->func, heard->site->file,
		heard->site->line);
}

static void tell_busy(struct narrator *narrator, const struct heard *heard)
{
	indent(narrator);
	fprintf(narrator->out, "%s: %s is %ld, held by %s: %s\n", heard->object,
		heard->counter, heard->before, heard->holder,
		narrator->releasing ? "left for a later pass" :
				      "not destroyed");
}

static void tell_note(struct narrator *narrator, const struct heard *heard)
{
	const char *says = iommufd_model_note_text(heard->note);
	bool begins = heard->note == IOMMUFD_MODEL_NOTE_DESTROY;
	bool ends = heard->note == IOMMUFD_MODEL_NOTE_DESTROYED;

	if (heard->note == IOMMUFD_MODEL_NOTE_RELEASE)
		narrator->releasing = true;
	if (heard->note == IOMMUFD_MODEL_NOTE_RELEASED) {
		narrator->releasing = false;
		narrator->depth = 0;
	}
	if (heard->note == IOMMUFD_MODEL_NOTE_PASS) {
		narrator->depth = 0;
		indent(narrator);
		fprintf(narrator->out, "pass %ld\n", heard->param);
		narrator->depth = 1;
	} else if (heard->note == IOMMUFD_MODEL_NOTE_STUCK) {
		indent(narrator);
		fprintf(narrator->out, "%s is left over: users %ld\n",
			heard->object, heard->param);
	} else if (says) {
		indent(narrator);
		fprintf(narrator->out, "%s %s\n", heard->object, says);
	}
	if (begins)
		narrator->depth++;
	if (ends && narrator->depth)
		narrator->depth--;
}

bool narrator_has_news(const struct narrator *narrator)
{
	return narrator->len || narrator->cut;
}

int narrator_tell(struct narrator *narrator)
{
	bool cut = narrator->cut;
	struct heard *heard;
	size_t i;

	hide_pairs(narrator);
	for (i = 0; i < narrator->len; i++) {
		heard = &narrator->heard[i];
		switch (heard->kind) {
		case IOMMUFD_MODEL_EVENT_TAKE:
		case IOMMUFD_MODEL_EVENT_DROP:
			tell_counter(narrator, heard);
			break;
		case IOMMUFD_MODEL_EVENT_REFUSED:
		case IOMMUFD_MODEL_EVENT_BUSY:
			tell_busy(narrator, heard);
			break;
		case IOMMUFD_MODEL_EVENT_NOTE:
			tell_note(narrator, heard);
			break;
		}
	}
	if (cut)
		fprintf(narrator->out, "      (out of memory: cut)\n");
	narrator->len = 0;
	narrator->depth = 0;
	narrator->cut = false;
	return cut ? -ENOMEM : 0;
}
