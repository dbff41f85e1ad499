"""Runs the program of a regular expression; no state is tried twice, so no pattern can explode."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bpmn.feel.limits import Run, check_items, check_string
from bpmn.feel.regex.parser import (
    BACK,
    CHAR,
    END,
    JUMP,
    MARK,
    MATCH,
    MOVED,
    SAVE,
    SPLIT,
    START,
    TEST,
    PatternError,
    PatternParser,
    Step,
)

MAX_PATTERN = 2_000
_BATCH = 64
Captures = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled regular expression."""

    program: list[Step]
    groups: int
    backs: bool
    marks: int
    quick: str | None


@lru_cache(maxsize=512)
def compile_pattern(text: str, flags: str) -> Pattern | None:
    """Compile a regular expression; None when it, or a flag, is not one."""
    if len(text) > MAX_PATTERN or not set(flags) <= set("smixq"):
        return None
    if "q" in flags:
        text = "".join(f"\\{char}" if char in "\\|.-^?*+{}()[]$" else char for char in text)
        flags = flags.replace("x", "")
    parser = PatternParser(text, flags)
    try:
        program = parser.parse()
    except PatternError:
        return None
    first = program[1]
    return Pattern(program, parser.groups, parser.backs, parser.marks, first[1] if first[0] == CHAR else None)


def search(pattern: Pattern, text: str, start: int, run: Run) -> Captures | None:
    """The first match from a position on: the begin and end of the whole and of each group."""
    tried: set[Any] = set()
    position = start
    while position <= len(text):
        if pattern.quick is not None:  # no match can start before its first character
            position = text.find(pattern.quick, position)
            if position < 0:
                return None
        found = _match(pattern, text, position, tried, run)
        if found is not None:
            return found
        run.charge(1)
        position += 1
    return None


def _match(  # noqa: C901, PLR0912, PLR0915 - the inner loop of the matcher, one case for each step
    pattern: Pattern, text: str, start: int, tried: set[Any], run: Run
) -> Captures | None:
    program = pattern.program
    size = len(text)
    stack: list[tuple[int, int, Captures, Captures]] = [
        (0, start, (-1,) * (2 * pattern.groups + 2), (-1,) * pattern.marks)
    ]
    count = 0
    while stack:
        at, position, captures, marks = stack.pop()
        while True:
            count += 1
            if count >= _BATCH:
                run.charge(count)
                count = 0
            kind, first, second = program[at]
            if kind == CHAR:
                if position >= size or text[position] != first:
                    break
                position += 1
                at += 1
            elif kind == TEST:
                if position >= size or not first(text[position]):
                    break
                position += 1
                at += 1
            elif kind == SPLIT:
                state = (at, position, captures) if pattern.backs else (at, position)
                if state in tried:
                    break
                tried.add(state)
                stack.append((at + second, position, captures, marks))
                at += first
            elif kind == JUMP:
                at += first
            elif kind == SAVE:
                captures = (*captures[:first], position, *captures[first + 1 :])
                at += 1
            elif kind == MARK:
                marks = (*marks[:first], position, *marks[first + 1 :])
                at += 1
            elif kind == MOVED:
                if marks[first] == position:
                    break
                at += 1
            elif kind == START:
                if position and not (first and text[position - 1] == "\n"):
                    break
                at += 1
            elif kind == END:
                if position < size and not (first and text[position] == "\n"):
                    break
                at += 1
            elif kind == BACK:
                begin, end = captures[2 * first], captures[2 * first + 1]
                part = text[begin:end] if begin >= 0 and end >= 0 else ""
                here = text[position : position + len(part)]
                if here != part and not (second and here.lower() == part.lower()):
                    break
                position += len(part)
                at += 1
            elif kind == MATCH:
                run.charge(count)
                return captures
    run.charge(count)
    return None


def _all(pattern: Pattern, text: str, run: Run) -> list[Captures] | None:
    """All matches in order; None when the pattern matches nothing at all, which XPath calls an error."""
    if search(pattern, "", 0, run) is not None:
        return None
    found: list[Captures] = []
    position = 0
    while True:
        match = search(pattern, text, position, run)
        if match is None:
            return found
        if match[1] == match[0]:
            return None
        found.append(match)
        check_items(len(found))
        position = match[1]


def replace_all(pattern: Pattern, text: str, replacement: str, run: Run) -> str | None:
    """The text with every match replaced; `$1` stands for a group, `$0` for the match."""
    parts = _replacement(replacement, pattern.groups)
    matches = _all(pattern, text, run)
    if parts is None or matches is None:
        return None
    result = []
    position = length = 0
    for match in matches:
        result.append(text[position : match[0]])
        for part in parts:
            piece = (
                part if isinstance(part, str) else text[max(match[2 * part], 0) : max(match[2 * part + 1], 0)]
            )
            result.append(piece)
            length += len(piece)
        check_string(length)
        run.charge(length // 1024 + 1)
        position = match[1]
    result.append(text[position:])
    return "".join(result)


def _replacement(text: str, groups: int) -> list[str | int] | None:
    parts: list[str | int] = []
    index = 0
    while index < len(text):
        char = text[index]
        index += 1
        if char == "\\":
            if text[index : index + 1] not in {"\\", "$"}:
                return None
            parts.append(text[index])
            index += 1
        elif char == "$":
            if not ("0" <= text[index : index + 1] <= "9"):
                return None
            number = int(text[index])
            index += 1
            while "0" <= text[index : index + 1] <= "9" and number * 10 + int(text[index]) <= groups:
                number = number * 10 + int(text[index])
                index += 1
            parts.append(number if number <= groups else "")
        else:
            parts.append(char)
    return parts


def split_all(pattern: Pattern, text: str, run: Run) -> list[str] | None:
    """The parts of the text between the matches."""
    matches = _all(pattern, text, run)
    if matches is None:
        return None
    ends = [0, *(match[1] for match in matches)]
    starts = [*(match[0] for match in matches), len(text)]
    return [text[begin:end] for begin, end in zip(ends, starts, strict=True)]
