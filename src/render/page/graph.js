// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The graph.
 */
let svg, node_parts, edge_parts, broken;
const pen = document.createElement("canvas").getContext("2d");
const family = getComputedStyle(document.documentElement).fontFamily;

function width_of(s, size, weight)
{
	pen.font = `${weight || 400} ${size}px ${family}`;
	return pen.measureText(s).width;
}

/* A long name is cut in the middle, because names end in a number. */
function fit(s, room, size, weight)
{
	if (width_of(s, size, weight) <= room)
		return s;
	for (let n = Math.min(s.length, 200); n > 2; n--) {
		const cut = s.slice(0, Math.ceil(n / 2)) + DOTS +
			s.slice(s.length - Math.floor(n / 2));

		if (width_of(cut, size, weight) <= room)
			return cut;
	}
	return DOTS;
}

function curve(p)
{
	let d = `M${p[0]}`;

	for (let i = 1; i + 2 < p.length; i += 3)
		d += `C${p[i]} ${p[i + 1]} ${p[i + 2]}`;
	return d;
}

function arrow(p)
{
	const tip = p[p.length - 1];
	let from = p.length - 2;

	while (from > 0 && Math.hypot(tip[0] - p[from][0],
				      tip[1] - p[from][1]) < 1)
		from--;
	const a = Math.atan2(tip[1] - p[from][1], tip[0] - p[from][0]);
	const wing = b => [tip[0] - 9 * Math.cos(a + b),
			   tip[1] - 9 * Math.sin(a + b)];
	return [tip, wing(.38), wing(-.38)].join(" ");
}

function outline(n)
{
	const l = -n.w / 2, t = -n.h / 2, r = n.w / 2, b = n.h / 2;

	const path = d => draw("path", { class: "shape", d });

	if (n.k === "file")
		return path(`M${l} ${t}H${r - 10}L${r} ${t + 10}V${b}H${l}Z` +
			`M${r - 10} ${t}v10h10`);
	if (n.k === "thread")
		return path(`M${l + 9} ${t}H${r - 9}L${r} 0L${r - 9} ${b}` +
			`H${l + 9}L${l} 0Z`);
	return draw("rect", {
		class: "shape", x: l, y: t, width: n.w, height: n.h,
		rx: n.k === "descriptor" ? n.h / 2 : n.k === "ctx" ? 2 : 7,
	});
}

const box_of = (n, by, cls, r) => draw("rect", {
	class: cls, x: -n.w / 2 - by, y: -n.h / 2 - by,
	width: n.w + 2 * by, height: n.h + 2 * by, rx: r,
});

function make_node(n, i)
{
	const used = [0, 1, 2].filter(c => table_log[i * 3 + c].length);
	const two = used.length || n.k === "thread" || !timeline.steps.length;
	const low = n.h > 34 ? 13 : n.h / 2 + 11;
	const room = used.map(c => width_of(COUNTERS[c] + " 9", 11.5, 600) + 5);
	const all = room.reduce((a, b) => a + b, 0);
	const size = Math.min(11.5, 11.5 * (n.w - 8) / Math.max(1, all));
	let left = -Math.min(all, n.w - 8) / 2;
	const p = { i, counts: [], sig: null };

	p.g = draw("g", { class: "node", tabindex: 0, role: "button",
		"data-n": i, transform: `translate(${n.x} ${n.y})` });
	p.name = draw("text", { class: "name", y: two && n.h > 34 ? -4 : 4 },
		fit(n.n, n.w - 16, 13, 650));
	p.badge = draw("text", { class: "badge", y: -n.h / 2 + 3 });
	p.lock = draw("text", { class: "held", y: low });
	p.title = draw("title", {});
	p.g.append(p.title, box_of(n, 4, "ring", 9), outline(n),
		box_of(n, 0, "hatch", 7), p.name);
	if (used.includes(0))
		p.g.append(draw("circle", { class: "dot", r: 4,
			cx: -n.w / 2, cy: 0 }));
	used.forEach((c, j) => {
		const slot = room[j] * size / 11.5, x = left + slot / 2;
		const count = { c,
			pill: draw("rect", { class: "pill", x: left + 1,
				y: low - 12, width: slot - 2, height: 16,
				rx: 4 }),
			t: draw("text", { class: "count", x, y: low,
				style: `font-size: ${size.toFixed(2)}px` }),
			sign: draw("text", { class: "sign", x,
				y: Math.max(n.h / 2, low) + 10 }) };

		left += slot;
		p.counts.push(count);
		p.g.append(count.pill, count.t, count.sign);
	});
	p.g.append(p.lock, p.badge);
	p.thread = n.k === "thread" ? timeline.threads.indexOf(n.n) : -1;
	return p;
}

