// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The other panels.
 */
function told(c, was)
{
	const name = i => timeline.nodes[i].n;
	const e = timeline.edges[c[1]];

	switch (c[0]) {
	case "n":
		return c[2] === was ? "" : `${name(c[1])} is ${STATES[c[2]]}`;
	case "v":
		return (c[4] | 0) === was[1] ? "" : "the id table " +
			((c[4] | 0) > was[1] ? "holds " : "no longer holds ") +
			`${COUNTERS[c[2]]} of ${name(c[1])}`;
	case "e":
		return `${name(e.f)} ` + (!c[2] ? "no longer holds " :
			c[2] < was ? "still holds " : "holds ") +
			`${e.c} of ${name(e.t)}` +
			(c[2] > 1 ? ` ${TIMES}${c[2]}` : "");
	default:
		return timeline.threads[c[1]] +
			(c[3] ? " takes " : " lets go of ") +
			timeline.locks[c[2]] +
			(c[3] === 2 ? " for reading" : "");
	}
}

const line_of = m => !m.l ? "" : (m.f ? `${m.f}:` : "line ") + `${m.l}: `;

function now_line(i)
{
	const s = timeline.steps[i], m = timeline.marks[mark_of[i]];
	const seen = view_steps.includes(at);

	return [site_of(i), m ? line_of(m) + m.x : "",
		s.p ? (timeline.threads[timeline.steps[i - 1]?.t] ??
			"another") + " could have gone on" : "",
		seen ? "" : "not in the list: filtered out"]
		.filter(Boolean).join("  \u00b7  ");
}

/* Who prevents the destroy that the step has tried. */
function busy_text(s)
{
	if (s.b === undefined)
		return "";
	const by = timeline.edges.map((e, j) => holds_busy(j) ?
		timeline.nodes[e.f].n + ` (${e.c}` +
		(refs[j] > 1 ? ` ${TIMES}${refs[j]}` : "") + ")" : "")
		.filter(Boolean);

	return `EBUSY: ${timeline.nodes[s.b].n} is held by ` +
		(by.join(", ") || "no known holder");
}

function show_now()
{
	const s = timeline.steps[at - 1], f = timeline.failure;
	const what = $("now-what");

	what.replaceChildren();
	what.dataset.step = `Step ${at} of ${last}.`;
	if (!s) {
		what.append(make("b", "", last ? "Before the first step" :
			"There are no steps"));
	} else {
		what.append(make("span", "who", timeline.threads[s.t]),
			make("b", "", s.x),
			make("span", "dim", s.h ? " " + s.h : ""));
	}
	put($("now-where"), s ? now_line(at - 1) : "");
	put($("now-delta"), s ? [busy_text(s), ...new Set(s.c.map((c, j) =>
		told(c, undo[at - 1][j])))].filter(Boolean).join("; ") : "");
	put($("now-breaks"), at === last && f ? "!! " + (f.thread < 0 ? "" :
		timeline.threads[f.thread] +
		(f.next ? " is about to do: " : "")) +
		(f.next ? f.next + ": " : f.thread < 0 ? "" : ": ") + f.kind :
		"");
}

function show_locks()
{
	const out = [];

	timeline.threads.forEach((name, t) => {
		const locks = locks_of(t);

		if (!locks.length)
			return;
		const p = make("p");
		p.append(make("b", "", name + " "));
		locks.forEach((l, j) => p.append((j ? ", " : "") + lock_text(l),
			" ", step_button(l.i + 1)));
		out.push(p);
	});
	$("locks-body").replaceChildren(...(out.length ? out :
		[make("p", "dim", "none")]));
}

function make_passes()
{
	$("passes").hidden = !timeline.passes.length;
	const many = new Set(timeline.passes.map(p => p.ctx)).size > 1;
	for (const p of timeline.passes) {
		const li = make("li"), b = step_button(
			Math.min(p.s + 1, last));

		b.textContent = (many ? `${p.ctx}, ` : "") + `pass ${p.n}`;
		li.append(b, make("div"), make("div", "dim"));
		$("passes-body").append(li);
	}
}

