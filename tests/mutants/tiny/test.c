// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A test that notices some wrong edits, and not others. */
#include <sys/wait.h>
#include <unistd.h>

#include "counter.h"

static int child(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		counter_add(3);
		counter_reset();
		_exit(counter_value() ? 1 : 0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return 1;
	return !WIFEXITED(status) || WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return child();
	if (counter_add(4) || counter_value() != 4)
		return 1;
	if (counter_add(40) >= 0 || counter_value() != 4)
		return 1;
	if (counter_clamp(-1) || counter_clamp(0) || counter_clamp(3) != 3)
		return 1;
	return 0;
}