function make_edge(e, i)
{
	const label = draw("text", { x: e.l[0], y: e.l[1] + 4 });
	const back = draw("rect", { y: e.l[1] - 7, height: 14, rx: 3 });

	return { i, sig: null, label, back, x: e.l[0],
		g: draw("g", { "data-e": i },
			draw("path", { d: curve(e.p) }),
			draw("polygon", { points: arrow(e.p) })),
		l: draw("g", { "data-l": i }, back, label) };
}

function make_graph()
{
	const hatch = draw("pattern", { id: "hatch", width: 8, height: 8,
		patternUnits: "userSpaceOnUse",
		patternTransform: "rotate(45)" },
		draw("path", { d: "M0 0V8" }));

	node_parts = timeline.nodes.map(make_node);
	edge_parts = timeline.edges.map(make_edge);
	const pad = 12;
	svg = draw("svg", { role: "group", "aria-label": "Ownership graph",
		viewBox: [-pad, -pad, timeline.width + 2 * pad,
			  timeline.height + 2 * pad].join(" ") },
		draw("defs", {}, hatch),
		draw("g", {}, ...edge_parts.map(e => e.g)),
		draw("g", {}, ...node_parts.map(n => n.g)),
		draw("g", {}, ...edge_parts.map(e => e.l)));
	svg.lastChild.style.pointerEvents = "none";
	$("canvas").replaceChildren(svg);
	broken = broken_nodes();
	make_legend();
}

/* The objects that the failure is about: its text has their names. */
function broken_nodes()
{
	const f = timeline.failure;
	const said = f ? ` ${f.next} ${f.text} ` : "";

	return timeline.nodes.map(n => {
		const i = n.n ? said.indexOf(n.n) : -1;

		return i > 0 && n.k === "object" &&
			!/\w/.test(said[i - 1] + said[i + n.n.length]);
	});
}

function make_legend()
{
	const bar = $("graph-bar");
	const used = COUNTERS.filter(c => timeline.edges.some(e => e.c === c));

	for (const c of used) {
		const key = make("span", "key");

		key.append(draw("svg", { "aria-hidden": "true" },
			draw("g", { class: "edge " + c },
				draw("path", { d: "M1 5H22" }),
				draw("polygon", { points: "29,5 21,2 21,8" }))),
			c);
		bar.append(key);
	}
	if (timeline.nodes.some(n => n.k === "object")) {
		const key = make("span", "key");

		key.append(draw("svg", { "aria-hidden": "true",
			style: "width: 10px" },
			draw("g", { class: "node listed" },
				draw("circle", { class: "dot", r: 4, cx: 5,
					cy: 5 }))),
			"the id table holds a reference of users");
		bar.append(key);
	}
	const whole = make("input"), label = make("label");
	whole.type = "checkbox";
	whole.id = "whole";
	whole.addEventListener("change", size_graph);
	label.append(whole, "whole graph");
	label.id = "whole-box";
	bar.append(label);
}

const narrow = matchMedia("(max-width: 899px)");

function size_graph()
{
	const w = timeline.width + 24, h = timeline.height + 24;
	const box = $("canvas");

	if (!box.clientWidth)
		return;
	const high = narrow.matches ? Infinity : box.clientHeight - 1;
	const fits = Math.min((box.clientWidth - 1) / w, high / h);
	const scale = clamp(fits, $("whole").checked ? 0 : .78, 1.35);

	$("whole-box").hidden = fits >= .78;
	$("graph-hint").hidden = w * scale <= box.clientWidth &&
		(narrow.matches || h * scale <= box.clientHeight);
	svg.style.width = Math.max(1, w * scale) + "px";
	svg.style.height = Math.max(1, h * scale) + "px";
}