function show_passes()
{
	timeline.passes.forEach((p, j) => {
		const li = $("passes-body").children[j];
		const here = at > p.s && at <= p.e;
		const gone = p.gone.filter((n, k) => (p.when[k] ?? p.e) <= at);

		/* What is to come is not shown. */
		li.hidden = at <= p.s;
		put(li.children[1], gone.length ? "gone: " + gone.join(", ") :
			"");
		put(li.children[2], at >= p.e && p.left.length ?
			"left: " + p.left.join(", ") : "");
		li.classList.toggle("on", here);
		if (here)
			li.setAttribute("aria-current", "step");
		else
			li.removeAttribute("aria-current");
	});
}

function reveal_pass()
{
	const on = [...$("passes-body").children].findLast(li =>
		li.classList.contains("on"));
	const box = $("passes"), y = on ? on.offsetTop - box.offsetTop : 0;
	if (on && (y < box.scrollTop ||
		   y + on.offsetHeight > box.scrollTop + box.clientHeight))
		box.scrollTop = y - 24;
}

/*
 * Going from state to state.
 */
let stops, later = 0, playing = 0;

function go(k, plays)
{
	k = clamp(Math.round(k), 0, last);
	if (!plays)
		stop_playing();
	if (k === at)
		return;
	move(k);
	show();
}

function show()
{
	const was = changes(), slider = $("slider");

	slider.value = at;
	slider.setAttribute("aria-valuetext", `step ${at} of ${last}`);
	$("where").replaceChildren(make("b", "", at), ` of ${last}`);
	for (const id of ["b-first", "b-prev", "b-prev-mark", "b-prev-own"])
		$(id).disabled = at === 0;
	for (const id of ["b-last", "b-next", "b-next-mark", "b-next-own"])
		$(id).disabled = at === last;
	$("to-break").disabled = at === last;
	show_row();
	show_heads();
	show_graph(was);
	highlight();
	show_looked();
	show_now();
	show_locks();
	show_passes();
	/* Whoever scrolls needs the layout: once, after all changes. */
	reveal_row();
	reveal_change();
	reveal_pass();
	$("now").scrollTop = 0;
	clearTimeout(later);
	later = setTimeout(tell, 200);
}

/* Update what must not change thirty times a second: address and live text. */
function tell()
{
	const hash = "#" + at;

	if (location.hash !== hash)
		try {
			history.replaceState(null, "", hash);
		} catch (e) { /* the address stays as it is */ }
	put($("live"), [`Step ${at} of ${last}.`, $("now-what").textContent,
		$("now-breaks").textContent].join(" "));
}

function follow_hash()
{
	const m = /^#(\d+)$/.exec(location.hash);

	if (m)
		go(Number(m[1]));
}

/* In sorted numbers, find the first one above k, or the last one below k. */
const beyond = (all, k, or) => all.find(x => x > k) ?? or;
const before = (all, k, or) => all.findLast(x => x < k) ?? or;

/*
 * Playing: a step of those in the list at a time, until the end or until the
 * reader goes somewhere else.
 */
function stop_playing()
{
	clearInterval(playing);
	playing = 0;
	$("b-play").setAttribute("aria-pressed", "false");
	put($("b-play"), "\u25b6");
}

function play_on()
{
	go(moves.next(), true);
	if (at === last)
		stop_playing();
}

function play()
{
	if (playing)
		return stop_playing();
	if (at === last)
		go(0);
	playing = setInterval(play_on, 1000 / Number($("speed").value));
	$("b-play").setAttribute("aria-pressed", "true");
	put($("b-play"), "\u23f8");
}

function change_speed()
{
	if (!playing)
		return;
	stop_playing();
	play();
}

