// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The rows: one for each step, and those of marks, preemptions and the end.
 * A row is past in each state from its `at` on; the rows are sorted by `at`.
 */
let rows, mark_of;

/* For each step, the marks that begin, are empty, or end there. */
function mark_index()
{
	const index = { begin: new Map(), empty: new Map(), end: new Map() };
	const add = (map, i, m) => map.set(i, [...map.get(i) ?? [], m]);

	for (const m of timeline.marks) {
		add(m.e > m.s ? index.begin : index.empty, m.s, m);
		if (m.e > m.s && m.r)
			add(index.end, m.e, m);
	}
	index.end.forEach(all => all.sort((a, b) => b.s - a.s));
	return index;
}

function rows_before(i, index)
{
	const row = (m, type, k) => ({ type, at: k, t: m.t, m });
	const out = [];

	for (const m of index.end.get(i) ?? [])
		out.push(row(m, "result", i));
	for (const m of index.empty.get(i) ?? []) {
		out.push(row(m, "head", i));
		if (m.r)
			out.push(row(m, "result", i));
	}
	if (i && i < last && timeline.steps[i].p)
		out.push({ type: "cut", at: i + 1,
			t: timeline.steps[i - 1].t });
	for (const m of index.begin.get(i) ?? [])
		out.push(row(m, "head", i + 1));
	return out;
}

function make_rows()
{
	const index = mark_index();

	rows = [];
	for (let i = 0; i <= last; i++) {
		rows.push(...rows_before(i, index));
		if (i < last)
			rows.push({ type: "step", at: i + 1,
				t: timeline.steps[i].t, i });
	}
	if (timeline.failure)
		rows.push(...end_rows(timeline.failure));
	mark_of = new Int32Array(last).fill(-1);
	timeline.marks.forEach((m, j) => {
		for (let i = m.s; i < m.e; i++)
			if (timeline.steps[i].t === m.t)
				mark_of[i] = j;
	});
}

function end_rows(f)
{
	const out = [{ type: "broken", at: last, t: Math.max(f.thread, 0) }];

	f.states.slice(0, timeline.threads.length).forEach((s, t) => {
		if (s)
			out.push({ type: "end", at: last, t, s });
	});
	return out;
}

function row_parts(r)
{
	const s = timeline.steps[r.i], f = timeline.failure;

	switch (r.type) {
	case "step":
		return [s.x, s.h, site_of(r.i)];
	case "head":
		return [r.m.x, "", ""];
	case "result":
		return ["=> " + r.m.r, "", ""];
	case "cut":
		return ["\u2014 preempted \u2014", "", ""];
	case "broken":
		return ["!! " + (f.next ? f.next + ": " : "") + f.kind,
			"", f.nextsite];
	default:
		return ["at the end: " + r.s, "", ""];
	}
}

/*
 * The texts of a row.  When there is not enough room, first the function is cut
 * off, then the texts before it, and the file and line never.
 */
function row_text(r, into)
{
	const [what, more, site] = row_parts(r);
	const cut = site.lastIndexOf(" ") + 1;

	if (r.type === "head" && r.m.l)
		into.append(make("span", "line", String(r.m.l)));
	into.append(make("span", "what", what));
	if (more)
		into.append(make("span", "more dim", " " + more));
	if (cut)
		into.append(make("code", "fn dim", " " +
			site.slice(0, cut - 1)));
	if (site)
		into.append(make("code", "at dim", " " + site.slice(cut)));
}

/*
 * The list: those rows that pass the filter.
 */
const ROW = 21;
let view = [], view_steps = [];
let past = -1, now_row = null;	/* past: the last row that is */
let texts = null;		/* per step, in lower case, for the filter */
const hidden_kinds = new Set();

function tests_of(query)
{
	const tests = [];

	for (const [, quoted, word] of
	     query.matchAll(/"([^"]*)"?|(\S+)/g)) {
		const plain = (quoted ?? word).toLowerCase();
		const safe = plain.replace(/[^\w\s]/g, "\\$&");
		const whole = new RegExp(`(^|\\W)${safe}(\\W|$)`);

		if (plain)
			tests.push(quoted === undefined ?
				x => x.includes(plain) : x => whole.test(x));
	}
	return tests;
}

function sift()
{
	const tests = tests_of($("filter").value);
	const quiet = i => hidden_kinds.has(timeline.steps[i].k) && !owns[i];
	const found = new Set();
	let row;

	if (tests.length)
		texts ??= timeline.steps.map((s, i) =>
			[timeline.threads[s.t], s.x, s.h, site_of(i)]
			.join("  ").toLowerCase());
	const passes = x => tests.every(test => test(x));
	const steps = timeline.steps.map((s, i) => !quiet(i) &&
		(!tests.length || passes(texts[i])));
	const marks = new Set();
	steps.forEach((s, i) => s && marks.add(mark_of[i]));
	timeline.marks.forEach((m, j) => {
		if (!tests.length || marks.has(j) ||
		    passes((m.x + "  " + m.r).toLowerCase()))
			found.add(m);
	});
	view = rows.filter(r => r.type === "step" ? steps[r.i] :
		r.m ? found.has(r.m) : r.type !== "cut" || !tests.length);
	view_steps = view.filter(r => r.type === "step").map(r => r.at);
	row = view_steps.length;
	put($("shown"), row === last ? "" : `${row} of ${last}`);
	lay_rows();
}

