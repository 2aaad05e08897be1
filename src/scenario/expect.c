// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Expect lines, which give the results that the operation in the previous line
 * may have.
 *
 *	expect RESULT ... [FIELD=VALUE[|VALUE...] ...]
 *
 *	destroy $ioas
 *	expect 0 -EBUSY
 *	unmap $ioas all
 *	expect 0 len=4K|8K
 *
 * The result of the operation must be one of the RESULTs, each of which is a
 * number or an errno; it counts as a field called ret.  A field that the result
 * does not have is ignored if the operation failed, and is 0 if it succeeded.
 */
#include "internal.h"
#include <string.h>

#define USAGE "expect RESULT ... [FIELD=VALUE[|VALUE...] ...]"

/* The functions below parse. */

/*
 * struct reader - an expect line that is being read
 * @line: the previous line, to which the expect line refers
 * @expect: the field in progress; without choices if there is none
 * @first: index of the first expectation of this line
 * @fields: a FIELD= was read
 */
struct reader {
	struct scenario *s;
	struct lexer *lexer;
	struct line *line;
	struct expect expect;
	unsigned int first;
	bool fields;
};

/*
 * Tell whether @field matches @shown, in which "wN" stands for "w12" and so on.
 */
static bool is_shown(const struct token *field, const struct symbol *shown)
{
	size_t len = strlen(shown->text) - 1;
	struct token rest;
	u64 number;

	if (shown->text[len] != 'N')
		return token_is(field, shown->text);
	if (field->len <= len || memcmp(field->text, shown->text, len))
		return false;
	rest = token_part(field, len, field->len);
	return number_parse(&rest, &number);
}

/*
 * Find the kind of @field.  Returns false if the operation has no such field.
 */
static bool find_field(const struct op *op, const struct token *field,
		       bool *is_text)
{
	const struct symbol *shown;
	const struct out *out;

	*is_text = false;
	if (token_is(field, "ret"))
		return true;
	if (op->uapi && (token_is(field, "mod") || token_is(field, "tailmod")))
		return true;
	for (out = op->outs; out && out->name; out++)
		if (out->format != OUT_HIDDEN && token_is(field, out->name))
			return true;
	for (shown = op->shows; shown && shown->text; shown++) {
		*is_text = shown->value == SHOWN_TEXT;
		if (is_shown(field, shown))
			return true;
	}
	return false;
}

static bool field_error(const struct reader *reader, const struct token *field)
{
	const struct op *op = reader->line->op;
	const struct symbol *shown;
	const struct out *out;
	struct text fields = { .at = NULL };

	text_add(&fields, "ret");
	for (out = op->outs; out && out->name; out++)
		if (out->format != OUT_HIDDEN)
			text_add(&fields, ", %s", out->name);
	for (shown = op->shows; shown && shown->text; shown++)
		text_add(&fields, ", %s", shown->text);
	if (op->uapi)
		text_add(&fields, ", mod, tailmod");
	lex_error(reader->lexer, field->column, "unknown field " TOKEN_FMT
		  " of %s; expected %s", TOKEN_ARGS(field), op->name,
		  text_of(&fields));
	text_free(&fields);
	return false;
}

/* Parse a result such as "0" or "-EBUSY". */
static bool parse_result(struct reader *reader, const struct token *token,
			 struct value *value)
{
	bool minus = token->len > 1 && token->text[0] == '-';
	struct token rest = token_part(token, minus, token->len);
	int error = minus ? errno_number(&rest) : 0;

	memset(value, 0, sizeof(*value));
	value->number = (u64)error;
	if (!error && (!number_parse(&rest, &value->number) ||
		       value->number > INT_MAX))
		return lex_error(reader->lexer, token->column, "bad RESULT "
				 TOKEN_FMT "; expected a number or an errno, "
				 "such as 0 or -EBUSY", TOKEN_ARGS(token));
	if (minus)
		value->number = -value->number;
	return true;
}

static bool is_ret(const struct expect *expect)
{
	const struct token field = {
		.text = expect->field, .len = expect->field_len,
	};

	return token_is(&field, "ret");
}

static bool parse_choice(struct reader *reader, const struct token *token)
{
	static const struct param param = { .name = "VALUE" };
	struct choice *choices, choice = {
		.text = token->text, .len = token->len,
	};
	struct scenario *s = reader->s;
	bool good = true;

	if (is_ret(&reader->expect))
		good = parse_result(reader, token, &choice.value);
	else if (!reader->expect.is_text)
		good = value_parse(s, reader->lexer, token, &param,
				   &choice.value);
	if (!good)
		return false;
	choices = scenario_grow(s->choices, s->nr_choices, sizeof(*choices));
	if (!choices)
		return lex_error(reader->lexer, token->column, "out of memory");
	s->choices = choices;
	choices[s->nr_choices++] = choice;
	reader->expect.nr_choices++;
	return true;
}

/* Parse choices such as "0|1". */
static bool parse_choices(struct reader *reader, struct token rest)
{
	struct token choice;
	const char *bar;
	size_t len;

	do {
		bar = memchr(rest.text, '|', rest.len);
		len = bar ? (size_t)(bar - rest.text) : rest.len;
		choice = token_part(&rest, 0, len);
		if (!parse_choice(reader, &choice))
			return false;
		if (bar)
			rest = token_part(&rest, len + 1, rest.len);
	} while (bar);
	return true;
}