function make_stops()
{
	const all = new Set();

	timeline.marks.forEach(m => all.add(m.s).add(m.e));
	if (!timeline.marks.length)
		for (let i = 1; i < last; i++)
			if (timeline.steps[i].t !== timeline.steps[i - 1].t)
				all.add(i);
	stops = [...all].sort((a, b) => a - b);
	const stretch = timeline.marks.length ? "line" : "thread";
	$("b-prev-mark").title = `One ${stretch} back (PgUp, Shift+left)`;
	$("b-next-mark").title = `One ${stretch} on (PgDn, Shift+right)`;
	$("keys").replaceChildren(...[
		["\u2190", "\u2192", "step"],
		["PgUp", "PgDn", timeline.marks.some(m => m.l) ?
			"line of the script" : timeline.marks.length ? "ioctl" :
			"change of thread"],
		["n", "N", "change of ownership"],
		["Home", "End", "ends"],
		["space", "", "play"],
		["/", "", "filter"],
		["Esc", "", "let go"]].map(([a, b, what]) => {
			const e = make("span");

			e.append(make("kbd", "", a), " ");
			if (b)
				e.append(make("kbd", "", b), " ");
			e.append(what);
			return e;
		}));
}

const own_after = () => {
	const i = owns.indexOf(true, at);

	return i < 0 ? last : i + 1;
};
const own_before = () => {
	const i = at > 1 ? owns.lastIndexOf(true, at - 2) : -1;

	return i < 0 ? 0 : i + 1;
};
const moves = {
	first: () => 0,
	last: () => last,
	next: () => view_steps.length ? beyond(view_steps, at, last) : at + 1,
	prev: () => view_steps.length ? before(view_steps, at, 0) : at - 1,
	"next-mark": () => beyond(stops, at, last),
	"prev-mark": () => before(stops, at, 0),
	"next-own": own_after,
	"prev-own": own_before,
};
const keys = {
	ArrowRight: "next", ArrowLeft: "prev",
	PageDown: "next-mark", PageUp: "prev-mark",
	Home: "first", End: "last", n: "next-own", N: "prev-own",
};

function on_key(e)
{
	const field = e.target.closest?.("input[type=search]");

	if (e.target.closest?.("select"))
		return;
	if (e.ctrlKey || e.metaKey || e.altKey)
		return;
	if (e.key === "Escape")
		return let_go(field);
	if (field)
		return;
	if (e.key === "/") {
		e.preventDefault();
		$("filter").focus();
		$("filter").select();
		return;
	}
	if (e.key === " " && !e.target.closest?.("button, summary, select, " +
						"[role=button], input")) {
		e.preventDefault();
		play();
		return;
	}
	let name = keys[e.key];
	if (e.shiftKey && (name === "next" || name === "prev"))
		name += "-mark";
	if (!name)
		return;
	e.preventDefault();
	go(moves[name]());
}

function let_go(field)
{
	if (field || $("filter").value) {
		$("filter").value = "";
		$("filter").blur();
		sift();
	} else if (pinned >= 0) {
		toggle_pin(pinned);
	}
}

/*
 * The failure.
 */
function add_line(name, content)
{
	const dd = make("dd");

	dd.append(...content);
	$("fail-list").append(make("dt", "", name), dd);
}

/* Add the lines "what: text" of a text to a list. */
function add_about(text, list)
{
	for (const line of text.split("\n").filter(Boolean)) {
		const [, what, rest] = /^([^:]*): (.*)$/.exec(line) ??
			[null, "", line];

		list.append(make("dt", "", what), make("dd", "", rest));
	}
}

function make_places(f)
{
	for (const [what, where] of f.places)
		$("places").append(make("dt", "", what),
			make("dd", "", where));
	add_about(f.pins.replace(/^/gm, "pinned: ")
		.replace(/^pinned: $/gm, ""), $("places"));
	$("about").hidden = !f.about;
	add_about(f.about, $("about-list"));
}

function make_banner()
{
	const f = timeline.failure;

	$("banner").hidden = !f;
	if (!f)
		return;
	put($("fail-kind"), f.kind + (f.text ? ":" : ""));
	put($("fail-text"), f.text);
	make_places(f);
	$("to-break").addEventListener("click", () => go(last));
	if (f.states.length) {
		const t = make("table");

		f.states.forEach((s, i) => {
			const tr = make("tr"), th = make("th", "",
				timeline.threads[i]);

			th.scope = "row";
			tr.append(th, make("td", "", s));
			t.append(tr);
		});
		add_line("at the end", [t]);
	}
	add_line("schedule", [make("code", "", f.schedule)]);
	add_line("replay", [make("code", "", f.command)]);
	$("more").hidden = !f.states.length && !f.schedule && !f.command &&
		!f.report;
	$("report-box").hidden = !f.report;
	put($("report"), f.report);
}

