// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Children: what they do with their own descriptors reaches nobody else, and
 * nothing that they do with an inherited one goes wrong in silence.
 */
#include "program.h"
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static int wait_for(pid_t pid)
{
	int status;

	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A child that opens the device has a model of its own. */
static void own_model(int fd)
{
	pid_t pid = fork();
	int own;

	CHECK(pid >= 0);
	if (!pid) {
		own = open_iommu();
		_exit((int)new_ioas(own) - 1);
	}
	CHECK(!wait_for(pid));
	CHECK(new_ioas(fd) == 2);
}

/* The child closes everything, as daemons do; the parent goes on. */
static void closes(int fd)
{
	pid_t pid = fork();

	if (!pid) {
		closefrom(3);
		_exit(0);
	}
	CHECK(!wait_for(pid));
	CHECK(new_ioas(fd) == 3);
	/* After vfork() the child has the parent's memory. */
	pid = vfork();
	if (!pid) {
		close(fd);
		_exit(0);
	}
	CHECK(!wait_for(pid));
	CHECK(new_ioas(fd) == 4);
}

static void spawns(int fd)
{
	char *argv[] = { (char[]){ "true" }, NULL };
	pid_t pid;

	CHECK(!posix_spawnp(&pid, "true", NULL, NULL, argv, environ));
	CHECK(!wait_for(pid));
	CHECK(new_ioas(fd) == 5);
}

int main(void)
{
	int fd = open_iommu();

	CHECK(new_ioas(fd) == 1);
	own_model(fd);
	closes(fd);
	spawns(fd);
	CHECK(!close(fd));
	puts("child: good");
	return 0;
}
