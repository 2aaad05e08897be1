// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Values such as "0x1000", "4K", "$q+1", "U64MAX+-1" and "p:0x800".
 *
 * A value is a sum modulo 2^64.  The terms that are known when it is parsed are
 * added up then; the values of names are added when the line runs.
 */
#include "internal.h"
#include <string.h>

static const struct symbol constants[] = {
	{ "U64MAX", UINT64_MAX },
	{ "U32MAX", UINT32_MAX },
	{ NULL, 0 },
};

/* The functions below parse. */

/* TERM_REPORTED means that the error has been recorded already. */
enum term_error {
	TERM_GOOD, TERM_BAD, TERM_TOO_BIG, TERM_NO_MEMORY, TERM_REPORTED,
};

/* Return the value of the digit @c, or @base if it is not one. */
static unsigned int digit(char c, unsigned int base)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *found = memchr(digits, c, sizeof(digits) - 1);
	unsigned int d = found ? (unsigned int)(found - digits) % 16 : base;

	return d < base ? d : base;
}

static unsigned int shift_of(char suffix)
{
	switch (suffix) {
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	default:
		return 0;
	}
}

/*
 * Parse a decimal number, or 0x and a hexadecimal one, which K, M or G may
 * follow.
 */
static enum term_error parse_number(const struct token *token, u64 *number)
{
	unsigned int base = 10, shift = shift_of(token->text[token->len - 1]);
	size_t i = 0, len = token->len - (shift ? 1 : 0);
	bool too_big = false;

	if (len > 2 && token->text[0] == '0' && token->text[1] == 'x') {
		base = 16;
		i = 2;
	}
	if (i == len)
		return TERM_BAD;
	for (*number = 0; i < len; i++) {
		unsigned int d = digit(token->text[i], base);

		if (d == base)
			return TERM_BAD;
		too_big |= __builtin_mul_overflow(*number, base, number);
		too_big |= __builtin_add_overflow(*number, d, number);
	}
	too_big |= __builtin_mul_overflow(*number, (u64)1 << shift, number);
	return too_big ? TERM_TOO_BIG : TERM_GOOD;
}

bool number_parse(const struct token *token, u64 *number)
{
	return token->len && parse_number(token, number) == TERM_GOOD;
}

static enum term_error parse_name_term(struct scenario *s, struct lexer *lexer,
				       const struct token *token, bool minus,
				       struct value *value)
{
	struct term *terms;
	unsigned int name;

	if (!name_is(token))
		return TERM_BAD;
	name = name_parse(s, lexer, token, false);
	if (name == NO_NAME)
		return TERM_REPORTED;
	terms = scenario_grow(s->terms, s->nr_terms, sizeof(*terms));
	if (!terms)
		return TERM_NO_MEMORY;
	s->terms = terms;
	terms[s->nr_terms].name = name;
	terms[s->nr_terms++].minus = minus;
	value->nr_terms++;
	return TERM_GOOD;
}

static const struct symbol *find_symbol(const struct symbol *symbols,
					const struct token *token)
{
	for (; symbols && symbols->text; symbols++)
		if (token_is(token, symbols->text))
			return symbols;
	return NULL;
}

/* Parse one term of a sum, which may have a "-" before it. */
static enum term_error parse_term(struct scenario *s, struct lexer *lexer,
				  const struct token *token,
				  const struct param *param,
				  struct value *value)
{
	bool minus = token->len > 1 && token->text[0] == '-';
	struct token rest = token_part(token, minus, token->len);
	const struct symbol *constant;
	enum term_error error;
	u64 number;

	if (!rest.len)
		return TERM_BAD;
	if (rest.text[0] == '$')
		return param->kind == PARAM_LITERAL ? TERM_BAD :
		       parse_name_term(s, lexer, &rest, minus, value);
	constant = find_symbol(constants, &rest);
	if (constant) {
		number = constant->value;
	} else {
		number = area_base(&rest, &s->areas);
		if (!number) {
			error = parse_number(&rest, &number);
			if (error)
				return error;
		}
	}
	value->number += minus ? -number : number;
	return TERM_GOOD;
}

/* Write "get, set or " into @buf. */
static void list_symbols(char *buf, size_t size, const struct symbol *symbols)
{
	size_t len = 0;

	buf[0] = 0;
	for (; symbols && symbols->text && len < size; symbols++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s",
					symbols->text,
					symbols[1].text ? ", " : " or ");
}

