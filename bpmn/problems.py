"""What is wrong with a procedure, said in the words of those who draw it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bpmn.messages import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_SHOWN = 2_000


class Severity(StrEnum):
    """How much a problem forbids: executing, publishing here, or nothing."""

    ERROR = "error"
    POLICY = "policy"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about one element; `rule` and `args` let it be said in another language."""

    severity: Severity
    element: str
    rule: str
    message: str
    args: Mapping[str, str] = field(default_factory=dict)


def shown(text: str, most: int = 200) -> str:
    """Cut a text that is far too long, so that thousands of messages may hold it."""
    return text if len(text) <= most else f"{text[:most]}…"


def problem(rule: str, element: str, name: str = "", **args: object) -> Problem:
    """Say what is wrong, by the rule's code."""
    severity, template = MESSAGES[rule]
    values = {key: shown(str(value), MOST_SHOWN) for key, value in args.items()}
    same = not name or name == element
    label = f"“{shown(element)}”" if same else f"“{shown(name)}”（{shown(element)}）"
    message = template.format(label=label, **values)
    return Problem(Severity(severity), element, rule, message, {"name": name, **values})