function show_graph(was)
{
	const alive = new Uint8Array(timeline.nodes.length);
	let any = false;

	edge_parts.forEach((p, i) => {
		const e = timeline.edges[i];

		show_edge(p, refs[i], was.e.get(i), holds_busy(i));
		if (refs[i])
			alive[e.f] = alive[e.t] = 1;
	});
	const roles = busy_roles();
	node_parts.forEach((p, i) => {
		any = show_node(p, i, was, alive[i], roles.get(i) ?? "") || any;
	});
	$("graph-none").hidden = any;
	put($("graph-none"), !timeline.nodes.length ?
		"No object was ever made." : at ? "No object is there." :
		"No object is there yet. The right arrow key goes on by a " +
		"step, the key n to the next change of ownership.");
}

/* True if an edge prevents the destroy that the last step has tried. */
function holds_busy(j)
{
	const e = timeline.edges[j], s = timeline.steps[at - 1];

	return s?.b === e.t && e.c !== "wait_cnt" && refs[j] > 0;
}

/* The nodes that have a part in it: what is busy, and all that hold it. */
function busy_roles()
{
	const roles = new Map(), s = timeline.steps[at - 1];

	timeline.edges.forEach((e, j) => {
		if (holds_busy(j))
			roles.set(e.f, "holds");
	});
	if (s?.b !== undefined)
		roles.set(s.b, "busy");
	return roles;
}

function show_edge(p, n, was, holds)
{
	const e = timeline.edges[p.i], by = was === undefined ? 0 : n - was;
	const seen = n > 0 || was > 0;
	const sig = seen ? `${n} ${was} ${holds}` : "";

	if (sig === p.sig)
		return;
	p.sig = sig;
	const near = p.g.classList.contains("near") ? " near" : "";
	const cls = near + (!seen ? " off" : !n ? " ghost changed" :
		was !== undefined ? " changed" : holds ? " holds" : "");
	p.g.setAttribute("class", `edge ${e.c}${cls}`);
	p.l.setAttribute("class", `label ${e.c}${cls}`);
	p.g.style.display = p.l.style.display = seen ? "" : "none";
	const said = e.c + (n > 1 ? ` ${TIMES}${n}` : "") + signed(by);
	const wide = width_of(said, 11, by ? 700 : 400) + 4;
	put(p.label, said);
	p.back.setAttribute("x", p.x - wide / 2);
	p.back.setAttribute("width", wide);
}

const signed = by => !by ? "" : by > 0 ? ` +${by}` : ` ${MINUS}${-by}`;

function badge_of(state, was, bad, role)
{
	const said = state === 2 && was !== undefined && was !== 2 ?
		"published" : state === 2 ? "" : STATES[state];

	return [said, bad ? "breaks here" : "", role === "busy" ? "EBUSY" :
		role ? "holds it" : ""].filter(Boolean).join(", ");
}

function show_node(p, i, was, alive, role)
{
	const n = timeline.nodes[i], state = node_state[i], old = was.n.get(i);
	const bad = broken[i] && at === last;
	const seen = state > 0 || old > 0 || alive || bad;
	const locks = p.thread < 0 ? [] : locks_of(p.thread).map(lock_text);
	const sig = !seen ? "" : JSON.stringify([state, old, bad, role, locks,
		p.counts.map(c => [value[i * 3 + c.c], was.v.get(i * 3 + c.c)]),
		table[i * 3]]);

	if (sig === p.sig)
		return seen;
	p.sig = sig;
	p.g.style.display = seen ? "" : "none";
	if (!seen)
		return false;
	const plain = state === 2 && n.k !== "object" ? undefined : old;
	const badge = badge_of(state, plain, bad, role);
	p.g.setAttribute("class", ["node", n.k, STATES[state],
		old !== undefined ? "changed" : "", bad ? "broken" : "", role,
		table[i * 3] > 0 ? "listed" : "",
		p.g.classList.contains("near") ? "near" : "",
		p.g.classList.contains("self") ? "self" : ""].join(" "));
	put(p.badge, badge);
	p.counts.forEach(c => show_count(c, value[i * 3 + c.c],
		was.v.get(i * 3 + c.c)));
	put(p.lock, !locks.length ? "" : fit(locks.length > 1 ?
		`${locks.length} locks` : locks[0], n.w - 20, 11));
	const said = [n.n + (badge ? `, ${badge}` : ""), ...p.counts
		.filter(c => value[i * 3 + c.c] >= 0)
		.map(c => `${COUNTERS[c.c]} ${value[i * 3 + c.c]}`),
		...locks.map(l => "holds " + l)].join("; ");
	p.g.setAttribute("aria-label", said);
	put(p.title, said);
	return true;
}

