# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Tests the page that shows a run in a browser: it must show what the timeline
# says.
#
#	test_page.py PAGE DIRECTORY [TEST...]
#
# writes pages of the sample timelines to DIRECTORY and tests them.  With
# IOMMUFD_MODEL_PAGES=DIR in the environment, the tests that know nothing about
# a timeline look at each DIR/*.html too, as the program has written it.
import functools
import json
import os
import pathlib
import random
import re
import socket
import sys
import time
import unittest

import replay
import sample_timelines

SKIP = 77
# Seconds that a slow step may take; cmake/limits.cmake sets it.
PATIENCE = float(os.environ.get("IOMMUFD_MODEL_PATIENCE", "inf"))
try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    print("skipped: no python3-selenium")
    sys.exit(SKIP)
CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
for tool in CHROMIUM, DRIVER:
    if not os.access(tool, os.X_OK):
        print("skipped: no", tool)
        sys.exit(SKIP)
# The driver is spoken to by that name, which a bare chroot does not know.
try:
    socket.gethostbyname("localhost")
except OSError:
    print("skipped: the name localhost is not known here")
    sys.exit(SKIP)

TEMPLATE = pathlib.Path(sys.argv[1])
DIRECTORY = pathlib.Path(sys.argv[2]).resolve()
# "middle" is "large" with fewer steps; it is enough where each step is tried.
WHOLE = ["empty", "one", "close-order", "after-put", "deadlock", "busy", "bare",
         "middle"]
NONE = ["not-a-timeline", "not-an-object", "no-timeline"]

# What a page calls the keys of the driver.
KEY_NAMES = {Keys.HOME: "Home", Keys.END: "End", Keys.PAGE_UP: "PageUp",
             Keys.PAGE_DOWN: "PageDown", Keys.ARROW_LEFT: "ArrowLeft",
             Keys.ARROW_RIGHT: "ArrowRight"}

# Look at the texts that are visible on the page, and not at its variables.
SEE = """
const seen = e => getComputedStyle(e).display !== "none";
const text = e => e ? e.textContent : "";
const on = e => e.classList.contains("on");
function see() {
	const out = { nodes: {}, edges: {} };
	for (const g of document.querySelectorAll("g[data-n]")) if (seen(g))
		out.nodes[g.dataset.n] = {
			cls: g.getAttribute("class").split(" "),
			badge: text(g.querySelector(".badge")),
			label: g.getAttribute("aria-label"),
			locks: text(g.querySelector(".held")),
			counts: [...g.querySelectorAll(".count")].map(text)
				.filter(Boolean),
			on: [...g.querySelectorAll(".count")].filter(on)
				.map(text),
			signs: [...g.querySelectorAll(".sign")].map(text)
				.filter(Boolean) };
	for (const g of document.querySelectorAll("g[data-e]")) if (seen(g))
		out.edges[g.dataset.e] = {
			cls: g.getAttribute("class").split(" "),
			label: text(document.querySelector(
				`g[data-l="${g.dataset.e}"] text`)) };
	out.where = text(document.querySelector("#where"));
	out.slider = document.querySelector("#slider").value;
	out.now = [...document.querySelectorAll("#now p")].map(text);
	out.locks = [...document.querySelectorAll("#locks p")].map(text);
	out.heads = [...document.querySelectorAll("#heads div")]
		.map(e => e.title);
	out.current = [...document.querySelectorAll(".row.now")].map(e =>
		[text(e.querySelector(".num")), e.getAttribute("aria-current"),
		 e.classList.contains("past")]);
	const box = document.querySelector("#scroller").getBoundingClientRect();
	const row = document.querySelector(".row.now");
	const r = row && row.getBoundingClientRect();
	out.in_view = !r || (r.top >= box.top && r.bottom <= box.bottom + 1);
	out.past = [...document.querySelectorAll(".row.past.step .num")]
		.map(text);
	out.passes = [...document.querySelectorAll("#passes li")]
		.map(e => e.classList.contains("on"));
	return out;
}
const to = k => {
	const s = document.querySelector("#slider");
	s.value = k;
	s.dispatchEvent(new Event("input", { bubbles: true }));
};
"""

# How many texts are to be seen, and the contrast of those that have too little
# of it with what is behind them.
CONTRAST = """
const rgb = s => { const m = s.match(/[\\d.]+/g).map(Number);
	return m.length > 3 && m[3] < 1 ? null : m.slice(0, 3); };
const light = c => c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 :
	((v + .055) / 1.055) ** 2.4).reduce((a, v, i) =>
	a + v * [.2126, .7152, .0722][i], 0);
const css = (e, p) => getComputedStyle(e).getPropertyValue(p);
function behind(e) {
	const g = e.closest("svg .node, svg .label");
	if (g) {
		const pill = e.previousElementSibling;
		const own = e.matches(".count.on") ? pill :
			g.querySelector(".shape, .label rect");
		if (!e.matches(".badge, .sign, .held"))
			return rgb(css(own, "fill"));
	}
	for (; e; e = e.parentElement) {
		const c = css(e, "background-color");
		if (c !== "rgba(0, 0, 0, 0)" && rgb(c))
			return rgb(c);
	}
	return [255, 255, 255];
}
const out = [];
const near = e => e.getBoundingClientRect().bottom > 0 &&
	e.getBoundingClientRect().top < innerHeight;
const rows = [...document.querySelectorAll(".row")].filter(near);
for (const e of [...document.querySelectorAll("body :not(#rows, #rows *)"),
		 ...rows.flatMap(r => [...r.querySelectorAll("*")])]) {
	const own = [...e.childNodes].some(n => n.nodeType === 3 &&
		n.data.trim()) || e.tagName === "INPUT";
	if (!own || !e.checkVisibility() || e.closest(".vh, script, title"))
		continue;
	const c = rgb(css(e, e.closest("svg") ? "fill" : "color"));
	const b = behind(e);
	const [hi, lo] = [light(c), light(b)].sort((x, y) => y - x);
	out.push([(hi + .05) / (lo + .05), e.tagName + "#" + e.id + "." +
		e.getAttribute("class") + " " + e.textContent.slice(0, 30)]);
}
return [out.length, out.filter(x => !(x[0] >= 4.5))];
"""