static bool value_error(struct lexer *lexer, const struct token *token,
			const struct param *param, enum term_error error)
{
	static const char number[] = "a number (0x for hex; K, M, G after it)";
	char symbols[80];

	if (error == TERM_REPORTED)
		return false;
	if (error == TERM_NO_MEMORY)
		return lex_error(lexer, token->column, "out of memory");
	if (error == TERM_TOO_BIG)
		return lex_error(lexer, token->column, "%s " TOKEN_FMT
				 " is too big; expected at most 64 bits",
				 param->name, TOKEN_ARGS(token));
	list_symbols(symbols, sizeof(symbols), param->symbols);
	if (param->kind == PARAM_SYMBOL)
		return lex_error(lexer, token->column,
				 "bad %s " TOKEN_FMT "; expected %.*s",
				 param->name, TOKEN_ARGS(token),
				 (int)strlen(symbols) - 4, symbols);
	if (param->kind == PARAM_LITERAL)
		return lex_error(lexer, token->column, "bad %s " TOKEN_FMT
				 "; expected a number from %llu to %llu",
				 param->name, TOKEN_ARGS(token), param->min,
				 param->max);
	return lex_error(lexer, token->column,
			 "bad %s " TOKEN_FMT
			 "; expected %s%s, $name, U64MAX, U32MAX, HUGE, PLAIN "
			 "or RO, joined by +%s",
			 param->name, TOKEN_ARGS(token), symbols, number,
			 param->kind == PARAM_ADDR ?
				 ", after p:, ro:, abs: or nothing" :
				 "");
}

/*
 * Remove the prefix of an address.  Without a prefix it is an offset in HUGE.
 */
static u64 take_prefix(struct scenario *s, struct token *token)
{
	static const struct {
		const char *prefix, *area;
	} prefixes[] = {
		{ "p:", "PLAIN" }, { "ro:", "RO" }, { "abs:", "" },
		{ "", "HUGE" },
	};
	struct token area = { .len = 0 };
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(prefixes) && !area.text; i++) {
		len = strlen(prefixes[i].prefix);
		if (token->len < len ||
		    memcmp(token->text, prefixes[i].prefix, len))
			continue;
		*token = token_part(token, len, token->len);
		area.text = prefixes[i].area;
		area.len = strlen(area.text);
	}
	return area_base(&area, &s->areas);
}

bool value_parse(struct scenario *s, struct lexer *lexer,
		 const struct token *token, const struct param *param,
		 struct value *value)
{
	const struct symbol *symbol = find_symbol(param->symbols, token);
	struct token rest = *token, term;
	const char *plus;
	enum term_error error;

	memset(value, 0, sizeof(*value));
	value->first_term = s->nr_terms;
	if (symbol) {
		value->number = symbol->value;
		value->symbolic = true;
		return true;
	}
	if (param->kind == PARAM_SYMBOL)
		return value_error(lexer, token, param, TERM_BAD);
	if (param->kind == PARAM_ADDR)
		value->number = take_prefix(s, &rest);
	do {
		plus = rest.len ? memchr(rest.text, '+', rest.len) : NULL;
		term = token_part(&rest, 0, plus ? (size_t)(plus - rest.text) :
						   rest.len);
		error = parse_term(s, lexer, &term, param, value);
		if (error)
			return value_error(lexer, term.len ? &term : token,
					   param, error);
		if (plus)
			rest = token_part(&rest, term.len + 1, rest.len);
	} while (plus);
	if (param->kind == PARAM_LITERAL &&
	    (value->number < param->min || value->number > param->max))
		return value_error(lexer, token, param, TERM_BAD);
	if (param->kind == PARAM_ADDR && !value->nr_terms)
		area_note(value->number, &s->areas);
	return true;
}

/* The functions below evaluate. */

u64 value_of(const struct run *run, const struct value *value)
{
	const struct term *term = run->scenario->terms + value->first_term;
	u64 sum = value->number;
	unsigned int i;

	for (i = 0; i < value->nr_terms; i++, term++)
		sum += term->minus ? -run->names[term->name] :
				     run->names[term->name];
	return sum;
}

unsigned int value_name(const struct scenario *s, const struct value *value)
{
	const struct term *term = s->terms + value->first_term;

	if (value->number || value->nr_terms != 1 || term->minus)
		return NO_NAME;
	return term->name;
}