static bool begin_field(struct reader *reader, const struct token *field)
{
	const struct expect *before;
	struct scenario *s = reader->s;
	unsigned int i;

	for (i = reader->first; i < s->nr_expects; i++) {
		before = &s->expects[i];
		if (before->field_len == field->len &&
		    !memcmp(before->field, field->text, field->len))
			return lex_error(reader->lexer, field->column, TOKEN_FMT
					 " is given twice; expected it once",
					 TOKEN_ARGS(field));
	}
	reader->expect.field = field->text;
	reader->expect.field_len = field->len;
	reader->expect.first_choice = s->nr_choices;
	return find_field(reader->line->op, field, &reader->expect.is_text) ||
	       field_error(reader, field);
}

/*
 * End the field in progress, if there is one, because its choices are complete.
 */
static bool end_field(struct reader *reader)
{
	struct scenario *s = reader->s;
	struct expect *expects;

	if (!reader->expect.nr_choices)
		return true;
	expects = scenario_grow(s->expects, s->nr_expects, sizeof(*expects));
	if (!expects)
		return lex_error(reader->lexer, 1, "out of memory");
	s->expects = expects;
	expects[s->nr_expects++] = reader->expect;
	reader->expect.nr_choices = 0;
	return true;
}

static bool parse_item(struct reader *reader, const struct token *token)
{
	static const struct token ret = { .text = "ret", .len = 3 };
	const char *equals = memchr(token->text, '=', token->len);
	struct token field;
	size_t len;

	if (equals) {
		len = (size_t)(equals - token->text);
		field = token_part(token, 0, len);
		reader->fields = true;
		return end_field(reader) && begin_field(reader, &field) &&
		       parse_choices(reader,
				     token_part(token, len + 1, token->len));
	}
	if (reader->fields)
		return lex_error(reader->lexer, token->column, "unexpected "
				 TOKEN_FMT "; expected " USAGE,
				 TOKEN_ARGS(token));
	if (!reader->expect.nr_choices && !begin_field(reader, &ret))
		return false;
	return parse_choices(reader, *token);
}

/* Attach the expectations of a complete line to the previous line. */
static bool end_expect(struct reader *reader, char *text, const char *end)
{
	struct scenario *s = reader->s;
	struct line *line = reader->line;
	unsigned int i;

	if (!end_field(reader))
		return false;
	/* Cut off the comment, which is not needed any more. */
	text[end - text] = 0;
	if (!line->nr_expects)
		line->first_expect = reader->first;
	for (i = reader->first; i < s->nr_expects; i++) {
		s->expects[i].text = text;
		line->nr_expects++;
		line->expects_fields |= !is_ret(&s->expects[i]);
	}
	return true;
}

bool expect_parse(struct scenario *s, struct lexer *lexer, struct line *line)
{
	struct reader reader = {
		.s = s, .lexer = lexer, .line = line, .first = s->nr_expects,
		.expect.line = lexer->line,
	};
	unsigned int column = lex_column(lexer);
	const char *text = NULL, *end = NULL;
	struct token token;
	enum lex lex;

	while ((lex = lex_token(lexer, &token)) == LEX_TOKEN) {
		if (!parse_item(&reader, &token))
			return false;
		if (!text)
			text = token.text;
		end = token.text + token.len;
	}
	if (lex == LEX_BAD)
		return false;
	if (!text)
		return lex_error(lexer, column, "missing \"RESULT\"; expected "
				 USAGE);
	return end_expect(&reader, s->text + (text - s->text), end);
}

/* The functions below compare. */

/*
 * Find the value of the field of @expect in " len=0x1000".  Returns false if it
 * is not there.
 */
static bool find_shown(const struct text *fields, const struct expect *expect,
		       struct token *shown)
{
	const char *at = fields->at, *end;

	while ((at = strchr(at, ' '))) {
		at++;
		if (!strncmp(at, expect->field, expect->field_len) &&
		    at[expect->field_len] == '=')
			break;
	}
	if (!at)
		return false;
	shown->text = at + expect->field_len + 1;
	end = strchr(shown->text, ' ');
	shown->len = end ? (size_t)(end - shown->text) : strlen(shown->text);
	return true;
}

static bool has_choice(const struct run *run, const struct expect *expect,
		       u64 number)
{
	const struct choice *choice =
		run->scenario->choices + expect->first_choice;
	unsigned int i;

	for (i = 0; i < expect->nr_choices; i++)
		if (value_of(run, &choice[i].value) == number)
			return true;
	return false;
}

static bool has_text_choice(const struct run *run, const struct expect *expect,
			    const struct token *shown)
{
	const struct choice *choice =
		run->scenario->choices + expect->first_choice;
	unsigned int i;

	for (i = 0; i < expect->nr_choices; i++)
		if (choice[i].len == shown->len &&
		    !memcmp(choice[i].text, shown->text, shown->len))
			return true;
	return false;
}

static bool is_met(const struct run *run, const struct expect *expect, int ret)
{
	struct token shown = { .text = "", .len = 0 };
	u64 number = 0;

	if (is_ret(expect))
		return has_choice(run, expect, (u64)ret);
	if (!find_shown(run->fields, expect, &shown) && ret < 0)
		return true;
	if (expect->is_text)
		return has_text_choice(run, expect, &shown);
	if (shown.len && !number_parse(&shown, &number))
		return false;
	return has_choice(run, expect, number);
}

const struct expect *expect_failed(const struct run *run,
				   const struct line *line, int ret)
{
	const struct expect *expect =
		run->scenario->expects + line->first_expect;
	unsigned int i;

	for (i = 0; i < line->nr_expects; i++)
		if (!is_met(run, &expect[i], ret))
			return &expect[i];
	return NULL;
}

void expect_describe(const struct run *run, const struct line *line,
		     const struct expect *expect, int ret, struct text *text)
{
	text_add(text, "%s of line %u: got ", line->op->name, line->number);
	result_print(text, ret, run->fields->at);
	text_add(text, ", expected %s", expect->text);
}
