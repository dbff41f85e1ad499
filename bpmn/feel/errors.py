"""What FEEL refuses; a failure that the specification answers with null is not here."""

from __future__ import annotations


class FEELError(Exception):
    """The expression could not be evaluated."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message or (self.__doc__ or "").strip()
        super().__init__(self.message)


class FEELSyntaxError(FEELError):
    """The text is not a FEEL expression."""

    def __init__(self, message: str, text: str, position: int) -> None:
        self.text = text
        self.position = min(position, len(text))
        before = text[: self.position]
        self.line = before.count("\n") + 1
        self.column = self.position - (before.rfind("\n") + 1) + 1
        super().__init__(message)
        self.args = (f"{message} (line {self.line}, column {self.column})",)


class FEELLimitError(FEELError):
    """The expression asks for more than any expression may use."""
