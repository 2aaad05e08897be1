#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""coverage.py BUILD FOLDER: how much of a tree's iommufd was run.
coverage.py BUILD FOLDER --source SOURCE --exceptions FILE [--check] PART...:
how much of the folders PART of this project's sources was run.

BUILD is a build with gcov's counters, in which programs have run.  gcov's JSON
is read for each source; the lines of a header are those of all sources together.
A summary is printed, with the functions that were not reached, and
FOLDER/functions.txt gets a line for each function, FOLDER/missed.txt each line
that was not reached, FOLDER/branches.txt each with a branch that was not taken,
and FOLDER/exceptions.txt how many of both each exception is for.

A line of FILE is "WHERE | TEXT | REASON": lines of WHERE that contain TEXT need
not be reached, nor all of their branches.  WHERE is PATH or PATH:FUNCTION, and
may have wildcards.  The text of a line is that of its statement up to its end,
so that TEXT can be the condition on which it depends; if TEXT is "*" it is every
line.  With --check the exit code is 1 if another line was not reached, if fewer
than 95 % of the other branches of a PART were taken, or if no line is like an
exception.
"""
import argparse
import fnmatch
import json
import os
import subprocess
import sys

PART = "/drivers/iommu/iommufd/"
# How many per cent of the branches are enough.
BRANCHES = 95


class Line:
    """A line: how often it ran, and how often each branch of it was taken."""

    def __init__(self):
        self.count = 0
        self.branches = []
        self.function = None

    def add(self, line):
        self.count += line["count"]
        self.function = line.get("function_name", self.function)
        taken = [branch["count"] for branch in line["branches"]]
        if len(taken) == len(self.branches):
            self.branches = [a + b for a, b in zip(self.branches, taken)]
        elif len(taken) > len(self.branches):
            self.branches = taken


class File:
    """A source file: its lines, and its functions with their first lines."""

    def __init__(self):
        self.lines = {}
        self.functions = {}
        self.calls = {}

    def add(self, data):
        for function in data["functions"]:
            name = function["name"].split(".")[0]
            self.functions[name] = function["start_line"]
            self.calls[name] = (self.calls.get(name, 0) +
                                function["execution_count"])
        for line in data["lines"]:
            self.lines.setdefault(line["line_number"], Line()).add(line)


    def add_copy(self, data):
        """Add the counts of a test that includes this source.

        It was compiled with other options, so it may have other lines.
        """
        for function in data["functions"]:
            name = function["name"].split(".")[0]
            if name in self.calls:
                self.calls[name] += function["execution_count"]
        for line in data["lines"]:
            mine = self.lines.get(line["line_number"])
            if mine:
                mine.count += line["count"]
                taken = [branch["count"] for branch in line["branches"]]
                if len(taken) == len(mine.branches):
                    mine.branches = [a + b
                                     for a, b in zip(mine.branches, taken)]


class Figures:
    """How much of something was reached."""

    def __init__(self, lines=()):
        self.lines = self.hit_lines = self.branches = self.hit_branches = 0
        self.functions = self.hit_functions = 0
        for line in lines:
            self.lines += 1
            self.hit_lines += line.count > 0
            self.branches += len(line.branches)
            self.hit_branches += sum(count > 0 for count in line.branches)

    def add(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def text(self):
        def part(hit, whole):
            return (f"{hit:5} of {whole:5} {100 * hit // whole:3} %"
                    if whole else f"{'-':>20}")
        return (part(self.hit_lines, self.lines) +
                part(self.hit_functions, self.functions) +
                part(self.hit_branches, self.branches))


def name_of(path, source, parts):
    """The name of a source in the report; None: it is not part of it."""
    if not source:
        return path.split(PART)[1] if PART in path else None
    name = os.path.relpath(path, source)
    return name if any(name.startswith(part + "/") for part in parts) else None


def read(build, source=None, parts=()):
    files = {}
    tests = os.path.join(build, "tests", "")
    counters = [os.path.join(where, name)
                for where, _, names in os.walk(build)
                for name in names if name.endswith(".gcno")]
    for path in sorted(counters, key=lambda path: (path.startswith(tests),
                                                   path)):
        run = subprocess.run(
            ["gcov", "--json-format", "--stdout", "-b", "-c",
             os.path.basename(path)], cwd=os.path.dirname(path),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        for text in run.stdout.splitlines():
            report = json.loads(text)
            for data in report["files"]:
                where = os.path.join(report["current_working_directory"],
                                     data["file"])
                name = name_of(where, source, parts)
                if name and source and path.startswith(tests):
                    if name in files:
                        files[name].add_copy(data)
                elif name:
                    files.setdefault(name, File()).add(data)
    return files


def figures_of(file):
    figures = Figures(file.lines.values())
    figures.functions = len(file.functions)
    figures.hit_functions = sum(count > 0 for count in file.calls.values())
    return figures


def write_functions(files, out):
    out.write(f"{'':50}{'lines':>20}{'':20}{'branches':>20}\n")
    for name, file in sorted(files.items()):
        for function, start in sorted(file.functions.items(),
                                      key=lambda item: item[1]):
            figures = Figures(line for line in file.lines.values()
                              if line.function == function)
            figures.functions = 0
            out.write(f"{name}:{start} {function}".ljust(50) +
                      figures.text() + "\n")


class Exception_:
    """A line of the file of exceptions."""

    def __init__(self, fields):
        self.fields = fields
        self.where, self.text, self.reason = fields
        self.is_used = False
        self.lines = self.branches = 0

    def covers(self, name, function, text):
        """True if this is about such a line."""
        where = self.where if ":" in self.where else self.where + ":*"
        if not fnmatch.fnmatchcase(f"{name}:{function}", where):
            return False
        if self.text != "*" and self.text not in text:
            return False
        self.is_used = True
        return True


def read_exceptions(path):
    """A list of an Exception_ for each line of the file."""
    with open(path, encoding="utf-8") as lines:
        fields = [[part.strip() for part in line.split(" | ")]
                  for line in lines
                  if line.strip() and not line.startswith("#")]
    for exception in fields:
        if len(exception) != 3 or not all(exception):
            sys.exit(f"{path}: expected WHERE | TEXT | REASON, not "
                     f"{' | '.join(exception)}")
    return [Exception_(exception) for exception in fields]


def statements(path):
    """For each line of a source, the text of its statement up to its end."""
    result, before = [], ""
    with open(path, encoding="utf-8") as source:
        for line in source:
            before = (before + " " + line.strip()).strip()
            result.append(before)
            if not before or before[-1] in ";{}:" or before.endswith("*/"):
                before = ""
    return result


class Part:
    """The lines and branches that were missed in one folder."""

    def __init__(self):
        self.missed = []
        self.untaken = []
        self.branches = self.taken = self.excused = 0

    def add(self, name, file, texts, exceptions):
        for number, line in sorted(file.lines.items()):
            text = texts[number - 1]
            reasons = [e for e in exceptions
                       if e.covers(name, line.function, text)]
            untaken = sum(not count for count in line.branches)
            self.branches += len(line.branches)
            self.taken += len(line.branches) - untaken
            if reasons:
                reasons[0].lines += not line.count
                reasons[0].branches += untaken
                self.excused += untaken
            elif not line.count:
                self.missed.append((name, number, line.function, text))
            elif untaken:
                self.untaken.append((name, number, line.function,
                                     f"{untaken} of {len(line.branches)}: "
                                     f"{text}"))

    def percentage(self):
        """Of the branches that are not on a line of an exception."""
        return 100 * self.taken / max(1, self.branches - self.excused)


def write_missed(path, lines):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(f"{name}:{number}: {function}: {text}\n"
                       for name, number, function, text in lines)


def write_exceptions(path, exceptions):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(f"{e.lines:5} lines {e.branches:5} branches: "
                       f"{' | '.join(e.fields)}\n" for e in exceptions)


def check(files, options):
    """Print what was missed without a reason; True if it is little enough."""
    exceptions = read_exceptions(options.exceptions)
    missed, untaken, good = [], [], True
    for folder in options.parts:
        part = Part()
        for name, file in sorted(files.items()):
            if name.startswith(folder + "/"):
                part.add(name, file,
                         statements(os.path.join(options.source, name)),
                         exceptions)
        print(f"{folder}: {part.percentage():.1f} % of the branches, without "
              f"{part.excused} of exceptions")
        good = good and part.percentage() >= BRANCHES
        missed += part.missed
        untaken += part.untaken
    write_missed(os.path.join(options.folder, "missed.txt"), missed)
    write_missed(os.path.join(options.folder, "branches.txt"), untaken)
    write_exceptions(os.path.join(options.folder, "exceptions.txt"), exceptions)
    print(f"lines that were not reached: {sum(e.lines for e in exceptions)} "
          f"are exceptions, and {len(missed)} are not: "
          f"{options.folder}/missed.txt")
    stale = [e for e in exceptions if not e.is_used]
    for exception in stale:
        print(f"exceptions: no such line: {' | '.join(exception.fields)}")
    return good and not missed and not stale


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("folder")
    parser.add_argument("--source")
    parser.add_argument("--exceptions")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("parts", nargs="*", metavar="PART")
    return parser.parse_intermixed_args()


def main():
    options = parse()
    build, folder = options.build, options.folder
    files = read(build, options.source, options.parts)
    if not files:
        sys.exit(f"{build} has no counters of gcov")
    os.makedirs(folder, exist_ok=True)
    total = Figures()
    width = max(24, *(len(name) + 2 for name in files))
    print(f"{'coverage:':{width}}{'lines':>20}{'functions':>20}"
          f"{'branches':>20}")
    for name, file in sorted(files.items()):
        figures = figures_of(file)
        total.add(figures)
        print(f"{name:{width}}" + figures.text())
    print(f"{'all':{width}}" + total.text())
    missed = [f"\t{name}:{file.functions[function]} {function}"
              for name, file in sorted(files.items())
              for function, count in sorted(file.calls.items())
              if not count]
    print(f"functions that were not reached: {len(missed)}")
    if not options.source:
        print("\n".join(missed))
    with open(os.path.join(folder, "functions.txt"), "w",
              encoding="utf-8") as out:
        write_functions(files, out)
    if options.exceptions and not check(files, options) and options.check:
        sys.exit(1)


if __name__ == "__main__":
    main()
