// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Layout by Graphviz: a graph goes into the program dot, and comes back with
 * places, in its "plain" format.
 *
 * dot's standard input and output are one socket, since writing to a socket can
 * fail without a SIGPIPE.  We write as long as it takes something and read as
 * long as it says something, whichever comes first, so that neither waits for
 * the other.  Descriptors are closed on exec, as another thread may fork.
 *
 * What comes back is not trusted: an answer that is not the layout of what we
 * asked for is no answer.  Numbers are written and read by hand, as the program
 * that uses the library may have a locale with decimal commas.
 */
#define _GNU_SOURCE
#include "layout.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int observe_layout_patience = 10000;	/* ms */
#define INCH 72.0		/* px: dot counts in inches */
#define FARTHEST 1e6		/* px: what we still believe */
#define NOWHERE -1e9
#define MOST_BYTES (64u << 20)

extern char **environ;

/* The question */

static void put_inches(double px, FILE *to)
{
	unsigned long micro = (unsigned long)(px / INCH * 1e6);

	fprintf(to, "%lu.%06lu", micro / 1000000, micro % 1000000);
}

/*
 * Nodes have no text, only a size.  An edge carries its number as its colour:
 * dot gives the edges in an order of its own.
 */
static void ask(const struct iommufd_model_graph *graph, const bool *placed,
		const struct layout *layout, FILE *to)
{
	unsigned int i;

	fputs("digraph g {\n"
	      "graph [ranksep=0.7, nodesep=0.35];\n"
	      "node [shape=box, fixedsize=true, label=\"\"];\n"
	      "edge [dir=none];\n", to);
	for (i = 0; i < graph->nr_nodes; i++) {
		if (placed[i])
			continue;
		fprintf(to, "n%u [width=", i);
		put_inches(layout->boxes[i].w, to);
		fputs(", height=", to);
		put_inches(layout->boxes[i].h, to);
		fputs("];\n", to);
	}
	for (i = 0; i < graph->nr_edges; i++)
		fprintf(to, "n%u -> n%u [color=\"#%06x\"];\n",
			graph->edges[i].from, graph->edges[i].to, i);
	fputs("}\n", to);
}

/* The program */

static int start_with(const posix_spawn_file_actions_t *actions, pid_t *pid)
{
	char *argv[] = { (char *)"dot", (char *)"-Tplain", NULL };
	posix_spawnattr_t attr;
	sigset_t none;
	int rc;

	rc = posix_spawnattr_init(&attr);
	if (rc)
		return -rc;
	/* The caller may block signals; dot is not to inherit that. */
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawnp(pid, "dot", actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	return -rc;
}

/* @end may be one of the standard ones, if those were closed. */
static int start(int end, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int rc;

	rc = posix_spawn_file_actions_init(&actions);
	if (rc)
		return -rc;
	rc = posix_spawn_file_actions_adddup2(&actions, end, 0);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, end, 1);
	if (!rc)
		rc = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null",
						      O_WRONLY, 0);
	rc = rc ? -rc : start_with(&actions, pid);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * struct talk - what is said
 * @left, @nr_left: still to be written
 * @answer, @nr: read so far; @answer has room for one byte more
 */
struct talk {
	int fd;
	const char *left;
	size_t nr_left;
	char *answer;
	size_t nr, room;
};

