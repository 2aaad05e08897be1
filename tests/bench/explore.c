// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Benchmark of the explorer, with the protocol that is used to compare
 * explorers.
 *
 *	bench_explore			all lines, as a table
 *	bench_explore --one N		the N-th line, once
 *	bench_explore --size G R	G getters, R rounds, with states; see spin.sh
 *
 * Each figure is the median of several processes, which this process starts one
 * after the other.  For a ratio, two rates are printed beside it that were
 * measured just before: that of the brute-force mode, and that of bare switches
 * from one stack to another.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "../../src/explore/fiber.h"
#include "../explore/protocol.h"
#include "bench.h"
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct line {
	const char *name;
	int getters, rounds;
	bool plain, brute, library, states;
};

static const struct line lines[] = {
	{ "G2R1 brute force", 2, 1, .brute = true },
	{ "G1R1 plain", 1, 1, .plain = true },
	{ "G2R1 plain", 2, 1, .plain = true },
	{ "G3R1 plain", 3, 1, .plain = true },
	{ "G2R2 plain", 2, 2, .plain = true },
	{ "G1R1", 1, 1, .plain = false },
	{ "G2R1", 2, 1, .plain = false },
	{ "G3R1", 3, 1, .plain = false },
	{ "G2R2", 2, 2, .plain = false },
	{ "G2R2 two-step unlock, plain", 2, 2, .plain = true, .library = true },
	{ "G2R2 two-step unlock", 2, 2, .library = true },
	{ "G2R2 states", 2, 2, .states = true },
	{ "G2R3 states", 2, 3, .states = true },
	{ "G3R2 states", 3, 2, .states = true },
};

/* The measurements that one process reports. */
struct figures {
	unsigned long executions, steps;
	double seconds;
	long kilobytes;
};

static int explore_line(const struct line *line, struct figures *f)
{
	struct protocol p = { .bug = RIGHT };
	struct iommufd_model_test test = { .name = NULL };
	struct iommufd_model_explore_options options = {
		.mode = line->brute ? IOMMUFD_MODEL_BOUNDED :
				      IOMMUFD_MODEL_EXHAUSTIVE,
		.preemptions = -1,
		.plain = line->plain || line->brute,
	};
	struct iommufd_model_explore_result result;
	struct rusage self, child;
	int rc;

	p.two_step_unlock = line->library;
	protocol_init(&p, &test, line->name, line->getters, line->rounds);
	if (line->states) {
		test.memory[0].start = &p;
		test.memory[0].size = sizeof(p);
	}
	rc = iommufd_model_explore(&test, &options, &result);
	f->executions = result.executions;
	if (line->states)
		f->executions += result.redundant;
	f->steps = result.steps;
	iommufd_model_explore_free(&result);
	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &child);
	f->kilobytes = self.ru_maxrss > child.ru_maxrss ? self.ru_maxrss :
							   child.ru_maxrss;
	return rc;
}

/* Run a line in a process of its own, and measure from its start to its end. */
static int measure(const char *program, int nr, struct figures *f)
{
	double start = bench_now_ns();
	char number[16];
	int ends[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe(ends))
		return -1;
	snprintf(number, sizeof(number), "%d", nr);
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		execl(program, program, "--one", number, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	n = read(ends[0], f, sizeof(*f));
	close(ends[0]);
	waitpid(pid, &status, 0);
	f->seconds = (bench_now_ns() - start) / 1e9;
	return n == (ssize_t)sizeof(*f) && !status ? 0 : -1;
}

static struct fiber here, there;

static void back_and_forth(void)
{
	for (;;)
		explore_fiber_switch(&there, &here);
}

/* Returns the nanoseconds of one switch between stacks. */
static double time_switch(void)
{
	const int n = 1000000;
	double start;
	int i;

	explore_fiber_init_self(&here);
	if (explore_fiber_prepare(&there, back_and_forth))
		return 0;
	start = bench_now_ns();
	for (i = 0; i < n; i++)
		explore_fiber_switch(&here, &there);
	return (bench_now_ns() - start) / (2.0 * n);
}

static int explore_size(const char *getters, const char *rounds)
{
	const struct line line = {
		.name = "protocol", .getters = atoi(getters),
		.rounds = atoi(rounds), .states = true,
	};
	struct figures f = { .executions = 0 };
	int rc = explore_line(&line, &f);

	printf("%lu executions, %lu steps, %ld kB\n", f.executions, f.steps,
	       f.kilobytes);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const size_t rounds = argc > 1 && !strcmp(argv[1], "--quick") ? 1 : 9;
	double seconds[9], brute = 0, rate, ns;
	struct figures f = { .executions = 0 };
	size_t i, round;

	if (argc == 4 && !strcmp(argv[1], "--size"))
		return explore_size(argv[2], argv[3]);
	if (argc > 2) {
		i = (size_t)atoi(argv[2]);
		if (i >= ARRAY_SIZE(lines) || explore_line(&lines[i], &f) ||
		    write(STDOUT_FILENO, &f, sizeof(f)) != sizeof(f))
			return EXIT_FAILURE;
		return EXIT_SUCCESS;
	}
	ns = time_switch();
	printf("a switch of stacks: %.1f ns\n\n"
	       "%-28s %10s %9s %11s %9s %12s %6s\n", ns, "whole process, median",
	       "executions", "seconds", "execs/s", "x brute", "switches/step",
	       "MB");
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		for (round = 0; round < rounds; round++) {
			if (measure(argv[0], (int)i, &f))
				return EXIT_FAILURE;
			seconds[round] = f.seconds;
		}
		f.seconds = bench_median(seconds, rounds);
		rate = (double)f.executions / f.seconds;
		if (lines[i].brute)
			brute = rate;
		printf("%-28s %10lu %9.4f %11.0f %9.2f %12.1f %6.1f\n",
		       lines[i].name, f.executions, f.seconds, rate,
		       rate / brute,
		       f.seconds * 1e9 / (double)f.steps / ns,
		       (double)f.kilobytes / 1024);
	}
	return EXIT_SUCCESS;
}
