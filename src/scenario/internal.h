/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The types and functions that the files of the scenario language share.
 *
 *	lex.c	  lines, tokens and error messages
 *	value.c	  "$q+0x1000": parsed to a sum, evaluated when its line runs
 *	names.c	  "$q": which lines bind a name, and which may use it
 *	parse.c	  a line of text becomes a struct line
 *	section.c "thread" and "join"
 *	expect.c  "expect": parsing, and comparing with a result
 *	ops.c	  the table of operations
 *	uapi.c	  one ioctl, made from an operation's entry and arguments
 *	ioctls.c  what some ioctls need besides their struct
 *	files.c	  open, close, use, close_fd, objmap
 *	events.c  read_fd, fault_write
 *	mmap.c	  mmap, munmap
 *	memory.c  the addresses that a scenario can name; fill, sum
 *	errname.c names of error numbers
 *	text.c	  a text that grows
 *	world.c	  the state of a running scenario and of its threads
 *	run.c	  running a scenario, and checking for warnings and leaks
 *	test.c	  a scenario as a test for the explorer
 *	symmetric.c  whether two threads of a scenario are the same
 *	states.c  whether the states of a scenario can be compared
 *
 * A new operation is an entry in ops.c.  For an ioctl whose struct is filled
 * from arguments and read for the result, the entry is enough.  If a part needs
 * code, the entry names a function for it, op->fill or op->show.  An operation
 * that is not an ioctl has a function op->run.
 */
#ifndef SCENARIO_INTERNAL_H
#define SCENARIO_INTERNAL_H

#include <iommufd_model/explore.h>
#include <iommufd_model/model.h>
#include <iommufd_model/notes.h>
#include "scenario.h"

#define NR_SLOTS 64
#define MAX_THREADS IOMMUFD_MODEL_MAX_THREADS
#define MAX_BINDS 3
#define MAX_SETTINGS 64

/*
 * The first descriptor that open may return.  Lower numbers belonged to the
 * recording program: standard input, output and error, and its memory files.
 */
#define FIRST_FD 7
#define NO_NAME UINT_MAX

/* "$memfd" is the name of a descriptor of a memory file with this size. */
#define MEMFD_NAME 0u
#define MEMFD_SIZE (1u << 20)

/* The value of a name whose descriptor was closed or could not be opened. */
#define NO_FD 0xffffffffu

/* The largest struct, and the end of the offsets that a poke can write to. */
#define BUFFER_SIZE 65536

/* The most words that one positional may have. */
#define MAX_WORDS 32

/* The sizes for a scenario whose states are compared (states.c). */
#define FEW_NAMES 32
#define FEW_BYTES 256

/* The number of bytes after the struct that are checked for writes. */
#define SLACK 64

/* The most bytes that one access_rw or read_fd moves. */
#define BYTES_SIZE (16u << 20)

/* The number of ranges for which ioas_iova_ranges has room without max=. */
#define DEFAULT_RANGES 64

/*
 * The memory regions that an ioctl gets: its struct, and the memory to which
 * that points.
 */
enum region {
	IN_STRUCT,
	IN_DATA,	/* zeroed for each call */
	/* the ranges; they are kept from one call to the next */
	IN_RANGES,
};

/* The types below describe an operation. */

/* struct symbol - a keyword such as "get", and the number that it stands for */
struct symbol {
	const char *text;	/* NULL ends a list */
	u64 value;
};

enum param_kind {
	PARAM_VALUE,	/* a value, or one of @symbols */
	PARAM_ADDR,	/* an address: N, p:N, ro:N, abs:N */
	/* a number from @min to @max, in which names are not allowed */
	PARAM_LITERAL,
	PARAM_SYMBOL,	/* one of @symbols */
	PARAM_RANGE,	/* A-B, two values; see @many */
	PARAM_WORDS,	/* V/V[/V...], the words of an entry; see @many */
	PARAM_POKE,	/* u32@O=V; offset and width come from the text */
};

