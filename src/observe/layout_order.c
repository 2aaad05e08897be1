// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Our own layout: the order in the rows, so that few links cross, and places in
 * the rows, so that links are short and straight.
 *
 * Order: row after row, down and up in turns, is sorted by where the neighbours
 * in the row before are, and neighbouring vertices are exchanged where that
 * helps.  That ends in an order that could be better; so we begin at several,
 * and take the best of all that we have seen.
 *
 * Places: row after row, each vertex wants to be in the middle of its
 * neighbours, and the row's order and gaps are kept.  What is nearest to all
 * wishes, by least squares, is found in one pass: vertices that would overlap
 * become a group, which goes where it is best for all of its members.
 */
#include "layout_own.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_SWEEPS 16
#define EXCHANGES 4
#define PLACE_SWEEPS 48
#define BOX_GAP 26
#define BEND_GAP 14

static struct vertex *vertex_at(struct rows *rows, unsigned int row,
				unsigned int pos)
{
	return &rows->vertices[rows->row.item[rows->row.start[row] + pos]];
}

static unsigned int row_length(const struct rows *rows, unsigned int row)
{
	return rows->row.start[row + 1] - rows->row.start[row];
}

/* The other end of link nr. @i of @list, which is rows->up or rows->down. */
static struct vertex *other_end(struct rows *rows, const struct list *list,
				unsigned int i)
{
	const struct link *link = &rows->links[list->item[i]];

	return &rows->vertices[list == &rows->up ? link->top : link->bottom];
}

/* Crossings */

/* How many of the positions counted in @tree are beyond @pos? */
static unsigned long beyond(const unsigned int *tree, unsigned int pos,
			    unsigned long all)
{
	for (pos++; pos; pos &= pos - 1)
		all -= tree[pos];
	return all;
}

static void count_in(unsigned int *tree, unsigned int nr, unsigned int pos)
{
	for (pos++; pos <= nr; pos += pos & -pos)
		tree[pos]++;
}

/* Between @row and the one below it.  @tree: room for the row below */
static unsigned long row_crossings(struct rows *rows, unsigned int row,
				   unsigned int *tree)
{
	unsigned int i, j, v, nr = row_length(rows, row + 1);
	unsigned long all = 0, sum = 0;

	memset(tree, 0, (nr + 1) * sizeof(*tree));
	for (i = rows->row.start[row]; i < rows->row.start[row + 1]; i++) {
		v = rows->row.item[i];
		for (j = rows->down.start[v]; j < rows->down.start[v + 1]; j++)
			sum += beyond(tree,
				other_end(rows, &rows->down, j)->pos, all);
		for (j = rows->down.start[v]; j < rows->down.start[v + 1]; j++)
			count_in(tree, nr,
				 other_end(rows, &rows->down, j)->pos);
		all += rows->down.start[v + 1] - rows->down.start[v];
	}
	return sum;
}

static unsigned long crossings(struct rows *rows, unsigned int *tree)
{
	unsigned long sum = 0;
	unsigned int row;

	for (row = 0; row + 1 < rows->nr_rows; row++)
		sum += row_crossings(rows, row, tree);
	return sum;
}

/* Of the links of @left and @right in @list, which are neighbours in a row. */
static unsigned long pair_crossings(struct rows *rows, const struct list *list,
				    unsigned int left, unsigned int right)
{
	unsigned int i, j, pos;
	unsigned long sum = 0;

	for (i = list->start[left]; i < list->start[left + 1]; i++) {
		pos = other_end(rows, list, i)->pos;
		for (j = list->start[right]; j < list->start[right + 1]; j++)
			sum += pos > other_end(rows, list, j)->pos;
	}
	return sum;
}

/* Order */

static void renumber(struct rows *rows, unsigned int row)
{
	unsigned int i;

	for (i = 0; i < row_length(rows, row); i++)
		vertex_at(rows, row, i)->pos = i;
}

static bool exchange(struct rows *rows, unsigned int row)
{
	unsigned int *item = rows->row.item + rows->row.start[row], i, v;
	bool better = false;

	for (i = 0; i + 1 < row_length(rows, row); i++) {
		if (pair_crossings(rows, &rows->up, item[i], item[i + 1]) +
		    pair_crossings(rows, &rows->down, item[i], item[i + 1]) <=
		    pair_crossings(rows, &rows->up, item[i + 1], item[i]) +
		    pair_crossings(rows, &rows->down, item[i + 1], item[i]))
			continue;
		v = item[i];
		item[i] = item[i + 1];
		item[i + 1] = v;
		renumber(rows, row);
		better = true;
	}
	return better;
}

