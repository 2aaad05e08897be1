# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# After an edit, run the tests that the edit may break, as many as a short time
# allows: the nearest ones first, and of these the fastest.
#
#	changed.py BUILD [--seconds N] [--jobs N] [--list] FILE...
#
# BUILD is a build directory of Ninja's that has been built once.  What a FILE
# reaches is read from Ninja's graph, and from what the compiler said about
# headers.  A test is reached if its command names what was built from a FILE,
# or a FILE itself, or a directory with a FILE in it; what configures the build
# reaches all.  A test is near if
#
#	its program is compiled from a FILE, or its command names one
#	its program calls a function that is compiled from a FILE; or the FILE's
#	name, or tests/zoo/CMakeLists.txt, says that the test is about it
#
# and far if only a library connects them.  It prints what it leaves out.  The exit
# code is 0 if what was run has passed, 1 if not, 2 if the build fails.
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import time

# Seconds of a processor, for an estimate before anything has been measured.
COMPILE, LINK, TEST = .3, .1, 1
NEAREST, NEAR, FAR = range(3)
HOW = ["changed itself", "about what was changed", "reached in another way"]
# What a fixture builds, unless the test names its own program.
FIXTURES = {"zoo": "the whole zoo", "zoo-exercise": "all exercises",
            "pages": "pages of the zoo"}


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          text=True).stdout


class Graph:
    """What is built from what: Ninja's targets, by absolute path."""

    def __init__(self, build):
        self.build = build
        self.known = {}
        self.made_of = {}       # output: inputs
        self.users = collections.defaultdict(set)
        for line in self.lines():
            if line.startswith("build "):
                self.add_edge(line[len("build "):])
        made = None
        for line in output("ninja", "-C", build, "-t", "deps").splitlines():
            if line.startswith("    "):
                if not line.startswith("    /usr/"):
                    self.add(made, [self.path(line[4:])])
            elif ": #deps" in line:
                made = self.path(line.split(": #deps")[0])

    def lines(self):
        with open(os.path.join(self.build, "build.ninja")) as file:
            return file.read().replace("$\n", "").splitlines()

    def path(self, name):
        known = self.known.get(name)
        if not known:
            known = os.path.normpath(os.path.join(self.build, name))
            self.known[name] = known
        return known

    def paths(self, text):
        words = re.split(r"(?<!\$) +", text.strip())
        return [self.path(re.sub(r"\$(.)", r"\1", w)) for w in words
                if w not in ("", "|") and not w.startswith("${")]

    def add_edge(self, text):
        made, _, rest = text.partition(": ")
        # What comes behind || need only be there.
        rest = rest.split(" || ")[0].split(" ", 1)
        for path in self.paths(made):
            self.add(path, self.paths(rest[1]) if len(rest) > 1 else [])

    def add(self, made, inputs):
        self.made_of.setdefault(made, []).extend(inputs)
        for path in inputs:
            self.users[path].add(made)

    def reached(self, files):
        """All that is made of these files, and the files."""
        found, todo = set(), list(files)
        while todo:
            path = todo.pop()
            if path not in found:
                found.add(path)
                todo.extend(self.users[path])
        return found

    def own_objects(self, program):
        return [p for p in self.made_of.get(program, [])
                if p.endswith(".o")]


