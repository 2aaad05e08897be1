// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Parsing: from text to lines with operations.
 *
 *	OP [POSITIONAL ...] [KEY=VALUE ...] [-> $name ...]	# comment
 *
 * or one of thread, join and expect, which section.c and expect.c parse.
 * The operation's entry says what it takes; no operation is named here.
 * An error ends neither the line nor the text, because a user wants to see all
 * errors at once.  There are two exceptions.  After an unknown operation only
 * the names that the line binds are read, and after a byte that no token may
 * contain the rest of the line is skipped.
 */
#include "internal.h"
#include <stdlib.h>
#include <string.h>

/*
 * struct parser - the text, and the line in progress
 * @before: the kind of the previous line, to which an expect line refers
 * @nr_args: the number of positionals that were read, of which @nr_ranges are
 *	ranges
 * @symbolic: the last positional is a symbol
 * @arrow: "->" was read
 * @end: the column after the last token
 */
struct parser {
	struct scenario *s;
	struct lexer lexer;
	struct line line;
	enum { NO_LINE, GOOD_LINE, BAD_LINE } before;
	unsigned int nr_args, nr_ranges;
	bool symbolic;
	bool arrow;
	unsigned int end;
};

void *scenario_grow(void *array, unsigned int count, size_t size)
{
	if (count & (count - 1) || (count && count < 8))
		return array;
	return realloc(array, (count ? 2 * (size_t)count : 8) * size);
}

/* How an operation is written */

static const struct op *find_op(const struct token *token)
{
	const struct op *op;

	for (op = scenario_ops; op->name; op++)
		if (token_is(token, op->name))
			return op;
	return NULL;
}

static void op_usage(const struct op *op, struct text *to)
{
	const struct param *param;
	const struct out *out;
	const char *arrow = " [->";

	text_add(to, "%s", op->name);
	for (param = op->args; param && param->name; param++)
		text_add(to, param->optional || param->unless_symbol ?
			 " [%s%s]" : " %s%s", param->name,
			 param->many ? " ..." : "");
	for (param = op->keys; param && param->name; param++)
		text_add(to, " [%s=]", param->name);
	text_add(to, "%s%s", op->needs_size ? " size=" : "",
		 op->uapi ? " [KEY=VALUE ...]" : "");
	for (out = op->outs; out && out->name; out++) {
		if (!out->bound)
			continue;
		text_add(to, "%s $%s", arrow, out->name);
		arrow = "";
	}
	if (!*arrow)
		text_add(to, "]");
}

/* Breaks the text into lines of less than 80 columns. */
static void print_operation(const struct op *op, FILE *to)
{
	struct text usage = { .at = NULL };
	const char *part, *next;
	int len, column = 2;

	op_usage(op, &usage);
	fputs("  ", to);
	for (part = text_of(&usage); part; part = next) {
		next = strstr(part + 1, " [");
		len = (int)(next ? (size_t)(next - part) : strlen(part));
		if (column + len > 79) {
			fputs("\n       ", to);
			column = 7;
		}
		column += fprintf(to, "%.*s", len, part);
	}
	fputc('\n', to);
	text_free(&usage);
}

void scenario_print_operations(FILE *to)
{
	const struct param *param;
	const struct op *op;

	for (op = scenario_ops; op->name; op++)
		if (op->run)
			print_operation(op, to);
	fputs("KEY:", to);
	for (param = scenario_common_keys; param->name; param++)
		fprintf(to, " %s=", param->name);
	fputs(" u8@O= u16@O= u32@O= u64@O=\n"
	      "\n"
	      "Lines between operations:\n"
	      "  thread NAME    A thread runs the lines that follow.  It "
	      "starts with the names\n"
	      "                 and slots of the lines before the first "
	      "thread, and does not\n"
	      "                 see those of another thread.\n"
	      "  join           All threads have ended.  The lines that "
	      "follow see what the\n"
	      "                 threads bound, opened and closed.\n"
	      "  expect RESULT ... [FIELD=VALUE[|VALUE...] ...]\n"
	      "                 The operation before must have one of the "
	      "results, and each\n"
	      "                 field one of its values, as in \"expect 0 "
	      "-EBUSY len=4K|8K\".\n"
	      "                 After an error only the fields of the result "
	      "are compared.\n"
	      "\n"
	      "docs/scenarios.md explains operations, values and "
	      "addresses.\n", to);
}

