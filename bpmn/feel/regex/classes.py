"""Which characters a class of a regular expression holds."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

Predicate = Callable[[str], bool]

_SPACES = frozenset(" \t\n\r")
_CATEGORIES = frozenset(
    f"{major}{minor}"
    for major, minors in {
        "L": "ultmo",
        "M": "nce",
        "N": "dlo",
        "P": "cdseifo",
        "Z": "slp",
        "S": "mcko",
        "C": "cfon",
    }.items()
    for minor in ("", *minors)
)
_BLOCKS = {
    "BasicLatin": (0x0000, 0x007F),
    "Latin-1Supplement": (0x0080, 0x00FF),
    "LatinExtended-A": (0x0100, 0x017F),
    "LatinExtended-B": (0x0180, 0x024F),
    "IPAExtensions": (0x0250, 0x02AF),
    "Greek": (0x0370, 0x03FF),
    "GreekandCoptic": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "Thai": (0x0E00, 0x0E7F),
    "GeneralPunctuation": (0x2000, 0x206F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "BoxDrawing": (0x2500, 0x257F),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "Bopomofo": (0x3100, 0x312F),
    "CJKUnifiedIdeographsExtensionA": (0x3400, 0x4DBF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7AF),
    "PrivateUse": (0xE000, 0xF8FF),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}


def _digit(char: str) -> bool:
    return unicodedata.category(char) == "Nd"


def _word(char: str) -> bool:
    return unicodedata.category(char)[0] not in "PZC"


def _initial(char: str) -> bool:
    return char.isalpha() or char in "_:"


def _name(char: str) -> bool:
    return char.isalnum() or char in "_:.-\u00b7" or unicodedata.category(char)[0] == "M"


_ESCAPES: dict[str, Predicate] = {
    "s": _SPACES.__contains__,
    "d": _digit,
    "w": _word,
    "i": _initial,
    "c": _name,
}


def negated(test: Predicate) -> Predicate:
    """All other characters."""
    return lambda char: not test(char)


def class_escape(letter: str) -> Predicate | None:
    r"""The class behind \s, \d, \w, \i, \c, or their opposites in upper case."""
    test = _ESCAPES.get(letter.lower())
    if test is None:
        return None
    return negated(test) if letter.isupper() else test


def property_escape(name: str) -> Predicate | None:
    """The class behind p{...}: a general category or a block of Unicode."""
    if name in _CATEGORIES:
        return lambda char: unicodedata.category(char).startswith(name)
    block = _BLOCKS.get(name.removeprefix("Is")) if name.startswith("Is") else None
    if block is None:
        return None
    first, last = block
    return lambda char: first <= ord(char) <= last


def union(ranges: list[tuple[str, str]], tests: list[Predicate]) -> Predicate:
    """The characters in any of the ranges or classes."""

    def test(char: str) -> bool:
        return any(low <= char <= high for low, high in ranges) or any(part(char) for part in tests)

    return test


def any_case(test: Predicate) -> Predicate:
    """The same class without regard to upper and lower case."""
    return lambda char: (
        test(char) or any(len(twin) == 1 and test(twin) for twin in (char.lower(), char.upper()))
    )
