"""Which of the articles of a step speak for a case."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bpmn.errors import ExpressionError
from bpmn.expressions import Formula

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpmn.elements import Element, Law

_formula = lru_cache(1_024)(Formula)


def cited(element: Element, facts: Mapping[str, Any]) -> list[Law]:
    """List the law of a step that speaks for a case with these facts.

    An article whose condition cannot be answered is left out: what is not certain to apply is never shown as law.
    """
    return [law for law in element.law if law.when is None or _holds(law.when, facts)]


def _holds(when: str, facts: Mapping[str, Any]) -> bool:
    try:
        return _formula(when).holds(facts)
    except ExpressionError:
        return False
