"""The expressions of a procedure: FEEL alone, compiled once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.errors import ExpressionError
from bpmn.feel import FEELError, compile_expression

if TYPE_CHECKING:
    from collections.abc import Mapping


class Formula:
    """A FEEL expression and its text."""

    def __init__(self, text: str) -> None:
        # Some modellers mark an expression by a leading equals sign.
        self.text = text.strip().removeprefix("=").strip()
        self._expression = compile_expression(self.text)
        self._read = frozenset(self._expression.names)

    @property
    def names(self) -> frozenset[str]:
        """The facts that it reads."""
        return self._read

    def value(self, facts: Mapping[str, Any]) -> Any:
        """Work it out over the facts."""
        try:
            return self._expression(facts)
        except FEELError as failure:
            raise ExpressionError(self.text, str(failure)) from None
        except (
            ArithmeticError,
            ValueError,
            TypeError,
            LookupError,
            RecursionError,
            MemoryError,
        ) as unforeseen:
            # A hole in the evaluator must cost one incident, not the whole step.
            raise ExpressionError(self.text, type(unforeseen).__name__) from unforeseen

    def untold(self, facts: Mapping[str, Any]) -> list[str]:
        """List the facts that it reads and that nobody has told; one that was told to be null is known."""
        return sorted(self._read - facts.keys())

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Answer yes or no; anything else is an error and never a silent no, and so is a fact that nobody has told.

        In FEEL a comparison with what is not there is false, or true where it asks for a difference.
        """
        value = self.value(facts)
        if untold := self.untold(facts):
            raise ExpressionError(self.text, f"nobody has told: {', '.join(untold)}")
        if value is True or value is False:
            return bool(value)
        missing = sorted(name for name in self.names if facts.get(name) is None)
        reason = f"neither true nor false: {value!r}"
        raise ExpressionError(
            self.text, f"{reason}; without a value: {', '.join(missing)}" if missing else reason
        )

    def whole(self, facts: Mapping[str, Any]) -> int:
        """Answer a whole number, not negative."""
        value = self.value(facts)
        try:
            number = int(value)
        except (TypeError, ValueError, ArithmeticError):
            raise ExpressionError(self.text, f"not a number: {value!r}") from None
        if number != value or number < 0 or isinstance(value, (bool, str)):
            raise ExpressionError(self.text, f"not a count: {value!r}")
        return number
