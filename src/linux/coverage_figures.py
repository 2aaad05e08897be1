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
