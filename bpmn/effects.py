"""What a step of a case asks the outside to do, and what can be seen of the case."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing asked for: an operation, notice, message, signal or escalation."""

    kind: str
    element: str
    name: str
    params: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    """what the gateways see when an operation or notice is done on the way"""


@dataclass(frozen=True, slots=True)
class Mark:
    """That an element was entered, left or cancelled in the last step."""

    element: str
    kind: str


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that waits for a person; turn counts from 0 where an element is done several times."""

    id: str
    element: str
    name: str
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class ArmedTimer:
    """A timer that waits for its time."""

    id: str
    element: str
    fire_at: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """A message or signal that an element waits for."""

    message: str
    element: str
    kind: str = "message"


@dataclass(frozen=True, slots=True)
class Incident:
    """A place where the case cannot go on until somebody puts something right."""

    id: str
    element: str
    message: str
    expression: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    """the facts that the conditions, times and counts of the element look at"""
