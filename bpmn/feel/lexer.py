"""FEEL text to tokens (DMN 1.5, 10.3.1.2, rules 27 to 38 and 64 to 67)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bpmn.feel.errors import FEELLimitError, FEELSyntaxError
from bpmn.feel.limits import MAX_TEXT

KEYWORDS = frozenset(
    (
        *("and", "between", "else", "every", "false", "for", "function", "if", "in", "instance"),
        *("null", "of", "or", "return", "satisfies", "some", "then", "true"),
    )
)
_NAME_START = (
    "?_A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME_PART = _NAME_START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
_TOKEN = re.compile(
    rf"""(?P<space>[{_SPACE}]+|//[^\n\r]*|/\*.*?\*/)
    |(?P<number>\d+(?:\.\d+)?|\.\d+)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<name>[{_NAME_START}][{_NAME_PART}]*)
    |(?P<op>\.\.|\*\*|<=|>=|!=|->|[-+*/=<>()\[\]{{}},:.@'])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of the text: its kind, what it says, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Cut the text into tokens; the last one is of the kind `end`."""
    if len(text) > MAX_TEXT:
        raise FEELLimitError(f"An expression may have at most {MAX_TEXT} characters.")
    tokens = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            what = (
                "This text is never closed"
                if text[position] == '"'
                else f"{text[position]!r} has no meaning here"
            )
            raise FEELSyntaxError(what, text, position)
        kind = match.lastgroup or ""
        if kind != "space":
            tokens.append(Token(kind, match.group(), position, match.end()))
        position = match.end()
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


def unquote(token: Token, text: str) -> str:
    """The characters that a string literal stands for."""
    body = token.text[1:-1]
    if "\\" not in body:
        return body

    def replace(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        if code:
            point = int(code, 16)
            if point > 0x10FFFF:
                raise FEELSyntaxError("There is no such character", text, token.start)
            return chr(point)
        # An unknown escape, such as \d of a regular expression, stands for itself.
        return _PLAIN.get(match[3], match[0])

    plain = _ESCAPE.sub(replace, body)
    return _SURROGATES.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), plain)
