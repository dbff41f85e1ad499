"""FEEL text to its parts, by precedence climbing with bounded depth (DMN 1.5, 10.3.1.2)."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from bpmn.feel import nodes as n
from bpmn.feel.errors import FEELLimitError, FEELSyntaxError
from bpmn.feel.lexer import KEYWORDS, Token, unquote
from bpmn.feel.limits import MAX_DEPTH
from bpmn.feel.names import add_name, longest
from bpmn.feel.reader import SIGNS
from bpmn.feel.temporal import parse_at
from bpmn.feel.typereader import TypeReader
from bpmn.feel.types import Type
from bpmn.feel.values import NUMBERS

_COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_OPERATORS = {"+": 4, "-": 4, "*": 5, "/": 5, "**": 6}
MAX_DIGITS = 6000
_COMPARISON, _NEGATION, _INSTANCE = 3, 7, 8


def parse_expression(text: str, names: Collection[str] = (), *, several: bool = False) -> n.Node:
    """Parse one expression, or several with commas between as the list of them (rule 3)."""
    parser = Parser(text, names)
    node = parser.expression()
    if several and parser.at(","):
        items = [node]
        while parser.accept(","):
            items.append(parser.expression())
        node = n.ListOf(tuple(items))
    parser.expect_end()
    return node


def parse_unary_tests(text: str, names: Collection[str] = ()) -> n.Tests:
    """Parse the unary tests of a decision table's cell (rule 14)."""
    parser = Parser(text, names)
    if parser.at("-") and parser.peek(1).kind == "end":
        return n.Tests(())
    if parser.at("not") and parser.peek(1).text == "(":
        start = parser.position
        parser.position += 2
        tests = parser.test_list()
        if parser.accept(")") and parser.token.kind == "end":
            return n.Tests(tests, negated=True)
        parser.position = start
    tests = parser.test_list()
    parser.expect_end()
    return n.Tests(tests)


