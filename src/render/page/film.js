// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The film: as given, with what is missing filled in and what points nowhere
 * left out.
 */
const $ = id => document.getElementById(id);
const COUNTERS = ["users", "wait_cnt", "references"];
const STATES = ["gone", "reserved", "published", "dying"];
const QUIET = ["lock", "wait", "memory", "user", "other"];
const KINDS = ["count", "note", ...QUIET];
const TIMES = "\u00d7", MINUS = "\u2212", DOTS = "\u2026", DASH = "\u2013";

const list = x => Array.isArray(x) ? x : [];
const text = x => x === undefined || x === null ? "" : String(x);
const number = (x, or) => Number.isFinite(x) ? x : or;
const clamp = (x, low, high) => Math.max(low, Math.min(high, x));

function read()
{
	const not = "what is in this page is not the data of a run";
	let film;

	try {
		film = JSON.parse($("film").textContent);
	} catch (e) {
		throw new Error(`${not}: ${e.message}`);
	}
	if (!film || typeof film !== "object" || Array.isArray(film))
		throw new Error(not);
	return film;
}

function complete(film)
{
	const f = {
		title: text(film.title) || "a run without a name",
		kind: text(film.kind) || "run",
		intro: text(film.intro),
		skipped: number(film.skipped, 0),
		width: Math.max(1, number(film.width, 600)),
		height: Math.max(1, number(film.height, 300)),
		threads: list(film.threads).map(text),
		locks: list(film.locks).map(text),
		sites: list(film.sites).map(text),
	};

	if (!f.threads.length)
		f.threads = ["main"];
	f.nodes = list(film.nodes).map(whole_node);
	f.edges = list(film.edges).map(e => whole_edge(f, e));
	f.steps = list(film.steps).map(s => whole_step(f, s));
	f.marks = list(film.marks).map(m => whole_mark(f, m));
	f.passes = list(film.passes).map(p => whole_pass(f, p));
	f.failure = film.failure && typeof film.failure === "object" ?
		whole_failure(f, film.failure) : null;
	return f;
}

function whole_node(n)
{
	n = n || {};
	return {
		n: text(n.n), k: text(n.k) || "object",
		x: number(n.x, 0), y: number(n.y, 0),
		w: Math.max(20, number(n.w, 130)),
		h: Math.max(16, number(n.h, 46)),
	};
}

function straight(f, e)
{
	const a = f.nodes[e.f], b = f.nodes[e.t];
	const at = u => [a.x + (b.x - a.x) * u, a.y + (b.y - a.y) * u];

	return [at(0), at(1 / 3), at(2 / 3), at(1)];
}

function whole_edge(f, e)
{
	const there = e && f.nodes[e.f] && f.nodes[e.t];
	const counter = e && COUNTERS.includes(e.c) ? e.c : "users";
	const edge = { f: there ? e.f : -1, t: there ? e.t : -1, c: counter };
	const p = list(e && e.p).filter(q => Array.isArray(q) &&
		Number.isFinite(q[0]) && Number.isFinite(q[1]));

	if (there)
		edge.p = p.length >= 4 && p.length % 3 === 1 ? p :
			straight(f, edge);
	return edge;
}

function sound(f, c)
{
	if (!Array.isArray(c) || !c.slice(1).every(Number.isInteger))
		return false;
	if (c[0] === "n")
		return c[1] in f.nodes && c[2] in STATES;
	if (c[0] === "v")
		return c[1] in f.nodes && c[2] in COUNTERS && c.length >= 4;
	if (c[0] === "e")
		return c[1] in f.edges && f.edges[c[1]].f >= 0 && c.length >= 3;
	return c[0] === "l" && c[1] in f.threads && c[2] in f.locks &&
		c.length >= 4;
}

function whole_step(f, s)
{
	s = s || {};
	return {
		t: s.t in f.threads ? s.t : 0,
		k: KINDS.includes(s.k) ? s.k : "other",
		x: text(s.x), h: text(s.h), p: !!s.p,
		w: s.w in f.sites ? s.w : -1,
		d: clamp(number(s.d, 0), 0, 12),
		c: list(s.c).filter(c => sound(f, c)),
	};
}

function span(f, x)
{
	const s = clamp(number(x.s, 0), 0, f.steps.length);

	return { s, e: clamp(number(x.e, s), s, f.steps.length) };
}

function whole_mark(f, m)
{
	m = m || {};
	return {
		...span(f, m), t: m.t in f.threads ? m.t : 0,
		l: number(m.l, 0), x: text(m.x), r: text(m.r),
	};
}

function whole_pass(f, p)
{
	p = p || {};
	return {
		...span(f, p), ctx: text(p.ctx), n: number(p.n, 0),
		gone: list(p.gone).map(text), left: list(p.left).map(text),
	};
}

function whole_failure(f, x)
{
	return {
		kind: text(x.kind) || "failure", text: text(x.text),
		thread: x.thread in f.threads ? x.thread : -1,
		next: text(x.next), nextsite: text(f.sites[x.nextsite]),
		states: list(x.states).map(text), report: text(x.report),
		schedule: text(x.schedule), command: text(x.command),
	};
}

/*
 * The state, and how one comes from one to another.
 */
let film, last;			/* last: the number of steps */
let at = 0;			/* the state that is shown */
let node_state, value, table, units, held;
let undo;			/* per step: what its changes replaced */
let owns;			/* per step: does it change ownership? */
let state_log, unit_log, table_log;	/* [step, what it became]... */

function start()
{
	const n = film.nodes.length;

	last = film.steps.length;
	node_state = new Int8Array(n);
	value = new Int32Array(n * 3).fill(-1);
	table = new Int32Array(n * 3);
	units = new Int32Array(film.edges.length);
	held = new Map();
	undo = new Array(last);
	owns = film.steps.map(s => s.c.some(c => c[0] !== "l"));
	state_log = film.nodes.map(() => []);
	unit_log = film.edges.map(() => []);
	table_log = Array.from({ length: n * 3 }, () => []);
	film.steps.forEach((s, i) => s.c.forEach(c => {
		if (c[0] === "n")
			state_log[c[1]].push([i, c[2]]);
		if (c[0] === "e")
			unit_log[c[1]].push([i, c[2]]);
		if (c[0] === "v")
			table_log[c[1] * 3 + c[2]].push([i, c[4] | 0]);
	}));
}

const lock_key = c => c[1] * film.locks.length + c[2];

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
		was = units[c[1]];
		units[c[1]] = c[2];
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
		units[c[1]] = was;
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
		undo[at] = film.steps[at].c.map(c => change(at, c));
	while (at > k) {
		const c = film.steps[--at].c;

		for (let j = c.length; j-- > 0;)
			change_back(c[j], undo[at][j]);
	}
}

/* What the step that led here changed: the value before it, by index. */
function changes()
{
	const was = { n: new Map(), v: new Map(), e: new Map() };
	const steps = at ? film.steps[at - 1].c : [];

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
const lock_text = l => film.locks[l.l] + (l.m === 2 ? " (reading)" : "");
const site_of = i => film.steps[i].w >= 0 ? film.sites[film.steps[i].w] : "";

/* The steps that took the units that are there now, by a log of units. */
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
