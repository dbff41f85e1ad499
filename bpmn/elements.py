"""What a procedure says about each of its elements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ASSIGNEE = "assignee"
"""Whoever has to do the task: a word that an escalation chain may use in place of a role."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when: the key of a rule of the rule table, or a span such as P3WD or PT24H.

    The clock starts when the task opens, or at the time that the fact named `start` holds. A fact named `chosen` may
    hold the key of another rule, as a decision table chose it; without it the one that is written holds.
    """

    rule: str | None = None
    duration: str | None = None
    start: str | None = None
    chosen: str | None = None


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """Who is told when a task stays undone for so long after its deadline."""

    after: str
    to: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the product's registry, with literal parameters."""

    name: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Law:
    """The article that a step rests on, the key of the rule that was drawn from it, and for which cases it speaks.

    `when` is FEEL over the facts of the case; without one the article speaks for all of them.
    """

    article: str
    rule: str | None = None
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision that a business rule task takes, and the fact that receives a single value."""

    name: str
    result: str | None = None


@dataclass(frozen=True, slots=True)
class English:
    """What a procedure or a step is called in English, and its documentation there."""

    name: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """How a case of this procedure begins; it stands on the start event.

    `kind` is household (an application for a household), person (one person's matter) or office (nobody's application).
    `series` is the mark in the case number, `level` the rule that says who decides, `facts` what is known from the start.
    """

    kind: str
    series: str = ""
    level: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    tell: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a procedure, as its author drew it."""

    id: str
    kind: str
    name: str
    lane: str | None = None
    role: str | None = None
    area: str | None = None
    """the fact that holds the area code of the office that does it; without one the office of the case"""
    form: str | None = None
    deadline: Deadline | None = None
    escalation: tuple[EscalationStep, ...] = ()
    inherits_escalation: bool = False
    """the chain is the one that the process gives to every task without its own"""
    operation: Operation | None = None
    notice: str | None = None
    law: tuple[Law, ...] = ()
    decision: Decision | None = None
    opening: Opening | None = None
    documentation: str = ""
    english: English | None = None
    scope: str = ""
    calls: str = ""
    """the process that a call activity calls"""
