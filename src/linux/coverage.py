#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""coverage.py BUILD FOLDER: how much of a tree's iommufd was run.

BUILD is a build with gcov's counters, in which programs have run.  gcov's JSON
is read for each source; the lines of a header are those of all sources together.
A summary is printed, with the functions that were not reached, and
FOLDER/functions.txt gets a line for each function.
"""
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
from coverage_figures import print_table, write_functions  # noqa: E402

PART = "/drivers/iommu/iommufd/"


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

    def by_function(self):
        """For each function its lines."""
        lines = {}
        for line in self.lines.values():
            lines.setdefault(line.function, []).append(line)
        return lines


def read(build):
    files = {}
    counters = [os.path.join(where, name)
                for where, _, names in os.walk(build)
                for name in names if name.endswith(".gcno")]
    for path in sorted(counters):
        run = subprocess.run(
            ["gcov", "--json-format", "--stdout", "-b", "-c",
             os.path.basename(path)], cwd=os.path.dirname(path),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        for text in run.stdout.splitlines():
            for data in json.loads(text)["files"]:
                if PART in data["file"]:
                    name = data["file"].split(PART)[1]
                    files.setdefault(name, File()).add(data)
    return files


def main():
    build, folder = sys.argv[1:]
    files = read(build)
    if not files:
        sys.exit(f"{build} has no counters of gcov")
    os.makedirs(folder, exist_ok=True)
    print_table(files, 24)
    missed = [f"\t{name}:{file.functions[function]} {function}"
              for name, file in sorted(files.items())
              for function, count in sorted(file.calls.items())
              if not count]
    print(f"functions that were not reached: {len(missed)}")
    print("\n".join(missed))
    write_functions(files, os.path.join(folder, "functions.txt"))


if __name__ == "__main__":
    main()