/*
 * struct param - a positional argument or a KEY= of an operation
 * @name: as the help text calls it; NULL ends a list
 * @optional: the positional may be missing; so may all that follow it
 * @unless_symbol: the last positional is missing if the one before is a symbol
 * @many: the last positional may be repeated
 * @region, @width, @offset: where the value is written; @width 0: nowhere
 * @otherwise: the value of a key that is not given
 * @stores: a line with it may change memory that later lines read
 * @large: a line with it may need more memory than struct buffers has
 */
struct param {
	const char *name;
	enum param_kind kind;
	bool optional;
	bool unless_symbol;
	bool many;
	bool stores;
	bool large;
	enum region region;
	unsigned int width;
	unsigned int offset;
	u64 otherwise;
	const struct symbol *symbols;
	u64 min, max;
};

enum out_format { OUT_HIDDEN, OUT_DECIMAL, OUT_HEX };

/*
 * struct out - a number that the ioctl writes back
 * @name: the name of the number in the result line; NULL ends a list
 * @bound: true if a name after "->" gets the number, in the order of the list
 * @unbound: the value that this name gets if the ioctl fails
 * @region: the place of the number; IN_DATA is used only if the line gives data
 */
struct out {
	const char *name;
	enum out_format format;
	bool bound;
	u64 unbound;
	enum region region;
	unsigned int width;
	unsigned int offset;
};

struct run;
struct line;
struct call;

/*
 * struct op - an operation of the language
 * @run: executes a line, writes " field=value" to run->fields and returns the
 *	result; NULL if the model does not have the operation
 * @fill: writes members of the ioctl's struct that are not given by an argument.
 *	It is called after the arguments are written and before the pokes.  NULL
 *	if there are no such members
 * @show: writes the fields of the result that are not in @outs; NULL if there
 *	are none
 * @cmd, @size: the number of the ioctl and the size of its struct; @cmd is 0 if
 *	@run makes the call without them
 * @test_op: the command of IOMMU_TEST_CMD
 * @uapi: true if the line may have the keys of every ioctl: size=, pokes and so
 *	on
 * @needs_size: true if size= must be given
 * @stores: true if a line may change memory that later lines read
 * @large: true if a line may need more memory than struct buffers has
 * @args, @keys, @outs: the lists of arguments, keys and outputs; NULL if empty
 * @shows: the names of the fields that @run or @show write, each with an enum
 *	shown.  They can be used in expect lines.  If a name ends with N, the N
 *	stands for a number
 */
enum shown { SHOWN_NUMBER, SHOWN_TEXT };

struct op {
	const char *name;
	int (*run)(struct run *run, const struct line *line);
	void (*fill)(struct run *run, const struct line *line,
		     const struct call *call);
	void (*show)(struct run *run, const struct line *line,
		     const struct call *call, int ret);
	unsigned int cmd;
	unsigned int size;
	unsigned int test_op;
	bool uapi;
	bool needs_size;
	bool stores;
	bool large;
	const struct param *args;
	const struct param *keys;
	const struct out *outs;
	const struct symbol *shows;
};

extern const struct op scenario_ops[];
extern const struct param scenario_common_keys[];
extern const struct param scenario_poke;

enum common_key { KEY_SIZE, KEY_EDGE, KEY_PTR, KEY_CMD };

/* The types below are a parsed scenario. */

/*
 * struct value - the sum of a number and of names, each with its sign
 * @symbolic: the value is written as one of the param's symbols
 */
struct value {
	u64 number;
	unsigned int first_term, nr_terms;
	bool symbolic;
};

struct term {
	unsigned int name;
	bool minus;
};

/*
 * struct setting - an argument; @width, @offset: of the param or of a poke.  The
 * offset of a word is its number; each positional begins at a multiple of
 * MAX_WORDS
 */
struct setting {
	const struct param *param;
	unsigned int width;
	unsigned int offset;
	struct value value;
};

