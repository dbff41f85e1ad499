"""Names with spaces and signs in them: the longest name that is known here wins (DMN 1.5, 10.3.1.4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from bpmn.feel.errors import FEELError
from bpmn.feel.lexer import Token, tokenize

Index = dict[str, list[tuple[tuple[str, ...], str]]]


@lru_cache(maxsize=256)
def index_names(names: Collection[str]) -> Index:
    """Sort names by their first token, the longest first; the same names are sorted once."""
    index: Index = {}
    for words, name in {_words(name): name for name in names}.items():
        if words:
            index.setdefault(words[0], []).append((words, name))
    for known in index.values():
        known.sort(key=_size)
    return index


def add_name(index: Index, name: str) -> None:
    """Make one more name known."""
    tokens = _words(name)
    if not tokens:
        return
    known = index.setdefault(tokens[0], [])
    if all(entry[0] != tokens for entry in known):
        known.append((tokens, name))
        known.sort(key=_size)


def _size(entry: tuple[tuple[str, ...], str]) -> int:
    return -len(entry[0])


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    try:
        return tuple(token.text for token in tokenize(name)[:-1])
    except FEELError:
        return ()


def longest(scopes: Iterable[Index], tokens: list[Token], position: int) -> tuple[int, str] | None:
    """The longest known name that starts at this token, with its length in tokens."""
    best: tuple[int, str] | None = None
    first = tokens[position].text
    for index in scopes:
        for parts, name in index.get(first, ()):
            size = len(parts)
            if best is not None and size <= best[0]:
                break
            if size == 1 or _matches(parts, tokens, position):
                best = (size, name)
                break
    return best


def _matches(parts: tuple[str, ...], tokens: list[Token], position: int) -> bool:
    if position + len(parts) > len(tokens):
        return False
    return all(tokens[position + i].text == part for i, part in enumerate(parts))
