/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the parts of the scenario language share.
 *
 *	lex.c	  lines, tokens, errors
 *	value.c	  "$q+0x1000": parsed to a sum, evaluated when the step runs
 *	names.c	  "$q": who binds it, who may use it
 *	parse.c	  a line becomes a step, as the operation's entry describes it
 *	section.c thread, join
 *	expect.c  expect: parsed, and compared with a result
 *	ops.c	  the table of operations
 *	uapi.c	  one ioctl, as described by the entry, the pokes and the rest
 *	ioctls.c  what some ioctls have beside their struct
 *	files.c	  open, close, use, close_fd; objmap
 *	events.c  read_fd, fault_write
 *	mmap.c	  mmap, munmap
 *	memory.c  the addresses a scenario can name; fill, sum
 *	errname.c ENOENT and its like
 *	text.c	  text that grows
 *	world.c	  what the threads of a scenario have, each and together
 *	run.c	  step after step, and the last judgement
 *	test.c	  the same as a test for the explorer
 *	symmetric.c  are threads the same?
 *
 * A new operation is an entry in ops.c.  If it is an ioctl whose struct is
 * filled from its arguments and read for its result, that is all.  If a part of
 * it needs more, that part has a function, op->fill or op->show; and what is no
 * ioctl has a function of its own, op->run.
 */
#ifndef SCENARIO_INTERNAL_H
#define SCENARIO_INTERNAL_H

#include <iommufd_model/explore.h>
#include <iommufd_model/model.h>
#include "scenario.h"

#define NR_SLOTS 64
#define MAX_THREADS IOMMUFD_MODEL_MAX_THREADS
#define MAX_BINDS 3
#define MAX_SETTINGS 64

/*
 * The descriptors below it belong to the program that the results were recorded
 * with: standard input, output and error, and its memory files.
 */
#define FIRST_FD 7
#define NO_NAME UINT_MAX

/* What a name is when what it was bound to is gone, or never came. */
#define NO_FD 0xffffffffu

/* The largest struct, and how far a poke can reach. */
#define BUFFER_SIZE 65536

/* The most that one access_rw or read_fd moves. */
#define BYTES_SIZE (16u << 20)

/* What ioas_iova_ranges has room for unless max= says otherwise. */
#define DEFAULT_RANGES 64

/* The memory that an ioctl is given: its struct, and what that points to. */
enum place {
	IN_STRUCT,
	IN_DATA,	/* zeroed for each call */
	IN_RANGES,	/* keeps what was there from one call to the next */
};

/* Describing an operation */

struct word {
	const char *text;	/* NULL ends a list */
	u64 value;
};

enum param_kind {
	PARAM_VALUE,	/* a value, or one of @words */
	PARAM_ADDR,	/* an address: N, p:N, ro:N, abs:N */
	PARAM_LITERAL,	/* a number from @min to @max, no names in it */
	PARAM_WORD,	/* one of @words */
	PARAM_RANGE,	/* A-B, two values; see @many */
	PARAM_POKE,	/* u32@O=V; offset and width come from the text */
};

/*
 * struct param - a positional or KEY= of an operation
 * @name: as the grammar calls it; NULL ends a list
 * @optional: of a positional; those after it must be too
 * @unless_word: of the last positional: not there if the one before is a word
 * @many: of the last positional: any number of them, one behind the other
 * @place, @width, @offset: where the value goes; @width 0: nowhere
 * @otherwise: of a key: the value if it is not given
 * @stores: with it a step may leave something in memory that later ones see
 */
struct param {
	const char *name;
	enum param_kind kind;
	bool optional;
	bool unless_word;
	bool many;
	bool stores;
	enum place place;
	unsigned int width;
	unsigned int offset;
	u64 otherwise;
	const struct word *words;
	u64 min, max;
};

enum out_format { OUT_HIDDEN, OUT_DECIMAL, OUT_HEX };

/*
 * struct out - something the ioctl gives back
 * @name: as the result line calls it; NULL ends a list
 * @bound: a name after "->" takes it, in the order of the list
 * @unbound: what that name takes if the ioctl fails
 * @place: in the data: only there if the step gives data
 */
struct out {
	const char *name;
	enum out_format format;
	bool bound;
	u64 unbound;
	enum place place;
	unsigned int width;
	unsigned int offset;
};

struct run;
struct step;
struct call;

