#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""coverage.py SOURCE BUILD FOLDER [--exceptions FILE] [--check] PART...

How much of the sources in the folders PART of SOURCE was run by the programs of
BUILD, which was made with the preset coverage.  Its processes count in files,
BUILD/counters, so that a process has counted however it ended.  What they count
is the outcomes of conditions: a condition has two branches, true and false.  One
that the compiler knows has none.  The conditions of a macro belong to the line
that uses it, and what the preprocessor reads is no line.

A summary is printed.  FOLDER/functions.txt gets a line for each function,
FOLDER/missed.txt each line that was not reached, FOLDER/branches.txt each with a
branch that was not taken, FOLDER/exceptions.txt how many of both each exception
is for, and FOLDER/html the sources with their counts.

A line of FILE is "WHERE | TEXT | REASON": lines of WHERE that contain TEXT need
not be reached, nor all of their branches.  WHERE is PATH or PATH:FUNCTION, and
may have wildcards.  The text of a line is that of its statement up to its end,
so that TEXT can be the condition on which it depends; if TEXT is "*" it is every
line.

If the PATH has wildcards, the exception is a rule: for checks that are made and
never fail.  So the first line of the statement must have been reached, and a
condition that was never evaluated is no exception.

With --check the exit code is 1 if another line was not reached, if fewer than
95 % of the other branches of a PART were taken, or if an exception is not needed
any more.  A reason that begins with "sometimes:" is for what depends on how
threads of the system run: such lines may be reached.
"""
import argparse
import bisect
import fnmatch
import glob
import os
import subprocess
import sys

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../../src/linux"))
sys.dont_write_bytecode = True
from coverage_figures import print_table, write_functions  # noqa: E402

# How many per cent of the branches are enough.
BRANCHES = 95
# Counts are differences.  If a process ended between two counters, or went on
# from a checkpoint, one can be below zero, which llvm-cov prints as a large
# number.  So the programs are counted in groups: one is enough that is above.
NEGATIVE = 1 << 31
GROUPS = 12


class Line:
    """A line: how often it ran, and how often each of its branches was taken.

    Branches are in pairs: a condition was true, and it was false.
    """

    def __init__(self):
        self.count = 0
        self.branches = []

    def conditions(self):
        return list(zip(self.branches[::2], self.branches[1::2]))


class File:
    """A source file: its lines, and its functions with their first lines."""

    def __init__(self):
        self.lines = {}
        self.functions = {}
        self.calls = {}
        self.statements = []

    def read_statements(self, path):
        """What the preprocessor reads is no line."""
        self.statements = statements(path)
        self.lines = {number: line for number, line in self.lines.items()
                      if self.statements[number - 1]}

    def function_of(self, number):
        """The name of the function that begins at the line or before it."""
        starts = sorted((start, name)
                        for name, start in self.functions.items())
        at = bisect.bisect_right([start for start, _ in starts], number)
        return starts[at - 1][1] if at else ""

    def by_function(self):
        """For each function its lines."""
        lines = {}
        for number, line in self.lines.items():
            lines.setdefault(self.function_of(number), []).append(line)
        return lines


class Tools:
    """llvm-profdata and llvm-cov on one build."""

    def __init__(self, options):
        self.library = os.path.join(options.build, "src", "libiommufd-model.so")
        self.counts = os.path.join(options.build, "counters.profdata")
        self.sources = [os.path.join(os.path.abspath(options.source), part)
                        for part in options.parts]
        self.counters = sorted(glob.glob(os.path.join(options.build,
                                                      "counters", "*")))
        if not self.counters:
            sys.exit(f"{options.build} has no counters")

    def merge(self, counters):
        subprocess.run(["llvm-profdata", "merge", "-o", self.counts,
                        "-f", "/dev/stdin"], check=True, text=True,
                       input="\n".join(counters))

    def run(self, command, *arguments):
        return subprocess.run(
            ["llvm-cov", command, "-instr-profile", self.counts, *arguments,
             self.library, *self.sources],
            stdout=subprocess.PIPE, check=True, text=True).stdout

    def exports(self):
        """The counts in the format lcov, of each of the groups of programs."""
        for first in range(min(GROUPS, len(self.counters))):
            self.merge(self.counters[first::GROUPS])
            yield self.run("export", "-format=lcov")
        self.merge(self.counters)


def count_of(text):
    count = 0 if text == "-" else int(text)
    return 0 if count >= NEGATIVE else count


def read_one(lcov, source, files):
    """Add llvm-cov's output in the format lcov to @files."""
    file, taken = File(), {}
    for line in lcov.splitlines():
        key, _, value = line.partition(":")
        fields = value.split(",")
        if key == "SF":
            name = os.path.relpath(value, source)
            file, taken = files.setdefault(name, File()), {}
        elif key == "FN":
            file.functions[fields[1].rpartition(":")[2]] = int(fields[0])
        elif key == "FNDA":
            name = fields[1].rpartition(":")[2]
            file.calls[name] = file.calls.get(name, 0) + int(fields[0])
        elif key == "DA":
            at = file.lines.setdefault(int(fields[0]), Line())
            at.count = max(at.count, count_of(fields[1]))
        elif key == "BRDA":
            taken.setdefault(int(fields[0]), []).append(count_of(fields[3]))
        elif key == "end_of_record":
            for number, counts in taken.items():
                at = file.lines.setdefault(number, Line())
                at.branches = [max(pair) for pair in zip(
                    at.branches or counts, counts)]