function lay_rows()
{
	past = -1;
	now_row = null;
	$("rows").replaceChildren(...view.map((r, j) => make_row(j)));
	show_row();
	reveal_row();
}

function make_row(j)
{
	const r = view[j];
	const e = make("div", "row " + r.type);
	const t = make("span", "txt");
	const before = view[j - 1];

	e.setAttribute("role", "listitem");
	e.dataset.j = j;
	e.classList.toggle("own", r.type === "step" && owns[r.i]);
	e.append(make("span", "num", r.type === "step" ? r.at : ""), t);
	t.style.marginLeft = `calc(var(--col) * ${r.t} + ` +
		`${r.type === "step" ? timeline.steps[r.i].d * 12 + 8 : 0}px)`;
	if (timeline.threads.length > 1 && (!before || before.t !== r.t))
		t.append(make("span", "vh owner",
			timeline.threads[r.t] + ": "));
	row_text(r, t);
	return e;
}

/* The index of the last row that is past; -1: no row is. */
function past_row()
{
	let low = -1, high = view.length;

	while (high - low > 1) {
		const mid = (low + high) >> 1;

		if (view[mid].at <= at)
			low = mid;
		else
			high = mid;
	}
	return low;
}

function current_row()
{
	for (let j = past; j >= 0 && view[j].at === at; j--)
		if (view[j].type === "step")
			return j;
	return past;
}

function show_row()
{
	const elements = $("rows").children, to = past_row();

	while (past < to)
		elements[++past].classList.add("past");
	while (past > to)
		elements[past--].classList.remove("past");
	const j = current_row();
	now_row?.classList.remove("now");
	now_row?.removeAttribute("aria-current");
	now_row = elements[j];
	now_row?.classList.add("now");
	now_row?.setAttribute("aria-current", "step");
}

function reveal_row()
{
	const j = current_row();
	const s = $("scroller"), head = $("heads").offsetHeight || 38;
	const high = s.clientHeight - head, y = Math.max(j, 0) * ROW;
	const after = j === past ? 4 : view.length - j;
	const room = Math.min(high / 4, after * ROW + ROW);

	if (y < s.scrollTop + high / 6 || y > s.scrollTop + high - room) {
		/* In the last state, scroll to the end. */
		if (at === last && (view.length - j) * ROW < high)
			s.scrollTop = view.length * ROW;
		else
			s.scrollTop = Math.max(0, y - high * .4);
	}
	if (j >= 0 && timeline.threads.length > 1)
		reveal_column(s, view[j].t);
}

const gutter = 58;
let column = 0;

function reveal_column(s, t)
{
	const x = column * t, wide = s.clientWidth - gutter;
	const need = Math.min(260, wide - 10);

	if (x < s.scrollLeft || x + need > s.scrollLeft + wide)
		s.scrollLeft = Math.max(0, t === timeline.threads.length - 1 ?
			x + need - wide + 400 : x - (wide - need) / 2);
}

/*
 * The last column gets the width that the others leave; they share the rest.  A
 * text may extend over the columns to its right, which are empty in its row.
 */
function size_columns()
{
	const s = $("scroller"), n = timeline.threads.length;
	const wide = s.clientWidth - gutter - 1;
	const end = n > 1 ? Math.min(420, wide * .64) : wide;

	column = n > 1 ? Math.max(44, (wide - end) / (n - 1)) : wide;
	const total = gutter + column * (n - 1) + end;
	for (const e of [$("rows"), $("heads")])
		e.style.width = Math.floor(total) + "px";
	s.style.setProperty("--col", column + "px");
	s.style.setProperty("--rails", column * (n - 1) + 2 + "px");
	[...$("heads").children].forEach((e, t) => {
		e.style.left = gutter + t * column + "px";
		e.style.width = (t === n - 1 ? end : column) + "px";
	});
	show_heads();
}

function show_heads()
{
	const t = at ? timeline.steps[at - 1].t : -1;

	[...$("heads").children].forEach((e, i) => {
		const locks = locks_of(i).map(lock_text), n = locks.length;

		e.classList.toggle("on", i === t);
		put(e.firstChild, timeline.threads[i]);
		put(e.lastChild, !n ? "" : n > 1 ?
			 `${n} locks` : locks[0]);
		e.title = [timeline.threads[i], ...locks].join("\n");
	});
}