static void exchange_all(struct rows *rows)
{
	bool better = true;
	unsigned int i, row;

	for (i = 0; i < EXCHANGES && better; i++) {
		better = false;
		for (row = 0; row < rows->nr_rows; row++)
			better |= exchange(rows, row);
	}
}

static bool is_behind(const struct vertex *vertex, const struct vertex *of,
		      bool turn)
{
	return vertex->key > of->key || (turn && vertex->key >= of->key);
}

/* Those with the same key stay in order, or with @turn are turned round. */
static void sort_row(struct rows *rows, unsigned int row, bool turn)
{
	unsigned int *item = rows->row.item + rows->row.start[row];
	unsigned int i, j, v;

	for (i = 1; i < row_length(rows, row); i++) {
		v = item[i];
		for (j = i; j && is_behind(&rows->vertices[item[j - 1]],
					   &rows->vertices[v], turn); j--)
			item[j] = item[j - 1];
		item[j] = v;
	}
	renumber(rows, row);
}

/*
 * By the mean place of the neighbours in @list; a vertex without any goes where
 * the one left of it goes.
 */
static void order_row(struct rows *rows, unsigned int row,
		      const struct list *list, bool turn)
{
	unsigned int i, j, v;
	double sum, last = -1;

	for (i = rows->row.start[row]; i < rows->row.start[row + 1]; i++) {
		v = rows->row.item[i];
		sum = 0;
		for (j = list->start[v]; j < list->start[v + 1]; j++)
			sum += other_end(rows, list, j)->pos;
		if (list->start[v + 1] > list->start[v])
			last = sum / (list->start[v + 1] - list->start[v]);
		rows->vertices[v].key = last;
	}
	sort_row(rows, row, turn);
}

static void order_sweep(struct rows *rows, bool down, bool turn)
{
	unsigned int i;

	for (i = 0; i < rows->nr_rows; i++)
		order_row(rows, down ? i : rows->nr_rows - 1 - i,
			  down ? &rows->up : &rows->down, turn);
	exchange_all(rows);
}

/* @best: of those seen before, if there were any, with @least crossings */
static void try_order(struct rows *rows, bool down, unsigned long *least,
		      unsigned int *best, unsigned int *tree)
{
	unsigned long now;
	unsigned int i;

	for (i = 0; i <= ORDER_SWEEPS && *least; i++) {
		if (i)
			order_sweep(rows, (i % 2 == 0) != down, i % 4 > 1);
		now = crossings(rows, tree);
		if (now < *least) {
			*least = now;
			memcpy(best, rows->row.item,
			       rows->nr_vertices * sizeof(*best));
		}
	}
}

/*
 * From the order of the keys and from the opposite, down first and up first.
 * @best, @tree: room for all vertices
 */
static void order(struct rows *rows, unsigned int *best, unsigned int *tree)
{
	unsigned long least = ~0ul;
	unsigned int i, row, v;

	for (i = 0; i < 4; i++) {
		for (v = 0; v < rows->nr_vertices; v++)
			rows->vertices[v].key = i % 2 ?
				-rows->vertices[v].start :
				rows->vertices[v].start;
		for (row = 0; row < rows->nr_rows; row++)
			sort_row(rows, row, false);
		try_order(rows, i < 2, &least, best, tree);
	}
	memcpy(rows->row.item, best, rows->nr_vertices * sizeof(*best));
	for (row = 0; row < rows->nr_rows; row++)
		renumber(rows, row);
}

/* Places */

/* From the x of @left to the x of @right, its neighbour, at least. */
static double distance(const struct vertex *left, const struct vertex *right)
{
	return left->right + right->left +
	       (left->bend || right->bend ? BEND_GAP : BOX_GAP);
}

/*
 * struct group - neighbours in a row that stand as close as they may
 * @sum, @weight: of where the members want the first member to be
 */
struct group {
	unsigned int first;
	double sum, weight;
};

static double group_at(const struct group *group)
{
	return group->sum / group->weight;
}

/* Where does vertex @v want to be?  Returns how much. */
static double wish(struct rows *rows, unsigned int v, const struct list *one,
		   const struct list *two, double *x)
{
	const struct list *lists[2] = { one, two }, *list;
	double sum = 0, weight = 0, w;
	unsigned int i, j;

	for (i = 0; i < 2; i++) {
		list = lists[i];
		for (j = list ? list->start[v] : 0;
		     list && j < list->start[v + 1]; j++) {
			w = rows->links[list->item[j]].weight;
			sum += w * other_end(rows, list, j)->x;
			weight += w;
		}
	}
	if (weight > 0) {
		*x = sum / weight;
		return weight;
	}
	*x = rows->vertices[v].x;
	return 0.05;
}

