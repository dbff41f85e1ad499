"""Reading tokens and names; the parser stands on it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache

from bpmn.feel.errors import FEELLimitError, FEELSyntaxError
from bpmn.feel.lexer import KEYWORDS, Token, tokenize
from bpmn.feel.library import NAMES as LIBRARY_NAMES
from bpmn.feel.limits import MAX_DEPTH
from bpmn.feel.names import Index, index_names, longest

_PROPERTIES = ("time offset", "start included", "end included")
MAX_REREAD = 20_000
SIGNS = frozenset("+-*/'.")


@lru_cache(maxsize=1)
def _library() -> Index:
    return index_names(frozenset(name for name in LIBRARY_NAMES if " " in name).union(_PROPERTIES))


class Reader:
    """The tokens of one text, and which names are known at this place."""

    def __init__(self, text: str, names: Collection[str]) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.position = 0
        self.depth = 0
        self.reread = 0
        self.range_end = False
        self.keys: Index = {}  # of the contexts in this text, for what stands after a point or in a filter
        self.scopes: list[Index] = [_library(), index_names(frozenset(names))]

    @property
    def token(self) -> Token:
        """The token that is read next."""
        return self.tokens[self.position]

    def peek(self, ahead: int) -> Token:
        """A token further on."""
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def at(self, text: str) -> bool:
        """Tell whether this sign or word comes next."""
        token = self.tokens[self.position]
        return token.text == text and token.kind != "string"

    def accept(self, text: str) -> bool:
        """Read this sign or word if it comes next."""
        if self.at(text):
            self.position += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Read this sign or word, which must come next."""
        if not self.accept(text):
            raise self.error(f"“{text}” is expected here")

    def expect_end(self) -> None:
        """The text must end here."""
        if self.token.kind != "end":
            raise self.error(f"“{self.token.text}” is not expected here")

    def error(self, message: str) -> FEELSyntaxError:
        """A syntax error at the next token."""
        return FEELSyntaxError(message, self.text, self.token.start)

    @contextmanager
    def scope(self) -> Iterator[Index]:
        """Names that are known only inside."""
        index: Index = {}
        self.scopes.append(index)
        yield index
        self.scopes.pop()  # after an error, `back` restores the scopes

    def name(self, *, path: bool = False) -> str:
        """Read the longest name that is known, or else all words up to the next keyword or sign."""
        if self.token.kind == "end":
            raise self.error("A name is expected here")
        known = longest([*self.scopes, self.keys] if path else self.scopes, self.tokens, self.position)
        start = self.position
        self.position += known[0] if known else 1
        more = False
        while self.token.kind == "name" and self.token.text not in KEYWORDS:
            self.position += 1
            more = True
        if known and not more:
            return known[1]
        if path and known is None and self.tokens[start].text in KEYWORDS:
            return self.tokens[start].text
        return self.words(start, self.position)

    def words(self, start: int, end: int) -> str:
        """The name between two tokens, with single spaces where the text has spaces."""
        parts = [self.tokens[start].text]
        for before, token in zip(self.tokens[start:end], self.tokens[start + 1 : end], strict=False):
            parts.append((" " if token.start > before.end else "") + token.text)
        return "".join(parts)

    def declared_name(self, *stops: str) -> str:
        """Read a name that is declared here, up to one of the words that must follow."""
        start = self.position
        while self.token.text not in stops and (
            self.token.kind in {"name", "number"} or (self.token.text in SIGNS and self.position > start)
        ):
            self.position += 1
        if self.position == start or self.tokens[start].kind != "name":
            raise self.error("A name is expected here")
        return self.words(start, self.position)

    def back(self, mark: tuple[int, int, int, bool]) -> None:
        """Go back to where another reading begins; not so often that the reading never ends."""
        self.reread += self.position - mark[0]
        if self.reread > MAX_REREAD:
            raise FEELLimitError("The brackets of the expression can be read in too many ways.")
        self.position, self.depth = mark[:2]
        del self.scopes[mark[2] :]
        self.range_end = mark[3]

    def mark(self) -> tuple[int, int, int, bool]:
        """A place to come back to."""
        return self.position, self.depth, len(self.scopes), self.range_end

    def deeper(self, what: str) -> None:
        """One level down, which is not allowed without end."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FEELLimitError(f"{what} may be nested at most {MAX_DEPTH} deep.")