/*
 * struct line - a parsed line with an operation
 * @number: of the line in the text, from 1
 * @expects_fields: an expect line is about a field other than ret
 * @text: the line as written, without the blanks before it
 * @site: the line as a call site, for records
 */
struct line {
	unsigned int number;
	unsigned int nr_binds;
	unsigned int binds[MAX_BINDS];
	unsigned int first_setting, nr_settings;
	unsigned int first_expect, nr_expects;
	bool expects_fields;
	const struct op *op;
	const char *text;
	struct iommufd_model_site site;
};

/* Announce that the line begins.  The call site of the note is the line. */
static inline void line_note(const struct line *line)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		iommufd_model_note_slow(IOMMUFD_MODEL_NOTE_STEP, line->text,
					(long)line->number, &line->site);
}

/*
 * struct expect - the choices for one field of the result of the line before
 * @line: the number of the expect line
 * @field: its name, not ended by a zero; "ret" is one, too
 * @is_text: it is compared as text, else as a number
 * @text: what the expect line says after "expect"
 */
struct expect {
	unsigned int line;
	const char *field;
	size_t field_len;
	bool is_text;
	unsigned int first_choice, nr_choices;
	const char *text;
};

struct choice {
	struct value value;
	const char *text;
	size_t len;
};

/*
 * struct section - the lines of a thread, or those before or after all threads
 * @name: of the thread; NULL: not a thread
 * @line: the number of the "thread" line
 */
struct section {
	char *name;
	unsigned int line;
	unsigned int first_line, nr_lines;
};

/*
 * struct scenario - see scenario.h
 * @text: all lines, each ended by a zero
 * @names: a tree of struct name, sorted by text
 * @areas: bit set of the areas that its values name
 * @stores: a line may change memory that later lines read
 * @checksum: of the text as it was given
 */
struct scenario {
	char *name;
	char *text;
	struct section setup, after;
	struct section threads[MAX_THREADS];
	unsigned int nr_threads;
	struct line *lines;
	struct setting *settings;
	struct term *terms;
	struct expect *expects;
	struct choice *choices;
	void *names;
	unsigned int nr_lines, nr_settings, nr_terms, nr_names;
	unsigned int nr_expects, nr_choices;
	unsigned int areas;
	bool stores;
	bool recorded;			/* see names.c */
	u64 checksum;
};

/* The types below are a running scenario. */

struct mapping;

/*
 * struct text - a text that grows
 * @fixed: it does not; @at is not allocated
 * @lost: there was no memory; the text is incomplete
 */
struct text {
	char *at;
	size_t len, room;
	bool fixed, lost;
};

/*
 * struct run - the state of the scenario outside its threads, or of one thread
 * @names: the value of each name; a few are in @few_names
 * @slots: descriptors of /dev/iommu, -1 if closed; ioctls go to that of @slot
 * @mappings: of /dev/iommu, in the order in which they were made
 * @area: all memory for calls, whose parts follow
 * @buffer: memory for structs; the bytes behind it cannot be accessed
 * @data, @ranges: for IN_DATA and IN_RANGES
 * @room: the size of @buffer, @data, @ranges and @before: BUFFER_SIZE
 * @bytes: BYTES_SIZE bytes to read from and write to
 * @before: a copy of the struct as it was before the call
 * @fields: what the line that runs adds to its result
 * @own_fields: of the run; @fields may be in a struct buffers, as may be @buffer,
 *	@data and @before
 * @mute: nobody reads @fields, so nothing is written to it
 */
struct run {
	const struct scenario *scenario;
	u64 *names, few_names[FEW_NAMES];
	int slots[NR_SLOTS];
	unsigned int slot;
	struct mapping *mappings;
	unsigned int nr_mappings, room_mappings;
	char *area, *buffer, *data, *ranges, *before;
	size_t room;
	u8 *bytes;
	struct text *fields, *own_fields;
	bool mute;
};