/* Report an error in the arguments, and how the operation is written. */
static bool usage_error(struct parser *p, unsigned int column,
			const char *problem, const struct token *token)
{
	struct text usage = { .at = NULL };

	op_usage(p->line.op, &usage);
	lex_error(&p->lexer, column, "%s " TOKEN_FMT "; expected %s", problem,
		  TOKEN_ARGS(token), text_of(&usage));
	text_free(&usage);
	return false;
}

/* The functions below parse settings. */

static bool given(const struct parser *p, const struct param *param,
		  unsigned int width, unsigned int offset)
{
	const struct setting *setting = p->s->settings + p->line.first_setting;
	unsigned int i;

	for (i = 0; i < p->line.nr_settings; i++, setting++)
		if (setting->param == param && setting->width == width &&
		    setting->offset == offset)
			return true;
	return false;
}

static bool add_setting(struct parser *p, const struct token *token,
			const struct setting *setting)
{
	struct scenario *s = p->s;
	struct setting *settings;

	if (given(p, setting->param, setting->width, setting->offset))
		return lex_error(&p->lexer, token->column, TOKEN_FMT
				 " is given twice; expected it once",
				 TOKEN_ARGS(token));
	if (p->line.nr_settings == MAX_SETTINGS)
		return lex_error(&p->lexer, token->column, "too many arguments "
				 "at " TOKEN_FMT "; expected at most %d",
				 TOKEN_ARGS(token), MAX_SETTINGS);
	settings = scenario_grow(s->settings, s->nr_settings,
				 sizeof(*settings));
	if (!settings)
		return lex_error(&p->lexer, token->column, "out of memory");
	s->settings = settings;
	settings[s->nr_settings++] = *setting;
	s->stores |= setting->param->stores;
	p->line.nr_settings++;
	return true;
}

/* Return the next positional that the operation takes, or NULL. */
static const struct param *next_arg(const struct parser *p)
{
	const struct param *args = p->line.op->args;

	if (!args || !args[p->nr_args].name ||
	    (args[p->nr_args].unless_symbol && p->symbolic))
		return NULL;
	return &args[p->nr_args];
}

/* Parse "A-B", two values, which are stored after those of earlier ranges. */
static bool parse_range(struct parser *p, const struct token *token,
			struct setting *setting)
{
	struct token first, last;
	size_t dash = 1;

	/* A "-" at the start or after a "+" is a sign. */
	while (dash < token->len &&
	       (token->text[dash] != '-' || token->text[dash - 1] == '+'))
		dash++;
	if (dash >= token->len)
		return lex_error(&p->lexer, token->column, "bad %s " TOKEN_FMT
				 "; expected two values joined by -",
				 setting->param->name, TOKEN_ARGS(token));
	first = token_part(token, 0, dash);
	last = token_part(token, dash + 1, token->len);
	setting->offset += p->nr_ranges++ * 2 * setting->width;
	if (!value_parse(p->s, &p->lexer, &first, setting->param,
			 &setting->value) ||
	    !add_setting(p, token, setting))
		return false;
	setting->offset += setting->width;
	return value_parse(p->s, &p->lexer, &last, setting->param,
			   &setting->value) &&
	       add_setting(p, token, setting);
}

/* Parse "V/V[/V...]". */
static bool parse_words(struct parser *p, const struct token *token,
			struct setting *setting)
{
	struct token rest = *token, word;
	const char *slash;
	unsigned int i;

