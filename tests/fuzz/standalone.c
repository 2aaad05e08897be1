// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * TARGET [-runs=N] [-seed=S] [FILE|FOLDER]...: what libFuzzer's main() does, in
 * so far as a build without libFuzzer can: it tries each file, and then N
 * inputs that are files with random changes.  It learns nothing from what an
 * input reaches, so libFuzzer finds more.
 *
 * The input that breaks a property is kept as crash-standalone in the current
 * folder.
 */
#include "fuzz.h"
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

#define INPUT_SIZE 65536

struct input {
	uint8_t *data;
	size_t size;
};

static struct input *inputs;
static size_t nr_inputs;
static uint64_t state;
static uint8_t current[2 * INPUT_SIZE];
static size_t current_size;

/* Of the sanitizers, if there is one; and of a target, if it has one. */
void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));
#pragma weak LLVMFuzzerInitialize

/* xorshift64* */
static size_t below(size_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (size_t)((state * 0x2545f4914f6cdd1dull) >> 33) % n;
}

static void keep(void)
{
	int fd = open("crash-standalone", O_WRONLY | O_CREAT | O_TRUNC, 0666);

	if (fd < 0 || write(fd, current, current_size) < 0)
		return;
	close(fd);
}

static void keep_and_die(int sig)
{
	keep();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void add_file(const char *path)
{
	FILE *from = fopen(path, "rb");
	struct input *input;

	inputs = realloc(inputs, (nr_inputs + 1) * sizeof(*inputs));
	if (!from || !inputs) {
		perror(path);
		exit(2);
	}
	input = &inputs[nr_inputs++];
	input->data = malloc(INPUT_SIZE);
	input->size = fread(input->data, 1, INPUT_SIZE, from);
	fclose(from);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, so that the inputs do not depend on the file system. */
static void add(const char *path)
{
	DIR *dir = opendir(path);
	char **names = NULL;
	struct dirent *entry;
	size_t i, nr = 0;

	if (!dir) {
		add_file(path);
		return;
	}
	while ((entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		names = realloc(names, (nr + 1) * sizeof(*names));
		names[nr] = malloc(strlen(path) + strlen(entry->d_name) + 2);
		sprintf(names[nr++], "%s/%s", path, entry->d_name);
	}
	closedir(dir);
	if (nr)
		qsort(names, nr, sizeof(*names), by_name);
	for (i = 0; i < nr; i++) {
		add_file(names[i]);
		free(names[i]);
	}
	free(names);
}

/* Replace, insert, remove or repeat a few bytes, or take some of another. */
static void change(void)
{
	const struct input *other = &inputs[below(nr_inputs)];
	size_t at = below(current_size + 1), n = 1 + below(8), from;
	uint8_t *end = current + current_size;

	switch (below(5)) {
	case 0:
		if (at < current_size)
			current[at] = (uint8_t)below(256);
		break;
	case 1:
		if (at < current_size)
			current[at] ^= (uint8_t)(1u << below(8));
		break;
	case 2:
		n = n < current_size - at ? n : current_size - at;
		memmove(current + at, current + at + n,
			(size_t)(end - current) - at - n);
		current_size -= n;
		break;
	case 3:
		memmove(current + at + n, current + at, current_size - at);
		while (n--) {
			current[at + n] = (uint8_t)below(256);
			current_size++;
		}
		break;
	default:
		if (!other->size)
			break;
		from = below(other->size);
		n = below(other->size - from) + 1;
		n = n < 200 ? n : 200;
		memmove(current + at + n, current + at, current_size - at);
		memcpy(current + at, other->data + from, n);
		current_size += n;
	}
	current_size = current_size < INPUT_SIZE ? current_size : INPUT_SIZE;
}

static void try(const struct input *input, size_t changes)
{
	memcpy(current, input->data, input->size);
	current_size = input->size;
	while (changes--)
		change();
	LLVMFuzzerTestOneInput(current, current_size);
}

int main(int argc, char **argv)
{
	static const struct input empty = { (uint8_t *)"", 0 };
	unsigned long runs = 0, i;
	struct timespec from, to;
	FILE *out = fdopen(dup(STDOUT_FILENO), "w");
	double seconds;

	state = 1;
	for (i = 1; i < (unsigned long)argc; i++) {
		if (!strncmp(argv[i], "-runs=", 6))
			runs = strtoul(argv[i] + 6, NULL, 10);
		else if (!strncmp(argv[i], "-seed=", 6))
			state = strtoull(argv[i] + 6, NULL, 10);
		else if (*argv[i] != '-')
			add(argv[i]);
	}
	state = state * 0x9e3779b97f4a7c15ull | 1;
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(keep);
	signal(SIGABRT, keep_and_die);
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	clock_gettime(CLOCK_MONOTONIC, &from);
	try(&empty, 0);
	for (i = 0; i < nr_inputs; i++)
		try(&inputs[i], 0);
	for (i = 0; i < runs && nr_inputs; i++)
		try(&inputs[below(nr_inputs)], 1 + below(4));
	clock_gettime(CLOCK_MONOTONIC, &to);
	seconds = (double)(to.tv_sec - from.tv_sec) +
		  (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	fprintf(out, "%zu files and %lu changed ones, %.0f inputs/s\n",
		nr_inputs, runs, (double)(nr_inputs + runs + 1) / seconds);
	fclose(out);
	for (i = 0; i < nr_inputs; i++)
		free(inputs[i].data);
	free(inputs);
	return nr_inputs ? 0 : 2;
}
