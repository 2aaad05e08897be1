# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""The rules by which mutants.py makes wrong edits of a C source.

libclang parses the source, so that an edit is always a whole expression or a
whole statement.  An edit is one or more spans of the text with what replaces
them.  The text can be written in two ways: with one edit only, as a person
would have made the mistake; or with many, each behind a question which of them
is active, so that one build serves for all.
"""
import bisect
import hashlib
import re

from clang import cindex

K = cindex.CursorKind

SWAPPED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=",
           "!=": "==", "+": "-", "-": "+", "&&": "||", "||": "&&",
           "+=": "-=", "-=": "+="}
PARENTS = {K.COMPOUND_STMT, K.IF_STMT, K.FOR_STMT, K.WHILE_STMT, K.DO_STMT,
           K.CASE_STMT, K.DEFAULT_STMT, K.LABEL_STMT}
KEYWORDS = {"if", "for", "while", "switch", "return", "do", "sizeof", "goto",
            "case", "else", "static_assert", "_Static_assert"}
# Functions that only note the name of an object for reports.  What comes next to
# such a call may as well come before it.
ONLY_NAMES = re.compile(r"iommufd_model_label\(")
RULES = ("drop-call", "drop-assign", "drop-pair", "swap", "errno", "operator",
         "negate", "return", "constant")


class Span:
    """A part of the text, and what it becomes: an expression, a statement that
    is replaced, or a statement before which another one is put."""

    def __init__(self, start, end, kind, text):
        self.start, self.end = start, end
        self.kind, self.text = kind, text


class Edit:
    """One wrong edit."""

    def __init__(self, file, function, line, rule, spans, old, new):
        self.file, self.function, self.line = file, function, line
        self.rule, self.spans = rule, spans
        self.old, self.new = one_line(old), one_line(new)
        self.id = None

    def description(self):
        return f"{self.rule}: {self.old} -> {self.new}"

    def plain(self):
        """The description with single spaces, as a line of reasons has it."""
        return " ".join(self.description().split())

    def __str__(self):
        return (f"{self.file}:{self.line}: {self.function}: "
                f"{self.rule}: - {self.old}  + {self.new}")


def one_line(text):
    """The text without comments, in one line."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"//[^\n]*", " ", text)
    return re.sub(r"\s+", " ", text.replace("\\\n", " ")).strip()


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def matters(one, first, two, second):
    """True if the order of two statements is likely to matter: both are calls,
    or one is a call that has what the other one assigns to in its arguments."""
    if ONLY_NAMES.match(first) or ONLY_NAMES.match(second):
        return False
    if one[2] == two[2]:
        return one[2] == "call"
    call, assignment = (first, second) if one[2] == "call" else (second, first)
    return re.split(r"[-+|&]?=", assignment)[0].strip() in call


def can_be_one_line(text):
    return not re.search(r"^\s*#", text, flags=re.M)


class Source:
    """A source that was parsed."""

    def __init__(self, name, path, text, arguments):
        self.name, self.text = name, text
        index = cindex.Index.create()
        self.parsed = index.parse(path, arguments, [(path, text)],
                                cindex.TranslationUnit.
                                PARSE_DETAILED_PROCESSING_RECORD)
        for message in self.parsed.diagnostics:
            if message.severity >= cindex.Diagnostic.Fatal:
                raise ValueError(f"{name} does not parse: {message.spelling}")
        self.path = path
        extent = self.parsed.get_extent(path, (0, len(text)))
        self.tokens = [t for t in self.parsed.get_tokens(extent=extent)
                       if t.kind != cindex.TokenKind.COMMENT]
        self.offsets = [t.extent.start.offset for t in self.tokens]
        self.ends = [t.extent.end.offset for t in self.tokens]
        self.spelling = [t.spelling for t in self.tokens]

    def at(self, offset):
        """The index of the first token at or behind offset."""
        return bisect.bisect_left(self.offsets, offset)

    def range(self, cursor):
        """The cursor's text as (start, end), or None if it is in a macro."""
        start, end = cursor.extent.start, cursor.extent.end
        if not start.file or start.file.name != self.path:
            return None
        i = self.at(start.offset)
        if start.offset >= end.offset or i == len(self.offsets) or \
                self.offsets[i] != start.offset:
            return None
        return start.offset, end.offset

    def inside(self, start, end):
        return self.spelling[self.at(start):self.at(end)]

    def closing(self, i):
        """The index of the token that closes the parenthesis of token i."""
        depth = 0
        for j in range(i, len(self.spelling)):
            if self.spelling[j] in "([{":
                depth += 1
            elif self.spelling[j] in ")]}":
                depth -= 1
                if not depth:
                    return j
        return None


