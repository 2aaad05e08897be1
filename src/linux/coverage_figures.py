# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Figures of coverage, for this folder's coverage.py and tests/coverage."""


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


def print_table(files, width):
    """Print a line for each source; its File has lines, functions and calls."""
    total = Figures()
    print(f"{'coverage:':{width}}{'lines':>20}{'functions':>20}"
          f"{'branches':>20}")
    for name, file in sorted(files.items()):
        figures = Figures(file.lines.values())
        figures.functions = len(file.functions)
        figures.hit_functions = sum(count > 0 for count in file.calls.values())
        total.add(figures)
        print(f"{name:{width}}" + figures.text())
    print(f"{'all':{width}}" + total.text())


def write_functions(files, path):
    """Write a line for each function; File.by_function() has its lines."""
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"{'':50}{'lines':>20}{'':20}{'branches':>20}\n")
        for name, file in sorted(files.items()):
            lines = file.by_function()
            for function, start in sorted(file.functions.items(),
                                          key=lambda item: item[1]):
                out.write(f"{name}:{start} {function}".ljust(50) +
                          Figures(lines.get(function, ())).text() + "\n")
