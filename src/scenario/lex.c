// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tokens and error messages.
 *
 * A token is a run of printable ASCII.  Blanks separate tokens, "#" begins a
 * comment, which may contain any byte.  A token points into the text and may
 * have any length.
 */
#include "internal.h"
#include <stdarg.h>
#include <string.h>

bool lex_error(struct lexer *lexer, unsigned int column, const char *fmt, ...)
{
	struct scenario_errors *errors = lexer->errors;
	struct scenario_error *error;
	va_list args;

	if (errors->count == SCENARIO_MAX_ERRORS) {
		errors->more = true;
		return false;
	}
	error = &errors->at[errors->count++];
	error->line = lexer->line;
	error->column = column;
	va_start(args, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, args);
	va_end(args);
	return false;
}

unsigned int lex_column(const struct lexer *lexer)
{
	return (unsigned int)(lexer->at - lexer->start) + 1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

enum lex lex_token(struct lexer *lexer, struct token *token)
{
	while (lexer->at < lexer->end && is_blank(*lexer->at))
		lexer->at++;
	if (lexer->at == lexer->end || *lexer->at == '#')
		return LEX_END;

	token->text = lexer->at;
	token->column = lex_column(lexer);
	for (; lexer->at < lexer->end; lexer->at++) {
		unsigned char c = (unsigned char)*lexer->at;

		if (is_blank(*lexer->at) || c == '#')
			break;
		if (c <= ' ' || c > '~') {
			lex_error(lexer, lex_column(lexer), "bad character "
				  "0x%02x; expected printable ASCII", c);
			return LEX_BAD;
		}
	}
	token->len = (size_t)(lexer->at - token->text);
	return LEX_TOKEN;
}

bool token_is(const struct token *token, const char *text)
{
	return token->len == strlen(text) &&
	       !memcmp(token->text, text, token->len);
}

bool token_is_word(const struct token *token, size_t from, const char *more)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t i;

	for (i = from; i < token->len; i++)
		if (!memchr(letters, token->text[i], sizeof(letters) - 1) &&
		    !strchr(more, token->text[i]))
			return false;
	return true;
}

struct token token_part(const struct token *token, size_t skip, size_t len)
{
	struct token part = {
		.text = token->text + skip,
		.len = token->len - skip,
		.column = token->column + (unsigned int)skip,
	};

	if (len < part.len)
		part.len = len;
	return part;
}
