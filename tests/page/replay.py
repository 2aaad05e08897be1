# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Replays a timeline without the page: computes what exists after its first k
# steps, and the order of its rows.  The head of src/render/page/page.html
# describes a timeline.
COUNTERS = ["users", "wait_cnt", "references"]
STATES = ["gone", "reserved", "published", "dying"]
QUIET = ["lock", "wait", "memory", "user", "other"]


def faults(timeline):
    """What is wrong with a timeline, as sentences."""
    out = []
    size = {k: len(timeline[k]) for k in
            ("nodes", "edges", "threads", "locks", "sites", "steps")}
    size["counters"], size["states"], size["modes"] = 3, 4, 3
    within = {"n": ("nodes", "states"), "e": ("edges", None),
              "v": ("nodes", "counters", None, None),
              "l": ("threads", "locks", "modes")}

    def inside(what, i, of):
        if not isinstance(i, int) or not 0 <= i < size[of]:
            out.append(f"{what}: {i} is none of the {of}")

    for i, e in enumerate(timeline["edges"]):
        inside(f"edge {i}", e["f"], "nodes")
        inside(f"edge {i}", e["t"], "nodes")
        if len(e["p"]) < 4 or len(e["p"]) % 3 != 1:
            out.append(f"edge {i}: {len(e['p'])} points")
    for i, s in enumerate(timeline["steps"]):
        inside(f"step {i}", s["t"], "threads")
        if s["w"] != -1:
            inside(f"step {i}", s["w"], "sites")
        for c in s["c"]:
            for value, of in zip(c[1:], within[c[0]]):
                if of:
                    inside(f"step {i}, {c}", value, of)
            if len(c) != len(within[c[0]]) + 1:
                out.append(f"step {i}: {c}")
    for what in ("marks", "passes"):
        for i, m in enumerate(timeline[what]):
            if not 0 <= m["s"] <= m["e"] <= size["steps"]:
                out.append(f"{what} {i}: steps {m['s']} to {m['e']}")
    return out


class State:
    """State k of a timeline, and what the step that led to it changed."""

    def __init__(self, timeline, k):
        self.nodes = {}
        self.values = {}
        self.refs = {}
        self.locks = {}
        self.was_nodes, self.was_values, self.was_refs = {}, {}, {}
        for i, step in enumerate(timeline["steps"][:k]):
            self.was_nodes, self.was_values, self.was_refs = {}, {}, {}
            for c in step["c"]:
                self.change(i, c)

    def change(self, i, c):
        if c[0] == "n":
            self.was_nodes.setdefault(c[1], self.nodes.get(c[1], 0))
            self.nodes[c[1]] = c[2]
        elif c[0] == "v":
            key = c[1], c[2]
            self.was_values.setdefault(key, self.values.get(key, (-1, 0))[0])
            self.values[key] = c[3], c[4]
        elif c[0] == "e":
            self.was_refs.setdefault(c[1], self.refs.get(c[1], 0))
            self.refs[c[1]] = c[2]
        elif c[3]:
            self.locks[c[1], c[2]] = i, c[3]
        else:
            self.locks.pop((c[1], c[2]), None)


def taken(timeline, k, kind, key):
    """The steps that took the refs of an edge, or of the table, in state k."""
    stack = []
    for i, step in enumerate(timeline["steps"][:k]):
        for c in step["c"]:
            if c[0] == kind == "e" and c[1] == key:
                now = c[2]
            elif c[0] == kind == "v" and tuple(c[1:3]) == key:
                now = c[4]
            else:
                continue
            stack = stack[:now] + [i] * (now - len(stack))
    return stack


def holders(timeline, k, n):
    """Who holds node n in state k: (who, counter, refs, steps)."""
    state, out = State(timeline, k), []
    for c in range(3):
        value, table = state.values.get((n, c), (-1, 0))
        if value < 0:
            continue
        if table:
            out.append(("the id table", COUNTERS[c], table,
                        taken(timeline, k, "v", (n, c))))
        rest = value - table
        for e, edge in enumerate(timeline["edges"]):
            refs = state.refs.get(e, 0)
            if edge["t"] == n and edge["c"] == COUNTERS[c] and refs:
                rest -= refs
                out.append((timeline["nodes"][edge["f"]]["n"], COUNTERS[c],
                            refs, taken(timeline, k, "e", e)))
        if rest:
            out.append(("no known holder" if rest > 0 else
                        "more holders than references", COUNTERS[c],
                        abs(rest), []))
    return out


def owns(step):
    return any(c[0] != "l" for c in step["c"])


def quiet_at_first(timeline, step):
    """Does the page not show this step until it is asked to?"""
    return timeline["kind"] == "run" and step["k"] in QUIET and not owns(step)


def site(timeline, w):
    return timeline["sites"][w] if 0 <= w < len(timeline["sites"]) else ""


def step_text(timeline, step):
    return " ".join(x for x in (step["x"], step.get("h"),
                                site(timeline, step["w"])) if x)


def rows(timeline, shown=lambda i, step: True):
    """The rows of the list: (type, number, thread, text)."""
    out, steps = [], timeline["steps"]
    for i in range(len(steps) + 1):
        ended = [m for m in timeline["marks"]
                 if m["e"] == i > m["s"] and m["r"]]
        for m in sorted(ended, key=lambda m: -m["s"]):
            out.append(("result", "", m["t"], "=> " + m["r"]))
        for m in timeline["marks"]:
            if m["s"] == m["e"] == i:
                out += mark(m, True)
        if i < len(steps) and i and steps[i]["p"]:
            out.append(("cut", "", steps[i - 1]["t"],
                        "\u2014 preempted \u2014"))
        for m in timeline["marks"]:
            if m["s"] == i < m["e"]:
                out += mark(m, False)
        if i < len(steps) and shown(i, steps[i]):
            out.append(("step", str(i + 1), steps[i]["t"],
                        step_text(timeline, steps[i])))
    return out + end_rows(timeline)


def mark(m, whole):
    out = [("head", "", m["t"], (str(m["l"]) if m["l"] else "") + m["x"])]
    if whole and m["r"]:
        out.append(("result", "", m["t"], "=> " + m["r"]))
    return out


def end_rows(timeline):
    f = timeline["failure"]
    if not f:
        return []
    text = "!! " + (f["next"] + ": " if f["next"] else "") + f["kind"]
    where = site(timeline, f["nextsite"])
    return [("broken", "", max(f["thread"], 0),
             text + (" " + where if where else ""))] + [
                 ("end", "", t, "at the end: " + s)
                 for t, s in enumerate(f["states"]) if s]


def stops(timeline):
    """Where PgUp and PgDn stop, without the two ends."""
    if timeline["marks"]:
        return sorted({m[x] for m in timeline["marks"] for x in "se"})
    steps = timeline["steps"]
    return [i for i in range(1, len(steps))
            if steps[i]["t"] != steps[i - 1]["t"]]