	for (i = 0; i < MAX_WORDS; i++) {
		slash = memchr(rest.text, '/', rest.len);
		word = token_part(&rest, 0, slash ?
				  (size_t)(slash - rest.text) : rest.len);
		setting->offset = p->nr_ranges * MAX_WORDS + i;
		if (!value_parse(p->s, &p->lexer, &word, setting->param,
				 &setting->value) ||
		    !add_setting(p, token, setting))
			return false;
		if (!slash)
			break;
		rest = token_part(&rest, word.len + 1, rest.len);
	}
	p->nr_ranges++;
	if (i && i < MAX_WORDS)
		return true;
	return lex_error(&p->lexer, token->column, "bad %s " TOKEN_FMT
			 "; expected 2 to %d words joined by /",
			 setting->param->name, TOKEN_ARGS(token), MAX_WORDS);
}

static bool parse_positional(struct parser *p, const struct token *token)
{
	struct setting setting;

	setting.param = next_arg(p);
	if (!setting.param)
		return usage_error(p, token->column, "unexpected", token);
	if (!setting.param->many)
		p->nr_args++;
	setting.width = setting.param->width;
	setting.offset = setting.param->offset;
	if (setting.param->kind == PARAM_RANGE)
		return parse_range(p, token, &setting);
	if (setting.param->kind == PARAM_WORDS)
		return parse_words(p, token, &setting);
	if (!value_parse(p->s, &p->lexer, token, setting.param,
			 &setting.value))
		return false;
	p->symbolic = setting.value.symbolic;
	return add_setting(p, token, &setting);
}

/* Parse "u32@8", the width and offset of a poke. */
static bool parse_poke(struct parser *p, const struct token *key,
		       struct setting *setting)
{
	static const struct symbol types[] = {
		{ "u8@", 1 }, { "u16@", 2 }, { "u32@", 4 }, { "u64@", 8 },
	};
	struct param offset = { .name = "offset", .kind = PARAM_LITERAL };
	struct token rest;
	struct value value;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		len = strlen(types[i].text);
		if (key->len >= len && !memcmp(key->text, types[i].text, len))
			break;
	}
	if (i == ARRAY_SIZE(types))
		return usage_error(p, key->column, "unknown key", key);
	offset.max = BUFFER_SIZE - types[i].value;
	rest = token_part(key, len, key->len);
	if (!value_parse(p->s, &p->lexer, &rest, &offset, &value))
		return false;
	setting->param = &scenario_poke;
	setting->width = (unsigned int)types[i].value;
	setting->offset = (unsigned int)value.number;
	return true;
}

static const struct param *find_key(const struct param *keys,
				    const struct token *key)
{
	for (; keys && keys->name; keys++)
		if (token_is(key, keys->name))
			return keys;
	return NULL;
}

static bool parse_key(struct parser *p, const struct token *token,
		      size_t key_len)
{
	struct token key = token_part(token, 0, key_len);
	struct token rest = token_part(token, key_len + 1, token->len);
	const struct op *op = p->line.op;
	struct setting setting = { .param = find_key(op->keys, &key) };

	if (!setting.param && op->uapi)
		setting.param = find_key(scenario_common_keys, &key);
	if (setting.param) {
		setting.width = setting.param->width;
		setting.offset = setting.param->offset;
	} else if (!op->uapi) {
		return usage_error(p, key.column, "unknown key", &key);
	} else if (!parse_poke(p, &key, &setting)) {
		return false;
	}
	return value_parse(p->s, &p->lexer, &rest, setting.param,
			   &setting.value) &&
	       add_setting(p, &key, &setting);
}

static bool parse_bind(struct parser *p, const struct token *token)
{
	const struct out *out;
	unsigned int room = 0;
	unsigned int name;

	for (out = p->line.op->outs; out && out->name; out++)
		room += out->bound;
	if (p->line.nr_binds == room)
		return usage_error(p, token->column, "unexpected name",
				   token);
	name = name_parse(p->s, &p->lexer, token, true);
	/* A bad name keeps its position, so that the next names keep theirs. */
	p->line.binds[p->line.nr_binds++] = name;
	return name != NO_NAME;
}

