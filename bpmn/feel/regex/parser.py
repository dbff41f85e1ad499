"""The text of a regular expression to a program of small steps."""

from __future__ import annotations

from typing import Any

from bpmn.feel.regex.classes import Predicate, any_case, class_escape, negated, property_escape, union

MAX_PROGRAM = 5_000
MAX_DEPTH = 50
_SINGLE = {"n": "\n", "r": "\r", "t": "\t"} | {sign: sign for sign in "\\|.-^?*+{}()[]$"}
# The steps of a program.
CHAR, TEST, SPLIT, JUMP, SAVE, START, END, BACK, MARK, MOVED, MATCH = range(11)
Step = tuple[int, Any, Any]


class PatternError(Exception):
    """The text is not a regular expression."""


class PatternParser:
    """Compiles while it reads, by recursive descent."""

    def __init__(self, text: str, flags: str) -> None:
        if "x" in flags:
            text = _without_spaces(text)
        self.text = text
        self.position = 0
        self.ignore_case = "i" in flags
        self.dot_all = "s" in flags
        self.lines = "m" in flags
        self.groups = 0
        self.closed: set[int] = set()
        self.backs = False
        self.marks = 0
        self.depth = 0

    def parse(self) -> list[Step]:
        """The whole program."""
        body = self._alternatives()
        if self.position < len(self.text):
            raise PatternError
        return [(SAVE, 0, None), *body, (SAVE, 1, None), (MATCH, None, None)]

    def _peek(self) -> str:
        return self.text[self.position] if self.position < len(self.text) else ""

    def _next(self) -> str:
        char = self._peek()
        if not char:
            raise PatternError
        self.position += 1
        return char

    def _accept(self, text: str) -> bool:
        if self.text.startswith(text, self.position):
            self.position += len(text)
            return True
        return False

    def _alternatives(self) -> list[Step]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise PatternError
        program = self._sequence()
        while self._accept("|"):
            other = self._sequence()
            # SPLIT and JUMP count from their own place, so that programs can be moved about.
            program = [(SPLIT, 1, len(program) + 2), *program, (JUMP, len(other) + 1, None), *other]
        self.depth -= 1
        return program

    def _sequence(self) -> list[Step]:
        program: list[Step] = []
        while self._peek() not in {"", "|", ")"}:
            program += self._repeated(self._atom())
            if len(program) > MAX_PROGRAM:
                raise PatternError
        return program

    def _repeated(self, atom: list[Step]) -> list[Step]:
        char = self._peek()
        if not char or char not in "*+?{":
            return atom
        self.position += 1
        low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(char) or self._counts()
        lazy = self._accept("?")
        if self._peek() and self._peek() in "*+?{":
            raise PatternError
        if len(atom) * max(low, high or 1) > MAX_PROGRAM:
            raise PatternError
        program = atom * low
        if high is None:
            return program + self._star(atom, lazy)
        optional: list[Step] = []
        for _ in range(high - low):
            inner = [*atom, *optional]
            optional = [_split(1, len(inner) + 1, lazy), *inner]
        return program + optional

    def _star(self, atom: list[Step], lazy: bool) -> list[Step]:
        # A round that matched nothing ends the loop, or it would never end.
        mark, self.marks = self.marks, self.marks + 1
        body = [(MARK, mark, None), *atom, (MOVED, mark, None)]
        return [_split(1, len(body) + 2, lazy), *body, (JUMP, -len(body) - 1, None)]

    def _counts(self) -> tuple[int, int | None]:
        end = self.text.find("}", self.position)
        low, comma, high = self.text[self.position : end].partition(",")
        if end < 0 or not _count(low) or (high and not _count(high)):
            raise PatternError
        self.position = end + 1
        if not comma:
            return int(low), int(low)
        if high and int(high) < int(low):
            raise PatternError
        return int(low), int(high) if high else None

    def _atom(self) -> list[Step]:  # noqa: PLR0911 - one answer for each sign
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return [(TEST, self._class(), None)]
        if char == ".":
            return [(TEST, _anything if self.dot_all else _not_newline, None)]
        if char == "^":
            return [(START, self.lines, None)]
        if char == "$":
            return [(END, self.lines, None)]
        if char == "\\":
            return self._escape()
        if char in "*+?{}])":
            raise PatternError
        return self._literal(char)

    def _literal(self, char: str) -> list[Step]:
        if self.ignore_case and char.lower() != char.upper():
            return [(TEST, any_case(char.__eq__), None)]
        return [(CHAR, char, None)]

    def _cased(self, test: Predicate) -> Predicate:
        return any_case(test) if self.ignore_case else test

    def _group(self) -> list[Step]:
        if self._accept("?:"):
            body = self._alternatives()
            if not self._accept(")"):
                raise PatternError
            return body
        self.groups += 1
        number = self.groups
        body = self._alternatives()
        if not self._accept(")"):
            raise PatternError
        self.closed.add(number)
        return [(SAVE, 2 * number, None), *body, (SAVE, 2 * number + 1, None)]

    def _escape(self) -> list[Step]:
        char = self._peek()
        if char.isdigit() and char != "0":
            return self._back_reference()
        if char in {"p", "P"} or class_escape(char):
            return [(TEST, self._class_escape(), None)]
        return self._literal(self._single())

    def _single(self) -> str:
        char = _SINGLE.get(self._next())
        if char is None:
            raise PatternError
        return char

    def _class_escape(self) -> Predicate:
        char = self._next()
        if char not in "pP":
            test = class_escape(char)
        else:
            end = self.text.find("}", self.position)
            if not self._accept("{") or end < 0:
                raise PatternError
            test = property_escape(self.text[self.position : end])
            self.position = end + 1
            test = negated(test) if test and char == "P" else test
        if test is None:
            raise PatternError
        return test

    def _back_reference(self) -> list[Step]:
        number = int(self._next())
        while self._peek().isdigit() and number * 10 + int(self._peek()) in self.closed:
            number = number * 10 + int(self._next())
        if number not in self.closed:
            raise PatternError
        self.backs = True
        return [(BACK, number, self.ignore_case)]

    def _class(self) -> Predicate:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise PatternError
        opposite = self._accept("^")
        ranges: list[tuple[str, str]] = []
        tests: list[Predicate] = []
        minus: Predicate | None = None
        while not self._accept("]"):
            if self._accept("-["):
                minus = self._class()
                if not self._accept("]"):
                    raise PatternError
                break
            self._class_item(ranges, tests)
        self.depth -= 1
        if not ranges and not tests:
            raise PatternError
        # The flag i widens characters and ranges before a class is turned round or cut; escapes stay as they are.
        whole = union([], [self._cased(union(ranges, [])), *tests])
        if opposite:
            whole = negated(whole)
        if minus is None:
            return whole
        taken = minus
        return lambda char: whole(char) and not taken(char)

    def _class_item(self, ranges: list[tuple[str, str]], tests: list[Predicate]) -> None:
        low = self._class_char(tests)
        if low is None:
            return
        following = self.text[self.position + 1 : self.position + 2]
        if self._peek() == "-" and following not in {"]", "[", ""}:
            self.position += 1
            high = self._class_char([])
            if high is None or high < low:
                raise PatternError
            ranges.append((low, high))
        else:
            ranges.append((low, low))

    def _class_char(self, tests: list[Predicate]) -> str | None:
        char = self._next()
        if char == "[":
            raise PatternError
        if char != "\\":
            return char
        if self._peek() in {"p", "P"} or class_escape(self._peek()):
            tests.append(self._class_escape())
            return None
        return self._single()


def _split(first: int, second: int, lazy: bool) -> Step:
    return (SPLIT, second, first) if lazy else (SPLIT, first, second)


def _count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 5


def _anything(_: str) -> bool:
    return True


def _not_newline(char: str) -> bool:
    return char not in "\n\r"


def _without_spaces(text: str) -> str:
    """The flag x: white space outside of classes means nothing."""
    result = []
    depth = 0
    escaped = False
    for char in text:
        if not escaped:
            depth += (char == "[") - (char == "]")
        if depth or char not in " \t\n\r":
            result.append(char)
        escaped = char == "\\" and not escaped
    return "".join(result)
