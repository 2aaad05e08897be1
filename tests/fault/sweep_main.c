// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Run an example again and again, each time with another allocation failing,
 * until in a run no allocation is left to fail.
 *
 * The example's main() is compiled as example_main().  Each run is a process of
 * its own, so that after a crash the next run starts afresh.  After a failed
 * allocation the example may return any exit code, but it must not crash, cause
 * a WARN, or leak memory.
 */
#include <iommufd_model/kernel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int example_main(void);

enum { FINE = 0, FINISHED = 10, FAILED, WARNED, LEAKED };

static FILE *said;	/* what the last run wrote to stderr */

static int run(unsigned long n, bool from, bool may_leak)
{
	int rc;

	if (!freopen("/dev/null", "w", stdout) || ftruncate(fileno(said), 0) ||
	    dup2(fileno(said), STDERR_FILENO) < 0)
		return FAILED;
	if (from)
		iommufd_model_fail_from(n);
	else
		iommufd_model_fail_nth(n);
	rc = example_main();
	if (iommufd_model_warnings())
		return WARNED;
	if (!may_leak && iommufd_model_leaks(0, NULL, NULL))
		return LEAKED;
	if (iommufd_model_failed())
		return FINE;
	return rc ? FAILED : FINISHED;
}

/*
 * Run once in a child process.  Returns how the run ended, or -1 if it crashed.
 */
static int run_child(unsigned long n, bool from, bool may_leak)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		exit(run(n, from, may_leak));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void print_said(void)
{
	int c;

	rewind(said);
	while ((c = getc(said)) != EOF)
		putc(c, stderr);
}

static int sweep(bool from, bool may_leak)
{
	const char *mode = from ? "all from allocation" : "allocation";
	unsigned long n;
	int outcome;

	for (n = 1; (outcome = run_child(n, from, may_leak)) == FINE; n++)
		;
	if (outcome != FINISHED) {
		print_said();
		fprintf(stderr, "%s %lu failing: %s\n", mode, n,
			outcome == WARNED ? "a warning" :
			outcome == LEAKED ? "memory is left" :
			outcome == FAILED ? "fails without a failure" :
					    "crashed");
		return 1;
	}
	printf("%s failing: %lu runs\n", mode, n);
	/* In the first run an allocation must have failed. */
	return n == 1;
}

int main(int argc, char **argv)
{
	/*
	 * A failed assertion ends a libcheck test in the middle, and nothing is
	 * freed.
	 */
	bool may_leak = argc > 1 && !strcmp(argv[1], "--may-leak");

	said = tmpfile();
	if (!said)
		return 1;
	return sweep(false, may_leak) || sweep(true, may_leak);
}