function show_count(c, n, was)
{
	const by = was === undefined ? 0 : n - Math.max(was[0], 0);
	const on = was !== undefined && (was[0] !== n || !by);

	put(c.t, n < 0 ? "" : `${COUNTERS[c.c]} ${n}`);
	c.t.classList.toggle("on", on);
	c.pill.classList.toggle("on", on);
	put(c.sign, signed(by).trim());
}

/* If the graph is larger than its panel, scroll to what changed. */
function reveal_change()
{
	const box = $("canvas"), i = followed();
	const scale = svg.clientWidth / (timeline.width + 24);

	if (i < 0 || !$("graph-none").hidden ||
	    (svg.clientWidth <= box.clientWidth &&
	     svg.clientHeight <= box.clientHeight))
		return;
	const n = timeline.nodes[i];
	const x = (n.x + 12) * scale, y = (n.y + 12) * scale;
	const out = (p, from, size, half) => p - half < from ||
		p + half > from + size;
	if (out(x, box.scrollLeft, box.clientWidth, n.w / 2 * scale))
		box.scrollLeft = x - box.clientWidth / 2;
	if (out(y, box.scrollTop, box.clientHeight, n.h * scale))
		box.scrollTop = y - box.clientHeight / 2;
}

/* Return the node to which the changes belong. */
function subject(c)
{
	const first = kind => c.find(x => x[0] === kind);
	const e = first("e");

	return (first("v") ?? first("n") ?? (e ? [0, timeline.edges[e[1]].t] :
		[0, -1]))[1];
}

/*
 * One node: who holds it, what it holds.
 */
let hovered = -1, focused = -1, pinned = -1;

function looked_at()
{
	return hovered >= 0 ? hovered : focused >= 0 ? focused : pinned;
}

function highlight()
{
	const seen = node_parts[looked_at()]?.sig, i = seen ? looked_at() : -1;
	const near = new Set([i]);

	svg.classList.toggle("look", i >= 0);
	edge_parts.forEach((p, j) => {
		const e = timeline.edges[j];
		const on = i >= 0 && (e.f === i || e.t === i);

		p.g.classList.toggle("near", on);
		p.l.classList.toggle("near", on);
		if (on && p.sig) {
			near.add(e.f);
			near.add(e.t);
		}
	});
	node_parts.forEach((p, j) => {
		p.g.classList.toggle("near", i >= 0 && near.has(j));
		p.g.classList.toggle("self", j === i);
		if (p.g.getAttribute("aria-pressed") !== String(j === pinned))
			p.g.setAttribute("aria-pressed", j === pinned);
	});
}

/* The line of the script that a step belongs to, or "". */
function script_line(i)
{
	const m = timeline.marks[mark_of[i]];

	return m?.f ? ` (${m.f}:${m.l})` : "";
}

function holder_row(who, counter, steps, cls)
{
	const tr = make("tr", cls), where = make("td"), since = make("td");
	const n = steps.length;

	tr.append(make("td", "", who), make("td", "", n > 1 ?
		`${counter} ${TIMES}${n}` : counter), since, where);
	steps.slice(0, 4).forEach((i, j) => {
		since.append(j ? ", " : "step ", step_button(i + 1));
		if (site_of(i) && !(j && site_of(i) === site_of(steps[j - 1])))
			where.append(make("code", "dim", (j ? ", " : "") +
				site_of(i) + script_line(i)));
	});
	return tr;
}

function holders(i)
{
	const out = [];

	for (let c = 0; c < 3; c++) {
		const key = i * 3 + c;
		let left = value[key];

		if (left < 0)
			continue;
		if (table[key] > 0)
			out.push(holder_row("the id table", COUNTERS[c],
				taken(table_log, key)));
		left -= table[key];
		timeline.edges.forEach((e, j) => {
			if (e.t !== i || e.c !== COUNTERS[c] || !refs[j])
				return;
			left -= refs[j];
			out.push(holder_row(timeline.nodes[e.f].n, e.c,
				taken(ref_log, j)));
		});
		if (left)
			out.push(odd_row(COUNTERS[c], left));
	}
	return out;
}