def symbols(objects, kind):
    """For each object file the functions that it defines (T) or calls (U)."""
    objects = [o for o in objects if os.path.exists(o)]
    found = collections.defaultdict(set)
    if objects:
        text = subprocess.run(["nm", "-gA"] + objects, text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout
        for path, name in re.findall(rf"^(.*?):[0-9a-f ]* {kind} (\S+)$",
                                     text, re.M):
            found[path].add(name)
    return found


class Test:
    def __init__(self, number, data, graph):
        properties = {p["name"]: p["value"] for p in data["properties"]}
        self.number = number
        self.name = data["name"]
        self.labels = properties.get("LABELS", [])
        self.fixtures = properties.get("FIXTURES_REQUIRED", [])
        self.is_setup = "FIXTURES_SETUP" in properties
        where = properties.get("WORKING_DIRECTORY", graph.build)
        words = data.get("command", [])
        self.names = {os.path.normpath(os.path.join(where, w)) for w in words}
        self.names |= {graph.path(w) for w in words if "/" not in w}
        self.programs = [n for n in self.names
                         if graph.own_objects(n)]
        self.rank = None
        self.seconds = TEST
        self.needs = None

    def reach(self, graph, reached, files):
        """Sets its rank, if it is reached, and what it needs but does not name."""
        inside = [n for n in self.names if os.path.isdir(n) and
                  any(f.startswith(n + os.sep) for f in files)]
        all_of_it = graph.path("build.ninja") in reached
        if not self.names & reached and not inside and not all_of_it:
            return
        self.rank = FAR
        if self.names & files or any(
                o in reached for p in self.programs
                for o in graph.own_objects(p)):
            self.rank = NEAREST
        for fixture in self.fixtures:
            mine = any("/tests/zoo/" in p for p in self.programs)
            if fixture in FIXTURES and not mine:
                self.needs = FIXTURES[fixture]


def stems(files):
    """What the names of sources say that they are about: eventq, dpor ..."""
    names = (os.path.splitext(os.path.basename(f)) for f in files)
    return {name for name, end in names if end in (".c", ".h")}


def told_to_be_about(build, files):
    """The programs that tests/zoo/CMakeLists.txt names for a source."""
    programs = set()
    for file in files:
        path = os.path.join(build, "tests/zoo/exercise-files",
                            "tests-" + os.path.basename(file))
        if os.path.exists(path):
            with open(path) as text:
                programs |= set(text.read().split())
    return programs


def find_near(tests, graph, reached, files):
    objects = [p for p in reached if p.endswith(".o") and
               any(p.endswith("/" + os.path.basename(f) + ".o")
                   for f in files)]
    defined = set().union(*symbols(objects, "T").values())
    own = {p: graph.own_objects(p) for t in tests if t.rank == FAR
           for p in t.programs}
    # A library is not about each of its functions.
    own = {p: objects for p, objects in own.items() if len(objects) < 20}
    calls = symbols({o for objects in own.values() for o in objects}, "U")
    about, told = stems(files), told_to_be_about(graph.build, files)
    for test in tests:
        if test.rank != FAR:
            continue
        name = re.split(r"[._-]", test.name)
        for program in test.programs:
            if os.path.basename(program) in told or \
                    any(all(w in name for w in re.split("[_-]", s))
                        for s in about):
                test.rank = NEAR
            elif any(defined & calls[o] for o in own.get(program, [])):
                test.rank = NEAR


def read_tests(graph):
    data = json.loads(output("ctest", "--test-dir", graph.build,
                             "--show-only=json-v1"))
    tests = [Test(i + 1, t, graph) for i, t in enumerate(data["tests"])]
    took = {}
    costs = os.path.join(graph.build, "Testing/Temporary/CTestCostData.txt")
    if os.path.exists(costs):
        with open(costs) as file:
            for line in file:
                words = line.split()
                if len(words) == 3 and int(words[1]):
                    took[words[0]] = float(words[2])
    for test in tests:
        test.seconds = took.get(test.name, TEST)
    return tests


class Budget:
    """The time that is left, and how slow this machine is just now."""

    def __init__(self, seconds, jobs, begun):
        self.seconds, self.jobs, self.begun = seconds, jobs, begun
        self.slow = 1
        self.built = set()

    def left(self):
        return (self.seconds - (time.time() - self.begun)) / self.slow

    def learn(self, estimate, took):
        """How slow it is, from what a part was expected to take."""
        self.slow = max(.5, took / max(estimate, .5))

    def cost(self, test, graph, reached):
        """Seconds for a test, and for building what is not counted yet."""
        todo = [p for p in test.names if p in reached]
        seconds, new = test.seconds, set()
        while todo:
            path = todo.pop()
            if path in self.built or path in new or path not in graph.made_of:
                continue
            new.add(path)
            seconds += COMPILE if path.endswith(".o") else LINK
            todo.extend(p for p in graph.made_of[path] if p in reached)
        return seconds / self.jobs, new


def next_part(order, graph, reached, budget):
    """Takes the next tests from the list, about four seconds of them."""
    part, spent, left = [], 0, budget.left()
    for test in list(order):
        cost, new = budget.cost(test, graph, reached)
        if test.needs or spent + cost > left:
            continue
        if part and spent + cost > 4:
            break
        budget.built |= new
        spent += cost
        part.append(test)
        order.remove(test)
    return part, spent


def build(graph, tests, reached, jobs):
    targets = sorted({os.path.relpath(n, graph.build) for t in tests
                      for n in t.names if n in reached and n in graph.made_of})
    if not targets:
        return True
    run = subprocess.run(["ninja", "-C", graph.build, "-j", str(jobs)] +
                         targets, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True)
    if run.returncode:
        print("".join(line + "\n" for line in run.stdout.splitlines()
                      if not re.match(r"\[\d+/\d+\]|ninja: Ent", line)))
    return run.returncode == 0


def run(graph, tests, jobs):
    numbers = ",".join(str(t.number) for t in tests)
    result = subprocess.run(
        ["ctest", "--test-dir", graph.build, "-FA", ".*", "-j", str(jobs),
         "--output-on-failure", "-I", "0,0,0," + numbers],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        lines = result.stdout.splitlines()
        print("\n".join(line for line in lines if not re.match(
            r" +Start +\d+:|.*Test +#\d+: \S+ \.+ +Passed", line)))
    return result.returncode == 0


def tell_left_out(left):
    shown = sorted(left, key=lambda t: (t.rank, t.seconds))
    for test in shown[:8]:
        why = f"needs {test.needs}" if test.needs else \
            f"about {test.seconds:.1f} s"
        print(f"left out: {test.name} ({HOW[test.rank]}; {why})")
    if len(shown) > 8:
        print(f"left out: and {len(shown) - 8} more of "
              f"{sum(t.seconds for t in shown[8:]):.0f} s in all")
    print("left out: all that only sanitizers see; ./model test runs "
          "everything")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=os.path.abspath)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("files", nargs="+", type=os.path.abspath)
    args = parser.parse_args()
    begun = time.time()
    files = set(args.files)
    graph = Graph(args.build)
    reached = graph.reached(files)
    tests = [t for t in read_tests(graph) if not t.is_setup]
    for test in tests:
        test.reach(graph, reached, files)
    tests_reached = [t for t in tests if t.rank is not None]
    find_near(tests_reached, graph, reached, files)
    # That the bugs of the zoo are found is not what an edit breaks first.
    order = sorted(tests_reached, key=lambda t: (
        t.rank, "zoo" in t.labels, t.seconds))
    if args.list:
        for test in order:
            print(f"{test.name}\t{HOW[test.rank]}\t{test.seconds:.2f}")
        return 0
    print(f"{len(order)} of {len(tests)} tests are reached, of which "
          f"{sum(t.rank < FAR for t in order)} are near", flush=True)
    budget, nr_done = Budget(args.seconds, args.jobs, begun), 0
    while True:
        part, estimate = next_part(order, graph, reached, budget)
        if not part:
            break
        start = time.time()
        if not build(graph, part, reached, args.jobs):
            return 2
        nr_done += len(part)
        if not run(graph, part, args.jobs):
            print(f"failed, after {nr_done} tests and "
                  f"{time.time() - begun:.0f} s")
            return 1
        budget.learn(estimate, time.time() - start)
    tell_left_out(order)
    print(f"{nr_done} tests passed in {time.time() - begun:.0f} s, "
          f"{len(order)} were left out")
    return 0


if __name__ == "__main__":
    sys.exit(main())
