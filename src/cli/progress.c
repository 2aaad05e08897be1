// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "progress.h"
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool shown;

bool progress_wanted(void)
{
	return isatty(STDERR_FILENO);
}

void progress_erase(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}

/* Write "12 s", "3 min" or "5 h"; an estimate is not more exact than that. */
static void print_duration(char *buf, size_t size, double seconds)
{
	static const struct {
		double least, scale;
		const char *name;
	} scales[] = {
		{ 2 * 86400, 86400, "days" }, { 2 * 3600, 3600, "h" },
		{ 2 * 60, 60, "min" }, { 0, 1, "s" },
	};
	const char *prefix = "";
	size_t i = 0;

	if (seconds > 1000 * 86400.0) {
		prefix = "more than ";
		seconds = 1000 * 86400.0;
	}
	while (seconds < scales[i].least)
		i++;
	snprintf(buf, size, "%s%.0f %s", prefix, seconds / scales[i].scale,
		 scales[i].name);
}

/* Return the width of the terminal.  A longer line could not be erased. */
static int columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col < 20)
		return 79;
	return size.ws_col - 1;
}

/*
 * The estimate jumps, because the explorer finds new work all the time.  Show
 * an average of about the last three seconds.
 */
static double smooth(const struct iommufd_model_explore_result *so_far)
{
	static double done, last;
	double weight = (so_far->seconds - last) / 3;

	if (so_far->seconds < last)
		done = last = 0;	/* another exploration has begun */
	if (weight < 0 || weight > 1)
		weight = 1;
	done += (so_far->done - done) * weight;
	last = so_far->seconds;
	return done;
}

void progress_show(const struct iommufd_model_explore_result *so_far,
		   void *name)
{
	double seconds = so_far->seconds, done = smooth(so_far);
	char rest[80] = "", line[400], left[40];

	if (seconds >= 1 && done > 0.0005 && done < 1) {
		print_duration(left, sizeof(left), seconds * (1 - done) / done);
		snprintf(rest, sizeof(rest), ", about %.1f %% done, %s left",
			 100 * done, left);
	}
	snprintf(line, sizeof(line),
		 "%lu executions, %.0f/s, depth %u%s: %s",
		 so_far->executions,
		 seconds > 0 ? (double)so_far->executions / seconds : 0,
		 so_far->depth, rest, (const char *)name);
	fprintf(stderr, "\r\033[K%.*s", columns(), line);
	fflush(stderr);
	shown = true;
}
