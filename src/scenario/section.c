// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The concurrent part of a scenario: thread and join.
 *
 *	...			the setup, before any thread
 *	thread NAME
 *	...			the lines of a thread
 *	thread NAME
 *	...
 *	join			all threads have ended
 *	...			after the threads
 *
 * There is at most one such part.  Without threads all lines are the setup.
 */
#include "internal.h"
#include <stdlib.h>
#include <string.h>

struct section *section_of(struct scenario *s, const struct lexer *lexer)
{
	if (lexer->thread == IN_SETUP)
		return &s->setup;
	if (lexer->thread == IN_AFTER)
		return &s->after;
	return &s->threads[lexer->thread];
}

/* Lines from here on belong to @thread. */
static void begin_section(struct scenario *s, struct lexer *lexer, int thread)
{
	struct section *section;

	lexer->thread = thread;
	section = section_of(s, lexer);
	section->line = lexer->line;
	section->first_line = s->nr_lines;
}

/* True if the line ends here; else it is an error, and @usage is expected. */
static bool at_end(struct lexer *lexer, const char *usage)
{
	struct token token;

	switch (lex_token(lexer, &token)) {
	case LEX_END:
		return true;
	case LEX_TOKEN:
		lex_error(lexer, token.column, "unexpected " TOKEN_FMT
			  "; expected %s", TOKEN_ARGS(&token), usage);
		return false;
	default:
		return false;
	}
}

static const struct section *find_thread(const struct scenario *s,
					 const struct token *token)
{
	unsigned int i;

	for (i = 0; i < s->nr_threads; i++)
		if (token_is(token, s->threads[i].name))
			return &s->threads[i];
	return NULL;
}

static bool thread_name_parse(const struct scenario *s, struct lexer *lexer,
			      struct token *token)
{
	unsigned int end = lex_column(lexer);

	switch (lex_token(lexer, token)) {
	case LEX_END:
		return lex_error(lexer, end, "missing \"NAME\"; expected "
				 "thread NAME");
	case LEX_BAD:
		return false;
	default:
		break;
	}
	if (!token_is_word(token, 0, "_-"))
		return lex_error(lexer, token->column, "bad NAME " TOKEN_FMT
				 "; expected letters, digits, _ or -",
				 TOKEN_ARGS(token));
	if (find_thread(s, token))
		return lex_error(lexer, token->column, "thread " TOKEN_FMT
				 " exists already; expected another name",
				 TOKEN_ARGS(token));
	return at_end(lexer, "thread NAME");
}

bool thread_parse(struct scenario *s, struct lexer *lexer,
		  const struct token *keyword)
{
	struct section *section;
	struct token token;
	char *name;

	if (lexer->thread == IN_AFTER)
		return lex_error(lexer, keyword->column, "unexpected "
				 TOKEN_FMT "; expected no thread after "
				 "\"join\"", TOKEN_ARGS(keyword));
	if (!thread_name_parse(s, lexer, &token))
		return false;
	if (s->nr_threads == MAX_THREADS)
		return lex_error(lexer, keyword->column, "too many threads at "
				 TOKEN_FMT "; expected at most %d",
				 TOKEN_ARGS(&token), MAX_THREADS);
	name = strndup(token.text, token.len);
	if (!name)
		return lex_error(lexer, token.column, "out of memory");
	section = &s->threads[s->nr_threads];
	section->name = name;
	begin_section(s, lexer, (int)s->nr_threads++);
	return true;
}

bool join_parse(struct scenario *s, struct lexer *lexer,
		const struct token *keyword)
{
	if (lexer->thread == IN_SETUP || lexer->thread == IN_AFTER)
		return lex_error(lexer, keyword->column, "unexpected "
				 TOKEN_FMT "; expected it once, after a "
				 "\"thread\"", TOKEN_ARGS(keyword));
	if (!at_end(lexer, "join"))
		return false;
	begin_section(s, lexer, IN_AFTER);
	return true;
}

void sections_free(struct scenario *s)
{
	unsigned int i;

	for (i = 0; i < s->nr_threads; i++)
		free(s->threads[i].name);
}