static bool parse_token(struct parser *p, const struct token *token)
{
	const char *equals = memchr(token->text, '=', token->len);

	if (p->arrow)
		return parse_bind(p, token);
	if (token_is(token, "->")) {
		p->arrow = true;
		return true;
	}
	if (equals)
		return parse_key(p, token, (size_t)(equals - token->text));
	return parse_positional(p, token);
}

/* The functions below parse lines. */

static bool missing(struct parser *p, const char *what)
{
	struct token token = { .text = what, .len = strlen(what) };

	return usage_error(p, p->end, "missing", &token);
}

/* Report what is missing in a line that was read completely. */
static bool check_line(struct parser *p)
{
	const struct param *param = next_arg(p);

	if (param && !param->optional)
		return missing(p, param->name);
	if (p->line.op->needs_size &&
	    !given(p, &scenario_common_keys[KEY_SIZE], 0, 0))
		return missing(p, "size=");
	if (p->arrow && !p->line.nr_binds)
		return missing(p, "$name");
	return true;
}

static bool add_line(struct parser *p)
{
	struct scenario *s = p->s;
	struct line *lines;

	lines = scenario_grow(s->lines, s->nr_lines, sizeof(*lines));
	if (!lines)
		return lex_error(&p->lexer, 1, "out of memory");
	s->lines = lines;
	p->line.site = (struct iommufd_model_site){
		.func = p->line.op->name, .file = s->name,
		.line = (int)p->line.number, .what = "the script",
	};
	lines[s->nr_lines++] = p->line;
	section_of(s, &p->lexer)->nr_lines++;
	s->stores |= p->line.op->stores;
	p->before = GOOD_LINE;
	return true;
}

static bool parse_op(struct parser *p, const struct token *token)
{
	p->line.op = find_op(token);
	if (!p->line.op)
		return lex_error(&p->lexer, token->column, "unknown operation "
				 TOKEN_FMT "; expected one that "
				 "\"iommufd-model run --help\" lists",
				 TOKEN_ARGS(token));
	if (!p->line.op->run)
		return lex_error(&p->lexer, token->column, "operation "
				 TOKEN_FMT " is left out of the model; "
				 "expected one that \"iommufd-model run "
				 "--help\" lists", TOKEN_ARGS(token));
	return true;
}

/*
 * Bind the names of a line with an unknown operation all the same, because the
 * lines that use them are correct.
 */
static void bind_rest(struct parser *p, struct token *token)
{
	while (lex_token(&p->lexer, token) == LEX_TOKEN) {
		if (p->arrow && name_is(token))
			name_parse(p->s, &p->lexer, token, true);
		else if (token_is(token, "->"))
			p->arrow = true;
	}
}

static void parse_operation(struct parser *p, struct token *token)
{
	unsigned int before = p->lexer.errors->count;
	enum lex lex;

	memset(&p->line, 0, sizeof(p->line));
	p->line.number = p->lexer.line;
	p->line.text = token->text;
	p->line.first_setting = p->s->nr_settings;
	p->nr_args = 0;
	p->nr_ranges = 0;
	p->symbolic = false;
	p->arrow = false;
	p->before = BAD_LINE;
	if (!parse_op(p, token)) {
		bind_rest(p, token);
		return;
	}
	do {
		p->end = lex_column(&p->lexer);
		lex = lex_token(&p->lexer, token);
		if (lex == LEX_TOKEN)
			parse_token(p, token);
	} while (lex == LEX_TOKEN);
	if (p->lexer.errors->count == before && check_line(p))
		add_line(p);
}

static void parse_expect(struct parser *p, const struct token *token)
{
	struct scenario *s = p->s;

	if (p->before == NO_LINE)
		lex_error(&p->lexer, token->column, "unexpected " TOKEN_FMT
			  "; expected an operation before it",
			  TOKEN_ARGS(token));
	else if (p->before == GOOD_LINE)
		expect_parse(s, &p->lexer, &s->lines[s->nr_lines - 1]);
}