class Parser(TypeReader):
    """Reads expressions."""

    def expression(self, level: int = 0) -> n.Node:
        """Read an expression whose operators bind more tightly than the level."""
        self.deeper("An expression")
        left = self._primary()
        links = 0
        while True:
            following = self._infix(left, level)
            if following is None:
                break
            left = following
            links += 1
            if links > MAX_DEPTH:
                raise FEELLimitError(f"At most {MAX_DEPTH} operators may follow each other.")
        self.depth -= 1
        return left

    def _infix(self, left: n.Node, level: int) -> n.Node | None:  # noqa: C901, PLR0911 - one case for each operator
        token = self.token
        text = token.text
        if token.kind == "op":
            if text in _OPERATORS:
                power = _OPERATORS[text]
                if power <= level:
                    return None
                self.position += 1
                return n.Binary(text, left, self.expression(power))
            if text in _COMPARISONS:
                if level >= _COMPARISON:
                    return None
                self.position += 1
                return n.Binary(text, left, self.expression(_COMPARISON))
            return self._postfix(left)
        if token.kind != "name":
            return None
        if text in {"and", "or"}:
            power = 2 if text == "and" else 1
            if power <= level:
                return None
            operands = [left]
            while self.accept(text):
                operands.append(self.expression(power))
            return n.Logic(text, tuple(operands))
        if text == "in" and level < _COMPARISON:
            self.position += 1
            return n.In(left, self._in_tests())
        if text == "between" and level < _COMPARISON:
            self.position += 1
            low = self.expression(_COMPARISON)
            self.expect("and")
            return n.Between(left, low, self.expression(_COMPARISON))
        if text == "instance" and level < _INSTANCE and self.peek(1).text == "of":
            self.position += 2
            return n.InstanceOf(left, self.type())
        return None

    def _postfix(self, left: n.Node) -> n.Node | None:
        if self.accept("."):
            if self.token.kind != "name":
                raise self.error("A name is expected after the point")
            return n.Path(left, self.name(path=True))
        if self.at("("):
            return self._call(left)
        if self.at("["):
            if not self.range_end:
                return self._filter(left)
            start = self.mark()
            try:
                return self._filter(left)
            except FEELSyntaxError:  # then the bracket closes the range ]a..b[
                self.back(start)
        return None

    def _filter(self, left: n.Node) -> n.Node:
        self.expect("[")
        range_end, self.range_end = self.range_end, False
        depth = self.depth
        try:
            with self.scope() as names:
                add_name(names, "item")
                self.scopes.append(self.keys)
                condition = self.expression()
                self.scopes.pop()
            self.expect("]")
        finally:
            self.range_end, self.depth = range_end, depth
        return n.Filter(left, condition)

    def _call(self, function: n.Node) -> n.Node:
        self.expect("(")
        arguments: list[n.Node] = []
        names: list[str] = []
        while not self.at(")"):
            name = self._argument_name()
            if bool(name) != bool(names) and arguments:
                raise self.error("Arguments are either all named or all by position")
            if name:
                names.append(name)
            arguments.append(self.expression())
            if not self.accept(","):
                break
        self.expect(")")
        return n.Call(function, tuple(arguments), tuple(names) if names else None)

    def _argument_name(self) -> str:
        if self.token.kind != "name":
            return ""
        end = self.position
        while self.tokens[end].kind in {"name", "number"} or self.tokens[end].text in SIGNS:
            end += 1
        if self.tokens[end].text != ":":
            return ""
        name = self.words(self.position, end)
        self.position = end + 1
        return name

    def _primary(self) -> n.Node:
        token = self.token
        if token.kind == "number":
            self.position += 1
            return n.Literal(_number(token.text))
        if token.kind == "string":
            self.position += 1
            return n.Literal(unquote(token, self.text))
        if token.kind == "op":
            return self._sign(token)
        if token.kind == "end":
            raise self.error("An expression is expected here")
        known = longest(self.scopes, self.tokens, self.position)
        if token.text in KEYWORDS and (known is None or known[0] == 1):
            return self._keyword(token.text)
        return n.Name(self.name())

    def _sign(self, token: Token) -> n.Node:
        text = token.text
        self.position += 1
        if text == "-":
            return n.Negation(self.expression(_NEGATION))
        if text == "@" and self.token.kind == "string":
            self.position += 1
            return n.Literal(parse_at(unquote(self.tokens[self.position - 1], self.text)))
        if text in _COMPARISONS:
            return n.UnaryOperator(text, self.expression(_COMPARISON))
        if text == "{":
            return self._context()
        if text in {"(", "[", "]"}:
            return self._bracket(text)
        self.position -= 1
        raise self.error(f"“{text}” is not expected here")

    def _bracket(self, opening: str) -> n.Node:
        range_end, self.range_end = self.range_end, False
        if opening == "[" and self.accept("]"):
            self.range_end = range_end
            return n.ListOf(())
        first = self.expression()
        if self.accept(".."):
            self.range_end = True
            last = self.expression(_COMPARISON)
            self.range_end = range_end
            if not (self.at(")") or self.at("]") or self.at("[")):
                raise self.error("The range is never closed")
            closing = self.token.text
            self.position += 1
            return n.RangeOf(first, last, opening == "[", closing == "]")
        self.range_end = range_end
        if opening == "(":
            self.expect(")")
            return first
        if opening == "]":
            raise self.error("“..” is expected here")
        items = [first]
        while self.accept(","):
            items.append(self.expression())
        self.expect("]")
        return n.ListOf(tuple(items))

    def _context(self) -> n.Node:
        entries: list[tuple[str, n.Node]] = []
        range_end, self.range_end = self.range_end, False
        with self.scope() as names:
            while not self.at("}"):
                if self.token.kind == "string":
                    key = unquote(self.token, self.text)
                    self.position += 1
                else:
                    key = self.declared_name(":")
                self.expect(":")
                if any(key == known for known, _ in entries):
                    raise self.error(f"“{key}” stands twice in this context")
                if self.at("function"):
                    add_name(names, key)
                entries.append((key, self.expression()))
                add_name(names, key)
                add_name(self.keys, key)
                if not self.accept(","):
                    break
        self.range_end = range_end
        self.expect("}")
        return n.ContextOf(tuple(entries))

    def _keyword(self, word: str) -> n.Node:
        if word in {"true", "false", "null"}:
            self.position += 1
            return n.Literal({"true": True, "false": False, "null": None}[word])
        if word == "if":
            self.position += 1
            condition = self.expression()
            self.expect("then")
            then = self.expression()
            self.expect("else")
            return n.If(condition, then, self.expression())
        if word in {"for", "some", "every"}:
            self.position += 1
            return self._loop(word)
        if word == "function" and self.peek(1).text == "(":
            self.position += 2
            return self._function()
        raise self.error(f"“{word}” is not expected here")

    def _loop(self, kind: str) -> n.Node:
        domains: list[tuple[str, n.Node]] = []
        with self.scope() as names:
            while True:
                name = self.declared_name("in")
                self.expect("in")
                start = self.expression()
                if kind == "for" and self.accept(".."):
                    start = n.Span(start, self.expression())
                domains.append((name, start))
                add_name(names, name)
                if not self.accept(","):
                    break
            if kind == "for":
                add_name(names, "partial")
            self.expect("return" if kind == "for" else "satisfies")
            body = self.expression()
        return n.Loop(kind, tuple(domains), body)

    def _function(self) -> n.Node:
        parameters: list[str] = []
        types: list[Type | None] = []
        with self.scope() as names:
            while not self.at(")"):
                parameters.append(self.declared_name(",", ")", ":"))
                types.append(self.type() if self.accept(":") else None)
                add_name(names, parameters[-1])
                if not self.accept(","):
                    break
            self.expect(")")
            if self.at("external"):
                self.position += 1
                self.expression()
                return n.FunctionOf(tuple(parameters), tuple(types), None)
            return n.FunctionOf(tuple(parameters), tuple(types), self.expression())

    def _in_tests(self) -> n.Tests:
        if self.at("("):
            start = self.mark()
            self.position += 1
            try:
                tests = self.test_list()
                self.expect(")")
            except FEELSyntaxError:  # then it opens a range, as in (1..5]
                self.back(start)
            else:
                if not (self.at(".") or self.at("[") or self.at("(")) and self.token.text not in _OPERATORS:
                    return n.Tests(tests)
                self.back(start)
        return n.Tests((self.expression(_COMPARISON),))

    def test_list(self) -> tuple[n.Node, ...]:
        """Read positive unary tests, separated by commas (rule 13)."""
        tests = [self.expression()]
        while self.accept(","):
            tests.append(self.expression())
        return tuple(tests)


def _number(text: str) -> Decimal | None:
    """The value of a literal; one beyond the numbers that FEEL knows means null."""
    return NUMBERS.plus(Decimal(text)) if len(text) < MAX_DIGITS else None
