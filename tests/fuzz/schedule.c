// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Fuzz target: a schedule as text.
 *
 * A text is a schedule, or there is a message with a column in the text.  A
 * schedule that is printed and parsed again is the same schedule.
 */
#include "fuzz.h"
#include "internal.h"
#include <stdlib.h>
#include <string.h>

static struct search *first, *second;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_quiet();
	first = calloc(1, sizeof(*first));
	second = calloc(1, sizeof(*second));
	fuzz_assert(first && second);
	return 0;
}

/* Forget what an earlier text has set. */
static void clear(struct search *s)
{
	memset(&s->opt, 0, sizeof(s->opt));
	memset(&s->claimed, 0, sizeof(s->claimed));
	s->claims = false;
	s->nr_given = s->given_loops = 0;
	s->marked = s->sees_all = false;
	*s->error = 0;
}

/* Parse the text; false after checking the message. */
static bool parse(struct search *s, const char *text)
{
	size_t len = strlen(text), shown = len < 40 ? len : 40;
	long column;
	int rc;

	clear(s);
	rc = explore_schedule_parse(s, text);
	fuzz_assert(s->nr_given >= 0 && s->nr_given <= MAX_STEPS);
	if (!rc) {
		fuzz_assert(!*s->error);
		return true;
	}
	fuzz_assert(rc == -EINVAL && *s->error);
	/* schedule "TEXT", column N: ... */
	column = atol(s->error + strlen("schedule \"\", column ") + shown);
	fuzz_assert(column >= 1 && column <= (long)len + 1);
	return false;
}

static void check_same(const struct search *a, const struct search *b)
{
	fuzz_assert(a->nr_given == b->nr_given);
	fuzz_assert(!memcmp(a->given, b->given,
			    (size_t)a->nr_given * sizeof(a->given[0])));
	fuzz_assert(a->opt.fail_nth == b->opt.fail_nth);
	fuzz_assert(a->opt.plain == b->opt.plain);
	fuzz_assert(!a->opt.spurious == !b->opt.spurious);
	fuzz_assert(a->sees_all == b->sees_all);
	fuzz_assert(a->marked == b->marked);
	fuzz_assert(a->given_loops == b->given_loops);
	fuzz_assert(!memcmp(&a->claimed, &b->claimed, sizeof(a->claimed)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *again;

	if (parse(first, text)) {
		again = explore_schedule_text(first, first->given,
					      first->nr_given,
					      first->given_loops,
					      &first->claimed);
		fuzz_assert(again);
		if (!parse(second, again))
			fuzz_fail("\"%s\": %s", again, second->error);
		check_same(first, second);
		free(again);
	}
	free(text);
	return 0;
}