static int talk_write(struct talk *talk)
{
	ssize_t nr = send(talk->fd, talk->left, talk->nr_left,
			  MSG_NOSIGNAL | MSG_DONTWAIT);

	if (nr < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	talk->left += nr;
	talk->nr_left -= (size_t)nr;
	if (!talk->nr_left)
		shutdown(talk->fd, SHUT_WR);
	return 0;
}

/* 1: that was all */
static int talk_read(struct talk *talk)
{
	char *more;
	ssize_t nr;

	if (talk->room - talk->nr < 4096) {
		if (talk->room > MOST_BYTES)
			return -E2BIG;
		more = realloc(talk->answer, 2 * talk->room + 8192);
		if (!more)
			return -ENOMEM;
		talk->answer = more;
		talk->room = 2 * talk->room + 8192;
	}
	nr = recv(talk->fd, talk->answer + talk->nr,
		  talk->room - talk->nr - 1, MSG_DONTWAIT);
	if (nr < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	talk->nr += (size_t)nr;
	talk->answer[talk->nr] = 0;
	return !nr;
}

static int talk_all(struct talk *talk)
{
	struct pollfd poll_fd = { .fd = talk->fd };
	long end = now_ms() + observe_layout_patience, left;
	int rc;

	for (;;) {
		left = end - now_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		poll_fd.events = POLLIN;
		if (talk->nr_left)
			poll_fd.events |= POLLOUT;
		poll_fd.revents = 0;
		if (poll(&poll_fd, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
		/* Its answer may be there although it reads no more. */
		if (poll_fd.revents & (POLLIN | POLLHUP | POLLERR)) {
			rc = talk_read(talk);
			if (rc)
				return rc < 0 ? rc : 0;
		}
		if (poll_fd.revents & POLLOUT) {
			rc = talk_write(talk);
			if (rc)
				return rc;
		}
	}
}

/* What dot answers to @talk->left.  The caller frees talk->answer. */
static int ask_dot(struct talk *talk)
{
	int ends[2], rc, status;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	rc = start(ends[1], &pid);
	close(ends[1]);
	if (rc) {
		close(ends[0]);
		return rc;
	}
	talk->fd = ends[0];
	rc = talk_all(talk);
	close(ends[0]);
	if (rc)
		kill(pid, SIGKILL);
	/*
	 * Whether it said all is seen from what it said.  Its status may be
	 * with somebody else, who waits for any child.
	 */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return rc ? rc : talk->nr ? 0 : -ENODATA;
}

/* The answer */

/* The next word of the line at *@at, which moves behind it; NULL: no more */
static char *next_word(char **at)
{
	char *word = *at, *end;

	word += strspn(word, " ");
	end = word + strcspn(word, " ");
	if (end == word)
		return NULL;
	*at = end;
	if (*end == ' ') {
		*end = 0;
		*at = end + 1;
	}
	return word;
}

/*
 * "12", "-1.5", "7.1e-05": the number at *@at, which moves behind it.  -EINVAL:
 * there is none.
 */
static int next_number(char **at, double *number)
{
	double value = 0, scale = 1;
	bool minus, small;
	long exponent = 0;
	char *s = *at;
	int digits = 0;

	s += strspn(s, " ");
	minus = *s == '-';
	s += minus;
	for (; *s >= '0' && *s <= '9'; s++, digits++)
		value = value * 10 + (*s - '0');
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9'; s++, digits++)
			value += (*s - '0') * (scale /= 10);
	if (!digits || digits > 30)
		return -EINVAL;
	if (*s == 'e') {
		s++;
		small = *s == '-';
		s += *s == '-' || *s == '+';
		for (; *s >= '0' && *s <= '9' && exponent < 100; s++)
			exponent = exponent * 10 + (*s - '0');
		while (exponent--)
			value *= small ? 0.1 : 10;
	}
	if (*s && *s != ' ')
		return -EINVAL;
	*at = s;
	*number = (minus ? -value : value) * INCH;
	return value * INCH <= FARTHEST ? 0 : -EINVAL;
}

static int next_numbers(char **at, double *numbers, unsigned int nr)
{
	int rc = 0;

	while (nr-- && !rc)
		rc = next_number(at, numbers++);
	return rc;
}

/* "n12" */
static int next_node(char **at, unsigned int nr_nodes, unsigned int *node)
{
	const char *word = next_word(at);
	unsigned long nr;
	char *end;

	if (!word || word[0] != 'n' || word[1] < '0' || word[1] > '9')
		return -EINVAL;
	nr = strtoul(word + 1, &end, 10);
	if (*end || nr >= nr_nodes)
		return -EINVAL;
	*node = (unsigned int)nr;
	return 0;
}

/* dot's y grows upwards. */
static double flip(const struct layout *layout, double y)
{
	return layout->height - y;
}

/* "n12 x y width height ..." */
static int read_node(char *at, const struct iommufd_model_graph *graph,
		     struct layout *layout, unsigned int *nr_nodes)
{
	unsigned int node;
	double place[2];
	int rc = next_node(&at, graph->nr_nodes, &node);

	if (!rc)
		rc = next_numbers(&at, place, 2);
	if (rc || layout->boxes[node].x != NOWHERE)
		return -EINVAL;
	layout->boxes[node].x = place[0];
	layout->boxes[node].y = flip(layout, place[1]);
	++*nr_nodes;
	return 0;
}

static int read_points(char *at, struct layout *layout,
		       struct layout_path *path)
{
	unsigned int i;
	int rc;

	for (i = 0; i < path->nr; i++) {
		rc = next_numbers(&at, path->points[i], 2);
		if (rc)
			return rc;
		path->points[i][1] = flip(layout, path->points[i][1]);
	}
	return 0;
}

/* "n1 n2 nr x y ... solid #00000c" */
static int read_edge(char *at, const struct iommufd_model_graph *graph,
		     struct layout *layout, unsigned int *nr_edges)
{
	const char *color = strchr(at, '#');
	unsigned int from, to, nr_points;
	struct layout_path *path;
	unsigned long edge;
	double number;
	int rc;

	edge = color ? strtoul(color + 1, NULL, 16) : graph->nr_edges;
	rc = next_node(&at, graph->nr_nodes, &from);
	if (!rc)
		rc = next_node(&at, graph->nr_nodes, &to);
	if (!rc)
		rc = next_number(&at, &number);
	if (rc || edge >= graph->nr_edges || layout->paths[edge].points ||
	    graph->edges[edge].from != from || graph->edges[edge].to != to)
		return -EINVAL;
	nr_points = (unsigned int)(number / INCH + 0.5);
	if (nr_points < 4 || nr_points % 3 != 1)
		return -EINVAL;
	path = &layout->paths[edge];
	path->points = malloc(nr_points * sizeof(*path->points));
	if (!path->points)
		return -ENOMEM;
	path->nr = nr_points;
	++*nr_edges;
	return read_points(at, layout, path);
}

/* "graph scale width height" */
static int read_graph(char *at, struct layout *layout)
{
	double size[3];
	int rc = next_numbers(&at, size, 3);

	if (rc)
		return rc;
	layout->width = size[1];
	layout->height = size[2];
	return 0;
}

static int read_line(char *line, const struct iommufd_model_graph *graph,
		     struct layout *layout, unsigned int *nr_nodes,
		     unsigned int *nr_edges)
{
	const char *word = next_word(&line);

	if (!word)
		return -EINVAL;
	if (!strcmp(word, "graph"))
		return read_graph(line, layout);
	if (!strcmp(word, "node"))
		return read_node(line, graph, layout, nr_nodes);
	if (!strcmp(word, "edge"))
		return read_edge(line, graph, layout, nr_edges);
	return -EINVAL;
}

/* It must end with "stop", and must have placed all nodes and edges by then. */
static int read_answer(char *at, const struct iommufd_model_graph *graph,
		       struct layout *layout, unsigned int nr_wanted)
{
	unsigned int nr_nodes = 0, nr_edges = 0;
	char *end;
	int rc;

	while ((end = strchr(at, '\n'))) {
		*end = 0;
		if (!strcmp(at, "stop"))
			return nr_nodes == nr_wanted &&
			       nr_edges == graph->nr_edges ? 0 : -EINVAL;
		rc = read_line(at, graph, layout, &nr_nodes, &nr_edges);
		if (rc)
			return rc;
		at = end + 1;
	}
	return -EINVAL;
}

int observe_layout_dot(const struct iommufd_model_graph *graph,
		       const bool *placed, struct layout *layout)
{
	unsigned int i, nr_wanted = 0;
	struct talk talk = { 0 };
	char *question = NULL;
	FILE *to;
	int rc;

	to = open_memstream(&question, &talk.nr_left);
	if (!to)
		return -ENOMEM;
	ask(graph, placed, layout, to);
	rc = ferror(to) | fclose(to) ? -ENOMEM : 0;
	talk.left = question;
	if (!rc)
		rc = ask_dot(&talk);
	for (i = 0; i < graph->nr_nodes; i++) {
		if (placed[i])
			continue;
		layout->boxes[i].x = NOWHERE;
		nr_wanted++;
	}
	if (!rc)
		rc = read_answer(talk.answer, graph, layout, nr_wanted);
	free(talk.answer);
	free(question);
	return rc;
}