/*
 * struct op - an operation of the language
 * @run: does it, writes " field=value" to run->fields, returns the result.
 *	NULL: the grammar has it, the model leaves it out
 * @fill: puts into the struct what is not an argument as it stands, after the
 *	arguments and before the pokes; NULL: nothing
 * @show: writes fields that are not in @outs; NULL: none
 * @cmd, @size: of the ioctl; @cmd 0: the operation is not described as one
 * @test_op: of IOMMU_TEST_CMD
 * @uapi: takes the keys of every ioctl: size=, pokes and so on
 * @needs_size: one of them, size=, must be there
 * @stores: a step may leave something in memory that later ones see
 * @args, @keys, @outs: NULL if there are none
 * @shows: fields that @run or @show write, for those who expect one; the value
 *	is enum shown.  A name that ends with N stands for a number at its end
 */
enum shown { SHOWN_NUMBER, SHOWN_TEXT };

struct op {
	const char *name;
	int (*run)(struct run *run, const struct step *step);
	void (*fill)(struct run *run, const struct step *step,
		     const struct call *call);
	void (*show)(struct run *run, const struct step *step,
		     const struct call *call, int ret);
	unsigned int cmd;
	unsigned int size;
	unsigned int test_op;
	bool uapi;
	bool needs_size;
	bool stores;
	const struct param *args;
	const struct param *keys;
	const struct out *outs;
	const struct word *shows;
};

extern const struct op scenario_ops[];
extern const struct param scenario_common_keys[];
extern const struct param scenario_poke;

enum common_key { KEY_SIZE, KEY_EDGE, KEY_PTR, KEY_CMD };

/* A parsed scenario */

/*
 * struct value - a sum of a number and names, each of which may be subtracted
 * @word: it is written as one of the param's words
 */
struct value {
	u64 number;
	unsigned int first_term, nr_terms;
	bool word;
};

struct term {
	unsigned int name;
	bool minus;
};

/* An argument as given; offset and width are the param's, or the poke's. */
struct setting {
	const struct param *param;
	unsigned int width;
	unsigned int offset;
	struct value value;
};

/*
 * struct step
 * @expects_fields: more than ret is expected
 */
struct step {
	unsigned int line;
	unsigned int nr_binds;
	unsigned int binds[MAX_BINDS];
	unsigned int first_setting, nr_settings;
	unsigned int first_expect, nr_expects;
	bool expects_fields;
	const struct op *op;
	const char *text;
};

/*
 * struct expect - what one field of the step before must be: one of its choices
 * @field: its name, not ended by a zero; "ret" is one
 * @is_text: it is compared as text, else as a number
 * @words: of its line, after "expect"
 */
struct expect {
	unsigned int line;
	const char *field;
	size_t field_len;
	bool is_text;
	unsigned int first_choice, nr_choices;
	const char *words;
};

struct choice {
	struct value value;
	const char *text;
	size_t len;
};

/*
 * struct section - the steps of a thread, or those before or after them all
 * @name, @line: of a thread
 */
struct section {
	char *name;
	unsigned int line;
	unsigned int first_step, nr_steps;
};

/*
 * @text: of all lines, each ended by a zero
 * @names: tree of struct name, by text
 * @areas: bit set of the areas that its values name
 * @stores: one of its steps does
 * @checksum: of @text as it was given
 */
struct scenario {
	char *name;
	char *text;
	struct section setup, after;
	struct section threads[MAX_THREADS];
	unsigned int nr_threads;
	struct step *steps;
	struct setting *settings;
	struct term *terms;
	struct expect *expects;
	struct choice *choices;
	void *names;
	unsigned int nr_steps, nr_settings, nr_terms, nr_names;
	unsigned int nr_expects, nr_choices;
	unsigned int areas;
	bool stores;
	u64 checksum;
};

/* A running scenario */

struct mapping;

/* struct text - @lost: there was no memory for some of it */
struct text {
	char *at;
	size_t len, room;
	bool lost;
};

/*
 * struct run - who runs steps: the scenario itself, or one of its threads
 * @names: the value of each name
 * @slots: descriptors of /dev/iommu, -1 if closed; @slot is the one in use
 * @mappings: of /dev/iommu, in the order they were made
 * @buffer: where structs are put; what comes after it cannot be accessed
 * @data, @ranges: BUFFER_SIZE for IN_DATA, for IN_RANGES
 * @bytes: BYTES_SIZE to read from and write to
 * @before: a copy of the struct as it was before the call
 * @fields: what the step in progress adds to its result
 * @mute: nobody wants to know
 */
struct run {
	const struct scenario *scenario;
	u64 *names;
	int slots[NR_SLOTS];
	unsigned int slot;
	struct mapping *mappings;
	unsigned int nr_mappings, room_mappings;
	char *buffer, *data, *ranges;
	u8 *bytes;
	char *before;
	struct text fields;
	bool mute;
};

/*
 * struct world - all that a running scenario has
 * @main: runs what comes before and after the threads
 * @threads: nr_threads of them
 * @names: those that @main had when the threads started
 * @slots: likewise
 * @old_first_fd: what iommufd_model_set_first_fd() must be called with at last
 * @mapped: the areas are there
 * @why: they cannot be
 */