class Function:
    """Finds the edits of one function."""

    def __init__(self, source, cursor, body):
        self.source, self.cursor, self.body = source, cursor, body
        self.edits = []
        self.seen = set()

    def add(self, rule, spans, old, new):
        """Add an edit, unless a macro or a rule before made the same."""
        key = tuple((s.start, s.end, s.text) for s in spans)
        texts = [self.source.text[s.start:s.end] for s in spans]
        if key in self.seen or not all(can_be_one_line(t) for t in texts):
            return
        self.seen.add(key)
        self.edits.append(Edit(self.source.name, self.cursor.spelling,
                               line_of(self.source.text, spans[0].start),
                               rule, spans, old, new))

    def expression(self, rule, start, end, new):
        """Replace an expression."""
        self.add(rule, [Span(start, end, "expression", new)],
                 self.source.text[start:end], new)

    def find(self):
        self.early_return()
        self.walk(self.body, [])
        self.pairs()
        self.tokens()
        return self.edits

    def walk(self, cursor, parents):
        if cursor.kind == K.VAR_DECL and \
                cursor.storage_class == cindex.StorageClass.STATIC:
            return
        if cursor.kind == K.COMPOUND_STMT:
            self.swaps(cursor)
        elif cursor.kind in (K.IF_STMT, K.WHILE_STMT):
            self.condition(cursor)
        elif cursor.kind in (K.BINARY_OPERATOR,
                             K.COMPOUND_ASSIGNMENT_OPERATOR):
            self.operator(cursor)
        for child in cursor.get_children():
            if cursor.kind in PARENTS:
                self.statement(child, cursor)
            self.walk(child, parents + [cursor])

    def as_statement(self, cursor):
        """(start, end, what) of a call or an assignment with its semicolon."""
        source = self.source
        found = source.range(cursor)
        if not found:
            return None
        start, end = found
        first, behind = source.at(start), source.at(end)
        if behind >= len(source.spelling) or source.spelling[behind] != ";" \
                or source.spelling[first - 1] not in ("{", "}", ";", ")", ":",
                                                      "else"):
            return None
        tokens = source.spelling[first:behind]
        what = None
        if tokens[0] not in KEYWORDS and len(tokens) > 2 and \
                tokens[-1] == ")" and (cursor.kind == K.CALL_EXPR or
                                       tokens[1] == "("):
            if cursor.kind == K.CALL_EXPR or \
                    source.closing(first + 1) == behind - 1:
                what = "call"
        if cursor.kind in (K.BINARY_OPERATOR, K.UNARY_OPERATOR,
                           K.COMPOUND_ASSIGNMENT_OPERATOR):
            what = "assign"
        return what and (start, source.ends[behind], what)

    def statement(self, cursor, parent):
        """Leave a call or an assignment out."""
        found = self.as_statement(cursor)
        if not found:
            return
        start, end, what = found
        i = self.source.at(start)
        if parent.kind == K.FOR_STMT and self.source.spelling[i - 1] != ")":
            return
        if parent.kind == K.DO_STMT and self.source.spelling[i - 1] == ")":
            return
        self.add("drop-" + what, [Span(start, end, "statement", ";")],
                 self.source.text[start:end], "")

    def swaps(self, compound):
        """Exchange two calls or assignments that follow each other."""
        children = list(compound.get_children())
        text = self.source.text
        for a, b in zip(children, children[1:]):
            one, two = self.as_statement(a), self.as_statement(b)
            if not one or not two or one[1] > two[0]:
                continue
            first, second = text[one[0]:one[1]], text[two[0]:two[1]]
            if not matters(one, first, two, second):
                continue
            self.add("swap", [
                Span(one[0], one[1], "statement", one_line(second)),
                Span(two[0], two[1], "statement", one_line(first))],
                first + " " + second, second + " " + first)

    def condition(self, cursor):
        """Negate the condition of if and while."""
        source = self.source
        found = source.range(cursor)
        if not found:
            return
        i = source.at(found[0])
        if source.spelling[i] not in ("if", "while") or \
                source.spelling[i + 1] != "(":
            return
        j = source.closing(i + 1)
        if j is None or j == i + 2:
            return
        start, end = source.offsets[i + 2], source.ends[j - 1]
        self.expression("negate", start, end,
                        f"!({one_line(source.text[start:end])})")

    def whole_condition(self, start, end):
        """True if this is all of a condition, which is negated already."""
        source = self.source
        i = source.at(start)
        return source.spelling[i - 1] == "(" and \
            source.spelling[i - 2] in ("if", "while") and \
            source.closing(i - 1) == source.at(end)

    def operator(self, cursor):
        """Another operator of two operands."""
        source = self.source
        both = [source.range(c) for c in cursor.get_children()]
        found = source.range(cursor)
        if not found or len(both) != 2 or None in both:
            return
        (start, end), (left, right) = found, both
        tokens = source.inside(left[1], right[0])
        if len(tokens) != 1 or tokens[0] not in SWAPPED or \
                left[0] != start or right[1] != end:
            return
        if tokens[0] in ("==", "!=") and self.whole_condition(start, end):
            return
        text = source.text
        at = source.offsets[source.at(left[1])]
        new = (text[start:at] + SWAPPED[tokens[0]] +
               text[at + len(tokens[0]):end])
        self.expression("operator", start, end, one_line(new))

    def early_return(self):
        """Return at once, with a constant."""
        result = self.cursor.result_type.get_canonical()
        values = ["0"]
        if result.kind == cindex.TypeKind.VOID:
            values = [""]
        elif result.kind == cindex.TypeKind.POINTER:
            values = ["(void *)0"]
        elif result.kind == cindex.TypeKind.BOOL:
            values = ["0", "1"]
        elif result.kind in (cindex.TypeKind.RECORD,):
            return
        for child in self.body.get_children():
            found = self.source.range(child)
            if child.kind == K.DECL_STMT or not found:
                continue
            tokens = self.source.inside(*found)
            for value in values:
                new = f"return {value};".replace(" ;", ";")
                if "".join(tokens[:2]) == "return" + value:
                    continue
                self.add("return", [Span(found[0], found[0], "before", new)],
                         "", new)
            return

    def pairs(self):
        """Leave a lock and its unlocks out."""
        calls = {}
        for edit in self.edits:
            found = re.match(r"(?:(\w+)_)?(lock|unlock|down_\w+|up_\w+)"
                             r"(\w*)\((.*)\);$", edit.old)
            if edit.rule != "drop-call" or not found:
                continue
            name, verb, rest, argument = found.groups()
            locks = verb == "lock" or verb.startswith("down")
            kind = (name, re.sub("^(un|down_|up_)", "", verb), rest, argument)
            calls.setdefault(kind, ([], []))[0 if locks else 1].append(edit)
        for (down, up) in list(calls.values()):
            if len(down) == 1 and up:
                spans = [e.spans[0] for e in down + up]
                self.add("drop-pair", [Span(s.start, s.end, s.kind, s.text)
                                       for s in spans],
                         " ".join(e.old for e in down + up), "")

    def tokens(self):
        """Another errno; a constant that is one larger."""
        source = self.source
        start, end = source.range(self.body)
        statics = self.static_ranges()
        for i in range(source.at(start), source.at(end)):
            token, at = source.spelling[i], source.offsets[i]
            if any(a <= at < b for a, b in statics):
                continue
            if re.fullmatch(r"E[A-Z][A-Z0-9]+", token) and \
                    source.spelling[i - 1] == "-":
                new = "-EBUSY" if token == "EINVAL" else "-EINVAL"
                self.expression("errno", source.offsets[i - 1], source.ends[i],
                                new)
            elif re.fullmatch(r"[0-9]+[UL]*", token) and \
                    source.spelling[i - 1] not in ("case", "["):
                new = str(int(re.match("[0-9]+", token)[0]) + 1)
                self.expression("constant", at, source.ends[i],
                                new + token.lstrip("0123456789"))

    def static_ranges(self):
        found = []

        def look(cursor):
            if cursor.kind == K.VAR_DECL and \
                    cursor.storage_class == cindex.StorageClass.STATIC:
                found.append((cursor.extent.start.offset,
                              cursor.extent.end.offset))
            for child in cursor.get_children():
                look(child)
        look(self.body)
        return found