function odd_row(counter, left)
{
	const tr = make("tr", "odd");

	tr.append(make("td", "", left > 0 ? "no known holder" :
		"more holders than references"),
		make("td", "", `${counter} ${TIMES}${Math.abs(left)}`),
		make("td"), make("td"));
	return tr;
}

function held_by(i)
{
	return timeline.edges.map((e, j) => e.f === i && refs[j] ?
		holder_row(timeline.nodes[e.t].n, e.c, taken(ref_log, j)) :
		null).filter(Boolean);
}

function holder_table(caption, lines)
{
	const t = make("table");

	t.append(make("caption", "", caption), ...lines);
	return t;
}

function node_head(i)
{
	const only = make("button", "link", "only its steps");
	const pin = make("button", "link", pinned === i ? "let go" : "keep");
	const n = timeline.nodes[i];

	only.type = pin.type = "button";
	only.addEventListener("click", () => {
		$("filter").value = `"${n.n}"`;
		sift();
	});
	pin.addEventListener("click", () => toggle_pin(i));
	const values = COUNTERS.map((c, j) => value[i * 3 + j] < 0 ? "" :
		`${c} ${value[i * 3 + j]}`).filter(Boolean).join(", ");
	const since = state_log[i].filter(([j]) => j < at).at(-1);
	const state = make("span", "dim", !since ? "not there yet" :
		n.k === "object" || !since[1] ? STATES[since[1]] : n.k);
	if (since)
		state.append(" since ", step_button(since[0] + 1));
	$("node-head").replaceChildren(make("h2", "", n.n), state,
		make("span", "", node_state[i] ? values : ""), pin, only);
}

/* If no node is selected, use that of the last change or of the failure. */
function followed()
{
	const bad = at === last ? broken.indexOf(true) : -1;
	const i = at ? owns.lastIndexOf(true, at - 1) : -1;
	const busy = timeline.steps[at - 1]?.b;

	return busy ?? (bad >= 0 ? bad : i < 0 ? -1 :
		subject(timeline.steps[i].c));
}

function show_looked()
{
	const at_all = looked_at(), i = at_all >= 0 ? at_all : followed();
	const body = $("node-body");

	if (!timeline.nodes[i]) {
		$("node-head").replaceChildren(make("h2", "", "One object"));
		body.replaceChildren(make("p", "dim",
			"Point at an object of the graph, or go to it with " +
			"the Tab key: who holds it, and what it holds."));
		return;
	}
	node_head(i);
	const by = node_state[i] || at === last ? holders(i) : [];
	const of = held_by(i);
	body.replaceChildren();
	if (by.length)
		body.append(holder_table("Held by", by));
	if (of.length)
		body.append(holder_table("Holds", of));
	const locks = node_parts[i].thread < 0 ? [] :
		locks_of(node_parts[i].thread);
	if (locks.length)
		body.append(holder_table("Locks", locks.map(l =>
			holder_row(lock_text(l), "", [l.i]))));
	if (!body.firstChild && node_state[i])
		body.append(make("p", "dim", "Nothing holds it, and it holds " +
			"nothing."));
}

function toggle_pin(i)
{
	pinned = pinned === i ? -1 : i;
	highlight();
	show_looked();
}

const node_of = e => {
	const g = e.target.closest ? e.target.closest(".node") : null;

	return g && g.dataset.n ? Number(g.dataset.n) : -1;
};

function look(set)
{
	const was = looked_at();

	set();
	if (looked_at() === was)
		return;
	highlight();
	show_looked();
}

function listen_graph()
{
	svg.addEventListener("pointerover", e => {
		const i = e.pointerType === "touch" ? -1 : node_of(e);

		if (i !== hovered)
			look(() => hovered = i);
	});
	svg.addEventListener("pointerleave", () => look(() => hovered = -1));
	svg.addEventListener("focusin", e => {
		if (node_of(e) >= 0 && e.target.matches(":focus-visible"))
			look(() => focused = node_of(e));
	});
	svg.addEventListener("focusout", () => look(() => focused = -1));
	svg.addEventListener("click", e => {
		if (node_of(e) >= 0)
			toggle_pin(node_of(e));
		else if (pinned >= 0)
			toggle_pin(pinned);
	});
	svg.addEventListener("keydown", e => {
		if ((e.key === "Enter" || e.key === " ") && node_of(e) >= 0) {
			e.preventDefault();
			toggle_pin(node_of(e));
		}
	});
}