struct world {
	const struct scenario *scenario;
	struct run main;
	struct run *threads;
	u64 *names;
	int slots[NR_SLOTS];
	unsigned int nr_mappings;
	int old_first_fd;
	bool mapped;
	char why[80];
};

/* lex.c */

struct token {
	const char *text;
	size_t len;
	unsigned int column;
};

/* Where a line stands that is no thread's. */
#define IN_SETUP (-1)
#define IN_AFTER MAX_THREADS

/*
 * struct lexer - one line being read
 * @at, @end: what is left of it
 * @thread: number of the thread it belongs to
 */
struct lexer {
	const char *start, *at, *end;
	unsigned int line;
	int thread;
	struct scenario_errors *errors;
};

enum lex { LEX_END, LEX_TOKEN, LEX_BAD };

enum lex lex_token(struct lexer *lexer, struct token *token);
unsigned int lex_column(const struct lexer *lexer);
bool token_is(const struct token *token, const char *text);
/* The part of @token from its byte @skip on, @len bytes at most. */
struct token token_part(const struct token *token, size_t skip, size_t len);
/* For printf's "%.*s%s": a token may be of any length. */
#define TOKEN_FMT "\"%.*s%s\""
#define TOKEN_ARGS(t) \
	(t)->len > 40 ? 40 : (int)(t)->len, (t)->text, \
	(t)->len > 40 ? "..." : ""