/*
 * struct buffers - the memory for calls of a thread whose states are compared.  It
 * is on the stack of the thread, as the explorer compares that.
 */
struct buffers {
	char buffer[FEW_BYTES], before[FEW_BYTES], data[FEW_BYTES];
	char text[FEW_BYTES];
	struct text fields;
};

/*
 * struct world - the state of a running scenario
 * @main: for the lines before and after the threads
 * @threads: one for each thread
 * @names, @slots, @nr_mappings: the values of @main when the threads started; a
 *	few names are in @few_names
 * @old_first_fd: the number to restore with iommufd_model_set_first_fd()
 * @mapped: true if the areas are mapped
 * @memfd: the descriptor of "$memfd", or -1
 */
struct world {
	const struct scenario *scenario;
	struct run main;
	struct run threads[MAX_THREADS];
	u64 *names, few_names[FEW_NAMES];
	int slots[NR_SLOTS];
	unsigned int nr_mappings;
	int old_first_fd;
	bool mapped;
	int memfd;
};

/* The functions of lex.c. */

struct token {
	const char *text;
	size_t len;
	unsigned int column;
};

/* Values of lexer.thread for lines that belong to no thread. */
#define IN_SETUP (-1)
#define IN_AFTER MAX_THREADS

/*
 * struct lexer - a line of text that is being read
 * @at, @end: the part that is not read yet
 * @line: its number, from 1
 * @thread: the number of the thread that it belongs to
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
/*
 * Tells whether the token has only letters, digits and the characters of @more
 * from byte @from on.
 */
bool token_is_word(const struct token *token, size_t from, const char *more);
/* Returns the part of @token from byte @skip on, at most @len bytes. */
struct token token_part(const struct token *token, size_t skip, size_t len);
/*
 * A format and arguments for printf(), which show only the beginning of a long
 * token.
 */
#define TOKEN_FMT "\"%.*s%s\""
#define TOKEN_ARGS(t) \
	(t)->len > 40 ? 40 : (int)(t)->len, (t)->text, \
	(t)->len > 40 ? "..." : ""
