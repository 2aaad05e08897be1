// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * fuzz [COUNT [SEED]] - texts of random bytes and of random words of the
 * language.  A text is parsed, or there are errors with their positions.
 * Parsing does nothing to the model.  What was parsed runs without an error,
 * apart from results that are not as expected.
 */
#include <stdlib.h>
#include <string.h>
#include <iommufd_model/kernel/slab.h>
#include "scenario.h"

#define MAX_TEXT 2000

static const char *const tokens[] = {
	"open", "close", "use", "close_fd", "access_close", "ioas_alloc",
	"destroy", "option", "raw", "objmap", "create_access",
	"access_replace_ioas", "test_op", "fill", "sum", "map", "copy", "bogus",
	"get", "set", "auto", "0", "1", "2", "3", "5", "11", "64", "-1", "$a",
	"$b", "$c", "$a+1", "U64MAX", "U32MAX+2", "HUGE", "PLAIN+4K", "RO",
	"p:0x10", "ro:0", "abs:0", "0x80", "0x81", "0x87", "0xa0", "0x3b81",
	"4K", "1M", "size=8", "size=12", "size=72", "size=64K", "size=U32MAX",
	"edge=0", "edge=8", "edge=65536", "ptr=null", "cmd=0x3b80", "outw=2",
	"u8@4=1", "u16@8=7", "u32@4=5", "u64@65528=1", "u32@0=0", "flags=1",
	"unmap", "ioas_allow_iovas", "ioas_iova_ranges", "mock_domain",
	"hwpt_alloc", "viommu_alloc", "hw_queue_alloc", "access_pages",
	"access_rw", "read_fd", "fault_write", "mmap", "munmap", "check_refs",
	"all", "rw", "r", "-", "0x1000-0x2fff", "0-U64MAX", "1-2-3", "-5-6",
	"0x1000", "0x2000", "0x1000000", "type=0xdead", "data=5", "max=1",
	"uptr=1", "hint=4K", "num=3", "len=8", "depth=2", "count=8", "prot=r",
	"thread", "join", "expect", "-EBUSY", "0|-ENOENT", "len=0|4K", "id=$a",
	"map=I", "->", "$d", "=", "+", "#", "\r", "\t", "18446744073709551616", "1K+",
};

/* Valid lines; without them most random texts would never run. */
static const char *const lines[] = {
	"open", "open 1", "use 1", "close", "ioas_alloc -> $a",
	"ioas_alloc -> $b", "create_access $a 1 -> $c", "destroy $a",
	"create_access $b -> $d", "access_replace_ioas $c $b", "objmap 4",
	"close_fd $c", "access_close $d", "option set 1 $a 0",
	"option get 0 0", "raw 0x81 size=12 outw=2 -> $a", "fill p:0 4K 1",
	"sum p:1 5", "test_op 5 $a", "destroy $c", "close 0",
	"map $a 0x1000000 0 64K rw", "map $b auto p:0 8K r -> $d",
	"unmap $a all", "unmap $a 0x1000000 64K", "unmap $b $d 8K",
	"copy $a 0x1001000 4K $b auto rw", "ioas_iova_ranges $a max=1",
	"ioas_allow_iovas $a 0x1000000-0x1ffffff 0x3000000-0x3ffffff",
	"add_reserved $b 0x5000 1", "mock_domain $a -> $s $h $i",
	"mock_domain $a -> $t $h $j", "mock_domain_replace $s $b",
	"mock_domain_replace $s $n", "destroy $s", "destroy $t",
	"hwpt_alloc $i $a flags=1 -> $p", "hwpt_alloc $i $v type=0xdead -> $n",
	"viommu_alloc $i $p -> $v", "viommu_alloc $i $p data=3 -> $v $o",
	"mmap $o 8K -> $m", "munmap $m 4K", "munmap $m 8K",
	"vdevice_alloc $v $i 4 -> $e", "destroy $e", "destroy $v",
	"veventq_alloc $v depth=1 -> $q $f", "trigger_vevent $i",
	"read_fd $f 64", "close_fd $f", "fault_alloc -> $q $g",
	"hwpt_alloc $i $a flags=4 fault=$q -> $n", "destroy $q",
	"hw_queue_alloc $v 0 0x1000000 8K -> $w",
	"hw_queue_alloc $v 1 0x1002000 8K -> $x", "destroy $w", "destroy $x",
	"access_pages $c 0x1000000 8K 1 0 -> $y", "access_pages $c $d 4K",
	"destroy_access_pages $c $y", "access_rw $c 0x1000800 8K 1 fill=7",
	"access_rw $c 0x1000800 8K", "check_refs 0 4K 0", "destroy $p",
	"thread a", "thread b-2", "join", "expect 0", "expect 0 -ENOENT",
	"expect -EBADF mod=0|1", "expect ret=0|$a|2", "expect 0 id=1|$a+1",
};