/*
 * Setting up.
 */
function make_kinds()
{
	for (const k of QUIET) {
		const n = timeline.steps.filter(s => s.k === k).length;
		const box = make("input"), label = make("label");

		if (!n)
			continue;
		box.type = "checkbox";
		box.checked = timeline.kind !== "run";
		box.dataset.kind = k;
		if (!box.checked)
			hidden_kinds.add(k);
		box.addEventListener("change", () => {
			hidden_kinds[box.checked ? "delete" : "add"](k);
			sift();
		});
		label.append(box, k + " ", make("span", "dim", n));
		$("kinds").append(label);
	}
}

function make_heads()
{
	$("heads").replaceChildren(...timeline.threads.map(() => {
		const e = make("div");

		e.append(make("b"), make("small"));
		return e;
	}));
}

function listen_list()
{
	$("rows").addEventListener("click", e => {
		const row = e.target.closest(".row");

		if (row && getSelection().isCollapsed)
			go(view[row.dataset.j].at);
	});
	$("rows").addEventListener("mouseover", e => {
		const t = e.target.closest(".txt");

		if (t && !t.title && [...t.children].some(c =>
			c.scrollWidth > c.clientWidth))
			t.title = t.textContent;
	});
	$("filter").addEventListener("input", sift);
	$("filter").addEventListener("keydown", e => {
		if (e.key === "Enter")
			go(moves[e.shiftKey ? "prev" : "next"]());
	});
}

function listen()
{
	const slider = $("slider");

	for (const name in moves)
		$("b-" + name).addEventListener("click", () =>
			go(moves[name]()));
	$("b-play").addEventListener("click", play);
	$("speed").addEventListener("change", change_speed);
	slider.addEventListener("input", () => go(Number(slider.value)));
	addEventListener("beforeprint", () => document
		.querySelectorAll("details").forEach(e => e.open = true));
	document.addEventListener("keydown", on_key);
	addEventListener("hashchange", follow_hash);
	listen_list();
	listen_graph();
	new ResizeObserver(size_columns).observe($("scroller"));
	new ResizeObserver(size_graph).observe($("canvas"));
}

function make_header()
{
	document.title = `${timeline.title} \u2013 iommufd-model`;
	put($("title"), timeline.title);
	put($("kind"), timeline.kind);
	$("kind").hidden = false;
	$("skipped").hidden = !timeline.skipped;
	put($("skipped"), timeline.skipped +
		" later operations are not shown: " +
		"the record had no room for them.");
}

function set_up()
{
	start();
	make_header();
	make_banner();
	for (const id of ["controls", "main", "keys"])
		$(id).hidden = false;
	$("locks").hidden = !timeline.locks.length;
	/* Threads alone are no graph. */
	$("main").classList.toggle("bare", timeline.steps.length > 0 &&
		!timeline.nodes.some(n => n.k === "object" || n.k === "ctx"));
	$("slider").max = last;
	make_rows();
	make_kinds();
	make_heads();
	make_passes();
	make_graph();
	make_stops();
	size_columns();
	size_graph();
	const m = /^#(\d+)$/.exec(location.hash);
	move(m ? clamp(Number(m[1]), 0, last) : timeline.failure ? last : 0);
	sift();
	show();
	listen();
}

try {
	timeline = read();
	set_up();
	document.documentElement.dataset.ready = performance.now().toFixed(1);
} catch (e) {
	put($("sorry"), `This run cannot be shown: ${e.message}.`);
	$("sorry").hidden = false;
	$("title").textContent = "iommufd-model";
	for (const id of ["controls", "main", "keys"])
		$(id).hidden = true;
	document.documentElement.dataset.ready = "failed";
}