/* Record an error; returns false, for the caller to return. */
bool lex_error(struct lexer *lexer, unsigned int column, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The functions of names.c. */

/*
 * Returns the index of the name @token, which the line of @lexer uses, or, if
 * @binds, binds.  Returns NO_NAME after an error.
 */
unsigned int name_parse(struct scenario *scenario, struct lexer *lexer,
			const struct token *token, bool binds);
/* Tells whether @token is written as a name. */
bool name_is(const struct token *token);
/* Binds the names that no line binds.  Returns false if memory is short. */
bool names_init(struct scenario *scenario);
void names_free(struct scenario *scenario);

/* The functions of value.c. */

bool value_parse(struct scenario *scenario, struct lexer *lexer,
		 const struct token *token, const struct param *param,
		 struct value *value);
/*
 * Parses "0x1000" or "4K".  Returns false if @token is not a number of 64 bits.
 */
bool number_parse(const struct token *token, u64 *number);
u64 value_of(const struct run *run, const struct value *value);
/*
 * Returns the index of the name if @value consists of one name only, or
 * NO_NAME.
 */
unsigned int value_name(const struct scenario *scenario,
			const struct value *value);

/* The functions of parse.c. */

/*
 * Make room for element @count of @array, whose size doubles when @count is a
 * power of two.  Returns the array, or NULL without memory, when the old one is
 * still valid.
 */
void *scenario_grow(void *array, unsigned int count, size_t size);

/* The functions of section.c. */

/* Parse the rest of a line that begins with the @keyword "thread" or "join". */
bool thread_parse(struct scenario *scenario, struct lexer *lexer,
		  const struct token *keyword);
bool join_parse(struct scenario *scenario, struct lexer *lexer,
		const struct token *keyword);
/* Returns the section to which the line of @lexer belongs. */
struct section *section_of(struct scenario *scenario,
			   const struct lexer *lexer);

void sections_free(struct scenario *scenario);

/* The functions of expect.c. */

/* Parse the rest of a line that begins with "expect" and is about @line. */
bool expect_parse(struct scenario *scenario, struct lexer *lexer,
		  struct line *line);
/*
 * Returns the first expectation that @ret and run->fields do not meet, or NULL.
 */
const struct expect *expect_failed(const struct run *run,
				   const struct line *line, int ret);
/* Writes a text such as "destroy of line 4: got ret=-EBUSY, expected 0". */
void expect_describe(const struct run *run, const struct line *line,
		     const struct expect *expect, int ret, struct text *text);

/* The functions of text.c. */

void text_add(struct text *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Empties @text.  Returns false if memory is short. */
bool text_empty(struct text *text);
/* Makes @text one that does not grow, in @room bytes from @at on. */
void text_fix(struct text *text, char *at, size_t room);
void text_free(struct text *text);
/* Returns the contents of @text; "" if nothing was added yet. */
const char *text_of(const struct text *text);
/* Add " field=value" to the result of the line that runs. */
void field_print(struct run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The functions of world.c. */

/*
 * Returns NULL, or the reason why the scenario cannot run.  The caller calls
 * world_exit() in both cases.
 */
const char *world_init(struct world *world, const struct scenario *scenario);
void world_exit(struct world *world);
/* Restore the state before the first line; all memory is zero again. */
void world_reset(struct world *world);
/*
 * Copies the state of @main to all threads.  Returns false if memory is short.
 */
bool world_fork(struct world *world);
/*
 * Takes over what the threads have changed.  Returns false if memory is short.
 */
bool world_join(struct world *world);
/*
 * Unmaps and then closes everything that is open, as the end of a process does.
 */
void world_close(struct world *world);

/* The functions of symmetric.c. */

/*
 * Returns true if threads @a and @b are equal; otherwise @error gets the
 * reason.
 */
bool threads_same(const struct scenario *scenario, unsigned int a,
		  unsigned int b, char *error, size_t size);

/* The functions of states.c. */

/*
 * Returns true if all that the threads of the scenario change is in struct world
 * and on their stacks, so that the explorer can compare their states.
 */
bool states_known(const struct scenario *scenario);

/* The functions of run.c. */

/* Append "ret=-EBUSY" or "ret=N" and the @fields. */
void result_print(struct text *text, int ret, const char *fields);

const struct setting *line_settings(const struct run *run,
				    const struct line *line);
/*
 * Returns the setting of @param, a positional or a key, or NULL if it is not
 * given.
 */
const struct setting *line_setting(const struct run *run,
				   const struct line *line,
				   const struct param *param);
/*
 * Return the setting of positional @index, or of key @index, of the operation.
 */
const struct setting *line_has_arg(const struct run *run,
				   const struct line *line, unsigned int index);
const struct setting *line_has_key(const struct run *run,
				   const struct line *line, unsigned int index);
/*
 * Return the value of positional or key @index, or @otherwise if it is not
 * given.
 */
u64 line_arg(const struct run *run, const struct line *line,
	     unsigned int index, u64 otherwise);
u64 line_key(const struct run *run, const struct line *line,
	     unsigned int index, u64 otherwise);
u64 line_common_key(const struct run *run, const struct line *line,
		    enum common_key key, u64 otherwise);
/*
 * Binds name number @index after "->" to @value, if the line has so many names.
 */
void line_bind(struct run *run, const struct line *line, unsigned int index,
	       u64 value);

/* The functions of uapi.c. */

/*
 * struct call - an ioctl that is being prepared
 * @at: the struct
 * @len: the number of bytes from @at on that can be accessed, and are compared
 * @size: the value of the first member of the struct
 * @null: the ioctl gets a null pointer instead
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
/* Lets the calls of a thread use the memory of @buffers from now on. */
void uapi_use(struct run *run, struct buffers *buffers);
/*
 * Clears that memory, if @run uses it: what the line that ran has left there makes
 * no difference, and so must not show in a state.
 */
void uapi_forget(struct run *run);
/* Sets the memory that calls get to zero. */
void uapi_reset(struct run *run);
int op_uapi(struct run *run, const struct line *line);
int op_raw(struct run *run, const struct line *line);
/* Write and read a number in the struct; bytes beyond its end read as 0. */
void call_put(const struct call *call, unsigned int offset, unsigned int width,
	      u64 value);
u64 call_get(const struct call *call, unsigned int offset, unsigned int width);

/* The functions of ioctls.c. */

void fill_map(struct run *run, const struct line *line,
	      const struct call *call);
void fill_map_file(struct run *run, const struct line *line,
		   const struct call *call);
void fill_copy(struct run *run, const struct line *line,
	       const struct call *call);
void fill_unmap(struct run *run, const struct line *line,
		const struct call *call);
void fill_iova_ranges(struct run *run, const struct line *line,
		      const struct call *call);
void show_iova_ranges(struct run *run, const struct line *line,
		      const struct call *call, int ret);
void fill_allow_iovas(struct run *run, const struct line *line,
		      const struct call *call);
void fill_hwpt_alloc(struct run *run, const struct line *line,
		     const struct call *call);
void fill_viommu_alloc(struct run *run, const struct line *line,
		       const struct call *call);
void fill_mock_domain(struct run *run, const struct line *line,
		      const struct call *call);
void fill_access_rw(struct run *run, const struct line *line,
		    const struct call *call);
void show_access_rw(struct run *run, const struct line *line,
		    const struct call *call, int ret);
void fill_invalidate(struct run *run, const struct line *line,
		     const struct call *call);
void show_invalidate(struct run *run, const struct line *line,
		     const struct call *call, int ret);
void fill_hw_info(struct run *run, const struct line *line,
		  const struct call *call);

/* The functions of files.c. */

int op_open(struct run *run, const struct line *line);
int op_close(struct run *run, const struct line *line);
int op_use(struct run *run, const struct line *line);
int op_close_fd(struct run *run, const struct line *line);
int op_objmap(struct run *run, const struct line *line);
void close_all(const struct scenario *scenario);

/* The functions of events.c. */

int op_read_fd(struct run *run, const struct line *line);
int op_fault_write(struct run *run, const struct line *line);

/* The functions of mmap.c. */

int op_mmap(struct run *run, const struct line *line);
int op_munmap(struct run *run, const struct line *line);
void munmap_all(struct run *run);
/*
 * Adds to @run the mappings of @of except the first @common ones, which both
 * have.  Returns false if memory is short.
 */
bool mappings_merge(struct run *run, const struct run *of, unsigned int common);

/* The functions of memory.c. */

/*
 * Returns the base of the area @name and sets its bit in @used; 0 if there is
 * none.
 */
u64 area_base(const struct token *name, unsigned int *used);
/* Sets the bit of the area that contains @addr. */
void area_note(u64 addr, unsigned int *used);
/*
 * Maps the areas in @used and returns NULL.  If the address of one is occupied,
 * maps none, returns its name and puts its address into @base.
 */
const char *areas_map(unsigned int used, u64 *base);
void areas_unmap(unsigned int used);
/* Fill the areas with zeroes. */
void areas_reset(unsigned int used);
/* Gives the physical page number; it is for iommufd_model_set_page_map(). */
u64 area_pfn(u64 virtual_pfn, void *data);
int op_fill(struct run *run, const struct line *line);
int op_sum(struct run *run, const struct line *line);

/* The functions of errname.c. */

/* Returns a name such as "ENOENT", or NULL if the number has no name here. */
const char *errno_name(int number);
/* Returns the number of an error, or 0 if no error has that name. */
int errno_number(const struct token *name);

#endif