/* Note an error; false, for the caller to return. */
bool lex_error(struct lexer *lexer, unsigned int column, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* names.c */

/*
 * The index of the name @token, which is used, or with @binds bound, where
 * @lexer is; NO_NAME after an error.
 */
unsigned int name_parse(struct scenario *scenario, struct lexer *lexer,
			const struct token *token, bool binds);
/* Is @token written as a name is? */
bool name_is(const struct token *token);
/* Bind the names that need no line; false if there is no memory. */
bool names_init(struct scenario *scenario);
void names_free(struct scenario *scenario);

/* value.c */

bool value_parse(struct scenario *scenario, struct lexer *lexer,
		 const struct token *token, const struct param *param,
		 struct value *value);
/* "0x1000", "4K"; false if @token is no number of 64 bits. */
bool number_parse(const struct token *token, u64 *number);
u64 value_of(const struct run *run, const struct value *value);
/* The index of the name that is all of @value, or NO_NAME. */
unsigned int value_name(const struct scenario *scenario,
			const struct value *value);

/* parse.c */

/*
 * Room for element @count of @array, which grows as its count passes powers of
 * two; NULL if there is no memory, with the old array untouched.
 */
void *scenario_grow(void *array, unsigned int count, size_t size);

/* section.c */

/* The line is "thread", "join": what follows the word is still to be read. */
bool thread_parse(struct scenario *scenario, struct lexer *lexer,
		  const struct token *keyword);
bool join_parse(struct scenario *scenario, struct lexer *lexer,
		const struct token *keyword);
/* The section that lines are added to now. */
struct section *section_of(struct scenario *scenario,
			   const struct lexer *lexer);

void sections_free(struct scenario *scenario);

/* expect.c */

/* The line is "expect" for @step; the rest of it is still to be read. */
bool expect_parse(struct scenario *scenario, struct lexer *lexer,
		  struct step *step);
/* The first expect that @ret and run->fields do not meet, or NULL. */
const struct expect *expect_failed(const struct run *run,
				   const struct step *step, int ret);
/* "destroy of line 4: got ret=-EBUSY, expected 0" */
void expect_describe(const struct run *run, const struct step *step,
		     const struct expect *expect, int ret, struct text *text);

/* text.c */

void text_add(struct text *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Ready for a new text; false without memory. */
bool text_empty(struct text *text);
void text_free(struct text *text);
/* Add " field=value" to the result of the step in progress. */
void step_print(struct run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* world.c */

/* NULL, or why it cannot be; world_exit() is for both. */
const char *world_init(struct world *world, const struct scenario *scenario);
void world_exit(struct world *world);
/* As at the start of a run; all memory that steps can write to is zero. */
void world_reset(struct world *world);
/* The threads start: they have what the scenario has.  False: no memory. */
bool world_fork(struct world *world);
/* They have ended: the scenario has what they left.  False: no memory. */
bool world_join(struct world *world);
/* As the end of a process does it: memory goes before files. */
void world_close(struct world *world);

/* symmetric.c */

/* Are threads @a and @b the same?  If not @error says where they differ. */
bool threads_same(const struct scenario *scenario, unsigned int a,
		  unsigned int b, char *error, size_t size);

/* run.c */

/* "ret=-EBUSY" */
void result_print(struct text *text, int ret, const char *fields);

const struct setting *step_settings(const struct run *run,
				    const struct step *step);
/* The one for @param, a positional or key; NULL if it was not given. */
const struct setting *step_setting(const struct run *run,
				   const struct step *step,
				   const struct param *param);
/* Positional @index, key @index of the operation; NULL if it was not given. */
const struct setting *step_has_arg(const struct run *run,
				   const struct step *step, unsigned int index);
const struct setting *step_has_key(const struct run *run,
				   const struct step *step, unsigned int index);
/* Their value, or that of a common key; @otherwise if it was not given. */
u64 step_arg(const struct run *run, const struct step *step,
	     unsigned int index, u64 otherwise);
u64 step_key(const struct run *run, const struct step *step,
	     unsigned int index, u64 otherwise);
u64 step_common_key(const struct run *run, const struct step *step,
		    enum common_key key, u64 otherwise);
/* Let the name of number @index after "->", if there is one, be @value. */
void step_bind(struct run *run, const struct step *step, unsigned int index,
	       u64 value);

/* uapi.c */

/*
 * struct call - an ioctl in the making
 * @at: the struct
 * @len: bytes from @at on that can be accessed and are compared
 * @size: its first member
 */
struct call {
	char *at;
	size_t len;
	u32 size;
	unsigned int cmd;
	bool null;
};

bool uapi_init(struct run *run);
void uapi_exit(struct run *run);
/* Forget what earlier calls have left in the memory that calls are given. */
void uapi_reset(struct run *run);
int op_uapi(struct run *run, const struct step *step);
int op_raw(struct run *run, const struct step *step);
/* A number in the struct; what lies beyond its end is left out, and is 0. */
void call_put(const struct call *call, unsigned int offset, unsigned int width,
	      u64 value);
u64 call_get(const struct call *call, unsigned int offset, unsigned int width);

/* ioctls.c */

void fill_map(struct run *run, const struct step *step,
	      const struct call *call);
void fill_map_file(struct run *run, const struct step *step,
		   const struct call *call);
void fill_copy(struct run *run, const struct step *step,
	       const struct call *call);
void fill_unmap(struct run *run, const struct step *step,
		const struct call *call);
void fill_iova_ranges(struct run *run, const struct step *step,
		      const struct call *call);
void show_iova_ranges(struct run *run, const struct step *step,
		      const struct call *call, int ret);
void fill_allow_iovas(struct run *run, const struct step *step,
		      const struct call *call);
void fill_hwpt_alloc(struct run *run, const struct step *step,
		     const struct call *call);
void fill_viommu_alloc(struct run *run, const struct step *step,
		       const struct call *call);
void fill_mock_domain(struct run *run, const struct step *step,
		      const struct call *call);
void fill_access_rw(struct run *run, const struct step *step,
		    const struct call *call);
void show_access_rw(struct run *run, const struct step *step,
		    const struct call *call, int ret);

/* files.c */

int op_open(struct run *run, const struct step *step);
int op_close(struct run *run, const struct step *step);
int op_use(struct run *run, const struct step *step);
int op_close_fd(struct run *run, const struct step *step);
int op_objmap(struct run *run, const struct step *step);
void close_all(const struct scenario *scenario);

/* events.c */

int op_read_fd(struct run *run, const struct step *step);
int op_fault_write(struct run *run, const struct step *step);

/* mmap.c */

int op_mmap(struct run *run, const struct step *step);
int op_munmap(struct run *run, const struct step *step);
void munmap_all(struct run *run);
/* @run's mappings as those of @of; false without memory. */
bool mappings_copy(struct run *run, const struct run *of);
/*
 * What @of, which had the first @common mappings of @run as copies, has done to
 * them, and those that it has made since.
 */
bool mappings_merge(struct run *run, const struct run *of, unsigned int common);

/* memory.c */

/* The base of the area called @name, noted in @used; 0 if there is none. */
u64 area_base(const struct token *name, unsigned int *used);
void area_note(u64 addr, unsigned int *used);
/* Map them all; if one is taken, none: its name, and *@base is where. */
const char *areas_map(unsigned int used, u64 *base);
void areas_unmap(unsigned int used);
/* Zero them. */
void areas_reset(unsigned int used);
/* For iommufd_model_set_page_map(). */
u64 area_pfn(u64 virtual_pfn, void *data);
int op_fill(struct run *run, const struct step *step);
int op_sum(struct run *run, const struct step *step);

/* errname.c */

/* "ENOENT", or NULL if the number has no name here. */
const char *errno_name(int number);
/* The other way round; 0 if there is none of that name. */
int errno_number(const struct token *name);

#endif