def find_edits(name, path, text, arguments):
    """All edits of a source.  An edit keeps its id as long as its own text and
    the name of its function stay."""
    source = Source(name, path, text, arguments)
    edits = []
    for cursor in source.parsed.cursor.get_children():
        if cursor.kind != K.FUNCTION_DECL or not cursor.is_definition() or \
                not source.range(cursor):
            continue
        body = list(cursor.get_children())[-1]
        if body.kind == K.COMPOUND_STMT and source.range(body):
            edits += Function(source, cursor, body).find()
    alike = {}
    for edit in edits:
        key = (edit.file, edit.function, edit.description())
        alike[key] = alike.get(key, 0) + 1
        edit.id = hashlib.sha256(repr(key + (alike[key],)).encode()) \
            .hexdigest()[:16]
    return edits


def single(text, edit):
    """The text with this edit, with the lines where they were."""
    for span in sorted(edit.spans, key=lambda s: -s.start):
        old = text[span.start:span.end]
        new = span.text
        if span.kind == "statement":
            new = "{ " + new + " }"
        elif span.kind == "expression":
            new = "(" + new + ")"
        text = (text[:span.start] + new + "\n" * old.count("\n") +
                text[span.end:])
    return text


def together(text, numbered):
    """The text with all edits: each is a pair of a number and an edit.  The
    lines stay where they were."""
    spans = [(s, number) for number, edit in numbered for s in edit.spans]
    spans.sort(key=lambda pair: (pair[0].start, -pair[0].end,
                                 pair[0].kind == "expression"))
    out, rest = render(text, 0, len(text), spans, 0)
    assert rest == len(spans)
    return out


def render(text, start, end, spans, i):
    """The text from start to end with the spans from number i on that are in
    it, and the number of the first span that is not."""
    out, at = [], start
    while i < len(spans) and spans[i][0].end <= end:
        span, number = spans[i]
        out.append(text[at:span.start])
        inner, i = render(text, span.start, span.end, spans, i + 1) \
            if span.end > span.start else ("", i + 1)
        chosen = f"iommufd_model_mutant({number})"
        if span.kind == "expression":
            out.append(f"({chosen} ? ({span.text}) : ({inner}))")
        elif span.kind == "statement":
            out.append(f"{{ if ({chosen}) {{ {span.text} }} "
                       f"else {{ {inner} }} }}")
        else:
            out.append(f"if ({chosen}) {{ {span.text} }} ")
        at = span.end
    out.append(text[at:end])
    return "".join(out), i
