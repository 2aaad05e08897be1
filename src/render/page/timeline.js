// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The data of the run, as the program wrote it.
 */
const $ = id => document.getElementById(id);
const COUNTERS = ["users", "wait_cnt", "references"];
const STATES = ["gone", "reserved", "published", "dying"];
const QUIET = ["lock", "wait", "memory", "user", "other"];
const TIMES = "\u00d7", MINUS = "\u2212", DOTS = "\u2026";

const clamp = (x, low, high) => Math.max(low, Math.min(high, x));

function read()
{
	const timeline = JSON.parse($("timeline").textContent);

	for (const s of timeline.steps)
		s.h ??= "";
	const f = timeline.failure;
	if (f)
		f.nextsite = timeline.sites[f.nextsite] ?? "";
	return timeline;
}

/*
 * The current state, and the way from one state to another.
 */
let timeline, last;			/* last: the number of steps */
let at = 0;			/* the state that is shown */
let node_state, value, table, refs, held;
let undo;			/* per step: what its changes replaced */
let owns;			/* per step: does it change ownership? */
let state_log, ref_log, table_log;	/* [step, what it became]... */

function start()
{
	const n = timeline.nodes.length;

	last = timeline.steps.length;
	node_state = new Int8Array(n);
	value = new Int32Array(n * 3).fill(-1);
	table = new Int32Array(n * 3);
	refs = new Int32Array(timeline.edges.length);
	held = new Map();
	undo = new Array(last);
	owns = timeline.steps.map(s => s.c.some(c => c[0] !== "l"));
	state_log = timeline.nodes.map(() => []);
	ref_log = timeline.edges.map(() => []);
	table_log = Array.from({ length: n * 3 }, () => []);
	timeline.steps.forEach((s, i) => s.c.forEach(c => {
		if (c[0] === "n")
			state_log[c[1]].push([i, c[2]]);
		if (c[0] === "e")
			ref_log[c[1]].push([i, c[2]]);
		if (c[0] === "v")
			table_log[c[1] * 3 + c[2]].push([i, c[4] | 0]);
	}));
}

const lock_key = c => c[1] * timeline.locks.length + c[2];

function change(i, c)
{
	let was;

	switch (c[0]) {
	case "n":
		was = node_state[c[1]];
		node_state[c[1]] = c[2];
		return was;
	case "v":
		was = [value[c[1] * 3 + c[2]], table[c[1] * 3 + c[2]]];
		value[c[1] * 3 + c[2]] = c[3];
		table[c[1] * 3 + c[2]] = c[4] | 0;
		return was;
	case "e":
		was = refs[c[1]];
		refs[c[1]] = c[2];
		return was;
	default:
		was = held.get(lock_key(c));
		if (c[3])
			held.set(lock_key(c), { t: c[1], l: c[2], m: c[3], i });
		else
			held.delete(lock_key(c));
		return was;
	}
}

function change_back(c, was)
{
	switch (c[0]) {
	case "n":
		node_state[c[1]] = was;
		break;
	case "v":
		value[c[1] * 3 + c[2]] = was[0];
		table[c[1] * 3 + c[2]] = was[1];
		break;
	case "e":
		refs[c[1]] = was;
		break;
	default:
		if (was)
			held.set(lock_key(c), was);
		else
			held.delete(lock_key(c));
	}
}

function move(k)
{
	for (; at < k; at++)
		undo[at] = timeline.steps[at].c.map(c => change(at, c));
	while (at > k) {
		const c = timeline.steps[--at].c;

		for (let j = c.length; j-- > 0;)
			change_back(c[j], undo[at][j]);
	}
}

/* For each index that the last step changed, the value before that step. */
function changes()
{
	const was = { n: new Map(), v: new Map(), e: new Map() };
	const steps = at ? timeline.steps[at - 1].c : [];

	steps.forEach((c, j) => {
		const old = undo[at - 1][j];
		const key = c[0] === "v" ? c[1] * 3 + c[2] : c[1];

		if (c[0] !== "l" && !was[c[0]].has(key))
			was[c[0]].set(key, old);
	});
	return was;
}

const locks_of = t => [...held.values()].filter(l => l.t === t)
	.sort((a, b) => a.i - b.i);
const lock_text = l => timeline.locks[l.l] + (l.m === 2 ? " (reading)" : "");
const site_of = i => timeline.sites[timeline.steps[i].w] ?? "";

/* The steps that took the current references, found in their log. */
function taken(log, key)
{
	const stack = [];

	for (const [i, n] of log[key]) {
		if (i >= at)
			break;
		while (stack.length > n)
			stack.pop();
		while (stack.length < Math.min(n, 99))
			stack.push(i);
	}
	return stack;
}

/*
 * Elements.
 */
function make(tag, cls, content)
{
	const e = document.createElement(tag);

	if (cls)
		e.className = cls;
	if (content !== undefined)
		e.textContent = content;
	return e;
}

function draw(tag, attributes, ...children)
{
	const e = document.createElementNS("http://www.w3.org/2000/svg", tag);

	for (const name in attributes)
		e.setAttribute(name, attributes[name]);
	e.append(...children);
	return e;
}

function put(e, content)
{
	if (e.textContent !== content)
		e.textContent = content;
}

function step_button(k)
{
	const b = make("button", "link", String(k));

	b.type = "button";
	b.title = "Go to step " + k;
	b.addEventListener("click", () => go(k));
	return b;
}