static unsigned long long state;

/* xorshift64* */
static unsigned int random_below(unsigned int n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned int)((state * 0x2545f4914f6cdd1dull) >> 33) % n;
}

static size_t random_bytes(char *text)
{
	size_t i, len = random_below(MAX_TEXT);

	for (i = 0; i < len; i++)
		text[i] = (char)random_below(256);
	return len;
}

static size_t random_soup(char *text)
{
	unsigned int left = random_below(30), words_left;
	size_t len = 0;

	/*
	 * Without this, in few texts a name would be bound before a thread uses
	 * it.
	 */
	if (random_below(2))
		len += (size_t)sprintf(text, "open\nioas_alloc -> $a\n"
				       "ioas_alloc -> $b\n");
	for (; left && len < MAX_TEXT; left--) {
		if (random_below(8)) {
			len += (size_t)sprintf(text + len, "%s\n",
				lines[random_below(ARRAY_SIZE(lines))]);
			continue;
		}
		words_left = random_below(6);
		while (words_left-- && len < MAX_TEXT)
			len += (size_t)sprintf(text + len, "%s ",
				tokens[random_below(ARRAY_SIZE(tokens))]);
		text[len++] = random_below(20) ? '\n' : (char)random_below(256);
	}
	return len;
}

/* Make a text from a valid one by a change of some of its bytes. */
static size_t random_damage(char *text)
{
	size_t len = random_soup(text);
	unsigned int left = random_below(4);

	while (len && left--)
		text[random_below((unsigned int)len)] =
			(char)random_below(128);
	return len;
}

static bool errors_make_sense(const struct scenario_errors *errors,
			      const char *text, size_t len)
{
	const struct scenario_error *error = errors->at;
	unsigned int i, line = 1, nr_lines = 1;
	size_t at;

	for (at = 0; at < len; at++)
		nr_lines += text[at] == '\n';
	for (i = 0; i < errors->count; i++, error++) {
		if (error->line < line || error->line > nr_lines ||
		    !error->column || error->column > len + 1 || !*error->text)
			return false;
		line = error->line;
	}
	return errors->count || !errors->more;
}

/* True if only unexpected results were reported; other problems are printed. */
static bool run_fine(const struct scenario *s)
{
	struct scenario_output output = { .problems = NULL };
	char *problems = NULL, *line, *rest;
	bool good = true;
	size_t len;

	output.problems = open_memstream(&problems, &len);
	if (!output.problems)
		return false;
	if (scenario_run(s, &output) == SCENARIO_NOT_RUN)
		good = false;
	fclose(output.problems);
	rest = problems;
	while ((line = strsep(&rest, "\n"))) {
		if (!*line || (strstr(line, ": got ret=") &&
			       strstr(line, ", expected ")))
			continue;
		puts(line);
		good = false;
	}
	free(problems);
	return good;
}

static bool try_text(const char *text, size_t len, unsigned long *runs)
{
	unsigned long before = iommufd_model_allocations();
	/*
	 * The copy is exactly as long as the text, so AddressSanitizer finds
	 * overruns.
	 */
	char *copy = malloc(len + !len);
	struct scenario_errors errors;
	struct scenario *s;
	bool good;

	if (!copy)
		return false;
	memcpy(copy, text, len);
	s = scenario_parse("fuzz", copy, len, false, &errors);
	free(copy);
	good = !s == !!errors.count && errors_make_sense(&errors, text, len) &&
	       iommufd_model_allocations() == before;
	if (good && s) {
		good = run_fine(s);
		(*runs)++;
	}
	scenario_free(s);
	return good;
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 6000;
	unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
	size_t (*const makers[])(char *) = {
		random_bytes, random_soup, random_soup, random_damage,
	};
	static char text[MAX_TEXT + 200];
	unsigned long i, runs = 0;
	size_t len;

	for (i = 0; i < count; i++) {
		state = (seed << 32) + i + 1;
		len = makers[i % ARRAY_SIZE(makers)](text);
		if (try_text(text, len, &runs))
			continue;
		printf("FAIL: text %lu of seed %lu:\n", i, seed);
		fwrite(text, 1, len, stdout);
		return 1;
	}
	printf("seed %lu: %lu texts, %lu of them run\n", seed, count, runs);
	return !runs || runs == count;
}