/* @groups: room for the row */
static void place_row(struct rows *rows, unsigned int row,
		      const struct list *one, const struct list *two,
		      struct group *groups)
{
	unsigned int i, v, nr = 0, length = row_length(rows, row);
	unsigned int *item = rows->row.item + rows->row.start[row];
	double x, weight, offset = 0;
	struct group *last = groups;

	for (i = 0; i < length; i++) {
		v = item[i];
		if (i)
			offset += distance(&rows->vertices[item[i - 1]],
					   &rows->vertices[v]);
		weight = wish(rows, v, one, two, &x);
		last = &groups[nr++];
		*last = (struct group){ i, (x - offset) * weight, weight };
		while (nr > 1 && group_at(last - 1) > group_at(last)) {
			last[-1].sum += last->sum;
			last[-1].weight += last->weight;
			last--;
			nr--;
		}
	}
	offset = 0;
	for (i = 0, last = groups; i < length; i++) {
		if (i)
			offset += distance(&rows->vertices[item[i - 1]],
					   &rows->vertices[item[i]]);
		if (last + 1 < groups + nr && last[1].first == i)
			last++;
		rows->vertices[item[i]].x = group_at(last) + offset;
	}
}

static void place(struct rows *rows, struct group *groups)
{
	unsigned int i, row, sweep;
	bool down, both;

	for (row = 0; row < rows->nr_rows; row++)
		for (i = 1; i < row_length(rows, row); i++)
			vertex_at(rows, row, i)->x =
				vertex_at(rows, row, i - 1)->x +
				distance(vertex_at(rows, row, i - 1),
					 vertex_at(rows, row, i));
	for (sweep = 0; sweep < PLACE_SWEEPS; sweep++) {
		down = sweep % 2 == 0;
		both = sweep >= PLACE_SWEEPS / 2;
		for (i = 0; i < rows->nr_rows; i++) {
			row = down ? i : rows->nr_rows - 1 - i;
			place_row(rows, row, down || both ? &rows->up : NULL,
				  !down || both ? &rows->down : NULL, groups);
		}
	}
}

/* From where to where can @vertex go between its neighbours? */
static void room(struct rows *rows, const struct vertex *vertex, double *from,
		 double *to)
{
	const struct vertex *other;

	*from = -1e9;
	*to = 1e9;
	if (vertex->pos) {
		other = vertex_at(rows, vertex->row, vertex->pos - 1);
		*from = other->x + distance(other, vertex);
	}
	if (vertex->pos + 1 < row_length(rows, vertex->row)) {
		other = vertex_at(rows, vertex->row, vertex->pos + 1);
		*to = other->x - distance(vertex, other);
	}
}

/*
 * Bend @v and as many as can of those that follow it in its bundle are put
 * below each other.  Returns the first that is not.
 */
static unsigned int straighten(struct rows *rows, unsigned int v)
{
	double from, to, left, right, sum = 0, x;
	unsigned int i, end = v;

	room(rows, &rows->vertices[v], &from, &to);
	do {
		sum += rows->vertices[end++].x;
		if (rows->links[rows->down.item[rows->down.start[end - 1]]]
			    .bottom != end || !rows->vertices[end].bend)
			break;
		room(rows, &rows->vertices[end], &left, &right);
		if (left > to || right < from)
			break;
		from = left > from ? left : from;
		to = right < to ? right : to;
	} while (true);
	x = sum / (end - v);
	x = x < from ? from : x > to ? to : x;
	for (i = v; i < end; i++)
		rows->vertices[i].x = x;
	return end;
}

static void straighten_all(struct rows *rows)
{
	unsigned int v = 0;

	while (v < rows->nr_vertices)
		v = rows->vertices[v].bend ? straighten(rows, v) : v + 1;
}

int observe_layout_order(struct rows *rows)
{
	size_t nr = rows->nr_vertices + 1;
	unsigned int *best = malloc(2 * nr * sizeof(*best));
	struct group *groups = malloc(nr * sizeof(*groups));
	int rc = -ENOMEM;

	if (!best || !groups)
		goto out;
	order(rows, best, best + nr);
	place(rows, groups);
	straighten_all(rows);
	rc = 0;
out:
	free(groups);
	free(best);
	return rc;
}
