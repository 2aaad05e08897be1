// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A schedule as text.
 *
 *	a3b5a		three steps of the first thread, five of the second,
 *			one of the first; then default choices: the thread
 *			that runs goes on as long as it can, and then the
 *			first one that can
 *	A		the step of the first thread after an operation whose
 *			call site is known as that of a last one (ending.c)
 *	b=2		one step of the second thread, which chooses the value 2
 *			(choice.c); a step chooses 0 if there is no "="
 *	-		default choices only
 *	+fail2		the second allocation of the threads fails
 *	+plain		operations on the same counter conflict, and there are
 *			no steps after operations
 *	+watched	all code is watched: there are no steps after operations
 *	+marked		volatile accesses are steps (marked.c)
 *	+loops2		the schedule was found when two call sites in loops
 *			that wait were known; a replay learns them first
 *			(spin_learn.c)
 *	+spurious	sleeps end for no reason where the schedule says so
 *	@0123456789ab.14	the fingerprint: of the test, of the listed
 *			steps, and of the first 14 steps (fingerprint.c)
 *
 * A schedule that was written by hand has no fingerprint, and is not checked.
 */
#include "internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *explore_schedule_text(const struct search *s, const u16 *choices, int nr,
			    int loops, const struct fingerprint *fingerprint)
{
	/* A step that chooses a value takes a letter, "=" and three digits. */
	char *text = malloc((size_t)nr * 5 + 120), *end = text;
	int i, n;

	if (!text)
		return NULL;
	for (i = 0; i < nr; i += n) {
		for (n = 1; i + n < nr && choices[i + n] == choices[i] &&
			    !CHOICE_VALUE(choices[i]);
		     n++)
			;
		*end++ = (char)((choices[i] & CHOICE_ENDS ? 'A' : 'a') +
				CHOICE_THREAD(choices[i]));
		if (CHOICE_VALUE(choices[i]))
			end += sprintf(end, "=%d", CHOICE_VALUE(choices[i]));
		if (n > 1)
			end += sprintf(end, "%d", n);
	}
	if (!nr)
		*end++ = '-';
	*end = 0;
	if (s->opt.fail_nth)
		end += sprintf(end, "+fail%u", s->opt.fail_nth);
	if (s->opt.plain)
		end += sprintf(end, "+plain");
	if (s->sees_all)
		end += sprintf(end, "+watched");
	if (s->marked)
		end += sprintf(end, "+marked");
	if (loops)
		end += sprintf(end, "+loops%d", loops);
	if (s->opt.spurious)
		end += sprintf(end, "+spurious");
	sprintf(end, "@%04x%04x%04x.%d", fingerprint->test, fingerprint->given,
		fingerprint->all, fingerprint->nr);
	return text;
}

static int bad(struct search *search, const char *text, const char *at,
	       const char *what)
{
	snprintf(search->error, sizeof(search->error),
		 "schedule \"%.40s\", column %d: expected %s", text,
		 (int)(at - text) + 1, what);
	return -EINVAL;
}

/*
 * Parse a fingerprint such as "0123456789ab.14".  Returns what follows it, or
 * NULL if there is none.
 */
static const char *parse_fingerprint(struct fingerprint *fingerprint,
				     const char *text)
{
	unsigned int nr;
	int n = 0;

	if (strspn(text, "0123456789abcdef") != 12 ||
	    sscanf(text, "%4hx%4hx%4hx.%5u%n", &fingerprint->test,
		   &fingerprint->given, &fingerprint->all, &nr, &n) != 4 ||
	    !n || nr > MAX_STEPS)
		return NULL;
	fingerprint->nr = (int)nr;
	return text + n;
}

/*
 * Add @n equal choices to the schedule.  Returns false if there are too many.
 */
static bool add_given(struct search *search, int choice, unsigned long n)
{
	if (n > (unsigned long)(MAX_STEPS - search->nr_given))
		return false;
	while (n--)
		search->given[search->nr_given++] = (u16)choice;
	return true;
}

/* Return what follows the number at @pos; NULL if there is none up to @max. */
static const char *parse_number(const char *pos, unsigned long max,
				unsigned long *n)
{
	char *end;

	if (*pos < '0' || *pos > '9')
		return NULL;
	*n = strtoul(pos, &end, 10);
	return *n <= max ? end : NULL;
}

/* Parse the choices in *@at, and set *@at to what follows them. */
static int parse_choices(struct search *search, const char *text,
			 const char **at)
{
	const char *pos = *at, *end;
	unsigned long n;
	int choice;

	for (;; pos = end) {
		if (*pos >= 'a' && *pos < 'a' + MAX_THREADS)
			choice = *pos - 'a';
		else if (*pos >= 'A' && *pos < 'A' + MAX_THREADS)
			choice = (*pos - 'A') | CHOICE_ENDS;
		else
			break;
		n = 1;
		end = pos + 1;
		if (*end >= '0' && *end <= '9') {
			end = parse_number(end, MAX_STEPS, &n);
			if (!end || !n)
				return bad(search, text, pos + 1,
					   "a number of steps up to 32000");
		} else if (*end == '=') {
			end = parse_number(pos + 2,
					   IOMMUFD_MODEL_MAX_CHOICES - 1, &n);
			if (!end)
				return bad(search, text, pos + 2,
					   "a value up to 255");
			choice |= (int)n << 8;
			n = 1;
		}
		if (!add_given(search, choice, n))
			return bad(search, text, pos, "at most 32000 steps");
	}
	*at = pos;
	return 0;
}

int explore_schedule_parse(struct search *search, const char *text)
{
	const char *pos = text;
	unsigned long n;
	const char *end;
	int rc;

	search->nr_given = 0;
	search->sees_all = false;
	if (*pos == '-')
		pos++;
	rc = parse_choices(search, text, &pos);
	if (rc)
		return rc;
	if (!strncmp(pos, "+fail", 5)) {
		end = parse_number(pos + 5, 1000000, &n);
		if (!end)
			return bad(search, text, pos + 5, "a number");
		search->opt.fail_nth = (unsigned int)n;
		pos = end;
	}
	if (!strncmp(pos, "+plain", 6)) {
		search->opt.plain = true;
		pos += 6;
	}
	if (!strncmp(pos, "+watched", 8)) {
		search->sees_all = true;
		pos += 8;
	}
	if (!strncmp(pos, "+marked", 7)) {
		search->marked = search->marked_learnt = true;
		pos += 7;
	}
	if (!strncmp(pos, "+loops", 6)) {
		end = parse_number(pos + 6, MAX_LOOPS, &n);
		if (!end)
			return bad(search, text, pos + 6, "a number");
		search->given_loops = (int)n;
		pos = end;
	}
	if (!strncmp(pos, "+spurious", 9)) {
		search->opt.spurious = MAX_STEPS;
		pos += 9;
	}
	if (*pos == '@') {
		end = parse_fingerprint(&search->claimed, pos + 1);
		if (!end)
			return bad(search, text, pos + 1, "a fingerprint");
		search->claims = true;
		search->given_steps = search->claimed.nr;
		pos = end;
	}
	if (*pos && *pos != '\n')
		return bad(search, text, pos, "a thread, a to p");
	return 0;
}