class Browser(unittest.TestCase):
    """A test with a browser, which must not complain or ask the network."""

    opened = 0

    @classmethod
    def setUpClass(cls):
        options = Options()
        options.binary_location = CHROMIUM
        # Half the time would go into what is around a page.  So the window
        # has no toolbar, which is pages of its own, and a page follows
        # another in the same process.
        for arg in ("--headless=new", "--no-sandbox", "--disable-gpu",
                    "--disable-dev-shm-usage", "--window-size=1280,800",
                    "--app=data:,", "--kiosk",
                    "--disable-site-isolation-trials",
                    "--disable-features=IsolateOrigins,site-per-process,"
                    "SpareRendererForSitePerProcess,BackForwardCache",
                    "--disable-extensions", "--disable-component-update",
                    "--disable-background-networking", "--disable-sync",
                    "--no-first-run"):
            options.add_argument(arg)
        options.set_capability("goog:loggingPrefs",
                               {"browser": "ALL", "performance": "ALL"})
        options.add_experimental_option("perfLoggingPrefs", {
            "enableNetwork": True, "enablePage": False})
        cls.web = webdriver.Chrome(service=Service(DRIVER), options=options)
        Browser.was_size = Browser.was_media = None

    @classmethod
    def tearDownClass(cls):
        cls.web.quit()

    def setUp(self):
        self.size(1280, 800)
        self.emulate()

    def tearDown(self):
        bad = [m for m in self.web.get_log("browser")
               if m["level"] in ("WARNING", "SEVERE")]
        self.assertEqual(bad, [])
        for entry in self.web.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                self.assertRegex(url, r"^(file://.*\.html(\?\d+)?"
                                 r"(#.*)?$|data:|about:)")

    def size(self, wide, high):
        if Browser.was_size == (wide, high):
            return
        Browser.was_size = wide, high
        self.web.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": wide, "height": high, "deviceScaleFactor": 1,
            "mobile": False})

    def resize(self, wide, high):
        """As size(), of the page that is open: until it is drawn anew."""
        self.size(wide, high)
        self.web.execute_async_script("""requestAnimationFrame(() =>
            requestAnimationFrame(arguments[0]));""")

    def emulate(self, media="", scheme="light"):
        if Browser.was_media == (media, scheme):
            return
        Browser.was_media = media, scheme
        self.web.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "media": media, "features": [
                {"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, name, fragment="#0"):
        path = sample(name) if isinstance(name, str) else name
        Browser.opened += 1  # so that it is loaded, also if it is open already
        self.web.get(path.resolve().as_uri() + f"?{self.opened}" + fragment)
        ready = self.js("return document.documentElement.dataset.ready")
        self.assertTrue(ready, "the page did not get ready")
        self.timeline = timeline_of(path) if ready != "failed" else None
        return ready

    def js(self, script, *args):
        """What the script returns, as one text: lists take the driver long."""
        text = self.web.execute_script(
            "return JSON.stringify((() => {" + script + "})());", *args)
        return None if text is None else json.loads(text)

    def see(self, k=None):
        if k is None:
            return self.js(SEE + "return see();")
        return self.js(SEE + "to(arguments[0]); return see();", k)

    def to(self, k):
        self.js(SEE + "to(arguments[0]);", k)

    def width(self):
        """The width of the page in the last state, with all that opens."""
        return self.web.execute_async_script(SEE + """
            if (document.documentElement.dataset.ready !== "failed")
                to(10**9);
            document.getElementById("more").open = true;
            requestAnimationFrame(() => requestAnimationFrame(() =>
                arguments[0](document.documentElement.scrollWidth)));""")

    def at(self):
        return int(self.js("return document.querySelector('#slider').value"))

    def find(self, selector):
        return self.web.find_element(By.CSS_SELECTOR, selector)

    def press(self, *keys, shift=False):
        chain = ActionChains(self.web, duration=0)
        if shift:
            chain.key_down(Keys.SHIFT)
        for key in keys:
            chain.send_keys(key)
        if shift:
            chain.key_up(Keys.SHIFT)
        chain.perform()

    def wait(self, what, script, *args):
        until = time.monotonic() + PATIENCE
        while not self.js("return " + script, *args):
            self.assertLess(time.monotonic(), until, what)
            time.sleep(.02)

    def list_rows(self):
        return [tuple(r) for r in self.js("""
            const squeeze = s => s.replace(/\\s+/g, " ").trim();
            return [...document.querySelectorAll(".row")].map(r => {
                const t = r.querySelector(".txt").cloneNode(true);
                t.querySelectorAll(".vh").forEach(e => e.remove());
                return [r.classList[1], r.querySelector(".num").textContent,
                    squeeze(t.textContent)];
            });""")]


@functools.cache
def sample(name):
    """The path of the page of a sample timeline, which is written."""
    return sample_timelines.write(TEMPLATE, DIRECTORY, [name])[0]


@functools.cache
def timeline_of(path):
    text = path.read_text(encoding="utf-8")
    return json.loads(re.search('<script type="application/json" id="timeline">'
                                "(.*?)</script>", text, re.S)[1])


def pages():
    more = os.environ.get("IOMMUFD_MODEL_PAGES")
    return WHOLE + (sorted(pathlib.Path(more).glob("*.html")) if more else [])


def some_states(timeline):
    last = len(timeline["steps"])
    if last <= 150:
        return list(range(last + 1))
    chance = random.Random(1)
    return sorted({0, 1, last - 1, last, *chance.sample(range(last), 30)})


class Shown(Browser):
    """What is to be seen in each state."""

    def test_states(self):
        for name in pages():
            with self.subTest(name):
                print(f"{name}: ready after {self.open(name)} ms")
                self.assertEqual(json.loads(self.js(
                    "return document.getElementById('timeline').textContent")),
                    self.timeline)
                self.assertEqual(replay.faults(self.timeline), [])
                self.compare_rows()
                states = some_states(self.timeline)
                random.Random(2).shuffle(states)
                seen = self.js(SEE + "return arguments[0].map(k => "
                               "(to(k), see()));", states)
                for k, page in zip(states, seen):
                    with self.subTest(state=k):
                        self.compare(k, page)
                self.compare_texts()
                self.assertLessEqual(self.width(), 1280)

    def compare_texts(self):
        """Texts are texts; "middle" has some that look like elements."""
        many, title = self.js("""return [document.querySelectorAll(
            "img, iframe, script").length,
            document.querySelector("#title").textContent];""")
        self.assertEqual(many, 2)
        self.assertIn(self.timeline["title"], title)

    def compare_rows(self):
        timeline = self.timeline
        want = replay.rows(timeline, lambda i, step:
                           not replay.quiet_at_first(timeline, step))
        self.assertEqual(self.list_rows(), [
            (kind, n, " ".join(text.split())) for kind, n, t, text in want])

    def compare(self, k, page):
        state = replay.State(self.timeline, k)
        self.compare_nodes(k, state, page)
        self.compare_edges(state, page)
        self.compare_locks(state, page)
        self.compare_list(k, page)
        self.assertEqual(page["where"], f"{k} of {len(self.timeline['steps'])}")
        self.assertEqual(page["slider"], str(k))
        self.assertEqual(page["passes"], [
            p["s"] < k <= p["e"] for p in self.timeline["passes"]])
        if k:
            step = self.timeline["steps"][k - 1]
            for text in (self.timeline["threads"][step["t"]], step["x"],
                         step.get("h", "")):
                self.assertIn(text, page["now"][0])
            self.assertIn(replay.site(self.timeline, step["w"]), page["now"][1])

    def broken(self, k):
        f = self.timeline["failure"]
        if not f or k < len(self.timeline["steps"]):
            return set()
        return {i for i, n in enumerate(self.timeline["nodes"])
                if n["k"] == "object" and re.search(
                    rf"(?<!\w){re.escape(n['n'])}(?!\w)",
                    f["next"] + " " + f["text"])}

    def compare_nodes(self, k, state, page):
        there = {i for i, s in state.nodes.items() if s}
        there |= {i for i, s in state.was_nodes.items() if s}
        there |= {self.timeline["edges"][e][x] for e, n in state.refs.items()
                  if n for x in "ft"}
        there |= self.broken(k)
        self.assertEqual({int(i) for i in page["nodes"]}, there)
        for i in there:
            self.compare_node(i, state, page["nodes"][str(i)], k)

    def compare_node(self, i, state, node, k):
        word = replay.STATES[state.nodes.get(i, 0)]
        values = [f"{name} {state.values[i, c][0]}"
                  for c, name in enumerate(replay.COUNTERS)
                  if (i, c) in state.values]
        changed = [c for c in range(3) if (i, c) in state.was_values]
        by = [state.values[i, c][0] - max(0, state.was_values[i, c])
              for c in changed]
        self.assertIn(word, node["cls"])
        self.assertEqual(node["counts"], values)
        self.assertEqual(node["on"], [
            f"{replay.COUNTERS[c]} {state.values[i, c][0]}" for c in changed])
        self.assertEqual(node["signs"], [
            f"+{n}" if n > 0 else f"\u2212{-n}" for n in by if n])
        self.assertEqual("changed" in node["cls"], i in state.was_nodes)
        self.assertEqual("listed" in node["cls"],
                         state.values.get((i, 0), (0, 0))[1] > 0)
        self.assertEqual("broken" in node["cls"], i in self.broken(k))
        name = self.timeline["nodes"][i]["n"]
        self.assertTrue(node["label"].startswith(name))
        for value in values:
            self.assertIn(value, node["label"])
        if word != "published":
            self.assertIn(word, node["badge"])

    def compare_edges(self, state, page):
        there = {e for e, n in state.refs.items() if n}
        there |= {e for e, n in state.was_refs.items() if n}
        self.assertEqual({int(e) for e in page["edges"]}, there)
        for e in there:
            edge, n = page["edges"][str(e)], state.refs[e]
            by = n - state.was_refs.get(e, n)
            label = self.timeline["edges"][e]["c"]
            label += f" \u00d7{n}" if n > 1 else ""
            label += f" +{by}" if by > 0 else f" \u2212{-by}" if by else ""
            self.assertEqual(edge["label"], label)
            self.assertIn(self.timeline["edges"][e]["c"], edge["cls"])
            self.assertEqual("ghost" in edge["cls"], n == 0)
            self.assertEqual("changed" in edge["cls"], e in state.was_refs)

    def compare_locks(self, state, page):
        held = sorted((t, i, lock, mode)
                      for (t, lock), (i, mode) in state.locks.items())
        text = {}
        for t, i, lock, mode in held:
            name = self.timeline["locks"][lock]
            name += " (reading)" if mode == 2 else ""
            text.setdefault(t, []).append((name, i + 1))
        names = self.timeline["threads"] or ["main"]
        self.assertEqual(page["locks"], [
            names[t] + " " + ", ".join(f"{n} {i}" for n, i in locks)
            for t, locks in text.items()] or ["none"])
        self.assertEqual(page["heads"], [
            "\n".join([name] + [n for n, i in text.get(t, [])])
            for t, name in enumerate(names)])
        for i, node in page["nodes"].items():
            node, is_a = page["nodes"][i], self.timeline["nodes"][int(i)]
            if is_a["k"] == "thread" and is_a["n"] in names:
                locks = text.get(names.index(is_a["n"]), [])
                self.assertEqual(bool(node["locks"]), bool(locks))
                for lock, _ in locks:
                    self.assertIn(lock, node["label"])

    def compare_list(self, k, page):
        self.assertTrue(page["in_view"], "the current row is in view")
        self.assertLessEqual(len(page["current"]), 1)
        steps = self.timeline["steps"]
        if k and not replay.quiet_at_first(self.timeline, steps[k - 1]):
            self.assertEqual(page["current"], [[str(k), "step", True]])
        self.assertTrue(all(int(n) <= k for n in page["past"]))

    def test_columns(self):
        self.open("after-put")
        where = self.js("""
            const x = e => Math.round(e.getBoundingClientRect().left);
            return [[...document.querySelectorAll("#heads div")].map(x),
                [...document.querySelectorAll(".row")].map(r =>
                x(r.querySelector(".txt")))];""")
        rows = replay.rows(self.timeline)
        for left, row in zip(where[1], rows):
            head = where[0][row[2]]
            self.assertTrue(head <= left <= head + 40, row)
        indented = [left for left, row in zip(where[1], rows)
                    if row[1] in ("18", "22")]
        self.assertGreater(indented[1], indented[0])

    def test_past(self):
        """Rows that are done are told from rows to come, all of them."""
        self.open("large", "#5000")
        for k in 5001, 4990, 0, 10000:
            self.assertEqual(self.see(k)["past"],
                             [str(i + 1) for i in range(k)])

    def test_holders(self):
        for k in 68, 73:  # main has held the IOAS before
            self.open("close-order", f"#{k}")
            there = self.see()["nodes"]
            for n, node in enumerate(self.timeline["nodes"]):
                if str(n) in there:
                    with self.subTest(node["n"], state=k):
                        self.compare_holders(n)
        self.open("deadlock", "#7")
        self.compare_holders(0)
        self.assertIn("no known holder", self.find("#node-body").text)

    def compare_holders(self, n):
        timeline = self.timeline
        ActionChains(self.web, duration=0).move_to_element(
            self.find(f"g[data-n='{n}']")).perform()
        head, k, rows, lit = self.js("""
            return [document.querySelector("#node-head").innerText,
                Number(document.querySelector("#slider").value),
                [...document.querySelectorAll("#node-body table")].map(t =>
                [t.caption.textContent, [...t.rows].map(r =>
                [...r.cells].map(c => c.textContent))]),
                [...document.querySelectorAll('.node.near')]
                .filter(e => e.style.display !== 'none')
                .map(e => Number(e.dataset.n))];""")
        self.assertIn(timeline["nodes"][n]["n"], head)
        want = [[who, c + (f" \u00d7{refs}" if refs > 1 else ""),
                 "step " + ", ".join(str(i + 1) for i in steps)
                 if steps else "",
                 ", ".join(dict.fromkeys(filter(None, (
                     replay.site(timeline, timeline["steps"][i]["w"])
                     for i in steps))))]
                for who, c, refs, steps in replay.holders(timeline, k, n)]
        self.assertEqual(dict(rows).get("Held by", []), want)
        state = replay.State(timeline, k)
        out = [e for e, refs in state.refs.items()
               if refs and timeline["edges"][e]["f"] == n]
        self.assertEqual([row[0] for row in dict(rows).get("Holds", [])], [
            timeline["nodes"][timeline["edges"][e]["t"]]["n"]
            for e in sorted(out)])
        near = {timeline["edges"][e][x] for e, refs in state.refs.items()
                if refs and n in (timeline["edges"][e]["f"],
                                   timeline["edges"][e]["t"]) for x in "ft"}
        self.assertEqual(set(lit), near | {n})

    def test_focus(self):
        self.open("close-order", "#68")
        self.js("document.getElementById('scroller').focus()")
        n = None
        for _ in range(4):
            self.press(Keys.TAB)
            n = n or self.js("return document.activeElement.dataset.n")
            if n:
                break
        self.assertIsNotNone(n)
        self.assertIn(self.timeline["nodes"][int(n)]["n"],
                      self.find("#node-head").text)
        self.press(Keys.ENTER)
        self.assertEqual(self.js("return document.activeElement."
                                 "getAttribute('aria-pressed')"), "true")

    def test_no_timeline(self):
        for name in NONE:
            with self.subTest(name):
                self.assertEqual(self.open(name), "failed")
                self.assertIn("cannot be shown", self.find("#sorry").text)
                self.assertFalse(self.find("main").is_displayed())
        self.open("empty")
        self.assertIn("There are no steps", self.find("#now").text)

    def test_without_scripts(self):
        self.web.execute_cdp_cmd("Emulation.setScriptExecutionDisabled",
                                 {"value": True})
        try:
            self.web.get(sample("one").as_uri())
            self.assertIn("needs JavaScript", self.find("noscript").text)
        finally:
            self.web.execute_cdp_cmd("Emulation.setScriptExecutionDisabled",
                                     {"value": False})


class Moves(Browser):
    """Going from state to state."""

    def steps_to_see(self):
        return [i + 1 for i, s in enumerate(self.timeline["steps"])
                if not replay.quiet_at_first(self.timeline, s)]

    def ways(self, keys, stops):
        """Keys (on, back) go through the stops, and to both ends."""
        last = len(self.timeline["steps"])
        on = [k for k in stops if k] + [last]
        back = [k for k in stops if k < last][::-1] + [0]
        return [(Keys.HOME, 0), *((keys[0], k) for k in on[:5]),
                (Keys.END, last), *((keys[1], k) for k in back[:5])]

    def walk(self, ways, shift=False, press=True):
        """Press keys, or only tell the page so; see where each of them goes."""
        self.js("seen = []")
        if press:
            self.press(*(key for key, k in ways), shift=shift)
        else:
            self.js("""for (const key of arguments[0])
                document.body.dispatchEvent(new KeyboardEvent("keydown", {
                    key, shiftKey: arguments[1] || key === "N",
                    bubbles: true, cancelable: true }));""",
                    [KEY_NAMES.get(key, key) for key, k in ways], shift)
        self.assertEqual(self.js("return seen"), [k for key, k in ways])

    def test_keys(self):
        for name in "close-order", "after-put", "deadlock", "middle":
            with self.subTest(name):
                press = name == "after-put"
                self.open(name)
                self.js("""addEventListener("keydown", e =>
                    e.key === "Shift" || seen.push(
                    Number(document.querySelector("#slider").value)));""")
                stops = replay.stops(self.timeline)
                own = [i + 1 for i, s in enumerate(self.timeline["steps"])
                       if replay.owns(s)]
                self.walk(self.ways((Keys.ARROW_RIGHT, Keys.ARROW_LEFT),
                                    self.steps_to_see()) +
                          self.ways((Keys.PAGE_DOWN, Keys.PAGE_UP), stops) +
                          self.ways(("n", "N"), own) +
                          [(Keys.END, len(self.timeline["steps"])),
                           (Keys.HOME, 0)], press=press)
                self.walk(self.ways((Keys.ARROW_RIGHT, Keys.ARROW_LEFT),
                                    stops), True, press)

    def test_keys_on_the_slider(self):
        """They go where they go elsewhere, and not twice."""
        self.open("after-put")
        self.find("#slider").click()
        self.press(Keys.HOME)
        self.press(Keys.ARROW_RIGHT)
        self.assertEqual(self.at(), 1)
        self.press(Keys.PAGE_DOWN)
        self.assertEqual(self.at(), replay.stops(self.timeline)[0])
        self.assertEqual(self.see()["where"], f"{self.at()} of 25")

    def test_buttons(self):
        self.open("after-put")
        stops = replay.stops(self.timeline)
        for button, k in (("next", 1), ("next", 2), ("prev", 1),
                          ("next-mark", stops[0]), ("next-mark", stops[1]),
                          ("prev-mark", stops[0]), ("last", 25),
                          ("prev-own", 23), ("first", 0), ("next-own", 1)):
            self.find("#b-" + button).click()
            self.assertEqual(self.at(), k, button)
        self.assertTrue(self.find("#b-next").is_enabled())
        self.press(Keys.END)
        self.assertFalse(self.find("#b-next").is_enabled())

    def test_slider(self):
        self.open("middle")
        slider = self.find("#slider")
        wide = slider.size["width"]
        for part in .5, .25, .9:
            ActionChains(self.web, duration=0).move_to_element_with_offset(
                slider, int((part - .5) * wide), 0).click().perform()
            self.assertAlmostEqual(self.at() / 1200, part, delta=.02)
            self.assertEqual(self.see()["where"], f"{self.at()} of 1200")

    def test_fragment(self):
        self.open("close-order", "#60")
        self.assertEqual(self.see()["where"], "60 of 128")
        self.js("location.hash = '#77'")
        self.wait("it follows", "document.querySelector('#slider').value "
                  "=== '77'")
        self.press("n")
        self.wait("it tells", "location.hash === '#' + arguments[0]",
                  self.at())
        self.js("location.hash = '#nonsense'")
        self.js("location.hash = '#99999'")
        self.wait("it stays inside", "document.querySelector('#slider').value "
                  "=== '128'")
        self.open("close-order", "#x")
        self.assertEqual(self.at(), 0)

    def test_clicks(self):
        self.open("after-put")
        for kind, n, k in (("step", 3, 4), ("head", 0, 4), ("result", 0, 4),
                           ("cut", 0, 12), ("broken", 0, 25)):
            self.press(Keys.HOME)
            row = self.web.find_elements(By.CSS_SELECTOR, ".row." + kind)[n]
            self.js("arguments[0].scrollIntoView({ block: 'center' })", row)
            row.find_element(By.CSS_SELECTOR, ".txt").click()
            self.assertEqual(self.at(), k, kind)
        self.open("close-order")
        for p, button in zip(self.timeline["passes"], self.web.find_elements(
                By.CSS_SELECTOR, "#passes button")):
            self.press(Keys.END)
            button.click()
            self.assertEqual(self.at(), p["s"] + 1)

    def test_passes(self):
        """The list of passes says nothing about what is to come."""
        self.open("close-order")
        told = self.js(SEE + """
            const li = () => [...document.querySelectorAll("#passes li")]
                .filter(seen).map(e => [...e.children].map(text)
                .filter(Boolean));
            return [...Array(arguments[0] + 1).keys()].map(k =>
                (to(k), li()));""", len(self.timeline["steps"]))
        for k, page in enumerate(told):
            want = []
            for p in self.timeline["passes"]:
                gone = [n for n, when in zip(p["gone"], p["when"])
                        if when <= k]
                if k > p["s"]:
                    want.append([f"pass {p['n']}"])
                    want[-1] += ["gone: " + ", ".join(gone)] if gone else []
                    want[-1] += ["left: " + ", ".join(p["left"])] \
                        if k >= p["e"] and p["left"] else []
            self.assertEqual(page, want, k)

    def test_play(self):
        self.open("after-put")
        self.js("document.querySelector('#speed').value = '20'")
        self.press(" ")
        self.wait("it plays", "document.querySelector('#slider').value > 3")
        self.press(" ")
        k = self.at()
        time.sleep(.2)
        self.assertEqual(self.at(), k, "it stands still")
        self.find("#b-play").click()
        self.assertEqual(self.find("#b-play").get_attribute("aria-pressed"),
                         "true")
        self.wait("it ends", "document.querySelector('#slider').value == 25")
        self.wait("it says so", "document.querySelector('#b-play')"
                  ".getAttribute('aria-pressed') == 'false'")
        self.find("#b-play").click()
        self.wait("it begins anew",
                  "document.querySelector('#slider').value < 20")
        self.press(Keys.END, Keys.ARROW_LEFT)
        time.sleep(.2)
        self.assertEqual(self.at(), 24, "the reader has the last word")

    def test_opens_at_the_break(self):
        for name in "after-put", "deadlock", "close-order", "busy":
            self.open(name, "")
            last = len(self.timeline["steps"])
            self.assertEqual(self.at(), last if self.timeline["failure"] else 0,
                             name)
        self.open("after-put", "#7")
        self.assertEqual(self.at(), 7)

    def test_live(self):
        self.open("after-put")
        self.press(Keys.ARROW_RIGHT)
        self.wait("it is said", "document.getElementById('live').textContent"
                  ".includes('Step 1 of 25. mainmain starts') || "
                  "document.getElementById('live').textContent"
                  ".includes('main starts')")

    def numbers(self):
        return [int(r[1]) for r in self.list_rows() if r[1]]

    def matching(self, test):
        timeline = self.timeline
        return [i + 1 for i, s in enumerate(timeline["steps"])
                if not replay.quiet_at_first(timeline, s) and test("  ".join((
                    timeline["threads"][s["t"]], replay.step_text(timeline, s)
                )).lower())]

    def test_filter(self):
        tests = (("hwpt", lambda x: "hwpt" in x),
                 ('"worker 1"', lambda x: re.search(r"\bworker 1\b", x)),
                 ("Users put", lambda x: "users" in x and "put" in x),
                 ("a+(b", lambda x: False))
        for name, some in ("close-order", tests), ("middle", tests[1:2]):
            self.open(name)
            for query, test in some:
                with self.subTest(name, query=query):
                    self.press("/")
                    if name == "middle":  # each letter sifts 1200 steps
                        self.js("""const e = document.activeElement;
                            e.value = arguments[0];
                            e.dispatchEvent(new Event("input"));""",
                                query[:-1])
                        self.press(Keys.END + query[-1])
                    else:
                        self.press(query)
                    want = self.matching(test)
                    self.assertEqual(self.numbers(), want)
                    self.assertIn(f"{len(want)} of", self.find("#shown").text)
                    self.press(Keys.ESCAPE)
                    self.assertEqual(self.numbers(), self.matching(
                        lambda x: True))

    def test_filter_keys(self):
        """Keys write in the field; Enter and the arrows go to what is found."""
        self.open("close-order")
        self.press("/")
        self.press("n", Keys.ARROW_LEFT, Keys.HOME, "hwpt_")
        self.assertEqual(self.find("#filter").get_attribute("value"), "hwpt_n")
        self.assertEqual(self.at(), 0)
        self.find("#filter").clear()
        self.find("#filter").send_keys("published")
        found = self.matching(lambda x: "published" in x)
        self.find("#filter").send_keys(Keys.ENTER)
        self.assertEqual(self.at(), found[0])
        self.js("document.activeElement.blur()")
        self.press(Keys.ARROW_RIGHT)
        self.assertEqual(self.at(), found[1])

    def test_kinds(self):
        self.open("close-order")
        locks = [i + 1 for i, s in enumerate(self.timeline["steps"])
                 if s["k"] == "lock"]
        self.assertFalse(set(locks) & set(self.numbers()))
        self.find("[data-kind=lock]").click()
        self.assertTrue(set(locks) <= set(self.numbers()))
        self.open("after-put")
        self.assertEqual(self.numbers(), list(range(1, 26)))
        self.find("[data-kind=other]").click()
        # Threads start: that is of kind other, and changes who is there.
        self.assertEqual(set(range(1, 26)) - set(self.numbers()), {10, 12})
        self.see(10)
        self.assertIn("not in the list", self.find("#now").text)

    def test_only_its_steps(self):
        self.open("close-order", "#68")
        self.find("g[data-n='1']").click()
        self.assertEqual(self.find("g[data-n='1']")
                         .get_attribute("aria-pressed"), "true")
        self.find("#node-head > button:last-child").click()
        self.assertEqual(self.find("#filter").get_attribute("value"),
                         f'"{self.timeline["nodes"][1]["n"]}"')
        self.press(Keys.ESCAPE)
        self.press(Keys.ESCAPE)
        self.assertEqual(self.find("g[data-n='1']")
                         .get_attribute("aria-pressed"), "false")


class Looks(Browser):
    """The failure, colours, narrow screens."""

    def test_places_and_story(self):
        self.open("after-put")
        f = self.timeline["failure"]
        for what, where in f["places"]:
            self.assertIn(what, self.find("#places").text)
            self.assertIn(where, self.find("#places").text)
        self.assertIn("0x1000 bytes at IOVA 0x2000, pinned in f a.c:9",
                      self.find("#places").text)
        self.find("#about summary").click()
        self.assertEqual(self.find("#about-list").text.split("\n"), [
            "What was wrong", "It reads: too late.", "The rule",
            "R-DESTROY-1"])
        self.open("bare")
        self.assertFalse(self.find("#about").is_displayed())

    def test_busy(self):
        """The object, and all that hold it, are marked and named."""
        self.open("busy")
        k = next(i + 1 for i, s in enumerate(self.timeline["steps"])
                 if "b" in s)
        marked = """const all = s => [...document.querySelectorAll(s)]
            .map(e => e.querySelector(".name").textContent + ": " +
            e.querySelector(".badge").textContent);
            return [all(".node.busy"), all(".node.holds").sort(),
            document.querySelectorAll(".edge.holds").length];"""
        for at in k - 1, k + 1:
            self.see(at)
            self.assertEqual(self.js(marked), [[], [], 0])
        self.see(k)
        self.assertEqual(self.js(marked), [
            ["ioas 1: EBUSY"], ["access 2: holds it", "getter: holds it"], 2])
        self.assertEqual(
            self.find("#now-delta").text,
            "EBUSY: ioas 1 is held by access 2 (users), getter (users \u00d72)")
        self.assertIn("ioas 1", self.find("#node-head").text)
        self.assertIn("busy.script:9: destroy $ioas",
                      self.find("#now-where").text)
        self.assertIn("(busy.script:7)", self.find("#node-body").text)

    def test_bare(self):
        """Without an object there is no graph."""
        for wide in 1280, 390:
            self.size(wide, 844)
            self.open("bare", "")
            for part in "#graph-box", "#node":
                self.assertFalse(self.find(part).is_displayed(), part)
            self.assertGreater(self.find("#list").size["width"], wide * .9)
            self.assertTrue(self.find("#now").is_displayed())
            self.assertTrue(self.find("#locks").is_displayed())
        self.size(1280, 800)
        self.open("one")
        self.assertTrue(self.find("#graph-box").is_displayed())

    def uncut(self, about):
        """No file and line is cut off."""
        cut = self.js("""
            const s = document.querySelector("#scroller");
            const end = s.getBoundingClientRect().left -
                s.scrollLeft + s.scrollWidth;
            return [...document.querySelectorAll(".row .at")]
                .filter(e => e.scrollWidth > e.clientWidth + 1 ||
                    e.closest(".txt").scrollWidth >
                    e.closest(".txt").clientWidth + 1 ||
                    e.getBoundingClientRect().right > end + 1)
                .map(e => e.closest(".row").textContent);""")
        self.assertEqual(cut, [], about)
        self.assertEqual(self.js("""
            return [...document.querySelectorAll("#panels section")]
                .filter(e => e.scrollWidth > e.clientWidth)
                .map(e => e.textContent);"""), [], about)

    def test_places_are_not_cut(self):
        self.size(1280, 900)
        self.open("after-put", "")
        for wide in 1280, 1400, 1920:
            self.resize(wide, 900)
            self.uncut(wide)

    def test_hint(self):
        """A graph that is larger than its panel says so, and scrolls."""
        self.size(390, 844)
        for name in "close-order", "one":
            self.open(name)
            wide, box = self.js("""const c = document.querySelector("#canvas");
                return [c.scrollWidth, c.clientWidth];""")
            self.assertEqual(self.find("#graph-hint").is_displayed(),
                             wide > box)
            self.assertEqual(wide > box, name == "close-order")
            self.js("document.querySelector('#canvas').scrollLeft = 50")
            self.assertEqual(self.js("return document.querySelector('#canvas')"
                                     ".scrollLeft") > 0, wide > box)

    def test_print(self):
        """On paper is the whole story, and no control."""
        self.open("after-put", "")
        self.js("dispatchEvent(new Event('beforeprint'))")
        self.emulate(media="print")
        self.size(700, 900)
        for part in "#controls", "#sieve", "#to-break", "#keys":
            self.assertFalse(self.find(part).is_displayed(), part)
        for part in "#report", "#about-list", "#fail-list", "#canvas":
            self.assertTrue(self.find(part).is_displayed(), part)
        cut = self.js("""return [...document.querySelectorAll("body *")]
            .filter(e => !e.closest("svg, .vh:not(.owner), script") &&
                e.checkVisibility() && getComputedStyle(e).overflow !==
                "visible" && (e.scrollHeight > e.clientHeight + 1 ||
                e.scrollWidth > e.clientWidth + 1)).map(e => e.outerHTML);""")
        self.assertEqual(cut, [])
        text = self.find("#rows").text
        for i, s in enumerate(self.timeline["steps"]):
            self.assertIn(str(i + 1), text)
            self.assertIn(s["x"], text)
        self.assertIn("close: ", text)
        rows = self.js("""return [...document.querySelectorAll(".row")].map(e =>
            e.getBoundingClientRect()).map(r => [r.top, r.bottom]);""")
        for (_, bottom), (top, _) in zip(rows, rows[1:]):
            self.assertLessEqual(bottom, top + 1, "rows do not overlap")

    def test_failure(self):
        self.open("after-put")
        f, banner = self.timeline["failure"], self.find("#banner")
        self.assertIn(f["text"], banner.text)
        self.assertIn(f["kind"], banner.text)
        self.find("#to-break").click()
        self.assertEqual(self.at(), 25)
        self.assertIn("close is about to do: " + f["next"],
                      self.find("#now-breaks").text)
        row = self.find(".row.broken")
        self.assertIn(f["next"], row.text)
        self.assertTrue(row.rect["y"] < 780, "it is in view")
        self.assertFalse(self.find("#report").is_displayed())
        self.find("#more summary").click()
        for text in (*f["states"], f["schedule"], f["command"]):
            self.assertIn(text, banner.text)
        self.find("#report-box summary").click()
        self.assertEqual(self.find("#report").text, f["report"])
        self.press(Keys.ARROW_LEFT)
        self.assertEqual(self.find("#now-breaks").text, "")
        self.open("deadlock", "#9")
        self.assertEqual(self.find("#now-breaks").text, "!! deadlock")
        self.open("close-order")
        self.assertFalse(self.find("#banner").is_displayed())

    def test_contrast(self):
        for name, states in (("after-put", (18, 23, 25)),
                             ("close-order", (60, 92)), ("middle", (600,)),
                             ("not-a-timeline", ())):
            self.open(name)
            self.js("document.getElementById('more').open = true")
            for k in states:
                self.to(k)
                for scheme in "light", "dark":
                    with self.subTest(f"{scheme} {name} {k}"):
                        self.emulate(scheme=scheme)
                        many, low = self.js(CONTRAST)
                        self.assertGreater(many, 60)
                        self.assertEqual(low, [])

    def test_narrow(self):
        """Each page on a telephone; Shown.test_states sees it at 1280."""
        for name in pages() + NONE:
            with self.subTest(name):
                self.size(390, 844)
                self.open(name, "")
                at = self.timeline and self.at()
                self.assertLessEqual(self.width(), 390)
                if self.timeline is None:
                    continue
                if name in ("close-order", "after-put"):
                    for wide, high in (899, 600), (900, 600), (1920, 1080):
                        self.resize(wide, high)
                        self.assertLessEqual(self.width(), wide)
                self.js(SEE + "document.getElementById('more').open = false;"
                        "to(arguments[0]);", at)
                self.resize(1400, 900)
                self.uncut(name)

    def test_steady(self):
        """Nothing moves from step to step but the list."""
        self.open("after-put")
        places = self.js(SEE + """
            return [...Array(26).keys()].map(k => (to(k), ["#slider",
                "#scroller", "#now", "#canvas svg", "#node", "#locks"].map(s =>
                JSON.stringify(document.querySelector(s)
                    .getBoundingClientRect()))));""")
        self.assertEqual(places, [places[0]] * 26)


class Source(unittest.TestCase):
    """What can be seen without a browser."""

    def test_source(self):
        text = TEMPLATE.read_text(encoding="ascii")
        line = ('<script type="application/json" id="timeline">'
                '@TIMELINE@</script>\n')
        self.assertEqual(text.count("@TIMELINE@"), 1)
        self.assertIn(line, text)
        for bad in ("innerHTML", "outerHTML", "insertAdjacent", "eval(",
                    "document.write", "fetch(", "import(", "https://"):
            self.assertNotIn(bad, text)
        self.assertEqual(re.findall(r"http://\S*", text),
                         ['http://www.w3.org/2000/svg",'])
        self.assertEqual(re.findall(r"<[^>]*\son\w+\s*=", text), [])
        for word in "transition", "animation", "smooth":
            self.assertNotIn(word, text)

    def test_lines(self):
        for n, line in enumerate(TEMPLATE.read_text().splitlines(), 1):
            self.assertLessEqual(len(line.expandtabs()), 80, f"line {n}")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + sys.argv[3:], verbosity=1)