static void parse_line(struct parser *p)
{
	struct token token;

	if (lex_token(&p->lexer, &token) != LEX_TOKEN)
		return;
	if (token_is(&token, "expect")) {
		parse_expect(p, &token);
	} else if (token_is(&token, "thread")) {
		p->before = NO_LINE;
		thread_parse(p->s, &p->lexer, &token);
	} else if (token_is(&token, "join")) {
		p->before = NO_LINE;
		join_parse(p->s, &p->lexer, &token);
	} else {
		parse_operation(p, &token);
	}
}

/*
 * Parse lines, which end with LF or CR LF; the last line may end without them.
 */
static void parse_text(struct parser *p, char *text, size_t len)
{
	char *end = text + len, *next, *stop;

	for (; text < end && !p->lexer.errors->more; text = next) {
		stop = memchr(text, '\n', (size_t)(end - text));
		next = stop ? stop + 1 : end;
		if (!stop)
			stop = end;
		if (stop > text && stop[-1] == '\r')
			stop--;
		*stop = 0;
		p->lexer.line++;
		p->lexer.start = text;
		p->lexer.at = text;
		p->lexer.end = stop;
		parse_line(p);
	}
}

/* Allocates all arrays, so that none is NULL. */
static struct scenario *alloc_scenario(const char *name, size_t len)
{
	struct scenario *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->name = strdup(name);
	s->text = malloc(len + 1);
	s->lines = scenario_grow(NULL, 0, sizeof(*s->lines));
	s->settings = scenario_grow(NULL, 0, sizeof(*s->settings));
	s->terms = scenario_grow(NULL, 0, sizeof(*s->terms));
	s->expects = scenario_grow(NULL, 0, sizeof(*s->expects));
	s->choices = scenario_grow(NULL, 0, sizeof(*s->choices));
	if (s->name && s->text && s->lines && s->settings && s->terms &&
	    s->expects && s->choices && names_init(s))
		return s;
	scenario_free(s);
	return NULL;
}

/* Return the FNV-1a hash of the text. */
static u64 checksum(const char *text, size_t len)
{
	u64 sum = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)text[i]) * 0x100000001b3;
	return sum;
}

struct scenario *scenario_parse(const char *name, const char *text, size_t len,
				bool recorded, struct scenario_errors *errors)
{
	struct parser parser = {
		.lexer.errors = errors, .lexer.thread = IN_SETUP,
	};
	struct scenario *s = len < INT_MAX ? alloc_scenario(name, len) : NULL;

	errors->count = 0;
	errors->more = false;
	if (!s) {
		parser.lexer.line = 1;
		lex_error(&parser.lexer, 1, "out of memory");
		return NULL;
	}
	memcpy(s->text, text, len);
	s->text[len] = 0;
	s->checksum = checksum(text, len);
	s->recorded = recorded;
	parser.s = s;
	parse_text(&parser, s->text, len);
	if (!errors->count)
		return s;
	scenario_free(s);
	return NULL;
}

void scenario_free(struct scenario *s)
{
	if (!s)
		return;
	names_free(s);
	sections_free(s);
	free(s->choices);
	free(s->expects);
	free(s->terms);
	free(s->settings);
	free(s->lines);
	free(s->text);
	free(s->name);
	free(s);
}

bool scenario_is_empty(const struct scenario *s)
{
	return !s->nr_lines;
}

const char *scenario_name(const struct scenario *s)
{
	return s->name;
}

unsigned long long scenario_checksum(const struct scenario *s)
{
	return s->checksum;
}

void scenario_print_errors(const char *name,
			   const struct scenario_errors *errors, FILE *to)
{
	const struct scenario_error *error = errors->at;
	unsigned int i;

	for (i = 0; i < errors->count; i++, error++)
		fprintf(to, "%s:%u:%u: error: %s\n", name, error->line,
			error->column, error->text);
	if (errors->more)
		fprintf(to, "%s: too many errors, the rest is not shown\n",
			name);
}