def read(exports, source):
    """For each source its File."""
    files = {}
    for lcov in exports:
        read_one(lcov, source, files)
    for name, file in files.items():
        file.read_statements(os.path.join(source, name))
    return files


class Statement:
    """A line's part of a statement: its text so far, and its first line."""

    def __init__(self, first, text):
        self.first = first
        self.text = text


def statements(path):
    """For each line of a source, its Statement; None: of the preprocessor."""
    result, before, first, directive = [], "", 1, False
    with open(path, encoding="utf-8") as source:
        for number, line in enumerate(source, 1):
            directive = directive or line.startswith("#")
            if directive:
                result.append(None)
                directive = line.endswith("\\\n")
                continue
            if not before:
                first = number
            before = (before + " " + line.strip()).strip()
            result.append(Statement(first, before))
            if not before or before[-1] in ";{}:" or before.endswith("*/"):
                before = ""
    return result


class Exception_:
    """A line of the file of exceptions."""

    def __init__(self, fields):
        self.fields = fields
        self.where, self.text, self.reason = fields
        self.is_rule = "*" in self.where.partition(":")[0]
        self.is_there = False
        self.lines = self.branches = 0

    def covers(self, name, function, text):
        """True if this is about such a line."""
        where = self.where if ":" in self.where else self.where + ":*"
        if not fnmatch.fnmatchcase(f"{name}:{function}", where):
            return False
        if self.text != "*" and self.text not in text:
            return False
        self.is_there = True
        return True

    def excuses_line(self, first):
        """True if the line need not be reached; @first: that of its statement.
        """
        return not self.is_rule or (first is not None and first.count > 0)

    def excused_branches(self, line):
        return sum(pair.count(0) for pair in line.conditions()
                   if not self.is_rule or any(pair))

    def complaint(self):
        """Return why it is to be removed, or None."""
        if not self.is_there:
            return "no such line"
        if not self.lines and not self.branches and \
                not self.reason.startswith("sometimes:"):
            return "is reached"
        return None


def read_exceptions(path):
    """A list of an Exception_ for each line of the file."""
    if not path:
        return []
    with open(path, encoding="utf-8") as lines:
        fields = [[part.strip() for part in line.split(" | ")]
                  for line in lines
                  if line.strip() and not line.startswith("#")]
    for exception in fields:
        if len(exception) != 3 or not all(exception):
            sys.exit(f"{path}: expected WHERE | TEXT | REASON, not "
                     f"{' | '.join(exception)}")
    return [Exception_(exception) for exception in fields]


class Part:
    """The lines and branches that were missed in one folder."""

    def __init__(self):
        self.missed = []
        self.untaken = []
        self.lines = self.branches = self.taken = self.excused = 0

    def add(self, name, file, exceptions):
        for number in sorted(file.lines):
            self.add_line(name, number, file, exceptions)

    def add_line(self, name, number, file, exceptions):
        line, function = file.lines[number], file.function_of(number)
        statement = file.statements[number - 1]
        untaken = line.branches.count(0)
        self.lines += 1
        self.branches += len(line.branches)
        self.taken += len(line.branches) - untaken
        missed, where = not line.count, (name, number, function)
        for e in exceptions:
            if not e.covers(name, function, statement.text):
                continue
            if missed and e.excuses_line(file.lines.get(statement.first)):
                e.lines += 1
                missed = False
            excused = min(untaken, e.excused_branches(line))
            e.branches += excused
            self.excused += excused
            untaken -= excused
        if missed:
            self.missed.append((*where, statement.text))
        if untaken:
            self.untaken.append((*where, f"{untaken} of {len(line.branches)}: "
                                 f"{statement.text}"))

    def percentage(self):
        """Of the branches without those that an exception is about."""
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
                part.add(name, file, exceptions)
        print(f"{folder}: {part.lines} lines, {len(part.missed)} missed; "
              f"{part.percentage():.1f} % of the branches, without "
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
    complaints = [e for e in exceptions if e.complaint()]
    for exception in complaints:
        print(f"exceptions: {exception.complaint()}: "
              f"{' | '.join(exception.fields)}")
    return good and not missed and not complaints


def parse():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0])
    parser.add_argument("source")
    parser.add_argument("build")
    parser.add_argument("folder")
    parser.add_argument("--exceptions")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("parts", nargs="+", metavar="PART")
    return parser.parse_intermixed_args()


def main():
    options = parse()
    tools = Tools(options)
    files = read(tools.exports(), os.path.abspath(options.source))
    os.makedirs(options.folder, exist_ok=True)
    tools.run("show", "-format=html", "-show-branches=count", "-output-dir",
              os.path.join(options.folder, "html"))
    print_table(files, max(24, *(len(name) + 2 for name in files)))
    write_functions(files, os.path.join(options.folder, "functions.txt"))
    if not check(files, options) and options.check:
        sys.exit(1)


if __name__ == "__main__":
    main()
