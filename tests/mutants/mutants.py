#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Mutation testing: do the tests notice small wrong edits of a source?

A copy of the tree is built with all wrong edits in it, each behind a question
which of them is active (edits.py, runtime.c).  So one build serves for all, and
the environment chooses the mutant.  All tests run once without a mutant, which
tells how long each takes and which edits it reaches.  Then for each mutant the
tests that reach it run, until one fails; those with the most kills per second
come first.

A mutant that the compiler refuses does not count.  Nor does one for which it
makes the same object code as for the source as it is: that is compared for
those that no test has noticed.

The results stay in build/mutants.  A later run takes those of edits whose
source did not change; one that survived runs again if a test has changed.
"""
import argparse
import concurrent.futures
import fcntl
import fnmatch
import hashlib
import json
import os
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time

import edits

HERE = os.path.dirname(os.path.realpath(__file__))
DEFAULT = ("src/iommufd", "src/kernel", "src/explore")
# Tests of documents, packages and pages cannot notice an edit of the library,
# and the zoo has its own copies of the sources.
LABELS = {"unit", "thread", "golden", "interleave", "random", "fault"}
# A test may take FACTOR times its processor time without a mutant, and MORE
# seconds; by the clock CLOCK times as much, because it may wait, or the machine
# be busy.  A mutant with which it takes longer counts as killed.
FACTOR, MORE, CLOCK = 4, 3, 10
# A test also counts as one that takes too long if all of its processes slept for
# this many seconds.
ASLEEP = 12
# How likely a test is to notice an edit, as far as nothing is known yet: by the
# folder of the edit and a label of the test, and of any other test.
LIKELY = {
    ("src/explore", "interleave"): 2, ("src/explore", "unit"): 0.5,
    ("src/kernel", "unit"): 2, ("src/kernel", "thread"): 1,
    ("src/kernel", "interleave"): 0.5,
    ("src/iommufd", "unit"): 2, ("src/iommufd", "interleave"): 0.5,
}
UNLIKELY = 0.1


def say(text):
    print("mutants: " + text, file=sys.stderr, flush=True)


def fail(text):
    say(text)
    sys.exit(2)


def read(path):
    # Every byte is a character, so that offsets are libclang's.
    with open(path, encoding="latin-1", newline="") as file:
        return file.read()


def write(path, text):
    """Write the file, unless it has this text already."""
    if os.path.exists(path) and read(path) == text:
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="latin-1", newline="") as file:
        file.write(text)


def digest(*paths):
    total = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            total.update(file.read())
    return total.hexdigest()[:16]


def activity(session):
    """What the processes of a session have done: their processor time, and True
    if one of them is not asleep."""
    ticks, awake = 0, False
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="latin-1") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            awake |= fields[0] in "RD"
            ticks += int(fields[11]) + int(fields[12])
    return ticks, awake


def wait_for(child, seconds):
    """Wait for a child, at most so long, or until it has slept for long; its
    exit code or None, and its processor time, for on a busy machine the time of
    the clock tells little."""
    now = asleep_since = looked = time.monotonic()
    end = now + seconds
    delay, ticks = 0.002, None
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return child.returncode, usage.ru_utime + usage.ru_stime
        now = time.monotonic()
        if now - looked > 2:
            looked, before = now, ticks
            ticks, awake = activity(child.pid)
            if awake or ticks != before:
                asleep_since = now
        if now > end or now - asleep_since > ASLEEP:
            return None, seconds
        time.sleep(delay)
        delay = min(delay * 1.5, 0.1)


class Tree:
    """The copy of the tree, and its build."""

    def __init__(self, top, work, jobs):
        self.top, self.work, self.jobs = top, work, jobs
        self.source = os.path.join(work, "source")
        self.build = os.path.join(work, "build")
        self.log = os.path.join(work, "build.log")
        self.compiled_by = {}

    def files(self):
        listed = subprocess.run(
            ["git", "ls-files", "-z", "-co", "--exclude-standard"],
            cwd=self.top, capture_output=True, check=False)
        if listed.returncode == 0 and listed.stdout:
            return [os.fsdecode(f) for f in listed.stdout.split(b"\0") if f]
        found = []
        for folder, folders, names in os.walk(self.top):
            folders[:] = [f for f in folders if f not in ("build", ".git")]
            found += [os.path.relpath(os.path.join(folder, n), self.top)
                      for n in names]
        return found

    def copy(self, without):
        """Bring the copy up to date, but for the files that get edits."""
        for name in self.files():
            path, to = (os.path.join(d, name) for d in (self.top, self.source))
            if name in without or not os.path.isfile(path):
                continue
            if os.path.exists(to) and \
                    os.path.getmtime(to) == os.path.getmtime(path):
                continue
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copy2(path, to)

    def run(self, *command, keep=False):
        with open(self.log, "ab" if keep else "wb") as log:
            return subprocess.run(command, stdout=log, check=False,
                                  stderr=subprocess.STDOUT,
                                  stdin=subprocess.DEVNULL).returncode

    def configure(self):
        runtime = os.path.join(self.work, "runtime.o")
        if self.run("cc", "-O1", "-fPIC", "-fvisibility=hidden", "-c", "-o",
                    runtime, os.path.join(HERE, "runtime.c")):
            fail(f"runtime.c does not compile: see {self.log}")
        declare = os.path.join(self.work, "mutants.h")
        write(declare, "#ifndef __ASSEMBLER__\n#ifdef __cplusplus\n"
              "extern \"C\"\n#endif\n"
              "int iommufd_model_mutant(unsigned int number);\n#endif\n")
        # Ninja takes hundreds of targets at once, where CMake's makefiles look at
        # each by itself.
        new = not os.path.exists(os.path.join(self.build, "CMakeCache.txt"))
        ninja = ["-G", "Ninja"] if new and shutil.which("ninja") else []
        # Twice, so that it comes behind the library that needs it.
        code = self.run(
            "cmake", "-S", self.source, "-B", self.build, *ninja,
            "-DCMAKE_BUILD_TYPE=None", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
            f"-DCMAKE_C_FLAGS=-O1 -g1 -w -include {declare}",
            "-DCMAKE_CXX_FLAGS=-O1 -w",
            f"-DCMAKE_C_STANDARD_LIBRARIES={runtime}",
            f"-DCMAKE_CXX_STANDARD_LIBRARIES={runtime}",
            "-DIOMMUFD_MODEL_BENCH=OFF")
        if code:
            fail(f"cmake fails: see {self.log}")

    def commands(self):
        """How each source is compiled: its name in the tree -> arguments."""
        if self.compiled_by:
            return self.compiled_by
        path = os.path.join(self.build, "compile_commands.json")
        with open(path, encoding="utf-8") as file:
            entries = json.load(file)
        found = self.compiled_by
        for entry in entries:
            if entry["file"].startswith(self.source + "/tests"):
                continue
            words = shlex.split(entry["command"])
            name = os.path.relpath(entry["file"], self.source)
            if "-o" in words:
                at = words.index("-o")
                words[at:at + 2] = []
            words = [w for w in words if w not in ("-c", entry["file"])]
            found.setdefault(name, (words, entry["directory"]))
        return found

    def tests(self):
        shown = subprocess.run(
            ["ctest", "--test-dir", self.build, "--show-only=json-v1"],
            capture_output=True, check=False)
        if shown.returncode:
            fail("ctest does not list the tests")
        return [Test(t) for t in json.loads(shown.stdout)["tests"]
                if t.get("command")]

    def by_ninja(self):
        return os.path.exists(os.path.join(self.build, "build.ninja"))

    def targets(self, chosen):
        """The targets that make the programs of the chosen tests.  ctest tells
        no command of a test without its program, so this reads its files."""
        listing = ["ninja", "-C", self.build, "-t", "targets", "all"] \
            if self.by_ninja() else \
            ["cmake", "--build", self.build, "--target", "help"]
        listed = subprocess.run(listing, capture_output=True, text=True,
                                check=False).stdout
        known = set(re.findall(r"^(?:\.\.\. )?([\w.+-]+)", listed, re.M))
        wanted = set()
        for folder, _, names in os.walk(self.build):
            if "CTestTestfile.cmake" not in names:
                continue
            text = read(os.path.join(folder, "CTestTestfile.cmake"))
            labels = {name: set(found.split(";")) for name, found in re.findall(
                r'^set_tests_properties\(\[=*\[(.*?)\]=*\].* LABELS "(.*?)"',
                text, re.M)}
            fixtures = set(re.findall(
                r"^set_tests_properties\(\[=*\[(.*?)\]=*\].* "
                "FIXTURES_REQUIRED ", text, re.M))
            for name, command in re.findall(
                    r"^add_test\(\[=*\[(.*?)\]=*\] (.*)\)$", text, re.M):
                if name in fixtures or \
                        not chosen(name, labels.get(name, set())):
                    continue
                for word in re.findall(r'"(.*?)"', command):
                    if word.startswith(self.build + os.sep):
                        word = os.path.basename(word)
                        wanted |= {word, word + "-cli"} & known
        return sorted(wanted)

    def make(self, targets):
        """Build, as far as possible; all errors are in the log."""
        return self.run("cmake", "--build", self.build, "--parallel",
                        str(self.jobs), "--target", *targets, "--", "-k",
                        *(["0"] if self.by_ninja() else []))


class Test:
    """A test of ctest."""

    def __init__(self, listed):
        self.name, self.command = listed["name"], listed["command"]
        values = {p["name"]: p["value"] for p in listed["properties"]}
        self.labels = set(values.get("LABELS", []))
        self.environment = dict(
            e.split("=", 1) for e in values.get("ENVIRONMENT", []))
        self.folder = values.get("WORKING_DIRECTORY")
        self.skip = values.get("SKIP_RETURN_CODE")
        self.inverse = values.get("WILL_FAIL", False)
        self.fixtures = values.get("FIXTURES_REQUIRED")
        self.seconds = self.took = 0.0
        self.key = None
        self.reaches = set()
        # A test may use fixed names of files.
        self.lock = threading.Lock()

    def programs(self, build):
        """The files of the build that it runs or reads."""
        return [w for w in self.command
                if w.startswith(build + os.sep) and os.path.isfile(w)]

    def run(self, scratch, environment, seconds, cpu=None):
        """Run it for at most so many seconds; returns "passed", "skipped",
        "failed" or "time"."""
        def limits():
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if cpu:
                resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
        values = {**os.environ, **self.environment, **environment,
                  "TMPDIR": scratch}
        with self.lock, subprocess.Popen(
                self.command, cwd=self.folder, env=values, preexec_fn=limits,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, start_new_session=True) as child:
            code, self.took = wait_for(child, seconds)
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if code is None:
            return "time"
        if self.skip is not None and code == self.skip:
            return "skipped"
        return "passed" if (code == 0) != self.inverse else "failed"


class Mutants:
    """A run of the tool."""

    def __init__(self, options):
        self.options = options
        self.work = os.path.abspath(options.work)
        os.makedirs(self.work, exist_ok=True)
        self.scratch = os.path.join(self.work, "tmp")
        self.results_path = os.path.join(self.work, "results.jsonl")
        self.tree = Tree(os.path.abspath(options.source), self.work,
                         options.jobs)
        self.texts, self.edits, self.possible = {}, [], []
        self.results = {}
        self.lock = threading.Lock()

    # The mutants

    def sources(self):
        """The sources that are asked for, by their names in the tree."""
        top, found = self.tree.top, []
        for name in self.options.files or DEFAULT:
            path = os.path.join(top, name)
            if not os.path.exists(path):
                path = os.path.abspath(name)
            if os.path.isdir(path):
                found += [os.path.join(path, n) for n in os.listdir(path)
                          if n.endswith(".c")]
            elif os.path.isfile(path) and path.endswith(".c"):
                found.append(path)
            else:
                fail(f"{name}: no such C source or folder")
        names = [os.path.relpath(p, top) for p in sorted(set(found))]
        if not names or any(n.startswith("..") for n in names):
            fail("the sources must be in the tree")
        return names

    def find(self):
        """Find all edits, and take the sample."""
        commands = self.tree.commands()
        everything = []
        for name in self.sources():
            if name not in commands:
                say(f"{name} is not compiled here")
                continue
            text = read(os.path.join(self.tree.top, name))
            self.texts[name] = text
            words, _ = commands[name]
            try:
                everything += edits.find_edits(
                    name, os.path.join(self.tree.source, name), text,
                    self.arguments(words))
            except ValueError as error:
                fail(str(error))
        self.possible = everything
        everything = [e for e in everything if self.wanted(e)]
        total = len(everything)
        if self.options.sample:
            everything.sort(key=lambda e: hashlib.sha256(
                f"{self.options.seed} {e.id}".encode()).digest())
            everything = everything[:self.options.sample]
        everything.sort(key=lambda e: (e.file, e.spans[0].start))
        self.edits = everything
        say(f"{len(self.edits)} of {total} possible edits")

    def wanted(self, edit):
        only = self.options.only
        return not only or any(fnmatch.fnmatchcase(
            f"{edit.file}:{edit.line}:{edit.function}:{edit.rule}",
            f"*{pattern}*") for pattern in only)

    @staticmethod
    def arguments(words):
        """Arguments for libclang, which has no headers of a compiler."""
        folder = subprocess.run([words[0], "-print-file-name=include"],
                                capture_output=True, text=True,
                                check=False).stdout.strip()
        kept, skip = [], False
        for word in words[1:]:
            if skip:
                skip = False
            elif word == "-include":
                skip = True
            elif re.match(r"-(I|D|U|std=|isystem)", word):
                kept.append(word)
        return kept + ["-isystem", folder]

    # The build

    def build(self):
        """Build with all mutants.  Those that do not compile are taken out."""
        numbered = list(enumerate(self.edits, 1))
        targets = self.tree.targets(self.chosen)
        if not targets:
            fail("no test has a program to build")
        refused = {n for name in self.texts
                   for n in self.refused([p for p in numbered
                                          if p[1].file == name])}
        self.numbered = [p for p in numbered if p[0] not in refused]
        for number in refused:
            self.record(numbered[number - 1][1], "does not compile", [])
        if refused:
            say(f"{len(refused)} do not compile")
        self.write_sources(self.numbered)
        if self.tree.make(targets):
            say(f"some programs are not built: see {self.tree.log}")

    def chosen(self, name, labels):
        if self.options.tests:
            return re.search(self.options.tests, name)
        return bool(labels & LABELS)

    def write_sources(self, numbered):
        for name, text in self.texts.items():
            of_file = [p for p in numbered if p[1].file == name]
            write(os.path.join(self.tree.source, name),
                  edits.together(text, of_file))

    def refused(self, numbered):
        """The numbers of those edits of a source that the compiler refuses."""
        if not numbered:
            return set()
        name = numbered[0][1].file
        text = edits.together(self.texts[name], numbered)
        if self.compile(name, text, ["-fsyntax-only"]) is not None:
            return set()
        if len(numbered) == 1:
            return {numbered[0][0]}
        half = len(numbered) // 2
        return self.refused(numbered[:half]) | self.refused(numbered[half:])

    def compile(self, name, text, more):
        """Compile a text in the source's stead; the object, or None."""
        words, folder = self.tree.commands()[name]
        path = os.path.join(self.tree.source, name)
        out = os.path.join(self.scratch, f"{threading.get_ident()}.o")
        words = [w for w in words if w not in ("-O1", "-g", "-g1")]
        done = subprocess.run(
            words + ["-O2", "-w", "-iquote", os.path.dirname(path), *more,
                     "-c", "-x", "c", "-", "-o", out],
            input=f'# 1 "{path}"\n{text}'.encode("latin-1"), cwd=folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if done.returncode:
            return None
        if "-fsyntax-only" in more:
            return b""
        with open(out, "rb") as file:
            return file.read()

    def same_object(self, edit):
        text = self.texts[edit.file]
        changed = self.compile(edit.file, edits.single(text, edit), [])
        return changed is not None and \
            changed == self.compile(edit.file, text, [])

    # The tests

    def measure(self, tests):
        """Run each test without a mutant: how long, and what it reaches.  One
        that is too slow is ended."""
        os.makedirs(self.scratch, exist_ok=True)
        known = self.load_reached()
        usable, left_out = [], []

        def one(test):
            key = test.key = self.key(test)
            if key not in known:
                known[key] = self.measure_one(test)
            return test, known[key]
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            for i, (test, entry) in enumerate(pool.map(one, tests)):
                if i % 50 == 49:
                    say(f"{i + 1} of {len(tests)} tests measured")
                    self.save_reached(known)
                test.seconds = entry["seconds"]
                test.reaches = set(entry["reaches"])
                if entry["verdict"] == "passed" and \
                        test.seconds <= self.options.slowest:
                    usable.append(test)
                else:
                    left_out.append(test)
        self.save_reached(known)
        if left_out:
            say(f"{len(left_out)} tests are left out (they do not pass here, "
                f"or take more than {self.options.slowest:g} s): " +
                " ".join(sorted(t.name for t in left_out)))
        if not usable:
            fail("no test passes without a mutant")
        return usable

    def measure_one(self, test):
        path = os.path.join(self.scratch, f"reached-{threading.get_ident()}")
        with open(path, "wb") as file:
            file.write(bytes(len(self.edits) + 1))
        verdict = test.run(self.scratch, {"MUTANT_REACHED": path},
                           CLOCK * (self.options.slowest + MORE),
                           int(self.options.slowest + 1))
        with open(path, "rb") as file:
            data = file.read()
        return {"verdict": verdict, "seconds": test.took,
                "reaches": [self.edits[i - 1].id
                            for i in range(1, len(data)) if data[i]]}

    def key(self, test):
        """What a measurement belongs to: the test's programs, with the mutants
        that are in them."""
        programs = test.programs(self.tree.build)
        return test.name + " " + digest(*programs)

    def load_reached(self):
        try:
            with open(os.path.join(self.work, "reached.json"),
                      encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return {}

    def save_reached(self, known):
        with self.lock:
            text = json.dumps(dict(known))
        path = os.path.join(self.work, "reached.json")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(path + ".new", path)

    def tests_key(self):
        """A digest of what the tests are, without the sources under test: these
        are in the results by themselves."""
        names = [n for n in self.tree.files()
                 if re.match(r"(tests|examples)/", n) and
                 not n.startswith("tests/mutants/")] or self.tree.files()
        paths = [os.path.join(self.tree.top, n) for n in sorted(names)
                 if n not in self.texts]
        return digest(*[p for p in paths if os.path.isfile(p)])

    # The results

    def load_results(self):
        try:
            with open(self.results_path, encoding="utf-8") as file:
                lines = file.readlines()
        except OSError:
            return
        for line in lines:
            try:
                entry = json.loads(line)
                self.results[entry["id"]] = entry
            except (ValueError, KeyError, TypeError):
                continue

    def record(self, edit, verdict, ran, by=None):
        """Keep the verdict, and the tests that ran.  What identifies those is
        kept for survivors only."""
        entry = {"id": edit.id, "verdict": verdict,
                 "ran": [t.name for t in ran], "by": by and by.name,
                 "source": self.digests[edit.file], "tests": self.tests_digest,
                 "budget": self.options.budget, "edit": str(edit)}
        if verdict == "survived":
            entry["keys"] = [t.key for t in ran]
        with self.lock:
            self.results[edit.id] = entry
            with open(self.results_path, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")

    def still_holds(self, edit):
        entry = self.results.get(edit.id)
        if not entry or entry["source"] != self.digests[edit.file]:
            return False
        return entry["verdict"] != "survived" or (
            entry["tests"] == self.tests_digest and
            entry.get("budget", 0) >= self.options.budget)

    # The mutants run

    def judge(self, number, edit, tests):
        """Run the tests that reach a mutant until one notices it."""
        reaching = [t for t in tests if edit.id in t.reaches]
        before = self.results.get(edit.id, {})
        known = set(before.get("keys", [])) \
            if before.get("source") == self.digests[edit.file] else set()
        ran = [t for t in reaching if t.key in known]
        reaching = [t for t in reaching if t.key not in known]
        spent = sum(t.seconds for t in ran)
        while reaching:
            with self.lock:
                # Not one that would have to wait for another mutant's run.
                reaching.sort(key=lambda t: (
                    t.lock.locked(),
                    (t.seconds + 0.05) / self.likely(t, edit)))
            test = reaching.pop(0)
            if spent + test.seconds > self.options.budget and ran:
                continue
            spent += test.seconds
            ran.append(test)
            most = FACTOR * test.seconds + MORE
            verdict = test.run(self.scratch, {"MUTANT": str(number)},
                               CLOCK * most, int(most))
            if verdict in ("failed", "time"):
                with self.lock:
                    self.killers.setdefault(test.name, []).append(
                        (edit.file, edit.function))
                self.record(edit, "killed", ran, test)
                return
        equal = not known and self.same_object(edit)
        self.record(edit, "same object" if equal else "survived", ran)

    def likely(self, test, edit):
        """How likely this test is to notice: by its kills, also of earlier runs,
        with more weight on those in the same file and function."""
        folder = os.path.dirname(edit.file)
        kills = self.killers.get(test.name, [])
        return sum(0.2 + (f == edit.file) +
                   3 * ((f, g) == (edit.file, edit.function))
                   for f, g in kills) + \
            max(LIKELY.get((folder, label), UNLIKELY)
                for label in test.labels | {""})

    def remember_killers(self):
        """The tests that noticed something, with where that was."""
        for entry in self.results.values():
            if entry.get("by"):
                file, _, function = entry["edit"].split(":")[:3]
                self.killers.setdefault(entry["by"], []).append(
                    (file, function.strip()))

    def lock_work(self):
        """Only one run at a time works here."""
        self.locked = open(os.path.join(self.work, "lock"), "w",
                           encoding="utf-8")
        try:
            fcntl.flock(self.locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            fail(f"another ./model mutants works in {self.work}")

    def run(self):
        self.lock_work()
        self.tree.copy(set(self.sources()))
        for name in self.sources():
            # For CMake; the text with the edits follows.
            if not os.path.exists(os.path.join(self.tree.source, name)):
                write(os.path.join(self.tree.source, name), "")
        self.tree.configure()
        self.find()
        if self.options.list:
            for edit in self.edits:
                print(edit)
            return 0
        if not self.edits:
            fail("no edits to make")
        os.makedirs(self.scratch, exist_ok=True)
        self.digests = {n: hashlib.sha256(t.encode("latin-1")).hexdigest()[:16]
                        for n, t in self.texts.items()}
        self.tests_digest = self.tests_key()
        self.load_results()
        if not all(self.still_holds(e) for e in self.edits):
            self.try_all()
        return self.report()

    def try_all(self):
        say("building the tests with the mutants")
        self.build()
        tests = self.measure([
            t for t in self.tree.tests()
            if self.chosen(t.name, t.labels) and not t.fixtures])
        self.killers = {}
        self.remember_killers()
        left = [(n, e) for n, e in self.numbered if not self.still_holds(e)]
        # Mixed, so that the first figures tell of all.
        random.Random(self.options.seed).shuffle(left)
        say(f"{len(left)} mutants to try")
        last = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            waiting = [pool.submit(self.judge, n, e, tests) for n, e in left]
            try:
                for i, one in enumerate(
                        concurrent.futures.as_completed(waiting), 1):
                    one.result()
                    if time.monotonic() - last > 20 or i == len(waiting):
                        last = time.monotonic()
                        say(f"{i} of {len(waiting)} tried, "
                            f"{self.count('survived')} survived")
            except BaseException:
                for one in waiting:
                    one.cancel()
                raise

    def count(self, verdict):
        with self.lock:
            return sum(1 for e in self.edits if self.results.get(
                e.id, {}).get("verdict") == verdict)

    def report(self):
        """Print what survived without a reason, and the figures."""
        reasons = Reasons(self.options.reasons)
        without = accepted = 0
        for edit in self.edits:
            entry = self.results[edit.id]
            if entry["verdict"] != "survived":
                continue
            if reasons.find(edit):
                accepted += 1
                continue
            without += 1
            print(edit)
            print("\t" + ("ran: " + " ".join(entry["ran"]) if entry["ran"]
                          else "no test reaches it"))
        killed, same = self.count("killed"), self.count("same object")
        counted = killed + without + accepted
        print(f"{counted} mutants: {killed} killed "
              f"({100 * killed / max(counted, 1):.1f} %), "
              f"{accepted} survived with a reason, {without} without")
        print(f"not counted: {same} that make the same object code, "
              f"{self.count('does not compile')} that do not compile")
        for said in reasons.stale(self):
            print(said)
        return 1 if without else 0


class Reasons:
    """Why mutants may survive, where * stands for any text: lines
    "file | function | rule: old -> new | reason"."""

    def __init__(self, path):
        self.entries = []
        if not path or not os.path.exists(path):
            return
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                line = line.strip()
                if not line or line.startswith("#"):
                    continue
                fields = [f.strip() for f in line.split(" | ")]
                if len(fields) < 4 or not all(fields):
                    fail(f"{path}:{number}: expected file | function | edit | "
                         "reason")
                # An edit may have " | " in it, a reason may not.
                edit = " ".join(" | ".join(fields[2:-1]).split())
                pattern = ".*".join(map(re.escape, edit.split("*")))
                self.entries.append((fields[0], fields[1],
                                     re.compile(pattern), line))

    def find(self, edit):
        for file, function, pattern, line in self.entries:
            if file == edit.file and function in (edit.function, "*") and \
                    pattern.fullmatch(edit.plain()):
                return line
        return None

    def stale(self, run):
        """Reasons for edits that are not possible any more, and reasons for
        edits that were all tried, and noticed."""
        tried = {e.id for e in run.edits}
        for file, function, pattern, line in self.entries:
            if file not in run.texts:
                continue
            meant = [e.id for e in run.possible
                     if e.file == file and function in (e.function, "*") and
                     pattern.fullmatch(e.plain())]
            if not meant:
                yield "a reason without an edit: " + line
            elif all(i in tried and run.results[i]["verdict"] != "survived"
                     for i in meant):
                yield "a reason without a survivor: " + line


def options():
    top = os.path.dirname(os.path.dirname(HERE))
    parser = argparse.ArgumentParser(
        prog="./model mutants",
        description="Make small wrong edits of C sources, run the tests that "
        "reach each, and list what no test notices.  Exit status: 0 all others "
        "have a reason, 1 some survive without, 2 wrong usage.")
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE",
        help="sources or folders; " + " ".join(DEFAULT))
    add("--sample", type=int, metavar="N", help="try only N of all edits")
    add("--seed", default="1", metavar="S", help="which N")
    add("--only", action="append", metavar="PATTERN",
        help="edits with PATTERN in file:line:function:rule")
    add("--list", action="store_true", help="print the edits only")
    add("--jobs", type=int, metavar="N",
        default=min(2, os.cpu_count() or 1), help="how many tests at a time")
    add("--slowest", type=float, metavar="SECONDS", default=10,
        help="leave tests out that take more processor time (10)")
    add("--budget", type=float, metavar="SECONDS", default=60,
        help="processor time of the tests of one mutant (60)")
    add("--tests", metavar="REGEX", help="tests to run, by name")
    add("--source", default=top, help=argparse.SUPPRESS)
    add("--work", default=None, help=argparse.SUPPRESS)
    add("--reasons", default=None, help=argparse.SUPPRESS)
    found = parser.parse_args()
    if found.sample is not None and found.sample < 1 or found.jobs < 1:
        parser.error("--sample and --jobs take a number from 1 on")
    found.work = found.work or os.path.join(found.source, "build", "mutants")
    found.reasons = found.reasons or os.path.join(
        found.source, "tests", "mutants", "survivors")
    return found


def main():
    try:
        return Mutants(options()).run()
    except KeyboardInterrupt:
        say("interrupted; the results so far are kept")
        return 2
    except OSError as error:
        fail(str(error))


if __name__ == "__main__":
    sys.exit(main())
