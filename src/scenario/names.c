// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Names: "$q".
 *
 * A name must be bound by an earlier line, so that a typing error is found when
 * the text is parsed.  Each thread has its own values for all names and cannot
 * see what another thread binds:
 *
 *	bound		may be used
 *	in the setup	anywhere
 *	by a thread	by that thread, and after the join
 *
 * No two threads may bind the same name, because it would have two values after
 * the join.  A thread may bind a name that the setup has bound; the other
 * threads then still see the old value, as if each thread were a function with
 * variables of its own.
 *
 * In the language of recorded scenarios a name that no line binds is 0.
 */
#include "internal.h"
#include <search.h>
#include <stdlib.h>
#include <string.h>

#define NO_THREAD (-1)

/*
 * struct name
 * @in_setup: the setup binds it
 * @in_after: a line after the join binds it
 * @binder: the thread that binds it, or NO_THREAD
 */
struct name {
	const char *text;
	size_t len;
	unsigned int index;
	bool in_setup, in_after;
	int binder;
};

static int compare_names(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->text, y->text, x->len);
}

/*
 * Return the name @token, which is created if it is new; NULL if memory is
 * short.
 */
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

/* A name is a "$" and letters, digits and "_". */
bool name_is(const struct token *token)
{
	return token->len > 1 && token->text[0] == '$' &&
	       token_is_word(token, 1, "_");
}

static bool name_use(struct scenario *s, struct lexer *lexer,
		     const struct token *token, struct name *name)
{
	if (name->in_setup || name->in_after)
		return true;
	if (name->binder == NO_THREAD && s->recorded)
		return true;
	if (name->binder == NO_THREAD)
		return lex_error(lexer, token->column, "name " TOKEN_FMT
				 " is not bound; expected one that an earlier "
				 "line binds after \"->\", or a number",
				 TOKEN_ARGS(token));
	if (lexer->thread == name->binder || lexer->thread == IN_AFTER)
		return true;
	return lex_error(lexer, token->column, "name " TOKEN_FMT
			 " is bound by thread \"%s\"; expected one that the "
			 "setup or this thread binds", TOKEN_ARGS(token),
			 s->threads[name->binder].name);
}

static bool name_bind(struct scenario *s, struct lexer *lexer,
		      const struct token *token, struct name *name)
{
	if (lexer->thread == IN_SETUP) {
		name->in_setup = true;
	} else if (lexer->thread == IN_AFTER) {
		name->in_after = true;
	} else if (name->binder == NO_THREAD) {
		name->binder = lexer->thread;
	} else if (name->binder != lexer->thread) {
		return lex_error(lexer, token->column, "name " TOKEN_FMT
				 " is bound by thread \"%s\" too; expected "
				 "another name", TOKEN_ARGS(token),
				 s->threads[name->binder].name);
	}
	return true;
}

/* "$memfd" is always known; its index is MEMFD_NAME. */
bool names_init(struct scenario *s)
{
	static const struct token memfd = { .text = "$memfd", .len = 6 };
	struct name *name = find_name(s, &memfd);

	if (name)
		name->in_setup = true;
	return name;
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
