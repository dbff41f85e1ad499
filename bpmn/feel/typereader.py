"""Reading the names of types (DMN 1.5, 10.3.1.2, rule 52)."""

from __future__ import annotations

from bpmn.feel.reader import Reader
from bpmn.feel.types import Type

_TYPE_NAMES = ("date and time", "days and time duration", "years and months duration")


class TypeReader(Reader):
    """Reads types."""

    def type(self) -> Type:
        """Read the name of a type (rule 52)."""
        self.deeper("A type")
        result = self._type()
        self.depth -= 1
        return result

    def _type(self) -> Type:
        word = self.token.text
        if self.peek(1).text == "<" and word in {"list", "range", "context", "function"}:
            self.position += 2
            if word == "context":
                return self._context_type()
            if word == "function":
                return self._function_type()
            item = self.type()
            self.expect(">")
            return Type(word, item)
        for name in _TYPE_NAMES:
            size = len(name.split())
            if [token.text for token in self.tokens[self.position : self.position + size]] == name.split():
                self.position += size
                return Type(name)
        if word == "function" or (word == "null" and self.token.kind == "name"):
            self.position += 1
            return Type(word)
        name = self.name()
        while self.at(".") and self.peek(1).kind == "name":
            self.position += 1
            name += "." + self.name(path=True)
        return Type(name)

    def _context_type(self) -> Type:
        fields: list[tuple[str, Type]] = []
        while not self.at(">"):
            name = self.declared_name(":")
            self.expect(":")
            fields.append((name, self.type()))
            if not self.accept(","):
                break
        self.expect(">")
        return Type("context", fields=tuple(fields))

    def _function_type(self) -> Type:
        parameters: list[Type] = []
        while not self.at(">"):
            parameters.append(self.type())
            if not self.accept(","):
                break
        self.expect(">")
        self.expect("->")
        return Type("function", item=self.type(), parameters=tuple(parameters))
