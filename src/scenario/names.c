// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Names: "$q".
 *
 * Each thread has its own values for all of them, so that no thread can see
 * what another one binds.  A text that looks as if one could is an error:
 *
 *	bound		used
 *	in the setup	anywhere
 *	by a thread	by that thread, and after the join
 *
 * and no two threads may bind the same one, as it would have two values after
 * the join.  A thread may well bind what the setup has bound.  That the other
 * threads then still see the old value is what they would see if they were
 * functions with variables of their own.
 */
#include "internal.h"
#include <search.h>
#include <stdlib.h>
#include <string.h>

#define NO_THREAD (-1)

/*
 * struct name
 * @in_setup: it is bound there
 * @binder: the thread that binds it, NO_THREAD
 * @users: bit set of the threads that have used it when neither the setup nor
 *	they themselves had bound it
 */
struct name {
	const char *text;
	size_t len;
	unsigned int index;
	bool in_setup;
	int binder;
	unsigned int users;
};

static int compare_names(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->text, y->text, x->len);
}

/* The name @token, a new one if it was not seen before; NULL: no memory. */
static struct name *find_name(struct scenario *s, const struct token *token)
{
	struct name key = {
		.text = token->text, .len = token->len, .binder = NO_THREAD,
	};
	struct name **found = tfind(&key, &s->names, compare_names);
	struct name *name;

	if (found)
		return *found;
	name = malloc(sizeof(*name));
	if (!name)
		return NULL;
	*name = key;
	name->index = s->nr_names;
	if (!tsearch(name, &s->names, compare_names)) {
		free(name);
		return NULL;
	}
	s->nr_names++;
	return name;
}

void names_free(struct scenario *s)
{
	struct name *name;

	while (s->names) {
		name = *(struct name **)s->names;
		tdelete(name, &s->names, compare_names);
		free(name);
	}
}

/* Letters, digits and "_" after a "$". */
bool name_is(const struct token *token)
{
	size_t i;

	if (token->len < 2 || token->text[0] != '$')
		return false;
	for (i = 1; i < token->len; i++)
		if (!memchr("abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789",
			    token->text[i], 63))
			return false;
	return true;
}

static bool name_use(struct scenario *s, struct lexer *lexer,
		     const struct token *token, struct name *name)
{
	if (lexer->thread == IN_SETUP || lexer->thread == IN_AFTER ||
	    name->in_setup || name->binder == lexer->thread)
		return true;
	if (name->binder != NO_THREAD)
		return lex_error(lexer, token->column, "name " TOKEN_FMT
				 " is bound by thread \"%s\"; expected one "
				 "that the setup or this thread binds",
				 TOKEN_ARGS(token),
				 s->threads[name->binder].name);
	name->users |= 1u << lexer->thread;
	return true;
}

static bool name_bind(struct scenario *s, struct lexer *lexer,
		      const struct token *token, struct name *name)
{
	unsigned int others;

	if (lexer->thread == IN_SETUP)
		name->in_setup = true;
	if (lexer->thread == IN_SETUP || lexer->thread == IN_AFTER)
		return true;
	if (name->binder != NO_THREAD && name->binder != lexer->thread)
		return lex_error(lexer, token->column, "name " TOKEN_FMT
				 " is bound by thread \"%s\" too; expected "
				 "another one", TOKEN_ARGS(token),
				 s->threads[name->binder].name);
	others = name->users & ~(1u << lexer->thread);
	if (others)
		return lex_error(lexer, token->column, "name " TOKEN_FMT
				 " is used by thread \"%s\", which cannot see "
				 "it; expected another one", TOKEN_ARGS(token),
				 s->threads[__builtin_ctz(others)].name);
	name->binder = lexer->thread;
	return true;
}

unsigned int name_parse(struct scenario *s, struct lexer *lexer,
			const struct token *token, bool binds)
{
	struct name *name;

	if (!name_is(token)) {
		lex_error(lexer, token->column, "bad name " TOKEN_FMT
			  "; expected $ and letters, digits or _",
			  TOKEN_ARGS(token));
		return NO_NAME;
	}
	name = find_name(s, token);
	if (!name) {
		lex_error(lexer, token->column, "out of memory");
		return NO_NAME;
	}
	if (!(binds ? name_bind : name_use)(s, lexer, token, name))
		return NO_NAME;
	return name->index;
}
